"""A page in another language says what the English one says: the same commands and files, headings and links, and it has them all.

The commands of a translated page are those of the English one letter by letter, with the same outputs, so that running the English page
(test_console.py) runs them too; the wide tests run each page itself.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from tools import console, languages

DOCS = Path(__file__).resolve().parents[2] / "docs"
TRANSLATED = [
    page for code in languages.LANGUAGES if code != "en" for page in sorted((DOCS / code).rglob("*.md"))
]
_LINK = re.compile(r"!?\[(?:[^\]\\]|\\.)*\]\(([^)\s]+)\)")
_LETTERS = {"ko": re.compile(r"[가-힣]"), "sw": re.compile(r"[a-z]")}


def english_of(page: Path) -> Path:
    return DOCS / page.relative_to(DOCS).relative_to(page.relative_to(DOCS).parts[0])


def blocks(page: Path) -> list[tuple[str, str, str]]:
    return [(each.mark, each.language, each.text) for each in console.blocks(page.read_text("utf-8"))]


def headings(page: Path) -> list[int]:
    """The levels of a page's headings, in order."""
    prose = re.sub(r"^```.*?^```$", "", page.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    return [len(marks) for marks in re.findall(r"^(#+) ", prose, re.MULTILINE)]


def links(page: Path, language: str) -> Iterator[str]:
    """What a page links to below docs/, in order; a page that is translated counts as the English one, and web addresses as they are."""
    prose = re.sub(r"^```.*?^```$", "", page.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    folder = page.parent.relative_to(DOCS).as_posix()
    for target in _LINK.findall(prose):
        if "://" in target:
            yield target
            continue
        place = posixpath.normpath(posixpath.join(folder, target))
        yield place.removeprefix(f"{language}/") if language != "en" else place


def test_the_front_page_and_the_first_scan_are_translated() -> None:
    names = {page.relative_to(DOCS).as_posix() for page in TRANSLATED}
    assert names >= {"ko/index.md", "ko/tutorial.md", "sw/index.md", "sw/tutorial.md"}


@pytest.mark.parametrize("page", TRANSLATED, ids=lambda page: page.relative_to(DOCS).as_posix())
def test_a_translated_page_holds_what_the_english_one_holds(page: Path) -> None:
    english, language = english_of(page), page.relative_to(DOCS).parts[0]
    assert blocks(page) == blocks(english)
    assert headings(page) == headings(english)
    assert list(links(page, language)) == list(links(english, "en"))


@pytest.mark.parametrize("page", TRANSLATED, ids=lambda page: page.relative_to(DOCS).as_posix())
def test_no_paragraph_of_the_english_page_was_left_as_it_is(page: Path) -> None:
    def paragraphs(each: Path) -> set[str]:
        prose = re.sub(
            r"^```.*?^```$|^<!--.*?-->$", "", each.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL
        )
        return {" ".join(part.split()) for part in prose.split("\n\n") if " " in part.strip()}

    same = paragraphs(page) & paragraphs(english_of(page))
    assert {part for part in same if not part.startswith("<")} == set()
    assert _LETTERS[page.relative_to(DOCS).parts[0]].search(page.read_text("utf-8"))


def test_the_switch_of_a_page_leads_to_its_twins() -> None:
    pages = {"index.md", "tutorial.md", "why/score.md", "ko/index.md", "ko/tutorial.md", "sw/index.md"}
    assert [each["link"] for each in languages.alternates("tutorial.md", pages)] == [
        "tutorial.html",
        "ko/tutorial.html",
        "sw/index.html",
    ]
    assert languages.alternates("ko/tutorial.md", pages)[0]["link"] == "tutorial.html"
    assert [each["link"] for each in languages.alternates("why/score.md", pages)] == [
        "why/score.html",
        "ko/index.html",
        "sw/index.html",
    ]
    assert [languages.language_of(each) for each in ("ko/index.md", "why/score.md", "index.md")] == [
        "ko",
        "en",
        "en",
    ]
