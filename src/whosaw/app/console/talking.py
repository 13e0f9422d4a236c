"""What a team says to one another about a finding, a case or a person, and what somebody proposes to do with a finding.

A remark stays linked to what it is about and to the version of it that it spoke of. It can be taken back, and then stands as taken back.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from whosaw.app.asking.identifiers import SIGNS
from whosaw.core import client
from whosaw.core.errors import WhosawError
from whosaw.core.instants import from_micros, to_micros
from whosaw.store.repositories.findings import stored_findings
from whosaw.store.repositories.remarks import (
    ProposalRow,
    RemarkRow,
    add_proposal,
    add_remark,
    change_proposal,
    proposal_of,
    proposals,
    remark_of,
    remarks,
    remarks_naming,
    withdraw_remark,
)

from .accounts import list_accounts
from .desk import Desk
from .gate import Thing, Verb, may

__all__ = ["ABOUT", "Proposal", "Remark", "TalkDesk", "merged_with"]

ABOUT: Final[dict[str, Verb]] = {
    "findings": Verb.SEE_FINDINGS,
    "cases": Verb.SEE_CASES,
    "people": Verb.SEE_PERSON,
}
_MOST: Final = 4_000
_TO_ME: Final = 20  # remarks on the overview, at most
_MENTION: Final = re.compile(r"(?<![\w@])@([\w.+-]{1,64})")
_NAME: Final = re.compile(r"[\w.:-]{1,64}")
_WAYS: Final = ("merge", "split")
_LONGEST_CLUE: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """One remark. `mentions` are accounts that it names with @; a text that was taken back is empty."""

    number: int
    by: str
    time: datetime
    version: str
    text: str
    mentions: tuple[str, ...]
    withdrawn: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """That two findings are of one actor (merge), or that a part of one, KIND=VALUE, is of another (split). `decided`: yes, no or
    nothing yet."""

    number: int
    way: str
    finding: str
    other: str
    why: str
    by: str
    time: datetime
    decided: str
    because: str
    decided_by: str
    decided_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TalkDesk(Desk):
    """Remarks and proposals."""

    def _of(self, kind: str, name: str) -> Thing:
        """What a remark is about, as the gate is asked about it."""
        if kind == "cases":
            return self.of_case(name)
        if kind == "people" and re.fullmatch(r"p\d{1,10}", name):
            return self.of_person(int(name[1:]))
        return self.of_finding(name)

    def remarks(self, kind: str, name: str) -> tuple[Remark, ...]:
        """On one thing, the first one first; to whoever may see the thing."""
        self.allow(ABOUT.get(kind), self._of(kind, name))
        with self._journal() as journal:
            known = {each.name for each in list_accounts(journal)}
            return tuple(_remark(each, known) for each in remarks(journal, f"{kind}/{name}"))

    def to_me(self) -> tuple[tuple[str, Remark], ...]:
        """What was said to whoever asks on things that they may see, the newest first, each with the path of the thing."""
        who = self._allow_some(Verb.SEE_OVERVIEW, "what was said to oneself")
        with self._journal() as journal:
            told = [
                (each.about, _remark(each, {who.name})) for each in remarks_naming(journal, who.name, _TO_ME)
            ]
        return tuple(
            (f"/{about}#remarks", said)
            for about, said in told
            if said.mentions and said.by != who.name and self._may_see(about)
        )

    def _may_see(self, about: str) -> bool:
        kind, _, name = about.partition("/")
        verb = ABOUT.get(kind)
        return verb is not None and may(self.who, verb, self._of(kind, name)).allowed

    def remark(self, kind: str, name: str, text: str, version: str) -> int:
        """Say something about a thing that one may see."""
        self.allow(ABOUT.get(kind), self._of(kind, name))
        who = self.allow(Verb.REMARK, self._of(kind, name))
        said = text.strip()
        if not said or len(said) > _MOST:
            raise WhosawError("remark.empty", f"a remark has 1 to {_MOST:,} characters")
        if not _NAME.fullmatch(name):
            raise WhosawError("remark.about", "there is nothing of that name")
        with self._journal() as journal, journal.transaction() as connection:
            number = add_remark(
                connection,
                about=f"{kind}/{name}",
                version=version[:64],
                time=to_micros(self.now),
                who=who.name,
                text=said,
            )
            body = {"remark": number, "about": f"{kind}/{name}", "by": who.name}
            journal.record(connection, "remark", body, now=self.now)
        return number

    def withdraw(self, number: int) -> str:
        """Take one's own remark back; that it was there stays. Returns what it was about."""
        with self._journal() as journal:
            of = remark_of(journal, number)
        who = self.allow(Verb.REMARK, f"remark {number}" if of is None else self._of(*of.about.split("/", 1)))
        with self._journal() as journal, journal.transaction() as connection:
            found = remark_of(journal, number, connection)
            if found is None or found.who != who.name:
                raise WhosawError("remark.others", "only whoever made a remark takes it back")
            if found.withdrawn is None:
                withdraw_remark(connection, number, to_micros(self.now))
                body = {"remark": number, "about": found.about, "by": who.name}
                journal.record(connection, "remark.withdrawn", body, now=self.now)
        return found.about

    def proposals(self, finding: str) -> tuple[Proposal, ...]:
        """Those that a finding has a part in."""
        self.allow(Verb.SEE_FINDINGS, self.of_finding(finding))
        with self._journal() as journal:
            return tuple(_proposal(each) for each in proposals(journal, finding))

    def propose(self, finding: str, way: str, other: str, why: str) -> int:
        """Propose that findings are of one actor, or that a part of one is of another."""
        who = self.allow(Verb.JUDGE, self.of_finding(finding))
        named = other.strip()
        with self._journal() as journal:
            known = {each.id for each in stored_findings(journal)}
            if way not in _WAYS or finding not in known:
                raise WhosawError("finding.unknown", f"no finding {finding}")
            if way == "merge" and (named not in known or named == finding):
                raise WhosawError("proposal.other", "name another finding that there is")
            if way == "split" and not _names_no_identifier(named):
                raise WhosawError(
                    "proposal.other",
                    "say what splits off as KIND=VALUE, by the number that pages show",
                    hint="Such as network=n3 or agent=curl/8",
                )
            if not why.strip():
                raise WhosawError("proposal.no-reason", "a proposal needs a reason")
            with journal.transaction() as connection:
                number = add_proposal(
                    connection,
                    kind=way,
                    finding=finding,
                    other=named,
                    why=why.strip()[:_MOST],
                    who=who.name,
                    time=to_micros(self.now),
                )
                body = {"proposal": number, "way": way, "finding": finding, "by": who.name}
                journal.record(connection, "proposed", body, now=self.now)
        return number

    def decide(self, number: int, answer: str, because: str) -> Proposal:
        """Accept or refuse what somebody proposed. The first decision holds; what whoever comes second says stays as a remark."""
        with self._journal() as journal:
            of = proposal_of(journal, number)
        who = self.allow(Verb.DECIDE, f"proposal {number}" if of is None else self.of_finding(of.finding))
        if answer not in ("yes", "no") or not because.strip():
            raise WhosawError("proposal.no-reason", "a decision is yes or no, with a reason")
        said, at = because.strip()[:_MOST], to_micros(self.now)
        with self._journal() as journal:
            with journal.transaction() as connection:
                found = proposal_of(journal, number, connection)
                if found is None:
                    raise WhosawError("proposal.unknown", f"there is no proposal {number}")
                if found.decided:
                    about = f"findings/{found.finding}"
                    add_remark(
                        connection,
                        about=about,
                        version="",
                        time=at,
                        who=who.name,
                        text=f"{found.kind} {number}, {answer}: {said}",
                    )
                else:
                    change_proposal(
                        connection, number, decided=answer, because=said, decided_by=who.name, decided_at=at
                    )
                body = {"proposal": number, "decided": answer, "by": who.name, "second": bool(found.decided)}
                journal.record(connection, "proposal.decided", body, now=self.now)
            return next(_proposal(each) for each in proposals(journal) if each.id == number)


