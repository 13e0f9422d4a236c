"""Rows that are handed over between machines in a file, under the digest of its bytes."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pyarrow as pa

from whosaw.core.errors import WhosawError

from .files import write_atomically

__all__ = ["check_handed", "hand_over", "handed_over"]


def hand_over(folder: Path, rows: pa.Table) -> Path:
    """The file in that folder that holds the rows."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_file(sink, rows.schema) as writer:
        writer.write_table(rows.combine_chunks())
    data = memoryview(sink.getvalue())
    path = folder / f"{hashlib.sha256(data).hexdigest()}.arrow"
    if not path.exists():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_atomically(path, data)
    return Path(os.path.abspath(path))


def handed_over(path: Path) -> pa.Table:
    """The rows of such a file, of which only what is looked at is held. Raises `WhosawError` where it is not here, or does not hold what its
    name says."""
    check_handed(path)
    return pa.ipc.open_file(pa.memory_map(str(path))).read_all()


def check_handed(path: Path) -> None:
    """Raise `WhosawError` where a file is not here, or does not hold what its name says."""
    try:
        with path.open("rb") as handle:
            digest = hashlib.file_digest(handle, "sha256").hexdigest()
    except OSError as fault:
        raise WhosawError(
            "runner.no-rows",
            f"an executor does not see {path}",
            hint="The workspace must lie under the same path on all machines",
        ) from fault
    if digest != path.stem:
        raise WhosawError("store.damaged", f"{path} does not hold what its name says", hint="Scan again")
