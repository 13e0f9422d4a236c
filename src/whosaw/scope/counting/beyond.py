"""Everything that may lie beyond the held lines of a scope, as allowances: for the whole of it, and for one row of a breakdown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from whosaw.core.instants import format_instant, from_micros

from .allowances import Allowance, Amount
from .facts import Facts
from .gaps import SourceGaps
from .rejects_bound import VIEWS_OF_A_REJECT
from .tallies import Tallies

__all__ = ["Beyond", "Each"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Each:
    """What one hidden view of a source can have shown, by the pages on which the actor was seen there."""

    accounts: Amount
    others: Amount


@dataclass(frozen=True, slots=True, kw_only=True)
class Beyond:
    """The sources in which the actor was seen, and what each may hide."""

    facts: Facts
    tallies: Tallies
    gaps: Mapping[str, SourceGaps]
    rejects: Mapping[str, int]
    routes_of: Mapping[str, frozenset[int]]
    unwatched: tuple[
        str, ...
    ] = ()  # sources with routes, without logs for most of his time: he may have been there unseen

    def each(self, source: str) -> Each:
        """Accounts and further persons of one hidden view."""
        accounts: Amount = 1
        others: Amount = 0
        for route in self.routes_of[source]:
            others = _most(others, self.facts.routes[route].secondary_at_most)
        code = self.tallies.sources.index(source)
        for row in self.tallies.unnamed:
            if row["source"] == code:
                accounts = None if row["open_subjects"] else _most(accounts, row["most"] or 1)
        return Each(accounts=accounts, others=others)

    def hidden(self, sources: Iterable[str]) -> list[Allowance]:
        """Lost hours, rejects, logs that somebody took away, and contents that could not be read."""
        made: list[Allowance] = []
        for name in sorted(sources):
            each = self.each(name)
            made += self.taken(name)
            if name in self.gaps and self.gaps[name].losses:
                made.append(self.gap(self.gaps[name]))
            if self.rejects.get(name):
                made.append(rejects(name, self.rejects[name], each))
        for name in self.unwatched:
            detail = (
                ("source", name),
                ("why", "has no log for most of the time in which the actor was active"),
            )
            made.append(Allowance(code="coverage-gap", views=None, accounts=None, others=None, detail=detail))
        return [
            allowance
            for allowance in made
            if (allowance.views, allowance.accounts, allowance.others) != (0, 0, 0)
        ]

    def taken(self, source: str) -> list[Allowance]:
        """Logs of the source that somebody took away or that could not be read: there is no bound then."""
        reasons = [("lost-log", each.what) for each in self.facts.lost if each.source == source]
        reasons += [("unread-source", each.why) for each in self.facts.unread if each.source == source]
        return [
            Allowance(
                code=code, views=None, accounts=None, others=None, detail=(("source", source), ("why", why))
            )
            for code, why in dict.fromkeys(reasons)
        ]

    def gap(self, gaps: SourceGaps) -> Allowance:
        """What the lost hours of one source may hold."""
        each = self.each(gaps.source)
        views = gaps.views()
        # a list names nobody, so accounts of lost lists follow from their number; else from accounts seen nowhere else
        accounts = gaps.accounts() if each.accounts == 1 else _times(views, each.accounts)
        if accounts is not None and views is not None and each.accounts == 1:
            accounts = min(accounts, views)
        runs = [loss.run for loss in gaps.losses]
        return Allowance(
            code="coverage-gap",
            views=views,
            accounts=accounts,
            others=None if views is None else _times(views, each.others),
            detail=(
                ("source", gaps.source),
                ("from", format_instant(from_micros(min(run.start for run in runs)))),
                ("to", format_instant(from_micros(max(run.end for run in runs)))),
                ("gaps", str(len(runs))),
                ("hours", str(sum(run.length for run in runs))),
            ),
        )

    def unnamed(self, rows: Iterable[Mapping[str, Any]]) -> list[Allowance]:
        """Persons of views of which the log does not say whose data they showed; the views are counted elsewhere."""
        some = list(rows)
        made = []
        for code, held in (("subject-unknown", True), ("may-be-his-subject-unknown", False)):
            own = [row for row in some if row["held"] == held]
            if not own:
                continue
            accounts = (
                None if any(row["open_subjects"] for row in own) else sum(row["subjects"] or 0 for row in own)
            )
            people = (
                None if any(row["open_people"] for row in own) else sum(row["people"] or 0 for row in own)
            )
            others = None if people is None or accounts is None else max(0, people - accounts)
            detail = (("views", str(sum(row["views"] for row in own))),)
            made.append(Allowance(code=code, accounts=accounts, others=others, detail=detail))
        return made


def rejects(source: str, number: int, each: Each) -> Allowance:
    """So many rejects of one source."""
    views = number * VIEWS_OF_A_REJECT
    return Allowance(
        code="rejects",
        views=views,
        accounts=_times(views, each.accounts),
        others=_times(_times(views, each.accounts), each.others),
        detail=(("source", source), ("lines", str(number))),
    )


def _times(number: Amount, each: Amount) -> Amount:
    if number == 0 or each == 0:
        return 0
    return None if number is None or each is None else number * each


def _most(one: Amount, other: Amount) -> Amount:
    return None if one is None or other is None else max(one, other)
