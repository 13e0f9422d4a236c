"""Frozen recipients as files: who and which text in clear numbers, their addresses sealed as the vault seals, block by block.

A piece holds up to 131,072 recipients of one part in two files, row by row beside each other: `recipients` (Parquet) with keyed digests and
numbers, and `addresses` with sealed blocks of 8,192 rows. A block opens at its place alone.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from whosaw.core.errors import WhosawError
from whosaw.store.files import ContentStore, parquet_bytes
from whosaw.store.vault import DIGEST_BYTES, Vault

__all__ = [
    "ADDRESSES",
    "FROZEN_PARTS",
    "RECIPIENTS",
    "Address",
    "Piece",
    "PieceReader",
    "PieceWriter",
    "Recipient",
]

FROZEN_PARTS: Final = (
    "part-frozen"  # where whoever freezes writes, so that a scan that begins clears nothing of it away
)

PIECE_ROWS: Final = 131_072
BLOCK_ROWS: Final = 8_192
_NEAR: Final = 256  # rows that become objects together: one by one costs ten times as much
RECIPIENTS: Final = pa.schema(
    [
        ("who", pa.binary(DIGEST_BYTES)),  # keyed digest of the person
        ("person", pa.int32()),  # number in the ledger; -1: nobody there
        ("audience", pa.int16()),  # place in the manifest's list of audiences; -1: gets no text
        ("zone", pa.int16()),  # place in the manifest's list of zones
        ("guardian", pa.bool_()),  # the addresses are those of the guardian
        ("why", pa.string()),  # why nothing goes to them; null: something does
    ]
)
ADDRESSES: Final = pa.schema([(name, pa.string()) for name in ("email", "phone", "post", "name")])


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """One frozen recipient, by the columns of `RECIPIENTS`."""

    who: bytes
    person: int
    audience: int
    zone: int
    guardian: bool
    why: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where one recipient can be reached. None of it shows where it is printed."""

    email: str | None = field(default=None, repr=False)
    phone: str | None = field(default=None, repr=False)
    post: str | None = field(default=None, repr=False)
    name: str | None = field(default=None, repr=False)

    @property
    def known(self) -> bool:
        """Whether there is any."""
        return any(each is not None for each in (self.email, self.phone, self.post, self.name))


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """Two files of so many rows of a part, the first of which is row `first` of it."""

    part: int
    first: int
    rows: int
    recipients: str
    addresses: str | None


class PieceWriter:
    """Collects the rows of one part and writes them piece by piece. Rows of equal order give equal files."""

    def __init__(self, files: ContentStore, vault: Vault, *, label: bytes, part: int) -> None:
        self._files, self._vault, self._label, self._part = files, vault, label, part
        self._waiting: list[tuple[pa.Table, pa.Table | None]] = []
        self._held = 0
        self.rows = 0
        self.pieces: list[Piece] = []

    def add(self, recipients: pa.Table, addresses: pa.Table | None) -> None:
        """Rows in their order; without `addresses` for those to whom nothing goes."""
        self._waiting.append((recipients.cast(RECIPIENTS), addresses))
        self._held += recipients.num_rows
        while self._held >= PIECE_ROWS:
            self._write(PIECE_ROWS)

    def end(self) -> None:
        """Write what is left."""
        if self._held:
            self._write(self._held)

    def _write(self, rows: int) -> None:
        whole = pa.concat_tables([each for each, _ in self._waiting])
        sealed = [each for _, each in self._waiting if each is not None]
        addresses = pa.concat_tables(sealed).cast(ADDRESSES) if sealed else None
        kept = None if addresses is None else self._seal(addresses.slice(0, rows))
        self.pieces.append(
            Piece(
                part=self._part,
                first=self.rows,
                rows=rows,
                recipients=self._files.put(
                    "recipients", parquet_bytes(whole.slice(0, rows).combine_chunks())
                ),
                addresses=None if kept is None else self._files.put("addresses", kept),
            )
        )
        self.rows += rows
        self._held -= rows
        rest = None if addresses is None else addresses.slice(rows)
        self._waiting = [(whole.slice(rows), rest)] if self._held else []

    def _seal(self, addresses: pa.Table) -> bytes:
        blocks = [
            self._vault.seal_at(
                _place(self._label, self._part, self.rows + start), addresses.slice(start, BLOCK_ROWS)
            )
            for start in range(0, addresses.num_rows, BLOCK_ROWS)
        ]
        sizes = struct.pack(f"<I{len(blocks)}I", len(blocks), *map(len, blocks))
        return sizes + b"".join(blocks)


