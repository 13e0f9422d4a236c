"""The vault's own ledger: nothing raw is shown that is not journalled first, and every look can be found again."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pyroaring import BitMap
from tests.chain.shop_log import MAP, shop_lines

from whosaw.app.asking import looks as module
from whosaw.app.asking.export import export_record
from whosaw.app.asking.looks import line_on_record, looks, record_look
from whosaw.app.asking.questions import Ledger, open_ledger
from whosaw.app.scan import scan
from whosaw.core.errors import WhosawError
from whosaw.store import statements as sa
from whosaw.store.journal import Journal, tables
from whosaw.store.numbers.raws import Identities
from whosaw.store.workspace import Workspace

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def scanned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a scanned log: its workspace is `ws`."""
    folder = tmp_path_factory.mktemp("scanned")
    (folder / "access.log").write_text("".join(f"{line}\n" for line in shop_lines(900)))
    (folder / "map.toml").write_text(MAP)
    scan([str(folder / "access.log")], folder / "ws", now=NOW, map_path=folder / "map.toml")
    return folder


@pytest.fixture
def ws(tmp_path: Path, scanned: Path) -> Path:
    """A workspace of one test alone."""
    shutil.copytree(scanned / "ws", tmp_path / "ws")
    return tmp_path / "ws"


@contextmanager
def asked(ws: Path, **more: Any) -> Iterator[Ledger]:
    ledger = open_ledger(ws, now=more.pop("now", NOW), **more)
    try:
        yield ledger
    finally:
        ledger.close()


@contextmanager
def opened(ws: Path) -> Iterator[Workspace]:
    workspace = Workspace.open(ws)
    try:
        yield workspace
    finally:
        workspace.close()


def bodies(ws: Path, kind: str) -> list[dict[str, Any]]:
    with opened(ws) as workspace:
        assert workspace.journal.broken_at() is None
        rows = workspace.journal.rows(sa.select(tables.entry).where(tables.entry.c.kind == kind))
    return [json.loads(row["body"]) for row in rows]


def test_a_look_without_a_reason_is_refused_and_shows_nothing(ws: Path, tmp_path: Path) -> None:
    for reason in ("", "  "):
        with pytest.raises(WhosawError) as caught:
            open_ledger(ws, now=NOW, reveal=True, reason=reason)
        assert caught.value.code == "reveal.no-reason"
        with pytest.raises(WhosawError):
            export_record(ws, tmp_path / "record.csv", now=NOW, reveal=True, reason=reason)
        with opened(ws) as workspace, pytest.raises(WhosawError):
            record_look(workspace, {"person": [1]}, what="test", reason=reason, now=NOW)
    assert not (tmp_path / "record.csv").exists()
    assert not bodies(ws, "reidentified")


def test_who_shows_every_look_at_the_person_and_no_other(ws: Path, tmp_path: Path) -> None:
    with asked(ws) as ledger:
        assert ledger.who("7").looked_up_by == ()
        other = ledger.who("8").person.number
    with asked(ws, reveal=True, reason="asked by the person") as ledger:
        answer = ledger.who("7")
    (own,) = answer.looked_up_by  # a look shows itself, since it was journalled before
    assert (own.what, own.revealed, own.persons, own.reason) == (
        "who",
        True,
        1,
        "asked by the person",
    )
    export_record(ws, tmp_path / "masked.csv", now=NOW)
    export_record(
        ws, tmp_path / "raw.json", now=NOW + timedelta(hours=1), reveal=True, reason="court order 7"
    )
    with asked(ws) as ledger:
        seven, eight = (ledger.who(each).looked_up_by for each in ("7", other))
    assert [(each.what, each.revealed) for each in seven] == [
        ("who", True), ("export access-record", False), ("export access-record", True),
    ]  # fmt: skip
    assert eight == seven[1:]


def test_looks_are_found_by_user_and_by_time(ws: Path) -> None:
    for hour in range(3):
        with asked(ws, now=NOW + timedelta(hours=hour), reveal=True, reason=f"case {hour}") as ledger:
            ledger.what("192.0.2.5")
    with opened(ws) as workspace:
        who = workspace.journal.who
        assert [each.reason for each in looks(workspace, by=who)] == ["case 0", "case 1", "case 2"]
        assert looks(workspace, by="somebody else") == ()
        late = looks(workspace, since=NOW + timedelta(hours=1))
    assert [each.reason for each in late] == ["case 1", "case 2"]
    assert late[0].time == NOW + timedelta(hours=1)


def test_an_export_is_one_look_with_all_persons_in_it(ws: Path, tmp_path: Path) -> None:
    done = export_record(ws, tmp_path / "record.csv", now=NOW, reveal=True, reason="court")
    (look,) = bodies(ws, "reidentified")
    (out,) = bodies(ws, "exported")
    assert (out["sha256"], out["records"], out["reason"]) == (done.sha256, done.records, "court")
    assert "numbers" not in out
    with asked(ws) as ledger:
        persons = ledger.reader.session.query(
            "SELECT DISTINCT person FROM views WHERE person IS NOT NULL AND NOT duplicate ORDER BY 1"
        )["person"].to_pylist()
    assert look["numbers"]["person"] == persons
    assert look["counts"]["address"] == 40


