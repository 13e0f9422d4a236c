"""What a step made of one month and is not committed yet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from whosaw.store.kinds import DAY
from whosaw.store.parts import Made, Part
from whosaw.store.run_files import RANGE_ROWS, RunWriter, cut_into_ranges

from .inputs import Surroundings
from .row_digest import RowDigest, RowDigests, day_starts
from .state import State
from .step import Span, Step

__all__ = ["Draft", "Drafted"]

_HOUR = 3_600_000_000
_NOTHING = RowDigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Drafted:
    """What of a draft that was made elsewhere is told: of each day the digest of each kind, which runs are others than before and where
    these stand, how many days came out as they were, and how often a piece was cut."""

    kept: Mapping[int, Mapping[str, str]]
    changed: Sequence[tuple[str, int]]
    parts: Sequence[Part]
    same: int = 0
    cut: int = 0


@dataclass(slots=True, kw_only=True)
class Draft:
    """Takes the rows of a step span by span. A run with the digest of the one that is in force stays where it stands."""

    around: Surroundings
    digests: RowDigests
    step: Step
    local: State  # what is in force, and over it what was taken
    edges: Mapping[str, frozenset[int]]  # by kind, the hours of which somebody reads the edges
    range_rows: int = RANGE_ROWS
    changed: list[tuple[str, int]] = field(default_factory=list)
    kept: dict[int, Mapping[str, str]] = field(default_factory=dict)  # by day, the digest of each kind
    same: int = 0  # days that came out as they were
    gone: list[int] = field(default_factory=list)
    went: list[tuple[str, int, str]] = field(default_factory=list)  # of days that are gone: kind, day, digest
    own: dict[str, dict[int, pa.Table]] = field(default_factory=dict)
    _writers: dict[str, RunWriter] = field(default_factory=dict)
    _waiting: dict[tuple[str, int, str], Part] = field(default_factory=dict)
    _placed: list[Part] = field(default_factory=list)

    def has(self, day: int) -> bool:
        """Whether something was said of a day."""
        return day in self.kept or day in self.gone

    def drop(self, day: int) -> None:
        """The step is asked about a day no longer, so what it made of it goes."""
        self.gone.append(day)
        for kind in self.step.keeps:
            if digest := self.local.digest(kind, day):
                self.went.append((kind, day, digest))
                self.local.take(kind, day, None)

    def take(self, span: Span, asked: Sequence[int], tables: Mapping[str, pa.Table]) -> None:
        """What the step made for a span, of the days that were asked about; what it made of others is left."""
        if set(tables) != set(self.step.keeps):
            raise ValueError(f"{self.step.name} keeps {sorted(self.step.keeps)} and made {sorted(tables)}")
        kept: dict[int, dict[str, str]] = {day: {} for day in asked}
        before = len(self.changed)
        for kind, table in tables.items():
            for day, digest in self._take(span, asked, kind, table).items():
                kept[day][kind] = digest
        self.kept.update(kept)
        self.same += len(kept) - len({day for _, day in self.changed[before:]})

    def enter(self, told: Drafted) -> None:
        """What was made of days elsewhere; its files are there."""
        self.kept.update(told.kept)
        self.changed += told.changed
        self.same += told.same
        self._placed += told.parts

    @property
    def drafted(self) -> Drafted:
        """All that was taken, with what waited written."""
        return Drafted(kept=self.kept, changed=self.changed, parts=self.parts(), same=self.same)

    def made(self) -> list[Made]:
        """What of each day is to be kept of how it was made."""
        told = ((day, kept, self.local.asked(self.step, day)) for day, kept in self.kept.items())
        return [
            Made(step=self.step.name, day=day, key=asked.key, read=asked.read, kept=kept)
            for day, kept, asked in told
        ]

    def _take(self, span: Span, asked: Sequence[int], kind: str, table: pa.Table) -> dict[int, str]:
        columns = self.around.kinds[kind].in_hand
        table = table.combine_chunks()  # each day is a slice of it
        table = table if table.schema.equals(columns) else table.cast(columns)
        starts, days = day_starts(table)
        if any(day not in span for day in days):
            raise ValueError(
                f"{self.step.name} was asked about days {span.first} to {span.last} and made {kind} of others"
            )
        found = self.digests.by_day(table)
        start_of = dict(zip(days, starts, strict=True))
        rows = table.drop_columns([DAY.name])
        none = self.around.kinds[kind].columns.empty_table()
        own = any(read.kind == kind for read in self.step.reads)
        told = {}
        for day in asked:
            told[day] = str(found.get(day, _NOTHING))
            if (self.local.digest(kind, day) or str(_NOTHING)) != told[day]:
                run = rows.slice(start_of[day], found[day].rows) if day in found else None
                self._change(kind, day, run, told[day])
                if own:
                    self.own.setdefault(kind, {})[day] = none if run is None else run
        return told

    def _change(self, kind: str, day: int, run: pa.Table | None, digest: str) -> None:
        self.changed.append((kind, day))
        if run is None:
            self.local.take(kind, day, None)
            return
        bits = self.around.bits(kind, run) if run.num_rows > self.range_rows else None  # else it is not cut
        parts = []
        for range_, rows in cut_into_ranges(run, bits, rows=self.range_rows):
            part = Part(
                kind=kind,
                day=day,
                range=range_,
                file="",
                first=0,
                rows=rows.num_rows,
                digest=str(self.digests.of(rows)) if range_ else digest,
                edges=self._edges(kind, day, rows),
            )
            self._waiting[kind, day, range_] = part
            parts.append(part)
            self._writer(kind).add(day, range_, rows)
        self.local.take(kind, day, parts)

    def _writer(self, kind: str) -> RunWriter:
        found = self._writers.get(kind)
        if found is None:
            around = self.around
            found = self._writers[kind] = RunWriter(
                around.store, kind, around.kinds[kind].columns, rows=self.range_rows, cache=around.runs
            )
        return found

    def _edges(self, kind: str, day: int, rows: pa.Table) -> dict[str, list[str]]:
        span = Span(day, day)
        return {
            str(hours): [
                str(self.digests.of(rows.filter(pc.less(rows["time"], span.start + hours * _HOUR)))),
                str(self.digests.of(rows.filter(pc.greater_equal(rows["time"], span.end - hours * _HOUR)))),
            ]
            for hours in sorted(self.edges.get(kind, ()))
        }

    def parts(self) -> list[Part]:
        """Write what waits, and say where every run stands that is new."""
        for kind, writer in self._writers.items():
            for placed in writer.close():
                told = self._waiting[kind, placed.day, placed.range]
                self._placed.append(
                    Part(
                        kind=kind,
                        day=placed.day,
                        range=placed.range,
                        file=placed.file,
                        first=placed.first,
                        rows=placed.rows,
                        digest=told.digest,
                        edges=told.edges,
                    )
                )
        self._writers.clear()
        return self._placed
