"""On which days each person was seen first and last: the version counted once more, where the ledger is what it was then."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final, Self
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
from pyroaring import BitMap

from whosaw.app.cases.again import views_again
from whosaw.core.scope_version import ScopeVersion
from whosaw.store.ledger import LedgerReader
from whosaw.store.workspace import Workspace

__all__ = ["Days", "local_days"]

_HOUR: Final = 3_600_000_000
_DAY: Final = 24 * _HOUR
_ROWS: Final = 1 << 17

Ints = npt.NDArray[np.int64]
Short = npt.NDArray[np.uint16]


class Days:
    """Days since 1970, in the zone of the case, by person; `exact` is false where they cannot be told and only those of the version are."""

    def __init__(
        self, *, first: Short | None = None, last: Short | None = None, books: BitMap | None = None
    ) -> None:
        self._first, self._last, self._books = first, last, books

    @property
    def exact(self) -> bool:
        return self._first is not None

    @classmethod
    def of(cls, opened: Workspace, version: ScopeVersion, zone: str) -> Self:
        """Those of a version."""
        with views_again(opened, version) as reader:
            if reader is None:
                return cls()
            first, last = _spans(reader, zone)
            return cls(first=first, last=last, books=_books(reader))

    def of_persons(self, persons: Ints) -> tuple[Short, Short]:
        """First and last day of each, 0 where it is not known."""
        first, last = np.zeros(len(persons), np.uint16), np.zeros(len(persons), np.uint16)
        if self._first is not None and self._last is not None:
            known = (persons >= 0) & (persons < len(self._first))
            first[known], last[known] = self._first[persons[known]], self._last[persons[known]]
        return first, last

    def books_of(self, persons: Ints) -> npt.NDArray[np.bool_] | None:
        """Whether a page with the address book of each was seen, or may have been; None where that is not known."""
        if self._books is None:
            return None
        books = self._books
        return np.fromiter(
            (person >= 0 and person in books for person in persons.tolist()), bool, len(persons)
        )


def _spans(reader: LedgerReader, zone: str) -> tuple[Short, Short]:
    """Over all views that are the actor's or may be, so that what happened lies between the two days whatever the doubtful ones were."""
    top = reader.session.query("SELECT max(person) AS top FROM scope_views")["top"][0].as_py()
    first, last = (np.zeros(0 if top is None else int(top) + 1, np.uint16) for _ in range(2))
    for batch in reader.session.batches(
        "SELECT person, min(time) AS first, max(time) AS last FROM scope_views WHERE person IS NOT NULL GROUP BY person",
        _ROWS,
    ):
        person = batch["person"].to_numpy()
        first[person] = local_days(batch["first"].to_numpy(), zone)
        last[person] = local_days(batch["last"].to_numpy(), zone)
    return first, last


def _books(reader: LedgerReader) -> BitMap:
    routes = [number for number, body in reader.routes.items() if body.get("secondary")]
    if not routes:
        return BitMap()
    found = reader.session.query(
        f"SELECT DISTINCT person FROM scope_views WHERE person IS NOT NULL AND route IN ({', '.join(map(str, routes))})"
    )
    return BitMap(found["person"].to_pylist())


def local_days(micros: Ints, zone: str) -> Short:
    """The day of each instant (microseconds since 1970 UTC) on the clocks of a zone, in days since 1970."""
    clock = ZoneInfo(zone)
    # clocks change on the hour or on its quarters, and never within one of these
    quarters, at = np.unique(micros // (_HOUR // 4), return_inverse=True)
    away = np.array([_offset(int(each) * (_HOUR // 4), clock) for each in quarters.tolist()], np.int64)
    days: Short = ((micros + away[at]) // _DAY).astype(np.uint16)
    return days


def _offset(micros: int, clock: ZoneInfo) -> int:
    at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=micros)
    offset = at.astimezone(clock).utcoffset()
    assert offset is not None
    return int(offset / timedelta(microseconds=1))
