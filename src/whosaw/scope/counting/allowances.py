"""What may lie beyond what the lines prove: allowances, and the counts that follow from them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from whosaw.core.counts import Count, Reason, Unit

__all__ = ["Allowance", "Amount", "Told", "counts_of"]

Amount = int | None  # None: no bound


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """So many more views, accounts and further persons there may be, for one reason. None: no bound."""

    code: str
    views: Amount = 0
    accounts: Amount = 0
    others: Amount = 0
    detail: tuple[tuple[str, str], ...] = ()

    def of(self, unit: Unit) -> Amount:
        if unit == "views":
            return self.views
        if unit == "accounts":
            return self.accounts
        return _sum((self.accounts, self.others))


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What held lines add up to, and what may be honest among them."""

    views: int
    accounts: int
    honest_views: int = 0
    honest_accounts: int = 0


def _sum(amounts: Iterable[Amount]) -> Amount:
    total = 0
    for each in amounts:
        if each is None:
            return None
        total += each
    return total


def counts_of(
    told: Told,
    allowances: Sequence[Allowance],
    *,
    accounts: int | None = None,
    others_each: int | None = None,
) -> tuple[Count, Count, Count]:
    """Views, accounts and persons. `accounts` is how many exist; `others_each` bounds the further persons that all pages of one
    account can show together (None: no bound)."""
    views = _count(
        "views", told.views, told.honest_views, _sum(each.views for each in allowances), allowances, None
    )
    more = _sum(each.accounts for each in allowances)
    limit = None if accounts is None else max(accounts, told.accounts)
    named = _count("accounts", told.accounts, told.honest_accounts, more, allowances, limit)
    others = _sum(each.others for each in allowances)
    if named.upper is not None and others_each is not None:
        # what was allowed view by view can be no more than the pages of all those accounts show
        most = named.upper * others_each
        others = most if others is None else min(others, most)
    upper = None if others is None or named.upper is None else named.upper + others
    reasons = tuple(
        Reason(code=each.code, adds_upper=each.of("persons"), detail=each.detail)
        for each in allowances
        if each.of("persons") != 0
    )
    extra = tuple(each for each in named.reasons if each.code in _OWN)
    persons = Count(
        unit="persons",
        lower=named.lower,
        upper=upper,
        reasons=(*reasons, *extra) if upper != named.lower else extra,
    )
    return views, named, persons


_OWN = ("honest-among-them", "accounts-that-exist")


def _count(
    unit: Literal["views", "accounts"],
    told: int,
    honest: int,
    more: Amount,
    allowances: Sequence[Allowance],
    limit: int | None,
) -> Count:
    reasons = [
        Reason(code=each.code, adds_upper=each.of(unit), detail=each.detail)
        for each in allowances
        if each.of(unit) != 0
    ]
    lower = max(0, told - honest)
    if honest:
        reasons.append(Reason(code="honest-among-them", detail=(("takes_lower", str(min(honest, told))),)))
    upper = None if more is None else told + more
    if limit is not None and (upper is None or upper > limit):
        upper = limit
        reasons.append(Reason(code="accounts-that-exist", detail=(("accounts", str(limit)),)))
    return Count(unit=unit, lower=lower, upper=upper, reasons=tuple(reasons))
