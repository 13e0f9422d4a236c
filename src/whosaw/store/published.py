"""Numbers in tables that leave the house. A ledger number says in which order people were met, and is the same in every export; a
published one is neither: it is the ledger number under a key of that publication alone.

AES under one key is a permutation of 16 bytes, so no two numbers meet, and whoever has the vault's key finds back. FIPS 197.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa

from whosaw.core.errors import WhosawError

from .keyed_digest import Bytes, decrypt_blocks, encrypt_blocks
from .sql import Session, quote_text

__all__ = ["PublishedNumbers", "write_in_no_order"]

_BLOCK: Final = 16
_MARK: Final = 8  # bytes that say of which kind a number is
_ROW_GROUP: Final = 122_880


def _mark(kind: str) -> Bytes:
    return np.frombuffer(hashlib.sha256(f"published {kind}".encode()).digest()[:_MARK], np.uint8)


class PublishedNumbers:
    """The numbers of one publication, 32 characters each. `key`: 32 bytes."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def of(self, kind: str) -> Callable[[Sequence[int | None]], list[str | None]]:
        """What turns ledger numbers of a kind into published ones; none stays none."""
        mark = _mark(kind)

        def publish(numbers: Sequence[int | None]) -> list[str | None]:
            blocks = np.empty((len(numbers), _BLOCK), np.uint8)
            blocks[:, :_MARK] = mark
            blocks[:, _MARK:] = np.array([each or 0 for each in numbers], "<i8").view(np.uint8).reshape(-1, 8)
            told = encrypt_blocks(self._key, blocks).tobytes().hex()
            width = 2 * _BLOCK
            return [
                None if each is None else told[width * at : width * (at + 1)]
                for at, each in enumerate(numbers)
            ]

        return publish

    def back(self, published: str, kinds: Iterable[str]) -> tuple[str, int]:
        """The kind and the ledger number that a published one stands for. Raises `WhosawError` for one of no such kind, or of another
        publication."""
        try:
            block = np.frombuffer(bytes.fromhex(published), np.uint8)
        except ValueError:
            block = np.empty(0, np.uint8)
        if len(block) == _BLOCK:
            plain = decrypt_blocks(self._key, block.reshape(1, _BLOCK)).reshape(-1)
            for kind in kinds:
                if np.array_equal(plain[:_MARK], _mark(kind)):
                    return kind, int(plain[_MARK:].copy().view("<i8")[0])
        raise WhosawError(
            "published.not-of-it",
            f"{published[:40]!r} is no number of this publication",
            hint="Copy it whole, 32 characters, from a table whose tables.json names this publication",
        )


def write_in_no_order(
    rows: Iterable[pa.RecordBatch],
    schema: pa.Schema,
    output: Path,
    *,
    spill: Path,
    memory_bytes: int = 1 << 30,
) -> int:
    """Write rows as one Parquet file, sorted by all their columns, so that their order tells nothing of where they came from. What does
    not fit the memory goes through the folder `spill`. Returns how many rows there are."""
    with Session(memory_bytes=memory_bytes, spill=spill) as session:
        session.keep_rows("found", rows, schema)
        session.execute(
            f"COPY (SELECT * FROM found ORDER BY ALL) TO {quote_text(str(output))} "
            f"(FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {_ROW_GROUP})"
        )
        return int(session.query("SELECT count(*) AS n FROM found")["n"][0].as_py())
