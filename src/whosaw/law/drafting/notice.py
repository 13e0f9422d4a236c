"""Makes notices to people: one for each group, channel and language, from the case, the law and the words of the language."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Final

from whosaw.core.draft import Block, Draft, Missing, Section
from whosaw.packs.notice_further import addresses_of
from whosaw.packs.notice_shape import CHANNELS
from whosaw.packs.notice_topics import topics_of

from .notice_case import Addressed, NoticeCase, Wording
from .notice_groups import Group
from .notice_parts import NAMED, Writer
from .notice_sections import sections_of
from .preparer_notes import Note, notes_in
from .text_message import message

__all__ = ["notice", "notices", "page"]

_GROUP_NOTES: Final = {
    "rest": "notice-rest",
    "possible": "notice-group-possible",
    "secondary": "notice-secondary",
}


def notices(
    case: NoticeCase,
    wording: Wording,
    addressed: Addressed,
    groups: Sequence[Group],
    channels: Iterable[str] = CHANNELS,
    *,
    possible: Addressed | None = None,
) -> tuple[Draft, ...]:
    """All notices for the people of one place in one language, in a fixed order. `possible` is what is asked of the notice to people
    who may be affected; the page is one for all groups."""
    wanted = set(channels)
    found = [
        notice(
            case, wording, possible or addressed if group.kind == "possible" else addressed, group, channel
        )
        for group in groups
        for channel in CHANNELS
        if channel in wanted and channel != "page"
    ]
    if "page" in wanted and groups:
        doubtful = any(each.kind == "possible" for each in groups)
        found.append(page(case, wording, _both(addressed, possible if doubtful else None), groups))
    return tuple(found)


def notice(case: NoticeCase, wording: Wording, addressed: Addressed, group: Group, channel: str) -> Draft:
    """The notice to one group by text message, e-mail or letter."""
    writer = Writer(case=case, wording=wording, addressed=addressed, groups=(group,))
    short = channel == "text-message"
    text, missing = _text_message(writer) if short else ("", ())
    title = _title(writer)
    lacking = Section(key="", heading=title, missing=missing)
    return Draft(
        id=_id(case, addressed, wording, group.id, channel),
        kind="notice",
        language=wording.code,
        title=title,
        organisation=_organisation(writer),
        recipient=_recipient(writer, group),
        case=case.name,
        scope_version=case.version,
        duties=() if group.kind == "cleared" else addressed.duties,
        opening=() if short else _opening(writer, channel),
        sections=((lacking,) if missing else ()) if short else sections_of(writer),
        closing=() if short else _closing(writer, channel),
        notes=_notes(writer, [group], short=short),
        short=text,
    )


def page(case: NoticeCase, wording: Wording, addressed: Addressed, groups: Sequence[Group]) -> Draft:
    """The notice on the home page, for all groups of one place."""
    writer = Writer(case=case, wording=wording, addressed=addressed, groups=tuple(groups), public=True)
    published = wording.words.one("closing.page", date=wording.words.day(case.today))
    return Draft(
        id=_id(case, addressed, wording, "all", "page"),
        kind="notice",
        language=wording.code,
        title=_title(writer),
        organisation=_organisation(writer),
        recipient=wording.words.one("recipient.page"),
        case=case.name,
        scope_version=case.version,
        duties=addressed.duties,
        opening=_paragraphs(writer),
        sections=sections_of(writer),
        closing=(Block(kind="text", text=published),),
        notes=_notes(writer, groups),
    )


def _both(addressed: Addressed, possible: Addressed | None) -> Addressed:
    """What a page for everybody has to say: what is asked for those seen, and further items for those possibly seen."""
    if possible is None:
        return addressed
    known = {each.key for each in addressed.asked}
    more = [each for each in possible.asked if each.key not in known and each.key == "further-notice"]
    return replace(
        addressed,
        duties=tuple(dict.fromkeys((*addressed.duties, *possible.duties))),
        asked=(*addressed.asked, *more),
        notes=(*addressed.notes, *(each for each in possible.notes if each not in addressed.notes)),
    )


def _id(case: NoticeCase, addressed: Addressed, wording: Wording, group: str, channel: str) -> str:
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", case.name).strip("-.") or "case"
    return f"{name}-notice-{addressed.jurisdiction}-{wording.code}-{group}-{channel}"


def _title(writer: Writer) -> str:
    """Of what is sure, as the law sets it; or else our own."""
    words = writer.set_words()
    return words.title if words is not None else writer.wording.words.one(f"title.{writer.kind}")


def _organisation(writer: Writer) -> str:
    told = writer.case.organisation
    return told.get(writer.wording.code, told[""])


def _recipient(writer: Writer, group: Group) -> str:
    if group.kind == "seen":
        return writer.wording.words.one("recipient.seen", list=writer.wording.categories(group))
    return writer.wording.words.one(f"recipient.{group.kind}")


def _paragraphs(writer: Writer) -> tuple[Block, ...]:
    told = [*writer.say(f"opening.{writer.kind}", organisation=_organisation(writer))]
    if writer.case.again and writer.kind != "cleared":
        told += writer.say("opening.again")
    return tuple(told)


def _opening(writer: Writer, channel: str) -> tuple[Block, ...]:
    day = writer.wording.words.day(writer.case.today)
    is_dated = channel == "letter" or writer.further("date-of-notice") is not None
    dated = (Block(kind="text", text=day),) if is_dated else ()
    own = f"greeting.{channel}-{writer.kind}"
    greeting = own if own in writer.wording.words.sentences else f"greeting.{channel}"
    return (*dated, *writer.say(greeting), *_paragraphs(writer))


def _closing(writer: Writer, channel: str) -> tuple[Block, ...]:
    contact = writer.case.contact
    signed = [_organisation(writer), contact.department.get(writer.wording.code, ""), contact.officer]
    return (
        *writer.say(f"closing.{channel}"),
        *(Block(kind="text", text=each, sources=("case file",)) for each in signed if each),
    )


def _notes(writer: Writer, groups: Sequence[Group], *, short: bool = False) -> tuple[str, ...]:
    rights = writer.addressed.rights
    told = [*((Note(key="notice-short"),) if short else ()), *writer.addressed.notes]
    told += [Note(key=_GROUP_NOTES[each.kind]) for each in groups if each.kind in _GROUP_NOTES]
    told += _unproven(writer, groups)
    told += [
        Note(key="notice-addresses", values={"confidence": addresses.confidence}, law=addresses.because)
        for key in NAMED
        if not short and writer.further(key) is not None
        if (addresses := addresses_of(key, writer.addressed.jurisdiction)) is not None
    ]
    told.append(Note(key="notice-rights", values={"confidence": rights.confidence}, law=rights.because))
    told.append(Note(key="notice-advice"))
    return notes_in(writer.wording.code, told)


def _unproven(writer: Writer, groups: Sequence[Group]) -> Iterator[Note]:
    """That no advice is given on what may have been seen, and that nothing proves of anybody."""
    proven = {each for group in groups for each in group.proven}
    left = sorted({each for group in groups for each in group.unproven} - proven)
    if set(topics_of((*proven, *left))) - set(topics_of(proven)):
        names = "; ".join(writer.wording.category(each) or each for each in left)
        yield Note(key="notice-unproven", values={"names": names})


def _text_message(writer: Writer) -> tuple[str, tuple[Missing, ...]]:
    """What leaked, where to read what to do, and whom to call. What was seen is named in full, or the page is."""
    contact, words, group = writer.case.contact, writer.wording.words, writer.groups[0]
    missing = [
        writer.lacks(name, f"case file: [contact] {name}")
        for name in ("page", "telephone")
        if not getattr(contact, name)
    ]
    if missing:
        return "", tuple(missing)
    organisation = _organisation(writer)
    more = words.one("message.more", page=contact.page, telephone=contact.telephone)
    urgent = [words.one(f"message.{each.id}") for each in topics_of(group.proven) if each.urgent]
    named = writer.wording.categories(group)
    unnamed = any(writer.wording.category(each) is None for each in group.categories)
    if group.kind == "cleared":
        leads = [words.one("message.cleared", organisation=organisation)]
    else:
        leads = [words.one(f"message.{group.kind}-long", organisation=organisation)]
        if named and not unnamed:
            leads.insert(0, words.one(f"message.{group.kind}", organisation=organisation, list=named))
    for lead in leads:
        text = message([lead, *urgent, more], [words.one("message.never")], words)
        if text is not None:
            return text, ()
    return "", (writer.lacks("message-length", "case file: [organisation] name, [contact] page"),)
