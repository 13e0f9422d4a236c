"""`whosaw law`: what is on record of the law, what is coming, what is due for a second look, and what differs from another record."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from whosaw.core.document import JsonObject
from whosaw.core.errors import WhosawError
from whosaw.law import load_law
from whosaw.law.item_words import ItemWords, item_words
from whosaw.law.items import CONFIDENCE, Law
from whosaw.law.record import (
    Coming,
    LawDiff,
    ToReview,
    coming,
    differences,
    for_review,
    item_parts,
    record_of,
    went_away,
)
from whosaw.packs.suggestion import did_you_mean

__all__ = [
    "ItemRow",
    "PlaceRow",
    "law_changes",
    "law_coming",
    "law_item",
    "law_items",
    "law_places",
    "law_review",
    "write_coming",
    "write_record",
]

_MOST_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceRow:
    """How much is on record of a place: items by kind, and by how sure they are."""

    id: str
    name: str
    members: tuple[str, ...]
    sectors_only: bool
    kinds: dict[str, int]
    confidence: dict[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemRow:
    """One item of a place in a line."""

    item: str
    kind: str
    title: str
    statute: str
    article: str
    in_force: str | None
    confidence: str
    reviewed: date


def law_places() -> tuple[PlaceRow, ...]:
    """Each place with law on record, in order of its id."""
    law = load_law()
    kinds: dict[str, Counter[str]] = {place: Counter() for place in law.jurisdictions}
    sure: dict[str, Counter[str]] = {place: Counter() for place in law.jurisdictions}
    for kind, origin, _, _ in item_parts(law):
        kinds[origin.jurisdiction][kind] += 1
        sure[origin.jurisdiction][origin.confidence] += 1
    return tuple(
        PlaceRow(
            id=place,
            name=each.area.name,
            members=each.area.members,
            sectors_only=each.sectors_only,
            kinds=dict(sorted(kinds[place].items())),
            confidence={name: sure[place][name] for name in CONFIDENCE},
        )
        for place, each in law.jurisdictions.items()
    )


def law_items(place: str) -> tuple[ItemRow, ...]:
    """The items of a place, which is named as `law_places` does (kr), by country (KR) or in full. Raises `WhosawError` where no law of it is on record."""
    law = load_law()
    wanted = _place(law, place)
    return tuple(
        ItemRow(
            item=origin.id,
            kind=kind,
            title=origin.title,
            statute=origin.statute,
            article=origin.article,
            in_force=None if in_force is None or in_force.start is None else in_force.text(),
            confidence=origin.confidence,
            reviewed=origin.reviewed,
        )
        for kind, origin, in_force, _ in item_parts(law)
        if origin.jurisdiction == wanted
    )


def _place(law: Law, place: str) -> str:
    for name, each in law.jurisdictions.items():
        if place.casefold() in (name, each.area.name.casefold(), *map(str.casefold, each.area.members)):
            return name
    near = did_you_mean(place.casefold(), law.jurisdictions)
    raise WhosawError(
        "law.no-place",
        f"no law of {place!r} is on record, which does not mean that there is none",
        hint=f"{near} `whosaw law list` shows the places that are; for others ask a lawyer".strip(),
    )


def law_item(item: str) -> ItemWords:
    """One item in words. Raises `WhosawError` where there is none of that id."""
    law = load_law()
    found = item_words(law, item)
    if found is None:
        became = went_away(item)
        if became is not None:
            raise WhosawError(
                "law.no-item",
                f"the item {item} is there no longer: {became.reason}",
                hint=f"`whosaw law show {became.successor}` shows what stands for it",
            )
        near = did_you_mean(item, [origin.id for _, origin, _, _ in item_parts(law)])
        raise WhosawError(
            "law.no-item",
            f"no item of law is called {item!r}",
            hint=f"{near} `whosaw law list PLACE` shows those of a place".strip(),
        )
    return found


def law_coming(since: date, *, days: int) -> tuple[Coming, ...]:
    """What begins or ends to hold in the `days` from `since` on."""
    return coming(load_law(), since, since + timedelta(days=days))


def write_coming(found: tuple[Coming, ...], path: Path) -> None:
    """The same as an iCalendar file (RFC 5545) of whole days. Raises `WhosawError` when it cannot be written."""
    from whosaw.report.law_calendar import DayOfLaw, law_calendar
    from whosaw.store.files import write_atomically

    days = [
        DayOfLaw(
            day=each.day,
            key=f"{each.item}-{'begins' if each.begins else 'ends'}",
            title=f"{each.place}: {each.title} {'begins' if each.begins else 'ends'}",
            text=f"{each.statute}, {each.article} ({each.item}; {each.confidence})",
        )
        for each in found
    ]
    write_atomically(path, law_calendar(days).encode("utf-8"))


def law_review(today: date, *, after_days: int) -> tuple[ToReview, ...]:
    """Items that are due for a second look, the oldest review first."""
    return for_review(load_law(), today, after_days=after_days)


def write_record(path: Path | None) -> JsonObject:
    """The whole law on record as a document; also written to `path` where one is given. Raises `WhosawError` when it cannot be."""
    from whosaw.store.files import write_atomically

    record = record_of()
    if path is not None:
        write_atomically(path, (json.dumps(record, indent=1, ensure_ascii=False) + "\n").encode("utf-8"))
    return record


def law_changes(path: Path) -> LawDiff:
    """What changed from the record in a file to the law that is on record now. Raises `WhosawError` for what is no record of law."""
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise WhosawError("law.record", f"{path} is larger than any record of law")
        before = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise WhosawError(
            "law.record", f"{path} cannot be read: {error.strerror}", hint="Check the path"
        ) from error
    except ValueError as error:
        raise WhosawError(
            "law.record", f"{path} is no JSON", hint="`whosaw law export` writes such a file"
        ) from error
    return differences(before, record_of(), name=str(path))