def _names_no_identifier(text: str) -> bool:
    """Whether a clue can be kept outside of the vault: a value that the ledger keeps in clear, or a number."""
    kind, _, value = text.partition("=")
    if kind in client.CLEAR and kind != "network":
        return 0 < len(value) <= _LONGEST_CLUE
    return kind in SIGNS and re.fullmatch(rf"{SIGNS[kind]}\d+", value) is not None


def merged_with(told: tuple[Proposal, ...], finding: str) -> tuple[str, ...]:
    """The findings that were decided to be of the same actor as this one."""
    pairs = [(each.finding, each.other) for each in told if each.way == "merge" and each.decided == "yes"]
    return tuple(dict.fromkeys(each for pair in pairs for each in pair if each != finding))


def _remark(row: RemarkRow, known: set[str]) -> Remark:
    text = "" if row.withdrawn is not None else row.text
    return Remark(
        number=row.id,
        by=row.who,
        time=from_micros(row.time),
        version=row.version,
        text=text,
        mentions=tuple(each for each in dict.fromkeys(_MENTION.findall(text)) if each in known),
        withdrawn=None if row.withdrawn is None else from_micros(row.withdrawn),
    )


def _proposal(row: ProposalRow) -> Proposal:
    return Proposal(
        number=row.id,
        way=row.kind,
        finding=row.finding,
        other=row.other,
        why=row.why,
        by=row.who,
        time=from_micros(row.time),
        decided=row.decided,
        because=row.because,
        decided_by=row.decided_by,
        decided_at=None if row.decided_at is None else from_micros(row.decided_at),
    )
