"""Every decision is listed, and every list entry is there."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "docs" / "decisions"
PAGES = sorted(page.name for page in FOLDER.glob("[0-9]*.md"))


def test_the_index_lists_every_decision_once_in_order() -> None:
    text = (FOLDER / "index.md").read_text(encoding="utf-8")
    assert re.findall(r"\((\d{4}-[\w-]+\.md)\)", text) == PAGES


def test_every_decision_is_in_the_navigation() -> None:
    text = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    assert re.findall(r"decisions/(\d{4}-[\w-]+\.md)", text) == PAGES


def test_numbers_are_used_once_and_states_are_said() -> None:
    assert len({name[:4] for name in PAGES}) == len(PAGES)
    for name in PAGES:
        text = (FOLDER / name).read_text(encoding="utf-8")
        assert text.startswith(f"# {name[:4]}: "), name
        assert re.search(
            r"^State: (proposed|in force since \d{4}-\d\d-\d\d|replaced by \[\d{4}\])", text, re.MULTILINE
        ), name


def test_the_navigation_names_decisions_by_what_they_decide() -> None:
    text = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    names = re.findall(r"^ +- (.+): decisions/\d{4}-[\w-]+\.md$", text, re.MULTILINE)
    assert len(names) == len(PAGES)
    assert not [name for name in names if re.search(r"\d", name)]
