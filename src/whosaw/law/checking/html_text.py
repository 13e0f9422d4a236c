"""The visible text of an HTML page. Hidden elements, scripts, comments and styles do not count: nobody reads them."""

from __future__ import annotations

import re
import warnings
from typing import Final

import soupsieve
import tinycss2
from bs4 import BeautifulSoup, XMLParsedAsHTMLWarning
from bs4.element import Comment, Doctype, NavigableString, ProcessingInstruction, Tag

from .text import Block

__all__ = ["html_blocks"]

_UNSEEN: Final = (
    "script", "style", "template", "noscript", "head", "iframe", "object", "svg", "canvas", "audio", "video", "datalist",
    "select", "textarea", "input", "dialog",
)  # fmt: skip
_HEADINGS: Final = ("h1", "h2", "h3", "h4", "h5", "h6", "legend", "caption")
_BLOCKS: Final = frozenset((
    "address", "article", "aside", "blockquote", "body", "center", "dd", "details", "div", "dl", "dt", "fieldset", "figcaption",
    "figure", "footer", "form", "header", "hr", "li", "main", "nav", "ol", "p", "pre", "section", "summary", "table", "tbody",
    "tfoot", "thead", "tr", "ul", "br", *_HEADINGS,
))  # fmt: skip
_HIDING: Final = re.compile(
    r"display:none|visibility:(?:hidden|collapse)|(?<![\w-])opacity:0(?:\.0*)?(?![.\d])|font-size:0(?![.\d])|clip:rect\(0|text-indent:-\d{3,}"
)


def html_blocks(raw: bytes | str) -> list[Block]:
    """Blocks in document order. The cells of a row are one block, divided by bars."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", XMLParsedAsHTMLWarning)
        soup = BeautifulSoup(raw, "html.parser")
    title = soup.title.get_text() if soup.title is not None else ""
    _hide(soup)
    for each in soup.find_all(_UNSEEN):
        each.decompose()
    walk = _Walk()
    walk.inside(soup)
    walk.close()
    if not any(each.heading for each in walk.blocks) and title.strip():
        walk.blocks.insert(0, Block(text=title, heading=True, line=1))
    return walk.blocks


def _hide(soup: BeautifulSoup) -> None:
    """Take out what styles or attributes hide. Style rules count where they stand outside of any @-rule."""
    hidden = [
        each
        for each in soup.select("*")
        if each.has_attr("hidden")
        or _HIDING.search(re.sub(r"\s+", "", str(each.get("style", ""))).lower()) is not None
    ]
    for sheet in soup.find_all("style"):
        for rule in tinycss2.parse_stylesheet(sheet.get_text(), skip_comments=True, skip_whitespace=True):
            if rule.type != "qualified-rule" or not _HIDING.search(
                re.sub(r"\s+", "", tinycss2.serialize(rule.content)).lower()
            ):
                continue
            try:
                hidden.extend(soupsieve.select(tinycss2.serialize(rule.prelude), soup))
            except (soupsieve.SelectorSyntaxError, NotImplementedError):
                continue  # a selector that only a browser can answer, such as one of a state
    for each in hidden:
        if not each.decomposed:
            each.decompose()


class _Walk:
    """Collects text until a block begins or ends."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self._parts: list[str] = []
        self._line: int | None = None
        self._heading = False
        self._item = False

    def close(self) -> None:
        text = " ".join("".join(self._parts).split())
        if re.search(r"\w", text):
            self.blocks.append(Block(text=text, line=self._line, heading=self._heading, item=self._item))
        self._parts.clear()
        self._line = None

    def inside(self, tag: Tag) -> None:
        for child in tag.children:
            if isinstance(child, NavigableString):
                if not isinstance(child, Comment | Doctype | ProcessingInstruction):
                    self._parts.append(str(child))
            elif isinstance(child, Tag):
                self._child(child)

    def _child(self, child: Tag) -> None:
        if child.name in ("td", "th"):
            if "".join(self._parts).strip():
                self._parts.append(" | ")
            self._begin(child)
            self._parts.append(" ".join(child.get_text(" ").split()))
            return
        if child.name not in _BLOCKS:
            self.inside(child)
            return
        self.close()
        before = (self._heading, self._item)
        self._heading = self._heading or child.name in _HEADINGS
        self._item = self._item or child.name in ("li", "dd", "tr")
        self._begin(child)
        self.inside(child)
        self.close()
        self._heading, self._item = before

    def _begin(self, tag: Tag) -> None:
        if self._line is None and isinstance(tag.sourceline, int):
            self._line = tag.sourceline
