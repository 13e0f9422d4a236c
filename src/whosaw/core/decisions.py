"""What was decided in a case, by whom, when and on which facts; and the record in which an organisation answers for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from .case_head import CaseHead
from .document import told_as
from .law_items import Clock, Content
from .moments import Moment
from .ranges import Range

__all__ = [
    "AccountabilityRecord",
    "AnswerThen",
    "CategoryAnswer",
    "Change",
    "Decided",
    "Decision",
    "DecisionBody",
    "DutyItem",
    "DutyRow",
    "JournalEnd",
    "Listed",
    "MadeAct",
    "RecordDuty",
    "Said",
    "ScopeThen",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopeThen:
    """The scope version that a decision was made on. The closing of a version names no counts."""

    version: int
    final: bool
    sha256: str
    persons: Range | None = field(default=None, metadata=told_as(if_any=True))
    accounts: Range | None = field(default=None, metadata=told_as(if_any=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerThen:
    """What one item of law said of the duty when it was decided. `sha256` is that of the item."""

    id: str
    sha256: str
    owed: str
    in_force: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionBody:
    """A decision as the custody journal keeps it. `duty` is empty for one about the scope itself; `supersedes` is the number of the
    entry whose place it takes. `facts`, `facts_file` and `case_file` are digests of what it rests on; the closing of a version has none.
    """

    id: str = ""
    case: str
    decision: str
    duty: str = field(metadata=told_as(form=lambda duty: duty or None))
    because: str
    by: str
    at: datetime
    scope: ScopeThen | None
    answers: tuple[AnswerThen, ...] = ()
    facts: str | None = None
    facts_file: str | None = None
    case_file: str | None = None
    supersedes: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """A decision and its journal entry. `entered` is when it was written down and `entered_by` who did."""

    body: DecisionBody = field(metadata=told_as(among=True))
    entry: int
    hash: str
    entered: datetime
    entered_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A decision among all of its case: the ids of the one whose place it took, and of the one that took its own."""

    decision: Decision = field(metadata=told_as(among=True))
    supersedes: str | None  # the id in place of the entry that the journal names
    superseded_by: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What is other than when it was decided. `matters`: the decision was made on other facts."""

    code: str
    what: str
    matters: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """The decision that stands on a question, and whether its facts still are what they were. `decided` is what it says."""

    decision: str | None
    decided: str | None
    state: str
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DutyItem:
    """A version of a duty, in short."""

    id: str
    statute: str
    article: str
    confidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DutyRow:
    """A duty over all its versions, what was decided about it and what was done. `late` says which clocks were missed; `would_change`
    what alone would make a duty owed, or open, that is not."""

    duty: str
    title: str
    place: str
    recipient: str
    items: tuple[DutyItem, ...]
    applies: str
    owed: str
    needs: tuple[str, ...]
    standing: Decided = field(metadata=told_as(among=True))
    made: tuple[Moment, ...]
    clocks: int
    late: tuple[str, ...]
    late_explained: bool
    late_needs_reasons: bool
    would_change: tuple[str, ...] = ()

    @property
    def shown(self) -> bool:
        """Whether the law surely reaches the case, or something was decided."""
        return self.applies == "met" or bool(self.standing.decision)

    @property
    def unexplained(self) -> bool:
        """Whether it is late and no decision says why."""
        return bool(self.late) and not self.late_explained

    @property
    def needs_decision(self) -> bool:
        """Whether it is open work: no decision on record, one on other facts, or late without a reason."""
        return self.standing.state != "decided on these facts" or self.unexplained


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalEnd:
    """How many entries the custody journal has, and the hash of the last decision."""

    entries: int
    last_hash: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordDuty:
    """A duty to keep such a record, with what it has to hold."""

    id: str
    title: str
    recipient: str
    statute: str
    article: str
    confidence: str
    unverified: Mapping[str, str]
    contents: tuple[Content, ...]
    clock: Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A statement of the organisation, by language."""

    about: str
    text: Mapping[str, str]
    when: Moment | None
    said_by: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryAnswer:
    """Whether data of one category were seen. `name` is what people call it."""

    category: str
    name: str
    answer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeAct:
    """A report or notice that was made, with the title of its duty."""

    duty: str
    title: str
    when: Moment
    scope: int | None
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountabilityRecord:
    """Every decision of a case, the duties with what was decided about each, and what the organisation says of it."""

    head: CaseHead = field(metadata=told_as(among=True))
    journal: JournalEnd
    record_duties: tuple[RecordDuty, ...]
    duties: tuple[DutyRow, ...]
    scope_decision: Decided
    decisions: tuple[Listed, ...]
    statements: tuple[Said, ...]
    categories: tuple[CategoryAnswer, ...]
    event_words: Mapping[str, str]
    made: tuple[MadeAct, ...]
