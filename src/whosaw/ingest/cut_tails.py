"""Which key=value tails were cut: they lack the key with which nearly all lines of their file end, so that their last value may be cut, too."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from typing import Final

import numpy as np
import numpy.typing as npt

from .raw_rows import RawRows
from .template_tokens import PAIR_KEY

__all__ = ["usual_last_key", "without_cut_values"]

_LAST: Final = re.compile(rf' ({PAIR_KEY})=(?:"(?:[^"\\]|\\.)*"|[^ "]*) *\r?\n?\Z'.encode())
_ASKED: Final = 1_000  # lines of a chunk
_FEW: Final = 20  # lines say nothing of what is usual
_NEARLY_ALL: Final = 0.98


def usual_last_key(data: bytes, starts: npt.NDArray[np.int64]) -> str:
    """The key with which nearly all of these lines end; empty where there is none or there are few lines."""
    if len(starts) < _FEW:
        return ""
    ends = np.append(starts[1:], len(data))
    step = -(-len(starts) // _ASKED)
    found: Counter[bytes] = Counter()
    asked = 0
    for start, end in zip(starts[::step].tolist(), ends[::step].tolist(), strict=True):
        line = data[start:end]
        if not line.strip():
            continue
        asked += 1
        if match := _LAST.search(line):
            found[match[1]] += 1
    if asked < _FEW or not found:
        return ""
    ((key, many),) = found.most_common(1)
    return key.decode() if many >= _NEARLY_ALL * asked else ""


def without_cut_values(raw: RawRows, usual: str) -> RawRows:
    """The columns of a tail without the last one, where none of them is the usual last key: the line was cut in it or right after it, and
    half an id is another's."""
    if not usual or not raw.pairs or usual in raw.pairs:
        return raw
    return replace(raw, pairs=dict(list(raw.pairs.items())[:-1]))
