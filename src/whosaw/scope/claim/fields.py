"""Which fields of a claim could have come from what an actor saw, and what a claim says that no log can know."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial
from typing import Final, Literal

from pyroaring import BitMap

from whosaw.core.document import told_as
from whosaw.core.instants import format_instant, from_micros
from whosaw.core.scope_version import Holding, ScopeVersion

__all__ = ["ClaimedField", "FieldAnswer", "Unknowable", "cannot_know", "field_answer", "looks_like_times"]

Answer = Literal["key", "could", "in part", "could not", "cannot tell"]

_NOBODY: Final = BitMap()
_SET: Final = "category:"
_UNMAPPED: Final = ("unmapped-route", "unread-source")


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedField:
    """One column: the category its name speaks of (None: it speaks of none), the rows and the known people who have a value in it."""

    column: str
    category: str | None
    rows: int
    persons: BitMap
    is_person: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldAnswer:
    """Whether the values of a field could have come from the views of the actor, by category and person.

    Of the known people with a value in it, `seen` had this category seen by the actor, `possible` are in the scope only
    possibly, and `not_seen` are named by none of the actor's views that carried it; None where that was not asked.
    """

    column: str
    category: str | None
    rows: int
    persons: int | None
    seen: int | None = None
    possible: int | None = None
    not_seen: int | None = None
    routes: tuple[str, ...] = ()
    answer: Answer
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknowable:
    """What a claim says, or seems to say, on which the ledger is silent."""

    code: str
    what: str
    column: str | None = field(default=None, metadata=told_as(if_known=True))


def field_answer(
    claimed: ClaimedField, version: ScopeVersion, sets: Mapping[str, BitMap], *, matched: bool = True
) -> FieldAnswer:
    """A category that is part of another one, or the other way round, is held to be it. Where the people could not be `matched`, the
    answer is of the category alone."""
    told = partial(
        FieldAnswer,
        column=claimed.column,
        category=claimed.category,
        rows=claimed.rows,
        persons=len(claimed.persons) if matched else None,
    )
    category = claimed.category
    if claimed.is_person:
        return told(answer="key", why="the people are matched by it")
    if category is None:
        why = "its name tells no category, and its values are not read"
        return told(answer="cannot tell", why=why)
    held = [each for each in version.categories_held if _akin(each.category, category)]
    routes = tuple(sorted({route for each in held if each.answer == "seen" for route in each.routes}))
    if not matched:
        answer, why = _of_category(version, held, matched=False)
        return told(routes=routes, answer=answer, why=why)
    names = [name for name in sets if name.startswith(_SET) and _akin(name.removeprefix(_SET), category)]
    showed = BitMap.union(*(sets[name] for name in names)) if names else _NOBODY
    rest = claimed.persons - showed
    seen = len(claimed.persons) - len(rest)
    possible = rest.intersection_cardinality(sets.get("possible", _NOBODY))
    if seen and not rest:
        answer, why = "could", "the actor saw this category of all of them"
    elif seen:
        why = "no view that is surely the actor's and carried it names the others"
        answer = "in part"
    else:
        answer, why = _of_category(version, held, matched=True)
    return told(
        seen=seen, possible=possible, not_seen=len(rest) - possible, routes=routes, answer=answer, why=why
    )


def _of_category(version: ScopeVersion, held: Sequence[Holding], *, matched: bool) -> tuple[Answer, str]:
    """What the version says of a category as a whole: of people who were not matched, or whom no view that carried it names."""
    answers = {each.answer for each in held}
    if "seen" in answers and not matched:
        return "could", "the actor saw this category; whether of these people cannot be told"
    if "seen" in answers:
        if version.secondary.upper != 0 or version.lists.views or version.open:
            why = "no view that carried it names these people, but not every view names all whom it showed, or something is open"
            return "cannot tell", why
        why = "the actor saw this category of other people; none of the views that carried it names these"
        return "could not", why
    if "cannot tell" in answers:
        return "cannot tell", "; ".join(
            why for each in held if each.answer == "cannot tell" for why in each.why
        )
    if "not seen" in answers:
        return "could not", "every route that carries it was read in full and shows no view of this actor"
    if any(each.code in _UNMAPPED for each in version.open):
        why = "no route of the data map carries it, and the actor asked for pages that no route fits"
        return "cannot tell", why
    why = "no route of the data map carries it, and no request of the actor was for a page without a route"
    return "could not", why


def _akin(one: str, other: str) -> bool:
    return one == other or one.startswith(f"{other}.") or other.startswith(f"{one}.")


def looks_like_times(values: Sequence[str]) -> bool:
    """Whether all of some values are dates or times."""
    return bool(values) and all(map(_is_time, values))


def _is_time(text: str) -> bool:
    if len(text) < 8 or not text[:4].isdigit():
        return False
    for read in (datetime.fromisoformat, date.fromisoformat):
        try:
            read(text)
        except ValueError:
            continue
        return True
    return False


def cannot_know(
    *,
    version: ScopeVersion,
    claimed: int,
    missing: int,
    unknown: int,
    times: Sequence[str],
    no_category: Sequence[str],
) -> tuple[Unknowable, ...]:
    """In the order in which they are told."""
    out = [
        Unknowable(
            code="values",
            what="whether the values are true: the ledger knows what kind of data a page carried, not what it said",
        ),
        Unknowable(
            code="copies",
            what="what was kept, copied, passed on or deleted: logs show what was sent out, not what became of it",
        ),
    ]
    if missing:
        what = f"whether only these were taken: the claim names {claimed:,} people, and the actor saw {missing:,} more; a claim is no count"
        out.append(Unknowable(code="fewer-than-seen", what=what))
    for each in times:
        what = f"what the times in {each!r} mean: the ledger knows the times of views alone"
        out.append(Unknowable(code="times", what=what, column=each))
    if unknown:
        out.append(Unknowable(code="unknown-people", what=_unknown(version, unknown)))
    for each in no_category:
        what = f"what {each!r} holds: its name tells no category of personal data"
        out.append(Unknowable(code="no-category", what=what, column=each))
    return tuple(out)


def _unknown(version: ScopeVersion, unknown: int) -> str:
    """Why people whom no log names may still have been seen, by what the version itself leaves open."""
    since, until = (
        None if each is None else format_instant(from_micros(each))
        for each in (version.holds.since, version.holds.until)
    )
    reasons = [f"no log before {since} or after {until} was read"]
    if version.secondary.upper != 0:
        reasons.append("pages that the actor read may have shown people whom the log does not name")
    if version.lists.views:
        reasons.append("lists that the actor read name nobody in the log")
    if version.open:
        reasons.append(f"things still open in this version: {len(version.open):,}")
    return f"whether those whom no log that was read names ({unknown:,}) were seen: " + "; ".join(reasons)
