"""What either path hands on: for some lines, the text (or number) of every slot."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa

__all__ = ["RawRows"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RawRows:
    """`rows` are positions of lines, ascending. `values` has an array per slot number; a slot that is read
    over has none. `zones` has the offset text of a time that came in two columns. `pairs` has the columns
    of a key=value tail by key, `tails` its text where it is still to be taken apart. `others` are
    pairs of single lines: one mapping per line, or none at all."""

    rows: npt.NDArray[np.int64]
    values: dict[int, pa.Array]
    zones: dict[int, pa.Array] = field(default_factory=dict)
    pairs: dict[str, pa.Array] = field(default_factory=dict)
    tails: pa.Array | None = None
    others: list[dict[str, str]] = field(default_factory=list)
