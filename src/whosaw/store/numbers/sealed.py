"""The vault by number: raw identifiers, and what was taken from them, in sealed blocks of so many numbers.

It is the one place that changes: a block that gets more numbers is written anew, beside the old one, which it then replaces. No part and
no key of a step reads it. A block is bound to its kind and its place, so that none can be put in the place of another, and its key
follows from its very bytes, so that a key meets one message alone, also where a block is written anew.

Numbers that were never committed are free: what a killed run left behind them is dropped when they are given again.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa

from whosaw.core.errors import WhosawError
from whosaw.store.files import flush
from whosaw.store.vault import Vault

from .known import Numbers

__all__ = ["BLOCK_NUMBERS", "SealedRows"]

BLOCK_NUMBERS = 4_096
_FOLDER_BLOCKS = 256


class SealedRows:
    """Rows of one kind by number: `number` and further columns. `kind` names what they are, as person or address."""

    def __init__(self, root: Path, vault: Vault, kind: str, schema: pa.Schema) -> None:
        self._root, self._vault, self._kind = root / "vault" / kind, vault, kind
        self.schema = pa.schema([("number", pa.int32()), *schema])

    def put(self, rows: pa.Table, *, given: int) -> None:
        """Keep rows, whose numbers ascend and were not committed yet: those below `given` were. Blocks are written whole and flushed before
        one of them gets its name, and read back before this returns."""
        rows = rows.cast(self.schema).combine_chunks()
        numbers = rows["number"].to_numpy()
        if len(numbers) and int(numbers[0]) < given:
            raise ValueError("a number that was committed keeps what it stands for")
        blocks = np.unique(numbers // BLOCK_NUMBERS).tolist()
        waiting: list[tuple[Path, Path]] = []
        try:
            for block in blocks:
                start, end = np.searchsorted(numbers, (block * BLOCK_NUMBERS, (block + 1) * BLOCK_NUMBERS))
                whole = self._kept(block, given, rows.slice(start, end - start))
                waiting.append(
                    (self._write(block, self._vault.seal_at(self._place(block), whole)), self.path(block))
                )
            flush([temporary for temporary, _ in waiting])
            for temporary, path in waiting:
                os.replace(temporary, path)
        except OSError as fault:
            raise WhosawError(
                "store.write-failed",
                f"{self._root} could not be written ({fault.strerror})",
                hint="Free some space; what was committed before is intact",
            ) from fault
        finally:
            for temporary, _ in waiting:
                temporary.unlink(missing_ok=True)
        found = self.get(numbers)
        if not found.equals(rows):
            raise WhosawError(
                "vault.not-kept",
                f"{self._root} does not hold what was written to it",
                hint="Check the disk; nothing was committed",
            )

    def drop(self, numbers: Numbers) -> int:
        """Write the blocks of these numbers (ascending) without them; returns how many rows went. Each block is whole before and after."""
        gone = 0
        for block in np.unique(numbers // BLOCK_NUMBERS).tolist():
            rows = self._open(block)
            if rows is None:
                continue
            kept = rows.filter(pa.array(~np.isin(rows["number"].to_numpy(), numbers)))
            if kept.num_rows < rows.num_rows:
                self._put_block(block, kept)
                gone += rows.num_rows - kept.num_rows
        return gone

    def seal_again(self, newest: Vault) -> int:
        """Seal with the newest key what does not open with it; returns how many blocks were written."""
        written = 0
        for path in sorted(self._root.glob("*/*.sealed")):
            block = int(path.stem, 16)
            sealed = path.read_bytes()
            try:
                newest.open_at(self._place(block), sealed)
            except WhosawError:
                self._put_block(block, self._vault.open_at(self._place(block), sealed).cast(self.schema))
                written += 1
        return written

    def clear_parts(self) -> None:
        """Remove what a killed write left. Only for the one who holds the workspace for writing."""
        for path in self._root.glob("*/.*.part"):
            path.unlink(missing_ok=True)

    def _put_block(self, block: int, rows: pa.Table) -> None:
        temporary = self._write(block, self._vault.seal_at(self._place(block), rows.combine_chunks()))
        try:
            flush([temporary])
            os.replace(temporary, self.path(block))
        finally:
            temporary.unlink(missing_ok=True)

    def get(self, numbers: Numbers) -> pa.Table:
        """The rows of these numbers, which ascend; a number without a row has none."""
        parts = [self.schema.empty_table()]
        for block in np.unique(numbers // BLOCK_NUMBERS).tolist():
            start, end = np.searchsorted(numbers, (block * BLOCK_NUMBERS, (block + 1) * BLOCK_NUMBERS))
            rows = self._open(block)
            if rows is not None:
                parts.append(rows.filter(pa.array(np.isin(rows["number"].to_numpy(), numbers[start:end]))))
        return pa.concat_tables(parts).combine_chunks()

    def every(self, given: int) -> Iterator[pa.Table]:
        """All rows of the numbers that were committed, which are those below `given`, block by block."""
        for block in range(-(-given // BLOCK_NUMBERS)):
            rows = self._open(block)
            if rows is not None:
                yield rows.filter(pa.array(rows["number"].to_numpy() < given))

    def path(self, block: int) -> Path:
        """Where a block stands."""
        return self._root / f"{block // _FOLDER_BLOCKS:04x}" / f"{block:08x}.sealed"

    def _place(self, block: int) -> bytes:
        return f"{self._kind} {block}".encode()

    def _kept(self, block: int, given: int, rows: pa.Table) -> pa.Table:
        """What a block holds with these rows."""
        if block * BLOCK_NUMBERS >= given:
            return rows
        before = self._open(block)
        if before is None:
            return rows
        return pa.concat_tables([before.filter(pa.array(before["number"].to_numpy() < given)), rows])

    def _open(self, block: int) -> pa.Table | None:
        try:
            sealed = self.path(block).read_bytes()
        except FileNotFoundError:
            return None
        except OSError as fault:
            raise WhosawError(
                "store.missing",
                f"{self.path(block)} cannot be read ({fault.strerror})",
                hint="Restore it from a backup",
            ) from fault
        return self._vault.open_at(self._place(block), sealed).cast(self.schema)

    def _write(self, block: int, sealed: bytes) -> Path:
        path = self.path(block)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        temporary = path.with_name(f".{path.name}.part")  # one writer; what a kill left is written over
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as handle:
            handle.write(sealed)
        return temporary
