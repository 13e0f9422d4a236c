"""Requests as canonical events in Parquet, for sizes at which text would fill the disk.

What the format of a service leaves out, its events leave out too: they are what a scan of its text would give,
but for fields that the replay does not know. Written for speed: columns of few values as dictionaries, the
others as they are, no statistics but those of time.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from whosaw.replay.dice import Ints
from whosaw.replay.traffic import NOBODY, Traffic

from .columns import claimed, fixed, hex_tokens, joined, whole_address
from .pgaudit import COUNTED, object_of, rows_of, was_refused
from .scene import Scene
from .templates import Templates, templates
from .writers import Kind

__all__ = ["EVENT_ROWS", "EventWriter"]

EVENT_ROWS = 1 << 17  # rows of a row group at most: what belongs to them stays near the processor
_TEXTS = pa.dictionary(pa.int32(), pa.string())
_WEB = [
    ("time", pa.timestamp("us", tz="UTC")),
    ("address", _TEXTS),
    ("method", _TEXTS),
    ("path", _TEXTS),
    ("query", _TEXTS),
    ("status", pa.int16()),
    ("bytes", pa.int32()),
    ("agent", _TEXTS),
    ("principal", pa.string()),
    ("token", pa.string()),
    ("key", _TEXTS),
]
_DATABASE = [
    ("time", pa.timestamp("us", tz="UTC")),
    ("address", _TEXTS),
    ("agent", _TEXTS),
    ("principal", _TEXTS),
    ("action", _TEXTS),
    ("object", _TEXTS),
    ("ok", pa.bool_()),
    ("rows", pa.int64()),
    ("statement", pa.string()),
]
_NUMBER_BITS = 44
_OPTIONAL = ("principal", "token", "key")


class EventWriter:
    """Writes the events of one service on one day."""

    def __init__(self, scene: Scene, kind: Kind) -> None:
        self._scene = scene
        columns = _DATABASE if kind.database else _WEB
        self.schema = pa.schema(
            [(name, of) for name, of in columns if name not in _OPTIONAL or name in kind.carries]
        )
        paths = [page.path.partition("?") for page in scene.pages]
        self._paths = templates(path for path, _, _ in paths)
        self._queries = templates(query for _, _, query in paths)
        self._statements = templates(page.statement for page in scene.pages)
        self._claimants = scene.claimant_texts

    def write(self, path: Path, parts: Iterable[Traffic]) -> int:
        """Write a row group for each part; returns the bytes of the file."""
        plain = {"principal", "token", "statement", "bytes", "rows"}
        few = [
            field.name
            for field in self.schema
            if field.name not in plain and field.name not in ("time", "ok")
        ]
        with pq.ParquetWriter(
            path,
            self.schema,
            version="2.6",
            compression={name: "SNAPPY" if name == "principal" else "NONE" for name in self.schema.names},
            use_dictionary=few,
            column_encoding={"time": "DELTA_BINARY_PACKED"},
            write_statistics=["time"],
            store_schema=False,
        ) as writer:
            for part in parts:
                writer.write_table(self.table(part), row_group_size=EVENT_ROWS)
        return path.stat().st_size

    def table(self, part: Traffic) -> pa.Table:
        """The events, one for each request, in the same order."""
        make = {
            "time": lambda: pa.array(part.time * 1000, pa.timestamp("us", tz="UTC")),
            "address": lambda: whole_address(part.address, self._scene.homes),
            "method": lambda: self._by_page(part, [page.method for page in self._scene.pages]),
            "path": lambda: self._filled(part, self._paths),
            "query": lambda: self._filled(part, self._queries),
            "status": lambda: pa.array(part.status),
            "bytes": lambda: pa.array(part.size),
            "agent": lambda: _coded(part.agent, self._scene.agents),
            "principal": lambda: self._principals(part),
            "token": lambda: _unless(part.token == 0, hex_tokens(part.token)),
            "key": lambda: _coded(part.key, self._scene.keys),
            "action": lambda: self._by_page(part, [page.method for page in self._scene.pages]),
            "object": lambda: self._by_page(part, [object_of(page) for page in self._scene.pages]),
            "ok": lambda: pa.array(~was_refused(part)),
            "rows": lambda: self._rows(part),
            "statement": lambda: joined(self._statements.fill(part), len(part)),
        }
        return pa.table([make[name]() for name in self.schema.names], schema=self.schema)

    def _by_page(self, part: Traffic, texts: list[str]) -> pa.DictionaryArray:
        codes, distinct = _distinct(tuple(texts))
        return pa.DictionaryArray.from_arrays(pa.array(codes[part.page]), distinct)

    def _filled(self, part: Traffic, templates: Templates) -> pa.DictionaryArray:
        """Texts without an open place by page; the others as they are, each distinct one once."""
        of_page, texts = _distinct(templates.texts)
        codes = of_page[part.page]
        rows = np.flatnonzero(templates.has_places[part.page])
        if len(rows):
            own = _open_texts(part, rows, templates)
            known = pc.fill_null(pc.index_in(own.dictionary, texts), -1).to_numpy()
            place = np.where(known >= 0, known, len(texts) + np.cumsum(known < 0) - 1).astype(np.int32)
            codes[rows] = place[own.indices.to_numpy()]
            texts = pa.concat_arrays([texts, own.dictionary.filter(pa.array(known < 0))])
        empty = templates.is_empty[part.page]
        return pa.DictionaryArray.from_arrays(pa.array(codes, mask=empty if empty.any() else None), texts)

    def _principals(self, part: Traffic) -> pa.Array:
        text = _unless(part.principal == NOBODY, claimed(part.principal, self._claimants))
        return text.dictionary_encode() if self.schema.field("principal").type == _TEXTS else text

    def _rows(self, part: Traffic) -> pa.Array:
        counted = np.asarray([page.method == COUNTED for page in self._scene.pages], dtype=bool)
        rows, none = rows_of(part, self._scene), was_refused(part) | ~counted[part.page]
        return pa.array(rows, mask=none if none.any() else None)


def _open_texts(part: Traffic, rows: Ints, templates: Templates) -> pa.DictionaryArray:
    """The filled templates of those rows. Where a number is all that is open, each page and number is filled once."""
    page, number = part.page[rows].astype(np.int64), part.number[rows]
    if not (templates.only_number[page].all() and (number >> _NUMBER_BITS == 0).all()):
        return joined(templates.fill(part.take(rows)), len(rows)).dictionary_encode()
    coded = pa.array((page << _NUMBER_BITS) | number).dictionary_encode()
    distinct = coded.dictionary.to_numpy(zero_copy_only=False)
    once = Traffic.of(
        len(distinct),
        time=0,
        address=0,
        agent=0,
        size=0,
        page=distinct >> _NUMBER_BITS,
        number=distinct & ((1 << _NUMBER_BITS) - 1),
    )
    texts = joined(templates.fill(once), len(distinct)).dictionary_encode()
    return pa.DictionaryArray.from_arrays(texts.indices.take(coded.indices), texts.dictionary)


@lru_cache(maxsize=64)
def _distinct(texts: tuple[str, ...]) -> tuple[NDArray[np.int32], pa.StringArray]:
    """The position of each text among the distinct ones, and those: Parquet takes no dictionary with a text twice."""
    distinct = list(dict.fromkeys(texts))
    return np.asarray([distinct.index(text) for text in texts], dtype=np.int32), fixed(distinct)


def _coded(codes: NDArray[np.integer], texts: tuple[str, ...]) -> pa.DictionaryArray:
    """The text of each code; none for codes below 0 and for empty texts."""
    named = np.asarray([*(bool(text) for text in texts), False], dtype=bool)
    none = ~named[codes]
    return pa.DictionaryArray.from_arrays(
        pa.array(codes.astype(np.int32), mask=none if none.any() else None), fixed(texts)
    )


def _unless(none: NDArray[np.bool_], text: pa.StringArray) -> pa.StringArray:
    return pc.if_else(pa.array(none), pa.scalar(None, pa.string()), text) if none.any() else text
