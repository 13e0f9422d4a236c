"""The document of a scope version: its shape, what must not stand in it, and its digest.

A document is plain JSON. Everything but `case`, `version`, `made`, `made_by`, `clues` and `final` is a function of the ledger, the
items and the program, and is the same for every clue of one campaign.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from whosaw.core import client
from whosaw.core.canonical_json import canonical_json
from whosaw.core.document import Json, JsonObject, document, object_of
from whosaw.core.errors import Fault, FaultsError, Where
from whosaw.core.scope_version import Final, OpenItem, ScopeInputs, ScopeVersion
from whosaw.scope.closed import Closure
from whosaw.scope.counting.count import Counted

__all__ = [
    "CLUE_KINDS",
    "FORMAT",
    "OCCASION",
    "body_digest",
    "check_document",
    "closed_text",
    "document_digest",
    "document_text",
    "same_scope",
]

FORMAT = 1
OCCASION = ("case", "version", "made", "made_by", "clues", "final")
CLUE_KINDS = ("finding", *client.NAMES, "person", "line")
client.covers("scope.versions.document", CLUE_KINDS[1:-2])
_SINGLES_OUT = ("person", *client.with_(lambda each: each.singles_out))
_DIGEST = re.compile(r"[0-9a-f]{16,64}")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?Z")
_BREAKDOWNS = ("category", "route", "day", "jurisdiction", "part")
_UNITS = ("views", "accounts", "persons")


def document_text(
    case: str, closure: Closure, counted: Counted, *, inputs: ScopeInputs, members: str
) -> bytes:
    """The document of a version that is not final, before it is kept: `version`, `made` and `made_by` come in there."""
    told: JsonObject = {
        "case": case,
        "format": FORMAT,
        "clues": document([each.told for each in closure.clues]),
        "actor": document(closure.actor),
        "window": document(closure.window),
        **object_of(counted),
        "inputs": document(inputs),
        "members": members,
        "final": None,
    }
    check_document(told)
    return canonical_json(told)


def closed_text(version: ScopeVersion, more: Sequence[OpenItem], final: Final) -> bytes:
    """The document of a version again, as a final one, with what is open besides."""
    told = version.as_json()
    still = told["open"]
    assert isinstance(still, list)
    told |= {"open": [*still, *(document(each) for each in more)], "final": document(final)}
    return canonical_json(told)


def document_digest(document: Mapping[str, Json]) -> str:
    """SHA-256 of the canonical form."""
    return hashlib.sha256(canonical_json(document)).hexdigest()


def body_digest(document: Mapping[str, Json]) -> str:
    """SHA-256 of what does not depend on who asked, when, and by which clue."""
    return document_digest({name: value for name, value in document.items() if name not in OCCASION})


def same_scope(one: ScopeVersion, other: ScopeVersion) -> bool:
    """Whether two versions say the same of the same scope, byte by byte."""
    return body_digest(one.as_json()) == body_digest(other.as_json())


def check_document(document: Mapping[str, Any]) -> None:
    """Raise `FaultsError` with everything that is wrong with the shape of a document, or stands in it and must not.

    `version`, `made` and `made_by` may be absent: they are filled in where the version is kept.
    """
    faults: list[Fault] = []

    def wrong(place: str, message: str) -> None:
        faults.append(Fault(code="scope.document", message=message, where=Where(item=place)))

    for name, fits, wanted in _TOP:
        if name not in document:
            wrong(name, "is missing")
        elif not fits(document[name]):
            wrong(name, f"is not {wanted}")
    if not faults:
        _check_clues(document["clues"], wrong)
        _check_counts("counts", document["counts"], wrong)
        for breakdown in _BREAKDOWNS:
            _check_rows(breakdown, document["by"].get(breakdown), wrong)
        _check_open(document["open"], wrong)
        _check_final(document["final"], wrong)
        for name in ("segments", "contents", "map", "context", "items", "detecting"):
            if name not in document["inputs"]:
                wrong(f"inputs.{name}", "is missing")
    if faults:
        raise FaultsError("scope.document", faults)


Wrong = Callable[[str, str], None]


def _is(*kinds: type) -> Callable[[object], bool]:
    return lambda value: isinstance(value, kinds) and not (isinstance(value, bool) and bool not in kinds)


_TOP: tuple[tuple[str, Callable[[object], bool], str], ...] = (
    ("case", _is(str), "a text"),
    ("format", lambda value: value == FORMAT, f"{FORMAT}, the one format this program writes"),
    ("clues", lambda value: isinstance(value, list) and bool(value), "a list with a clue in it"),
    ("actor", _is(dict), "an object"),
    ("window", _is(dict), "an object"),
    ("counts", _is(list), "a list"),
    ("estimate", _is(dict, type(None)), "an object or null"),
    ("by", _is(dict), "an object"),
    ("groups", _is(list), "a list"),
    ("secondary", _is(dict), "an object"),
    ("lists", _is(dict), "an object"),
    ("categories_held", _is(list), "a list"),
    ("holds", _is(dict), "an object"),
    ("open", _is(list), "a list"),
    ("inputs", _is(dict), "an object"),
    ("members", lambda value: isinstance(value, str) and len(value) == 64, "a SHA-256"),
    ("final", _is(dict, type(None)), "an object or null"),
)


def _check_clues(clues: list[Any], wrong: Wrong) -> None:
    for at, clue in enumerate(clues):
        place = f"clues.{at}"
        if not isinstance(clue, dict) or clue.get("kind") not in CLUE_KINDS:
            wrong(place, "is of no known kind")
        elif not isinstance(clue.get("value"), str):
            wrong(place, "has no value")
        elif clue["kind"] in _SINGLES_OUT and not _DIGEST.fullmatch(clue["value"]):
            # the value itself is not repeated here: it may be somebody's
            wrong(place, f"holds a raw {clue['kind']}; only its keyed digest may stand here")


def _check_counts(place: str, counts: Any, wrong: Wrong) -> None:
    units = [each.get("unit") if isinstance(each, dict) else None for each in counts]
    if units != list(_UNITS):
        wrong(place, f"does not count {', '.join(_UNITS)} in this order")
        return
    for count in counts:
        _check_count(f"{place}.{count['unit']}", count, wrong)


def _check_count(place: str, count: Any, wrong: Wrong) -> None:
    lower: Any = count.get("lower") if isinstance(count, dict) else None
    upper: Any = count.get("upper") if isinstance(count, dict) else None
    whole = _is(int)
    if not whole(lower) or not (upper is None or whole(upper)):
        wrong(place, "has no bounds in whole numbers")
    elif lower < 0 or (upper is not None and upper < lower):
        wrong(place, f"has bounds out of order: {lower}..{upper}")
    elif upper != lower and not count.get("reasons"):
        wrong(place, "has bounds that differ and no reason")
    elif count.get("exact") is not (upper == lower):
        wrong(place, "says wrongly whether it is exact")


def _check_rows(breakdown: str, rows: Any, wrong: Wrong) -> None:
    place = f"by.{breakdown}"
    if not isinstance(rows, list):
        wrong(place, "is no list")
        return
    for row in rows:
        if not isinstance(row, dict) or not isinstance(row.get("name"), str | int):
            wrong(place, "has a row without a name")
            continue
        for unit in _UNITS:
            _check_count(f"{place}.{row['name']}.{unit}", row.get(unit), wrong)


def _check_open(items: list[Any], wrong: Wrong) -> None:
    for at, item in enumerate(items):
        if not isinstance(item, dict) or not all(
            isinstance(item.get(name), str) for name in ("code", "what")
        ):
            wrong(f"open.{at}", "does not say by code and sentence what is open")


def _check_final(final: Any, wrong: Wrong) -> None:
    if final is None:
        return
    if not isinstance(final.get("by"), str) or not _INSTANT.fullmatch(str(final.get("at"))):
        wrong("final", "does not say who closed it and when")
    if not isinstance(final.get("despite"), str | None):
        wrong("final.despite", "is neither a reason nor null")
