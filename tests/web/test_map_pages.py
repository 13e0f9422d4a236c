"""Drafts of the map that is in force are decided on in the console: each decision puts another map in force, and the next reading goes by it."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from tests.unit.cli.conftest import call
from tests.web.conftest import NOW, Clock, Opens, _browsers, entries, over

from whosaw.app.console.gate import Role
from whosaw.app.scan import scan
from whosaw.store.journal import tables
from whosaw.store.repositories.findings import stored_findings
from whosaw.store.workspace import journal_of

DRAFT = """
[[route]]
id = "export"
draft = true
why = "answers name many"
match = { method = "GET", path = "/export" }
subject = { from = "unknown" }
records = { from = "query", name = "size", at_most = 50 }
categories = ["commerce.orders"]
fields = [
  { category = "commerce.orders", confidence = "low", at = "response /orders <b>" },
]
"""


@pytest.fixture(scope="module")
def drafted(shop: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shop read anew by a map of which one route is a draft."""
    folder = tmp_path_factory.mktemp("drafted")
    shutil.copytree(shop / "ws", folder / "ws")
    text = (shop / "map.toml").read_text()
    (folder / "map.toml").write_text(text[: text.index('[[route]]\nid = "export"')] + DRAFT)
    scan([str(shop / "access.log")], folder / "ws", now=NOW, map_path=folder / "map.toml")
    return folder / "ws"


@pytest.fixture
def map_root(drafted: Path, tmp_path: Path) -> Path:
    shutil.copytree(drafted, tmp_path / "map-ws")
    return tmp_path / "map-ws"


@pytest.fixture
def at_map(map_root: Path, clock: Clock) -> Iterator[Opens]:
    yield from _browsers(map_root, clock)


def in_force(root: Path) -> str:
    with closing(journal_of(root)) as journal:
        return str(journal.setting("map"))


def test_a_draft_is_shown_changed_and_accepted_and_the_next_reading_goes_by_it(
    map_root: Path, at_map: Opens
) -> None:
    somebody = at_map(Role.INVESTIGATOR)
    page = somebody.get("/map").text
    assert "1 draft waits" in page
    assert "GET /export" in page
    assert "response /orders &lt;b&gt;" in page
    (seen,) = set(re.findall(r'name="seen" value="([0-9a-f]{64})"', page))
    before = in_force(map_root)
    told = somebody.post(
        "/map", route="export", what="edit", field="categories", value='["identity.name"]', seen=seen
    )
    assert (told.status_code, told.headers["location"]) == (303, "/map")
    assert "identity.name" in somebody.get("/map").text
    assert somebody.post("/map", route="export", what="accept", seen=seen).status_code == 303
    assert "0 drafts wait" in somebody.get("/map").text
    assert in_force(map_root) != before
    decided = [json.loads(each.body) for each in entries(map_root, "map.decided")]
    assert [(each["what"], each["by"]) for each in decided] == [
        ("edit", "the-investigator"),
        ("accept", "the-investigator"),
    ]
    assert decided[0]["before"] == seen
    over(somebody, somebody.post("/jobs/scan").headers["location"])
    with closing(journal_of(map_root)) as journal:
        assert stored_findings(journal)
    assert somebody.get("/map/file").text.count("[[route]]") == 2
    assert "draft" not in somebody.get("/map/file").text


def test_two_who_decide_on_one_draft_are_told(map_root: Path, at_map: Opens) -> None:
    one, other = at_map(Role.INVESTIGATOR), at_map(Role.OFFICER)
    (seen,) = set(re.findall(r'name="seen" value="([0-9a-f]{64})"', other.get("/map").text))
    assert one.post("/map", route="export", what="reject", seen=seen).status_code == 303
    kept = in_force(map_root)
    late = other.post("/map", route="export", what="accept", seen=seen)
    assert late.status_code == 400
    assert "is no route of this map" in late.text
    assert in_force(map_root) == kept


@pytest.mark.parametrize(
    "form",
    [
        {"what": "edit", "field": "categories", "value": "["},
        {"what": "edit", "field": "categories", "value": '["no.such.category"]'},
        {"what": "edit", "field": "id", "value": '"x"'},
        {"what": "drop"},
        {"what": "accept", "route": "none"},
    ],
)
def test_what_would_break_the_map_changes_nothing(
    map_root: Path, at_map: Opens, form: dict[str, str]
) -> None:
    before = in_force(map_root)
    assert at_map(Role.OFFICER).post("/map", **{"route": "export", **form}).status_code == 400
    assert in_force(map_root) == before
    assert not entries(map_root, "map.decided")


def test_an_auditor_sees_it_and_decides_nothing(at_map: Opens) -> None:
    page = at_map(Role.AUDITOR).get("/map").text
    assert "GET /export" in page
    assert 'action="/map"' not in page


# -- against a map that is given on the terminal later


@pytest.fixture
def decided_root(map_root: Path, at_map: Opens) -> Path:
    """Whose map had a draft that was taken out in the console."""
    assert at_map(Role.OFFICER).post("/map", route="export", what="reject").status_code == 303
    return map_root


def test_a_file_that_did_not_change_undoes_no_decision(drafted: Path, decided_root: Path, shop: Path) -> None:
    kept = in_force(decided_root)
    report = scan([str(shop / "access.log")], decided_root, now=NOW, map_path=drafted.parent / "map.toml")
    assert in_force(decided_root) == kept
    assert "the map was decided on in the console since its file was given, and holds" in report.notes


def test_a_file_that_changed_is_refused_until_it_is_said_which_holds(
    drafted: Path, decided_root: Path, shop: Path, tmp_path: Path
) -> None:
    kept, changed = in_force(decided_root), tmp_path / "map.toml"
    changed.write_text((drafted.parent / "map.toml").read_text().replace("identity.name", "contact.email"))
    told = call("scan", str(shop / "access.log"), "-w", str(decided_root), "--map", str(changed))
    assert (told.exit_code, in_force(decided_root)) == (2, kept)
    assert "--replace-map" in told.stderr
    done = call(
        "scan", str(shop / "access.log"), "-w", str(decided_root), "--map", str(changed), "--replace-map"
    )
    assert done.exit_code == 0
    replaced = in_force(decided_root)
    assert replaced != kept
    again = call("scan", str(shop / "access.log"), "-w", str(decided_root), "--map", str(changed))
    assert (again.exit_code, in_force(decided_root)) == (0, replaced)


def test_the_decided_map_put_into_the_file_goes_on(
    decided_root: Path, at_map: Opens, shop: Path, tmp_path: Path
) -> None:
    taken = tmp_path / "map.toml"
    taken.write_bytes(at_map(Role.OFFICER).get("/map/file").content)
    scan([str(shop / "access.log")], decided_root, now=NOW, map_path=taken)
    taken.write_text(taken.read_text() + "\n# and a word\n")  # the file goes on from there
    scan([str(shop / "access.log")], decided_root, now=NOW, map_path=taken)
    with closing(journal_of(decided_root)) as journal:
        assert journal.setting("map") == journal.setting("map-given")


def test_of_a_workspace_that_kept_no_file_the_first_decision_tells(
    drafted: Path, decided_root: Path, shop: Path
) -> None:
    with closing(journal_of(decided_root)) as journal, journal.transaction() as connection:
        connection.execute(tables.setting.delete().where(tables.setting.c.name == "map-given"))
    kept = in_force(decided_root)
    scan([str(shop / "access.log")], decided_root, now=NOW, map_path=drafted.parent / "map.toml")
    assert in_force(decided_root) == kept
