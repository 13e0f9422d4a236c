"""What the law on record is: its items with the conditions under which they hold, and the rules of each jurisdiction."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final, overload

from whosaw.core.document import told_as
from whosaw.core.law_items import Area, DutyText, Origin, PaymentText, Precedent, UncheckedText
from whosaw.core.moments import Moment

from .conditions import Condition
from .counting import Counting
from .facts import Facts
from .reach import ELSEWHERE

__all__ = [
    "AUDIENCES",
    "COMBINE",
    "CONFIDENCE",
    "CRIME",
    "FORMS",
    "Duty",
    "ItemCase",
    "Jurisdiction",
    "LaterCases",
    "Law",
    "Payment",
    "UncheckedLaw",
    "Way",
]

CONFIDENCE: Final = ("statute-read", "secondary", "unverified")
AUDIENCES: Final = (
    "regulator",
    "individuals",
    "possibly-affected",
    "cleared",
    "public",
    "controller",
    "cyber-agency",
    "hand-over",
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


class LaterCases(Sequence[ItemCase]):
    """The cases of an item that are read when somebody asks for one: answers about a case of a user need none of them."""

    def __init__(self, read: Callable[[], Sequence[ItemCase]]) -> None:
        self._read = read
        self._found: Sequence[ItemCase] | None = None

    def _cases(self) -> Sequence[ItemCase]:
        if self._found is None:
            self._found = self._read()
        return self._found

    def __len__(self) -> int:
        return len(self._cases())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and tuple(self) == tuple(other)

    def __hash__(self) -> int:
        return hash(tuple(self))

    def __iter__(self) -> Iterator[ItemCase]:
        return iter(self._cases())

    @overload
    def __getitem__(self, index: int) -> ItemCase: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[ItemCase]: ...
    def __getitem__(self, index: int | slice) -> ItemCase | Sequence[ItemCase]:
        return self._cases()[index]


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty(DutyText):
    """One version of one duty with the conditions under which it is owed, and the cases that prove it."""

    applies: Condition | None = field(metadata=told_as(never=True))
    threshold: Condition | None = field(metadata=told_as(never=True))
    exceptions: tuple[Way, ...] = field(default=(), metadata=told_as(never=True))
    cases: Sequence[ItemCase] = field(default=(), metadata=told_as(never=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment(PaymentText):
    """One version of a penalty or right with its grounds, the duty whose breach it answers, and the cases that prove it."""

    duty: str = field(metadata=told_as(never=True))
    applies: Condition | None = field(metadata=told_as(never=True))
    when: Condition | None = field(metadata=told_as(never=True))
    cases: Sequence[ItemCase] = field(default=(), metadata=told_as(never=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class UncheckedLaw(UncheckedText):
    """A law by its name alone, with the condition under which it reaches a case, and the cases that prove it."""

    applies: Condition | None = field(metadata=told_as(never=True))
    cases: Sequence[ItemCase] = field(default=(), metadata=told_as(never=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class Jurisdiction:
    """A place of law: who belongs to it, its clock and days off, how it counts, and when its laws touch a case. `acts` gives
    the statutes on record by short name; `sectors_only`: they bind some sectors alone, so that they are not all the law there;
    `residents_only`: its laws count the people of the place alone, whoever is established there; `one_leads`: of its
    several states one authority leads for who is established in one of them, and none for anybody else."""

    area: Area
    zone: str
    holidays: str | None
    counting: Counting
    applies: Condition
    acts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sectors_only: bool = False
    residents_only: bool = False
    one_leads: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Law:
    """All items by id, in id order. `by_act` are the questions that each act asks for itself, `findings` those among them whose
    answer is a finding of an authority or a court; `retired` says of a question that is asked no longer why."""

    questions: Mapping[str, str]
    retired: Mapping[str, str]
    by_act: frozenset[str]
    findings: frozenset[str]
    sectors: Mapping[str, str]
    jurisdictions: Mapping[str, Jurisdiction]
    duties: Mapping[str, Duty]
    payments: Mapping[str, Payment]
    precedents: Mapping[str, Precedent]
    unchecked: Mapping[str, UncheckedLaw] = field(default_factory=dict)

    def acts_that_ask(self, key: str) -> set[str]:
        """The acts with an item that hangs on a question of law."""
        asked: list[tuple[Origin, tuple[Condition | None, ...]]] = [
            *(
                (each.origin, (each.applies, each.threshold, *(way.when for way in each.exceptions)))
                for each in self.duties.values()
            ),
            *((each.origin, (each.applies, each.when)) for each in self.payments.values()),
        ]
        if key == ELSEWHERE:
            return {
                origin.act
                for origin, _ in asked
                if not self.jurisdictions[origin.jurisdiction].residents_only
            }
        return {
            origin.act
            for origin, conditions in asked
            for condition in conditions
            if condition is not None and any(leaf.key == key for leaf in condition.leaves())
        }
