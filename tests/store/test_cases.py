"""Versions of cases are whole, immutable and tied to the custody journal, whatever goes wrong while one is made."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pyroaring import BitMap
from tests.scope.made_document import document
from tests.waiting import HANG

from whosaw.core.canonical_json import canonical_json
from whosaw.core.document import object_of
from whosaw.core.errors import WhosawError
from whosaw.store import statements as sa
from whosaw.store.journal import Journal, tables
from whosaw.store.live_inputs import LiveInput, LiveInputs
from whosaw.store.repositories.cases import CaseStore, bitmap_bytes
from whosaw.store.workspace import Workspace

NOW = datetime(2025, 11, 17, 7, 0, tzinfo=UTC)
SETS = {"held": BitMap([1, 2, 3]), "possible": BitMap([9]), "category:identity.name": BitMap([1, 2, 3])}


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    made = Workspace.open(tmp_path / "ws", create=True)
    yield made
    made.close()


@pytest.fixture
def store(workspace: Workspace) -> CaseStore:
    return CaseStore(workspace)


def entries(workspace: Workspace) -> list[dict[str, Any]]:
    entry = tables.entry
    return workspace.journal.rows(sa.select(entry).order_by(entry.c.seq))


def test_a_version_comes_back_as_it_was_added(store: CaseStore, workspace: Workspace) -> None:
    inputs = LiveInputs(
        rows=(LiveInput(digest="a" * 64, source="web", name="web.log", lines=9, views=3, map=None),)
    )
    assert store.add(canonical_json(document()), SETS, now=NOW, inputs=inputs) == 1
    assert store.add(canonical_json(document(accounts=4)), {"held": BitMap([1, 2, 3, 4])}, now=NOW) == 2
    assert store.add(canonical_json(document("autumn")), SETS, now=NOW) == 1
    assert store.cases() == ["autumn", "spring"]
    got = store.get("spring", 1)
    assert object_of(got) == {
        **document(),
        "version": 1,
        "made": "2025-11-17T07:00:00Z",
        "made_by": workspace.journal.who,
    }
    assert store.sets("spring", 1) == SETS
    assert store.sets("spring", 1, ["possible", "category:none"]) == {"possible": BitMap([9])}
    assert store.inputs("spring", 1) == inputs
    assert store.get("spring").version == 2
    assert [row.version for row in store.versions("spring")] == [1, 2]
    (first, *_) = entries(workspace)
    body = json.loads(first["body"])
    assert (first["kind"], body["case"], body["version"]) == ("scope.version", "spring", 1)
    assert body["document"] == store.row("spring", 1).digest
    assert set(body["sets"]) == set(SETS)
    assert workspace.journal.broken_at() is None


def test_the_digest_is_that_of_the_canonical_document(store: CaseStore) -> None:
    import hashlib

    store.add(canonical_json(document()), SETS, now=NOW)
    assert (
        store.row("spring").digest
        == hashlib.sha256(canonical_json(json.loads(store.text("spring")))).hexdigest()
    )


def test_the_final_version_is_known_and_no_other(store: CaseStore) -> None:
    final = {"by": "user", "at": "2025-11-17T07:00:00Z", "despite": None}
    assert store.final_version("spring") is None
    store.add(canonical_json(document()), SETS, now=NOW)
    assert store.final_version("spring") is None
    store.add(canonical_json(document(final=final)), SETS, now=NOW)
    store.add(canonical_json(document(accounts=4)), SETS, now=NOW)
    assert store.final_version("spring") == 2
    assert [row.final for row in store.versions("spring")] == [False, True, False]


@pytest.mark.parametrize("name", ["", "../out", "kim minsu", "x" * 65, None, 7, ".hidden"])
def test_a_case_without_a_proper_name_is_refused(store: CaseStore, name: object) -> None:
    with pytest.raises(WhosawError, match="a case needs a name"):
        store.add(canonical_json({**document(), "case": name}), SETS, now=NOW)
    assert store.cases() == []


def test_what_is_not_there_is_said_with_what_is(store: CaseStore) -> None:
    with pytest.raises(WhosawError, match="Cases here: none"):
        store.get("spring")
    store.add(canonical_json(document()), SETS, now=NOW)
    with pytest.raises(WhosawError, match="Cases here: spring"):
        store.versions("autumn")
    with pytest.raises(WhosawError, match="It has 1 to 1"):
        store.get("spring", 2)


def _other_document(workspace: Workspace, store: CaseStore) -> None:
    forged = workspace.files.put("scope", canonical_json({**object_of(store.get("spring")), "counts": []}))
    change(workspace, document=forged)


def _other_set(workspace: Workspace, store: CaseStore) -> None:
    fewer = workspace.files.put("persons", bitmap_bytes(BitMap([1])))
    change(workspace, sets=json.dumps({**dict(store.row("spring").sets), "held": fewer}))


def _other_number(workspace: Workspace, store: CaseStore) -> None:
    change(workspace, version=7)


def _other_inputs(workspace: Workspace, store: CaseStore) -> None:
    change(workspace, inputs=workspace.files.put("inputs", b"[]\n"))


def change(workspace: Workspace, **values: Any) -> None:
    with workspace.journal.transaction() as connection:
        connection.execute(tables.case_version.update().values(**values))


@pytest.mark.parametrize("forge", [_other_document, _other_set, _other_number, _other_inputs])
def test_a_version_that_was_changed_behind_the_journal_is_refused(
    store: CaseStore, workspace: Workspace, forge: Callable[[Workspace, CaseStore], None]
) -> None:
    store.add(canonical_json(document()), SETS, now=NOW)
    forge(workspace, store)
    with pytest.raises(WhosawError, match="is not what the custody journal says"):
        store.get("spring"), store.sets("spring"), store.inputs("spring")


def test_a_file_of_a_version_that_was_changed_is_refused(store: CaseStore, workspace: Workspace) -> None:
    store.add(canonical_json(document()), SETS, now=NOW)
    workspace.files.path(store.row("spring").sets["held"]).write_bytes(bitmap_bytes(BitMap([1])))
    with pytest.raises(WhosawError, match="does not hold what its name says"):
        store.sets("spring")


@given(st.sets(st.integers(0, 200_000), max_size=300), st.integers(0, 100_000), st.integers(0, 9_000))
@example({7, 9, 11}, 0, 6)
def test_a_set_has_one_form_however_it_was_made(persons: set[int], start: int, length: int) -> None:
    plain = BitMap(sorted(persons | set(range(start, start + length))))
    grown = BitMap()
    grown.add_range(start, start + 70_000)
    grown.remove_range(start + length, start + 70_000)
    for each in sorted(persons, reverse=True):
        grown.add(each)
    assert bitmap_bytes(plain) == bitmap_bytes(grown)


def test_a_workspace_made_before_there_were_cases_has_none_and_takes_one(
    store: CaseStore, workspace: Workspace
) -> None:
    with workspace.journal.transaction() as connection:
        tables.case_version.drop(connection)
    assert store.cases() == []
    assert store.final_version("spring") is None
    assert store.add(canonical_json(document()), SETS, now=NOW) == 1


def test_a_scan_that_begins_leaves_what_a_version_is_writing(store: CaseStore, workspace: Workspace) -> None:
    writing = workspace.files.root / "part-cases" / ".half.part"
    writing.parent.mkdir(parents=True)
    writing.write_bytes(b"half")
    workspace.files.clear_parts()
    assert writing.exists()
    store.add(canonical_json(document()), SETS, now=NOW)
    assert not writing.exists()


class Stop(BaseException):
    """A kill."""


def _full() -> BaseException:
    return OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.parametrize("end", [_full, Stop], ids=["full disk", "kill"])
def test_a_fault_at_any_step_leaves_what_was_and_nothing_half(
    store: CaseStore, workspace: Workspace, monkeypatch: pytest.MonkeyPatch, end: Callable[[], BaseException]
) -> None:
    store.add(canonical_json(document()), SETS, now=NOW)
    before = store.get("spring"), store.sets("spring"), entries(workspace)
    taken = 0
    fail_at = 0

    def watched(inner: Callable[..., Any]) -> Callable[..., Any]:
        def step(*args: Any, **kwargs: Any) -> Any:
            nonlocal taken
            taken += 1
            if taken == fail_at:
                raise end()
            return inner(*args, **kwargs)

        return step

    for owner, name in ((os, "open"), (os, "fsync"), (os, "replace"), (Path, "mkdir"), (Journal, "record"),
                        (sa.Connection, "execute")):  # fmt: skip
        if end is _full and owner in (Journal, sa.Connection):
            continue  # a database on a full disk answers in its own way: the next test
        monkeypatch.setattr(owner, name, watched(getattr(owner, name)))
    reached, steps, number = 0, 0, None
    while number is None:
        taken, fail_at = 0, reached + 1
        sets = {**SETS, "held": BitMap([fail_at + 10])}  # others each time, so that no file is there already
        fault: BaseException | None = None
        try:
            number = store.add(canonical_json(document(accounts=fail_at)), sets, now=NOW)
        except (WhosawError, Stop) as raised:
            fault = raised
        steps, fail_at = taken, 0
        if number is None:
            reached += 1
            assert isinstance(fault, Stop) or getattr(fault, "code", None) == "store.write-failed"
            assert (store.get("spring"), store.sets("spring"), entries(workspace)) == before
            assert workspace.journal.broken_at() is None
    assert reached == steps >= 10
    assert number == 2
    assert store.sets("spring")["held"] == BitMap([reached + 11])


def test_a_journal_on_a_full_disk_takes_no_version(
    store: CaseStore, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.add(canonical_json(document()), SETS, now=NOW)
    before = entries(workspace)

    unlimited = workspace.journal._opens

    def limited() -> sa.Connection:
        connection = unlimited()
        pages = connection.run("PRAGMA page_count").scalar()
        connection.run(f"PRAGMA max_page_count = {pages}")
        return connection

    workspace.journal.close()
    monkeypatch.setattr(workspace.journal, "_opens", limited)
    failed = None
    for number in range(200):  # until the pages that are there already are full
        try:
            store.add(canonical_json(document(accounts=number)), SETS, now=NOW)
        except WhosawError as fault:
            failed = fault
            break
    assert failed is not None
    assert (failed.code, "full" in failed.message) == ("journal.failed", True)
    monkeypatch.setattr(workspace.journal, "_opens", unlimited)
    workspace.journal.close()
    versions = store.versions("spring")
    assert [row.version for row in versions] == list(range(1, number + 2))
    assert len(entries(workspace)) == len(before) + number
    assert workspace.journal.broken_at() is None
    assert store.add(canonical_json(document()), SETS, now=NOW) == number + 2


PROGRAM = """\
import sys
from datetime import UTC, datetime
from pathlib import Path
from pyroaring import BitMap
from whosaw.core.canonical_json import canonical_json
from whosaw.store.repositories.cases import CaseStore
from whosaw.store.workspace import Workspace
workspace = Workspace.open(Path(sys.argv[1]))
store, now = CaseStore(workspace), datetime(2025, 11, 17, tzinfo=UTC)
sys.stdout.write("ready\\n"); sys.stdout.flush(); sys.stdin.readline()
for number in range(12):
    store.add(canonical_json({"case": sys.argv[2], "n": number, "from": sys.argv[3], "final": None}), {"held": BitMap([number])}, now=now)
    with workspace.journal.transaction() as connection:
        workspace.journal.record(connection, "exported", {"n": number}, now=now)
"""


def test_processes_that_write_at_the_same_moment_all_succeed(workspace: Workspace, store: CaseStore) -> None:
    """Two on one case, one on another, and each also writes entries of its own."""
    running = [
        subprocess.Popen([sys.executable, "-c", PROGRAM, str(workspace.root), case, str(number)],
                         stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for number, case in enumerate(("spring", "spring", "autumn"))
    ]  # fmt: skip
    for process in running:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in running:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    for process in running:
        _, told = process.communicate(timeout=HANG)
        assert process.returncode == 0, told
    assert [row.version for row in store.versions("spring")] == list(range(1, 25))
    assert [row.version for row in store.versions("autumn")] == list(range(1, 13))
    made = [json.loads(store.text("spring", number)) for number in range(1, 25)]
    for writer in ("0", "1"):
        assert [each["n"] for each in made if each["from"] == writer] == list(range(12))
    assert len(entries(workspace)) == 72
    assert workspace.journal.broken_at() is None
