"""The keyed chain of the journal: every edit shows, a stolen key rewrites nothing before it, and no kill looks like an edit."""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from whosaw.core.canonical_json import canonical_json
from whosaw.core.custody import BROKEN, CANNOT_TELL, HOLDS, Entry, Heard, heard
from whosaw.core.errors import WhosawError
from whosaw.store import custody_check
from whosaw.store import statements as sa
from whosaw.store.custody import KEY_LOST, START, message
from whosaw.store.custody_check import database_faults, recent, whole
from whosaw.store.custody_key import public_half
from whosaw.store.journal import Journal, entry_hash, tables

NOW = datetime(2026, 11, 27, 9, tzinfo=UTC)
ENTRIES = 12


def write(journal: Journal, count: int = 1, *, kind: str = "reidentified") -> None:
    for number in range(count):
        with journal.transaction() as connection:
            journal.record(connection, kind, {"number": number}, now=NOW + timedelta(minutes=number))


@contextmanager
def opened(folder: Path, who: str = "tester") -> Iterator[Journal]:
    journal = Journal.at(folder / "journal.sqlite", who=who)
    try:
        yield journal
    finally:
        journal.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "ws"
    made.mkdir()
    with opened(made) as journal:
        journal.create()
        write(journal, ENTRIES)
    return made


@contextmanager
def edited(folder: Path) -> Iterator[sqlite3.Connection]:
    """The database as anybody opens it who knows SQLite and nothing of whosaw."""
    connection = sqlite3.connect(folder / "journal.sqlite")
    try:
        with connection:
            yield connection
    finally:
        connection.close()


def both(folder: Path) -> tuple[Any, Any]:
    with opened(folder) as journal:
        return recent(journal), whole(journal)


def slots(folder: Path) -> tuple[Any, ...]:
    with opened(folder) as journal:
        return journal.keys.state().slots


# -- what holds


def test_a_journal_holds_and_its_key_file_has_the_key_of_the_next_entry_alone(folder: Path) -> None:
    for standing in both(folder):
        assert (standing.answer, standing.why) == (HOLDS, ())
        assert (standing.entries, standing.keyed_from) == (ENTRIES, 1)
    (slot,) = slots(folder)
    assert slot.entry == ENTRIES + 1
    assert (folder / "custody.key").stat().st_mode & 0o777 == 0o600
    assert (folder / "custody.key").read_bytes().count(b"WHOSAWK1") == 1


def test_every_key_signs_one_entry_and_is_gone_after_it(tmp_path: Path) -> None:
    seen: list[bytes] = []
    with opened(tmp_path) as journal:
        journal.create()
        for _ in range(6):
            write(journal)
            file = (tmp_path / "custody.key").read_bytes()
            assert not [key for key in seen if key in file]
            (slot,) = journal.keys.state().slots
            seen.append(slot.key)
            named = journal.rows(
                sa.select(tables.custody.c.next).order_by(tables.custody.c.seq.desc()).limit(1)
            )
            assert named[0]["next"] == slot.public
    assert len(set(seen)) == 6


def taken_back(journal: Journal) -> None:
    with journal.transaction() as connection:
        for _ in range(3):
            journal.record(connection, "scan.begin", {}, now=NOW)
        raise WhosawError("test.stop", "what was written is taken back")


def test_several_entries_of_one_transaction_and_one_that_is_taken_back(folder: Path) -> None:
    with opened(folder) as journal:
        with journal.transaction() as connection:
            for _ in range(4):
                journal.record(connection, "scan.begin", {}, now=NOW)
        with pytest.raises(WhosawError):
            taken_back(journal)
        assert recent(journal).answer == HOLDS
        write(journal)
    for standing in both(folder):
        assert (standing.answer, standing.entries) == (HOLDS, ENTRIES + 5)


# -- what is edited in the database alone


