"""Somebody at work in one workspace: what they ask is put to the gate first, and what they look at is journalled before they see it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from whosaw.app.asking.answers import WhoSaw
from whosaw.app.asking.looks import Look, line_on_record, looks, record_seen
from whosaw.app.asking.one_finding import OneFinding, finding_of
from whosaw.app.asking.questions import Ledger
from whosaw.app.picturing.pictures import How, picture_of
from whosaw.app.status import LedgerStatus, status
from whosaw.app.summary import source_view
from whosaw.core.errors import WhosawError
from whosaw.core.finding import Finding
from whosaw.logs.coverage.hours import coverage_of
from whosaw.report.pictures.data import Kind, Picture
from whosaw.report.view_model import SourceView
from whosaw.store.journal import Journal
from whosaw.store.repositories.findings import stored_finding, stored_findings
from whosaw.store.workspace import Workspace, acting_as

from .accounts import Account, close_account, invite, list_accounts
from .gate import Role, Somebody, Verb, may, refusal
from .judging import Judgment, all_judgments, judge, judgments_on

if TYPE_CHECKING:
    from whosaw.app.reading.lines import OriginalLine

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

    # -- asked of the gate

    def allow(self, verb: Verb | None, what: str) -> Somebody:
        """The one who asks, where they may; raises `WhosawError` else, once that is on record."""
        answer = may(self.who, verb)
        if answer.allowed and self.who is not None:
            return self.who
        self._refused(verb, what, answer.why)
        raise refusal(answer)

    def _refused(self, verb: Verb | None, what: str, why: str) -> None:
        with self._workspace() as workspace, workspace.journal.transaction() as connection:
            body = {"verb": verb, "what": what, "why": why}
            workspace.journal.record(connection, "refused", body, now=self.now)

    @contextmanager
    def _workspace(self) -> Iterator[Workspace]:
        name = self.who.name if self.who is not None else "nobody"
        with closing(Workspace.open(self.root, key_file=self.key_file, who=f"console:{name}")) as workspace:
            yield workspace

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

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Other use cases are called in this: they are done in the name of whoever asks, after `allow` let them."""
        with acting_as(f"console:{self.who.name if self.who is not None else 'nobody'}"):
            yield

    def of_case(self, case: str) -> str:
        """A case, as the gate is asked about it."""
        return f"case {case}"

    def of_finding(self, name: str) -> str:
        """A finding."""
        return f"finding {name}"

    def of_person(self, number: int) -> str:
        """A person."""
        return f"person p{number}"

    def sees_case(self, case: str) -> bool:  # noqa: ARG002  # rights do not differ by case
        """Whether whoever asks sees this case in a list."""
        return may(self.who, Verb.SEE_CASES).allowed

    def _exported(self, what: str, data: bytes, purpose: str) -> None:
        body = {"what": what, "sha256": hashlib.sha256(data).hexdigest(), "counts": {}, "reason": purpose}
        with self._workspace() as workspace, workspace.journal.transaction() as connection:
            workspace.journal.record(connection, "exported", body, now=self.now)

    # -- seen

    def overview(self) -> Overview:
        """What is burning, and how the ledger stands."""
        self.allow(Verb.SEE_OVERVIEW, "overview")
        with self._journal() as journal:
            findings = _judged(journal)
        return Overview(findings=findings, status=status(self.root))

    def coverage(self) -> tuple[Picture, tuple[SourceView, ...]]:
        """By source, which hours are whole, partial and missing: as a picture, and as rows."""
        self.allow(Verb.SEE_COVERAGE, "coverage")
        with self._ledger() as ledger:
            sources = coverage_of(ledger.workspace.journal)
            return self._picture(ledger, "coverage", None), tuple(source_view(each) for each in sources)

    def pictures(self, name: str) -> tuple[Finding, tuple[Picture, ...]]:
        """A finding, with its actor over time, by hour of the week, by numbers of people, and by network."""
        self.allow(Verb.SEE_FINDINGS, self.of_finding(name))
        with self._ledger() as ledger:
            found = stored_finding(ledger.workspace.journal, name)
            return found, tuple(self._picture(ledger, each, found.id) for each in _OF_ACTOR)

    def _picture(self, ledger: Ledger, kind: Kind, what: str | None) -> Picture:
        how = How(zone=UTC, zone_name="UTC", workspace=str(self.root))
        return picture_of(ledger, kind, what, how)

    def findings(self) -> tuple[JudgedFinding, ...]:
        """All findings, the one with the most persons at risk first."""
        self.allow(Verb.SEE_FINDINGS, "findings")
        with self._journal() as journal:
            return _judged(journal)

    def finding(self, name: str, *, reveal: bool = False, reason: str = "") -> SeenFinding:
        """One finding. Its first views name people by number and mask; raw identifiers are another right, and a look on record."""
        who = self.allow(Verb.REVEAL if reveal else Verb.SEE_FINDINGS, f"finding {name}")
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
        self.allow(Verb.SEE_PERSON, "a person")
        with self._ledger() as ledger:
            return ledger.person_number(text)

    def person(self, number: int, *, reveal: bool = False, reason: str = "") -> tuple[WhoSaw, Picture | None]:
        """Who saw a person, after the look is on record with its purpose; and under masks when, as a picture, where anybody did."""
        who = self.allow(Verb.REVEAL if reveal else Verb.SEE_PERSON, f"person p{number}")
        with self._ledger(reveal=reveal, reason=reason) as ledger:
            number = ledger.person_number(f"p{number}")
            record_seen(ledger.workspace, {"person": [number]}, what="who", purpose=who.purpose, now=self.now)
            seen = ledger.who(f"p{number}")
            return seen, self._picture(
                ledger, "person", f"p{number}"
            ) if seen.exposures and not reveal else None

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

    # -- decided

    def judge(self, name: str, *, state: str, assignee: str, note: str, seen: int) -> Judgment:
        """Say what a finding is. What others said meanwhile stays, and is shown."""
        who = self.allow(Verb.JUDGE, f"finding {name}")
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

    def invite(self, name: str, roles: Mapping[str, bool]) -> str:
        """A one-time link for somebody; what it holds."""
        who = self.allow(Verb.CHANGE_ACCOUNTS, f"account {name}")
        with self._journal() as journal:
            asked = [each for each in Role if roles.get(each)]
            return invite(journal, name, asked, by=who.name, now=self.now)

    def close_account(self, name: str) -> None:
        """Close an account."""
        who = self.allow(Verb.CHANGE_ACCOUNTS, f"account {name}")
        with self._journal() as journal:
            close_account(journal, name, by=who.name, now=self.now)


def _judged(journal: Journal) -> tuple[JudgedFinding, ...]:
    said = all_judgments(journal)
    return tuple(JudgedFinding(finding=each, judgment=said.get(each.id)) for each in stored_findings(journal))
