"""Workspaces move their numbers into history without their logs: every number stands for what it stood for."""

from __future__ import annotations

import json
import os
import shutil
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from whosaw.cli.main import app
from whosaw.core import client
from whosaw.store import statements as sa
from whosaw.store.files import ContentStore
from whosaw.store.journal import Journal, tables
from whosaw.store.ledger import LedgerReader
from whosaw.store.ledger_check import ledger_parts
from whosaw.store.live_files import files_in_force
from whosaw.store.numbers.check import history_faults, sealed_faults
from whosaw.store.numbers.commit import VAULTED, sealed_raws
from whosaw.store.numbers.facts import OfIndex, keep_facts, kept_rows, known_facts
from whosaw.store.numbers.history import History, load_history, number_tables
from whosaw.store.numbers.known import Known, Run
from whosaw.store.numbers.migrate import migrate_numbers
from whosaw.store.numbers.people import OfHistory
from whosaw.store.numbers.raws import Identities
from whosaw.store.numbers.sealed import SealedRows
from whosaw.store.numbers.segments import NumbersFiles
from whosaw.store.numbers.spare import differences
from whosaw.store.numbers.texts import texts_of
from whosaw.store.sql import Session
from whosaw.store.vault import KINDS, Vault
from whosaw.store.workspace import Workspace

KEPT = Path(__file__).parents[1] / "old_workspaces"
ARCHIVES = sorted(KEPT.glob("*.tar.gz"))
MAP = ("--map", str(KEPT / "map.toml"), "--context", str(KEPT / "context"))


pytestmark = pytest.mark.usefixtures("without_detection")  # numbers are given by the tests


def command(*words: str) -> dict[str, Any]:
    done = CliRunner().invoke(app, [*words, "--json"])
    assert done.exit_code == 0, done.output
    return dict(json.loads(done.stdout))


def unpacked(archive: Path, into: Path) -> Path:
    with tarfile.open(archive) as packed:
        packed.extractall(into, filter="data")
    return into / "ws"


def made_now(into: Path) -> Path:
    """A workspace of the present program; its log is gone."""
    logs = into / "logs"
    logs.mkdir()
    shutil.copy(KEPT / "access.log", logs)
    command("scan", str(logs), *MAP, "--workspace", str(into / "ws"))
    shutil.rmtree(logs)
    return into / "ws"


@pytest.fixture(autouse=True)
def digests_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    """Segments keep their digests: they are what numbers are held against here."""
    monkeypatch.setattr("whosaw.store.index.update.let_go", lambda *_: None)


@pytest.fixture(params=[*ARCHIVES, None], ids=lambda path: path.name.partition(".")[0] if path else "present")
def workspace(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Workspace]:
    opened = Workspace.open(unpacked(request.param, tmp_path) if request.param else made_now(tmp_path))
    yield opened
    opened.close()


@pytest.fixture
def newest(tmp_path: Path) -> Iterator[Workspace]:
    opened = Workspace.open(unpacked(ARCHIVES[-1], tmp_path))
    yield opened
    opened.close()


def raw_before(workspace: Workspace) -> dict[tuple[str, int], str]:
    reader = LedgerReader(workspace)
    names = {code: kind for kind, code in KINDS.items()}
    rows = Identities(reader).every(dict.fromkeys(VAULTED, 0)).to_pylist()
    reader.close()
    assert rows
    return {(names[row["kind"]], row["number"]): row["raw"] for row in rows}


def raw_after(workspace: Workspace, history: History) -> dict[tuple[str, int], str]:
    return {
        (kind, row["number"]): row["raw"]
        for kind in VAULTED
        for rows in sealed_raws(workspace, kind).every(history.given(kind))
        for row in rows.to_pylist()
    }


def of_index(workspace: Workspace, kind: str) -> list[dict[str, Any]]:
    names = files_in_force(workspace.journal, [kind])
    return list(pa.concat_tables([pq.read_table(workspace.files.path(name)) for name in names]).to_pylist())


