"""What the API answers, field by field: the OpenAPI document is made from these. Instants are RFC 3339 in UTC."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from whosaw.app.asking.answers import SeenOf, ShownClient, ShownPerson, WhatSeen, WhoSaw
from whosaw.app.asking.looks import Look
from whosaw.app.cases.listing import ListedCase
from whosaw.app.console.desk import JudgedFinding
from whosaw.app.console.judging import Judgment
from whosaw.app.console.talking import Remark
from whosaw.core.counts import Count
from whosaw.core.custody import Entry
from whosaw.core.document import object_of
from whosaw.core.instants import from_micros
from whosaw.core.scope_version import ScopeVersion
from whosaw.mapping.untold import UntoldSource
from whosaw.report.view_model import SourceView

__all__ = [
    "ActorAsked",
    "ActorOut",
    "ActorsPersons",
    "CaseOut",
    "Cases",
    "CountOut",
    "Entries",
    "EntryOut",
    "Exposures",
    "FindingOut",
    "Findings",
    "Found",
    "Judged",
    "JudgmentIn",
    "JudgmentOut",
    "Judgments",
    "LookOut",
    "Looks",
    "People",
    "PersonAsked",
    "PersonOut",
    "RemarkIn",
    "RemarkOut",
    "Remarks",
    "SourceOut",
    "Sources",
    "SubjectIn",
    "SubjectOut",
    "VersionDocument",
]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class CountOut:
    """A count: at least `lower`, at most `upper` (null: no bound is known), of `unit`, and the codes of why it is not exact."""

    unit: str
    lower: int
    upper: int | None
    exact: bool
    reasons: list[str]

    @classmethod
    def of(cls, count: Count) -> CountOut:
        return cls(
            unit=count.unit,
            lower=count.lower,
            upper=count.upper,
            exact=count.exact,
            reasons=[each.code for each in count.reasons],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgmentOut:
    """What somebody said of a finding. `unseen`: they had not seen the judgment before it."""

    number: int
    time: datetime
    by: str
    state: str
    assignee: str
    note: str
    unseen: bool

    @classmethod
    def of(cls, said: Judgment) -> JudgmentOut:
        return cls(
            number=said.number, time=said.time, by=said.by, state=said.state, assignee=said.assignee, note=said.note,
            unseen=said.unseen,
        )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgmentIn:
    """What to say of a finding: new, looking, confirmed or explained. `seen` is the number of the last judgment that was read (0: none)."""

    state: str
    seen: int
    note: str = ""
    assignee: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingOut:
    """A finding. `address` is stable; `judgment` is the one that holds, null where nobody judged."""

    id: str
    address: str
    detector: str
    technique: str
    title: str
    facts: list[str]
    confidence: str
    first_view: datetime
    last_view: datetime
    raised_at: datetime
    counts: list[CountOut]
    categories: list[str]
    locators: list[str]
    judgment: JudgmentOut | None

    @classmethod
    def of(cls, judged: JudgedFinding) -> FindingOut:
        found, said = judged.finding, judged.judgment
        return cls(
            id=found.id,
            address=f"/api/v1/findings/{found.id}",
            detector=found.detector,
            technique=found.technique,
            title=found.title,
            facts=list(found.facts),
            confidence=found.confidence.level,
            first_view=found.first_view,
            last_view=found.last_view,
            raised_at=found.raised_at,
            counts=[CountOut.of(each) for each in found.counts],
            categories=[each.category for each in found.categories],
            locators=list(found.locators),
            judgment=None if said is None else JudgmentOut.of(said),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """Findings by id. `next`: where the next page is; null: this is the last one."""

    items: list[FindingOut]
    next: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A finding, with all that was said of it, the first judgment first."""

    finding: FindingOut
    judgments: list[JudgmentOut]


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgments:
    """The judgment that was added."""

    judgment: JudgmentOut


