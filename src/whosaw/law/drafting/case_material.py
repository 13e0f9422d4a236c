"""What a draft is made from: the facts of a case as they stand, each with the place they come from, in no language yet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo

__all__ = [
    "Asked",
    "AskedContent",
    "Bounds",
    "Claim",
    "Filed",
    "Material",
    "Reach",
    "Run",
    "Said",
    "Time",
    "Version",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Time:
    """Somewhere from `earliest` to `latest`, both in; exact when they are the same. Both are aware."""

    earliest: datetime
    latest: datetime


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
    known: Time
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
class Claim:
    """A time that somebody claims for something. Several of one kind are rivals."""

    kind: str
    when: Time
    said_by: str
    evidence: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One thing that the organisation says, by language. `line` is where it stands in the case file."""

    about: str
    texts: Mapping[str, str]
    said_by: str
    when: Time | None = None
    source: str = ""
    line: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """Whom to ask: texts by language, and what is the same in all of them."""

    department: Mapping[str, str] = field(default_factory=dict)
    officer: str = ""
    telephone: str = ""
    email: str = ""
    address: Mapping[str, str] = field(default_factory=dict)
    hours: Mapping[str, str] = field(default_factory=dict)
    page: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filed:
    """A report or notice that was made, and the scope version it told of (None: not said)."""

    duty: str
    when: Time
    scope: int | None
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """A case as one place of law sees it. `told` are the notices to the people of that place, `not_told` bounds those whom
    none of them can have reached. `file` is the name of the case file."""

    case: str
    file: str
    organisation: str
    zone: tzinfo
    zone_name: str
    names: Mapping[str, Mapping[str, str]]
    claims: tuple[Claim, ...]
    statements: tuple[Said, ...]
    reach: Reach | None
    versions: tuple[Version, ...]
    told: tuple[Filed, ...] = ()
    not_told: Bounds | None = None
    lead: str = ""

    def name(self, known_as: str, language: str) -> str:
        return self.names.get(known_as, {}).get(language, known_as)

    def about(self, *kinds: str) -> tuple[Said, ...]:
        return tuple(each for each in self.statements if each.about in kinds)

    def claimed(self, kind: str) -> tuple[Claim, ...]:
        return tuple(each for each in self.claims if each.kind == kind)

    def version(self, number: int | None) -> Version | None:
        return next((each for each in self.versions if each.number == number), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedContent:
    """One thing that the law wants said."""

    key: str
    text: str
    article: str
    confidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One clock of the duty: what started it, who claims that, and how it stands. `scope` is the version that started it."""

    kind: str
    claimed_by: str
    when: Time
    scope: int | None
    status: str
    sentence: str
    done: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One version of a duty to tell an authority, as it falls on the case. `told_people` are the contents of the notice to
    the people, where the filing has to repeat them; `filed` are the reports that were made of this duty."""

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
    filed: tuple[Filed, ...]
    notes: tuple[str, ...]
