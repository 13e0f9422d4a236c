"""The vault by number: raw identifiers, and what was taken from them, in sealed blocks of so many numbers.

It is the one place that changes: a block that gets more numbers is written anew, beside the old one, which it then replaces. Where the files
of the workspace are in an object store so are the blocks, and none is kept here. No part and no key of a step reads it. A block is bound to its kind and its place, so that none can be put in the place of another, and its key
follows from its very bytes, so that a key meets one message alone, also where a block is written anew.

Numbers that were never committed are free: what a killed run left behind them is dropped when they are given again.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from whosaw.core.errors import WhosawError
from whosaw.store.files import flush
from whosaw.store.side_by_side import in_order
from whosaw.store.vault import VAULT, Vault

from .known import Numbers

if TYPE_CHECKING:
    from whosaw.store.objects.space import Space

__all__ = ["BLOCK_NUMBERS", "SealedRows", "blocks_there"]

BLOCK_NUMBERS = 4_096
_FOLDER_BLOCKS = 256


def blocks_there(root: Path, kind: str, *, space: Space | None = None) -> list[int]:
    """The blocks of a kind that there are, in order."""
    if space is not None:
        names = list(space.keys(f"{VAULT}/{kind}"))
    else:
        names = [path.name for path in (root / VAULT / kind).glob("*/*.sealed")]
    return sorted(int(each.rpartition("/")[2].removesuffix(".sealed"), 16) for each in names)


class SealedRows:
    """Rows of one kind by number: `number` and further columns. `kind` names what they are, as person or address."""

    def __init__(
        self, root: Path, vault: Vault, kind: str, schema: pa.Schema, *, space: Space | None = None
    ) -> None:
        self._root, self._vault, self._kind = root / VAULT / kind, vault, kind
        self._space = space
        self.schema = pa.schema([("number", pa.int32()), *schema])

    def put(self, rows: pa.Table, *, given: int, threads: int = 1) -> None:
        """Keep rows, whose numbers ascend and were not committed yet: those below `given` were. Blocks are written whole and flushed before
        one of them gets its name, and read back before this returns."""
        rows = rows.cast(self.schema).combine_chunks()
        numbers = rows["number"].to_numpy()
        if len(numbers) and int(numbers[0]) < given:
            raise ValueError("a number that was committed keeps what it stands for")
        cuts = list(_cut(numbers))

        def sealed(cut: tuple[int, int, int]) -> bytes:
            block, start, end = cut
            whole = self._kept(block, given, rows.slice(start, end - start))
            return self._vault.seal_at(self._place(block), whole.combine_chunks())

        def same(cut: tuple[int, int, int]) -> bool:
            block, start, end = cut
            found = self._of_block(block, numbers[start:end])
            return found is not None and found.equals(rows.slice(start, end - start))

        with ThreadPoolExecutor(threads, thread_name_prefix="sealing") as pool:
            made = list(in_order(pool, sealed, cuts, ahead=threads + 1))
            self._put_blocks({block: data for (block, _, _), data in zip(cuts, made, strict=True)})
            kept = all(in_order(pool, same, cuts, ahead=threads + 1))
        if not kept:
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
                self._put_blocks({block: self._vault.seal_at(self._place(block), kept.combine_chunks())})
                gone += rows.num_rows - kept.num_rows
        return gone

    def seal_again(self, newest: Vault) -> int:
        """Seal with the newest key what does not open with it; returns how many blocks were written."""
        written = 0
        for block in blocks_there(self._root.parent.parent, self._kind, space=self._space):
            sealed = self._read(block)
            try:
                newest.open_at(self._place(block), sealed or b"")
            except WhosawError:
                rows = self._vault.open_at(self._place(block), sealed or b"").cast(self.schema)
                self._put_blocks({block: self._vault.seal_at(self._place(block), rows.combine_chunks())})
                written += 1
        return written

    def clear_parts(self) -> None:
        """Remove what a killed write left. Only for the one who holds the workspace for writing."""
        for path in self._root.glob("*/.*.part"):
            path.unlink(missing_ok=True)

    def _put_blocks(self, sealed: Mapping[int, bytes]) -> None:
        """Write blocks anew. All of them are flushed before one gets its name."""
        if self._space is not None:
            self._space.put({self._key(block): data for block, data in sealed.items()})
            return
        waiting: list[tuple[Path, Path]] = []
        try:
            for block, data in sealed.items():
                waiting.append((self._write(block, data), self.path(block)))
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

    def _read(self, block: int) -> bytes | None:
        if self._space is not None:
            return self._space.get(self._key(block))
        try:
            return self.path(block).read_bytes()
        except FileNotFoundError:
            return None
        except OSError as fault:
            raise WhosawError(
                "store.missing",
                f"{self.path(block)} cannot be read ({fault.strerror})",
                hint="Restore it from a backup",
            ) from fault

    def _key(self, block: int) -> str:
        return f"{VAULT}/{self._kind}/{self._name(block)}"

    def get(self, numbers: Numbers) -> pa.Table:
        """The rows of these numbers, which ascend; a number without a row has none."""
        parts = [self.schema.empty_table()]
        for block, start, end in _cut(numbers):
            rows = self._of_block(block, numbers[start:end])
            if rows is not None:
                parts.append(rows)
        return pa.concat_tables(parts).combine_chunks()

    def every(self, given: int, *, since: int = 0) -> Iterator[pa.Table]:
        """All rows of the numbers that were committed, which are those below `given`, block by block; or of those from `since` on."""
        for block in range(since // BLOCK_NUMBERS, -(-given // BLOCK_NUMBERS)):
            rows = self._open(block)
            if rows is not None:
                numbers = rows["number"].to_numpy()
                yield rows.filter(pa.array((numbers >= since) & (numbers < given)))

    def path(self, block: int) -> Path:
        """Where a block stands in the folder."""
        return self._root / self._name(block)

    def _name(self, block: int) -> str:
        return f"{block // _FOLDER_BLOCKS:04x}/{block:08x}.sealed"

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

    def _of_block(self, block: int, wanted: Numbers) -> pa.Table | None:
        """The rows of a block that have one of these numbers; None where there is no block."""
        rows = self._open(block)
        if rows is None:
            return None
        held = rows["number"].to_numpy()
        return rows if np.array_equal(held, wanted) else rows.filter(pa.array(np.isin(held, wanted)))

    def _open(self, block: int) -> pa.Table | None:
        sealed = self._read(block)
        if sealed is None:
            return None
        return self._vault.open_at(self._place(block), sealed).cast(self.schema)

    def _write(self, block: int, sealed: bytes) -> Path:
        path = self.path(block)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        temporary = path.with_name(f".{path.name}.part")  # one writer; what a kill left is written over
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as handle:
            handle.write(sealed)
        return temporary


def _cut(numbers: Numbers) -> Iterator[tuple[int, int, int]]:
    """Of numbers, which ascend, each block with the first of its positions and the one behind its last."""
    for block in np.unique(numbers // BLOCK_NUMBERS).tolist():
        start, end = np.searchsorted(numbers, (block * BLOCK_NUMBERS, (block + 1) * BLOCK_NUMBERS)).tolist()
        yield block, start, end