@dataclass(frozen=True, slots=True, kw_only=True)
class RemarkOut:
    """What somebody said of a thing, and of which version of it. A text that was taken back is empty, and `withdrawn` says when."""

    number: int
    time: datetime
    by: str
    version: str
    text: str
    mentions: list[str]
    withdrawn: datetime | None

    @classmethod
    def of(cls, said: Remark) -> RemarkOut:
        return cls(
            number=said.number, time=said.time, by=said.by, version=said.version, text=said.text, mentions=list(said.mentions),
            withdrawn=said.withdrawn,
        )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Remarks:
    """What was said of one thing, the first remark first. `version` is the one that it has now, empty where it is no longer there; `page`
    is where it stands in the console. `next`: where the next page is; null: this is the last one."""

    about: str
    version: str
    page: str
    items: list[RemarkOut]
    next: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RemarkIn:
    """What to say of a thing. `version` is the one that was read; empty: the one that it has now."""

    text: str
    version: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonAsked:
    """Whom to look for: any identifier of a person. It stands in the body, for addresses are kept in many logs."""

    identifier: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ActorAsked:
    """Which actor: any identifier of a client, or the id of a finding."""

    actor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The number that a person has in this ledger, and where who saw them stands."""

    person: str
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonOut:
    """A person by number and mask. `held`: a view of theirs is held, else possible."""

    person: str
    shown: str = field(repr=False)
    held: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """People by number. `next`: where the next page is; null: this is the last one."""

    items: list[PersonOut]
    next: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientOut:
    """A client: its number, what is known of it, masked, and its network."""

    client: str
    traits: dict[str, str] = field(repr=False)
    network: str = field(repr=False)

    @classmethod
    def of(cls, shown: ShownClient) -> ClientOut:
        return cls(client=shown.client, traits=dict(shown.traits), network=shown.network)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExposureOut:
    """What one client saw of a person in one category."""

    actor: ClientOut
    category: str
    first: datetime
    last: datetime
    views: int
    possible_views: int
    routes: list[str]
    explanation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposures:
    """Who saw a person, masked. `views_of_unknown_persons`: so many views name nobody, and may have been of this person."""

    person: str
    shown: str = field(repr=False)
    views: CountOut
    views_of_unknown_persons: int
    exposures: list[ExposureOut]
    locators: list[str]
    not_told: list[NotTold]

    @classmethod
    def of(cls, seen: WhoSaw) -> Exposures:
        return cls(
            person=seen.person.number,
            shown=seen.person.shown,
            views=CountOut.of(seen.views),
            views_of_unknown_persons=seen.views_of_unknown_persons,
            exposures=[
                ExposureOut(
                    actor=ClientOut.of(each.actor), category=each.category, first=each.first, last=each.last, views=each.views,
                    possible_views=each.possible_views, routes=list(each.routes), explanation=each.explanation,
                )
                for each in seen.exposures
            ],
            locators=list(seen.locators),
            not_told=[NotTold.of(each) for each in seen.untold],
        )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class NotTold:
    """A source with lines of which no route of the map says whose data they show; whoever was shown there is in no answer."""

    source: str
    events: int

    @classmethod
    def of(cls, untold: UntoldSource) -> NotTold:
        return cls(source=untold.source, events=untold.events)


@dataclass(frozen=True, slots=True, kw_only=True)
class ActorsPersons:
    """What an actor saw in one category, or through one route."""

    name: str
    persons: int
    views: int
    first: datetime
    last: datetime

    @classmethod
    def of(cls, seen: SeenOf) -> ActorsPersons:
        return cls(name=seen.name, persons=seen.persons, views=seen.views, first=seen.first, last=seen.last)


@dataclass(frozen=True, slots=True, kw_only=True)
class ActorOut:
    """What an actor saw: counts in three units, by category and by route, and the first people, masked."""

    clients: int
    counts: list[CountOut]
    first: datetime | None
    last: datetime | None
    categories: list[ActorsPersons]
    routes: list[ActorsPersons]
    people: list[str]
    locators: list[str]
    not_told: list[NotTold]

    @classmethod
    def of(cls, seen: WhatSeen) -> ActorOut:
        return cls(
            clients=seen.actor.clients,
            counts=[CountOut.of(each) for each in seen.counts],
            first=seen.first,
            last=seen.last,
            categories=[ActorsPersons.of(each) for each in seen.categories],
            routes=[ActorsPersons.of(each) for each in seen.routes],
            people=[each.number for each in seen.persons],
            locators=list(seen.locators),
            not_told=[NotTold.of(each) for each in seen.untold],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionOut:
    """A version of a case and its counts."""

    version: int
    address: str
    made: datetime
    final: bool
    counts: list[CountOut]


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseOut:
    """A case and its versions, the first one first."""

    case: str
    versions: list[VersionOut]

    @classmethod
    def of(cls, listed: ListedCase) -> CaseOut:
        return cls(
            case=listed.case,
            versions=[
                VersionOut(
                    version=each.row.version,
                    address=f"/api/v1/cases/{listed.case}/versions/{each.row.version}",
                    made=each.row.made,
                    final=each.row.final,
                    counts=[CountOut.of(count) for count in each.counts],
                )
                for each in listed.versions
            ],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Cases:
    """Cases by name."""

    items: list[CaseOut]
    next: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionDocument:
    """A version as it is kept: `document` is what `whosaw scope show --json` prints."""

    case: str
    version: int
    document: dict[str, Any]

    @classmethod
    def of(cls, found: ScopeVersion) -> VersionDocument:
        return cls(case=found.case, version=found.version, document=object_of(found))


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceOut:
    """A source: lines, what became of them, and how many hours are not whole."""

    source: str
    lines: int
    events: int
    rejects: int
    duplicates: int
    first: datetime | None
    last: datetime | None
    hours: dict[str, int]

    @classmethod
    def of(cls, view: SourceView) -> SourceOut:
        hours: dict[str, int] = {}
        for span in view.spans:
            length = int((span.end - span.start).total_seconds()) // 3_600
            hours[span.state] = hours.get(span.state, 0) + length
        return cls(
            source=view.source, lines=view.lines, events=view.events, rejects=view.rejects, duplicates=view.duplicates,
            first=view.first, last=view.last, hours=hours,
        )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """Sources by name."""

    items: list[SourceOut]


@dataclass(frozen=True, slots=True, kw_only=True)
class LookOut:
    """A look at people or an export. `persons` null: all of the ledger."""

    entry: int
    time: datetime
    by: str
    what: str
    revealed: bool
    persons: int | None
    reason: str

    @classmethod
    def of(cls, look: Look) -> LookOut:
        return cls(
            entry=look.entry, time=look.time, by=look.by, what=look.what, revealed=look.revealed, persons=look.persons,
            reason=look.reason,
        )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Looks:
    """Looks, the last one first. `next`: where the next page is; null: this is the last one."""

    items: list[LookOut]
    next: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryOut:
    """An entry of the custody journal, with the hash that covers it and all before it."""

    entry: int
    time: datetime
    who: str
    kind: str
    body: dict[str, Any]
    hash: str

    @classmethod
    def of(cls, entry: Entry) -> EntryOut:
        body = json.loads(entry.body)
        return cls(
            entry=entry.seq,
            time=from_micros(entry.time),
            who=entry.who,
            kind=entry.kind,
            body=body if isinstance(body, dict) else {"value": body},
            hash=entry.hash,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Entries:
    """Entries by number. `next`: where the next page is; null: this is the last one, for now."""

    items: list[EntryOut]
    next: str | None


def person_out(person: ShownPerson, *, held: bool) -> PersonOut:
    """A person of a case."""
    return PersonOut(person=person.number, shown=person.shown, held=held)


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectIn:
    """A person whom the organisation has signed in: their id as the logs have it, what kind of id it is where the data map knows several,
    and how many minutes (1 to 720) the token holds."""

    subject: str = field(repr=False)
    kind: str | None = None
    minutes: int = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectOut:
    """The token of a person. It is told once."""

    id: str
    token: str = field(repr=False)
    ends: datetime
