"""What a rule lets go goes, and a hold, an open case and a waiting notice keep it."""

from __future__ import annotations

from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from pyroaring import BitMap
from tests.erasing.conftest import NOW, ONE, OTHER, line, scan_all
from tests.erasing.looking import where_named

from whosaw.app.asking.questions import open_ledger
from whosaw.app.cases.making import make_version
from whosaw.app.erasing.retention import Due, retention
from whosaw.app.hold.orders import end, start
from whosaw.app.project.file import KeepRule, load_project
from whosaw.core.errors import WhosawError
from whosaw.store.repositories.cases import CaseStore
from whosaw.store.workspace import Workspace, journal_of

RULE = KeepRule(what="identifiers", days=30, ground="no-longer-needed")


def _due(root: Path, *, do: bool = False, rule: KeepRule = RULE) -> Due:
    told = retention(root, [rule], now=NOW, reason="rule 7" if do else "", do=do)
    assert told.done == do
    (due,) = told.rules
    assert due.due == due.held + due.needed + due.going
    return due


def _of_case(root: Path) -> int:
    """How many people the case names in any of its sets."""
    with closing(Workspace.open(root)) as workspace:
        return len(BitMap.union(*CaseStore(workspace).sets("spring").values()))


def test_people_go_when_their_last_view_is_old_enough(log: Path) -> None:
    root = log / "ws"
    (log / "third.log").write_text(line("kx7719088", 5).replace("01/Oct", "20/Nov"))
    scan_all(log)
    before = _due(root)
    assert (before.due, before.going) == (30, 30)
    assert where_named(root, [ONE, OTHER])
    assert _due(root, do=True).going == 30
    assert where_named(root, [f"kx77190{at}" for at in range(20, 50)]) == []
    assert where_named(root, ["kx7719088"]), "seen five days ago"
    assert _due(root).due == 0
    with closing(open_ledger(root, now=NOW)) as ledger:
        assert len(ledger.what("192.0.2.77").persons) > 0
    with closing(journal_of(root)) as journal:
        bodies = [each.body for each in journal.entries("erasure.begun")]
    assert "identifiers after 30 days" in bodies[-1]


def test_an_open_case_and_a_hold_go_first(log: Path) -> None:
    root = log / "ws"
    make_version(root, "spring", indicators=["address=198.51.100.15"], now=NOW)
    counted = _of_case(root)
    assert (_due(root).needed, _due(root).going) == (counted, 30 - counted)
    start(
        root,
        [str(log / "second.log"), str(log / "access.log")],
        order="Order 12",
        at=NOW - timedelta(days=1),
        now=NOW,
    )
    due = _due(root, do=True)
    assert (due.held, due.needed, due.going) == (30 - counted, counted, 0)
    assert where_named(root, [ONE, OTHER])
    end(root, "h1", reason="lifted", now=NOW)
    assert _due(root, do=True).going == 30 - counted


def test_without_a_rule_or_a_reason_nothing_goes(log: Path) -> None:
    for rules, asked, code in (
        ([], {}, "retention.no-rule"),
        ([RULE], {"do": True}, "erase.no-reason"),
        ([KeepRule(what="identifiers", days=1, ground="whim")], {}, "erase.ground"),
    ):
        with pytest.raises(WhosawError) as caught:
            retention(log / "ws", rules, now=NOW, **asked)  # type: ignore[arg-type]
        assert caught.value.code == code


def test_rules_are_read_from_the_project_file(tmp_path: Path) -> None:
    path = tmp_path / "whosaw.toml"
    path.write_text(
        '[[logs]]\nfiles = ["a.log"]\n[keeping]\nidentifiers = { days = 1095, ground = "no-longer-needed" }\n'
        'addresses = { days = 365, ground = "no-longer-needed" }\n'
    )
    assert load_project(path).keeping == (
        KeepRule(what="identifiers", days=1095, ground="no-longer-needed"),
        KeepRule(what="addresses", days=365, ground="no-longer-needed"),
    )
    path.write_text('[[logs]]\nfiles = ["a.log"]\n[keeping]\nnames = { days = 3 }\n')
    with pytest.raises(WhosawError):
        load_project(path)
