"""The one gate: whether somebody may do something. Closed by default; whoever serves people asks it, and nothing goes round it.

On one machine roles are rules and no walls: whoever reads the files and the key of a workspace sees all that is in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from whosaw.core.errors import WhosawError

__all__ = ["RIGHTS", "Answer", "Role", "Somebody", "Verb", "may", "refusal"]


class Role(StrEnum):
    """What somebody is there for."""

    INVESTIGATOR = "investigator"
    OFFICER = "privacy-officer"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"


class Verb(StrEnum):
    """What can be done."""

    SEE_OVERVIEW = "see-overview"
    SEE_COVERAGE = "see-coverage"
    SEE_FINDINGS = "see-findings"
    SEE_PERSON = "see-person"
    SEE_LINE = "see-line"
    SEE_LOOKS = "see-looks"
    SAY_PURPOSE = "say-purpose"
    REVEAL = "reveal"
    JUDGE = "judge"
    SEE_CASES = "see-cases"
    COUNT_CASE = "count-case"
    CLOSE_CASE = "close-case"
    ANSWER_CASE = "answer-case"
    DECIDE = "decide"
    EXPORT = "export"
    SEAL = "seal"
    VERIFY = "verify"
    SEE_JOBS = "see-jobs"
    START_SCAN = "start-scan"
    REMARK = "remark"
    SEE_ACCOUNTS = "see-accounts"
    CHANGE_ACCOUNTS = "change-accounts"


_SEEN_MASKED: Final = {
    Verb.SEE_OVERVIEW,
    Verb.SEE_COVERAGE,
    Verb.SEE_FINDINGS,
    Verb.SEE_PERSON,
    Verb.SAY_PURPOSE,
    Verb.SEE_CASES,
    Verb.VERIFY,
    Verb.SEE_JOBS,
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
    Verb.START_SCAN,
}
RIGHTS: Final[Mapping[Role, frozenset[Verb]]] = {
    Role.INVESTIGATOR: frozenset(_AT_WORK),
    Role.OFFICER: frozenset({*_AT_WORK, Verb.SEE_LOOKS, Verb.CLOSE_CASE, Verb.DECIDE}),
    # sees every act and all that is masked, and changes nothing; a line of a log is masked nowhere
    Role.AUDITOR: frozenset({*_SEEN_MASKED, Verb.SEE_LOOKS, Verb.SEE_ACCOUNTS}),
    # runs it, and sees no data
    Role.ADMINISTRATOR: frozenset({Verb.SEE_ACCOUNTS, Verb.CHANGE_ACCOUNTS, Verb.SEE_JOBS, Verb.START_SCAN}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Somebody:
    """Who asks: the name of an account, what they are there for, and why they look at people now."""

    name: str
    roles: frozenset[Role]
    purpose: str = field(default="")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Whether, and if not, why not."""

    allowed: bool
    why: str = ""


_NO_PURPOSE: Final = "nobody is looked at without a purpose"
_NEEDS_PURPOSE: Final = frozenset({Verb.SEE_PERSON, Verb.SEE_LINE, Verb.REVEAL, Verb.EXPORT})


def may(who: Somebody | None, verb: Verb | None) -> Answer:
    """Whether somebody may do this. Nobody may do anything, and what has no name may be done by nobody."""
    if who is None:
        return Answer(allowed=False, why="nobody is logged in")
    if verb is None:
        return Answer(allowed=False, why="no right is named for this")
    if not any(verb in RIGHTS[role] for role in who.roles):
        have = " and ".join(sorted(who.roles)) or "nobody"
        return Answer(allowed=False, why=f"{have} may not {verb.replace('-', ' ')}")
    if verb in _NEEDS_PURPOSE and not who.purpose.strip():
        return Answer(allowed=False, why=_NO_PURPOSE)
    return Answer(allowed=True)


def refusal(answer: Answer) -> WhosawError:
    """The error that says so."""
    no_purpose = answer.why == _NO_PURPOSE
    return WhosawError(
        "gate.no-purpose" if no_purpose else "gate.refused",
        answer.why,
        hint="Say what for; it is kept in the custody journal with every look"
        if no_purpose
        else "Ask an administrator for another role",
    )
