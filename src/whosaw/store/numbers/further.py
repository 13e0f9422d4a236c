"""Numbers for what no segment holds by itself: clients that two lines of one act make together, and ways of reading."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from whosaw.store.digest_words import halves
from whosaw.store.vault import as_column
from whosaw.store.workspace import Workspace

from .allot import allot
from .commit import VAULTED
from .history import IDENTIFIERS, TEXTS, History, load_history
from .known import Numbers
from .texts import with_texts

__all__ = ["number_digests", "number_texts", "with_digests_numbered", "with_texts_numbered"]


def number_digests(workspace: Workspace, kind: str, digests: pa.Array) -> Numbers:
    """The numbers of digests (16 bytes) of a kind of which the vault keeps nothing, in their order; new ones are committed. Only for
    the one who holds the workspace for writing."""
    return _committed(workspace, lambda before: with_digests_numbered(workspace, before, kind, digests))


def number_texts(workspace: Workspace, kind: str, texts: pa.Array) -> Numbers:
    """The numbers of texts without nulls, in their order; new ones are committed with their texts. Only for the one who holds the
    workspace for writing."""
    return _committed(workspace, lambda before: with_texts_numbered(workspace, before, kind, texts))


def _committed(workspace: Workspace, numbered: Callable[[History], tuple[History, Numbers]]) -> Numbers:
    with workspace.numbering:
        before = load_history(workspace.journal, workspace.files)
        after, numbers = numbered(before)
        if after is not before:
            with workspace.journal.transaction() as connection:
                after.store(connection, before)
        return numbers


def with_digests_numbered(
    workspace: Workspace, history: History, kind: str, digests: pa.Array
) -> tuple[History, Numbers]:
    """A state in which these digests have numbers, and the number of each. Its files are written, and nothing is committed."""
    if kind not in IDENTIFIERS or kind in VAULTED:
        raise ValueError(kind)
    workspace.spill.mkdir(exist_ok=True)
    made = allot(
        history.known[kind],
        history.free[kind],
        [(*halves(digests), np.arange(len(digests)))],
        expected=len(digests),
        folder=workspace.spill,
    )
    if made.rows:
        known = history.known[kind].grown((each.run for each in made.fresh()), made.rows)
        history = history.with_kind(kind, known, made.next)
    made.close()
    return history, made.numbers


def with_texts_numbered(
    workspace: Workspace, history: History, kind: str, texts: pa.Array, threads: int = 1
) -> tuple[History, Numbers]:
    """A state in which these texts (without nulls) have numbers, and the number of each. Its files are written, and nothing is
    committed."""
    if kind not in TEXTS:
        raise ValueError(kind)
    coded = pc.dictionary_encode(texts.cast(pa.string()))
    distinct, codes = coded.dictionary, coded.indices.to_numpy()
    workspace.spill.mkdir(exist_ok=True)
    digests = as_column(workspace.vault.digest_all(kind, distinct))
    made = allot(
        history.known[kind], history.free[kind], [(*halves(digests), np.arange(len(distinct)))], expected=len(distinct),
        folder=workspace.spill, threads=threads,
    )  # fmt: skip
    if made.rows:
        known = history.known[kind].grown((each.run for each in made.fresh()), made.rows)
        places = np.concatenate([each.places for each in made.fresh()])
        first = history.given(kind)
        files = with_texts(
            workspace.files, history.texts.get(kind, ()), first, distinct.take(pa.array(places))
        )
        history = history.with_kind(kind, known, made.next, files)
    made.close()
    return history, made.numbers[codes]
