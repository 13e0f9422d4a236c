"""PostgreSQL's csvlog: the columns that its messages hide in their text."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from whosaw.ingest.pgaudit import COUNTED, MARK, NOT_THERE, PAYLOAD_NAMES, TYPES

from .delimited_rows import Rows, read_rows

__all__ = ["with_payload"]


def with_payload(table: pa.Table, column: str) -> pa.Table:
    """The table with a column `pgaudit_<part>` for each part of the pgaudit payloads in `column`. Without any
    payload the table comes back as it is; a payload that breaks off leaves its row without parts."""
    message = table[column].combine_chunks()
    # An odd number of quotes is a payload that was cut off; it must not run into the next one.
    even = pc.equal(pc.bit_wise_and(pc.count_substring(message, '"'), 1), 0)
    audited = np.flatnonzero(pc.and_(pc.starts_with(message, MARK), even).to_numpy(zero_copy_only=False))
    if not len(audited):
        return table
    payloads = pc.utf8_slice_codeunits(message.take(pa.array(audited)), len(MARK))
    data = "".join(f"{payload}\n" for payload in payloads.to_pylist()).encode()
    ends = np.cumsum(np.asarray(pc.binary_length(payloads), dtype=np.int64) + 1)
    starts = np.concatenate([[0], ends[:-1]])
    rows = Rows(data=data, starts=starts, ends=ends, lines=audited, texts={}, quoted=True)
    width = len(PAYLOAD_NAMES)
    found, _ = read_rows(rows, ",", width - 1, (width,))
    if not found:
        return table
    parts = pa.concat_tables(found, promote_options="default")
    parts = parts.filter(pc.is_in(parts["c0"], pa.array(sorted(TYPES))))
    place = np.full(table.num_rows, -1, dtype=np.int64)
    place[parts["n"].to_numpy()] = np.arange(parts.num_rows)
    taken = pa.array(place, mask=place < 0)
    counted = pc.is_in(parts[f"c{PAYLOAD_NAMES.index('command')}"], pa.array(sorted(COUNTED)))
    for position, name in enumerate(PAYLOAD_NAMES):
        if f"c{position}" in parts.column_names:
            values = parts[f"c{position}"]
            told = pc.if_else(pc.is_in(values, pa.array(sorted(NOT_THERE))), None, values)
            if name == "rows":
                told = pc.if_else(counted, told, None)
            table = table.append_column(f"pgaudit_{name}", told.take(taken))
    return table
