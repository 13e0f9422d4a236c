"""What steps ask of numbers: the digests and texts behind them, and numbers for what is new. Several threads ask at once.

Numbers of new texts are given at once and committed together (`settle`), before anything is committed that has them: each day of a
first scan brings some, and a file for each would cost more than the day. What a kill loses is given again.
"""

from __future__ import annotations

from collections.abc import Mapping
from threading import Lock
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from whosaw.store.digest_words import halves
from whosaw.store.files import ContentStore
from whosaw.store.vault import COVERED, DIGEST_BYTES, Vault, as_column
from whosaw.store.workspace import Workspace

from .allot import MOST_DENSE, full, in_order_of_digest
from .further import with_digests_numbered
from .history import TEXTS, History, load_history
from .known import Numbers, Run
from .texts import texts_of, with_texts

__all__ = ["CONTENT", "AskedNumbers", "KnownNumbers"]

CONTENT: Final = "content"
"""The kind of the numbers of contents, whose digest is what their files are told apart by."""


class KnownNumbers:
    """The numbers of one state of history. `files` tells the files of contents apart."""

    def __init__(self, store: ContentStore, vault: Vault, history: History) -> None:
        self.files: Mapping[int, bytes] = {}
        self._store, self._vault, self._history = store, vault, history

    def renew(self, history: History, files: Mapping[int, bytes]) -> None:
        """Another state, where the numbers are those of another machine."""
        self._history, self.files = history, files

    def digests(self, kind: str, numbers: pa.Array) -> pa.Array:
        """The first digests of numbers, in their order; of contents what tells their files apart."""
        asked = _plain(numbers)
        self._settle(kind)
        if kind == CONTENT:
            return pa.array([self.files[each] for each in asked.tolist()], pa.binary(32))
        held = self._history.known[kind].digests(asked)
        if kind in COVERED:
            held = self._vault.first(held)
        return pa.FixedSizeBinaryArray.from_buffers(
            pa.binary(16), len(held), [None, pa.py_buffer(held.tobytes())]
        )

    def texts(self, kind: str, numbers: pa.Array) -> pa.Array:
        """The texts of numbers of a kind that is kept in clear, in their order."""
        self._settle(kind)
        return texts_of(self._store, self._history.texts.get(kind, ()), _plain(numbers))

    def _settle(self, kind: str) -> None:
        """Take care that all numbers of a kind that were given are in the history."""

    def bits(self, _kind: str, rows: pa.Table) -> npt.NDArray[np.uint64] | None:
        """The first bits of the digest of whom each row is about: of the person, where nobody is named of the client."""
        if not {"person", "client"} <= set(rows.column_names):
            return None
        found = np.zeros(rows.num_rows, np.uint64)
        person = rows["person"].combine_chunks()
        named = person.is_valid().to_numpy(zero_copy_only=False)
        for kind, numbers, here in (
            ("person", person.filter(pa.array(named)), named),
            ("client", rows["client"].combine_chunks().filter(pa.array(~named)), ~named),
        ):
            known, at = np.unique(_plain(numbers), return_inverse=True)
            if len(known):
                found[here] = halves(self.digests(kind, pa.array(known)))[0][at]
        return found


class AskedNumbers(KnownNumbers):
    """The numbers of one workspace as they are, and as they become. Only for the one who holds it for writing."""

    def __init__(self, workspace: Workspace) -> None:
        super().__init__(workspace.files, workspace.vault, load_history(workspace.journal, workspace.files))
        self._workspace = workspace
        self._lock = Lock()
        self._new: dict[
            str, dict[bytes, str]
        ] = {}  # by kind and digest the texts that are not committed, in order of numbers

    def numbers(self, kind: str, values: pa.Array) -> pa.Array:
        """The numbers of texts that are kept in clear, or of digests; what has none is given one, which is committed."""
        if isinstance(values, pa.ChunkedArray):
            values = values.combine_chunks()
        coded = pc.dictionary_encode(values)
        distinct = coded.dictionary
        digests = (
            as_column(self._workspace.vault.digest_all(kind, distinct))
            if kind in TEXTS
            else self._kept(kind, distinct)
        )
        with self._lock:
            found = self._found(kind, digests)
            if (found < 0).any():
                found = (
                    self._named(kind, found, digests, distinct)
                    if kind in TEXTS
                    else self._given(kind, digests)
                )
        return pa.array(found[coded.indices.to_numpy()])

    def _kept(self, kind: str, firsts: pa.Array) -> pa.Array:
        """First digests as they are kept."""
        if kind not in COVERED or not len(firsts):
            return firsts
        rows = np.frombuffer(b"".join(firsts.to_pylist()), np.uint8).reshape(-1, DIGEST_BYTES)
        return as_column(self._workspace.vault.kept(rows))

    def _named(self, kind: str, found: Numbers, digests: pa.Array, texts: pa.Array) -> Numbers:
        """Numbers of texts, of which some are not known: new ones get the next, in the order of their digests."""
        new = self._new.setdefault(kind, {})
        first = self._history.given(kind)
        lacking = np.flatnonzero(found < 0).tolist()
        told = {at: digests[at].as_py() for at in lacking}
        for at in sorted(lacking, key=told.__getitem__):
            new.setdefault(told[at], texts[at].as_py())
        if first + len(new) > MOST_DENSE:
            raise full(kind)
        places = {digest: first + place for place, digest in enumerate(new)}
        found[lacking] = [places[told[at]] for at in lacking]
        return found

    @property
    def history(self) -> History:
        """The numbers there are, all of them committed."""
        self.settle()
        return self._history

    def settle(self) -> None:
        """Commit the texts that were given numbers."""
        for kind in list(self._new):
            self._settle(kind)

    def _settle(self, kind: str) -> None:
        with self._lock:
            new = self._new.pop(kind, None)
            if not new:
                return
            with self._workspace.numbering:
                before = self._renewed()
                first = before.given(kind)
                high, low = halves(pa.array(list(new), pa.binary(16)))
                order = in_order_of_digest(high, low)
                run = Run(high=high[order], low=low[order], numbers=first + order)
                known = before.known[kind].grown([run], len(new))
                files = with_texts(
                    self._workspace.files,
                    before.texts.get(kind, ()),
                    first,
                    pa.array(list(new.values()), pa.string()),
                )
                self._commit(before, before.with_kind(kind, known, {0: first + len(new)}, files))

    def _renewed(self) -> History:
        """The state as it is committed now: a round of a watch numbers what it reads while days are made."""
        self._history = self._history.renewed(load_history(self._workspace.journal, self._workspace.files))
        return self._history

    def _commit(self, before: History, after: History) -> None:
        with self._workspace.journal.transaction() as connection:
            after.store(connection, before)
        self._history = after

    def _given(self, kind: str, digests: pa.Array) -> Numbers:
        with self._workspace.numbering:
            before = self._renewed()
            after, found = with_digests_numbered(self._workspace, before, kind, digests)
            if after is not before:
                self._commit(before, after)
            return np.array(found)  # it may stand in a file that the next one writes

    def _found(self, kind: str, digests: pa.Array) -> Numbers:
        high, low = halves(digests)
        order = in_order_of_digest(high, low)
        found = np.empty(len(order), np.int64)
        found[order] = self._history.known[kind].find(high[order], low[order])
        return found


def _plain(numbers: pa.Array | pa.ChunkedArray) -> Numbers:
    return np.asarray(numbers.to_numpy(), np.int64)