def rehash(connection: sqlite3.Connection, first: int) -> None:
    """What a careful forger does who has no key: make all hashes from one entry on fit again."""
    connection.row_factory = sqlite3.Row
    rows = [dict(row) for row in connection.execute("SELECT * FROM journal ORDER BY seq")]
    previous = "0" * 64
    connection.execute("UPDATE journal SET hash = 'x' || seq WHERE seq >= ?", [first])
    for row in rows:
        digest = entry_hash(replace(Entry(**row), previous=previous))
        if row["seq"] >= first:
            connection.execute(
                "UPDATE journal SET previous = ?, hash = ? WHERE seq = ?", [previous, digest, row["seq"]]
            )
        previous = digest


def update(connection: sqlite3.Connection) -> None:
    connection.execute("UPDATE journal SET who = 'somebody else' WHERE seq = 5")


def update_and_rehash(connection: sqlite3.Connection) -> None:
    update(connection)
    rehash(connection, 5)


def delete(connection: sqlite3.Connection) -> None:
    connection.execute("DELETE FROM journal WHERE seq = 5")


def delete_and_close_ranks(connection: sqlite3.Connection) -> None:
    for table in ("journal", "custody"):
        connection.execute(f"DELETE FROM {table} WHERE seq = 5")
        connection.execute(f"UPDATE {table} SET seq = -seq WHERE seq > 5")
        connection.execute(f"UPDATE {table} SET seq = -seq - 1 WHERE seq < 0")
    rehash(connection, 5)


def cut(connection: sqlite3.Connection) -> None:
    for table in ("journal", "custody"):
        connection.execute(f"DELETE FROM {table} WHERE seq > 9")


def cut_all(connection: sqlite3.Connection) -> None:
    for table in ("journal", "custody"):
        connection.execute(f"DELETE FROM {table}")


def cut_and_leave_signatures(connection: sqlite3.Connection) -> None:
    connection.execute("DELETE FROM journal WHERE seq > 9")


def take_early_signatures(connection: sqlite3.Connection) -> None:
    connection.execute("DELETE FROM custody WHERE seq < 5")


def insert(connection: sqlite3.Connection) -> None:
    connection.execute("DROP TRIGGER IF EXISTS journal_is_signed")
    connection.execute(
        "INSERT INTO journal SELECT seq + 1, time, 'x', kind, body, hash, 'y' FROM journal WHERE seq = ?",
        [ENTRIES],
    )
    rehash(connection, ENTRIES + 1)


def insert_signed(connection: sqlite3.Connection) -> None:
    """An entry that fits in every way but that its key is not the one that was named."""
    insert(connection)
    own, following = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
    (digest,) = connection.execute("SELECT hash FROM journal WHERE seq = ?", [ENTRIES + 1]).fetchone()
    signature = own.sign(message(digest, public_half(following))).hex()
    connection.execute(
        "INSERT INTO custody VALUES (?, ?, ?, ?)",
        [ENTRIES + 1, public_half(own), public_half(following), signature],
    )


def unsign(connection: sqlite3.Connection) -> None:
    connection.execute("DROP TABLE custody")


def swap_signatures(connection: sqlite3.Connection) -> None:
    rows = connection.execute("SELECT seq, signature FROM custody WHERE seq IN (5, 6)").fetchall()
    for (seq, _), (_, signature) in zip(rows, rows[::-1], strict=True):
        connection.execute("UPDATE custody SET signature = ? WHERE seq = ?", [signature, seq])


EDITS: list[tuple[Callable[[sqlite3.Connection], None], str]] = [
    (update, "entry 5 was changed after it was written"),
    (update_and_rehash, "the signature of entry 5 does not fit it"),
    (delete, "entries between were removed"),
    (delete_and_close_ranks, "the signature of entry 5 does not fit it"),
    (cut, f"entries up to {ENTRIES} were written, and the journal ends with entry 9: its end was cut"),
    (cut_and_leave_signatures, "the journal ends with entry 9: its end was cut"),
    (take_early_signatures, "the first signature is that of entry 5"),
    (cut_all, f"{ENTRIES} entries were written and signed, and the journal holds 0"),
    (insert, f"entry {ENTRIES + 1} is not signed"),
    (insert_signed, f"entry {ENTRIES + 1} is signed with another key than entry {ENTRIES} names"),
    (unsign, f"{ENTRIES} entries were written and signed"),
    (swap_signatures, "the signature of entry 5 does not fit it"),
]


