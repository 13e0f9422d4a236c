"""What was worked out from runs, kept with rows beside it until the next round; it may be lost at any time."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from whosaw.store.files import parquet_bytes
from whosaw.store.remembered import forget, recall, remember
from whosaw.store.workspace import Workspace

__all__ = ["keep", "keep_only", "recalled", "recalled_in_part"]

_FILES: Final = "remembered"  # the kind of these files in the store


def recalled(workspace: Workspace, name: str) -> tuple[Any, pa.Table] | None:
    """The document and the rows that were remembered under a name, where the rows are there."""
    told = recalled_in_part(workspace, name)
    return None if told is None else (json.loads(told[0]), told[1]())


def recalled_in_part(workspace: Workspace, name: str) -> tuple[str, Callable[[], pa.Table]] | None:
    """The text of the document, and what reads the rows, for whoever may not need them."""
    told = recall(workspace.journal, name)
    if told is None:
        return None
    document, file = told
    if file is None or not (path := workspace.files.path(file)).is_file():
        return None
    return document, lambda: pq.read_table(path, use_threads=False)


def keep(workspace: Workspace, name: str, document: Any, rows: pa.Table | None) -> None:
    """Remember a document in JSON's types and rows, in place of what was remembered under that name."""
    before = recall(workspace.journal, name)
    file = None if rows is None else workspace.files.put(_FILES, parquet_bytes(rows))
    remember(workspace.journal, name, document, file)
    if before is not None and before[1] not in (None, file):
        workspace.remove([str(before[1])])


def keep_only(workspace: Workspace, begin: str, names: Collection[str]) -> None:
    """Forget what was remembered under other names than these that begin so."""
    files = forget(workspace.journal, begin, names)
    if files:
        workspace.remove(files)
