"""Every command that README and docs show is run, and prints what they say it prints."""

from __future__ import annotations

from pathlib import Path

import pytest
from tools import console


def _runs(page: Path) -> bool:
    return any(block.language == "console" for block in console.blocks(page.read_text(encoding="utf-8")))


PAGES = [page for page in console.pages() if _runs(page)]


def test_there_are_pages_with_commands() -> None:
    assert {page.name for page in PAGES} >= {"README.md", "tutorial.md", "verify-a-number.md"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(console.ROOT).as_posix())
def test_a_page_shows_what_happens(page: Path) -> None:
    found = console.check(page)
    assert not found, "\n".join(found)