@pytest.mark.parametrize(("edit", "why"), EDITS, ids=[each.__name__ for each, _ in EDITS])
def test_every_edit_shows(folder: Path, edit: Callable[[sqlite3.Connection], None], why: str) -> None:
    with edited(folder) as connection:
        edit(connection)
    for standing in both(folder):
        assert standing.answer == BROKEN
        assert why in " | ".join(standing.why)


@pytest.mark.parametrize(("edit", "why"), EDITS, ids=[each.__name__ for each, _ in EDITS])
def test_an_edit_still_shows_after_more_was_written(
    folder: Path, edit: Callable[[sqlite3.Connection], None], why: str
) -> None:
    assert why
    with edited(folder) as connection:
        edit(connection)
    with opened(folder) as journal:
        write(journal, 3)
        assert whole(journal).answer == BROKEN


def test_a_cut_end_is_written_down_by_the_next_entry(folder: Path) -> None:
    with edited(folder) as connection:
        cut(connection)
    with opened(folder) as journal:
        write(journal)
        start, _ = journal.rows(sa.select(tables.entry).where(tables.entry.c.seq > 9))
    assert start["kind"] == START
    told = json.loads(start["body"])
    assert (told["because"], told["covers"], told["written"]) == ("later entries are gone", 9, ENTRIES)
    assert [standing.answer for standing in both(folder)] == [BROKEN, BROKEN]


# -- who has the key of today


def resigned(folder: Path, first: int, stolen: Ed25519PrivateKey) -> None:
    """The forger changes an entry, makes all hashes fit, and signs everything from there on, the last with the stolen key."""
    with edited(folder) as connection:
        update(connection)
        rehash(connection, first)
        key, rows = (
            Ed25519PrivateKey.generate(),
            connection.execute(
                "SELECT seq, hash FROM journal WHERE seq >= ? ORDER BY seq", [first]
            ).fetchall(),
        )
        for seq, digest in rows:
            following = stolen if seq == ENTRIES else Ed25519PrivateKey.generate()
            signature = key.sign(message(digest, public_half(following))).hex()
            connection.execute(
                "UPDATE custody SET key = ?, next = ?, signature = ? WHERE seq = ?",
                [public_half(key), public_half(following), signature, seq],
            )
            key = following


def test_who_steals_the_key_of_today_cannot_rewrite_yesterday(folder: Path) -> None:
    (slot,) = slots(folder)
    resigned(folder, 5, slot.private())
    for standing in both(folder):
        assert standing.answer == BROKEN
        assert standing.why == (
            "entry 5 is signed with another key than entry 4 names: what stood behind that one is gone",
        )


def test_who_exchanges_the_whole_of_it_is_told_by_the_root_alone(folder: Path) -> None:
    (slot,) = slots(folder)
    before = both(folder)[1].head
    resigned(folder, 1, slot.private())
    for standing in both(folder):
        assert standing.answer == BROKEN
        assert "entry 1 is not the one up to which the journal was checked" in standing.why[0]
    data = bytearray((folder / "custody.key").read_bytes())
    data[2 * 4096 :] = bytes(4096)  # who may write that file, too
    (folder / "custody.key").write_bytes(data)
    standing = both(folder)[1]
    assert standing.answer == HOLDS  # nothing inside contradicts itself: what was noted elsewhere does
    assert standing.head.root != before.root
    assert standing.head.hash != before.hash


# -- the key file


