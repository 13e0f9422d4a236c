"""What every result about a case of law begins with: whose case, as of when, on which scope version, and what no law is known of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import ClassVar, Final

from .contracts import ContractAnswer
from .document import told_as
from .duties import DutyAnswer
from .law_items import Precedent, UncheckedText
from .moments import Moment
from .penalties import PaymentAnswer
from .ranges import Range
from .truth import Truth

__all__ = [
    "ADVICE",
    "CaseDuties",
    "CaseHead",
    "CasePenalties",
    "Event",
    "NoLaw",
    "OpenPoint",
    "PeopleOfPlace",
    "ScopeHead",
    "Unchecked",
]

ADVICE: Final = (
    "This is not legal advice. It is worked out from the facts in the case file and from summaries of law whose sources "
    "and confidence stand beside each item; have a lawyer of each place confirm what you rely on."
)
_WHY: Final = {
    "established": "the organisation is established there",
    "listed": "the organisation is listed there",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that starts a clock, or decides which law applies. Several of one kind are rival claims."""

    kind: str
    when: Moment
    said_by: str
    evidence: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoLaw:
    """One place: a country or state, or "" for people of whom nobody knows where they are. `people` is None where none were seen there
    by what is known; `partly` names the laws on record there that bind some sectors alone. `lacking`: there is a law on record, and
    it asks nothing of an organisation of this role or trade, for these reasons. `unchecked` names laws there whose text nobody opened."""

    ALSO: ClassVar[tuple[str, ...]] = ("sentence",)

    place: str = field(metadata=told_as(form=lambda place: place or None))
    people: Range | None
    why: tuple[str, ...]
    partly: tuple[str, ...] = ()
    lacking: tuple[str, ...] = ()
    unchecked: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        """What is missing, about how many people, and what to do."""
        people = "" if self.people is None else f": {_people(self.people)}"
        because = "" if self.people is not None else f" ({', '.join(_WHY[each] for each in self.why)})"
        if not self.place:
            return (
                f"No law is looked at for people whose country is not known{people}; "
                "say where they are (people.unplaced, or a country for each person)"
            )
        if self.lacking:
            reasons = "; ".join(self.lacking)
            return f"The law on record for {self.place} asks nothing of this organisation ({reasons}){people}{because}; ask a lawyer"
        only = f", only laws of some sectors ({', '.join(self.partly)})" if self.partly else ""
        if self.unchecked:
            return f"A law exists in {self.place} ({', '.join(self.unchecked)}), and its text was not checked{only}{people}{because}; ask a lawyer"
        return f"No law on record for {self.place}{only}{people}{because}; ask a lawyer"


def _people(people: Range) -> str:
    if people.high is None:
        return f"at least {int(people.low):,} people" if people.low else "people, how many cannot be told"
    low, high = int(people.low), int(people.high)
    return f"{low:,} {'person' if low == 1 else 'people'}" if low == high else f"{low:,} to {high:,} people"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unchecked:
    """A law that reaches the case or may, and of which nobody has opened the text: it has no clock and no sum here. `reaches` is yes,
    or that it cannot be told, for the reasons in `because`; `there` whether people were seen in its place, or the organisation is there."""

    ALSO: ClassVar[tuple[str, ...]] = ("sentence",)

    law: UncheckedText = field(metadata=told_as(among=True))
    place: str
    reaches: Truth = field(
        metadata=told_as(form=lambda truth: "yes" if truth is Truth.YES else "cannot tell")
    )
    there: Truth = field(metadata=told_as(form=lambda truth: "yes" if truth is Truth.YES else "cannot tell"))
    because: tuple[str, ...]

    @property
    def sentence(self) -> str:
        """That there is such a law, what is believed of it, and what to do."""
        origin, believed = self.law.origin, self.law.believed
        held = "; ".join(f"{name}: {text}" for name, text in believed.items())
        may = "" if self.reaches is Truth.YES else ", which may reach this case"
        told = f"; believed, not checked: {held}" if held else ""
        return (
            f"{self.place}: a law exists on this{may}, and its text was not checked: {origin.title} ({origin.statute}, "
            f"{origin.article}; {origin.id}){told}; ask a lawyer"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleOfPlace:
    """People seen of one country or state by its own name, or of none that is known (""). `laws` names the places whose law on record
    is about everybody there. Together they are all people of the scope."""

    place: str = field(metadata=told_as(form=lambda place: place or None))
    people: Range
    laws: tuple[str, ...]

    @property
    def words(self) -> str:
        """The place and its people, and that no law of it is on record."""
        return f"{self.place or 'country not known'} {_people(self.people)}{'' if self.laws else ' (no law on record)'}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopeHead:
    """The newest scope version of the case, in short."""

    version: int
    final: bool
    persons: Range
    accounts: Range


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseHead:
    """`now` stands in for what is not done yet; `law_of` is the day whose law was asked for, whatever the times of the case. `people`
    is everybody of the scope, by place."""

    ALSO: ClassVar[tuple[str, ...]] = ("not_legal_advice",)

    case: str
    organisation: str
    zone: str
    now: datetime
    law_of: date | None
    no_law: tuple[NoLaw, ...]
    unchecked: tuple[Unchecked, ...]
    people: tuple[PeopleOfPlace, ...]
    scope: ScopeHead | None
    events: tuple[Event, ...]

    @property
    def not_legal_advice(self) -> str:
        """What stands at the head of everything about law."""
        return ADVICE

    @property
    def by_name(self) -> tuple[str, ...]:
        """A sentence for each law by name alone of a place that is surely touched, and one for all places that may be."""
        sure = tuple(each.sentence for each in self.unchecked if each.there is Truth.YES)
        may = sorted({each.place for each in self.unchecked if each.there is not Truth.YES})
        if not may:
            return sure
        one = (
            "Laws exist on this, and their text was not checked, in places of which it is not known whether people there were seen "
            f"or whether the organisation is there: {', '.join(may)}; `whosaw law list PLACE` tells each"
        )
        return (*sure, one)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenPoint:
    """Something that nobody has said yet and that decides whether `duties` are owed. `key` is a question of law, a kind of event or a key of
    the case file; `asks` is its sentence. `laws` are the acts that ask it for themselves, empty where one answer holds under all;
    `finding`: only what an authority or a court has found decides it."""

    key: str
    asks: str
    laws: tuple[str, ...]
    finding: bool
    duties: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseDuties:
    """Every duty of a case. `questions` are those of law that would decide what is still open, by key. `contracts` are the entries of the
    organisation's register; `open` is what is still to be said, that first on which most duties hang."""

    head: CaseHead = field(metadata=told_as(among=True))
    questions: Mapping[str, str]
    duties: tuple[DutyAnswer, ...]
    contracts: tuple[ContractAnswer, ...] = ()
    open: tuple[OpenPoint, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CasePenalties:
    """Every penalty and right of a case, with the precedents of the places that it touches."""

    head: CaseHead = field(metadata=told_as(among=True))
    questions: Mapping[str, str]
    penalties: tuple[PaymentAnswer, ...]
    precedents: tuple[Precedent, ...]
