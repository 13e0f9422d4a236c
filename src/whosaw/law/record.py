"""The law on record as one document that others can read, what differs between two of them, what is coming, and what is due for a look.

The document holds each item as its file says it, its cases among it: whoever takes it has the conditions and not only their words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Final

from whosaw.core.document import Json, JsonObject, told_as
from whosaw.core.errors import WhosawError
from whosaw.core.law_items import InForce, Origin
from whosaw.packs.toml_file import load_toml

from .item_cases import duty_outcome, payment_outcome, unchecked_outcome
from .items import Duty, ItemCase, Law, Payment, UncheckedLaw
from .loading import law_of, law_values, shipped_law

__all__ = [
    "Answered",
    "Coming",
    "Edited",
    "LawDiff",
    "ToReview",
    "WentAway",
    "coming",
    "differences",
    "for_review",
    "item_parts",
    "law_of_record",
    "record_of",
    "went_away",
]

_VERSION: Final = 1
_TEXTS: Final = frozenset(
    {"decided"}
)  # looks like a day but is a text: of some decisions only the year is known
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
_INSTANT: Final = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?([+-]\d{2}:\d{2})?")
_TOLD: Final = ("owed", "applies", "due", "reading", "cap", "open_cap")  # what a reader of an answer acts on


def record_of() -> JsonObject:
    """The shipped law: `version` of this form, and by the name of each file what it says; days and instants are texts (RFC 3339)."""
    return {
        "version": _VERSION,
        "not_legal_advice": "What is on record here is no legal advice, and no place is complete.",
        "files": {name: _plain(each) for name, each in law_values().items()},
    }


def _plain(value: Any) -> Json:
    if isinstance(value, dict):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if isinstance(value, datetime | date):
        return value.isoformat()
    if value is None or isinstance(value, str | int | float):
        return value
    raise TypeError(f"{type(value).__name__} has no place in an item of law")


def law_of_record(record: object, name: str) -> Law:
    """The law that such a document holds, which came out of a file of this `name`. Raises `WhosawError` where it is none, and
    `FaultsError` with all faults of its items."""
    files = record.get("files") if isinstance(record, dict) else None
    if (
        not isinstance(record, dict)
        or record.get("version") != _VERSION
        or not isinstance(files, dict)
        or not all(isinstance(each, dict) for each in files.values())
    ):
        raise WhosawError(
            "law.record", f"{name} holds no law on record", hint="`whosaw law export` writes such a file"
        )
    return law_of({str(key): _typed(each) for key, each in files.items()}, name)


def _typed(value: Any, key: str = "") -> Any:
    if isinstance(value, dict):
        return {each: _typed(inner, each) for each, inner in value.items()}
    if isinstance(value, list):
        return [_typed(each, key) for each in value]
    if isinstance(value, str) and key not in _TEXTS:
        if _DAY.fullmatch(value):
            return date.fromisoformat(value)
        if _INSTANT.fullmatch(value):
            return datetime.fromisoformat(value)
    return value


def item_parts(law: Law) -> Iterator[tuple[str, Origin, InForce | None, str]]:
    """Each item in id order of its kind: (what it is, where it comes from, when it holds, what it is a version of)."""
    for duty in law.duties.values():
        yield "duty", duty.origin, duty.in_force, duty.of
    for payment in law.payments.values():
        yield payment.kind, payment.origin, payment.in_force, payment.of
    for precedent in law.precedents.values():
        yield "precedent", precedent.origin, None, ""
    for item in law.unchecked.values():
        yield "unchecked", item.origin, item.in_force, item.origin.id


@dataclass(frozen=True, slots=True, kw_only=True)
class Coming:
    """On `day`, a day of its place, a version of law begins to hold, or ends without another in its stead."""

    day: date
    begins: bool
    item: str
    title: str
    place: str
    statute: str
    article: str
    confidence: str
    instead_of: str | None


def coming(law: Law, since: date, until: date | None = None) -> tuple[Coming, ...]:
    """What begins or ends on the days from `since` to `until` (in), in order of time."""
    every = [(origin, in_force, of) for _, origin, in_force, of in item_parts(law) if in_force is not None]
    begins = {(of, in_force.start): origin.id for origin, in_force, of in every}
    ended = {(of, in_force.end): origin.id for origin, in_force, of in every if in_force.end}
    found = []
    for origin, in_force, of in every:
        for day, start in ((in_force.start, True), (in_force.end, False)):
            if day is None or day < since or (until is not None and day > until):
                continue
            if not start and (of, day) in begins:
                continue  # told where the next version begins
            found.append(
                Coming(
                    day=day,
                    begins=start,
                    item=origin.id,
                    title=origin.title,
                    place=law.jurisdictions[origin.jurisdiction].area.name,
                    statute=origin.statute,
                    article=origin.article,
                    confidence=origin.confidence,
                    instead_of=ended.get((of, day)) if start else None,
                )
            )
    return tuple(sorted(found, key=lambda each: (each.day, each.item)))


@dataclass(frozen=True, slots=True, kw_only=True)
class ToReview:
    """An item that is due for a second look, and each reason for it."""

    item: str
    title: str
    place: str
    confidence: str
    reviewed: date
    because: tuple[str, ...]
    sources: tuple[str, ...]


def for_review(law: Law, today: date, *, after_days: int) -> tuple[ToReview, ...]:
    """Items whose last review is older than `after_days`, of which somebody has to open a source yet, or that begin or end
    to hold between their review and `after_days` from today; those with the oldest review first."""
    found = []
    for _, origin, in_force, _ in item_parts(law):
        because = []
        age = (today - origin.reviewed).days
        if age > after_days:
            because.append(f"its last review is {age:,} days old")
        if origin.confidence == "unverified":
            because.append("nobody has opened a source of it")
        because += [f"unverified: {part}: {why}" for part, why in origin.unverified.items()]
        for day, what in ((in_force.start, "begins"), (in_force.end, "ends")) if in_force else ():
            if day is not None and origin.reviewed < day <= today + timedelta(days=after_days):
                because.append(f"it {what} to hold on {day.isoformat()}, after its last review")
        if because:
            found.append(
                ToReview(
                    item=origin.id,
                    title=origin.title,
                    place=law.jurisdictions[origin.jurisdiction].area.name,
                    confidence=origin.confidence,
                    reviewed=origin.reviewed,
                    because=tuple(because),
                    sources=origin.sources,
                )
            )
    return tuple(sorted(found, key=lambda each: (each.reviewed, each.item)))


@dataclass(frozen=True, slots=True, kw_only=True)
class WentAway:
    """Why an item of law is there no longer, and the item that stands for it now."""

    reason: str
    successor: str


def went_away(item: str) -> WentAway | None:
    """What became of an item that was on record once; None where none of that id ever was, or it still is."""
    told = load_toml(shipped_law().parent / "retired.toml").data.get(f"law/{item}")
    if told is None:
        return None
    return WentAway(reason=str(told["reason"]), successor=str(told["successor"]).removeprefix("law/"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Edited:
    """An item that stands in both, and the keys of its file that say something else."""

    item: str
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """One case of an item that is answered otherwise. `before` and `after`: by version that governs it, what a reader acts on."""

    of: str
    case: str
    item: str
    before: Mapping[str, object]
    after: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class LawDiff:
    """What changed from one record of law to another. `became`: of what is gone, why, where that was written down. `cases`: how many were
    answered under both."""

    added: tuple[str, ...]
    gone: tuple[str, ...]
    became: Mapping[str, WentAway]
    edited: tuple[Edited, ...]
    cases: int
    answered: tuple[Answered, ...] = field(metadata=told_as("answered_otherwise"))


def differences(before: object, after: JsonObject, *, name: str) -> LawDiff:
    """Both are documents of `record_of`; `name` is that of the first one's file, for its faults. Each case of either is answered under both."""
    old, new = law_of_record(before, name), law_of_record(after, "the law on record")
    files = [_files(each) for each in (before, after)]
    cases = {**_cases(old), **_cases(new)}
    answered = []
    gone = tuple(sorted(files[0].keys() - files[1].keys()))
    for (of, item, title), case in sorted(cases.items(), key=lambda each: each[0]):
        was, now = _answer(old, of, case), _answer(new, of, case)
        if was != now:
            answered.append(Answered(of=of, case=title, item=item, before=was, after=now))
    return LawDiff(
        added=tuple(sorted(files[1].keys() - files[0].keys())),
        gone=gone,
        became={name: known for name in gone if (known := went_away(name)) is not None},
        edited=tuple(
            Edited(item=each, keys=keys)
            for each in sorted(files[0].keys() & files[1].keys())
            if (keys := _other_keys(files[0][each], files[1][each]))
        ),
        cases=len(cases),
        answered=tuple(answered),
    )


