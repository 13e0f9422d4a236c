"""Somebody at work in one workspace: what they ask is put to the gate first, and what they look at is journalled before they see it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Final

from whosaw.app.asking.answers import WhoSaw
from whosaw.app.asking.looks import Look, line_on_record, looks, record_seen
from whosaw.app.asking.one_finding import OneFinding, finding_of
from whosaw.app.asking.questions import Ledger
from whosaw.app.gating.asking import name_in_journal
from whosaw.app.gating.belonging import cases_of_finding, cases_of_findings, people_of_cases
from whosaw.app.gating.tokens import Token, list_tokens, make_token, revoke
from whosaw.app.gating.two import CONSENT, REFUSAL, Request, answer_request, list_requests, second_person
from whosaw.core.errors import WhosawError
from whosaw.core.finding import Finding
from whosaw.logs.coverage.hours import coverage_of
from whosaw.store.journal import Journal
from whosaw.store.permits import under_permit
from whosaw.store.repositories.findings import stored_finding, stored_findings
from whosaw.store.workspace import Workspace

from .accounts import Account, close_account, invite, list_accounts
from .gate import Role, Somebody, Thing, Verb, may, refusal
from .judging import Judgment, all_judgments, judge, judgments_on

if TYPE_CHECKING:  # what pages need and a console that begins does not is loaded where it is used
    from whosaw.app.asking.own_use import Notable
    from whosaw.app.reading.lines import OriginalLine
    from whosaw.app.status import LedgerStatus
    from whosaw.report.pictures.data import Picture
    from whosaw.report.pictures.kinds import Kind
    from whosaw.report.view_model import SourceView

__all__ = ["Desk", "JudgedFinding", "Overview", "SeenFinding"]

_OF_ACTOR: Final[tuple[Kind, ...]] = ("timeline", "week", "order", "networks")


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedFinding:
    """A finding, and what the team said of it last."""

    finding: Finding
    judgment: Judgment | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """Whether anything is burning: findings that nobody judged yet, all of them, and what of the ledger waits."""

    findings: tuple[JudgedFinding, ...]
    status: LedgerStatus

    @property
    def open(self) -> tuple[JudgedFinding, ...]:
        """What is new, or looked at."""
        return tuple(
            each
            for each in self.findings
            if each.judgment is None or each.judgment.state in ("new", "looking")
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenFinding:
    """A finding with who it was, and all that the team said of it."""

    one: OneFinding
    judgments: tuple[Judgment, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """One person at work in the workspace `root`. Every method asks the gate, and a refusal is journalled, too."""

    root: Path
    who: Somebody | None
    now: datetime
    key_file: Path | None = field(default=None, repr=False)
    door: str = "console"  # stands before the name in entries

    # -- asked of the gate

    def allow(self, verb: Verb | None, what: str | Thing) -> Somebody:
        """The one who asks, where they may do this with that; raises `WhosawError` else, once that is on record. What is a text and no
        `Thing` is of the whole workspace, which an account that is limited to cases may not see."""
        thing = what if isinstance(what, Thing) else Thing(name=what)
        answer = may(self.who, verb, thing)
        if answer.allowed and self.who is not None:
            return self.who
        self._refused(verb, thing.name, answer.why)
        raise refusal(answer)

    def _allow_some(self, verb: Verb, what: str) -> Somebody:
        """The same for a list that is narrowed to the cases of whoever asks."""
        cases = self.who.cases if self.who is not None else None
        return self.allow(verb, Thing(name=what, cases=cases))

    def of_finding(self, name: str) -> Thing:
        """A finding with the cases that it belongs to, where that is asked of whoever asks."""
        if self.who is None or self.who.cases is None:
            return Thing(name=f"finding {name}")
        with self._journal() as journal:
            return Thing(name=f"finding {name}", cases=cases_of_finding(journal, self.root, name))

    def of_person(self, number: int) -> Thing:
        """A person with those of the cases of whoever asks that hold them."""
        if self.who is None or self.who.cases is None:
            return Thing(name=f"person p{number}")
        with self._journal() as journal:
            held = {each for each in self.who.cases if number in people_of_cases(journal, self.root, [each])}
        return Thing(name=f"person p{number}", cases=frozenset(held))

    def of_case(self, case: str) -> Thing:
        """A case."""
        return Thing(name=f"case {case}", cases=frozenset({case}))

    def _refused(self, verb: Verb | None, what: str, why: str) -> None:
        with self._workspace() as workspace, workspace.journal.transaction() as connection:
            body = {"verb": verb, "what": what, "why": why}
            workspace.journal.record(connection, "refused", body, now=self.now)

    @contextmanager
    def _workspace(self) -> Iterator[Workspace]:
        with self.at_work(), closing(Workspace.open(self.root, key_file=self.key_file)) as workspace:
            yield workspace

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Other use cases are called in this: they are done in the name of whoever asks, after `allow` let them."""
        cases = self.who.cases if self.who is not None else frozenset()
        with under_permit(self.root, name_in_journal(self.door, self.who), cases=cases):
            yield

    @contextmanager
    def _ledger(self, *, reveal: bool = False, reason: str = "") -> Iterator[Ledger]:
        with self._workspace() as workspace:
            ledger = Ledger(workspace, now=self.now, reveal=reveal, reason=reason)
            try:
                yield ledger
            finally:
                ledger.reader.close()

    @contextmanager
    def _journal(self) -> Iterator[Journal]:
        with self._workspace() as workspace:
            yield workspace.journal

    def sees_case(self, case: str) -> bool:
        """Whether whoever asks sees this case in a list."""
        return may(self.who, Verb.SEE_CASES, self.of_case(case)).allowed

    def _exported(self, what: str, data: bytes, purpose: str, about: Mapping[str, object]) -> None:
        """Put on record that a file is about to be given out, once a second person consented where that takes two. `about` is all that
        was asked for."""
        with self._workspace() as workspace:
            journal = workspace.journal
            second_person(journal, "export", what, {"file": what, **about}, reason=purpose, now=self.now)
            body = {"what": what, "sha256": hashlib.sha256(data).hexdigest(), "counts": {}, "reason": purpose}
            with journal.transaction() as connection:
                journal.record(connection, "exported", body, now=self.now)

    # -- seen

    def overview(self) -> Overview:
        """What is burning, and how the ledger stands."""
        from whosaw.app.status import status

        self._allow_some(Verb.SEE_OVERVIEW, "overview")
        with self._journal() as journal:
            findings = self._judged(journal)
        with self.at_work():
            return Overview(findings=findings, status=status(self.root))

    def coverage(self, zone: tzinfo, zone_name: str) -> tuple[Picture, tuple[SourceView, ...]]:
        """By source, which hours are whole, partial and missing: as a picture on the clock of a zone, and as rows."""
        from whosaw.app.source_view import source_view

        self.allow(Verb.SEE_COVERAGE, "coverage")
        with self._ledger() as ledger:
            sources = coverage_of(ledger.workspace.journal)
            return self._picture(ledger, "coverage", None, zone, zone_name), tuple(
                source_view(each) for each in sources
            )

    def sources(self) -> tuple[SourceView, ...]:
        """By source, its lines and hours."""
        from whosaw.app.source_view import source_view

        self.allow(Verb.SEE_COVERAGE, "coverage")
        with self._journal() as journal:
            return tuple(source_view(each) for each in coverage_of(journal))

    def pictures(self, name: str, zone: tzinfo, zone_name: str) -> tuple[Finding, tuple[Picture, ...]]:
        """A finding, with its actor over time, by hour of the week, by numbers of people, and by network, on the clock of a zone."""
        self.allow(Verb.SEE_FINDINGS, self.of_finding(name))
        with self._ledger() as ledger:
            found = stored_finding(ledger.workspace.journal, name)
            return found, tuple(self._picture(ledger, each, found.id, zone, zone_name) for each in _OF_ACTOR)

    def _picture(self, ledger: Ledger, kind: Kind, what: str | None, zone: tzinfo, zone_name: str) -> Picture:
        from whosaw.app.picturing.pictures import How, picture_of

        how = How(zone=zone, zone_name=zone_name, workspace=str(self.root))
        return picture_of(ledger, kind, what, how)

    def findings(self) -> tuple[JudgedFinding, ...]:
        """All findings, the one with the most persons at risk first."""
        self._allow_some(Verb.SEE_FINDINGS, "findings")
        with self._journal() as journal:
            return self._judged(journal)

    def _judged(self, journal: Journal) -> tuple[JudgedFinding, ...]:
        said, cases = all_judgments(journal), self.who.cases if self.who is not None else frozenset()
        found = stored_findings(journal)
        if cases is not None:
            of = cases_of_findings(journal, self.root)
            found = [each for each in found if not cases.isdisjoint(of.get(each.id, ()))]
        return tuple(JudgedFinding(finding=each, judgment=said.get(each.id)) for each in found)

    def judged_finding(self, name: str) -> tuple[JudgedFinding, tuple[Judgment, ...]]:
        """A finding with all that the team said of it, and nobody of those whom it is about."""
        self.allow(Verb.SEE_FINDINGS, self.of_finding(name))
        with self._journal() as journal:
            found = stored_finding(journal, name)
            said = judgments_on(journal, found.id)
        return JudgedFinding(finding=found, judgment=said[-1] if said else None), said

    def finding(self, name: str, *, reveal: bool = False, reason: str = "") -> SeenFinding:
        """One finding. Its first views name people by number and mask; raw identifiers are another right, and a look on record."""
        who = self.allow(Verb.REVEAL if reveal else Verb.SEE_FINDINGS, self.of_finding(name))
        with self._ledger(reveal=reveal, reason=reason) as ledger:
            one = finding_of(ledger, name)
            people = [int(each.person.number[1:]) for each in one.first if each.person is not None]
            if people:
                record_seen(
                    ledger.workspace, {"person": people}, what="finding", purpose=who.purpose, now=self.now
                )
            return SeenFinding(one=one, judgments=judgments_on(ledger.workspace.journal, one.finding.id))

    def person_number(self, text: str) -> int:
        """The number of a person by any identifier. That somebody is or is not in the ledger is told to who may look at people alone."""
        self._allow_some(Verb.SEE_PERSON, "a person")
        with self._ledger() as ledger:
            number = ledger.person_number(text)
        self.allow(Verb.SEE_PERSON, self.of_person(number))
        return number

    def who_saw(self, number: int) -> WhoSaw:
        """Who saw a person, masked, after the look is on record with its purpose."""
        who = self.allow(Verb.SEE_PERSON, self.of_person(number))
        with self._ledger() as ledger:
            number = ledger.person_number(f"p{number}")
            record_seen(ledger.workspace, {"person": [number]}, what="who", purpose=who.purpose, now=self.now)
            return ledger.who(f"p{number}")

    def person(
        self, number: int, zone: tzinfo, zone_name: str, *, reveal: bool = False, reason: str = ""
    ) -> tuple[WhoSaw, Picture | None]:
        """Who saw a person, after the look is on record with its purpose; and under masks when, as a picture on the clock of a zone, where
        anybody did."""
        who = self.allow(Verb.REVEAL if reveal else Verb.SEE_PERSON, self.of_person(number))
        with self._ledger(reveal=reveal, reason=reason) as ledger:
            number = ledger.person_number(f"p{number}")
            record_seen(ledger.workspace, {"person": [number]}, what="who", purpose=who.purpose, now=self.now)
            seen = ledger.who(f"p{number}")
            if not seen.exposures or reveal:
                return seen, None
            return seen, self._picture(ledger, "person", f"p{number}", zone, zone_name)

    def line(self, locator: str) -> OriginalLine:
        """A line of a log as it stands, after that is on record."""
        who = self.allow(Verb.SEE_LINE, f"line {locator}")
        with self._workspace() as workspace:
            return line_on_record(workspace, locator, reason=who.purpose, now=self.now)

    def looks(self) -> tuple[Look, ...]:
        """Every look at people, the last one first."""
        self.allow(Verb.SEE_LOOKS, "looks")
        with self._workspace() as workspace:
            return tuple(reversed(looks(workspace)))

    def notable(self) -> tuple[Notable, ...]:
        """What stands out in how whosaw is used."""
        from whosaw.app.asking.own_use import notable_of

        self.allow(Verb.SEE_LOOKS, "use of whosaw")
        with self._ledger() as ledger:
            return notable_of(ledger, now=self.now)

    # -- decided

    def judge(self, name: str, *, state: str, assignee: str, note: str, seen: int) -> Judgment:
        """Say what a finding is. What others said meanwhile stays, and is shown."""
        who = self.allow(Verb.JUDGE, self.of_finding(name))
        with self._journal() as journal:
            known = {each.id for each in stored_findings(journal)}
            if name not in known:
                raise WhosawError(
                    "finding.unknown", f"no finding {name}", hint="`whosaw findings` lists them"
                )
            return judge(
                journal, name, state=state, assignee=assignee, note=note, seen=seen, by=who.name, now=self.now
            )

    # -- run

    def accounts(self) -> tuple[Account, ...]:
        """Who has an account."""
        self.allow(Verb.SEE_ACCOUNTS, "accounts")
        with self._journal() as journal:
            return list_accounts(journal)

    def invite(self, name: str, roles: Mapping[str, bool], cases: Sequence[str] | None = None) -> str:
        """A one-time link for somebody, limited to `cases` where any are named; what it holds."""
        who = self.allow(Verb.CHANGE_ACCOUNTS, f"account {name}")
        with self._journal() as journal:
            asked = [each for each in Role if roles.get(each)]
            return invite(journal, name, asked, by=who.name, now=self.now, cases=cases)

    def tokens(self) -> tuple[Token, ...]:
        """Tokens of programs and people."""
        self.allow(Verb.SEE_ACCOUNTS, "tokens")
        with self._journal() as journal:
            return list_tokens(journal)

    def make_token(self, name: str, roles: Sequence[Role], *, cases: Sequence[str] | None, days: int) -> str:
        """A token; what is sent with it, which is shown once."""
        who = self.allow(Verb.CHANGE_ACCOUNTS, f"token of {name[:64]}")
        with self._journal() as journal:
            return make_token(journal, name, roles, by=who.name, now=self.now, cases=cases, days=days)[1]

    def end_token(self, token: str) -> None:
        """End a token."""
        who = self.allow(Verb.CHANGE_ACCOUNTS, "token")
        with self._journal() as journal:
            revoke(journal, token, by=who.name, now=self.now)

    def requests(self) -> tuple[Request, ...]:
        """What was asked for that takes two people, the last request first."""
        self.allow(Verb.CONSENT, "requests")
        with self._journal() as journal:
            return list_requests(journal, now=self.now)

    def answer_request(self, number: int, *, consent: bool) -> Request:
        """Consent to what somebody else asked for, or refuse it."""
        who = self.allow(Verb.CONSENT, f"request {number}")
        with self._journal() as journal:
            return answer_request(journal, number, CONSENT if consent else REFUSAL, who=who, now=self.now)

    def close_account(self, name: str) -> None:
        """Close an account."""
        who = self.allow(Verb.CHANGE_ACCOUNTS, f"account {name}")
        with self._journal() as journal:
            close_account(journal, name, by=who.name, now=self.now)
