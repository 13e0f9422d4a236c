"""The accountability record of a case as a draft: the facts, the effects, the remedial action, and every decision with its ground."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from whosaw.core.draft import Block, Draft, Missing, Section

from .decision_wording import decided_line, duty_lines, ground_lines, needs_decision, scope_line
from .law_wording import bounds, moment_text

__all__ = ["decisions_draft"]

Document = Mapping[str, Any]
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


def decisions_draft(document: Document) -> Draft:
    """Of what `whosaw decisions --json` prints. What a law asks of the record and nobody has said is missing in it."""
    laws = document["record_duties"]
    kept = [f"{each['statute']}, {each['article']}" for each in laws]
    opening = [
        f"Accountability record of case {document['case']}, as of {moment_text({'at': document['now']}, document['zone'])} ({document['zone']})."
    ]
    opening += [f"Kept under {'; '.join(kept)}."] if kept else []
    asked = {content["key"] for each in laws for content in each["contents"]}
    sections = [_asked(key, document) for key in (*_HEADINGS, *sorted(asked - _HEADINGS.keys()))]
    return Draft(
        id="accountability-record",
        kind="filing",
        language="en",
        title=f"Accountability record: {document['case']}",
        organisation=document["organisation"],
        recipient="; ".join(dict.fromkeys(each["recipient"] for each in laws)) or "our own records",
        case=document["case"],
        scope_version=document["scope"]["version"] if document["scope"] else None,
        duties=tuple(each["id"] for each in laws),
        opening=tuple(Block(kind="text", text=text) for text in opening),
        sections=(*sections, _decisions(document), *_duties(document), _check(document)),
        notes=(
            "Texts of the organisation stand in English where it gives them so, else in their own language.",
        ),
    )


def _asked(key: str, document: Document) -> Section:
    """One thing that a law asks of the record, or its absence."""
    named = [
        (each, content)
        for each in document["record_duties"]
        for content in each["contents"]
        if content["key"] == key
    ]
    blocks = tuple(_FILLED[key](document)) if key in _FILLED else ()
    missing: tuple[Missing, ...] = ()
    if key not in _HEADINGS:
        missing = (Missing(needs=named[0][1]["text"], where="write it here; whosaw does not know it"),)
    elif not any(each["about"] == _ASKED[key][1] for each in document["statements"]):
        what, about = _ASKED[key]
        missing = (Missing(needs=what, where=f'case file: [[statement]] about = "{about}"'),)
    doubts = {each["confidence"] for each, _ in named} - {"statute-read"}
    return Section(
        key=key if named else "",
        heading=_HEADINGS.get(key) or named[0][1]["text"],
        article="; ".join(
            f"{each['statute']}, {content['article'] or each['article']}" for each, content in named
        ),
        confidence="unverified" if "unverified" in doubts else "secondary" if doubts else "",
        blocks=blocks,
        missing=missing,
    )


def _facts(document: Document) -> Iterable[Block]:
    zone = document["zone"]
    for event in sorted(
        document["events"], key=lambda each: each["when"].get("at") or each["when"]["earliest"]
    ):
        evidence = f" ({event['evidence']})" if event["evidence"] else ""
        yield Block(
            kind="row",
            label=moment_text(event["when"], zone),
            text=f"{document['event_words'][event['kind']]}, says {event['said_by']}{evidence}",
            sources=(f"case file: event {event['kind']}",),
        )
    yield from _said("facts", document)


def _effects(document: Document) -> Iterable[Block]:
    scope = document["scope"]
    if scope is None:
        yield Block(
            kind="text",
            text="No scope version stands behind this case, so it is not known how many people were seen.",
        )
    else:
        source = (f"scope version {scope['version']}",)
        for unit in ("persons", "accounts"):
            yield Block(kind="row", label=unit, text=bounds(scope[unit]), sources=source)
        for each in document["categories"]:
            if each["answer"] != "not seen":
                yield Block(kind="row", label=each["name"], text=each["answer"], sources=source)
    yield from _said("effects", document)


def _action(document: Document) -> Iterable[Block]:
    zone = document["zone"]
    for each in document["made"]:
        yield Block(
            kind="row",
            label=f"{each['title']} ({each['duty']})",
            text="done "
            + moment_text(each["when"], zone)
            + (f", of scope version {each['scope']}" if each["scope"] else ""),
            sources=(f"case file: made {each['duty']}",),
        )
    yield from _said("remedial-action", document)


_FILLED: Final[Mapping[str, Callable[[Document], Iterable[Block]]]] = {
    "facts": _facts,
    "effects": _effects,
    "remedial-action": _action,
}


def _said(key: str, document: Document) -> Iterable[Block]:
    for each in document["statements"]:
        if each["about"] in _ABOUT[key]:
            when = f"{moment_text(each['when'], document['zone'])}: " if each["when"] else ""
            text = each["text"].get("en") or next(iter(each["text"].values()))
            source = f"case file: statement {each['about']} by {each['said_by']}"
            yield Block(kind="item", text=when + text, sources=(source,))


def _decisions(document: Document) -> Section:
    zone = document["zone"]
    blocks = [
        Block(
            kind="row",
            label=f"{each['id']}{' (superseded)' if each['superseded_by'] else ''}",
            text="\n".join([decided_line(each, zone), *ground_lines(each, zone)]),
            sources=(f"custody journal, entry {each['entry']}",),
        )
        for each in document["decisions"]
    ]
    about = (
        Block(kind="text", text=f"{scope_line(document)}.")
        if blocks
        else Block(kind="text", text="No decision is on record.")
    )
    return Section(key="", heading="Decisions", blocks=(about, *blocks))


def _duties(document: Document) -> Iterable[Section]:
    """Those that wait for a decision, then those that do not."""
    shown = [each for each in document["duties"] if each["applies"] == "met" or each["decision"]]
    headings = {True: "Duties that wait for a decision", False: "Duties decided on the facts of today"}
    for waiting, heading in headings.items():
        blocks = [
            Block(
                kind="row",
                label=f"{each['title']} ({each['duty']})",
                text="\n".join(duty_lines(each, document["zone"])),
            )
            for each in shown
            if needs_decision(each) is waiting
        ]
        none = [Block(kind="text", text="None.")]
        yield Section(key="", heading=heading, blocks=tuple(blocks or none))


def _check(document: Document) -> Section:
    journal = document["journal"]
    last = f" The last decision has the hash {journal['last_hash']}." if journal["last_hash"] else ""
    text = f"The custody journal had {journal['entries']} entries when this was printed, and its chain held: each entry covers the hash of the one before it.{last}"
    return Section(key="", heading="How this record can be checked", blocks=(Block(kind="text", text=text),))