def _files(record: Any) -> dict[str, Any]:
    return dict(record["files"])


def _other_keys(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(sorted(key for key in before.keys() | after.keys() if before.get(key) != after.get(key)))


def _cases(law: Law) -> dict[tuple[str, str, str], ItemCase]:
    items: list[Duty | Payment] = [*law.duties.values(), *law.payments.values()]
    named: list[UncheckedLaw] = [*law.unchecked.values()]
    return {
        (of, item.origin.id, case.title): case
        for of, item in [*((each.of, each) for each in items), *((each.origin.id, each) for each in named)]
        for case in item.cases
    }


def _answer(law: Law, of: str, case: ItemCase) -> dict[str, object]:
    """By version of the family that is not out of force for this case, what a reader acts on; empty where there is none."""
    found: dict[str, object] = {}
    for duty in law.duties.values():
        if duty.of == of:
            found |= _governing(duty.origin.id, duty_outcome(duty, case, law))
    for payment in law.payments.values():
        if payment.of == of:
            found |= _governing(payment.origin.id, payment_outcome(payment, case, law))
    if (item := law.unchecked.get(of)) is not None:
        reaches = unchecked_outcome(item, case, law)["reaches"]
        found |= {} if reaches == "not met" else {of: {"reaches": reaches}}
    return found


def _governing(item: str, outcome: Mapping[str, Any]) -> dict[str, object]:
    if outcome["in_force"] == "not met":
        return {}
    return {item: {key: outcome[key] for key in _TOLD if outcome.get(key) not in (None, [])}}
