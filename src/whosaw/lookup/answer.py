"""What is known of the people behind one contact, as it stands in a sealed row, and what is the same for everybody of a version.

A row holds up to four records of eight bytes; a record is one person. All rows are equally long, so that a row says nothing by its size.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

import numpy as np
import numpy.typing as npt

from whosaw.core.canonical_json import canonical_json
from whosaw.core.document import object_of

__all__ = [
    "CANARY",
    "RECORD",
    "ROW_BYTES",
    "Category",
    "Facts",
    "Gap",
    "Office",
    "Record",
    "State",
    "Whose",
    "pack_row",
    "read_facts",
    "unpack_row",
]

CANARY: Final = 0x80
_AT_MOST: Final = 4  # people behind one contact whose answers stand in its row; of how many more there are the row says the number
_HEAD: Final = struct.Struct("<BBH")
RECORD: Final = np.dtype(
    [("state", "u1"), ("whose", "u1"), ("seen", "<u2"), ("first", "<u2"), ("last", "<u2")]
)
ROW_BYTES: Final = _HEAD.size + _AT_MOST * RECORD.itemsize
_FORMAT: Final = 1


class State(IntEnum):
    """What is known of one person; in the order in which they are told of, where a contact stands for several."""

    SEEN = 1
    PERHAPS = 2  # views that may be of the actor, or of the person: it cannot be told
    REST = 3  # no view of the actor is of them; whether that is a "not seen" is a fact of the version
    GUARDIAN = 4  # told to a guardian alone
    OFFICE = 5  # told by the office alone


class Whose(IntEnum):
    """Whose data a record is about, seen from whoever reads the contact."""

    OWN = 0
    CHILD = 1
    BOOK = 2  # stood in somebody's address book


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One person: `seen` is the place of their categories in `Facts.seen`, `first` and `last` are days since 1970 in the zone of the
    version; 0: only those of the version are known."""

    state: State
    whose: Whose
    seen: int = 0
    first: int = 0
    last: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    """A category, and why it cannot be told of people in whose record it does not stand whether it was seen: codes of reasons, of those of whom
    something else is held, and of those of whom nothing is. No reason: it was not seen."""

    key: str
    why: tuple[str, ...] = ()
    why_rest: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """A time of which records are missing, in microseconds since 1970 UTC."""

    first: int
    last: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """Whom to ask. `names` and `departments` are by language, the first ones for all others."""

    names: Mapping[str, str]
    departments: Mapping[str, str]
    telephone: str = ""
    email: str = ""
    page: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is the same for everybody. `seen` are the sets of categories that records name by their place; `book` those that pages of
    address books carry. Times are microseconds since 1970 UTC; `first` and `last` view of the actor, and from when to when there are
    records. `inexact`: among the `held` people at most so many may be wrongly in it."""

    case: str
    version: int
    made: int
    zone: str
    country: str
    minor_under: int
    office: Office
    languages: tuple[str, ...]
    categories: tuple[Category, ...]
    seen: tuple[tuple[str, ...], ...]
    book: tuple[str, ...]
    gaps: tuple[Gap, ...]
    first: int | None
    last: int | None
    records_from: int | None
    records_until: int | None
    held: int
    inexact: int
    paper: bool
    canaries: int = 0

    def as_bytes(self) -> bytes:
        """As it stands at the head of a table."""
        return canonical_json({"format": _FORMAT, **object_of(self)})


def read_facts(text: bytes) -> Facts:
    """The facts of `Facts.as_bytes`. Raises `ValueError` for those of another release."""
    told = json.loads(text)
    if told.pop("format", None) != _FORMAT:
        raise ValueError("another release of whosaw made it")
    return Facts(
        **{
            **told,
            "office": Office(**told["office"]),
            "languages": tuple(told["languages"]),
            "categories": tuple(
                Category(key=each["key"], why=tuple(each["why"]), why_rest=tuple(each["why_rest"]))
                for each in told["categories"]
            ),
            "seen": tuple(map(tuple, told["seen"])),
            "book": tuple(told["book"]),
            "gaps": tuple(Gap(**each) for each in told["gaps"]),
        }
    )


def pack_row(records: npt.NDArray[np.void]) -> bytes:
    """The row of records (of `RECORD`), in the order in which they are told of."""
    kept = records[:_AT_MOST]
    more = min(len(records) - len(kept), 0xFFFF)
    return (_HEAD.pack(_FORMAT, len(kept), more) + kept.tobytes()).ljust(ROW_BYTES, b"\x00")


def unpack_row(row: bytes) -> tuple[tuple[Record, ...], int, bool]:
    """The records of a row, how many further people there are, and whether it is of a canary."""
    _, many, more = _HEAD.unpack_from(row)
    told = np.frombuffer(row, RECORD, many, _HEAD.size)
    records = tuple(
        Record(
            state=State(int(each["state"])),
            whose=Whose(int(each["whose"]) & ~CANARY),
            seen=int(each["seen"]),
            first=int(each["first"]),
            last=int(each["last"]),
        )
        for each in told
    )
    return records, more, bool((told["whose"] & CANARY).any())
