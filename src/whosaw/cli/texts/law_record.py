"""The law on record for the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from whosaw.cli.console import print_table, row, say, table

if TYPE_CHECKING:
    from whosaw.app.law.on_record import ItemRow, PlaceRow
    from whosaw.law.item_words import ItemWords
    from whosaw.law.record import Coming, LawDiff, ToReview

__all__ = [
    "show_changes",
    "show_coming",
    "show_item",
    "show_items",
    "show_places",
    "show_review",
    "show_written",
]

_ADVICE: Final = "Not legal advice. Of a place that is not here no law is on record, which does not mean that there is none."
_MOST: Final = 50
_SURE: Final = ("statute-read", "secondary", "unverified")


def show_places(places: Sequence[PlaceRow]) -> None:
    """A place a line, with how much is on record and how sure that is."""
    names = ("items", "duties", *_SURE)
    shown = table("place", "name", *names, numbers=names)
    for each in places:
        name = f"{each.name} (some sectors alone)" if each.sectors_only else each.name
        items = sum(each.kinds.values())
        row(
            shown, each.id, name, items, each.kinds.get("duty", 0), *(each.confidence[sure] for sure in _SURE)
        )
    print_table(shown)
    say(_ADVICE)


def show_items(items: Sequence[ItemRow]) -> None:
    """An item a line."""
    shown = table("item", "what it is", "where it stands", "in force", "how sure")
    for each in items:
        row(
            shown,
            each.item,
            each.title,
            f"{each.statute}, {each.article}",
            each.in_force or "-",
            each.confidence,
        )
    print_table(shown)
    say("`whosaw law show ITEM` tells one in words. Not legal advice.")


def show_item(found: ItemWords) -> None:
    """One item, row by row."""
    say(f"{found.title} ({found.kind}, {found.place}; {found.item})")
    for name, texts in found.rows:
        if len(texts) == 1:
            say(f"  {name}: {texts[0]}")
            continue
        say(f"  {name}:")
        for text in texts:
            say(f"    {text}")
    say("Not legal advice.")


def show_coming(found: Sequence[Coming], since: date, days: int) -> None:
    """A day a line, in order of time."""
    if not found:
        say(f"nothing on record begins or ends to hold in the {days:,} days from {since.isoformat()} on")
    else:
        shown = table("day", "item", "what happens", "how sure")
        for each in found:
            instead = f" in place of {each.instead_of}" if each.instead_of else ""
            what = f"{each.place}: {each.title} {'begins' if each.begins else 'ends'}{instead}"
            row(shown, each.day.isoformat(), each.item, what, each.confidence)
        print_table(shown)
    say("Only what is on record; nobody has looked for all that is planned. Not legal advice.")


def show_review(found: Sequence[ToReview], today: date) -> None:
    """An item with its reasons, the oldest review first."""
    say(
        f"{len(found):,} items of law are due for a second look on {today.isoformat()}"
        if found
        else "no item is due"
    )
    for each in found[:_MOST]:
        say(
            f"{each.item}: {each.title} ({each.place}; {each.confidence}; reviewed {each.reviewed.isoformat()})"
        )
        for why in each.because:
            say(f"  {why}")
    if len(found) > _MOST:
        say(f"… and {len(found) - _MOST:,} more; --json lists all, with their sources")


def show_written(record: Mapping[str, Any], path: Path) -> None:
    """How much was written, and where."""
    say(f"{len(record['files']):,} files of law written to {path}")


def show_changes(found: LawDiff) -> None:
    """Items that came, went or say something else, and the cases that are answered otherwise."""
    for name in found.added:
        say(f"new: {name}")
    for name in found.gone:
        became = found.became.get(name)
        say(f"gone: {name}" + (f" (now {became.successor}: {became.reason})" if became else ""))
    for each in found.edited:
        say(f"changed: {each.item} ({', '.join(each.keys)})")
    if not (found.added or found.gone or found.edited):
        say("nothing changed")
    say(f"{len(found.answered):,} of {found.cases:,} cases are answered otherwise")
    for case in found.answered[:_MOST]:
        say(f"  {case.item}, case {case.case!r}")
        for item, was, now in _differing(case.before, case.after):
            say(f"    {item}before: {was}")
            say(f"    {item}now: {now}")
    if len(found.answered) > _MOST:
        say(f"  … and {len(found.answered) - _MOST:,} more; --json lists all")


def _differing(before: Mapping[str, object], after: Mapping[str, object]) -> Iterator[tuple[str, str, str]]:
    """Of each version that is answered otherwise (its id and a colon), what is said otherwise: before, and now."""
    for item in sorted(before.keys() | after.keys()):
        was, now = before.get(item), after.get(item)
        if was == now:
            continue
        keys = sorted({key for each in (was, now) if isinstance(each, dict) for key in each})
        other = [
            key
            for key in keys
            if not (isinstance(was, dict) and isinstance(now, dict) and was.get(key) == now.get(key))
        ]
        yield f"{item}: ", _said(was, other), _said(now, other)


def _said(answer: object, keys: Sequence[str]) -> str:
    if not isinstance(answer, dict):
        return "does not govern" if answer is None else str(answer)
    return "; ".join(f"{key}: {_value(answer[key])}" for key in keys if key in answer) or "nothing of it"


def _value(value: object) -> str:
    if isinstance(value, list):
        return " to ".join(dict.fromkeys(str(each) for each in value))
    return str(value)
