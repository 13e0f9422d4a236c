"""Addresses of recipients that were frozen: whose they are, and their end. Who was told, when and by what stays, by keyed digest."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from whosaw.app.sending.manifest import EXCLUDED, Manifest, open_pieces, read_manifest
from whosaw.store.erased import CONTACT, move_files
from whosaw.store.erasing import Digests
from whosaw.store.files import parquet_bytes
from whosaw.store.rekeying import Over, rekeyed
from whosaw.store.sending.pieces import Piece, PieceReader
from whosaw.store.sending.sending_store import SendingRow, SendingStore
from whosaw.store.workspace import Workspace

__all__ = [
    "address_files",
    "drop_addresses",
    "kept_addresses",
    "kept_in",
    "recipient_files",
    "rekeyed_recipients",
    "seal_addresses_again",
    "take_addresses",
]


def kept_addresses(workspace: Workspace, digests: Digests) -> tuple[int, int]:
    """How many frozen recipients with addresses these are, and how many of them still wait for their notice."""
    kept = waiting = 0
    with _frozen(workspace) as frozen:
        for row, _, reader, store in frozen:
            last = {(each.part, each.row): each.state for each in store.attempts(row.id)}
            for piece, rows in _rows_of(reader, digests):
                kept += sum(reader.address(piece.part, each).known for each in rows)
                waiting += sum(
                    last.get((piece.part, each), "planned") in ("planned", "leased", "deferred")
                    for each in rows
                )
    return kept, waiting


def take_addresses(workspace: Workspace, digests: Digests) -> tuple[int, frozenset[str]]:
    """Take the addresses of these people out of all that was frozen. Returns of how many recipients, and all files of addresses that are
    still named."""
    taken = 0
    with _frozen(workspace) as frozen:
        for _, _, reader, _ in frozen:
            for piece, rows in _rows_of(reader, digests):
                held = [each for each in rows if reader.address(piece.part, each).known]
                if held:
                    _replace(workspace, piece, reader.without(piece, held))
                    taken += len(held)
    workspace.vault.erased.forget()
    return taken, address_files(workspace)


def kept_in(workspace: Workspace, row: SendingRow) -> int:
    """How many recipients of one list have an address."""
    manifest = read_manifest(workspace.files, workspace.journal, row)
    reader = open_pieces(workspace.files, workspace.vault, manifest.label, manifest.pieces)
    return sum(
        reader.address(each.part, each.first + at).known
        for each in _kept(manifest)
        for at in range(each.rows)
    )


def _kept(manifest: Manifest) -> list[Piece]:
    return [each for each in manifest.pieces if each.addresses is not None]


def drop_addresses(workspace: Workspace, row: SendingRow) -> int:
    """Take the addresses of everybody out of one list. Returns of how many recipients."""
    manifest = read_manifest(workspace.files, workspace.journal, row)
    reader = open_pieces(workspace.files, workspace.vault, manifest.label, manifest.pieces)
    dropped = 0
    for piece in _kept(manifest):
        everybody = range(piece.first, piece.first + piece.rows)
        held = [each for each in everybody if reader.address(piece.part, each).known]
        if held:
            _replace(workspace, piece, reader.without(piece, held))
            dropped += len(held)
    workspace.vault.erased.forget()
    return dropped


def address_files(workspace: Workspace) -> frozenset[str]:
    """All files of addresses that something names, those in whose place another stands left out."""
    named: set[str] = set()
    with _frozen(workspace) as frozen:
        for _, manifest, _, _ in frozen:
            named.update(
                workspace.vault.erased.file(each.addresses)
                for each in manifest.pieces
                if each.addresses is not None
            )
    return frozenset(named)


def seal_addresses_again(workspace: Workspace) -> int:
    """Seal all addresses with the newest key, and return how many files that were."""
    written = 0
    with _frozen(workspace) as frozen:
        for _, manifest, reader, _ in frozen:
            for piece in manifest.pieces:
                if piece.addresses is not None:
                    written += _replace(workspace, piece, reader.without(piece, ()))
    workspace.vault.erased.forget()
    return written


def rekeyed_recipients(workspace: Workspace, over: Over) -> list[tuple[str, str]]:
    """Files of recipients with their digests under another key, beside the names that lists have of them. Nothing is in force yet."""
    made: list[tuple[str, str]] = []
    with _frozen(workspace) as frozen:
        for _, _, reader, _ in frozen:
            for piece, rows in reader.every():
                new = workspace.files.put("recipients", parquet_bytes(rekeyed(rows, "who", over)))
                made.append((piece.recipients, new))
    return made


def recipient_files(workspace: Workspace) -> list[str]:
    """All files of recipients that something names, those in whose place another stands left out."""
    with _frozen(workspace) as frozen:
        return [
            workspace.vault.erased.file(piece.recipients)
            for _, manifest, _, _ in frozen
            for piece in manifest.pieces
        ]


def _replace(workspace: Workspace, piece: Piece, data: bytes) -> bool:
    """Have other bytes stand for the addresses of a piece; whether they are others."""
    assert piece.addresses is not None
    old = workspace.vault.erased.file(piece.addresses)
    new = workspace.files.put("addresses", data)
    if new == old:
        return False
    with workspace.journal.transaction() as connection:
        move_files(connection, [(piece.addresses, new)])
    workspace.vault.erased.forget()
    workspace.remove([old])
    return True


def _rows_of(reader: PieceReader, digests: Digests) -> Iterator[tuple[Piece, list[int]]]:
    """The pieces with these people, and their rows of the part."""
    wanted = pa.array([each for kind in ("person", CONTACT) for each in digests.get(kind, ())], pa.binary(16))
    for piece, rows in reader.every():
        if piece.part != EXCLUDED and piece.addresses is not None:
            column = rows["who"].combine_chunks().cast(pa.binary(16))
            found = np.flatnonzero(np.asarray(pc.is_in(column, wanted)))
            if len(found):
                yield piece, [piece.first + int(each) for each in found]


class _frozen:  # noqa: N801  # a statement, as `suppress` is
    """All lists that were frozen, with what opens them."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._close: Callable[[], None] = lambda: None

    def __enter__(self) -> Iterator[tuple[SendingRow, Manifest, PieceReader, SendingStore]]:
        if not SendingStore.there(self._workspace.root):
            return iter(())
        store = SendingStore(self._workspace.root)
        self._close = store.close
        return self._each(store)

    def _each(self, store: SendingStore) -> Iterator[tuple[SendingRow, Manifest, PieceReader, SendingStore]]:
        opened = self._workspace
        for row in store.every():
            manifest = read_manifest(opened.files, opened.journal, row)
            yield (
                row,
                manifest,
                open_pieces(opened.files, opened.vault, manifest.label, manifest.pieces),
                store,
            )

    def __exit__(self, *_: object) -> None:
        self._close()
