"""Makes notices to people: one for each group, channel and language, from the case, the law and the words of the language."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

from whosaw.core.draft import Block, Draft, Missing, Section
from whosaw.packs.notice_shape import CHANNELS
from whosaw.packs.notice_topics import topics_of

from .notice_case import Addressed, NoticeCase, Wording
from .notice_groups import Group
from .notice_parts import Writer
from .notice_sections import sections_of
from .text_message import message

__all__ = ["notice", "notices", "page"]

_SHORT: Final = (
    "A text message does not hold all that the law lists. Send it together with the e-mail or the letter, or point with it to the "
    "page on which the whole notice stands; alone it is no notice."
)
_NO_ADVICE: Final = "This is no legal advice. Have a lawyer of the place read the notice before it goes out."
_GROUP_NOTES: Final = {
    "rest": "The scope version does not tell what was seen of whom among these people. Tell them apart before you write, if you can.",
    "possible": "Whoever turns out to be seen gets the notice of their group at once; whoever turns out not to be gets the notice "
    "of the group cleared, which is made when a version proves it.",
    "secondary": "The ledger cannot name these people. Take them from the address books and orders of the accounts that were seen.",
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
    lacking = Section(key="", heading=wording.words.one(f"title.{group.kind}"), missing=missing)
    return Draft(
        id=_id(case, addressed, wording, group.id, channel),
        kind="notice",
        language=wording.code,
        title=wording.words.one(f"title.{group.kind}"),
        organisation=_organisation(writer),
        recipient=_recipient(writer, group),
        case=case.name,
        scope_version=case.version,
        duties=() if group.kind == "cleared" else addressed.duties,
        opening=() if short else _opening(writer, channel),
        sections=((lacking,) if missing else ()) if short else sections_of(writer),
        closing=() if short else _closing(writer, channel),
        notes=_notes(writer, [_SHORT] if short else [], [group]),
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
        title=wording.words.one("title.page"),
        organisation=_organisation(writer),
        recipient=wording.words.one("recipient.page"),
        case=case.name,
        scope_version=case.version,
        duties=addressed.duties,
        opening=_paragraphs(writer),
        sections=sections_of(writer),
        closing=(Block(kind="text", text=published),),
        notes=_notes(writer, [], groups),
    )


def _both(addressed: Addressed, possible: Addressed | None) -> Addressed:
    """What a page for everybody has to say: what is asked for those seen, and further items for those possibly seen."""
    if possible is None:
        return addressed
    known = {each.key for each in addressed.asked}
    more = [each for each in possible.asked if each.key not in known and each.key == "further-notice"]
    return Addressed(
        jurisdiction=addressed.jurisdiction,
        place=addressed.place,
        duties=tuple(dict.fromkeys((*addressed.duties, *possible.duties))),
        asked=(*addressed.asked, *more),
        rights=addressed.rights,
        listed=addressed.listed,
        notes=tuple(dict.fromkeys((*addressed.notes, *possible.notes))),
    )


def _id(case: NoticeCase, addressed: Addressed, wording: Wording, group: str, channel: str) -> str:
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", case.name).strip("-.") or "case"
    return f"{name}-notice-{addressed.jurisdiction}-{wording.code}-{group}-{channel}"


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
    dated = (Block(kind="text", text=day),) if channel == "letter" else ()
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


def _notes(writer: Writer, first: Sequence[str], groups: Iterable[Group]) -> tuple[str, ...]:
    rights = writer.addressed.rights
    told = [*first, *writer.addressed.notes]
    told += [_GROUP_NOTES[each.kind] for each in groups if each.kind in _GROUP_NOTES]
    told.append(f"The sentences about rights are {rights.confidence}: {rights.because}.")
    told.append(_NO_ADVICE)
    return tuple(dict.fromkeys(told))


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
    urgent = [words.one(f"message.{each.id}") for each in topics_of(group.categories) if each.urgent]
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
