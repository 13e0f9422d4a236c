"""Which fields of a claim could have come from what an actor saw, and what a claim says that no log can know."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from pyroaring import BitMap

__all__ = ["ClaimedField", "cannot_know", "field_answer", "looks_like_times"]

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


def field_answer(
    field: ClaimedField, document: Mapping[str, Any], sets: Mapping[str, BitMap], *, matched: bool = True
) -> dict[str, Any]:
    """Whether the values of a field could have come from the views of the actor, by category and person.

    Of the known people with a value in it, `seen` had this category seen by the actor, `possible` are in the scope only
    possibly, and `not_seen` are named by none of the actor's views that carried it. A category that is part of another one, or the other
    way round, is held to be it. Where the people could not be `matched`, the answer is of the category alone.
    """
    told: dict[str, Any] = {
        "column": field.column,
        "category": field.category,
        "rows": field.rows,
        "persons": len(field.persons) if matched else None,
        "seen": None,
        "possible": None,
        "not_seen": None,
        "routes": [],
    }
    if field.is_person:
        return {**told, "answer": "key", "why": "the people are matched by it"}
    if field.category is None:
        why = "its name tells no category, and its values are not read"
        return {**told, "answer": "cannot tell", "why": why}
    held = [each for each in document["categories_held"] if _akin(each["category"], field.category)]
    by_answer = {
        answer: [each for each in held if each["answer"] == answer]
        for answer in ("seen", "not seen", "cannot tell")
    }
    told["routes"] = sorted({route for each in by_answer["seen"] for route in each["routes"]})
    if not matched:
        return {**told, **_of_category(document, by_answer, matched=False)}
    names = [
        name for name in sets if name.startswith(_SET) and _akin(name.removeprefix(_SET), field.category)
    ]
    showed = BitMap.union(*(sets[name] for name in names)) if names else _NOBODY
    rest = field.persons - showed
    possible = rest.intersection_cardinality(sets.get("possible", _NOBODY))
    told.update(seen=len(field.persons) - len(rest), possible=possible, not_seen=len(rest) - possible)
    if told["seen"] and not rest:
        return {**told, "answer": "could", "why": "the actor saw this category of all of them"}
    if told["seen"]:
        why = "no view that is surely the actor's and carried it names the others"
        return {**told, "answer": "in part", "why": why}
    return {**told, **_of_category(document, by_answer, matched=True)}


def _of_category(
    document: Mapping[str, Any], held: Mapping[str, Sequence[Mapping[str, Any]]], *, matched: bool
) -> dict[str, str]:
    """What the version says of a category as a whole: of people who were not matched, or whom no view that carried it names."""
    if held["seen"] and not matched:
        return {
            "answer": "could",
            "why": "the actor saw this category; whether of these people cannot be told",
        }
    if held["seen"]:
        unnamed = (
            document["secondary"].get("upper") != 0 or document["lists"].get("views") or document["open"]
        )
        if unnamed:
            why = "no view that carried it names these people, but not every view names all whom it showed, or something is open"
            return {"answer": "cannot tell", "why": why}
        why = "the actor saw this category of other people; none of the views that carried it names these"
        return {"answer": "could not", "why": why}
    if held["cannot tell"]:
        return {
            "answer": "cannot tell",
            "why": "; ".join(why for each in held["cannot tell"] for why in each["why"]),
        }
    if held["not seen"]:
        why = "every route that carries it was read in full and shows no view of this actor"
        return {"answer": "could not", "why": why}
    if any(each["code"] in _UNMAPPED for each in document["open"]):
        why = "no route of the data map carries it, and the actor asked for pages that no route fits"
        return {"answer": "cannot tell", "why": why}
    why = "no route of the data map carries it, and no request of the actor was for a page without a route"
    return {"answer": "could not", "why": why}


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
    document: Mapping[str, Any],
    claimed: int,
    missing: int,
    unknown: int,
    times: Sequence[str],
    no_category: Sequence[str],
) -> list[dict[str, Any]]:
    """What a claim says, or seems to say, on which the ledger is silent; each as code and sentence."""
    out = [
        _item(
            "values",
            "whether the values are true: the ledger knows what kind of data a page carried, not what it said",
        ),
        _item(
            "copies",
            "what was kept, copied, passed on or deleted: logs show what was sent out, not what became of it",
        ),
    ]
    if missing:
        what = f"whether only these were taken: the claim names {claimed:,} people, and the actor saw {missing:,} more; a claim is no count"
        out.append(_item("fewer-than-seen", what))
    out += [
        _item(
            "times",
            f"what the times in {each!r} mean: the ledger knows the times of views alone",
            column=each,
        )
        for each in times
    ]
    if unknown:
        out.append(_item("unknown-people", _unknown(document, unknown)))
    out += [
        _item(
            "no-category",
            f"what {each!r} holds: its name tells no category of personal data",
            column=each,
        )
        for each in no_category
    ]
    return out


def _item(code: str, what: str, **more: str) -> dict[str, Any]:
    return {"code": code, "what": what, **more}


def _unknown(document: Mapping[str, Any], unknown: int) -> str:
    """Why people whom no log names may still have been seen, by what the version itself leaves open."""
    holds = document["holds"]
    reasons = [f"no log before {holds.get('from')} or after {holds.get('until')} was read"]
    if document["secondary"].get("upper") != 0:
        reasons.append("pages that the actor read may have shown people whom the log does not name")
    if document["lists"].get("views"):
        reasons.append("lists that the actor read name nobody in the log")
    if document["open"]:
        reasons.append(f"things still open in this version: {len(document['open']):,}")
    return f"whether those whom no log that was read names ({unknown:,}) were seen: " + "; ".join(reasons)
