"""Lists of who gets which notice: nobody is left out, and the look is on record before the list is there."""

from __future__ import annotations

import csv
import json
import shutil
from datetime import datetime
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from pyroaring import BitMap
from typer.testing import CliRunner

from whosaw.app.asking.looks import looks
from whosaw.app.cases.making import make_version
from whosaw.app.law.notice_recipients import write_recipients
from whosaw.app.law.notices import NoticePlan, plan_notices
from whosaw.app.scan import scan
from whosaw.cli.main import app
from whosaw.core.errors import WhosawError
from whosaw.store.repositories.cases import CaseStore
from whosaw.store.workspace import Workspace

NOW = datetime.fromisoformat("2026-11-25T12:00:00+00:00")
MAP = """\
[[route]]
id = "my-info"
match = { method = "GET", path = "/customers/{id}" }
subject = { from = "path", name = "id" }
categories = ["identity.name", "contact.email"]

[[route]]
id = "addresses"
match = { method = "GET", path = "/customers/{id}/addresses" }
subject = { from = "path", name = "id" }
categories = ["identity.name", "contact.address"]
secondary = { at_most = 20, categories = ["identity.name", "contact.phone"] }
"""
CASE = """\
case = "spring"
zone = "UTC"

[organisation]
name = "Shop"
roles = ["controller"]
established = ["KR"]

[people]
unplaced = "KR"
because = "the shop delivers inside Korea alone"

[[event]]
kind = "aware"
at = 2026-10-02T09:00:00Z
said_by = "Shop"

[contact]
telephone = "+82 2 000 0000"

"""


def line(person: str, page: str, second: int) -> str:
    path = f"/customers/{person}{page}"
    return f'192.0.2.77 - - [01/Oct/2026:10:00:{second:02} +0000] "GET {path} HTTP/1.1" 200 7 "-" "okhttp"\n'


