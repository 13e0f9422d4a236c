"""What a version of a case says of everybody: which categories nobody lost, what cannot be told and why, and when it was."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

import numpy as np
import numpy.typing as npt
from pyroaring import BitMap

from whosaw.core.counts import Count
from whosaw.core.errors import WhosawError
from whosaw.core.instants import to_micros
from whosaw.core.scope_version import Holding, ScopeVersion
from whosaw.law.loaded_case import LawCase
from whosaw.lookup.answer import Category, Facts, Gap, Office
from whosaw.packs.languages import language_codes, words_file

__all__ = ["SeenSets", "facts_of"]

_OF_PERSONS: Final = "may-be-his"  # these are the people in the set "possible", who are told so by themselves
_BOOKS: Final = "secondary-subjects-not-named"
_CUTS: Final = ("accounts-that-exist", "honest-among-them")  # reasons that widen nothing
_GAPS: Final = ("coverage-gap", "lost-log")
_GAPS_AT_MOST: Final = 12
_CATEGORY: Final = "category:"


class SeenSets:
    """Which categories were seen of a person, as a number for each different set of them; 0: none is held."""

    def __init__(self, sets: Mapping[str, BitMap]) -> None:
        names = sorted(name for name in sets if name.startswith(_CATEGORY))
        most = max((persons.max() for name in names if (persons := sets[name])), default=-1)
        bits = np.zeros(most + 1, np.uint64)
        for at, name in enumerate(names):
            bits[np.asarray(sets[name].to_array(), np.int64)] |= np.uint64(1 << at)
        different, numbers = np.unique(bits, return_inverse=True)
        if len(different) and not different[0]:
            self._of = numbers.astype(np.uint16)
        else:
            different, self._of = (
                np.concatenate([np.zeros(1, np.uint64), different]),
                (numbers + 1).astype(np.uint16),
            )
        if len(different) > 0xFFFF or len(names) > 64:
            raise WhosawError(
                "lookup.categories",
                f"{len(names)} categories in {len(different):,} sets are more than a table holds",
                hint="Take categories together in the data map",
            )
        keys = [name.removeprefix(_CATEGORY) for name in names]
        self.names = tuple(
            tuple(key for at, key in enumerate(keys) if int(each) >> at & 1) for each in different.tolist()
        )

    def of(self, persons: npt.NDArray[np.int64]) -> npt.NDArray[np.uint16]:
        """The number of each person's set."""
        found = np.zeros(len(persons), np.uint16)
        known = (persons >= 0) & (persons < len(self._of))
        found[known] = self._of[persons[known]]
        return found


def facts_of(
    loaded: LawCase,
    version: ScopeVersion,
    seen: SeenSets,
    languages: Sequence[str],
    *,
    country: str,
    minor_under: int,
    now: datetime,
    paper: bool,
    canaries: int,
) -> Facts:
    """The head of the table of a version."""
    honest = version.actor.honest_at_most
    return Facts(
        case=version.case,
        version=version.version,
        made=to_micros(now),
        zone=loaded.case.zone,
        country=country,
        minor_under=minor_under,
        office=_office(loaded),
        languages=_languages(languages),
        categories=tuple(_category(version, each) for each in version.categories_held),
        seen=seen.names,
        book=version.secondary.categories,
        gaps=_gaps(version),
        first=version.window.first_view,
        last=version.window.last_view,
        records_from=version.window.logs_from,
        records_until=version.window.logs_until,
        held=version.counts[1].lower,
        inexact=0 if honest is None else honest.persons,
        paper=paper,
        canaries=canaries,
    )


def _widening(count: Count) -> tuple[str, ...]:
    """Codes of the reasons for which there may be more than the lower bound."""
    return tuple(
        dict.fromkeys(each.code for each in count.reasons if each.code not in _CUTS and each.adds_upper != 0)
    )


def _category(version: ScopeVersion, holding: Holding) -> Category:
    """What holds for whoever's record lacks it: nothing hinders a "not seen" where nobody's was seen, or where the persons of whom it was seen
    are counted exactly. People who are possible have records of their own, and so hinder only what is said of those who are held."""
    if holding.answer == "not seen":
        return Category(key=holding.category)
    books = holding.category in version.secondary.categories and version.secondary.upper != 0
    row = next((each for each in version.by["category"] if each.name == holding.category), None)
    if holding.answer == "cannot tell" or row is None:
        why = _hindering(version)
        return Category(key=holding.category, why=why, why_rest=why)
    found = (*_widening(row.accounts), *_widening(row.persons), *((_BOOKS,) if books else ()))
    why = tuple(dict.fromkeys(found))
    return Category(
        key=holding.category, why=why, why_rest=tuple(each for each in why if each != _OF_PERSONS)
    )


def _hindering(version: ScopeVersion) -> tuple[str, ...]:
    return tuple(dict.fromkeys(each.code for each in version.open)) or ("not-all-was-read",)


def _gaps(version: ScopeVersion) -> tuple[Gap, ...]:
    """Times of which records are missing, those that touch as one, in order; the rest of more than twelve as one."""
    found: list[tuple[int, int]] = []
    spans = sorted(
        (each.first, each.last)
        for each in version.open
        if each.code in _GAPS and each.first is not None and each.last is not None
    )
    for first, last in spans:
        if found and first <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], last))
        else:
            found.append((first, last))
    if len(found) > _GAPS_AT_MOST:
        found = [*found[: _GAPS_AT_MOST - 1], (found[_GAPS_AT_MOST - 1][0], found[-1][1])]
    return tuple(Gap(first=first, last=last) for first, last in found)


def _office(loaded: LawCase) -> Office:
    case = loaded.case
    contact = case.account.contact
    if contact is None or not (contact.telephone or contact.email):
        raise WhosawError(
            "lookup.no-office",
            "the case file does not say whom people can ask",
            hint="Write [contact] with a telephone or an email into it",
        )
    return Office(
        names={"": case.organisation, **case.account.names.get(case.organisation, {})},
        departments=dict(contact.department),
        telephone=contact.telephone,
        email=contact.email,
        page=contact.page,
    )


def _languages(asked: Sequence[str]) -> tuple[str, ...]:
    known = [each for each in language_codes() if words_file(each, "lookup").is_file()]
    if strange := [each for each in asked if each not in known]:
        raise WhosawError(
            "lookup.language",
            f"no look-up page is written in the language {', '.join(strange)}",
            hint=f"Known: {', '.join(known)}",
        )
    return tuple(dict.fromkeys(asked)) or tuple(known)
