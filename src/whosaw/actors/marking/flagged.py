"""A flag as it is held against the views of all days: its rows of all days put together, with what it is about."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from whosaw.actors.detectors import Clause, Detector
from whosaw.actors.sliding import Peak
from whosaw.actors.summing.groupings import Grouping
from whosaw.actors.surprise import Bar
from whosaw.core import client
from whosaw.core.finding import Actor, actor_digest
from whosaw.store.distinct import distinct

__all__ = [
    "ASKED_OF_DAYS",
    "Flagged",
    "Holder",
    "Shown",
    "holds_others",
    "in_force",
    "is_crowd",
    "of_strangers",
    "sign_of",
    "tells_entity",
]

Ints = npt.NDArray[np.int64]
Shown = Callable[[str, pa.Array], pa.Array]  # kind of trait and numbers to texts without a ledger's numbers
ASKED_OF_DAYS: Final = ("day", "clients", "homes")
"""Columns of `flags` that are asked of days alone; of the whole they are large, and nobody needs them."""
_MILLION: Final = 1_000_000
_PLACES: Final = frozenset(client.with_(lambda each: each.place))
_SHARED: Final = frozenset(("manner", *client.with_(lambda each: each.holders != "one")))


class _Row(NamedTuple):
    """What a row of `flags` says beside its key and its entity."""

    raised: int
    window: int
    most: int
    most_at: int
    usual: int | None
    nats: int | None
    page: int | None


_TOLD: Final = ("key", "entity", *_Row._fields)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Holder:
    """What a flag holds views by. `clients` are the only ones that belong to it (None: see the clause); at `homes`, addresses where the
    sign may be of somebody honest, nobody does."""

    key: bytes
    detector: Detector
    clause: Clause
    entity: int
    clients: Ints | None = None
    homes: Ints | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Flagged(Holder):
    """One entity over a bar of one clause; what it lists is asked of days alone. `peaks` stand beside the clause's windows; `bar` is what it passed where that was a matter of luck;
    `page` is where the visits of its people begin."""

    actor: Actor
    peaks: tuple[Peak, ...]
    bar: Bar | None = None
    page: int | None = None

    @property
    def raised_at(self) -> int:
        return min(peak.reached_at for peak in self.peaks if peak.reached_at is not None)

    @property
    def turn(self) -> tuple[int, str, str, str]:
        """Whose turn it is: the flag that could be told first, and of those of one instant by what they are about."""
        return self.raised_at, self.detector.id, self.clause.id, self.actor.digest

    @property
    def place(self) -> bool:
        """Whether it is about a place."""
        return bool(_PLACES & set(self.clause.group_by))


def sign_of(clause: Clause) -> str:
    """The sign that views must bear to belong to the flag; empty where none has to."""
    sign = clause.belongs or clause.sign
    return sign.name if sign is not None and clause.members == "signed" else ""


def holds_others(clause: Clause) -> bool:
    """Whether it is a group flagged for some of its clients, in which smaller entities may lie."""
    return clause.members == "signed" and "address" not in clause.group_by


def tells_entity(clause: Clause) -> bool:
    """Whether it is asked which clients are of its entity on a day, though it counts nothing of theirs: of a group in which smaller
    entities may lie, and of somebody's name."""
    return holds_others(clause) or "principal" in clause.group_by


def of_strangers(clause: Clause) -> bool:
    """Whether the entity holds honest people too, some of whom show the sign by chance. Where explained views count as others do, they do
    not prove anybody honest."""
    return (
        clause.counted != "any"
        and _SHARED.issuperset(clause.group_by)
        and bool(clause.chance or clause.never_among)
    )


def is_crowd(clause: Clause) -> bool:
    """Whether strangers who are no place share the entity, and only those who bear the sign belong to it."""
    return clause.members == "signed" and of_strangers(clause) and not _PLACES & set(clause.group_by)


