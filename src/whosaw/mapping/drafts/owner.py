"""Whose a field is: the nearest word around it that stands for a person, an organisation, a thing or a record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from whosaw.core.name_words import words_of

from .field_hints import FieldHint, Hints, Owner, RecordHint, Role
from .words import Found

__all__ = ["Around", "look_around"]

_NOBODYS = frozenset({"thing", "organisation", "general"})


@dataclass(slots=True)
class Around:
    """What stands around a field. `direct`: nothing unknown stands between the field and its owner."""

    role: Role | None = None
    direct: bool = True
    record: RecordHint | None = None
    group: FieldHint | None = None
    marked: bool = False  # the owner is told by the fields beside it
    others: bool = False  # the owner is another person than the one whose record it is


def look_around(containers: Sequence[str], frame: Sequence[str], told: str, hints: Hints) -> Around:
    """Go from the field outwards through what it stands in, then through the words of its path, table or type."""
    found = Around()
    inner = list(reversed(containers))
    for place, name in enumerate([*inner, *reversed(frame)]):
        words = words_of(name)
        owner = hints.owner_of(words)
        record = hints.records.longest(words)
        role = owner.row.role if owner is not None else None
        if place == len(inner) - 1 and _wraps(words, frame, hints):
            continue
        if role is None and record is None and hints.is_own(name):
            role = "person"  # /me answers with the data of whoever asks
        elif not words or (role is None and hints.neutral.whole(words) is not None):
            continue
        if owner is not None and record is not None and role in _NOBODYS:
            rather = _is_rather(record, owner)
            role, record = (None, record) if rather else (role, None)
        if place == 0 and role in ("person", "other") and told and hints.subject_kind(told) is not None:
            role = "person"  # a party whose role is said to be the customer
        group = hints.groups.longest(words)
        if group is not None and not _is_named_for(group, words, hints):
            group = None
        if found.role is None:
            found.others = role == "other"
            if found.group is None and found.record is None:
                found.group = (
                    group.row if group is not None and (place < len(inner) or not group.row.inner) else None
                )
                found.record = record.row if record is not None else None
            in_path = place >= len(inner)
            if found.record is not None and (
                role == "thing" or (role == "organisation" and in_path and found.group is None)
            ):
                continue  # a record about somebody that is kept with a thing, or under /shop
            if role is not None:
                found.role = role
                found.direct = found.direct and (owner is None or _is_head(owner, words, hints))
            elif group is None and record is None:
                found.direct = False
    return found


def _is_head(owner: Found[Owner], words: tuple[str, ...], hints: Hints) -> bool:
    """Whether a name stands for its owner, and not for something of his: a customer record, but no member invitation."""
    if hints.groups.longest(words) is not None or hints.records.longest(words) is not None:
        return True
    return all(_wraps_or_numbers(word, hints) for word in words[owner.end :])


def _wraps_or_numbers(word: str, hints: Hints) -> bool:
    key = hints.bare.whole((word,))
    return word.isdigit() or hints.neutral.whole((word,)) is not None or (key is not None and key.key)


def _is_named_for(group: Found[FieldHint], words: tuple[str, ...], hints: Hints) -> bool:
    """Whether a name ends with the group, or with words that only wrap: an address list, but no address check."""
    if group.letters == len("".join(words[group.start :])) or group.end >= len(words):
        return True
    return all(hints.neutral.whole((word,)) is not None or word.isdigit() for word in words[group.end :])


def _is_rather(record: Found[RecordHint], owner: Found[Owner]) -> bool:
    """Of two words the later is what the thing is: an order item is an item, a product order is an order; then the longer."""
    return (record.end, record.letters) > (owner.end, owner.letters)


def _wraps(words: tuple[str, ...], frame: Sequence[str], hints: Hints) -> bool:
    """Whether the outermost name, such as `items`, only wraps a list: it does, but in a record that has items of its own."""
    return hints.neutral.whole(words) is not None and not any(
        hints.records.longest(words_of(each)) for each in frame
    )