def test_many_numbers_stand_in_a_file_named_by_its_digest(
    ws: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_INLINE", 10)
    export_record(ws, tmp_path / "record.csv", now=NOW, reveal=True, reason="court")
    (look,) = bodies(ws, "reidentified")
    assert look["numbers"] == {"principal": []}
    with opened(ws) as workspace:
        kept = BitMap.deserialize(workspace.files.read(look["sets"]["person"]))
        assert len(kept) == look["counts"]["person"] > 10
        assert [each.what for each in looks(workspace, person=kept[3])] == ["export access-record"]
        assert looks(workspace, person=1_000_000) == ()
        damaged = workspace.files.path(look["sets"]["person"])
        damaged.write_bytes(damaged.read_bytes()[:-1])
        with pytest.raises(WhosawError, match="does not hold what its name says"):  # never "nobody looked"
            looks(workspace, person=kept[3])


def test_a_million_persons_make_a_short_entry(ws: Path) -> None:
    with opened(ws) as workspace:
        record_look(
            workspace, {"person": BitMap(range(0, 3_000_000, 3))}, what="test", reason="size", now=NOW
        )
    (body,) = bodies(ws, "reidentified")
    assert len(json.dumps(body)) < 300
    assert body["counts"] == {"person": 1_000_000}


def test_reading_a_line_is_a_look_at_whom_it_names(ws: Path) -> None:
    with asked(ws) as ledger:
        answer = ledger.who("7")
        number = int(answer.person.number.removeprefix("p"))
        other = ledger.person_number("8")
    with opened(ws) as workspace:
        opened_line = line_on_record(workspace, answer.locators[0], reason="", now=NOW)
        assert b"/customers/7/addresses" in opened_line.text
        (look,) = looks(workspace, person=number)
        assert (look.what, look.revealed, look.reason) == ("line", True, "")
        assert looks(workspace, person=other) == ()


def test_a_journal_that_cannot_be_written_means_that_nothing_is_shown(
    ws: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with asked(ws) as ledger:
        locator = ledger.who("7").locators[0]

    def full(*_: object, **__: object) -> int:
        raise WhosawError("journal.failed", "the disk is full")

    def never(*_: object, **__: object) -> dict[str, dict[int, str]]:
        raise AssertionError("the vault was opened before the look was journalled")

    monkeypatch.setattr(Journal, "record", full)
    monkeypatch.setattr(Identities, "raw", never)
    for question in ("who", "what"):
        with (
            asked(ws, reveal=True, reason="test") as ledger,
            pytest.raises(WhosawError, match="disk is full"),
        ):
            getattr(ledger, question)("7" if question == "who" else "192.0.2.5")
    with pytest.raises(WhosawError, match="disk is full"):
        export_record(ws, tmp_path / "raw.csv", now=NOW, reveal=True, reason="test")
    monkeypatch.undo()
    monkeypatch.setattr(Journal, "record", full)
    with pytest.raises(WhosawError, match="disk is full"):
        export_record(ws, tmp_path / "masked.csv", now=NOW)
    with opened(ws) as workspace, pytest.raises(WhosawError, match="disk is full"):
        line_on_record(workspace, locator, reason="", now=NOW)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["ws"]


KILLED = """\
import os, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from whosaw.app.asking import export
from whosaw.app.asking import questions
def die(*_): os.kill(os.getpid(), signal.SIGKILL)
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
ws, where = Path(sys.argv[1]), sys.argv[2]
if where == "who":
    questions.Ledger._text = die  # between the entry and the showing
    ledger = questions.open_ledger(ws, now=NOW, reveal=True, reason="killed")
    print(ledger.who("7"))
else:
    os.replace = die  # between the entry and the name of the file
    export.export_record(ws, Path(where), now=NOW, reveal=True, reason="killed")
"""


@pytest.mark.parametrize("where", ["who", "export"])
def test_a_kill_between_the_entry_and_the_showing_leaves_the_entry_and_shows_nothing(
    where: str, ws: Path, tmp_path: Path
) -> None:
    target = str(tmp_path / "record.csv") if where == "export" else where
    done = subprocess.run([sys.executable, "-c", KILLED, str(ws), target], capture_output=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert done.stdout == b""
    assert not (tmp_path / "record.csv").exists()
    (look,) = bodies(ws, "reidentified")
    assert look["reason"] == "killed"
    assert len(bodies(ws, "exported")) == (where == "export")
    for left in tmp_path.glob(".record.csv.*"):
        assert os.stat(left).st_mode & 0o077 == 0
