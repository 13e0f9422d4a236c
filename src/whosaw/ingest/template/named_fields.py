"""The `fields` column: named values that have no column of their own, as one JSON object per event."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from whosaw.ingest.text_columns import distinct, pick

__all__ = ["fields_column"]


def fields_column(
    columns: Mapping[str, pa.Array], length: int, others: Sequence[Mapping[str, str]] = ()
) -> pa.Array:
    """Objects with the non-null values of each row, keys in order; null where a row has none of them.

    `others` are further values, a mapping per row.
    """
    members = []
    for name in sorted(columns):
        values, indices = distinct(columns[name])
        key = json.dumps(name, ensure_ascii=False) + ":"
        plain = pc.match_substring_regex(values, r'^[^"\\\x00-\x1f\x7f]*$')
        if pc.all(plain, min_count=0).as_py():
            text = pc.binary_join_element_wise(pa.scalar(key + '"'), values, pa.scalar('"'), pa.scalar(""))
        else:
            shown = [
                None if value is None else key + json.dumps(value, ensure_ascii=False)
                for value in values.to_pylist()
            ]
            text = pa.array(shown, pa.string())
        members.append(pick(text, indices))
    if not members:
        return _with_others(pa.nulls(length, pa.string()), others)
    # a row without a value gets an empty text: joining with null_handling="skip" drops such rows
    parts = [
        pc.fill_null(pc.binary_join_element_wise(member, pa.scalar(","), pa.scalar("")), "")
        for member in members
    ]
    body = pc.binary_join_element_wise(*parts, pa.scalar("")) if len(parts) > 1 else parts[0]
    whole = pc.binary_join_element_wise(
        pa.scalar("{"), pc.utf8_rtrim(body, ","), pa.scalar("}"), pa.scalar("")
    )
    return _with_others(pc.if_else(pc.equal(whole, "{}"), pa.scalar(None, pa.string()), whole), others)


def _with_others(objects: pa.Array, others: Sequence[Mapping[str, str]]) -> pa.Array:
    if not any(others):
        return objects
    merged = []
    for text, more in zip(objects.to_pylist(), others, strict=True):
        known = {**more, **json.loads(text or "{}")}
        shown = json.dumps(known, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        merged.append(shown if known else None)
    return pa.array(merged, pa.string())
