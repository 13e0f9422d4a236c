"""Recording a decision: all that it rests on, all faults at once, nothing half written."""

from __future__ import annotations

import hashlib
import json
import signal
import sqlite3
import subprocess
import sys
from datetime import timedelta
from typing import Any

import pytest
from tests.decisions.conftest import NOW, Shop

from whosaw.core.errors import FaultsError, WhosawError
from whosaw.store.workspace import Workspace

# dies at a named moment of a decision: before its files, between them and the entry, after the entry and before its commit
PROGRAM = """\
import os, signal, sys
from datetime import datetime
from pathlib import Path
from whosaw.store.files import ContentStore
from whosaw.store.journal import Journal
from whosaw.app.law.decide import decide

def dies(kind, name, after):
    true = getattr(kind, name)
    def dying(self, *given, **named):
        found = true(self, *given, **named) if after else None
        os.kill(os.getpid(), signal.SIGKILL)
        return found
    setattr(kind, name, dying)

dies(*{"files": (ContentStore, "put", False), "entry": (Journal, "record", False), "commit": (Journal, "record", True)}[sys.argv[3]])
decide(Path(sys.argv[1]), workspace=Path(sys.argv[2]), decision="notify", duty="ke/authority", because="x", by="y",
       now=datetime.fromisoformat("2026-03-09T17:00:00+03:00"))
"""


def test_an_entry_names_the_version_the_law_and_the_facts_that_it_rests_on(shop: Shop) -> None:
    told = shop.decide(at="2026-03-08T10:00:00+03:00")
    kind, body = shop.entries()[-1]
    assert kind == "decision"
    assert {
        key: body[key] for key in ("id", "case", "duty", "decision", "because", "by", "at", "supersedes")
    } == {
        "id": "d1",
        "case": "shop",
        "duty": "ke/authority",
        "decision": "notify",
        "because": "people are at risk",
        "by": "A. Mwangi",
        "at": "2026-03-08T07:00:00Z",
        "supersedes": None,
    }
    assert body["scope"]["version"] == 1
    assert body["scope"]["persons"] == {"lower": 1874, "upper": 2110}
    (answer,) = body["answers"]
    assert (answer["id"], answer["owed"]) == ("ke/authority", "owed")
    assert told["entered"] == "2026-03-09T14:00:00Z"
    assert told["entry"] == len(shop.entries())


def test_the_case_file_and_the_facts_are_kept_as_they_were(shop: Shop) -> None:
    told = shop.decide()
    before = shop.case.read_bytes()
    shop.write(more="\n# a remark\n")
    workspace = Workspace.open(shop.root)
    try:
        assert workspace.files.read(told["case_file"]) == before
        facts = json.loads(workspace.files.read(told["facts_file"]))
    finally:
        workspace.close()
    assert told["case_file"].startswith(hashlib.sha256(before).hexdigest())
    assert facts["head"]["scope"]["version"] == 1
    assert facts["law"].keys() == {each["id"] for each in facts["duties"]} >= {"ke/authority", "eu/authority"}


def test_a_later_decision_takes_the_place_of_the_one_before_and_both_stay(shop: Shop) -> None:
    first, other, second = shop.decide(), shop.decide(duty="ke/individuals"), shop.decide("late")
    assert second["supersedes"] == first["entry"]
    assert other["supersedes"] is None
    listed = {each["id"]: each for each in shop.record()["decisions"]}
    assert (listed["d1"]["superseded_by"], listed["d3"]["supersedes"]) == ("d3", "d1")
    assert listed["d2"]["superseded_by"] is None


def test_all_faults_of_options_and_case_file_are_told_at_once_and_nothing_is_written(shop: Shop) -> None:
    shop.write(more='\n[[event]]\nkind = "awake"\nat = "noon"\n')
    before = shop.entries()
    with pytest.raises(FaultsError) as caught:
        shop.decide("maybe", because=" ", by="", at="yesterday")
    told = str(caught.value)
    for words in ("[--decision]: 'maybe' is no decision", "[--because]: is missing", "[--by]: is missing",
                  "[--at]: 'yesterday' is not a time", "kind is 'awake'", "said_by is missing"):  # fmt: skip
        assert words in told, words
    assert "case.toml:" in told
    assert shop.entries() == before
    assert not list(shop.root.rglob("*.decision"))


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"duty": "ke/nobody"}, "'ke/nobody' is no duty"),
        ({"duty": "kr/pipa-report-2026"}, "Name the duty, not one of its versions: kr/pipa-report"),
        ({"duty": None}, "[--duty]: is missing"),
        ({"scope": 7}, "the case names no scope version 7. It names 1"),
        ({"at": "2026-03-09T17:00:01+03:00"}, "is still to come"),
        ({"decision": "final", "duty": None}, "scope version 1 is not closed"),
        ({"decision": "not-final"}, "not-final is about a scope version, not a duty"),
    ],
)
def test_what_does_not_fit_the_case_is_refused(shop: Shop, given: dict[str, Any], words: str) -> None:
    with pytest.raises(FaultsError) as caught:
        shop.decide(**given)
    assert words in str(caught.value)


def test_a_decision_made_at_the_present_second_is_not_still_to_come(shop: Shop) -> None:
    assert shop.decide(at=NOW.isoformat())["at"] == "2026-03-09T14:00:00Z"


def test_without_a_workspace_there_is_no_journal_to_write_to(shop: Shop) -> None:
    shop.root = shop.root.with_name("elsewhere")
    with pytest.raises(WhosawError):
        shop.decide()
    assert not shop.root.exists()


def test_a_decision_on_an_older_version_rests_on_that_version(shop: Shop) -> None:
    shop.add_version(9000)
    shop.write(more="\n[[scope]]\nversion = 2\n")
    assert shop.decide(scope=1)["scope"]["persons"] == {"lower": 1874, "upper": 2110}
    assert shop.decide()["scope"]["persons"] == {"lower": 1874, "upper": 9000}


@pytest.mark.parametrize("moment", ["files", "entry", "commit"])
def test_a_decision_that_is_killed_is_not_there_and_the_next_one_is(shop: Shop, moment: str) -> None:
    before = shop.entries()
    killed = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(shop.case), str(shop.root), moment],
        capture_output=True,
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert shop.entries() == before
    assert shop.decide()["id"] == "d1"
    assert shop.record()["journal"]["entries"] == len(before) + 1


def test_no_record_is_made_of_a_journal_that_was_changed(shop: Shop) -> None:
    shop.decide("not-notify")
    shop.decide(duty="ke/individuals")
    with sqlite3.connect(shop.root / "journal.sqlite") as connection:
        connection.execute(
            "UPDATE journal SET body = replace(body, 'not-notify', 'notify') WHERE kind = 'decision'"
        )
    with pytest.raises(WhosawError, match="does not hold: entry 2 was changed") as caught:
        shop.record()
    assert caught.value.code == "decision.chain-broken"


def test_no_record_is_made_of_facts_that_were_changed(shop: Shop) -> None:
    told = shop.decide()
    (path,) = shop.root.rglob(told["facts_file"])
    path.write_bytes(path.read_bytes().replace(b"met", b"not"))
    with pytest.raises(WhosawError, match="does not hold what its name says"):
        shop.record()


def test_decisions_come_one_after_the_other_whatever_their_own_times(shop: Shop) -> None:
    shop.decide(at=(NOW - timedelta(hours=1)).isoformat())
    later = shop.decide("not-notify", at=(NOW - timedelta(hours=2)).isoformat())
    assert shop.row()["decision"] == later["id"]
