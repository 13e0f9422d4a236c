"""The last step of reading times: wall clocks of a whole chunk, in line order, become instants."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, tzinfo

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from whosaw.core.errors import WhosawError

from .local import FoldState, instants_of, with_years
from .read import ANY, REFERENCE_YEAR, read_walls

__all__ = ["Clock", "Instants", "Timed", "no_zone", "read_times"]

_SPAN = (
    int(np.datetime64(f"{REFERENCE_YEAR}-01-01", "us").astype(np.int64)),
    int(np.datetime64(f"{REFERENCE_YEAR + 1}-01-01", "us").astype(np.int64)),
)


def no_zone(format_id: str) -> WhosawError:
    """The refusal to guess a zone."""
    return WhosawError(
        "time.no-zone",
        f"times of the format {format_id} have no offset, and no zone was given",
        hint="Say which zone the server's clock was in: --tz Africa/Nairobi or --tz +09:00",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Timed:
    """Instants in microseconds; `bad` marks rows that have none, for the reason of the same row."""

    micros: npt.NDArray[np.int64]
    bad: npt.NDArray[np.bool_]
    reasons: tuple[tuple[str, npt.NDArray[np.bool_]], ...]
    state: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """How the times of one content are read. `yearless` says that the format writes no years."""

    format_id: str
    zone: tzinfo | None
    year_hint: datetime | int | None
    yearless: bool

    def instants(self, walls: pa.Array, offsets: pa.Array, state: str | None, *, first: bool) -> Timed:
        """Instants of wall clocks in line order. Refuses with `time.no-zone` when in the first chunk of a
        content every time needs a zone and there is none."""
        micros = walls.to_numpy(zero_copy_only=False)
        told = offsets.is_valid().to_numpy(zero_copy_only=False).astype(bool)
        bad = np.zeros(len(micros), dtype=bool)
        reasons: list[tuple[str, npt.NDArray[np.bool_]]] = []
        if self.yearless:
            yearless = (micros >= _SPAN[0]) & (micros < _SPAN[1]) & ~told
            if self.year_hint is not None:
                micros = micros.copy()
                micros[yearless] = with_years(micros[yearless], self.year_hint)
            elif yearless.any():
                reasons.append(("the time has no year, and no year was given", yearless))
                bad |= yearless
        if told.all():
            minutes = pc.cast(offsets, pa.int64()).to_numpy(zero_copy_only=False)
            return Timed(micros=micros - minutes * 60_000_000, bad=bad, reasons=tuple(reasons), state=state)
        if self.zone is None:
            if first and len(told) and not told.any():
                raise no_zone(self.format_id)
            reasons.append(("the time has no offset, and no zone was given", ~told & ~bad))
            bad |= ~told
        minutes = pc.cast(pc.fill_null(offsets, 0), pa.int64()).to_numpy(zero_copy_only=False)
        result = micros - minutes * 60_000_000
        if self.zone is not None:
            result[~told], fold = instants_of(micros[~told], self.zone, _fold(state))
            state = json.dumps(fold) if fold is not None else None
        return Timed(micros=result, bad=bad, reasons=tuple(reasons), state=state)


def _fold(state: str | None) -> FoldState | None:
    if state is None:
        return None
    day, highest, second = json.loads(state)
    return int(day), int(highest), bool(second)


@dataclass(frozen=True, slots=True, kw_only=True)
class Instants:
    """Row by row: microseconds since 1970 in UTC, minutes of offset that the text itself told (with a mask of
    the rows where it told none), whether the instant is `understood`, and whether only a zone is wanting."""

    micros: npt.NDArray[np.int64]
    offsets: npt.NDArray[np.int16]
    no_offset: npt.NDArray[np.bool_]
    understood: npt.NDArray[np.bool_]
    needs_zone: npt.NDArray[np.bool_]


def read_times(
    texts: pa.Array | pa.ChunkedArray,
    zone: tzinfo | None,
    *,
    own_zone: bool = False,
    fold: FoldState | None = None,
) -> tuple[Instants, FoldState | None]:
    """Instants of a text column in line order, of which nobody told the kind. `zone` is for texts without an offset; with
    `own_zone` it is the zone that the format itself promises, and then counts as told. `fold` comes from the lines
    before, and goes to those after."""
    walls = read_walls(ANY, texts)
    minutes = walls.offset.astype(np.int64)
    micros = walls.micros - minutes * 60_000_000
    naive = walls.ok & ~walls.has
    understood = walls.ok if zone is not None else walls.has
    if zone is not None and naive.any():
        micros[naive], fold = instants_of(walls.micros[naive], zone, fold)
        minutes[naive] = (walls.micros[naive] - micros[naive]) // 60_000_000
    no_offset = ~understood | (naive & (not own_zone))
    instants = Instants(
        micros=micros,
        offsets=np.where(no_offset, 0, minutes).astype(np.int16),
        no_offset=no_offset,
        understood=understood,
        needs_zone=naive & ~understood,
    )
    return instants, fold