def numbers_stay(workspace: Workspace, history: History) -> None:
    """Every code of every segment has the number that the index gives its digest, and its client's traits are the same."""
    known = {(row["kind"], row["digest"]): row["number"] for row in of_index(workspace, "identities")}
    clients = {row["digest"]: row for row in of_index(workspace, "clients")}
    segment = tables.segment
    for row in workspace.journal.rows(sa.select(segment).where(segment.c.live)):
        files, made = (
            json.loads(row["files"]),
            NumbersFiles(workspace.files).of(row["id"], history.numbered[row["id"]]),
        )
        codes = pq.read_table(workspace.files.path(files["identities"])).to_pylist()
        assert made.identities.tolist() == [known[each["kind"], each["digest"]] for each in codes]
        local = pq.read_table(workspace.files.path(files["clients"]))["digest"].to_pylist()
        assert made.clients.tolist() == [clients[each]["client"] for each in local]
        for digest, carried in zip(local, made.traits.to_pylist(), strict=True):
            for name in client.NUMBERED:
                assert carried[name] == clients[digest][name]
            for name in client.CLEAR:
                number = carried[name]
                text = (
                    None
                    if number is None
                    else texts_of(workspace.files, history.texts[name], np.array([number]))[0].as_py()
                )
                assert text == clients[digest][name]


def test_every_number_stands_for_what_it_stood_for(workspace: Workspace) -> None:
    before = raw_before(workspace)
    index = workspace.journal.rows(sa.select(tables.index).order_by(tables.index.c.id))
    answers = [command("who", person, "--workspace", str(workspace.root)) for person in ("107", "777")]
    history = migrate_numbers(workspace)
    assert raw_after(workspace, history) == before
    numbers_stay(workspace, history)
    assert [*history_faults(history), *sealed_faults(workspace, history)] == []
    for row in of_index(workspace, "clients")[:9]:
        assert history.known["client"].digests(np.array([row["client"]])).tobytes() == row["digest"]
    for kind in client.CLEAR:  # in the order of their digests
        texts = texts_of(
            workspace.files, history.texts.get(kind, ()), np.arange(history.given(kind))
        ).to_pylist()
        assert texts == sorted(texts, key=lambda text, kind=kind: workspace.vault.digest(kind, text))
    reader = LedgerReader(workspace)
    by_index = keep_facts(OfIndex(reader), claims=True)
    rows = pa.concat_tables(kept_rows(workspace))
    held = {row["person"]: row["value"] for row in by_index.numbers.to_pylist()}
    reader.close()
    assert held == {
        number: int(raw.rpartition("\x1f")[2]) for (kind, number), raw in before.items() if kind == "person"
    }
    with Session() as session:  # and the same from the vault by number, when nothing is kept
        of_history = known_facts(OfHistory(workspace, history, session), claims=True)
        with workspace.journal.transaction() as connection:
            workspace.journal.set_setting(connection, "identifier-facts", "{}")
        anew = keep_facts(OfHistory(workspace, history, session), claims=True)
    assert pa.concat_tables(kept_rows(workspace)).equals(rows)
    assert of_history.numbers.equals(anew.numbers)
    assert anew.numbers.equals(by_index.numbers)
    for facts in (of_history, anew):
        assert facts.spellings() == by_index.spellings()
        assert (facts.longer, facts.covered, facts.shapes) == (
            by_index.longer,
            by_index.covered,
            by_index.shapes,
        )
    known = {raw.partition("\x1f")[2]: number for (kind, number), raw in before.items() if kind == "person"}
    assert anew.claims.to_pylist() == [
        {"principal": number, "person": known[raw]}
        for (kind, number), raw in sorted(before.items(), key=lambda each: each[0][1])
        if kind == "principal" and raw in known
    ]
    # what the program of now reads is as it was
    assert workspace.journal.rows(sa.select(tables.index).order_by(tables.index.c.id)) == index
    assert [
        command("who", person, "--workspace", str(workspace.root)) for person in ("107", "777")
    ] == answers
    assert list(differences(workspace, history)) == []


