"""A draft as one self-contained HTML page."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path

from whosaw.core.draft import Draft

from .draft_view import DraftView, Group, Line, Part, draft_view
from .markup import Markup, join, tag, trusted

__all__ = ["draft_html"]

_STYLE = Path(__file__).parents[1] / "data" / "report" / "draft.css"


def draft_html(draft: Draft, *, sent_only: bool = False, own: Path | None = None) -> str:
    """A draft as a page without script that takes nothing from any network.

    The preparer's part is the `aside` with the id `preparer`, what is sent is the `main` with the id `sent`; or the latter alone.
    """
    view = draft_view(draft, own)
    style = _STYLE.read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    title = view.title if view.complete or sent_only else f"{view.words.draft}: {view.title}"
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=policy),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("title", title),
        tag("style", trusted(style)),
    )
    body = tag("body", None if sent_only else _preparer(view), _sent(view))
    return f"<!doctype html>\n{tag('html', head, body, lang=view.words.tag)}\n"


def _preparer(view: DraftView) -> Markup:
    words, told = view.words, view.preparer
    lists = (
        (words.still_missing, told.missing),
        (words.notes, (*told.notes, *told.confidence)),
        (words.sources, told.sources),
    )
    return tag(
        "aside",
        tag("p", tag("strong", words.draft), class_="stamp"),
        tag("p", words.preparer),
        tag("p", words.not_legal_advice),
        _table([Line(label=label, text=text) for label, text in told.facts]),
        *(
            join([tag("h2", heading), _items([Line(text=each) for each in entries])])
            for heading, entries in lists
            if entries
        ),
        tag("h2", words.short) if told.short else None,
        tag("p", told.short, class_="short") if told.short else None,
        id="preparer",
        class_="preparer",
        aria_label=words.draft,
    )


def _sent(view: DraftView) -> Markup:
    return tag(
        "main",
        tag("h1", view.title),
        _table([Line(label=label, text=text) for label, text in view.head]) if view.head else None,
        *_groups(view.opening),
        *(_part(part) for part in view.parts),
        tag("footer", *_groups(view.closing)) if view.closing else None,
        _sources(view) if view.sources else None,
        id="sent",
    )


def _part(part: Part) -> Markup:
    reference = tag("small", part.reference) if part.reference else None
    return tag(
        "section",
        tag("h2", part.heading, " " if reference else None, reference),
        *_groups(part.groups),
        *(tag("p", tag("mark", each)) for each in part.missing),
    )


def _groups(groups: Sequence[Group]) -> Iterable[Markup]:
    for group in groups:
        if group.kind == "text":
            yield from (tag("p", *_labelled(line)) for line in group.lines)
        else:
            yield _items(group.lines) if group.kind == "item" else _table(group.lines)


def _items(lines: Sequence[Line]) -> Markup:
    return tag("ul", *(tag("li", *_labelled(line)) for line in lines))


def _table(rows: Sequence[Line]) -> Markup:
    return tag(
        "table",
        tag(
            "tbody",
            *(
                tag("tr", tag("th", row.label, scope="row"), tag("td", _broken(row.text), _notes(row)))
                for row in rows
            ),
        ),
    )


def _labelled(line: Line) -> tuple[Markup | None, ...]:
    label = join([tag("strong", f"{line.label}:"), " "]) if line.label else None
    return label, _broken(line.text), _notes(line)


def _broken(text: str) -> Markup:
    lines = [join([each]) for each in text.split("\n")]
    return join(lines[:1] + [join([tag("br"), each]) for each in lines[1:]])


def _notes(line: Line) -> Markup | None:
    if not line.notes:
        return None
    links = (tag("a", f"[{each}]", href=f"#source-{each}") for each in line.notes)
    return join([" ", tag("sup", *links)])


def _sources(view: DraftView) -> Markup:
    rows = (tag("li", each, id=f"source-{at}") for at, each in enumerate(view.sources, start=1))
    return tag("section", tag("h2", view.words.sources), tag("ol", *rows), class_="sources")
