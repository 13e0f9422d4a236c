"""What a draft is made from: the facts of a case as they stand, each with the place they come from, in no language yet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo

from whosaw.core.case_head import Event
from whosaw.core.duties import Made, Run
from whosaw.core.moments import Moment
from whosaw.law.account import Account

__all__ = [
    "Asked",
    "AskedContent",
    "Bounds",
    "Material",
    "Version",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """How many `unit` (persons, accounts, views), with the codes of the reasons why the bounds differ. `upper` None is no bound."""

    unit: str
    lower: int
    upper: int | None
    reasons: tuple[str, ...] = ()

    @property
    def known(self) -> bool:
        return self.lower > 0 or self.upper is not None

    def same_as(self, other: Bounds) -> bool:
        return (self.lower, self.upper) == (other.lower, other.upper)


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """What one scope version says. `here` are the people of the place whose law asks; `categories` is seen, not seen, said not
    seen (which no ledger proves) or cannot tell by key; `complete` is false while pages are open of which nobody has said what they carry. `maybe_earlier` and
    `maybe_later`: the logs do not reach far enough to exclude views before the first and after the last one."""

    number: int
    known: Moment
    persons: Bounds
    accounts: Bounds
    views: Bounds | None
    here: Bounds
    places: tuple[tuple[str, Bounds], ...]
    categories: Mapping[str, str]
    persons_by_category: Mapping[str, Bounds]
    complete: bool
    final: bool
    first_view: datetime | None = None
    last_view: datetime | None = None
    maybe_earlier: bool = False
    maybe_later: bool = False

    @property
    def source(self) -> str:
        return f"scope version {self.number}"

    def with_answer(self, answer: str) -> tuple[str, ...]:
        return tuple(key for key, each in self.categories.items() if each == answer)


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """A case as one place of law sees it. `told` are the notices to the people of that place, `not_told` bounds those whom
    none of them can have reached. `file` is the name of the case file."""

    case: str
    file: str
    organisation: str
    zone: tzinfo
    zone_name: str
    account: Account
    events: tuple[Event, ...]
    versions: tuple[Version, ...]
    told: tuple[Made, ...] = ()
    not_told: Bounds | None = None
    lead: str = ""

    def claimed(self, kind: str) -> tuple[Event, ...]:
        return tuple(each for each in self.events if each.kind == kind)

    def version(self, number: int | None) -> Version | None:
        return next((each for each in self.versions if each.number == number), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedContent:
    """One thing that the law wants said."""

    key: str
    text: str
    article: str = ""
    confidence: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One version of a duty to tell an authority, as it falls on the case. `told_people` are the contents of the notice to
    the people, where the filing has to repeat them; `filed` are the reports that were made of this duty. `follows`: its clock runs
    from a report that was made before it, as that of an intermediate or a final one does."""

    id: str
    of: str
    jurisdiction: str
    place: str
    members: tuple[str, ...]
    title: str
    statute: str
    article: str
    confidence: str
    contents: tuple[AskedContent, ...]
    told_people: tuple[AskedContent, ...]
    late_needs_reasons: bool
    owed: str
    runs: tuple[Run, ...]
    filed: tuple[Made, ...]
    notes: tuple[str, ...]
    follows: bool = False
