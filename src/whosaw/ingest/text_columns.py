"""Small changes to columns of text, done once per distinct value where a column is a dictionary."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

__all__ = [
    "as_dictionary",
    "as_text",
    "change",
    "distinct",
    "not_stated",
    "pick",
    "unescape",
    "unescape_name",
]

_ESCAPE = re.compile(r'(?:\\x[0-9A-Fa-f]{2})+|(?:\\u[0-9A-Fa-f]{4})+|\\["\\abfnrtv/]')
_IN_NAME = re.compile(r'(?:\\x[0-9A-Fa-f]{2})+|(?:\\u[0-9A-Fa-f]{4})+|\\["\\]')
_SINGLE = {
    '\\"': '"',
    "\\\\": "\\",
    "\\a": "\a",
    "\\b": "\b",
    "\\f": "\f",
    "\\n": "\n",
    "\\r": "\r",
    "\\t": "\t",
    "\\v": "\v",
    "\\/": "/",
}


def as_text(array: pa.Array) -> pa.Array:
    """The column as plain strings."""
    if pa.types.is_dictionary(array.type):
        return array.dictionary_decode()
    return array if array.type == pa.string() else pc.cast(array, pa.string())


def as_dictionary(array: pa.Array) -> pa.Array:
    """The column with each distinct value held once."""
    return array if pa.types.is_dictionary(array.type) else as_text(array).dictionary_encode()


def distinct(array: pa.Array) -> tuple[pa.Array, pa.Array | None]:
    """The values to look at, and for each row which of them it has (None: row by row)."""
    if pa.types.is_dictionary(array.type):
        return array.dictionary, array.indices
    return array, None


def pick(values: pa.Array, indices: pa.Array | None) -> pa.Array:
    """Values worked out for `distinct`, brought back to the rows."""
    return values if indices is None else values.take(indices)


def change(array: pa.Array, needle: str, function: Callable[[str], str]) -> pa.Array:
    """Apply `function` to the values that contain `needle`."""
    values, indices = distinct(array)
    if len(needle) == 1 and not _anywhere(values, needle):
        return array
    hit = pc.match_substring(values, needle)
    if not pc.any(hit, min_count=0).as_py():
        return array
    hit = pc.fill_null(hit, fill_value=False)
    new = [function(text) for text in values.filter(hit).to_pylist()]
    values = pc.replace_with_mask(values, hit, pa.array(new, pa.string()))
    if indices is None:
        return values
    if pc.count_distinct(values).as_py() < len(values):  # two spellings became one value
        return values.take(indices).dictionary_encode()
    return pa.DictionaryArray.from_arrays(indices, values)


def _anywhere(values: pa.Array, character: str) -> bool:
    """Whether the memory of the values holds the ASCII character at all; much cheaper than asking each
    value."""
    blob = values.buffers()[2]
    return blob is not None and bool((np.frombuffer(blob, dtype=np.uint8) == ord(character)).any())


def not_stated(array: pa.Array) -> pa.Array:
    """The column with null for `-` and for nothing, which is how logs say that there is no value."""
    if not pa.types.is_dictionary(array.type):
        absent = pc.or_(pc.equal(array, "-"), pc.equal(array, ""))
        return pc.if_else(absent, pa.scalar(None, array.type), array)
    indices = array.indices
    for text in ("-", ""):
        place = pc.index(array.dictionary, text).as_py()
        if place >= 0:
            indices = pc.if_else(
                pc.equal(indices, pa.scalar(place, indices.type)), pa.scalar(None, indices.type), indices
            )
    return array if indices is array.indices else pa.DictionaryArray.from_arrays(indices, array.dictionary)


def unescape(text: str) -> str:
    r"""The text as it was before the server escaped it.

    nginx (`escape=default`) writes `\xHH` for quotes, backslashes, controls and bytes above 126; Apache writes
    `\"`, `\\`, `\n`, `\t` and the like, and `\xHH` for the rest. Bytes written as `\xHH` that form UTF-8 become
    text again; those that do not, and NUL, stay as `\xHH`. `escape=json` adds `\uHHHH` and `\/`."""
    return _ESCAPE.sub(_plain, text) if "\\" in text else text


def unescape_name(text: str) -> str:
    r"""The same for the name of a user, in which no server has a control character: `EXAMPLE\ann` of one that escapes nothing is the
    `EXAMPLE\x5Cann` of nginx and the `EXAMPLE\\ann` of Apache."""
    return _IN_NAME.sub(_plain, text) if "\\" in text else text


def _plain(match: re.Match[str]) -> str:
    escape = match[0]
    if escape[1] == "x":
        raw = bytes(int(escape[at : at + 2], 16) for at in range(2, len(escape), 4))
        return raw.decode("utf-8", "backslashreplace").replace("\0", "\\x00")
    if escape[1] == "u":
        units = b"".join(int(escape[at : at + 4], 16).to_bytes(2, "big") for at in range(2, len(escape), 6))
        return units.decode("utf-16-be", "replace").replace("\0", "\\x00")
    return _SINGLE[escape]
