"""The glossary holds each word once, and nobody reads a word that another has replaced."""

from __future__ import annotations

import ast
import json
import re
import tomllib
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any, Final

import pytest
from typer.main import get_command

from whosaw.cli.main import app

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "whosaw"
GLOSSARY = ROOT / "docs" / "glossary.md"
ITEMS = ("checks", "detectors", "explanations", "hints", "links", "log_health", "logsources")
ROOMS = ("actors", "alert", "app", "cli", "core", "logs", "mapping", "packs", "report", "scope", "store")
# by place and word: why the word stands there all the same
ALLOWED: Final = {
    ("docs/reference/categories.md", "party"): "a political party",
    ("docs/why/notices.md", "alarm"): "a false alarm: the field's word for a failure on a point that holds",
    ("docs/reference/law/za.md", "party"): "the responsible party: what POPIA calls a controller",
    ("docs/reference/json/common.schema.json", "manner"): "the name that `by` has, listed with the others",
    ("docs/reference/detectors.md", "manner"): "the column by which a clause groups",
    ("data/detectors/numbers-nobody-has.toml", "manner"): "the id of the clause that a case names",
    ("core/finding_title.py", "party"): "read in sentences that an earlier release stored",
    ("actors/sigma/hits.py", "party"): "a piece of a statement: the name of a column",
}
_SQL: Final = re.compile(r"\b(SELECT|FROM|WHERE|JOIN|PARTITION BY|GROUP BY)\b")


def glossary(text: str) -> dict[str, list[str]]:
    """Each word with those it replaces. Raises `ValueError` where a word stands twice."""
    words: dict[str, list[str]] = {}
    for names, told in re.findall(r"^(\w[^\n]*)\n:   (.*?)(?=\n\n|\Z)", text, re.MULTILINE | re.DOTALL):
        replaced = re.search(r"\*Not:\*\s+(.+?)\.(?=\s|\Z)", told, re.DOTALL)
        for name in names.split(", "):
            if name in words:
                raise ValueError(f"{name} stands twice")
            words[name] = re.split(r",\s+", replaced[1]) if replaced else []
    return words


WORDS = glossary(GLOSSARY.read_text("utf-8"))
REPLACED = {old.replace("\n", " "): new for new, olds in WORDS.items() for old in olds}
_REPLACED = re.compile(rf"\b({'|'.join(map(re.escape, REPLACED))})\b", re.IGNORECASE)


def plain(page: str) -> str:
    """A page without code, quotations of code and targets of links."""
    page = re.sub(r"^```.*?^```$", "", page, flags=re.MULTILINE | re.DOTALL)
    return re.sub(r"`[^`\n]*`|\]\([^)]*\)|\[\[[^\]]*\]\]|<!--.*?-->", " ", page, flags=re.DOTALL)


def pages() -> Iterator[tuple[str, str]]:
    """Decisions are kept as they were written, and the glossary names the words that it replaces."""
    for path in (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))):
        name = str(path.relative_to(ROOT))
        if path != GLOSSARY and not name.startswith("docs/decisions/"):
            yield name, plain(path.read_text("utf-8"))


def helps(command: Any, name: str) -> Iterator[tuple[str, str]]:
    yield name, plain(command.help or "")
    for each in command.params:
        yield f"{name} {each.opts[0]}", plain(getattr(each, "help", None) or "")
    for inner, each in getattr(command, "commands", {}).items():
        yield from helps(each, f"{name} {inner}")


def leaves(value: object, key: str = "") -> Iterator[tuple[str, str]]:
    """Every text of an item or a schema, with the last name on the way to it."""
    if isinstance(value, dict):
        for name, each in value.items():
            yield from leaves(each, name)
    elif isinstance(value, list):
        for each in value:
            yield from leaves(each, key)
    elif isinstance(value, str):
        yield key, value


_SAID = (
    "title",
    "why",
    "says",
    "title_end",
    "blind_spots",
    "limits",
    "gap",
    "note",
    "description",
    "what",
    "hint",
)


def items() -> Iterator[tuple[str, str]]:
    """What an item says; values of fields and of cases are data."""
    for folder in ITEMS:
        for path in sorted((PACKAGE / "data" / folder).rglob("*.toml")):
            for key, text in leaves(tomllib.loads(path.read_text("utf-8"))):
                if key in _SAID:
                    yield str(path.relative_to(PACKAGE)), plain(text)


def schemas() -> Iterator[tuple[str, str]]:
    for path in sorted((ROOT / "docs" / "reference" / "json").glob("*.json")):
        for key, text in leaves(json.loads(path.read_text("utf-8"))):
            if key == "description":
                yield str(path.relative_to(ROOT)), plain(text)


def messages() -> Iterator[tuple[str, str]]:
    """Texts of two words and more in the code, without docstrings and SQL."""
    for room in ROOMS:
        for path in sorted((PACKAGE / room).rglob("*.py")):
            nodes = list(ast.walk(ast.parse(path.read_text("utf-8"))))
            docs = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
            for node in nodes:
                if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs:
                    text = node.value
                    if " " in text.strip() and not _SQL.search(text):
                        yield str(path.relative_to(PACKAGE)), plain(text)


@cache
def all_texts() -> dict[str, tuple[tuple[str, str], ...]]:
    """By source: every text with its place. They are read once."""
    return {
        "pages": tuple(pages()),
        "helps": tuple(helps(get_command(app), "whosaw")),
        "items": tuple(items()),
        "schemas": tuple(schemas()),
        "messages": tuple(messages()),
    }


def replaced(told: Iterable[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """By place and word: the text, where a word of it was replaced."""
    return {
        (place, found.group().lower()): " ".join(text[max(0, found.start() - 60) : found.end() + 60].split())
        for place, text in told
        for found in _REPLACED.finditer(text)
    }


def all_of_them() -> dict[tuple[str, str], str]:
    return replaced(chain.from_iterable(all_texts().values()))


def test_no_word_is_read_that_another_has_replaced() -> None:
    found = all_of_them()
    told = [
        f"{place}: {REPLACED[word]} instead of {word}: {text}"
        for (place, word), text in found.items()
        if (place, word) not in ALLOWED
    ]
    assert told == []


def test_every_exception_is_needed() -> None:
    assert set(ALLOWED) - set(all_of_them()) == set()


def test_the_words_of_one_idea_are_those_agreed() -> None:
    for word in (
        "entity",
        "link",
        "cluster",
        "finding",
        "baseline",
        "alert",
        "case",
        "user agent",
        "session",
        "actor",
    ):
        assert word in WORDS
    assert REPLACED["party"] == "actor"
    assert REPLACED["season"] == "baseline"
    assert not set(REPLACED) & set(WORDS)


def test_each_source_of_texts_is_read() -> None:
    least = {"pages": 40, "helps": 200, "items": 200, "schemas": 500, "messages": 500}
    assert least.keys() == all_texts().keys()
    for source, texts in all_texts().items():
        assert sum(1 for _, text in texts if text.strip()) > least[source]


@pytest.mark.parametrize("text", ["One party came.", "what He saw", "its\nseason"])
def test_a_replaced_word_is_found(text: str) -> None:
    assert replaced(iter([("here", text)]))


@pytest.mark.parametrize(
    "text", ["a `party` of JSON", "[its way](#party)", "```\nparty\n```", "the partying heron"]
)
def test_code_and_other_words_are_not(text: str) -> None:
    assert not replaced(iter([("here", plain(text))]))


def test_a_word_that_stands_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="walk stands twice"):
        glossary("walk\n:   One.\n\nstep, walk\n:   Another.\n")
