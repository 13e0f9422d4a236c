"""What one field of a document holds: personal data or not, of which category, and how sure that is."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal

from whosaw.core.name_words import words_of

from .field_hints import FieldHint, Hints, Role
from .json_fields import Field
from .owner import Around, look_around
from .words import Found

__all__ = ["Confidence", "Place", "Verdict", "judge_field"]

Confidence = Literal["high", "medium", "low"]
_NOBODY = frozenset({"thing", "general"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a field stands: in which objects, under which words of a path, table or type, and beside which fields."""

    names: tuple[str, ...]  # from the outermost object to the field
    frame: tuple[str, ...] = ()
    beside: Collection[str] = ()
    bank: bool = False  # the operation is one of a bank
    asked: bool = False  # it stands in a request, to say what is asked for
    field: Field = Field()  # noqa: RUF009 -- frozen


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """`category` is None for what is not personal; `subject`: the field says whose data the record is."""

    category: str | None = None
    subject: bool = False
    confidence: Confidence = "low"


_NOTHING = Verdict()


def judge_field(place: Place, hints: Hints) -> Verdict:
    """The verdict on one field, from names alone."""
    leaf = place.names[-1]
    words = words_of(leaf)
    if not words or place.field.kind == "boolean":
        return _NOTHING
    containers = list(place.names[:-1])
    around = look_around(containers, place.frame, place.field.told, hints)
    if around.role is None and (role := _role_beside(place.beside, hints)) is not None:
        around.role, around.direct, around.marked = role, True, True
    of_record = around.record.fields.whole(words) if around.record is not None else None
    if of_record is None and _tells_nothing(words, hints):
        return _NOTHING
    passing = hints.passing.whole(words) is not None and _repeats(containers, hints)
    if passing and not place.asked and _system(place.field.told, words, hints) is None:
        return _passed_on(place, hints)
    verdict = _by_words(words, around, place, hints)
    if verdict is not None:
        return verdict
    if place.asked:
        return _NOTHING  # a person is not asked for by what a record tells
    last = hints.bare.whole(words[-1:])
    if last is not None and last.key and around.group is not None:
        return _NOTHING  # the key of an address is nobody's
    if around.group is not None and around.role not in (*_NOBODY, "organisation"):
        return _told(around.group, around, place, "medium")
    if (form := hints.formats.get(place.field.form or "")) is not None and around.role not in (
        *_NOBODY,
        "organisation",
    ):
        return _told(form, around, place, "medium")
    return _NOTHING


def _repeats(containers: Sequence[str], hints: Hints) -> bool:
    """Whether a field such as `value` only repeats the object in which it stands: a name, and no person or record."""
    words = words_of(containers[-1]) if containers else ()
    if not words or (hints.neutral.whole(words) is not None and hints.passing.whole(words) is None):
        return False
    owner = hints.owner_of(words)
    return (owner is None or owner.row.role not in ("person", "other")) and (
        hints.records.whole(words) is None or hints.passing.whole(words) is not None
    )


def _passed_on(place: Place, hints: Hints) -> Verdict:
    """A field such as `value` says what the object says in which it stands."""
    above = Place(
        names=place.names[:-1], frame=place.frame, bank=place.bank,
        field=Field(form=place.field.form, kind=place.field.kind, told=place.field.told),
    )  # fmt: skip
    return judge_field(above, hints)


def _tells_nothing(words: tuple[str, ...], hints: Hints) -> bool:
    """Whether the name ends in a word such as `currency`, and no hint takes that word in."""
    ends = [found for found in hints.never.all_in(words) if _at_end(found, words)]
    if not ends:
        return False
    start = min(found.start for found in ends)
    longest = max(found.letters for found in ends)
    for phrases in (hints.strong, hints.bare):
        for found in phrases.all_in(words):
            if _at_end(found, words) and found.start <= start and found.letters >= longest:
                return False
    return True


def _at_end(found: Found[bool] | Found[FieldHint], words: tuple[str, ...]) -> bool:
    return found.end == len(words) or found.end == len("".join(words))