def test_a_lost_key_cannot_be_told_from_a_cut_end_and_stays_on_record(folder: Path) -> None:
    (folder / "custody.key").unlink()
    for standing in both(folder):
        assert standing.answer == CANNOT_TELL
        assert "the custody key is gone" in standing.why[0]
    with opened(folder) as journal:
        write(journal, 2)
        kinds = [row["kind"] for row in journal.rows(sa.select(tables.entry).order_by(tables.entry.c.seq))]
        assert kinds[-3:] == [START, "reidentified", "reidentified"]
        (start,) = journal.entries(START)
        assert json.loads(start.body)["because"] == KEY_LOST
    for standing in both(folder):
        assert standing.answer == CANNOT_TELL
        assert standing.why[0].startswith(f"from entry {ENTRIES + 1} on there is a new key")


def test_a_key_file_from_another_day_shows(folder: Path, tmp_path: Path) -> None:
    shutil.copy(folder / "custody.key", tmp_path / "yesterday")
    with opened(folder) as journal:
        write(journal, 2)
    shutil.copy(tmp_path / "yesterday", folder / "custody.key")
    assert both(folder)[0].answer == BROKEN
    (folder / "custody.key").write_bytes(b"\0" * 3 * 4096)
    assert "emptied or damaged" in both(folder)[0].why[0]


def test_a_key_file_that_others_may_read_is_refused(folder: Path) -> None:
    (folder / "custody.key").chmod(0o640)
    with opened(folder) as journal, pytest.raises(WhosawError) as told:
        write(journal)
    assert told.value.code == "custody.open-key"
    (folder / "custody.key").chmod(0o600)
    with opened(folder) as journal:  # nothing was left locked
        write(journal)
    assert both(folder)[0].entries == ENTRIES + 1


def test_a_journal_that_was_not_keyed_begins_with_a_clear_entry(folder: Path) -> None:
    unkeyed(folder)
    for standing in both(folder):
        assert (standing.answer, standing.keyed_from, standing.head) == (HOLDS, None, None)
    with opened(folder) as journal:
        last = journal.rows(sa.select(tables.entry.c.hash).where(tables.entry.c.seq == ENTRIES))[0]["hash"]
        write(journal)
        (start,) = journal.entries(START)
    assert start.seq == ENTRIES + 1
    assert json.loads(start.body) == {
        "because": "entries were not signed before", "chain": "holds", "covers": ENTRIES, "head": last,
    }  # fmt: skip
    for standing in both(folder):
        assert (standing.answer, standing.keyed_from, standing.entries) == (HOLDS, ENTRIES + 1, ENTRIES + 2)
    with edited(folder) as connection:
        update_and_rehash(connection)  # of before, but the first signature covers it
    assert [standing.answer for standing in both(folder)] == [BROKEN, BROKEN]


def unkeyed(folder: Path) -> None:
    """A journal as an earlier release left it."""
    with edited(folder) as connection:
        connection.execute("DROP TRIGGER journal_is_signed")
        connection.execute("DROP TABLE custody")
    (folder / "custody.key").unlink()


def test_a_broken_journal_that_begins_to_be_keyed_says_so(folder: Path) -> None:
    unkeyed(folder)
    with edited(folder) as connection:
        update(connection)
    with opened(folder) as journal:
        write(journal)
        (start,) = journal.entries(START)
        assert json.loads(start.body)["chain"] == "does not hold from entry 5 on"
        assert whole(journal).answer == BROKEN


@pytest.mark.parametrize("old", [False, True])
def test_a_release_that_does_not_sign_cannot_go_on_with_a_signed_journal(folder: Path, old: bool) -> None:
    if old:
        unkeyed(folder)
        with opened(folder) as journal:
            write(journal)
    with (
        edited(folder) as connection,
        pytest.raises(sqlite3.IntegrityError, match="a newer whosaw signs its entries"),
    ):
        connection.execute(
            "INSERT INTO journal SELECT seq + 9, time, who, kind, body, hash, 'y' FROM journal WHERE seq = 12"
        )


# -- the checkpoint


