"""Looks for identifiers in all that a workspace is: every byte of every file, every sealed block opened, every column of text."""

from __future__ import annotations

import base64
import contextlib
import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from whosaw.core.errors import WhosawError
from whosaw.store.vault import Vault
from whosaw.store.workspace import Workspace


def spelled(text: str) -> dict[str, bytes]:
    """An identifier as files may hold it. In base64 it may begin at any of three places."""
    plain = text.encode()
    found = {
        "plain": plain,
        "upper": text.upper().encode(),
        "lower": text.lower().encode(),
        "hex": plain.hex().encode(),
        "HEX": plain.hex().upper().encode(),
        "utf-16-le": text.encode("utf-16-le"),
        "utf-16-be": text.encode("utf-16-be"),
    }
    for shift in range(3):
        told = base64.b64encode(b"\0" * shift + plain)
        found[f"base64+{shift}"] = told[4 if shift else 0 : len(told) // 4 * 4 - 4]
    return found


def where_named(root: Path, texts: list[str], key_file: Path | None = None) -> list[tuple[str, str]]:
    """(file or sealed block, spelling) of each place that holds one of these."""
    asked = [(how, bytes_) for text in texts for how, bytes_ in spelled(text).items()]
    return sorted(
        {
            (where, how)
            for where, data in everything(root, key_file)
            for how, bytes_ in asked
            if bytes_ in data
        }
    )


def everything(root: Path, key_file: Path | None = None) -> Iterator[tuple[str, bytes]]:
    """All files as they are, then what is sealed or packed in them. What cannot be opened fails the test."""
    workspace = Workspace.open(root, key_file=key_file)
    vault = workspace.vault
    workspace.close()
    for path in sorted(root.rglob("*")):
        if not path.is_file():
            continue
        data, name = path.read_bytes(), str(path.relative_to(root))
        yield name, data
        if data[:4] == b"PAR1":
            yield f"{name} (rows)", _cells(pq.read_table(pa.BufferReader(data)))
        elif name.endswith(".vault"):
            yield f"{name} (opened)", _cells(vault.open_every_block(data))
        elif name.endswith(".sealed"):
            yield (
                f"{name} (opened)",
                _cells(vault.open_at(f"{path.parts[-3]} {int(path.stem, 16)}".encode(), data)),
            )
        elif name.endswith(".facts"):
            yield f"{name} (opened)", _facts(vault, data)
    with contextlib.closing(sqlite3.connect(root / "journal.sqlite")) as journal:
        for (state,) in journal.execute("SELECT state FROM segment WHERE state IS NOT NULL"):
            yield "state of a parser", (vault.open_text(state) or "").encode()


def _facts(vault: Vault, data: bytes) -> bytes:
    for place in (b"facts of persons", b"persons whose id another begins with"):
        with contextlib.suppress(WhosawError):
            return _cells(vault.open_at(place + b", identifier-facts", data))
    raise AssertionError("facts that open nowhere")


def addresses(root: Path, key_file: Path | None = None) -> bytes:
    """All addresses that are kept for notices, opened."""
    from whosaw.app.sending.manifest import open_pieces, read_manifest
    from whosaw.store.sending.sending_store import SendingStore

    workspace = Workspace.open(root, key_file=key_file)
    store = SendingStore(root)
    told = []
    for row in store.every():
        manifest = read_manifest(workspace.files, workspace.journal, row)
        pieces = open_pieces(workspace.files, workspace.vault, manifest.label, manifest.pieces)
        for piece, rows in pieces.every():
            told += [
                repr(vars_of(pieces.address(piece.part, piece.first + at))) for at in range(rows.num_rows)
            ]
    store.close()
    workspace.close()
    return "\n".join(told).encode()


def vars_of(address: object) -> dict[str, str | None]:
    return {name: getattr(address, name) for name in ("email", "phone", "post", "name")}


def _cells(table: pa.Table) -> bytes:
    return json.dumps(
        table.to_pydict(), default=lambda each: each.hex() if isinstance(each, bytes) else str(each)
    ).encode()
