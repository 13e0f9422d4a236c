"""What is said of holds: what each check found, which settings would delete what, and the hold itself."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from typing import Final, TypedDict

from whosaw.core.document import told_as
from whosaw.core.instants import from_micros

from .compare import Outcome, Verdict
from .held import HeldFile, Hold
from .retention import Rule, Strike, Target

__all__ = [
    "CheckedFile",
    "HeldSource",
    "HoldCheck",
    "HoldEnd",
    "HoldSummary",
    "HoldsChecked",
    "LinesLost",
    "LostFile",
    "NotHeld",
    "OutcomeCounts",
    "RuleStrikes",
    "SettingsOfHold",
    "StoreProtection",
    "check_result",
    "hold_summary",
    "rule_strikes",
    "soonest_first",
]

_MOST_LISTED: Final = 1_000  # files of one outcome that are not lost, in one document
_FAR: Final = date.max


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedFile:
    """What became of one held file, as it is told."""

    name: str
    source: str
    outcome: Outcome
    why: str
    name_now: str | None
    bytes_then: int
    bytes_now: int | None
    lines_then: int
    lines_lost: int | None
    from_byte: int | None
    from_line: int | None
    missing_when_begun: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LostFile(CheckedFile):
    """One that lost anything, with the times of the events that it held."""

    first: datetime | None
    last: datetime | None


class _Told(TypedDict):
    name: str
    source: str
    outcome: Outcome
    why: str
    name_now: str | None
    bytes_then: int
    bytes_now: int | None
    lines_then: int
    lines_lost: int | None
    from_byte: int | None
    from_line: int | None
    missing_when_begun: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LinesLost:
    """How many lines are lost, and in how many files it cannot be told."""

    lower: int
    upper: int
    files_that_cannot_tell: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeCounts:
    """How many held files had each outcome."""

    same: int = 0
    grown: int = 0
    moved: int = 0
    shorter: int = 0
    changed: int = 0
    gone: int = 0
    cannot_tell: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldCheck:
    """What one check found. `lost` names every file that lost anything; the others are counted, and listed where they
    moved or cannot be told."""

    id: str
    order: str
    at: datetime
    files: int
    counts: OutcomeCounts
    lines_lost: LinesLost
    lost: tuple[LostFile, ...]
    moved: tuple[CheckedFile, ...]
    cannot_tell: tuple[CheckedFile, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleStrikes:
    """A rule of a settings file with the held files that it would delete. `applies` says whether it has to do with any; `first` and
    `estimate` are the soonest of their days."""

    kind: str
    place: str
    says: str
    notes: tuple[str, ...]
    applies: bool
    files: int
    first: date | None
    estimate: date | None
    cannot_tell: int
    strikes: tuple[Strike, ...]

    def of(self, hold: str) -> SettingsOfHold:
        """The same, said of a hold."""
        own = {each.name: getattr(self, each.name) for each in fields(RuleStrikes)}
        return SettingsOfHold(hold=hold, **own)


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingsOfHold(RuleStrikes):
    """The same, with the hold that it speaks of."""

    hold: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreProtection:
    """What an object store does by itself to keep held objects. `versioning` and `lock` are on, off, suspended or cannot-tell;
    `default_mode` and `default_days` are what the lock puts on every new object. `legal_hold` and `retained` count the held objects under
    the store's own legal hold and under a retention, of which the first ends at `released_first`; `unprotected` have neither."""

    bucket: str
    versioning: str
    lock: str
    default_mode: str | None
    default_days: int | None
    objects: int
    legal_hold: int
    retained: int
    released_first: datetime | None
    unprotected: int
    cannot_tell: int
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldsChecked:
    """What a check of holds found, and which settings would delete what of them."""

    now: datetime
    holds: tuple[HoldCheck, ...]
    settings: tuple[SettingsOfHold, ...]
    notes: tuple[str, ...]
    stores: tuple[StoreProtection, ...] = field(default=(), metadata=told_as(if_any=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldEnd:
    """When, by whom and why a hold was ended."""

    time: datetime
    by: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldSource:
    """What is held of one source."""

    source: str
    files: int
    lines: int
    hours: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NotHeld:
    """A file that is not held, and why."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldSummary:
    """A hold in numbers. `missing_when_begun` are files that were not as they had been read; of `existence_cannot_be_told` it is not
    sure that they existed at the time of the order."""

    id: str
    order: str
    at: datetime
    case: str | None
    started: datetime
    by: str
    files: int
    bytes: int
    lines: int
    first: datetime | None
    last: datetime | None
    sources: tuple[HeldSource, ...]
    missing_when_begun: int
    existence_cannot_be_told: int
    not_held: tuple[NotHeld, ...]
    ended: HoldEnd | None
    state: str  # active, ended


def check_result(hold: Hold, verdicts: Sequence[Verdict]) -> HoldCheck:
    """What the verdicts on its files say of a hold."""
    lost = [each for each in verdicts if each.lost]
    outcomes: dict[str, int] = defaultdict(int)
    for each in verdicts:
        outcomes[each.outcome.replace("-", "_")] += 1
    return HoldCheck(
        id=hold.id,
        order=hold.order,
        at=from_micros(hold.at),
        files=len(hold.files),
        counts=OutcomeCounts(**outcomes),
        lines_lost=LinesLost(
            lower=sum(each.lines_lost or 0 for each in lost),
            # a file that was rewritten may have lost any of its lines
            upper=sum(each.file.lines if each.lines_lost is None else each.lines_lost for each in lost),
            files_that_cannot_tell=sum(each.lines_lost is None for each in lost),
        ),
        lost=tuple(_lost(each) for each in lost),
        moved=_listed(verdicts, "moved"),
        cannot_tell=_listed(verdicts, "cannot-tell"),
    )


def _listed(verdicts: Sequence[Verdict], outcome: Outcome) -> tuple[CheckedFile, ...]:
    return tuple(CheckedFile(**_told(each)) for each in verdicts if each.outcome == outcome)[:_MOST_LISTED]


def hold_summary(hold: Hold, ended: HoldEnd | None) -> HoldSummary:
    """The hold in numbers; `ended` where it has ended."""
    firsts = [each.first for each in hold.files if each.first is not None]
    lasts = [each.last for each in hold.files if each.last is not None]
    return HoldSummary(
        id=hold.id,
        order=hold.order,
        at=from_micros(hold.at),
        case=hold.case,
        started=from_micros(hold.started),
        by=hold.started_by,
        files=len(hold.files),
        bytes=sum(each.size for each in hold.files),
        lines=sum(each.lines for each in hold.files),
        first=_instant(min(firsts, default=None)),
        last=_instant(max(lasts, default=None)),
        sources=_sources(hold.files),
        missing_when_begun=sum(each.missing is not None for each in hold.files),
        existence_cannot_be_told=sum(each.existed != "yes" for each in hold.files),
        not_held=tuple(NotHeld(name=name, reason=reason) for name, reason in hold.not_held),
        ended=ended,
        state="ended" if ended is not None else "active",
    )


def rule_strikes(rule: Rule, targets: Sequence[Target], *, now: datetime, at: datetime) -> RuleStrikes:
    """What a rule would delete; `at` is the time of the order."""
    strikes = [strike for target in targets if (strike := rule.strike(target, now=now)) is not None]
    general = rule.general(now=now, at=at)
    every = [*strikes, *([general] if general is not None else [])]
    every.sort(key=lambda each: (each.day or each.estimate or _FAR, each.name or ""))
    return RuleStrikes(
        kind=rule.kind,
        place=rule.place,
        says=rule.says,
        notes=tuple(rule.notes),
        applies=bool(every),
        files=len(strikes),
        first=min((each.day for each in every if each.day is not None), default=None),
        estimate=min((each.estimate for each in every if each.estimate is not None), default=None),
        cannot_tell=sum(each.day is None for each in every),
        strikes=tuple(every),
    )


def soonest_first(rules: Sequence[RuleStrikes]) -> list[RuleStrikes]:
    """Rules that delete anything first, the soonest before the others."""
    return sorted(rules, key=lambda each: (not each.applies, each.first or each.estimate or _FAR, each.place))


def _sources(files: Sequence[HeldFile]) -> tuple[HeldSource, ...]:
    of: defaultdict[str, list[HeldFile]] = defaultdict(list)
    for each in files:
        of[each.source].append(each)
    return tuple(
        HeldSource(
            source=source,
            files=len(same),
            lines=sum(each.lines for each in same),
            hours=len({hour for each in same for hour in each.hours}),
        )
        for source, same in sorted(of.items())
    )


def _lost(verdict: Verdict) -> LostFile:
    held = verdict.file
    return LostFile(**_told(verdict), first=_instant(held.first), last=_instant(held.last))


def _told(verdict: Verdict) -> _Told:
    held = verdict.file
    return {
        "name": held.name,
        "source": held.source,
        "outcome": verdict.outcome,
        "why": verdict.why,
        "name_now": verdict.name_now,
        "bytes_then": held.size,
        "bytes_now": verdict.now,
        "lines_then": held.lines,
        "lines_lost": verdict.lines_lost,
        "from_byte": verdict.from_byte,
        "from_line": verdict.from_line,
        "missing_when_begun": held.missing,
    }


def _instant(micros: int | None) -> datetime | None:
    return None if micros is None else from_micros(micros)
