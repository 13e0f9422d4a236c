"""What a team says to one another about any thing that the console shows, and what somebody proposes to do with a finding.

A remark stays linked to what it is about and to the version of it that it spoke of. It can be taken back, and then stands as taken back.
Those on one thing are the talk on it; `talked_of.KINDS` is what a talk can be about.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from whosaw.app.asking.identifiers import SIGNS
from whosaw.core import client
from whosaw.core.errors import WhosawError
from whosaw.core.instants import from_micros, to_micros
from whosaw.store.repositories.entries import last_number
from whosaw.store.repositories.findings import stored_findings
from whosaw.store.repositories.remarks import (
    ProposalRow,
    RemarkRow,
    add_proposal,
    add_remark,
    change_proposal,
    proposal_of,
    proposals,
    remark_counts,
    remark_of,
    remarks,
    remarks_naming,
    withdraw_remark,
)

from .accounts import list_accounts
from .desk import Desk
from .gate import Thing, Verb, may
from .talked_of import KINDS, Kind, could_be, version_of_ledger

__all__ = ["SAID", "Proposal", "Remark", "Talk", "TalkDesk", "address_of", "merged_with"]

SAID: Final = (
    "remark",
    "remark.withdrawn",
    "own.reported",
)  # entries of the custody journal, each with what it is about
_MOST: Final = 4_000
_TO_ME: Final = 20  # remarks on the overview, at most
_MENTION: Final = re.compile(r"(?<![\w@])@([\w.+-]{1,64})")
_KEY: Final = re.compile(r"[\w.:-]{1,160}")
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
class Talk:
    """All that was said on one thing, the first remark first. `version` is the one that it has now, empty where it is no longer there;
    `page` is where it stands, and `address` where its talk does; `heard` is the number of the newest entry of the custody journal that
    tells of a remark on anything."""

    kind: str
    key: str
    version: str
    heard: int
    remarks: tuple[Remark, ...]

    @property
    def about(self) -> str:
        return f"{self.kind}/{self.key}"

    @property
    def page(self) -> str:
        return KINDS[self.kind].page(self.key)

    @property
    def address(self) -> str:
        return f"/talk/{self.about}"


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

    def talk(self, kind: str, key: str, version: str = "") -> Talk:
        """What was said on one thing, to whoever may see the thing; `version` is the one that is before their eyes, where that is known.
        Raises `WhosawError` where there is no such thing and nobody ever spoke of it."""
        self._see(kind, key)
        with self._journal() as journal:
            heard = last_number(
                journal, SAID
            )  # before it is read what was said, so that nothing falls between
        said = self.remarks(kind, key)
        version = version or self._version(kind, key)
        if not version and not said:
            raise WhosawError("remark.about", "there is nothing of that name")
        return Talk(kind=kind, key=key, version=version, heard=heard, remarks=said)

    def talk_of_ledger(self, kind: str, key: str) -> Talk:
        """The same on what was just read from the ledger, so that it is there."""
        return self.talk(kind, key, version_of_ledger(self))

    def remarks(self, kind: str, key: str) -> tuple[Remark, ...]:
        """The same without asking whether the thing is still there."""
        self._see(kind, key)
        with self._journal() as journal:
            known = {each.name for each in list_accounts(journal)}
            return tuple(_remark(each, known) for each in remarks(journal, f"{kind}/{key}"))

    def talks(self, kind: str, keys: Iterable[str]) -> Mapping[str, int]:
        """How many remarks stand on each of these things; those whose talk whoever asks may not see are left out."""
        seen = [key for key in keys if self.may_see(f"{kind}/{key}")]
        with self._journal() as journal:
            counts = remark_counts(journal, f"{kind}/")
        return {key: counts.get(f"{kind}/{key}", 0) for key in seen}

    def _see(self, kind: str, key: str) -> Kind:
        """The gate is asked about the thing itself, and as about what is of a case or of the whole workspace: what is said of a source can
        be of anybody, though its hours are of nobody."""
        found = KINDS.get(kind)
        if found is None or not _KEY.fullmatch(key):
            raise WhosawError("remark.about", "there is nothing of that name")
        of = found.of(self, key)
        self.allow(Verb.SEE_OVERVIEW, of)
        self.allow(found.verb, of)
        return found

    def _version(self, kind: str, key: str) -> str:
        try:
            return KINDS[kind].version(self, key)
        except WhosawError as fault:
            if fault.code.startswith("gate."):
                raise
            return ""

    def to_me(self) -> tuple[tuple[str, Remark], ...]:
        """What was said to whoever asks on things that they may see, the newest first, each with the path of the thing."""
        who = self._allow_some(Verb.SEE_OVERVIEW, "what was said to oneself")
        with self._journal() as journal:
            told = [
                (each.about, _remark(each, {who.name})) for each in remarks_naming(journal, who.name, _TO_ME)
            ]
        return tuple(
            (address_of(about), said)
            for about, said in told
            if said.mentions and said.by != who.name and self.may_see(about)
        )

    def may_see(self, about: str) -> bool:
        """Whether whoever asks may see what is said on this thing."""
        kind, _, key = about.partition("/")
        found = KINDS.get(kind)
        if found is None:
            return False
        of = found.of(self, key)
        return all(may(self.who, verb, of).allowed for verb in (Verb.SEE_OVERVIEW, found.verb))

    def remark(self, kind: str, key: str, text: str, version: str) -> Remark:
        """Say something about a thing that one may see, and about the version that one has before one's eyes; none named: the one that it
        has now."""
        found = self._see(kind, key)
        who = self.allow(Verb.REMARK, found.of(self, key))
        said = text.strip()
        if not said or len(said) > _MOST:
            raise WhosawError("remark.empty", f"a remark has 1 to {_MOST:,} characters")
        now = self._version(kind, key)
        if not now:
            raise WhosawError("remark.about", "there is nothing of that name")
        if version and not could_be(version, now):
            raise WhosawError(
                "remark.version",
                "that is no version of what is spoken of",
                hint=f"It is version {now} now; where none is named, that one is meant",
            )
        about = f"{kind}/{key}"
        with self._journal() as journal:
            with journal.transaction() as connection:
                number = add_remark(
                    connection,
                    about=about,
                    version=version or now,
                    time=to_micros(self.now),
                    who=who.name,
                    text=said,
                )
                body = {"remark": number, "about": about, "version": version or now, "by": who.name}
                journal.record(connection, "remark", body, now=self.now)
            return next(each for each in self.remarks(kind, key) if each.number == number)

    def withdraw(self, number: int) -> str:
        """Take one's own remark back; that it was there stays. Returns what it was about."""
        with self._journal() as journal:
            of = remark_of(journal, number)
        who = self.allow(Verb.REMARK, f"remark {number}" if of is None else _thing(self, of.about))
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


def address_of(about: str) -> str:
    """Where a talk stands: on the page of the thing, or on its own."""
    kind, _, key = about.partition("/")
    found = KINDS[kind]
    return f"{found.page(key) if found.on_page else f'/talk/{about}'}#remarks"


def _thing(desk: TalkDesk, about: str) -> Thing:
    kind, _, key = about.partition("/")
    return KINDS[kind].of(desk, key)


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
