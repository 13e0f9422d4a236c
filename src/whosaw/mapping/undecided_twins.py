"""Sources that seem to log the same requests, where nobody has said whether they do: then a request may count twice, and no count is exact.

Looked at in the views that the ledger already has, in a few segments of each pair of sources, so that it takes no longer on a large ledger.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, product
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow.compute as pc

from whosaw.core.canonical_json import canonical_json
from whosaw.core.document import document
from whosaw.store.files import open_parquet
from whosaw.store.index.twin_pairs import NOBODY_NAMED, ROW, pair_rows
from whosaw.store.index.twin_rules import TwinRule
from whosaw.store.journal import Journal
from whosaw.store.numbers.history import load_history
from whosaw.store.numbers.segments import NumbersFiles
from whosaw.store.repositories.segments import ReadSegment, live_segments
from whosaw.store.workspace import Workspace

from .data_map import DataMap

__all__ = ["UndecidedTwins", "keep_undecided_twins", "undecided_twins"]

_SETTING: Final = "undecided-twins"
_FEWEST: Final = 10  # views that both must show
_SHARE: Final = 0.5  # of the views of the source that has fewer, in the time of both
_BY_CHANCE: Final = 0.5  # of these, so many at most may meet others at another time
_RULE: Final = TwinRule(sources=("", ""), by="page", within=2_000_000)
_ELSEWHEN_US: Final = 37_000_000
_PIECES: Final = 3  # pairs of segments of two sources
_VIEWS: Final = 5_000  # of a segment
_PAIRS: Final = 100  # of sources
Rows = npt.NDArray[Any]
_Views = tuple[npt.NDArray[np.int64], npt.NDArray[np.uint64]]  # times in order, and whom each shows


@dataclass(frozen=True, slots=True, kw_only=True)
class UndecidedTwins:
    """Two sources by name: `shared` of `views` that the one with fewer has, of those looked at, show whom a view of the other shows within two
    seconds."""

    sources: tuple[str, str]
    shared: int
    views: int

    @property
    def what(self) -> str:
        return (
            f"{self.sources[0]} and {self.sources[1]} seem to log the same requests ({self.shared:,} of {self.views:,} views looked at stand in both "
            "within 2 seconds), and nobody has said whether they do: a request may count twice, and no count of both is exact"
        )

    @property
    def do(self) -> str:
        """How to decide it."""
        pair = f'sources = ["{self.sources[0]}", "{self.sources[1]}"]'
        return (
            f"Declare them in the map as [[twins]] (`whosaw map check` writes the lines), or say that they log different requests: [[apart]] {pair}; "
            "then scan again"
        )

    @property
    def note(self) -> str:
        return f"MAY COUNT A REQUEST TWICE: {self.what}. {self.do}"


def keep_undecided_twins(
    workspace: Workspace, data_map: DataMap | None, *, changed: bool
) -> tuple[UndecidedTwins, ...]:
    """Those of the ledger, looked at again where it `changed` or the map says something else of its sources; kept for whoever counts."""
    decided = (
        () if data_map is None else sorted({*(each.rule.sources for each in data_map.twins), *data_map.apart})
    )
    journal = workspace.journal
    known = json.loads(journal.setting(_SETTING) or "{}")
    said = [list(each) for each in decided]
    if not changed and known.get("decided") == said:
        return undecided_twins(journal)
    found = tuple(_look(workspace, {frozenset(each) for each in decided}))
    body = {"decided": said, "found": document(found)}
    if body != known:
        with journal.transaction() as connection:
            journal.set_setting(connection, _SETTING, canonical_json(body).decode())
    return found


def undecided_twins(journal: Journal, source: str | None = None) -> tuple[UndecidedTwins, ...]:
    """Those that the last scan saw, or those of one source."""
    told = json.loads(journal.setting(_SETTING) or "{}").get("found", ())
    return tuple(
        UndecidedTwins(
            sources=(each["sources"][0], each["sources"][1]), shared=each["shared"], views=each["views"]
        )
        for each in told
        if source is None or source in each["sources"]
    )


def _look(workspace: Workspace, decided: set[frozenset[str]]) -> Iterator[UndecidedTwins]:
    of_source: dict[str, list[ReadSegment]] = {}
    for each in live_segments(workspace.journal):
        if each.views and each.first_time is not None and each.last_time is not None:
            of_source.setdefault(each.source, []).append(each)
    pairs = [each for each in combinations(sorted(of_source), 2) if frozenset(each) not in decided]
    held = _Held(workspace)
    for names in pairs[:_PAIRS]:
        shared = elsewhen = views = 0
        for one, other in _pieces(of_source[names[0]], of_source[names[1]]):
            rows, fewer = _rows_of(held, one, other)
            views += fewer
            shared += len(pair_rows(rows, [_RULE]).outer)
            rows["time"] += np.where(rows["side"] == 1, _ELSEWHEN_US, 0)
            elsewhen += len(pair_rows(rows, [_RULE]).outer)
        if shared >= max(_FEWEST, _SHARE * views) and elsewhen <= _BY_CHANCE * shared:
            yield UndecidedTwins(sources=names, shared=shared, views=views)


def _pieces(
    ones: Sequence[ReadSegment], others: Sequence[ReadSegment]
) -> Iterable[tuple[ReadSegment, ReadSegment]]:
    """Segments of both that stand at the same time, those with most views first."""
    ones, others = (sorted(each, key=lambda of: (-of.views, of.id))[:50] for each in (ones, others))
    met = [
        (one, other)
        for one, other in product(ones, others)
        if min(one.last_time or 0, other.last_time or 0) >= max(one.first_time or 0, other.first_time or 0)
    ]
    return sorted(met, key=lambda pair: (-min(pair[0].views, pair[1].views), pair[0].id, pair[1].id))[
        :_PIECES
    ]


def _rows_of(held: _Held, one: ReadSegment, other: ReadSegment) -> tuple[Rows, int]:
    """The views of both in the time of both, and how many the one with fewer has."""
    slack = _RULE.within
    first = max(one.first_time or 0, other.first_time or 0) - slack
    parts = [_from(held.views(each), first) for each in (one, other)]
    last = min((int(part["time"][-1]) for part in parts if len(part)), default=0) + slack
    for side, part in enumerate(parts):
        part["side"] = side
    parts = [part[part["time"] <= last] for part in parts]
    rows = np.concatenate(parts)
    rows["line"] = np.arange(len(rows))
    return rows, min(map(len, parts))


def _from(views: _Views, first: int) -> Rows:
    """The first of them from that time on."""
    at = int(np.searchsorted(views[0], first))
    time, key = (each[at : at + _VIEWS] for each in views)
    made = np.zeros(len(time), ROW)
    made["time"], made["key"], made["person"] = time, key, NOBODY_NAMED
    return made


class _Held:
    """Views of segments in the order of time, each read once."""

    def __init__(self, workspace: Workspace) -> None:
        self._store = workspace.files
        self._numbers = NumbersFiles(workspace.files)
        self._numbered = load_history(workspace.journal, workspace.files).numbered
        self._known: dict[int, _Views] = {}

    def views(self, segment: ReadSegment) -> _Views:
        """Those of somebody, keyed by whom they show."""
        if segment.id not in self._known:
            self._known[segment.id] = self._read(segment)
        return self._known[segment.id]

    def _read(self, segment: ReadSegment) -> _Views:
        files = segment.file_names
        with open_parquet(self._store.path(files["events"])) as file:
            events = file.read(columns=["time", "person", "view", "duplicate"], use_threads=False)
        events = events.filter(
            pc.and_(pc.and_(events["view"], pc.invert(events["duplicate"])), pc.is_valid(events["person"]))
        )
        if not events.num_rows:
            return np.zeros(0, np.int64), np.zeros(0, np.uint64)
        numbers = self._numbers.of(segment.id, self._numbered[segment.id]).identities
        people = numbers[events["person"].to_numpy()].astype(np.uint64)
        time = events["time"].to_numpy().astype(np.int64)
        order = np.argsort(time, kind="stable")
        return time[order], people[order]
