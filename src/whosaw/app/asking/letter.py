"""The letter to a person who asked who saw their data, as a draft in a language: what was seen, when, by whom, what cannot be told and why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, tzinfo
from typing import Final

from whosaw.core.counts import Count
from whosaw.core.draft import Block, Draft, Missing, Section
from whosaw.core.instants import from_micros
from whosaw.packs.languages import Language
from whosaw.packs.notice_words import NoticeWords
from whosaw.packs.words import Words

from .seen_by import SeenBy, SeenRow, Viewer

__all__ = ["letter"]

_BASIS: Final = "ledger: whosaw who"
_GAPS: Final = "ledger: whosaw coverage"


def letter(
    told: SeenBy,
    words: Words,
    dates: NoticeWords,
    language: Language,
    *,
    organisation: str,
    contact: str,
    zone: tzinfo,
    now: datetime,
) -> Draft:
    """The draft in the language of these words. Days are those of `zone`."""
    say = _Say(words, dates, zone)
    our = organisation or words.text("our")
    return Draft(
        id=f"answer-p{told.number}-{language.code}",
        kind="notice",
        language=language.code,
        title=words.text("title"),
        organisation=organisation,
        recipient=told.id,
        case="",
        scope_version=None,
        duties=(),
        opening=(
            Block(
                kind="text",
                text=words.text("opening").format(
                    organisation=our, day=dates.day(now.astimezone(zone).date()), id=told.id
                ),
            ),
        ),
        sections=(
            Section(key="", heading=words.text("heading", "summary"), blocks=tuple(_summary(told, say))),
            *_seen(told, say, language),
            Section(key="", heading=words.text("heading", "cannot"), blocks=tuple(_cannot(told, say))),
            Section(
                key="", heading=words.text("heading", "counted"), blocks=tuple(_counted(told.count, say))
            ),
            _contact(organisation, contact, words),
        ),
        closing=(Block(kind="text", text=words.text("closing")),),
        notes=tuple(
            words.text("note", each).format(person=f"p{told.number}")
            for each in ("identity", "names", "lines", *(("withheld",) if told.withheld else ()))
        ),
    )


class _Say:
    """Sentences with days and numbers as the language writes them."""

    def __init__(self, words: Words, dates: NoticeWords, zone: tzinfo) -> None:
        self._words, self._dates, self._zone = words, dates, zone

    def __call__(self, *path: str, **values: str) -> str:
        return self._words.text(*path).format(**values)

    def day(self, micros: int) -> str:
        return self._dates.day(from_micros(micros).astimezone(self._zone).date())

    def plain(self, value: int) -> str:
        return f"{value:,}".replace(",", self._dates.thousands)

    def number(self, lower: int, upper: int | None) -> str:
        """So many views, between bounds."""
        if upper is None:
            return self("number", "least", low=self.plain(lower))
        if lower == upper == 1:
            return self("number", "one")
        if lower == upper:
            return self("number", "exactly", low=self.plain(lower))
        return self("number", "between", low=self.plain(lower), high=self.plain(upper))


def _summary(told: SeenBy, say: _Say) -> Iterator[Block]:
    if not told.rows:
        yield Block(kind="text", text=say("summary", "none"), sources=(_BASIS,))
        return
    first, last = min(each.first for each in told.rows), max(each.last for each in told.rows)
    number = say.number(told.count.lower, told.count.upper)
    yield Block(
        kind="text",
        text=say("summary", "some", number=number, first=say.day(first), last=say.day(last)),
        sources=(_BASIS,),
    )
    if unexplained := sum(each.unexplained for each in told.rows):
        text = say("summary", "unexplained", number=say.number(unexplained, unexplained))
        yield Block(kind="text", text=text, sources=(_BASIS,))


def _seen(told: SeenBy, say: _Say, language: Language) -> Iterator[Section]:
    """For each viewer, a row for each page; none where nothing is on record."""
    viewers = dict.fromkeys(each.viewer for each in told.rows)
    blocks = [
        Block(kind="row", label=_viewer(viewer, say), text=_row(row, say, language), sources=(_BASIS,))
        for viewer in viewers
        for row in told.rows
        if row.viewer == viewer
    ]
    if blocks:
        yield Section(key="", heading=say("heading", "seen"), blocks=tuple(blocks))


def _viewer(viewer: Viewer, say: _Say) -> str:
    if viewer.kind == "staff" and viewer.name:
        return say("who", "role", role=viewer.name)
    if viewer.kind == "service" and viewer.name:
        return say("who", "named", name=viewer.name)
    return say("who", viewer.kind)


def _row(row: SeenRow, say: _Say, language: Language) -> str:
    names = dict.fromkeys(language.category(each).name for each in row.categories)
    values = {
        "categories": ", ".join(names),
        "number": say.number(row.views, row.views),
        "first": say.day(row.first),
        "last": say.day(row.last),
        "reason": _reason(row, say),
    }
    text = say("seen", "once" if values["first"] == values["last"] else "row", **values)
    if row.possible:
        text += f" ({say('seen', 'possible', number=say.number(row.possible, row.possible))})"
    return text


def _reason(row: SeenRow, say: _Say) -> str:
    told = {"explained": row.explained, "unexplained": row.unexplained, "cannot": row.cannot_tell}
    some = [name for name, many in told.items() if many]
    if len(some) == 1:
        return say("reason", some[0])
    return say("reason", "mixed", **{name: say.number(many, many) for name, many in told.items()})


def _cannot(told: SeenBy, say: _Say) -> Iterator[Block]:
    if told.since is not None and told.until is not None:
        yield Block(
            kind="item",
            text=say("cannot", "span", first=say.day(told.since), last=say.day(told.until)),
            sources=(_GAPS,),
        )
    for gap in told.gaps:
        yield Block(
            kind="item",
            text=say(
                "cannot",
                "source",
                source=gap.source,
                hours=say.plain(gap.hours),
                first=say.day(gap.first),
                last=say.day(gap.last - 1),
            ),
            sources=(_GAPS,),
        )
    for each in told.untold:
        yield Block(
            kind="item",
            text=say("cannot", "untold", source=each.source, number=say.plain(each.events)),
            sources=(_GAPS,),
        )
    if many := told.views_of_unknown_persons:
        yield Block(
            kind="item", text=say("cannot", "lists", number=say.number(many, many)), sources=(_BASIS,)
        )
    if many := sum(each.cannot_tell for each in told.rows):
        yield Block(
            kind="item", text=say("cannot", "reasons", number=say.number(many, many)), sources=(_BASIS,)
        )
    yield Block(kind="item", text=say("cannot", "names"))


def _counted(count: Count, say: _Say) -> Iterator[Block]:
    yield Block(kind="text", text=say("counted", "basis"))
    if count.exact:
        yield Block(kind="text", text=say("counted", "exact"), sources=(_BASIS,))
    for reason in count.reasons:
        number = say.plain(reason.adds_upper or 0)
        yield Block(kind="text", text=say("counted", reason.code, number=number), sources=(_BASIS,))


def _contact(organisation: str, contact: str, words: Words) -> Section:
    missing = [
        Missing(needs=words.text("missing", name), where=f"--{name}")
        for name, given in (("organisation", organisation), ("contact", contact))
        if not given
    ]
    said: Sequence[str] = [each for each in (organisation, contact) if each]
    return Section(
        key="",
        heading=words.text("heading", "contact"),
        blocks=tuple(Block(kind="text", text=each) for each in said),
        missing=tuple(missing),
    )
