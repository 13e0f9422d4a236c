"""Events whose times are far from their neighbours, as rejects; and what a later reading must know of the times before it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from .far_times import FAR, NO_TIME
from .parser import Parsed, rejects_table

__all__ = ["joined", "parted", "times_of", "without"]

_MARK = "times:"


def times_of(parsed: Parsed) -> npt.NDArray[np.int64]:
    """The times of its events in line order, in microseconds."""
    if not parsed.events.num_rows:
        return np.zeros(0, np.int64)
    micros: npt.NDArray[np.int64] = parsed.events["time"].cast(pa.int64()).to_numpy()
    return micros


def without(parsed: Parsed, far: Sequence[int], never: Sequence[int]) -> Parsed:
    """The same with the events in these rows as rejects: those far from their neighbours, and those without a possible time."""
    keep = np.ones(parsed.events.num_rows, dtype=bool)
    keep[[*far, *never]] = False
    lines = parsed.events["line"].to_numpy()
    told = zip(parsed.rejects["line"].to_pylist(), parsed.rejects["reason"].to_pylist(), strict=True)
    more = [*((int(lines[row]), FAR) for row in far), *((int(lines[row]), NO_TIME) for row in never)]
    return replace(parsed, events=parsed.events.filter(pa.array(keep)), rejects=rejects_table([*told, *more]))


def joined(times: str | None, state: str | None) -> str | None:
    """What the parser and the judge of times carry on, as one text."""
    if times is None:
        return state
    return f"{_MARK}{times}\n" + ("-" if state is None else f"+{state}")


def parted(text: str | None) -> tuple[str | None, str | None]:
    """The two again. A segment of an older whosaw has the parser's alone."""
    if text is None or not text.startswith(_MARK):
        return None, text
    times, _, state = text.removeprefix(_MARK).partition("\n")
    return times, state[1:] if state.startswith("+") else None