def runs_of(known: Known) -> list[tuple[np.ndarray, ...]]:  # type: ignore[type-arg]
    """Its digests and numbers, in memory: its files go once a later state has them in others."""
    return [
        tuple(np.array(getattr(run, each)) for each in ("high", "low", "numbers")) for run in known.runs()
    ]


def test_lines_that_come_later_get_further_numbers(newest: Workspace, tmp_path: Path) -> None:
    before = migrate_numbers(newest)
    runs = {kind: runs_of(known) for kind, known in before.known.items()}
    logs = tmp_path / "logs"
    logs.mkdir()
    shutil.copy(KEPT / "access.log", logs)
    stranger = '203.0.113.9 - p901 [09/Mar/2025:09:00:00 +0000] "GET /patients/901/record HTTP/1.1" 200 512 "-" "Other/1.0"\n'
    (logs / "access.log.new").write_text((KEPT / "more.log").read_text() + stranger)
    command("scan", str(logs), *MAP, "--workspace", str(newest.root))
    after = load_history(newest.journal, newest.files)
    assert list(history_faults(after)) == []
    for kind, held in runs.items():
        for high, low, numbers in held:
            assert after.known[kind].find(high, low).tolist() == numbers.tolist()
    assert after.given("client") == before.given("client") + 1
    assert texts_of(newest.files, after.texts["agent"], np.array([before.given("agent")])).to_pylist() == [
        "Other/1.0"
    ]
    assert raw_after(newest, after)["person", before.given("person")].endswith("901")
    assert list(differences(newest, after)) == []


EVERY = 1 if os.environ.get("WHOSAW_WIDE") else 3  # things that are written, between two kills


class KilledError(Exception):
    pass


