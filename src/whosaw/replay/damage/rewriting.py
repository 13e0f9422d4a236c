"""Lines written anew one by one, in pieces, so that a long file does not stand in memory as objects."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from whosaw.replay.dice import Ints

from .log_text import LogText, Mask, with_lines

__all__ = ["rewritten"]

_PIECE = 200_000


def rewritten(text: LogText, at: Ints, new: Callable[[bytes], bytes]) -> tuple[LogText, Mask]:
    """The text with `new(line)` at those rising positions, and which lines differ. The same object if none does."""
    pieces = []
    for start in range(0, len(at), _PIECE):
        where = pa.array(at[start : start + _PIECE])
        pieces.append(pa.array([new(line) for line in text.lines.take(where).to_pylist()], pa.large_binary()))
    changed: Mask = np.zeros(len(text), dtype=bool)
    if pieces:
        lines = with_lines(text, at, pa.concat_arrays(pieces)).lines
        changed = np.asarray(pc.not_equal(lines, text.lines).to_numpy(zero_copy_only=False), dtype=bool)
        if changed.any():
            return replace(text, lines=lines), changed
    return text, changed
