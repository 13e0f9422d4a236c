"""Every number of a report is followed: to lines that the original file still has, and by its command to as many as it says."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.unit.cli.conftest import call
from tests.unit.report.page_tree import Element, Tree, opened_lines, unopened

from whosaw.app.reading.lines import open_line
from whosaw.store.workspace import Workspace


@pytest.fixture(scope="module")
def page(made: Path) -> str:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(made)
        done = call(
            "scan", "access.log", "--map", "map.toml", "--context", "context", "--report", "page.html"
        )
    assert done.exit_code == 0, done.stderr
    return (made / "page.html").read_text(encoding="utf-8")


def count_of(text: str) -> int:
    found = re.search(r"\d[\d,]*", text)
    assert found is not None, text
    return int(found[0].replace(",", ""))


def listed(command: str) -> int:
    """How many rows the command lists."""
    words = shlex.split(command)
    assert words[0] == "whosaw"
    done = call(*words[1:], "--jsonl")
    assert done.exit_code == 0, (command, done.stderr)
    return len([json.loads(line) for line in done.stdout.splitlines()])


def one(element: Element, name: str) -> Element:
    return next(each for each in element.below() if each.name == name)


def unfolding(page: str) -> Iterator[tuple[str, str]]:
    """Words with a number, and the command that lists all that is behind it."""
    for each in Tree(page).every:
        if each.attributes.get("class") == "opens":
            yield one(each, "summary").text, one(one(each, "p"), "code").text


def test_every_number_of_a_report_leads_to_lines_and_digests(page: str) -> None:
    assert unopened(page) == []


def test_every_line_that_it_names_is_still_there(folder: Path, page: str) -> None:
    workspace = Workspace.open(folder / "whosaw-data")
    try:
        for locator in sorted(opened_lines(page)):
            assert open_line(workspace, locator).text
    finally:
        workspace.close()


def test_what_unfolds_lists_as_many_as_it_says(folder: Path, page: str) -> None:
    told = dict.fromkeys(unfolding(page))
    assert any("views" in words for words, _ in told)
    assert any("persons" in words for words, _ in told)
    for words, command in told:
        assert listed(command) == count_of(words), (words, command)


def test_rows_of_pictures_list_as_many_as_they_say(folder: Path, page: str) -> None:
    figures = [each for each in Tree(page).every if each.name == "figure"]
    assert len(figures) >= 6
    for figure in figures:
        command = [each.text for each in figure.below() if each.name == "code"][-1]
        if "whosaw picture" not in command:
            continue
        head = [each.text for each in one(figure, "thead").below() if each.name == "th"]
        row = next(each for each in figure.below() if each.name == "tr" and "id" in each.attributes)
        cells = [each.text for each in row.below() if each.name == "td"]
        views = next(at for at, name in enumerate(head) if name.startswith("Views"))
        possible = count_of(cells[head.index("Only possible")]) if "Only possible" in head else 0
        if "--of order" not in command:  # a line of which may show several people
            assert listed(command.replace("ROW", cells[0])) == count_of(cells[views]) + possible, command
