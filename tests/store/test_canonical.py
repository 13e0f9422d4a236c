"""What a ledger says has one digest, however its lines came."""

from __future__ import annotations

import random
import sqlite3
from pathlib import Path

from tests.chain.shop_log import KEY, MAP, NOW, shop_lines

from whosaw.app.scan import scan
from whosaw.store.canonical import LedgerDigest, ledger_digest
from whosaw.store.workspace import journal_of


def digest_of(root: Path) -> LedgerDigest:
    journal = journal_of(root)
    try:
        return ledger_digest(root, journal)
    finally:
        journal.close()


def read(folder: Path, name: str, *scans: list[str], key: bytes = KEY) -> Path:
    """A workspace that read these parts of a log, a scan each."""
    root = folder / name
    root.mkdir()
    (root / "vault.key").write_bytes(key)
    (root / "vault.key").chmod(0o600)
    (folder / "map.toml").write_text(MAP)
    for number, part in enumerate(scans):
        log = folder / f"{name}-{number}.log"
        log.write_text("".join(f"{line}\n" for line in part))
        scan([str(log)], root, now=NOW, map_path=folder / "map.toml")
    return root


def test_the_same_lines_have_one_digest_however_they_were_cut_and_ordered(tmp_path: Path) -> None:
    lines = [line for line in shop_lines(500) if line != "torn li"]
    whole = digest_of(read(tmp_path, "whole", lines))
    parts = [lines[start : start + 130] for start in range(0, 500, 130)]
    random.Random(3).shuffle(parts)
    assert digest_of(read(tmp_path, "cut", *parts)) == whole
    assert {each.table for each in whole.tables if each.rows} >= {
        "views",
        "exposures",
        "clients",
        "activity",
        "hours",
    }


def test_one_line_more_and_another_key_have_other_digests(tmp_path: Path) -> None:
    lines = shop_lines(200)
    whole = digest_of(read(tmp_path, "whole", lines))
    more = digest_of(read(tmp_path, "more", [*lines, *shop_lines(1, seed=9)]))
    other = digest_of(read(tmp_path, "other", lines, key=KEY[::-1]))
    assert len({whole.sha256, more.sha256, other.sha256}) == 3
    assert [each.rows for each in other.tables] == [each.rows for each in whole.tables]


def test_a_table_that_differs_is_named(tmp_path: Path) -> None:
    root = read(tmp_path, "whole", shop_lines(200))
    before = {each.table: each.sha256 for each in digest_of(root).tables}
    with sqlite3.connect(root / "journal.sqlite") as database:
        database.execute("UPDATE hour SET events = events + 1 WHERE hour = (SELECT min(hour) FROM hour)")
    after = {each.table: each.sha256 for each in digest_of(root).tables}
    assert {name for name in before if before[name] != after[name]} == {"hours"}