def in_force(flags: Iterable[tuple[Detector, Clause, pa.Table]], shown: Shown) -> tuple[Flagged, ...]:
    """The flags of all days, each once, in the order of their turns, from the rows of each clause; `ASKED_OF_DAYS` may be left out. The windows of a
    flag are put together over the days: the earliest instant, and the most of any day."""
    told = [(detector, clause, _telling(rows)) for detector, clause, rows in flags if rows.num_rows]
    of_kind: dict[Grouping, list[tuple[Clause, Ints]]] = {}
    for _, clause, rows in told:
        of_kind.setdefault(Grouping.of(clause), []).append((clause, rows["entity"].to_numpy()))
    actors = {
        grouping: _actors(
            its[0][0], grouping, distinct(np.concatenate([entities for _, entities in its])), shown
        )
        for grouping, its in of_kind.items()
    }
    found = []
    for detector, clause, rows in told:
        by_key: dict[bytes, tuple[int, list[_Row]]] = {}
        for key, entity, *row in zip(*(rows[name].to_pylist() for name in _TOLD), strict=True):
            by_key.setdefault(key, (entity, []))[1].append(_Row(*row))
        own = actors[Grouping.of(clause)]
        found += [
            _flagged(detector, clause, key, entity, own[entity], its) for key, (entity, its) in by_key.items()
        ]
    return tuple(sorted(found, key=lambda each: each.turn))


def _telling(flags: pa.Table) -> pa.Table:
    """Of all rows of a flag those that say anything of it: by window the first and the one with the most, of several the earlier one."""
    key = flags["key"].combine_chunks().dictionary_encode().indices.to_numpy()
    window, raised, most, most_at = (
        flags[name].to_numpy() for name in ("window", "raised", "most", "most_at")
    )
    kept = np.zeros(len(key), bool)
    for of in ((raised,), (-most, most_at)):
        order = np.lexsort((*of[::-1], window, key))
        changed = np.ones(len(order), bool)
        changed[1:] = (key[order][1:] != key[order][:-1]) | (window[order][1:] != window[order][:-1])
        kept[order[changed]] = True
    return flags.select([name for name in flags.column_names if name not in ASKED_OF_DAYS]).filter(
        pa.array(kept)
    )


def _actors(clause: Clause, grouping: Grouping, entities: Ints, shown: Shown) -> dict[int, Actor]:
    traits = [grouping.traits(each) for each in entities.tolist()]
    columns = []
    for name in clause.group_by:
        numbers = [each[name] for each in traits]
        texts = shown(name, pa.array(numbers, pa.int64())).to_pylist()
        columns.append((numbers if name in client.NUMBERED else texts, texts))
    return {
        entity: Actor(
            by=clause.group_by,
            values=tuple(values[at] for values, _ in columns),
            digest=actor_digest(clause.group_by, [texts[at] for _, texts in columns]),
        )
        for at, entity in enumerate(entities.tolist())
    }


def _flagged(
    detector: Detector, clause: Clause, key: bytes, entity: int, actor: Actor, rows: Sequence[_Row]
) -> Flagged:
    first = min(rows, key=lambda row: (row.raised, row.window))
    by_window: dict[int, list[_Row]] = {}
    for row in rows:
        by_window.setdefault(row.window, []).append(row)
    return Flagged(
        key=key,
        detector=detector,
        clause=clause,
        entity=entity,
        actor=actor,
        peaks=tuple(_peak(by_window.get(window.micros, ())) for window in clause.windows),
        bar=None if first.usual is None or first.nats is None else _bar(clause, first.usual, first.nats),
        page=first.page,
    )


def _peak(rows: Sequence[_Row]) -> Peak:
    if not rows:
        return Peak()
    most = max(rows, key=lambda row: (row.most, -row.most_at))
    return Peak(most=most.most, most_at=most.most_at, reached_at=min(row.raised for row in rows))


def _bar(clause: Clause, usual: int, nats: int) -> Bar:
    return Bar(
        usual=usual / _MILLION,
        least_share=clause.least_share,
        least_times=clause.least_times,
        nats=nats / _MILLION,
    )
