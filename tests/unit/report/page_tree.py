"""The report page as a tree, and a walk over all of its numbers: each must lead to lines of logs, and these to a digest."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

__all__ = ["Element", "Tree", "opened_lines", "unopened"]

_VOID = {"meta", "br"}
_LINE = re.compile(r"([0-9a-f]{16}):([0-9]+)")
_SHA = re.compile(r"[0-9a-f]{64}")


@dataclass
class Element:
    """An element with what is in it; texts among the elements, in order."""

    name: str
    attributes: dict[str, str]
    parent: Element | None
    inside: list[Element | str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "".join(each if isinstance(each, str) else each.text for each in self.inside)

    def below(self) -> Iterator[Element]:
        yield self
        for each in self.inside:
            if isinstance(each, Element):
                yield from each.below()

    def above(self) -> Iterator[Element]:
        at: Element | None = self
        while at is not None:
            yield at
            at = at.parent

    def lines(self) -> list[Element]:
        """The links in it that name a line of a log."""
        return [each for each in self.below() if "line" in each.attributes.get("class", "").split()]


class Tree(HTMLParser):
    """A page, its elements in order."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.root = self._at = Element("page", {}, None)
        self.feed(page)
        self.close()
        self.every = list(self.root.below())
        self.by_id = {each.attributes["id"]: each for each in self.every if "id" in each.attributes}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        made = Element(tag, {name: value or "" for name, value in attrs}, self._at)
        self._at.inside.append(made)
        if tag not in _VOID:
            self._at = made

    def handle_endtag(self, tag: str) -> None:
        assert self._at.parent is not None
        self._at = self._at.parent

    def handle_data(self, data: str) -> None:
        self._at.inside.append(data)


def unopened(page: str) -> list[str]:
    """Texts with a number in the header and the main part that lead to no line of a log, or to one whose file has no digest.

    A number opens where it stands in a row beside the lines that it was counted from, in a heading whose picture has such rows, before
    lines that unfold below it, or in a link to any of these. Moments, commands, ids, and what a detector was given are no counts; a zero has nothing behind it.
    Marks and axes of a drawing are told by its table.
    """
    tree = Tree(page)
    return [text for text, at in _numbers(tree) if not _opens(tree, at)]


def opened_lines(page: str) -> set[str]:
    """The locators of all lines that the page names; each must lead to the whole digest of its file."""
    tree = Tree(page)
    found = set()
    for each in tree.root.lines():
        assert _has_digest(tree, each), each.text
        found.add(each.attributes["title"])
    return found


def _numbers(tree: Tree) -> Iterator[tuple[str, Element]]:
    for element in tree.every:
        names = {each.name for each in element.above()}
        if not names & {"header", "main"} or names & {"code", "time", "svg", "style", "h1"}:
            continue
        if element.attributes.get("class") in ("line", "given"):
            continue
        for text in element.inside:
            if isinstance(text, str) and re.search(r"[1-9]", text.replace("SHA-256", "")):
                yield text, element


def _opens(tree: Tree, at: Element) -> bool:
    for each in at.above():
        if each.name in ("tr", "details", "figure"):
            return _leads(tree, each)
        if each.name == "a":
            target = tree.by_id.get(each.attributes["href"].removeprefix("#"))
            return target is not None and _leads(tree, target)
    return False


def _leads(tree: Tree, at: Element) -> bool:
    lines = at.lines()
    if not lines:  # a table of the context is a file with its digest
        return bool(_SHA.search(at.text))
    return all(_has_digest(tree, each) for each in lines)


def _has_digest(tree: Tree, line: Element) -> bool:
    found = _LINE.fullmatch(line.attributes["title"])
    target = tree.by_id.get(line.attributes["href"].removeprefix("#"))
    if found is None or target is None:
        return False
    whole = _SHA.fullmatch(target.text)
    row = next(each for each in target.above() if each.name == "tr")
    file, _, number = line.text.rpartition(":")
    return (
        bool(whole) and target.text.startswith(found[1]) and number == found[2] and row.text.startswith(file)
    )
