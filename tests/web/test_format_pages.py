"""Layouts that nobody described are drafted from the logs, and decided on in the console: the next reading goes by what was accepted."""

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
from whosaw.store.repositories.contents import totals
from whosaw.store.workspace import journal_of

MAP = """
[[route]]
id = "record"
match = { action = "open" }
subject = { from = "object" }
categories = ["health.record"]
"""


def line(number: int) -> str:
    told = {
        "when": f"2025-11-17T07:{number:02d}:00Z",
        "staffId": f"E{100 + number % 4}",
        "patient": f"P{2000 + number}",
        "verb": "open",
        "srcIp": f"192.0.2.{number}",
        "note": f"<b>{number}</b>",
        "mail": f"ann{number}@example.org",
    }
    return json.dumps(told) + "\n"


@pytest.fixture(scope="module")
def odd(shop: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shop with a second log beside it, in a layout that nobody described."""
    folder = tmp_path_factory.mktemp("odd")
    shutil.copytree(shop / "ws", folder / "ws")
    (folder / "ward.log").write_text("".join(line(each) for each in range(40)))
    scan([str(shop / "access.log"), str(folder / "ward.log")], folder / "ws", now=NOW)
    return folder


@pytest.fixture
def odd_root(odd: Path, tmp_path: Path) -> Path:
    shutil.copytree(odd / "ws", tmp_path / "odd-ws")
    return tmp_path / "odd-ws"


@pytest.fixture
def at_formats(odd_root: Path, clock: Clock) -> Iterator[Opens]:
    yield from _browsers(odd_root, clock)


def form(page: str) -> dict[str, str]:
    """What each form of the one draft of a page sends."""
    return {name: re.findall(rf'name="{name}" value="([0-9a-f]+)"', page)[0] for name in ("layout", "seen")}


def read_of(root: Path, name: str) -> tuple[int, int]:
    """Lines and events of a file."""
    with closing(journal_of(root)) as journal:
        found = [each for each in totals(journal) if Path(each.name).name == name]
    return sum(each.lines for each in found), sum(each.events for each in found)


def test_a_layout_is_drafted_accepted_and_read_by(odd: Path, odd_root: Path, at_formats: Opens) -> None:
    somebody = at_formats(Role.INVESTIGATOR)
    page = somebody.get("/formats").text
    assert "1 draft waits" in page
    assert "Of 40 lines of ward.log it reads 40." in page
    for column, field in (("time", "when"), ("principal", "staffId"), ("object", "patient")):
        assert re.search(rf"<code>{column}</code></td><td><code>{field}</code>", page)
    assert read_of(odd_root, "ward.log") == (40, 0)
    assert somebody.post("/formats", what="accept", **form(page)).status_code == 303
    after = somebody.get("/formats").text
    assert "0 drafts wait" in after
    (taken,) = re.findall(r'href="/formats/(own-[a-z0-9-]+)"', after)
    assert 'object = "patient"' in somebody.get(f"/formats/{taken}").text
    over(somebody, somebody.post("/jobs/scan").headers["location"])
    assert read_of(odd_root, "ward.log") == (40, 40)
    (decided,) = [json.loads(each.body) for each in entries(odd_root, "format.decided")]
    assert (decided["what"], decided["by"], decided["format"]) == ("accept", "the-investigator", taken)
    # and so does a scan on the terminal, which is given no format
    more = odd / "ward-2.log"
    more.write_text("".join(line(each) for each in range(40, 50)))
    try:
        assert call("scan", str(odd / "ward.log"), str(more), "-w", str(odd_root)).exit_code == 0
    finally:
        more.unlink()
    assert sum(read_of(odd_root, each)[1] for each in ("ward.log", "ward-2.log")) == 50


def test_nobody_is_shown_unmasked(at_formats: Opens) -> None:
    page = at_formats(Role.AUDITOR).get("/formats").text
    assert 'action="/formats"' not in page  # an auditor decides nothing
    assert "ann1@example.org" not in page
    assert "P2001" not in page
    assert "E101" not in page
    assert "<b>1</b>" not in page


def test_a_column_is_changed_and_taken_out(odd_root: Path, at_formats: Opens) -> None:
    somebody = at_formats(Role.OFFICER)
    page = somebody.get("/formats").text
    somebody.post("/formats", what="edit", column="session", field="mail", **form(page))
    changed = somebody.get("/formats").text
    assert re.search(r"<code>session</code></td><td><code>mail</code>", changed)
    somebody.post("/formats", what="edit", column="time", field="", **form(changed))
    without = somebody.get("/formats").text
    assert "No field of it is a time" in without
    assert 'value="accept"' not in without
    refused = somebody.post("/formats", what="accept", **form(without))
    assert (refused.status_code, "reads no line" in refused.text) == (400, True)
    assert read_of(odd_root, "ward.log") == (40, 0)


def test_who_decides_on_a_draft_that_changed_meanwhile_is_told(odd_root: Path, at_formats: Opens) -> None:
    one, other = at_formats(Role.INVESTIGATOR), at_formats(Role.OFFICER)
    page = other.get("/formats").text
    assert one.post("/formats", what="edit", column="session", field="mail", **form(page)).status_code == 303
    late = other.post("/formats", what="accept", **form(page))
    assert (late.status_code, "somebody changed this draft meanwhile" in late.text) == (400, True)
    assert one.post("/formats", what="reject", **form(one.get("/formats").text)).status_code == 303
    assert "0 drafts wait" in one.get("/formats").text
    assert [json.loads(each.body)["what"] for each in entries(odd_root, "format.decided")] == [
        "edit",
        "reject",
    ]
    gone = other.post("/formats", what="accept", **form(page))
    assert (gone.status_code, "waits no more" in gone.text) == (400, True)


@pytest.mark.parametrize(
    "sent",
    [
        {"what": "drop"},
        {"what": "edit", "column": "line", "field": "mail"},
        {"what": "edit", "column": "time", "field": "x"},
    ],
)
def test_what_is_no_decision_changes_nothing(odd_root: Path, at_formats: Opens, sent: dict[str, str]) -> None:
    somebody = at_formats(Role.OFFICER)
    assert somebody.post("/formats", **form(somebody.get("/formats").text), **sent).status_code == 400
    assert not entries(odd_root, "format.decided")


@pytest.mark.parametrize("language", ["ko", "sw"])
def test_the_page_is_in_the_language_of_its_reader(at_formats: Opens, language: str) -> None:
    somebody = at_formats(Role.OFFICER)
    somebody.post("/reader", language=language, zone="UTC")
    page = somebody.get("/formats").text
    assert f'lang="{language}"' in page
    for text in ("Examples, masked", "Leave it out", "How sources are read", "Draft for"):
        assert text not in page


def test_logs_that_lie_elsewhere_by_now_are_no_fault_of_the_page(
    odd: Path, odd_root: Path, at_formats: Opens
) -> None:
    """A workspace that was moved, or copied to where its logs are not, still says how each source was read."""
    shutil.move(odd / "ward.log", odd / "moved.log")
    try:
        page = at_formats(Role.AUDITOR).get("/formats")
    finally:
        shutil.move(odd / "moved.log", odd / "ward.log")
    assert page.status_code == 200
    assert "ward.log" in page.text