def test_a_lost_key_that_is_on_record_does_not_make_every_command_check_all(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(custody_check, "_APART", 10)
    (folder / "custody.key").unlink()
    with opened(folder) as journal:
        write(journal)
        assert recent(journal).answer == CANNOT_TELL  # said once, then by `check` alone
        assert recent(journal).answer == HOLDS
        assert whole(journal).answer == CANNOT_TELL


def test_what_was_checked_is_not_checked_again_and_still_cannot_be_edited(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(custody_check, "_APART", 10)
    assert both(folder)[0].answer == HOLDS
    with opened(folder) as journal:
        point = journal.keys.state().checkpoint
        assert point is not None
        assert point.entry == ENTRIES
        followed: list[int] = []
        real = custody_check.Follower.entry
        monkeypatch.setattr(
            custody_check.Follower, "entry", lambda self, row, *more: (followed.append(row.seq), real(self, row, *more))
        )  # fmt: skip
        write(journal, 2)
        assert recent(journal).answer == HOLDS
        assert followed == [ENTRIES + 1, ENTRIES + 2]
    for edit, _ in EDITS[:1] + EDITS[2:5]:
        copy = folder.parent / edit.__name__
        shutil.copytree(folder, copy)
        with edited(copy) as connection:
            edit(connection)
        with opened(copy) as journal:
            if (
                edit is update
            ):  # an entry that nobody reads, before the checkpoint: `check` finds it, and who reads it does
                assert recent(journal).answer == HOLDS
                token = heard.set(Heard())
                journal.entries("reidentified")
                assert heard.get().doubts[copy] == ["entry 5 was changed after it was written"]  # type: ignore[union-attr]
                heard.reset(token)
            else:
                assert recent(journal).answer == BROKEN, edit.__name__
            assert whole(journal).answer == BROKEN


def test_an_entry_whose_own_hash_was_made_to_fit_is_doubted_by_who_reads_it(folder: Path) -> None:
    with edited(folder) as connection:
        update(connection)
        connection.row_factory = sqlite3.Row
        row = dict(connection.execute("SELECT * FROM journal WHERE seq = 5").fetchone())
        connection.execute("UPDATE journal SET hash = ? WHERE seq = 5", [entry_hash(Entry(**row))])
    token = heard.set(listening := Heard())
    with opened(folder) as journal:
        journal.entries()
    heard.reset(token)
    assert listening.doubts[folder] == ["entry 5 was changed after it was written"]


# -- kills, and others who write


KILLER = """\
import itertools, os, shutil, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from whosaw.store.custody_check import recent, whole
from whosaw.store.journal import Journal
from whosaw.store.statements import Connection
NOW = datetime(2026, 11, 27, 9, tzinfo=UTC)
base, work, kind = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
step, stop, after = 0, 0, False
def watched(owner, name):
    real = getattr(owner, name)
    def inner(*args, **kwargs):
        global step
        step += 1
        if step == stop and not after: os.kill(os.getpid(), signal.SIGKILL)
        if step == stop and name == "pwrite":  # half of it: a torn write
            real(args[0], args[1][: len(args[1]) // 2], args[2]); os.kill(os.getpid(), signal.SIGKILL)
        answer = real(*args, **kwargs)
        if step == stop: os.kill(os.getpid(), signal.SIGKILL)
        return answer
    setattr(owner, name, inner)
def write(journal, count):
    with journal.transaction() as connection:
        for _ in range(count): journal.record(connection, "scan.begin", {}, now=NOW)
points = survived = 0
for stop in itertools.count(1):
    ended = 0
    for after in (False, True):
        shutil.rmtree(work, ignore_errors=True); shutil.copytree(base, work)
        journal = Journal.at(work / "journal.sqlite", who="t"); had = whole(journal).entries; journal.close()
        child = os.fork()
        if child == 0:
            for owner, name in ((os, "pwrite"), (os, "fdatasync"), (os, "fsync"), (Connection, "commit")): watched(owner, name)
            journal = Journal.at(work / "journal.sqlite", who="t")
            if kind == "fresh": journal.create()
            write(journal, 2 if kind == "two" else 1)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        killed = os.WIFSIGNALED(status)
        assert killed or os.WEXITSTATUS(status) == 0, status
        ended += not killed
        journal = Journal.at(work / "journal.sqlite", who="t")
        if kind == "fresh": journal.create()
        for standing in (whole(journal), recent(journal), whole(journal)):
            assert standing.answer == "holds", (stop, after, standing)
        now = standing.entries
        added = {"two": 2, "old": 2}.get(kind, 1)
        assert now in (had, had + added), (stop, after, had, now)
        survived += now > had
        # a key that has signed is gone once somebody opened the journal
        assert now == 0 or not [each for each in journal.keys.state().slots if each.entry <= now and standing.keyed_from], (stop, after)
        write(journal, 1); write(journal, 1)
        standing = whole(journal)
        assert standing.answer == "holds", (stop, after, standing)
        assert len(journal.keys.state().slots) == 1
        assert standing.entries == now + 2 + (1 if kind == "old" and now == had else 0), (stop, after, standing)
        journal.close()
        points += killed
    if ended == 2: break
print(points, survived)
"""


@pytest.mark.parametrize("kind", ["one", "two", "fresh", "old"])
def test_a_kill_at_any_point_loses_nothing_and_never_looks_like_an_edit(
    folder: Path, tmp_path: Path, kind: str
) -> None:
    base = folder
    if kind == "fresh":
        base = tmp_path / "empty"
        base.mkdir()
        with opened(base) as journal:
            journal.create()
    if kind == "old":
        unkeyed(folder)
    done = subprocess.run(
        [sys.executable, "-c", KILLER, str(base), str(tmp_path / "work"), kind],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    points, survived = map(int, done.stdout.split())
    assert points >= 8
    assert 0 < survived < 2 * points


WRITER = """\
import sys
from datetime import UTC, datetime
from pathlib import Path
from whosaw.store.journal import Journal
journal = Journal.at(Path(sys.argv[1]) / "journal.sqlite", who=sys.argv[2])
for number in range(25):
    with journal.transaction() as connection:
        journal.record(connection, "scan.begin", {"n": number}, now=datetime(2026, 11, 27, tzinfo=UTC))
"""


def test_writers_and_readers_at_once_never_alarm(folder: Path) -> None:
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(folder), name], stderr=subprocess.PIPE)
        for name in ("a", "b")
    ]
    with opened(folder) as journal:

        def more() -> None:
            write(journal, 25)

        threads = [Thread(target=more) for _ in range(2)]
        for thread in threads:
            thread.start()
        looked = 0
        while (
            looked <= 10
            or any(writer.poll() is None for writer in writers)
            or any(thread.is_alive() for thread in threads)
        ):
            standing = recent(journal)
            assert (standing.answer, standing.why) == (HOLDS, ())
            looked += 1
        for thread in threads:
            thread.join()
        for writer in writers:
            _, told = writer.communicate()
            assert writer.returncode == 0, told
        standing = whole(journal)
    assert (standing.answer, standing.entries) == (HOLDS, ENTRIES + 100)


# -- the database itself


def test_a_damaged_database_is_said(folder: Path) -> None:
    with opened(folder) as journal:
        assert database_faults(journal) == []
    with edited(folder) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    file = folder / "journal.sqlite"
    data = bytearray(file.read_bytes())
    for page in range(2, len(data) // 4096):
        data[page * 4096 + 8 : page * 4096 + 64] = b"\xff" * 56
    file.write_bytes(data)
    with opened(folder) as journal:
        assert database_faults(journal)


def test_the_signature_is_over_what_the_page_says(folder: Path) -> None:
    with opened(folder) as journal:
        entry = journal.entries()[4]
        (row,) = journal.rows(sa.select(tables.custody).where(tables.custody.c.seq == 5))
    own = {name: getattr(entry, name) for name in ("seq", "time", "who", "kind", "body")}
    digest = hashlib.sha256(entry.previous.encode() + canonical_json(own)).digest()
    key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(row["key"]))
    key.verify(bytes.fromhex(row["signature"]), b"whosaw custody 1\n" + digest + bytes.fromhex(row["next"]))