def test_a_kill_at_each_write_and_transaction_is_made_good(
    newest: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = raw_before(newest)
    other = Workspace.open(Path(shutil.copytree(newest.root, tmp_path / "whole")))
    expected = migrate_numbers(other)
    other.close()

    def killing(whole: Callable[..., object], left: list[int]) -> Callable[..., object]:
        def call(*arguments: object, **more: object) -> object:
            if left[0] == 0:
                raise KilledError
            left[0] -= 1
            return whole(*arguments, **more)

        return call

    kills = 0
    for at in range(0, 100, EVERY):  # each time one thing further than the step that was cut began with
        with monkeypatch.context() as patched:
            left = [at]
            for owner, name in (
                (ContentStore, "put"),
                (Vault, "seal_at"),
                (Journal, "transaction"),
                (Journal, "set_setting"),
            ):
                patched.setattr(owner, name, killing(getattr(owner, name), left))
            root = tmp_path / f"killed-{at}"
            cut = Workspace.open(Path(shutil.copytree(newest.root, root)))
            try:
                migrate_numbers(cut)
                ended = True
            except KilledError:
                ended, kills = False, kills + 1
        if not ended:
            assert load_history(cut.journal, cut.files).numbered == {}
        assert raw_before(cut) == before  # what is there now is not touched
        found = migrate_numbers(cut)
        assert (found.files(), found.free, found.numbered) == (
            expected.files(),
            expected.free,
            expected.numbered,
        )
        assert raw_after(cut, found) == before
        assert list(differences(cut, found)) == []
        cut.close()
        shutil.rmtree(root)
        if ended:
            break
    assert kills > 9 // EVERY


@pytest.mark.parametrize("damage", ["vault", "numbers"])
def test_no_file_is_spare_that_says_anything_else(newest: Workspace, damage: str) -> None:
    history = migrate_numbers(newest)
    if damage == "vault":
        held = sealed_raws(newest, "person")
        rows = held.get(np.arange(history.given("person")))
        changed = rows.set_column(1, "raw", pa.array([f"{each}x" for each in rows["raw"].to_pylist()]))
        SealedRows(newest.root, newest.vault, "person", pa.schema([("raw", pa.string())])).put(
            changed, given=0
        )
    else:
        history = history.with_kind("address", history.known["person"], history.free["address"])
    if damage == "vault":
        assert list(sealed_faults(newest, history)) == [
            f"person: {history.given('person')} numbers stand for something else than what they were given for"
        ]
    assert list(differences(newest, history))


def test_texts_and_identifiers_that_are_missing_are_told(newest: Workspace) -> None:
    history = migrate_numbers(newest)
    (file,) = history.texts["agent"]
    shorter = History(known=history.known, free=history.free, texts={"agent": (replace(file, first=1),)})
    assert next(iter(sealed_faults(newest, shorter))) == f"agent: {file.file} begins with number 1, not 0"
    sealed_raws(newest, "address").path(0).unlink()
    many = history.given("address")
    assert list(sealed_faults(newest, history)) == [f"address: the vault holds 0 identifiers of {many}"]


def test_the_check_of_a_ledger_looks_at_its_history(newest: Workspace) -> None:
    def faults() -> dict[str, tuple[str, ...]]:
        parts = ledger_parts(newest.root, newest.journal, every=False, told=lambda *_: None)
        return {part.name: part.faults for part in parts if part.faults or part.unknown}

    history = migrate_numbers(newest)
    assert faults() == {}
    with newest.journal.transaction() as connection:
        connection.execute(number_tables.number_range.update().values(next=9_000))
    assert any("the next free one is 9,000" in each for each in faults()["numbers"])
    name = min(history.files())
    newest.files.path(name).write_bytes(b"")
    assert faults()["files"] == (f"{newest.files.path(name)} does not hold what its name says",)


def test_clients_that_were_numbered_beside_the_index_get_the_number_that_it_shows(tmp_path: Path) -> None:
    opened = Workspace.open(made_now(tmp_path))
    sound = load_history(opened.journal, opened.files)
    (high, low, numbers), *_ = runs_of(sound.known["client"])
    wide = numbers.astype(np.int64)
    row = 1 + int(high[-1] >> np.uint64(56))
    wide[-1] = row << 40
    known = Known(store=opened.files, kind="client").grown([Run(high=high, low=low, numbers=wide)], len(wide))
    free = {0: sound.given("client"), row: 1}
    with opened.journal.transaction() as connection:
        sound.with_kind("client", known, free).store(connection, sound)
    assert (
        load_history(opened.journal, opened.files).known["client"].find(high, low).tolist() == wide.tolist()
    )
    after = migrate_numbers(opened)
    assert after.known["client"].find(high, low).tolist() == numbers.tolist()
    assert list(history_faults(after)) == []
    assert after.free["client"] == sound.free["client"]
    numbers_stay(opened, after)
    assert load_history(opened.journal, opened.files).numbered == after.numbered
    opened.close()


def test_numbers_that_the_index_alone_has_are_taken_over(tmp_path: Path) -> None:
    opened = Workspace.open(made_now(tmp_path))
    sound = load_history(opened.journal, opened.files)
    with opened.journal.transaction() as connection:  # what a kill left between the index and its numbers
        for table in (number_tables.number_range, number_tables.known_file, number_tables.segment_numbers):
            connection.execute(table.delete())
    after = migrate_numbers(opened)
    assert list(history_faults(after)) == []
    for kind, held in sound.known.items():
        for high, low, numbers in runs_of(held) if kind in (*KINDS, "client") else ():
            assert after.known[kind].find(high, low).tolist() == numbers.tolist()
    numbers_stay(opened, after)
    opened.close()


def test_a_workspace_that_was_moved_is_left_alone(newest: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    first = migrate_numbers(newest)
    monkeypatch.setattr(ContentStore, "put", None)  # nothing may be written
    again = migrate_numbers(newest)
    assert (again.files(), again.free, again.numbered) == (first.files(), first.free, first.numbered)
    assert again.numbered == load_history(newest.journal, newest.files).numbered
