"""A person is erased: no byte of the workspace names them, counts stay, and no scan brings them back."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pyarrow as pa
import pytest
from tests.erasing.conftest import NOW, ONE, OTHER, line, scan_all
from tests.erasing.looking import where_named
from tests.forked import KILLING, Forking, forking
from tests.wide import WIDE

from whosaw.app.asking.answer_person import answer_person
from whosaw.app.asking.questions import open_ledger
from whosaw.app.erasing.erase import Erasure, erase, list_erasures
from whosaw.app.gating.rights import Role, Somebody
from whosaw.app.gating.running import set_gate
from whosaw.app.gating.two import CONSENT, Rules, answer_request
from whosaw.app.hold.orders import start
from whosaw.core.errors import WhosawError
from whosaw.store.numbers.check import history_faults, sealed_faults
from whosaw.store.numbers.history import load_history
from whosaw.store.workspace import Workspace, journal_of


def _erase(root: Path, person: str = ONE, **asked: object) -> Erasure:
    told = {"ground": "request", "reason": "request 12", "now": NOW, **asked}
    return erase(root, person, **told)  # type: ignore[arg-type]


def _counts(root: Path) -> tuple[int, int]:
    with closing(open_ledger(root, now=NOW)) as ledger:
        (row,) = ledger.reader.session.query(
            "SELECT count(*) AS views, count(DISTINCT person) AS people FROM views WHERE NOT duplicate"
        ).to_pylist()
    return row["views"], row["people"]


def _whole(root: Path) -> None:
    """Numbers, and what stands behind them, hold."""
    with closing(Workspace.open(root)) as workspace:
        history = load_history(workspace.journal, workspace.files)
        assert not [*history_faults(history), *sealed_faults(workspace, history)]


def test_no_byte_of_the_workspace_names_who_was_erased(log: Path) -> None:
    root = log / "ws"
    before = _counts(root)
    assert where_named(root, [ONE]), "the test looks where nothing is"
    done = _erase(root)
    assert done.done
    assert done.vault_rows == 2  # a person and a user name
    assert where_named(root, [ONE]) == []
    assert where_named(root, [OTHER]), "the neighbour went as well"
    assert _counts(root) == before
    _whole(root)
    entries = [each.kind for each in _journal(root) if each.kind.startswith("erasure")]
    assert entries == ["erasure.begun", "erasure.ended"]
    (told,) = list_erasures(root)
    assert (told.people, told.ground, told.state, told.reason) == (1, "request", "done", "request 12")


def test_who_and_answer_refuse_and_others_are_answered(log: Path, tmp_path: Path) -> None:
    root = log / "ws"
    with closing(open_ledger(root, now=NOW)) as ledger:
        number = ledger.person_number(ONE)
        neighbour = ledger.who(OTHER)
    _erase(root)
    for spelled in (ONE, f"customer:{ONE}", f"p{number}"):
        with (
            closing(open_ledger(root, now=NOW, reveal=True, reason="x")) as ledger,
            pytest.raises(WhosawError, match="was erased") as caught,
        ):
            ledger.who(spelled)
        assert caught.value.code == "person.erased"
        assert ONE not in str(caught.value)
    with pytest.raises(WhosawError) as caught:
        answer_person(
            root, ONE, tmp_path / "out", languages=["en"], organisation="Duka", contact="a@b.example",
            zone=NOW.tzinfo, reason="x", now=NOW,
        )  # fmt: skip
    assert caught.value.code == "person.erased"
    with closing(open_ledger(root, now=NOW)) as ledger:
        assert ledger.who(OTHER).views == neighbour.views
    with closing(open_ledger(root, now=NOW, reveal=True, reason="x")) as ledger:
        shown = {each.number: each.shown for each in ledger.what("192.0.2.77", persons=30).persons}
    assert shown[f"p{number}"] == "erased"
    assert OTHER in shown.values()


def test_a_new_scan_brings_nobody_back_and_doubles_no_count(log: Path) -> None:
    root = log / "ws"
    _, people = _counts(root)
    with closing(open_ledger(root, now=NOW)) as ledger:
        number = ledger.person_number(ONE)
    _erase(root)
    with open(log / "access.log", "a") as handle:
        handle.write(line(ONE, 400, by=ONE) + line("kx7719099", 401))
    (log / "third.log").write_text(line(ONE, 500, by=ONE))
    scan_all(log)
    views, now = _counts(root)
    assert now == people + 1
    assert views == 65
    assert where_named(root, [ONE]) == []
    assert where_named(root, ["kx7719099"])
    _whole(root)
    with closing(open_ledger(root, now=NOW)) as ledger:
        assert ledger.person_number(ONE, erased_too=True) == number
    # all of it read again from nothing but the logs, with the erasures that the workspace has
    (log / "map.toml").write_text((log / "map.toml").read_text().replace("contact.email", "contact.phone"))
    scan_all(log)
    assert _counts(root) == (views, now)
    assert where_named(root, [ONE]) == []


def test_somebody_who_is_erased_before_they_are_met_is_not_taken_in(log: Path) -> None:
    root = log / "ws"
    _erase(root, also=[OTHER])
    assert where_named(root, [ONE, OTHER]) == []
    with pytest.raises(WhosawError) as caught:
        _erase(root, "kx7719777")
    assert caught.value.code == "person.unknown"


def test_a_person_is_still_held_to_be_themselves(log: Path) -> None:
    """What a person did with their own name is no look of a stranger because the name was erased."""
    root = log / "ws"
    from whosaw.store.numbers.facts import OfIndex, keep_facts, kept_rows

    def claims() -> dict[int, bytes]:
        with closing(open_ledger(root, now=NOW)) as ledger:
            keep_facts(OfIndex(ledger.reader))
            rows = pa.concat_tables(kept_rows(ledger.reader.workspace))
        return dict(zip(rows["person"].to_pylist(), rows["claim"].to_pylist(), strict=True))

    before = claims()
    _erase(root)
    assert claims() == before


def test_without_ground_or_reason_and_under_a_hold_nobody_is_erased(log: Path) -> None:
    root = log / "ws"
    for asked, code in (
        ({"ground": ""}, "erase.ground"),
        ({"ground": "because"}, "erase.ground"),
        ({"reason": " "}, "erase.no-reason"),
        ({"reason": f"request of {ONE.upper()}"}, "erase.named-in-reason"),
    ):
        with pytest.raises(WhosawError) as caught:
            _erase(root, **asked)
        assert caught.value.code == code
    (log / "third.log").write_text(line("kx7719088", 5).replace("01/Oct", "25/Nov"))
    scan_all(log)
    start(
        root, [str(each) for each in log.glob("*.log")], order="Order 12", at=NOW - timedelta(days=1), now=NOW
    )
    held = where_named(root, [ONE])
    with pytest.raises(WhosawError) as caught:
        _erase(root)
    assert caught.value.code == "erase.held"
    assert "h1" in str(caught.value)
    assert where_named(root, [ONE]) == held
    assert _erase(root, "kx7719088").done, "their line was written after the order"
    done = _erase(root, ground="order", reason="order 14 of the court")
    assert done.done
    assert done.holds == ("h1",)
    begun = [json.loads(each.body) for each in _journal(root) if each.kind == "erasure.begun"]
    assert begun[-1]["holds"] == ["h1"]


def test_a_hold_over_a_file_that_was_never_read_covers_everybody(log: Path) -> None:
    root = log / "ws"
    (log / "other.log").write_text(line("kx7719048", 7))
    start(root, [str(log / "other.log")], order="Order 13", at=NOW - timedelta(days=1), now=NOW)
    with pytest.raises(WhosawError) as caught:
        _erase(root)
    assert caught.value.code == "erase.held"


def test_it_takes_two_where_the_gate_says_so(log: Path) -> None:
    root = log / "ws"
    set_gate(root, now=NOW, rules=Rules(erase=True))
    with pytest.raises(WhosawError) as caught:
        _erase(root)
    assert caught.value.code == "gate.second-person"
    assert where_named(root, [ONE])
    with closing(journal_of(root)) as journal:
        journal.who = "cli:kim"
        second = Somebody(name="kim", roles=frozenset({Role.OFFICER}))
        answer_request(journal, 1, CONSENT, who=second, now=NOW)
    with pytest.raises(WhosawError):
        _erase(root, OTHER)  # the consent was to somebody else
    assert _erase(root).done
    assert where_named(root, [ONE]) == []


def test_a_plan_changes_nothing(log: Path) -> None:
    root = log / "ws"
    before = {path: path.read_bytes() for path in (root / "files").rglob("*") if path.is_file()}
    told = _erase(root, plan=True, reason="")
    assert not told.done
    assert told.by_kind == {"person": 1, "principal": 1}
    assert {path: path.read_bytes() for path in (root / "files").rglob("*") if path.is_file()} == before
    assert not [each for each in _journal(root) if each.kind.startswith("erasure")]


_PROGRAM = """
import os, pathlib
from datetime import datetime
from whosaw.app.erasing.erase import erase
from whosaw.store.statements import Connection

