"""What an item of law is: a duty, a penalty or a right, a precedent, and the rules of a jurisdiction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Final

from .conditions import Condition
from .counting import Counting, Period
from .facts import Area, Facts
from .moments import Moment
from .ranges import Range

__all__ = [
    "AUDIENCES",
    "COMBINE",
    "CONFIDENCE",
    "CRIME",
    "FORMS",
    "Amount",
    "Clock",
    "Content",
    "Duty",
    "InForce",
    "ItemCase",
    "Jurisdiction",
    "Law",
    "Origin",
    "Payment",
    "Precedent",
    "Term",
    "Way",
]

CONFIDENCE: Final = ("statute-read", "secondary", "unverified")
AUDIENCES: Final = (
    "regulator",
    "individuals",
    "possibly-affected",
    "controller",
    "cyber-agency",
    "market",
    "media",
    "credit-bureaus",
    "itself",
)
CRIME: Final = "criminal"
FORMS: Final = (
    "money-penalty",
    "administrative-fine",
    CRIME,
    "daily-penalty",
    "statutory-damages",
    "punitive-damages",
    "procedure",
)
COMBINE: Final = ("only", "lower", "higher")


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where an item comes from and how sure it is. `act` is the statute by its short name, such as kr/pipa. `unverified` names the parts of it that nobody has checked, and why."""

    id: str
    title: str
    jurisdiction: str
    act: str
    statute: str
    article: str
    text: str
    confidence: str
    sources: tuple[str, ...]
    reviewed: date
    unverified: Mapping[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "title": self.title,
            "jurisdiction": self.jurisdiction,
            "act": self.act,
            "statute": self.statute,
            "article": self.article,
            "text": self.text,
            "confidence": self.confidence,
            "sources": list(self.sources),
            "reviewed": self.reviewed.isoformat(),
            "unverified": dict(sorted(self.unverified.items())),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class InForce:
    """Days from `start` (in) to `end` (out); None is no day on record. `decided_by` is "start" (of the clock), "due" (the
    end of the duty's clock), "grounds" (which hold their own days) or a kind of event."""

    start: date | None
    end: date | None
    decided_by: str

    def as_json(self) -> dict[str, Any]:
        return {
            "from": self.start.isoformat() if self.start else None,
            "until": self.end.isoformat() if self.end else None,
            "decided_by": self.decided_by,
        }

    def text(self) -> str:
        first = f"from {self.start.isoformat()}" if self.start else "start not on record"
        return f"{first} until {self.end.isoformat()}" if self.end else first


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """When a duty must be done. Without a period only `words` stand in the law. `standing`: it lasts, nothing is due.

    `again` "new-people": each scope version that adds people starts a clock of its own, for the reason in
    `again_because`. `force` is "law", or "guidance" where the figure is an authority's expectation.
    """

    starts: tuple[str, ...]
    period: Period | None
    words: str
    force: str = "law"
    standing: bool = False
    again: str = ""
    again_because: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """One thing a filing or a notice must say. `key` is the same in every language and version."""

    key: str
    text: str
    article: str = ""
    unverified: bool = False

    def as_json(self) -> dict[str, Any]:
        return {"key": self.key, "text": self.text, "article": self.article, "unverified": self.unverified}


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """An exception that takes the duty away while its condition is met."""

    id: str
    text: str
    when: Condition


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemCase:
    """Hand-worked: facts, and what must come out of them."""

    title: str
    facts: Facts
    now: Moment | None
    law_of: date | None
    expect: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """One version of one duty. `of` is the same for all its versions, which never overlap."""

    origin: Origin
    of: str
    recipient: str
    audience: str
    owed_by: str
    in_force: InForce
    clock: Clock
    applies: Condition | None
    threshold: Condition | None
    exceptions: tuple[Way, ...] = ()
    delays: tuple[str, ...] = ()
    late_needs_reasons: bool = False
    contents: tuple[Content, ...] = ()
    phasing: str = ""
    form: str = ""
    language: str = ""
    consequences: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    cases: tuple[ItemCase, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """One part of a cap. `kind`: fixed, percent (of `base` turnover of `place`), per-person, per-day, per-person-day,
    percent-per-day (of average daily turnover), multiple (of the sum `of`)."""

    kind: str
    value: Decimal
    base: str = ""
    place: str = ""
    of: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Amount:
    """The most that can be asked, from terms joined by `combine`; `least` is the least where the law names one."""

    currency: str
    combine: str
    terms: tuple[Term, ...]
    least: Decimal | None = None
    if_no_turnover: Decimal | None = None
    year_before: str = "aware"
    unrelated_left_out: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """One version of a penalty, or of a right of the people (`kind`)."""

    origin: Origin
    kind: str
    of: str
    form: str
    why: str
    in_force: InForce
    duty: str
    applies: Condition | None
    when: Condition | None
    amount: Amount | None
    prison_years: int | None = None
    rules: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    cases: tuple[ItemCase, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Precedent:
    """What an authority decided elsewhere. `people` and `turnover` are None where no source gives them."""

    origin: Origin
    authority: str
    decided: str
    currency: str
    amount: Range
    people: Range | None
    turnover: Range | None
    turnover_about: bool
    why: str
    notes: tuple[str, ...] = ()
    expect: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Jurisdiction:
    """A place of law: who belongs to it, its clock and days off, how it counts, and when its laws touch a case. `acts` gives
    the statutes on record by short name; `sectors_only`: they bind some sectors alone, so that they are not all the law there."""

    area: Area
    zone: str
    holidays: str | None
    counting: Counting
    applies: Condition
    acts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sectors_only: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Law:
    """All items by id, in id order. `by_act` are the questions that each act asks for itself, `findings` those among them whose
    answer is a finding of an authority or a court."""

    questions: Mapping[str, str]
    by_act: frozenset[str]
    findings: frozenset[str]
    sectors: Mapping[str, str]
    jurisdictions: Mapping[str, Jurisdiction]
    duties: Mapping[str, Duty]
    payments: Mapping[str, Payment]
    precedents: Mapping[str, Precedent]

    def acts_that_ask(self, key: str) -> set[str]:
        """The acts with an item that hangs on a question of law."""
        asked: list[tuple[Origin, tuple[Condition | None, ...]]] = [
            *(
                (each.origin, (each.applies, each.threshold, *(way.when for way in each.exceptions)))
                for each in self.duties.values()
            ),
            *((each.origin, (each.applies, each.when)) for each in self.payments.values()),
        ]
        return {
            origin.act
            for origin, conditions in asked
            for condition in conditions
            if condition is not None and any(leaf.key == key for leaf in condition.leaves())
        }
