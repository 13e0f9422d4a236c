"""Which parts of a notice stand in which section: first where the law asks for them, then what a person needs besides."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from whosaw.core.draft import Block, Missing, Section

from .case_material import AskedContent
from .notice_parts import PARTS, Writer
from .preparer_notes import preparer_words
from .telling import Filled

__all__ = ["CONTENTS", "sections_of"]

_ITEMS: Final = ("seen", "not-seen", "cannot-tell")
_EVENT: Final = ("when", "circumstances", *_ITEMS)
# what each item of contents of any law is made of
CONTENTS: Final[Mapping[str, tuple[str, ...]]] = {
    "agencies": ("agencies",),
    "credit-bureaus": ("credit-bureaus",),
    "date-of-breach": ("when",),
    "date-of-discovery": ("found",),
    "number": ("people",),
    "categories": _ITEMS,
    "categories-and-numbers": (*_ITEMS, "people"),
    "cause": ("cause",),
    "consequences": ("consequences",),
    "contact": ("contact",),
    "description": _EVENT,
    "facts": _EVENT,
    "further-notice": ("further",),
    "harm": ("consequences",),
    "identity": ("organisation", "contact"),
    "intruder": ("intruder",),
    "items-leaked": _ITEMS,
    "items-possibly-leaked": _ITEMS,
    "kinds": _ITEMS,
    "measures": ("measures",),
    "measures-and-redress": ("measures", "redress"),
    "more": ("contact",),
    "nature": _EVENT,
    "rights": ("rights",),
    "suspected-circumstances": ("when", "circumstances"),
    "time-and-circumstances": ("when", "circumstances"),
    "types": _ITEMS,
    "what-happened": _EVENT,
    "what-information": _ITEMS,
    "what-people-can-do": ("advice",),
}
# what every notice says besides, under these headings
_ALWAYS: Final = (
    ("items-leaked", _ITEMS),
    ("time-and-circumstances", ("when", "circumstances")),
    ("consequences", ("consequences",)),
    ("what-people-can-do", ("advice",)),
    ("measures-and-redress", ("measures", "redress")),
    ("rights", ("rights",)),
    ("real", ("real",)),
    ("contact", ("contact",)),
)
_POSSIBLE: Final = (
    ("items-possibly-leaked", _ITEMS),
    ("suspected-circumstances", ("when", "circumstances")),
    *_ALWAYS[2:6],
    ("further-notice", ("further",)),
    *_ALWAYS[6:],
)
_CLEARED: Final = (
    ("cleared", ("cleared",)),
    ("what-people-can-do", ("advice",)),
    ("real", ("real",)),
    ("contact", ("contact",)),
)
# left out where the law does not ask for them and nobody said anything
_OPTIONAL: Final = frozenset({"circumstances", "measures", "redress"})
_ORDER: Final = {part: at for at, part in enumerate(PARTS)}


def sections_of(writer: Writer) -> tuple[Section, ...]:
    """All sections in the order in which a reader wants to know them. Each item that the law asks for is one."""
    asked = () if writer.kind == "cleared" else writer.addressed.asked
    placed = _placed([each.key for each in asked])
    found = [(placed.get(each.key, ()), _asked_section(writer, each, placed)) for each in asked]
    told = {part for parts in placed.values() for part in parts}
    for heading, parts in _besides(writer):
        left = tuple(each for each in parts if each not in told)
        section = _own_section(writer, "redress" if left == ("redress",) else heading, left)
        if section is not None:
            found.append((left, section))
    found.sort(key=lambda each: min((_ORDER[part] for part in each[0]), default=len(_ORDER)))
    return _set_first(writer, [section for _, section in found])


def _set_first(writer: Writer, sections: Sequence[Section]) -> tuple[Section, ...]:
    """Under headings that the law sets come first, in its order, what stands under them; all else supplements it."""
    words = writer.set_words()
    if words is None:
        return tuple(sections)
    order = list(words.headings)
    own = sorted((each for each in sections if each.key in order), key=lambda each: order.index(each.key))
    headed = [replace(each, heading=words.headings[each.key]) for each in own]
    return (*headed, *(each for each in sections if each.key not in order))


def _besides(writer: Writer) -> Sequence[tuple[str, tuple[str, ...]]]:
    if writer.kind == "cleared":
        return _CLEARED
    if writer.kind == "possible":
        return _POSSIBLE
    return _ALWAYS


def _placed(keys: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Each part stands once: in the narrowest item that holds it. An item that would be empty holds all of its own."""
    found: dict[str, tuple[str, ...]] = {}
    for key in keys:
        rivals = {
            part: min(
                (other for other in keys if part in CONTENTS.get(other, ())),
                key=lambda each: len(CONTENTS[each]),
            )
            for part in CONTENTS.get(key, ())
        }
        own = tuple(part for part, place in rivals.items() if place == key)
        found[key] = own or CONTENTS.get(key, ())
    return found


def _asked_section(writer: Writer, asked: AskedContent, placed: Mapping[str, tuple[str, ...]]) -> Section:
    parts = placed[asked.key]
    heading = f"heading.{asked.key}" if asked.key in CONTENTS else "heading.more"
    told = [PARTS[part](writer) for part in parts]
    missing = [each for one in told for each in one.missing]
    if asked.key not in CONTENTS:
        missing.append(Missing(needs=asked.text, where="by hand: no part of a notice is known for it"))
    return Section(
        key=asked.key,
        heading=writer.wording.words.one(heading),
        article=preparer_words(writer.wording.code).cited(asked.article),
        confidence=asked.confidence,
        blocks=tuple(_blocks(told)),
        missing=tuple(dict.fromkeys(missing)),
    )


def _own_section(writer: Writer, heading: str, parts: Sequence[str]) -> Section | None:
    told = [
        each
        for part in parts
        if (each := PARTS[part](writer))
        and not (part in _OPTIONAL and writer.addressed.listed and not each.blocks)
    ]
    if not told:
        return None
    return Section(
        key="",
        heading=writer.wording.words.one(f"heading.{heading}"),
        confidence=writer.addressed.rights.confidence if heading == "rights" else "",
        blocks=tuple(_blocks(told)),
        missing=tuple(dict.fromkeys(each for one in told for each in one.missing)),
    )


def _blocks(told: Sequence[Filled]) -> Iterator[Block]:
    for one in told:
        yield from one.blocks
