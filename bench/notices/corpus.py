"""The judged notices of a folder, and what is wrong with how they are written down."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

__all__ = ["ELEMENTS", "KINDS", "LANGUAGES", "REQUIRED", "Group", "Judged", "What", "corpus", "ill_formed"]

LANGUAGES: Final[Mapping[str, str]] = {"korean": "ko", "english": "en", "swahili": "sw"}
ELEMENTS: Final = (
    "breach", "items", "when", "how", "found", "consequences", "advice", "measures", "redress", "contact", "rights", "followup",
    "headings", "dated", "bureaus", "agencies",
)  # fmt: skip
KINDS: Final = (
    "softened", "breach-denied", "rights-denied", "rights-waived", "conditions", "nothing-to-do", "certain-as-possible",
    "possible-as-certain", "groundless-safety", "number-understated", "asks-for-secret", "taken-as-seen", "minimised", "contact-paid",
    "wrong-dates", "items-understated", "duty-disclaimed", "advertising",
)  # fmt: skip
_KOREA: Final = ("breach", "items", "when", "how", "advice", "measures", "redress", "contact")
_UNION: Final = ("breach", "items", "consequences", "measures", "contact")
REQUIRED: Final[Mapping[str, tuple[str, ...]]] = {
    "kr-pipa": (*_KOREA, "rights"),
    "kr-pipa-possible": (*_KOREA, "followup"),
    "gdpr": _UNION,
    "uk-gdpr": _UNION,
    "ke-dpa": ("breach", "items", "measures", "advice", "contact"),
    "us-ca": ("breach", "headings", "dated", "items", "when", "how", "measures", "advice", "contact"),
    "hipaa": ("breach", "items", "when", "found", "how", "measures", "advice", "contact"),
    "us-ny": ("breach", "items", "agencies", "contact"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """People of a case: how many, and the categories of their data."""

    name: str
    people: int
    customers: bool
    categories: tuple[str, ...]
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class What:
    """What happened, as somebody found it out. Days are the first and the last, both included."""

    id: str
    law: str
    first: date
    last: date
    found: date
    act: str
    certain: bool
    groups: tuple[Group, ...]
    untouched: tuple[str, ...]
    also: tuple[str, ...]

    def group(self, name: str) -> Group:
        return next(each for each in self.groups if each.name == name)

    def required(self, group: Group) -> tuple[str, ...]:
        """The elements that the law asks for in a notice to a group."""
        return tuple(dict.fromkeys((*REQUIRED[self.law], *self.also, *group.also)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A notice with its verdict by hand: `held` elements, `missing` ones, `faults` by kind, and what is `open`."""

    id: str
    language: str
    case: What
    group: Group
    text: str
    held: Mapping[str, str]
    missing: tuple[str, ...]
    faults: tuple[tuple[str, str], ...]
    open: frozenset[str]
    passes: bool

    @property
    def wrong(self) -> frozenset[str]:
        """The points that are faults."""
        return frozenset((*self.missing, *(kind for kind, _ in self.faults))) - self.open

    @property
    def holding(self) -> frozenset[str]:
        """The points that hold: each element that is said and each kind of fault that is absent."""
        return frozenset((*self.held, *KINDS)) - self.wrong - self.open


def corpus(folder: Path) -> tuple[Judged, ...]:
    """Every judged notice of `korean.toml`, `english.toml` and `swahili.toml`, as far as they are there."""
    found: list[Judged] = []
    for name, code in LANGUAGES.items():
        path = folder / f"{name}.toml"
        if path.is_file():
            data = tomllib.loads(path.read_text(encoding="utf-8"))
            cases = {each["id"]: _case(each) for each in data["case"]}
            found += [_judged(each, cases, code) for each in data["text"]]
    return tuple(found)


def _case(row: Mapping[str, Any]) -> What:
    return What(
        id=row["id"],
        law=row["law"],
        first=date.fromisoformat(row["from"]),
        last=date.fromisoformat(row["to"]),
        found=date.fromisoformat(row["found"]),
        act=row["act"],
        certain=row["certain"],
        groups=tuple(
            Group(
                name=each["name"],
                people=each["people"],
                customers=each["customers"],
                categories=tuple(each["categories"]),
                also=tuple(each.get("also", ())),
            )
            for each in row["groups"]
        ),
        untouched=tuple(row.get("untouched", ())),
        also=tuple(row.get("also", ())),
    )


def _judged(row: Mapping[str, Any], cases: Mapping[str, What], code: str) -> Judged:
    case = cases[row["case"]]
    return Judged(
        id=row["id"],
        language=code,
        case=case,
        group=case.group(row["group"]),
        text=row["text"],
        held=row.get("held", {}),
        missing=tuple(row.get("missing", ())),
        faults=tuple((kind, words) for kind, words in row.get("faults", ())),
        open=frozenset(row.get("open", ())),
        passes=row["passes"],
    )


def ill_formed(judged: Judged) -> Iterator[str]:
    """What is wrong with how a verdict is written down; nothing where it is well formed."""
    text = _plain(judged.text)
    for name, words in (*judged.held.items(), *judged.faults):
        if _plain(words) not in text:
            yield f"{judged.id}: {name}: {words!r} does not stand in the text"
    for element in judged.case.required(judged.group):
        times = (element in judged.held) + judged.missing.count(element) + (element in judged.open)
        if times != 1:
            yield f"{judged.id}: {element} is required, and is held, missing or open {times} times"
    for name in (*judged.held, *judged.missing, *judged.open, *(kind for kind, _ in judged.faults)):
        if name not in ELEMENTS and name not in KINDS:
            yield f"{judged.id}: {name} is neither an element nor a kind of fault"
    for kind, _ in judged.faults:
        if kind in judged.open:
            yield f"{judged.id}: {kind} is a fault and open"
    if judged.passes is not (not judged.missing and not judged.faults):
        yield f"{judged.id}: passes does not agree with what is missing and wrong"


def _plain(text: str) -> str:
    return " ".join(text.split())
