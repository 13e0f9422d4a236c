"""The one gate: whether somebody may do something. Closed by default; whoever serves people asks it, and nothing goes round it.

On one machine roles are rules and no walls: whoever reads the files and the key of a workspace sees all that is in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from whosaw.core.errors import WhosawError

__all__ = ["RIGHTS", "Answer", "Role", "Somebody", "Thing", "Verb", "may", "refusal"]


class Role(StrEnum):
    """What somebody is there for."""

    INVESTIGATOR = "investigator"
    OFFICER = "privacy-officer"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"
    PORTAL = "portal"

    @property
    def of_people(self) -> bool:
        """Whether people have it; else programs alone, by a token."""
        return self is not Role.PORTAL


class Verb(StrEnum):
    """What can be done."""

    SEE_OVERVIEW = "see-overview"
    SEE_STATUS = "see-status"
    SEE_COVERAGE = "see-coverage"
    SEE_FINDINGS = "see-findings"
    SEE_PERSON = "see-person"
    SEE_LINE = "see-line"
    SEE_LOOKS = "see-looks"
    ASK_SQL = "ask-sql"
    SAY_PURPOSE = "say-purpose"
    REVEAL = "reveal"
    JUDGE = "judge"
    SEE_CASES = "see-cases"
    COUNT_CASE = "count-case"
    CLOSE_CASE = "close-case"
    ANSWER_CASE = "answer-case"
    DECIDE = "decide"
    TELL = "tell"
    ERASE = "erase"
    ROTATE = "rotate"
    EXPORT = "export"
    SEAL = "seal"
    VERIFY = "verify"
    CONSENT = "consent"
    SEE_JOBS = "see-jobs"
    START_SCAN = "start-scan"
    HOLD = "hold"
    REMARK = "remark"
    SEE_ACCOUNTS = "see-accounts"
    CHANGE_ACCOUNTS = "change-accounts"
    OWN_ACCOUNT = "own-account"
    SEE_METRICS = "see-metrics"
    BACK_UP = "back-up"
    WITHHOLD = "withhold"
    LET_IN = "let-in"


_SEEN_MASKED: Final = {
    Verb.SEE_OVERVIEW,
    Verb.SEE_STATUS,
    Verb.SEE_COVERAGE,
    Verb.SEE_FINDINGS,
    Verb.SEE_PERSON,
    Verb.ASK_SQL,
    Verb.SAY_PURPOSE,
    Verb.SEE_CASES,
    Verb.VERIFY,
    Verb.SEE_JOBS,
    Verb.OWN_ACCOUNT,
}
_AT_WORK: Final = {
    *_SEEN_MASKED,
    Verb.SEE_LINE,
    Verb.REVEAL,
    Verb.JUDGE,
    Verb.REMARK,
    Verb.COUNT_CASE,
    Verb.ANSWER_CASE,
    Verb.EXPORT,
    Verb.SEAL,
    Verb.CONSENT,
    Verb.START_SCAN,
}
RIGHTS: Final[Mapping[Role, frozenset[Verb]]] = {
    Role.INVESTIGATOR: frozenset(_AT_WORK),
    Role.OFFICER: frozenset(
        {
            *_AT_WORK,
            Verb.SEE_LOOKS,
            Verb.CLOSE_CASE,
            Verb.DECIDE,
            Verb.TELL,
            Verb.ERASE,
            Verb.HOLD,
            Verb.WITHHOLD,
        }
    ),
    # sees every act and all that is masked, and changes nothing; a line of a log is masked nowhere
    Role.AUDITOR: frozenset({*_SEEN_MASKED, Verb.SEE_LOOKS, Verb.SEE_ACCOUNTS}),
    # runs it, and sees no data
    Role.ADMINISTRATOR: frozenset(
        {
            Verb.SEE_STATUS,
            Verb.SEE_JOBS,
            Verb.START_SCAN,
            Verb.HOLD,
            Verb.ROTATE,
            Verb.SEE_ACCOUNTS,
            Verb.CHANGE_ACCOUNTS,
            Verb.OWN_ACCOUNT,
            Verb.SEE_METRICS,
            Verb.BACK_UP,
        }
    ),
    # a program that has signed people in, and lets each look at what concerns themself; it sees nothing
    Role.PORTAL: frozenset({Verb.LET_IN}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """What somebody asks for: `name` stands in the journal and holds no identifier. `cases` are those that it belongs to; None: it is
    of the whole workspace."""

    name: str
    cases: frozenset[str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Somebody:
    """Who asks: the name of an account, what they are there for, and why they look at people now. `cases` are those that the account is
    limited to; None: it is not. `service`: a program's token, which is no second person."""

    name: str
    roles: frozenset[Role]
    purpose: str = field(default="")
    cases: frozenset[str] | None = None
    service: bool = False
    enrols: bool = False  # has to make a passkey before anything else
    owner: bool = False  # whoever runs whosaw on the machine that the workspace is on


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Whether, and if not, why not."""

    allowed: bool
    why: str = ""


_NO_PURPOSE: Final = "nobody is looked at without a purpose"
_NO_PASSKEY: Final = "a passkey has to be made first"
_NEEDS_PURPOSE: Final = frozenset({Verb.SEE_PERSON, Verb.SEE_LINE, Verb.REVEAL, Verb.EXPORT})
_OF_NO_CASE: Final = frozenset(
    {
        Verb.SAY_PURPOSE,
        Verb.SEE_COVERAGE,
        Verb.SEE_STATUS,
        Verb.VERIFY,
        Verb.SEE_ACCOUNTS,
        Verb.CHANGE_ACCOUNTS,
        Verb.SEE_METRICS,
        Verb.OWN_ACCOUNT,
    }
)  # says nothing of anybody that a case could be about


def may(who: Somebody | None, verb: Verb | None, what: Thing | None = None) -> Answer:
    """Whether somebody may do this with that. Nobody may do anything, and what has no name may be done by nobody. Without `what`: whether
    they may do it with anything at all, which is asked of an address before it is known what stands there."""
    if who is None:
        return Answer(allowed=False, why="nobody is logged in")
    if verb is None:
        return Answer(allowed=False, why="no right is named for this")
    if not any(verb in RIGHTS[role] for role in who.roles):
        have = " and ".join(sorted(who.roles)) or "nobody"
        return Answer(allowed=False, why=f"{have} may not {verb.replace('-', ' ')}")
    if who.enrols and verb is not Verb.OWN_ACCOUNT:
        return Answer(allowed=False, why=_NO_PASSKEY)
    if verb in _NEEDS_PURPOSE and not who.purpose.strip() and not who.owner:
        return Answer(allowed=False, why=_NO_PURPOSE)
    if what is not None and not _within(who, verb, what):
        return Answer(allowed=False, why="this account is limited to cases, and this belongs to none of them")
    return Answer(allowed=True)


def _within(who: Somebody, verb: Verb, what: Thing) -> bool:
    if who.cases is None or verb in _OF_NO_CASE:
        return True
    return what.cases is not None and not what.cases.isdisjoint(who.cases)


def refusal(answer: Answer) -> WhosawError:
    """The error that says so."""
    if answer.why == _NO_PASSKEY:
        hint = "A password alone is not enough here: make one on your page, and log in with it"
        return WhosawError("gate.no-passkey", answer.why, hint=hint)
    no_purpose = answer.why == _NO_PURPOSE
    return WhosawError(
        "gate.no-purpose" if no_purpose else "gate.refused",
        answer.why,
        hint="Say what for: in the console, with --reason, or in WHOSAW_PURPOSE; it is kept in the custody journal with every look"
        if no_purpose
        else "Ask an administrator for another role",
    )
