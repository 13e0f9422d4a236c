"""A draft as every file format shows it: what is sent, and beside it what only its preparer should read."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Literal

from whosaw.core.draft import Block, Draft, Missing, Section

from .draft_words import DraftWords, draft_words

__all__ = ["DraftView", "Group", "Line", "Part", "Preparer", "draft_view"]

GroupKind = Literal["text", "item", "row"]
_BLANK = "_" * 24  # to be filled in by hand; the preparer's part says with what
_JOINERS = "\N{ZERO WIDTH NON-JOINER}\N{ZERO WIDTH JOINER}"  # letters of some scripts change with them


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A paragraph, an item or a row. `notes` are numbers of footnotes."""

    text: str
    label: str = ""
    notes: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Neighbours of one kind: paragraphs, a list, or a table."""

    kind: GroupKind
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A section. `reference` is the article it answers (not in notices); `missing` is what stands where something is missing: in a filing a
    line to write on, elsewhere a sentence."""

    heading: str
    reference: str = ""
    groups: tuple[Group, ...] = ()
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Preparer:
    """What stands outside of what is sent."""

    facts: tuple[tuple[str, str], ...]
    missing: tuple[str, ...]
    notes: tuple[str, ...]
    confidence: tuple[str, ...]
    sources: tuple[str, ...]
    short: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftView:
    """`sources` are the footnotes in order: number 1 is the first. What is sent has none; its sources are the preparer's."""

    words: DraftWords
    title: str
    organisation: str
    complete: bool
    head: tuple[tuple[str, str], ...]
    opening: tuple[Group, ...]
    parts: tuple[Part, ...]
    closing: tuple[Group, ...]
    sources: tuple[str, ...]
    preparer: Preparer


def draft_view(draft: Draft, own: Path | None = None) -> DraftView:
    """The view of a draft. Raises `WhosawError` where its language has no words."""
    words = draft_words(draft.language, own)
    filing, record = draft.kind != "notice", draft.kind == "record"
    notes = _Footnotes(shown=record)
    opening = _groups(draft.opening, notes)
    parts = tuple(_part(each, words, notes, kind=draft.kind) for each in draft.sections)
    closing = _groups(draft.closing, notes)
    recipient, organisation = _one_line(draft.recipient), _one_line(draft.organisation)
    head = ((words.to, recipient), (words.sender, organisation))
    version = draft.scope_version
    facts = (
        *(() if filing else head),
        (words.case, _one_line(draft.case)),
        (words.scope_version, words.no_scope_version if version is None else str(version)),
        (words.duties, ", ".join(draft.duties)),
    )
    return DraftView(
        words=words,
        title=_one_line(draft.title),
        organisation=organisation,
        complete=draft.complete,
        head=tuple(each for each in head if each[1]) if filing else (),
        opening=opening,
        parts=parts,
        closing=closing,
        sources=tuple(notes.found) if record else (),
        preparer=Preparer(
            facts=tuple(each for each in facts if each[1]),
            missing=tuple(_gaps(draft.sections, words)),
            notes=tuple(_clean(each) for each in draft.notes),
            confidence=tuple(_doubts(draft.sections, words)),
            sources=() if record else tuple(_origins(draft)),
            short=_clean(draft.short),
        ),
    )


@dataclass(slots=True)
class _Footnotes:
    """Each source once, numbered by where it is first named."""

    shown: bool
    found: dict[str, int] = field(default_factory=dict)

    def numbers(self, sources: Iterable[str]) -> tuple[int, ...]:
        numbers = [self.found.setdefault(_one_line(each), len(self.found) + 1) for each in sources]
        return tuple(sorted(set(numbers))) if self.shown else ()


def _groups(blocks: Sequence[Block], notes: _Footnotes) -> tuple[Group, ...]:
    return tuple(
        Group(
            kind=kind,
            lines=tuple(
                Line(
                    text=_clean(each.text),
                    label=_one_line(each.label),
                    notes=notes.numbers(each.sources),
                )
                for each in neighbours
            ),
        )
        for kind, neighbours in groupby(blocks, key=lambda each: each.kind)
    )


def _part(section: Section, words: DraftWords, notes: _Footnotes, *, kind: str) -> Part:
    article = _one_line(section.article)
    doubt = words.confidence["unverified"] if section.confidence == "unverified" else ""
    reference = {"filing": article, "record": ", ".join(each for each in (article, doubt) if each)}
    return Part(
        heading=_one_line(section.heading),
        reference=reference.get(kind, ""),
        groups=_groups(section.blocks, notes),
        missing=tuple(
            _blank(each, named=len(section.missing) > 1)
            if kind == "filing"
            else words.missing(_one_line(each.needs))
            for each in section.missing
        ),
    )


def _blank(missing: Missing, *, named: bool) -> str:
    """A line to write on. Where several stand below one heading (`named`) each says what it is for."""
    label = _one_line(missing.label or (missing.needs if named else ""))
    return f"{label}: {_BLANK}" if label else _BLANK


def _origins(draft: Draft) -> Iterable[str]:
    """For each thing that is said in what is sent, where it comes from."""
    found: dict[str, dict[str, None]] = {}
    places = (
        ("", draft.opening),
        *((each.heading, each.blocks) for each in draft.sections),
        ("", draft.closing),
    )
    for heading, blocks in places:
        for each in blocks:
            place = ", ".join(part for part in map(_one_line, (heading, each.label)) if part)
            found.setdefault(place or _one_line(draft.title), {}).update(
                dict.fromkeys(_one_line(source) for source in each.sources)
            )
    return (f"{place}: {'; '.join(sources)}" for place, sources in found.items() if sources)


def _gaps(sections: Iterable[Section], words: DraftWords) -> Iterable[str]:
    for section in sections:
        for each in section.missing:
            yield f"{_named(section)}: {words.where(_one_line(each.needs), _one_line(each.where))}"


def _doubts(sections: Sequence[Section], words: DraftWords) -> Iterable[str]:
    """For each kind of doubt about the law behind them, the sections that it concerns."""
    for confidence, doubt in words.confidence.items():
        found = [_named(each) for each in sections if each.confidence == confidence]
        if found:
            yield f"{doubt}: {'; '.join(found)}"


def _named(section: Section) -> str:
    heading, article = _one_line(section.heading), _one_line(section.article)
    return f"{heading} ({article})" if article else heading


def _one_line(text: str) -> str:
    return " ".join(_clean(text).split())


def _clean(text: str) -> str:
    """Text whose every character can be seen: lines end alike, control characters are spelled out, and what turns or hides the
    letters around it is left out."""
    return "".join(_seen(mark) for mark in "\n".join(text.splitlines())).strip()


def _seen(mark: str) -> str:
    if mark == "\n" or mark in _JOINERS:
        return mark
    category = unicodedata.category(mark)
    if mark == "\t" or category == "Zs":
        return " "
    if category == "Cf":
        return ""
    return rf"\x{ord(mark):02x}" if category in ("Cc", "Cs", "Cn", "Co") else mark
