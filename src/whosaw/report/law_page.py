"""The frame of a page about law: says at its head what it is, and that it is not legal advice."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from pathlib import Path

from whosaw.core.case_head import CaseHead

from .law_wording import bounds, law_of_line, no_law_lines, people_line
from .markup import Markup, tag, trusted

__all__ = ["law_page", "mark", "rows"]

_STYLES = [Path(__file__).parents[1] / "data" / "report" / name for name in ("page.css", "law.css")]


def law_page(title: str, lead: str, about: CaseHead, sections: Iterable[Markup | None]) -> str:
    """One self-contained file: no script, nothing from any network. The same document gives the same text."""
    style = "\n".join(path.read_text(encoding="utf-8") for path in _STYLES)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=policy),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("title", f"{title} - whosaw"),
        tag("style", trusted(style)),
    )
    header = tag(
        "header",
        tag("h1", title),
        tag("p", lead, class_="lead"),
        tag("p", law_of_line(about)) if about.law_of else None,
        tag("p", about.not_legal_advice, class_="advice", role="note"),
        _no_law(about),
        _scope(about),
    )
    body = tag(
        "body",
        header,
        tag("main", *sections),
        tag("footer", tag("p", about.not_legal_advice, class_="faint")),
    )
    return f"<!doctype html>\n{tag('html', head, body, lang='en')}\n"


def _no_law(about: CaseHead) -> Markup | None:
    found = rows(no_law_lines(about))
    return None if found is None else tag("div", found, class_="advice no-law", role="alert")


def _scope(about: CaseHead) -> Markup:
    scope = about.scope
    if scope is None:
        return tag("p", "The case names no scope version, so it is not known how many people were seen.")
    state = "final" if scope.final else "not final"
    words = f"Scope version {scope.version} ({state}): {bounds(scope.persons)} persons, {bounds(scope.accounts)} accounts. Times in {about.zone}."
    return tag("p", words, tag("br"), people) if (people := people_line(about)) else tag("p", words)


def mark(word: str) -> Markup | None:
    """A small label; nothing for what needs none."""
    return tag("span", word, class_=f"mark {word.replace(' ', '-')}") if word else None


def rows(lines: Iterable[str]) -> Markup | None:
    """Lines as a list; nothing where there are none."""
    found = [tag("li", line) for line in lines]
    return tag("ul", *found) if found else None
