"""Every keyed digest that a workspace keeps, and where one of some stands in it, in whatever form."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

import pyarrow.parquet as pq
from tests.erasing.looking import everything


def digests_of(root: Path) -> dict[bytes, str]:
    """Every digest, by the kind of file that has it."""
    found: dict[bytes, str] = {}
    for name, column in (("identities", "digest"), ("clients", "digest"), ("recipients", "who")):
        for path in root.rglob(f"*.{name}"):
            found.update(dict.fromkeys(map(bytes, pq.read_table(path)[column].to_pylist()), name))
    with closing(sqlite3.connect(root / "journal.sqlite")) as journal:
        if journal.execute("SELECT 1 FROM sqlite_master WHERE name = 'erased_digest'").fetchone():
            rows = journal.execute("SELECT digest FROM erased_digest").fetchall()
            found.update({bytes.fromhex(told): "erased" for (told,) in rows})
    return found


def where_found(root: Path, digests: Iterable[bytes]) -> set[str]:
    """The files and sealed blocks, by the kind of their name, that hold one of these: as bytes, as words of a number, or in digits."""
    asked = [
        form
        for each in digests
        for form in (each, each[:8][::-1], each.hex().encode(), each.hex().upper().encode())
    ]
    return {
        place.rpartition(".")[2] for place, data in everything(root) if any(form in data for form in asked)
    }
