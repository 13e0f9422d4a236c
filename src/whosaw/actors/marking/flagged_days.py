"""Which flags are about which days: those whose entity a day holds, with what the whole says of them. A table by day, so that a day whose
flags are the same is not marked again."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from whosaw.actors.detectors import Detector
from whosaw.actors.summing.plan import Plan
from whosaw.store.kinds import DAY
from whosaw.store.person_sets import pack_runs, unpack

from .flagged import Flagged, Holder, sign_of

__all__ = ["FLAGGED", "DayFlags", "day_digests", "day_flags", "flagged_rows"]

Ints = npt.NDArray[np.int64]
_FLAG, _BEARING, _ASKED = range(3)
FLAGGED: Final = pa.schema(
    [
        DAY,
        (
            "about",
            pa.int8(),
        ),  # a flag; a clause that flagged anybody for a sign; that the day is asked at all
        ("key", pa.binary(16)),
        ("detector", pa.string()),
        ("clause", pa.string()),
        ("asks", pa.string()),  # what of the clause decides which views it holds, and what it takes them for
        ("entity", pa.int64()),
        ("clients", pa.binary()),
        ("homes", pa.binary()),
    ]
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DayFlags:
    """What is asked of one day."""

    flags: tuple[Holder, ...]
    bearing: frozenset[tuple[str, str]]


def flagged_rows(
    flags: Sequence[Flagged],
    present: Iterable[tuple[int, Mapping[int, Ints]]],
    plan: Plan,
) -> pa.Table:
    """The rows of all days, once anybody is flagged: of a day without any flag it is asked who else was where these are. `present`: day by day, by kind of entity which of them were there, and which people (kind -1)."""
    if not flags:
        return FLAGGED.empty_table()
    bearing = sorted({(flag.detector.id, flag.clause.id) for flag in flags if sign_of(flag.clause)})
    rows: list[dict[str, Any]] = []
    for day, there in present:
        mine = [flag for flag in flags if _has(there.get(plan.kind(flag.clause)), flag.entity)]
        rows += [
            {
                "day": day,
                "about": _FLAG,
                "key": flag.key,
                "detector": flag.detector.id,
                "clause": flag.clause.id,
                "asks": _asks(flag),
                "entity": flag.entity,
                "clients": _packed(flag.clients),
                "homes": _packed(flag.homes),
            }
            for flag in mine
        ]
        rows.append({"day": day, "about": _ASKED})
        rows += [
            {"day": day, "about": _BEARING, "detector": detector, "clause": clause}
            for detector, clause in bearing
        ]
    return pa.Table.from_pylist(rows, FLAGGED)


def day_flags(rows: pa.Table, detectors: Mapping[str, Detector]) -> DayFlags:
    """What the rows of one day ask."""
    told = rows.to_pylist()
    return DayFlags(
        flags=tuple(_holder(row, detectors) for row in told if row["about"] == _FLAG),
        bearing=frozenset((row["detector"], row["clause"]) for row in told if row["about"] == _BEARING),
    )


def day_digests(rows: pa.Table) -> dict[int, str]:
    """By day, a text that changes with any of its rows."""
    found: dict[int, Any] = {}
    for row in rows.to_pylist():
        told = repr([row[name] for name in FLAGGED.names if name != DAY.name])
        found.setdefault(row["day"], hashlib.sha256()).update(told.encode())
    return {day: digest.hexdigest() for day, digest in found.items()}


def _holder(row: Mapping[str, Any], detectors: Mapping[str, Detector]) -> Holder:
    detector = detectors[row["detector"]]
    return Holder(
        key=row["key"],
        detector=detector,
        clause=next(each for each in detector.clauses if each.id == row["clause"]),
        entity=row["entity"],
        clients=None if row["clients"] is None else unpack(row["clients"]),
        homes=None if row["homes"] is None else unpack(row["homes"]),
    )


def _asks(flag: Holder) -> str:
    detector, clause = flag.detector, flag.clause
    told = replace(clause, why="", confidence="low", windows=(), chance=0.0, least_share=0.0, least_times=0.0)
    return repr((detector.kind, detector.needs, detector.explanations, told))


def _has(numbers: Ints | None, wanted: int) -> bool:
    """Whether it is among numbers, which ascend."""
    if numbers is None or not len(numbers):
        return False
    at = min(int(np.searchsorted(numbers, wanted)), len(numbers) - 1)
    return int(numbers[at]) == wanted


def _packed(numbers: Ints | None) -> bytes | None:
    if numbers is None:
        return None
    own = np.unique(numbers)
    packed: bytes | None = pack_runs(own, np.array([0, len(own)], np.int64), fewest=0)[0].as_py()
    return packed