def run(root, person, now, kill_at):
    killing = Killing(kill_at)
    for owner, name in ((os, "replace"), (pathlib.Path, "unlink"), (Connection, "commit")):
        killing.around(owner, name)
    erase(pathlib.Path(root), person, ground="request", reason="request 12", now=datetime.fromisoformat(now))
    print(killing.steps)
"""


@pytest.fixture(scope="module")
def forks() -> Iterator[Forking]:
    with forking(KILLING + _PROGRAM) as process:
        yield process


def test_a_kill_at_any_write_is_made_good_by_the_next_run(log: Path, tmp_path: Path, forks: Forking) -> None:
    whole = forks.run(str(_copied(log, tmp_path / "whole")), ONE, NOW.isoformat(), 10_000)
    assert whole.code == 0, whole.shown
    steps = int(whole.shown.split()[-1])
    assert steps > 30
    before = _counts(log / "ws")
    begun = 0
    for kill_at in range(1, steps + 1, 1 if WIDE else 27):
        root = _copied(log, tmp_path / f"killed-{kill_at}")
        ended = forks.run(str(root), ONE, NOW.isoformat(), kill_at)
        assert ended.code == -9, ended.shown
        if list_erasures(root):
            begun += 1
            with (
                closing(open_ledger(root, now=NOW)) as ledger,
                pytest.raises(WhosawError, match="was erased"),
            ):
                ledger.who(ONE)
        assert _counts(root) == before
        assert _erase(root).done
        assert where_named(root, [ONE]) == []
        assert {each.state for each in list_erasures(root)} == {"done"}
        _whole(root)
        shutil.rmtree(root)
    assert begun


def _copied(log: Path, to: Path) -> Path:
    shutil.copytree(log / "ws", to)
    return to


def _journal(root: Path) -> list[object]:
    with closing(journal_of(root)) as journal:
        return journal.entries()
