"""What each canonical column of an event holds, said once: `whosaw formats columns` and the page of columns are made from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import pyarrow as pa

from whosaw.core import client

from .canonical import CANONICAL

__all__ = ["COLUMNS", "Column"]

_ABOUT: Final[Mapping[str, str]] = {
    "line": "The number of the line, or of the record in a document. Made by the reader.",
    "time": "When it happened. A time without an offset needs a zone (--tz). Every event has one.",
    "offset": "Minutes east of UTC that the log wrote beside the time. Made by the reader.",
    "method": "The method of the HTTP request.",
    "host": "The host that was asked for.",
    "path": "The path that was asked for, without the query. A map's routes match on it.",
    "query": "The query, without the question mark.",
    "protocol": "The version of HTTP.",
    "status": "The status of the HTTP answer, 100 to 999.",
    "bytes": "Bytes that were sent.",
    "duration_us": "How long it took, in microseconds; `duration_unit` of an item says what the log counts.",
    "referer": "The page that led there.",
    "request_id": "An id of the event that the server itself made; never one that a client can choose.",
    "action": "What was done, where it is no HTTP request.",
    "object": "What it was done to, where it is no HTTP request.",
    "ok": "Whether it succeeded; without it a status from 200 to 299 says so.",
    "rows": "How many rows a statement gave or touched.",
    "statement": "The text of a statement of a database.",
    "fields": "Other values by their names (`[fields]` of an item), as one JSON object.",
}
_SAID_MORE: Final = {  # of a client's traits whose one sentence in the schema says too little to whoever writes a format
    "address": "Where it came from: the other end of the connection, or what the operator's own balancer says of it.",
    "agent": "The program that the client says it is.",
}
_PRINCIPAL: Final = (
    "Who did it, as the system checked it: of one who acts as somebody else, the one who really acts."
)
_IN_A_LEDGER: Final = ", as a ledger number"  # which a log does not have
_KINDS: Final = {
    pa.int16(): "number",
    pa.int64(): "number",
    pa.bool_(): "true or false",
    pa.string(): "text",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A canonical column. `given` says whether a format can name a source of it; `person` whether its values single somebody out."""

    name: str
    kind: str
    about: str
    given: bool
    person: bool


def _about(name: str) -> str:
    trait = next((each for each in client.TRAITS if each.name == name), None)
    return (
        _ABOUT.get(name)
        or _SAID_MORE.get(name)
        or (_PRINCIPAL if name == "principal" else "")
        or (trait.about.replace(_IN_A_LEDGER, "") if trait is not None else "")
    )


COLUMNS: Final = tuple(
    Column(
        name=name,
        kind=_KINDS.get(kind, "time"),
        about=_about(name),
        given=name not in ("line", "offset", "fields"),
        person=any(each.name == name and each.singles_out for each in client.TRAITS),
    )
    for name, kind in CANONICAL.items()
)
"""In the order of an event's columns."""