class PieceReader:
    """Opens recipients and their addresses again. Whoever asks for addresses puts that on record first."""

    def __init__(self, files: ContentStore, vault: Vault, *, label: bytes, pieces: Sequence[Piece]) -> None:
        self._files, self._vault, self._label = files, vault, label
        self._by_part: dict[int, list[Piece]] = {}
        for each in sorted(pieces, key=lambda piece: (piece.part, piece.first)):
            self._by_part.setdefault(each.part, []).append(each)
        self._recipients = lru_cache(maxsize=16)(self._read_recipients)
        self._block = lru_cache(maxsize=256)(self._open_block)
        self._bytes = lru_cache(maxsize=8)(self._files.read)
        self._near = lru_cache(maxsize=64)(self._read_near)
        self._near_addresses = lru_cache(maxsize=64)(self._open_near)

    def recipient(self, part: int, row: int) -> Recipient:
        """One recipient, without addresses."""
        first, known = self.neighbours(part, row)
        return known[row - first]

    def neighbours(self, part: int, row: int) -> tuple[int, Sequence[Recipient]]:
        """The recipients around a row, and the row of the first of them: whoever goes through a part asks once for many."""
        piece = self._piece(part, row)
        first = (row - piece.first) // _NEAR * _NEAR
        return piece.first + first, self._near(self._vault.erased.file(piece.recipients), first)

    def address(self, part: int, row: int) -> Address:
        """The addresses of one recipient."""
        piece = self._piece(part, row)
        if piece.addresses is None:
            return Address()
        at = row - piece.first
        name = self._vault.erased.file(piece.addresses)
        return self._near_addresses(part, piece.first, name, at // _NEAR)[at % _NEAR]

    def every(self) -> Iterator[tuple[Piece, pa.Table]]:
        """All pieces with their recipients, in order of part and row."""
        for part in sorted(self._by_part):
            for piece in self._by_part[part]:
                yield piece, self._recipients_of(piece)

    def without(self, piece: Piece, rows: Sequence[int]) -> bytes:
        """The addresses of a piece without those of some rows of the part, sealed with the newest key. Its bytes are those of the file
        that stands for it now, where nothing changed."""
        assert piece.addresses is not None
        name = self._vault.erased.file(piece.addresses)
        newest = self._vault.sealed_last()
        blocks = []
        for start in range(0, piece.rows, BLOCK_ROWS):
            place = _place(self._label, piece.part, piece.first + start)
            table = self._open_block(piece.part, piece.first, name, start // BLOCK_ROWS)
            gone = [
                row - piece.first - start for row in rows if start <= row - piece.first < start + BLOCK_ROWS
            ]
            blocks.append(newest.seal_at(place, _emptied(table, gone)))
        return struct.pack(f"<I{len(blocks)}I", len(blocks), *map(len, blocks)) + b"".join(blocks)

    def _piece(self, part: int, row: int) -> Piece:
        held = self._by_part.get(part, [])
        at = row // PIECE_ROWS
        if at >= len(held) or not held[at].first <= row < held[at].first + held[at].rows:
            raise WhosawError(
                "notice.no-recipient",
                f"there is no recipient {part}/{row}",
                hint="The workspace is not as it was when they were frozen; restore it from a backup",
            )
        return held[at]

    def _recipients_of(self, piece: Piece) -> pa.Table:
        return self._read_recipients(self._vault.erased.file(piece.recipients))

    def _read_recipients(self, name: str) -> pa.Table:
        return pq.read_table(pa.BufferReader(self._files.read(name)))

    def _read_near(self, name: str, first: int) -> Sequence[Recipient]:
        rows = self._recipients(name).slice(first, _NEAR).to_pylist()
        return tuple(Recipient(**each) for each in rows)

    def _open_near(self, part: int, first: int, name: str, near: int) -> Sequence[Address]:
        at = near * _NEAR
        block = self._block(part, first, name, at // BLOCK_ROWS)
        return tuple(Address(**each) for each in block.slice(at % BLOCK_ROWS, _NEAR).to_pylist())

    def _open_block(self, part: int, first: int, name: str, block: int) -> pa.Table:
        sealed = self._bytes(name)
        (count,) = struct.unpack_from("<I", sealed)
        sizes = struct.unpack_from(f"<{count}I", sealed, 4)
        start = 4 + 4 * count + sum(sizes[:block])
        place = _place(self._label, part, first + block * BLOCK_ROWS)
        return self._vault.open_at(place, sealed[start : start + sizes[block]])


def _emptied(table: pa.Table, rows: Sequence[int]) -> pa.Table:
    """The table with nothing in these rows."""
    if not rows:
        return table
    gone = np.zeros(table.num_rows, np.bool_)
    gone[list(rows)] = True
    nothing = pa.scalar(None, pa.string())
    columns = [pc.if_else(pa.array(gone), nothing, table[name]) for name in table.column_names]
    return pa.table(columns, schema=table.schema)


def _place(label: bytes, part: int, row: int) -> bytes:
    return b"notice addresses " + hashlib.sha256(label).digest() + struct.pack("<IQ", part, row)