def _by_words(words: tuple[str, ...], around: Around, place: Place, hints: Hints) -> Verdict | None:
    """By the words of the name itself; None where they say nothing."""
    strong = _strong(words, hints)
    own = _own_role(words, strong, hints)
    if own in ("thing", "organisation") and _an_attribute(words, around, hints):
        own = None  # the city or the country code of an address
    role = own or around.role
    others = around.others or own == "other"
    around = Around(
        role=role,
        direct=bool(own) or around.direct,
        record=around.record,
        group=around.group,
        others=others,
        marked=around.marked,
    )
    if role in _NOBODY or (role == "organisation" and not (strong is not None and strong.row.firm)):
        return _NOTHING
    if (told := _system(place.field.told, words, hints)) is not None:
        return _told(told, around, place, "high")
    of_record = _of_record(words, around) if own is None else None
    if of_record is not None and place.asked and not of_record.key:
        of_record = None
    if of_record is not None and (strong is None or len(words) == 1):
        return _told(of_record, around, place, "high")
    if strong is None and own is None and (account := _own_record(words, hints)) is not None:
        return _told(account, around, place, "medium")
    if strong is not None:
        sure: Confidence = "high" if role is not None or around.direct else "medium"
        return _told(strong.row, around, place, sure)
    if of_record is not None:
        return _told(of_record, around, place, "high")
    if role in ("person", "other") and around.direct and (around.record is None or around.marked):
        bare = hints.bare.whole(words) or hints.bare.whole(_without_owner(words, hints))
        if bare is not None and around.group is not None and around.group.inner and not own:
            bare = None if bare.key else around.group
        if bare is not None and (own or not bare.key or (around.group is None and around.record is None)):
            return _told(bare, around, place, "high" if own or not place.frame else "medium")
    if own in ("person", "other"):
        bare = hints.bare.whole(_without_owner(words, hints))
        if bare is not None:
            return _told(bare, around, place, "high")
    return None


def _an_attribute(words: tuple[str, ...], around: Around, hints: Hints) -> bool:
    """Whether a name that begins with a thing is known as a whole where it stands."""
    if around.record is not None and around.record.fields.whole(words) is not None:
        return True
    within = around.record is None or around.group is not None
    return (
        around.role in ("person", "other")
        and around.direct
        and within
        and hints.bare.whole(words) is not None
    )


def _strong(words: tuple[str, ...], hints: Hints) -> Found[FieldHint] | None:
    """What the name says wherever it stands."""
    sole = hints.sole.whole(words)
    if sole is not None:
        return Found(start=0, end=max(len(words), len("".join(words))), letters=len("".join(words)), row=sole)
    strong = hints.strong.longest(words)
    if strong is None or strong.row.firm or strong.row.key or strong.end >= len(words):
        return strong
    return None if hints.pointers.whole(words[-1:]) is not None else strong


def _own_role(words: tuple[str, ...], strong: Found[FieldHint] | None, hints: Hints) -> Role | None:
    """The owner that the name itself gives, beside the words that the hint takes: `dept` of `dept_name`."""
    owners = [
        found
        for found in hints.owners_in(words)
        if strong is None or found.end <= strong.start or found.start >= strong.end
    ]
    if strong is None:
        owners = [found for found in owners if found.end - found.start < len(words)]
    general = [found for found in owners if found.row.role == "general"]
    chosen = general or owners
    return chosen[-1].row.role if chosen else None


def _without_owner(words: tuple[str, ...], hints: Hints) -> tuple[str, ...]:
    """The name without the words that say whose it is: `id` of `customer_id`."""
    taken: set[int] = set()
    for found in hints.owners_in(words):
        taken |= set(range(found.start, found.end))
    return tuple(word for place, word in enumerate(words) if place not in taken)


def _of_record(words: tuple[str, ...], around: Around) -> FieldHint | None:
    """What a field of a record tells: the amount of a payment, the code of a diagnosis."""
    if around.record is None:
        return None
    found = around.record.fields.whole(words)
    if found is not None:
        return found
    ending = [
        each for each in around.record.fields.all_in(words) if _at_end(each, words) and not each.row.exact
    ]
    return ending[-1].row if ending else None


def _own_record(words: tuple[str, ...], hints: Hints) -> FieldHint | None:
    """The key of a record that the name itself gives, where it is as good as its owner: `id` of `account_id`."""
    for found in hints.records.all_in(words):
        rest = (*words[: found.start], *words[found.end :])
        row = found.row.fields.whole(rest) if rest else None
        if row is not None and row.key:
            return row
    return None


def _system(told: str, words: tuple[str, ...], hints: Hints) -> FieldHint | None:
    """What a code system that stands beside a value says of it."""
    if not told or hints.passing.whole(words) is None:
        return None
    return next((row for part, row in hints.systems if part in told), None)


def _role_beside(beside: Collection[str], hints: Hints) -> Role | None:
    """Whose the fields of an object are, by those that only a person or only a firm has."""
    roles = {row for name in beside if (row := hints.marks.whole(words_of(name))) is not None}
    return next(iter(roles)) if len(roles) == 1 else None


def _told(hint: FieldHint, around: Around, place: Place, confidence: Confidence) -> Verdict:
    subject = hint.key and not around.others and around.role in ("person", None)
    if place.asked:
        subject = hint.key or hint.finds
    category = hint.category if place.bank or not hint.elsewhere else hint.elsewhere
    return Verdict(category=category, subject=subject, confidence=confidence)


def frame_of_path(segments: Sequence[str]) -> tuple[str, ...]:
    """The words of a path that may own what it answers with: all but its open places."""
    return tuple(segment for segment in segments if segment and "{" not in segment)
