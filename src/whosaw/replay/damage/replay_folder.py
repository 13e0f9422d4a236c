"""A finished replay as damage sees it: its services, their files, and which line stands where."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from whosaw.core.errors import WhosawError
from whosaw.core.instants import parse_instant, to_micros
from whosaw.replay.dice import Dice

from .log_text import NO_TIME, LogText, lines_of, unpacked

__all__ = ["DAY_MS", "ListedFile", "ReplayFolder", "Service", "read_replay"]

DAY_MS = 86_400_000
_ROWS = 1 << 18  # rows of a list of lines that are held at once


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedFile:
    """A file with at least one line in the list of lines. The times are NO_TIME where no line of it has one."""

    name: str
    lines: int
    first_ms: int
    last_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One source of the replay. `files` are in the order in which they were written."""

    id: str
    format: str
    folder: str
    lines_path: str  # of its list of lines, relative to the replay
    files: tuple[ListedFile, ...]

    def count_of(self, share: float, files: int) -> int:
        """That share of so many files, rounded, at least one unless there is none or the share is 0."""
        return min(files, max(1, round(share * files))) if share > 0 else 0

    def some_files(self, share: float, dice: Dice) -> tuple[str, ...]:
        """The names of that share of the files."""
        drawn = dice.order(len(self.files))[: self.count_of(share, len(self.files))]
        return tuple(self.files[at].name for at in np.sort(drawn).tolist())


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayFolder:
    """Where a replay is and what is in it. The span is half open, in milliseconds since 1970 in UTC."""

    folder: Path
    truth: dict[str, Any]
    services: tuple[Service, ...]
    start_ms: int
    end_ms: int
    offset_minutes: int

    def day_start(self, day: int | date) -> int:
        """The first moment of a day on the shop's clock; a number counts days from the first one of the replay."""
        if isinstance(day, date):
            return (day.toordinal() - 719_163) * DAY_MS - self.offset_minutes * 60_000
        return self.start_ms + day * DAY_MS

    def texts(self, service: Service, wanted: set[str]) -> Iterator[tuple[str, pa.Table, LogText | None]]:
        """Each file's name, its rows in the list of lines, and its text where the name is wanted."""
        for name, marks in _by_file(self.folder / service.lines_path):
            yield name, marks, self._text(service, name, marks) if name in wanted else None

    def _text(self, service: Service, name: str, marks: pa.Table) -> LogText:
        path = self.folder / service.folder / name
        try:
            content = path.read_bytes()
        except OSError as fault:
            message = f"{service.folder}/{name} cannot be read ({fault.strerror})"
            raise WhosawError("replay-damage.torn-file", message, hint="Make the replay again") from fault
        lines = lines_of(unpacked(content, name))
        at = marks["line"].combine_chunks().cast(pa.int64()).to_numpy(zero_copy_only=False) - 1
        if len(at) and (at[0] < 0 or at[-1] >= len(lines) or (np.diff(at) <= 0).any()):
            message = f"{service.lines_path} does not fit {service.folder}/{name}"
            raise WhosawError("replay-damage.lines-differ", message, hint="Make the replay again")
        if len(at) != len(lines):
            row = np.full(len(lines), -1, dtype=np.int64)
            row[at] = np.arange(len(at))
            marks = marks.take(pa.array(row, mask=row < 0))
        return LogText(service=service.id, name=name, lines=lines, marks=marks)


def read_replay(folder: Path) -> ReplayFolder:
    """What a replay holds, or `WhosawError` when that folder is none."""
    try:
        truth = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
        stated, span = truth["services"], truth["span"]
        services = tuple(_service(folder, name, stated[name]) for name in sorted(stated))
        start, end = (to_micros(parse_instant(span[name])) // 1000 for name in ("start", "end"))
        offset = int(span["offset_minutes"])
    except (OSError, ValueError, KeyError, TypeError) as fault:
        message = f"{folder} is not a finished replay"
        hint = "Name a folder that `whosaw replay make` made"
        raise WhosawError("replay-damage.no-replay", message, hint=hint) from fault
    return ReplayFolder(
        folder=folder, truth=truth, services=services, start_ms=start, end_ms=end, offset_minutes=offset
    )


def _service(folder: Path, name: str, stated: dict[str, Any]) -> Service:
    lines_path = f"truth/lines-{name}.parquet"
    files = _files(folder / lines_path)
    return Service(
        id=name,
        format=str(stated["format"]),
        folder=str(stated["folder"]),
        lines_path=lines_path,
        files=files,
    )


def _files(path: Path) -> tuple[ListedFile, ...]:
    lines: dict[str, int] = {}
    spans: dict[str, tuple[int, int]] = {}
    for name, rows in _runs(path, ["file", "time_ms"]):
        lines[name] = lines.get(name, 0) + len(rows)
        ends = pc.min_max(rows["time_ms"]).as_py()
        if ends["min"] is not None:
            first, last = spans.get(name, (ends["min"], ends["max"]))
            spans[name] = (min(first, ends["min"]), max(last, ends["max"]))
    none = (NO_TIME, NO_TIME)
    return tuple(
        ListedFile(
            name=name, lines=count, first_ms=spans.get(name, none)[0], last_ms=spans.get(name, none)[1]
        )
        for name, count in lines.items()
    )


def _by_file(path: Path) -> Iterator[tuple[str, pa.Table]]:
    """All rows of one file at a time."""
    name: str | None = None
    parts: list[pa.Table] = []
    for at, rows in _runs(path, None):
        if at != name and parts:
            yield str(name), pa.concat_tables(parts)
            parts = []
        name = at
        parts.append(rows)
    if parts:
        yield str(name), pa.concat_tables(parts)


def _runs(path: Path, columns: list[str] | None) -> Iterator[tuple[str, pa.Table]]:
    """Rows in a row that are of one file; a file's rows may come in several of them, one after another."""
    with pq.ParquetFile(path) as parquet:
        for batch in parquet.iter_batches(batch_size=_ROWS, columns=columns):
            files = batch.column("file")
            coded = files if pa.types.is_dictionary(files.type) else files.dictionary_encode()
            codes = coded.indices.to_numpy(zero_copy_only=False)
            edges = [0, *(np.flatnonzero(np.diff(codes)) + 1).tolist(), len(codes)]
            table = pa.Table.from_batches([batch])
            for low, high in pairwise(edges):
                if high > low:
                    yield coded.dictionary[int(codes[low])].as_py(), table.slice(low, high - low)
