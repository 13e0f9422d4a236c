"""The slow path: one regular expression over every line that the splitter could not take."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from whosaw.ingest.lines import is_utf8, line_text, lines_of

from .layout import Layout, RawRows
from .tokens import SELDOM_REPEATED

__all__ = ["match_lines", "texts_of"]

Rows = npt.NDArray[np.int64]


def texts_of(data: bytes, rows: Rows) -> pa.Array:
    r"""The lines as text, line ends included where there is nothing to repair. A byte that is no UTF-8, and
    NUL, is shown as `\xNN`."""
    lines = lines_of(data)
    chosen = lines if len(rows) == len(lines) else lines.take(pa.array(rows))
    if b"\0" not in data and is_utf8(data):
        return chosen.cast(pa.large_string())
    texts = [line_text(line).replace("\0", "\\x00") for line in chosen.to_pylist()]
    return pa.array(texts, pa.large_string())


def match_lines(layout: Layout, texts: pa.Array, rows: Rows) -> RawRows:
    """The lines that fit, first with quotes inside values escaped, then, for the rest, without."""
    strict = pc.extract_regex(texts, layout.strict)
    missed = strict.is_null()
    if layout.strict == layout.lenient or not pc.any(missed, min_count=0).as_py():
        return _raw(layout, strict, rows)
    again = pc.extract_regex(texts.filter(missed), layout.lenient)
    gaps = missed.to_numpy(zero_copy_only=False)
    order = np.argsort(np.concatenate([np.flatnonzero(~gaps), np.flatnonzero(gaps)]))
    both = pa.concat_arrays([strict.drop_null(), again]).take(pa.array(order))
    return _raw(layout, both, rows)


def _raw(layout: Layout, found: pa.Array, rows: Rows) -> RawRows:
    fits = found.is_valid()
    if not pc.all(fits, min_count=0).as_py():
        found, rows = found.filter(fits), rows[fits.to_numpy(zero_copy_only=False)]
    values: dict[int, pa.Array] = {}
    tails = None
    for number, slot in enumerate(layout.slots):
        if slot.kind in ("skip", "ident", "tail"):
            continue
        column = found.field(number).cast(pa.string())
        if slot.kind in ("pairs", "rest"):
            tails = column
        else:
            values[number] = column if slot.kind in SELDOM_REPEATED else column.dictionary_encode()
    return RawRows(rows=rows, values=values, tails=tails)
