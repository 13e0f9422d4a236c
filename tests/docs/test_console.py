"""Every command that README and docs show is run, and prints what they say it prints."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.docs.forked_commands import running
from tests.wide import WIDE
from tools import console, extend, languages


def _runs(page: Path) -> bool:
    return any(block.language == "console" for block in console.blocks(page.read_text(encoding="utf-8")))


LONG = {"README.md", "docs/howto/evidence.md", "docs/howto/notebook.md", "docs/howto/scope-versions.md"}
# what takes longest, of commands that other pages show on a smaller shop
FAR = {"docs/howto/fire-drill.md", "docs/howto/notebook.md", "docs/howto/scope-versions.md"}


def _short(page: Path) -> bool:
    """Whether a page is run in `make test` too. What a translated one shows is letter by letter what its twin does (test_translations.py)."""
    if page.parent == extend.PAGES:
        return False  # each copies the tree; that it still fits the tree is tried below
    name = page.relative_to(console.ROOT).as_posix()
    below = name.removeprefix("docs/")
    return name not in FAR and languages.language_of(below) == "en"


PAGES = [page for page in console.pages() if _runs(page) and (WIDE or _short(page))]


def test_there_are_pages_with_commands() -> None:
    assert {page.name for page in PAGES} >= {"README.md", "tutorial.md", "verify-a-number.md"}


def _param(page: Path) -> object:
    name = page.relative_to(console.ROOT).as_posix()
    slow = name in LONG or page.parent == extend.PAGES
    return pytest.param(page, id=name, marks=[pytest.mark.slow] if slow else [])


@pytest.fixture(scope="module")
def runs() -> Iterator[console.Runs | None]:
    """The wide tests run each command as a reader does."""
    if WIDE:
        yield None
    else:
        with running() as quick:
            yield quick


@pytest.mark.parametrize("page", [_param(page) for page in PAGES])
def test_a_page_shows_what_happens(page: Path, runs: console.Runs | None) -> None:
    found = console.check(page, runs=runs)
    assert not found, "\n".join(found)


@pytest.mark.parametrize("page", sorted(extend.PAGES.glob("a-*.md")), ids=lambda page: page.name)
def test_what_a_page_on_extending_adds_and_changes_fits_the_tree(page: Path, tmp_path: Path) -> None:
    """Its commands, in a copy of the whole tree, are run by the wide tests."""
    blocks = console.blocks(page.read_text(encoding="utf-8"))
    steps = [(block.mark, block.text) for block in blocks if extend.is_step(block.mark)]
    for name in extend.named(steps)[0]:
        if (console.ROOT / name).is_file():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(console.ROOT / name, tmp_path / name)
    assert steps
    assert [fault for step in steps if (fault := extend.apply(step, tmp_path))] == []
