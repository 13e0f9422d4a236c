"""The accountability record of a case as a draft: the facts, the effects, the remedial action, and every decision with its ground."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from whosaw.core.decisions import AccountabilityRecord
from whosaw.core.draft import Block, Draft, Missing, Section
from whosaw.core.law_items import cited
from whosaw.core.moments import Moment

from .decision_wording import decided_line, duty_lines, ground_lines, scope_line
from .law_wording import bounds, moment_text

__all__ = ["decisions_draft"]

_HEADINGS: Final = {"facts": "Facts", "effects": "Effects", "remedial-action": "Remedial action taken"}
_ABOUT: Final = {
    "facts": ("awareness", "circumstances", "cause", "intruder", "chronology", "new-fact"),
    "effects": ("consequences", "recovery"),
    "remedial-action": (
        "measure-taken",
        "measure-planned",
        "people-can-do",
        "redress",
        "notice-plan",
        "late",
    ),
}
_ASKED: Final = {
    "facts": ("what happened", "circumstances"),
    "effects": ("what it is likely to mean for the people", "consequences"),
    "remedial-action": ("what was done about it", "measure-taken"),
}


def decisions_draft(record: AccountabilityRecord) -> Draft:
    """What a law asks of the record and nobody has said is missing in it."""
    laws = record.record_duties
    kept = [cited(each.statute, each.article) for each in laws]
    opening = [
        f"Accountability record of case {record.head.case}, as of {moment_text(Moment.at(record.head.now), record.head.zone)} ({record.head.zone})."
    ]
    opening += [f"Kept under {'; '.join(kept)}."] if kept else []
    asked = {content.key for each in laws for content in each.contents}
    sections = [_asked(key, record) for key in (*_HEADINGS, *sorted(asked - _HEADINGS.keys()))]
    return Draft(
        id="accountability-record",
        kind="record",
        language="en",
        title=f"Accountability record: {record.head.case}",
        organisation=record.head.organisation,
        recipient="; ".join(dict.fromkeys(each.recipient for each in laws)) or "our own records",
        case=record.head.case,
        scope_version=record.head.scope.version if record.head.scope else None,
        duties=tuple(each.id for each in laws),
        opening=tuple(Block(kind="text", text=text) for text in opening),
        sections=(*sections, _decisions(record), *_duties(record), _check(record)),
        notes=(
            "Texts of the organisation stand in English where it gives them so, else in their own language.",
        ),
    )


def _asked(key: str, record: AccountabilityRecord) -> Section:
    """One thing that a law asks of the record, or its absence."""
    named = [
        (each, content) for each in record.record_duties for content in each.contents if content.key == key
    ]
    blocks = tuple(_FILLED[key](record)) if key in _FILLED else ()
    missing: tuple[Missing, ...] = ()
    if key not in _HEADINGS:
        missing = (Missing(needs=named[0][1].text, where="write it here; whosaw does not know it"),)
    elif not any(each.about == _ASKED[key][1] for each in record.statements):
        what, about = _ASKED[key]
        missing = (Missing(needs=what, where=f'case file: [[statement]] about = "{about}"'),)
    doubts = {each.confidence for each, _ in named} - {"statute-read"}
    return Section(
        key=key if named else "",
        heading=_HEADINGS.get(key) or named[0][1].text,
        article="; ".join(f"{each.statute}, {content.article or each.article}" for each, content in named),
        confidence="unverified" if "unverified" in doubts else "secondary" if doubts else "",
        blocks=blocks,
        missing=missing,
    )


def _facts(record: AccountabilityRecord) -> Iterable[Block]:
    zone = record.head.zone
    for event in sorted(record.head.events, key=lambda each: each.when.earliest):
        evidence = f" ({event.evidence})" if event.evidence else ""
        yield Block(
            kind="row",
            label=moment_text(event.when, zone),
            text=f"{record.event_words[event.kind]}, says {event.said_by}{evidence}",
            sources=(f"case file: event {event.kind}",),
        )
    yield from _said("facts", record)


def _effects(record: AccountabilityRecord) -> Iterable[Block]:
    scope = record.head.scope
    if scope is None:
        yield Block(
            kind="text",
            text="The case names no scope version, so it is not known how many people were seen.",
        )
    else:
        source = (f"scope version {scope.version}",)
        for unit, count in (("persons", scope.persons), ("accounts", scope.accounts)):
            yield Block(kind="row", label=unit, text=bounds(count), sources=source)
        for each in record.categories:
            if each.answer != "not seen":
                yield Block(kind="row", label=each.name, text=each.answer, sources=source)
    yield from _said("effects", record)


def _action(record: AccountabilityRecord) -> Iterable[Block]:
    zone = record.head.zone
    for each in record.made:
        yield Block(
            kind="row",
            label=f"{each.title} ({each.duty})",
            text="done "
            + moment_text(each.when, zone)
            + (f", of scope version {each.scope}" if each.scope else ""),
            sources=(f"case file: made {each.duty}",),
        )
    yield from _said("remedial-action", record)


_FILLED: Final[Mapping[str, Callable[[AccountabilityRecord], Iterable[Block]]]] = {
    "facts": _facts,
    "effects": _effects,
    "remedial-action": _action,
}


def _said(key: str, record: AccountabilityRecord) -> Iterable[Block]:
    for each in record.statements:
        if each.about in _ABOUT[key]:
            when = f"{moment_text(each.when, record.head.zone)}: " if each.when else ""
            text = each.text.get("en") or next(iter(each.text.values()))
            source = f"case file: statement {each.about} by {each.said_by}"
            yield Block(kind="item", text=when + text, sources=(source,))


def _decisions(record: AccountabilityRecord) -> Section:
    zone = record.head.zone
    blocks = [
        Block(
            kind="row",
            label=f"{each.decision.body.id}{' (replaced)' if each.superseded_by else ''}",
            text="\n".join([decided_line(each.decision.body, zone), *ground_lines(each, zone)]),
            sources=(f"custody journal, entry {each.decision.entry}",),
        )
        for each in record.decisions
    ]
    about = (
        Block(kind="text", text=f"{scope_line(record)}.")
        if blocks
        else Block(kind="text", text="No decision is on record.")
    )
    return Section(key="", heading="Decisions", blocks=(about, *blocks))


def _duties(record: AccountabilityRecord) -> Iterable[Section]:
    """Those that wait for a decision, then those that do not."""
    shown = [each for each in record.duties if each.shown]
    headings = {True: "Duties that wait for a decision", False: "Duties decided on the facts of today"}
    for waiting, heading in headings.items():
        blocks = [
            Block(
                kind="row",
                label=f"{each.title} ({each.duty})",
                text="\n".join(duty_lines(each, record.head.zone)),
            )
            for each in shown
            if each.needs_decision is waiting
        ]
        none = [Block(kind="text", text="None.")]
        yield Section(key="", heading=heading, blocks=tuple(blocks or none))


def _check(record: AccountabilityRecord) -> Section:
    journal = record.journal
    last = f" The last decision has the hash {journal.last_hash}." if journal.last_hash else ""
    text = f"The custody journal had {journal.entries} entries when this was printed, and its chain held: each entry covers the hash of the one before it.{last}"
    return Section(key="", heading="How this record can be checked", blocks=(Block(kind="text", text=text),))
