"""The three doors: each is a page that begins with nothing, names every file that a reader has to make, and ends in an answer."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tools import console

ROOT = Path(__file__).resolve().parents[2]
DOORS = ("first-hour.md", "answer-for-it.md", "check-a-claim.md")


def linked(page: Path) -> list[str]:
    """The doors that a page leads to, in order, each once."""
    found = re.findall(r"\((?:docs/|\.\./)?([\w-]+\.md)\)", page.read_text(encoding="utf-8"))
    return [name for name in dict.fromkeys(found) if name in DOORS]


@pytest.mark.parametrize("page", ["README.md", "docs/index.md", "docs/ko/index.md", "docs/sw/index.md"])
def test_readme_and_front_pages_lead_to_the_three_doors_in_one_order(page: str) -> None:
    assert linked(ROOT / page) == list(DOORS)


@pytest.mark.parametrize("page", ["README.md", "docs/index.md"])
def test_they_begin_with_a_picture_of_an_answer(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    assert text.index("pictures/who-") < text.index(DOORS[0])


@pytest.mark.parametrize("page", ["README.md", "docs/index.md", "docs/ko/index.md", "docs/sw/index.md"])
def test_figures_of_the_demo_are_those_that_the_run_command_prints(page: str) -> None:
    shown = "".join(block.text for block in console.blocks((ROOT / "README.md").read_text(encoding="utf-8")))
    told = re.findall(r"\b\d{1,3}(?:,\d{3})+", (ROOT / page).read_text(encoding="utf-8"))
    assert told
    assert set(told) <= set(re.findall(r"\b\d{1,3}(?:,\d{3})+", shown))
    assert "after 1 person." in shown  # which the pictures of the report are described with


@pytest.mark.parametrize("door", DOORS)
def test_every_file_of_a_door_is_named_where_a_reader_sees_it(door: str) -> None:
    text = (ROOT / "docs" / door).read_text(encoding="utf-8")
    prose = re.sub(r"^```.*?^```$|<!--.*?-->", "", text, flags=re.MULTILINE | re.DOTALL)
    files = [
        block.mark.removeprefix("file: ") for block in console.blocks(text) if block.mark.startswith("file: ")
    ]
    assert files
    assert [name for name in files if f"`{name}`" not in prose] == []


@pytest.mark.parametrize("door", DOORS)
def test_every_command_of_a_door_is_run(door: str) -> None:
    found = list(console.blocks((ROOT / "docs" / door).read_text(encoding="utf-8")))
    shown = [block for block in found if block.language == "console"]
    assert len(shown) >= 4
    assert all(block.mark.startswith("run") for block in shown)