def counted(root: Path, log: Path) -> None:
    scan([str(log)], root, now=NOW, map_path=root.parent / "map.toml", context=root.parent / "context")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Version 1: three people by name and e-mail, one of them with addresses. Version 2: a fourth, and addresses of a second."""
    folder = tmp_path_factory.mktemp("shop")
    (folder / "map.toml").write_text(MAP)
    (folder / "context").mkdir()
    (folder / "context" / "canaries.csv").write_text("person\n+82-10\n")  # without a sign nothing is held
    log = folder / "access.log"
    log.write_text(line("1", "", 1) + line("2", "", 2) + line("+82-10", "", 3) + line("1", "/addresses", 4))
    counted(folder / "ws", log)
    make_version(folder / "ws", "spring", indicators=["address=192.0.2.77"], now=NOW)
    with open(log, "a") as handle:
        handle.write(line("4", "", 5) + line("2", "/addresses", 6))
    counted(folder / "ws", log)
    make_version(folder / "ws", "spring", indicators=["address=192.0.2.77"], now=NOW)
    (folder / "case.toml").write_text(CASE + "[[scope]]\nversion = 1\n\n[[scope]]\nversion = 2\n")
    return folder


@pytest.fixture
def shop(tmp_path: Path, made: Path) -> Path:
    shutil.copytree(made, tmp_path / "shop")
    return tmp_path / "shop"


def planned(shop: Path, **asked: Any) -> NoticePlan:
    return plan_notices(
        shop / "case.toml", workspace=shop / "ws", now=NOW, languages=["en"], places=["kr"], **asked
    )


def written(shop: Path, plan: NoticePlan, reason: str = "notice of 25 November") -> dict[str, Any]:
    told = write_recipients(plan, shop / "lists", workspace=shop / "ws", reason=reason, now=NOW)
    return {each.group: each for each in told}


def ids(told: dict[str, Any]) -> list[str]:
    with open(told.file, newline="", encoding="utf-8") as handle:
        rows = list(csv.DictReader(handle))
    assert len(rows) == told.rows
    return sorted(row["id"] for row in rows)


def test_each_list_has_as_many_rows_as_the_group_has_accounts_and_all_together_are_everybody(
    shop: Path,
) -> None:
    plan = planned(shop)
    told = written(shop, plan)
    by_categories = {group.categories: ids(told[group.id]) for group in plan.groups if group.kind == "seen"}
    assert by_categories == {
        ("identity.name", "contact.email"): ["+82-10", "4"],
        ("identity.name", "contact.address", "contact.email"): ["1", "2"],
    }
    for group in plan.groups:
        if group.kind == "seen":
            assert told[group.id].rows == group.accounts[0]
    assert sum(each.rows or 0 for each in told.values()) == 4


def test_people_in_address_books_have_no_list_and_it_is_said_why(shop: Path) -> None:
    plan = planned(shop)
    told = written(shop, plan)["secondary"]
    assert told.file is None
    assert "address books" in told.why
    secondary = next(each for each in plan.groups if each.kind == "secondary")
    assert secondary.categories == ("identity.name", "contact.phone")


def test_the_look_and_what_was_given_out_are_in_the_journal(shop: Path) -> None:
    told = written(shop, planned(shop), reason=" notice of 25 November ")
    workspace = Workspace.open(shop / "ws")
    try:
        (entry,) = looks(workspace)
        assert (entry.what, entry.persons, entry.reason) == (
            "notice recipients",
            4,
            "notice of 25 November",
        )
        rows = workspace.journal.rows(_exported())
        body = json.loads(rows[-1]["body"])
    finally:
        workspace.close()
    assert body["look"] == entry.entry
    assert {each["group"]: each["sha256"] for each in body["lists"]} == {
        key: each.sha256 for key, each in told.items()
    }
    assert (body["case"], body["version"], body["since"]) == ("spring", 2, None)


def _exported() -> Any:
    from whosaw.store import statements as sa
    from whosaw.store.journal import tables

    return sa.select(tables.entry).where(tables.entry.c.kind == "exported")


def test_only_people_who_were_not_told_or_not_all_are_listed_since_a_version(shop: Path) -> None:
    plan = planned(shop, since=1)
    told = written(shop, plan)
    found = {group.categories: ids(told[group.id]) for group in plan.groups if group.kind == "seen"}
    assert found == {
        ("identity.name", "contact.email"): ["4"],
        ("identity.name", "contact.address", "contact.email"): ["2"],
    }


def test_one_group_alone_can_be_listed(shop: Path) -> None:
    plan = planned(shop, groups=["seen-1"])
    assert list(written(shop, plan)) == ["seen-1"]
    assert len(list((shop / "lists").iterdir())) == 1


@pytest.mark.parametrize("reason", ["", "  "])
def test_without_a_reason_nothing_is_listed(shop: Path, reason: str) -> None:
    with pytest.raises(WhosawError) as caught:
        written(shop, planned(shop), reason=reason)
    assert caught.value.code == "reveal.no-reason"
    assert not (shop / "lists").exists()


def test_a_scope_that_is_a_file_lists_nobody(shop: Path) -> None:
    workspace = Workspace.open(shop / "ws")
    try:
        document = json.loads(CaseStore(workspace).text("spring", 2))
    finally:
        workspace.close()
    document["groups"] = document["groups"][:1]
    (shop / "scope.json").write_text(json.dumps(document))
    (shop / "case.toml").write_text(CASE + '[[scope]]\nfile = "scope.json"\n')
    with pytest.raises(WhosawError) as caught:
        written(shop, planned(shop))
    assert caught.value.code == "notice.not-here"
    assert not (shop / "lists").exists()


def test_a_group_that_is_not_as_large_as_the_scope_says_is_refused(shop: Path) -> None:
    plan = planned(shop)
    sets = CaseStore.sets

    def fewer(self: CaseStore, case: str, version: int | None = None) -> dict[str, BitMap]:
        found = sets(self, case, version)
        return {**found, "held": BitMap(list(found["held"])[1:])}

    with patch.object(CaseStore, "sets", fewer), pytest.raises(WhosawError) as caught:
        written(shop, plan)
    assert caught.value.code == "notice.recipients-differ"
    assert not (shop / "lists").exists()


def test_somebody_without_an_identifier_is_an_error_and_no_list_stays(shop: Path) -> None:
    plan = planned(shop)
    with patch("whosaw.app.asking.questions.Ledger.raw", lambda *_: {}), pytest.raises(WhosawError) as caught:
        written(shop, plan)
    assert caught.value.code == "notice.unnamed"
    assert list((shop / "lists").iterdir()) == []


@pytest.mark.parametrize(
    ("raw", "row"),
    [
        ("+254 700 000000", "+254 700 000000"),
        ("-5", "-5"),
        ("=1+1", "'=1+1"),
        ("@x", "'@x"),
        ("+cmd|x", "'+cmd|x"),
    ],
)
def test_a_formula_is_disarmed_and_a_telephone_number_stays_as_it_is(raw: str, row: str) -> None:
    from whosaw.app.law.notice_recipients import _disarmed

    assert _disarmed(raw) == row


def test_the_command_writes_lists_and_notices_and_says_how_many(shop: Path) -> None:
    words = [
        "notice",
        str(shop / "case.toml"),
        "--workspace",
        str(shop / "ws"),
        "--for",
        "kr",
        "--lang",
        "en",
    ]
    asked = [
        *words,
        "--recipients",
        str(shop / "lists"),
        "--reason",
        "notice",
        "--out",
        str(shop / "out"),
        "--as",
        "txt",
    ]
    done = CliRunner().invoke(app, asked)
    assert done.exit_code == 0, done.stderr
    assert "seen-1: 2 recipients in " in done.stdout
    refused = CliRunner().invoke(
        app, [*words, "--recipients", str(shop / "more"), "--out", str(shop / "other")]
    )
    assert refused.exit_code == 2
    assert "without a reason" in refused.stderr
    assert not (shop / "more").exists()
    assert not (shop / "other").exists()
