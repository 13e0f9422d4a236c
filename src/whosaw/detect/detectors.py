"""Detectors: items that say what is counted for whom, from which number on it is worth saying, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from whosaw.core.errors import Fault, FaultsError

from .cases import Case, read_cases
from .durations import duration_micros
from .explanation import Explanation
from .finding import Level
from .items import Reader, item_files, shipped
from .patterns import pattern_fault

__all__ = ["GROUPINGS", "LEVELS", "Clause", "Detector", "Window", "load_detectors"]

LEVELS: Final[tuple[Level, ...]] = ("low", "medium", "high")
GROUPINGS: Final = ("address", "agent", "principal", "session", "token", "key", "tls", "client")
_TECHNIQUE_LETTERS: Final = frozenset("T.0123456789")

Counted = Literal["unexplained", "not-explained"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """So many persons within so long. `length` None: ever."""

    length: str | None
    persons: int

    @property
    def micros(self) -> int:
        return duration_micros(self.length) if self.length is not None else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """One way to raise a finding: whose views are put together, which of them count, and the thresholds."""

    id: str
    why: str
    group_by: tuple[str, ...]
    counted: Counted
    windows: tuple[Window, ...]
    confidence: Level
    least_share: float  # of the actor's views up to then, how many must be counted ones
    agent_matches: str | None  # RE2; only clients whose agent it finds
    lacks: tuple[str, ...]  # only clients of which the log does not give these


@dataclass(frozen=True, slots=True, kw_only=True)
class Detector:
    """One item. `kind` persons counts distinct persons; canary counts views of planted persons."""

    id: str
    title: str
    kind: Literal["persons", "canary"]
    technique: str
    why: str
    blind_spots: tuple[str, ...]
    needs: tuple[str, ...]  # context tables without which it cannot tell
    explanations: tuple[str, ...]  # what is tried, and set aside when it explains
    clauses: tuple[Clause, ...]
    cases: tuple[Case, ...]


def load_detectors(
    explanations: Mapping[str, Explanation], folders: Sequence[Path] | None = None
) -> dict[str, Detector]:
    """The detectors of `folders` (None: those shipped) by id. Raises `FaultsError` with every fault."""
    faults: list[Fault] = []
    found: dict[str, Detector] = {}
    for file in item_files([shipped("detectors")] if folders is None else folders, faults):
        detector = _read(Reader.of(file, faults), explanations)
        found[detector.id] = detector
    if faults:
        raise FaultsError("detectors.invalid", faults)
    return found


def _read(reader: Reader, explanations: Mapping[str, Explanation]) -> Detector:
    kind = reader.text("kind", one_of=("persons", "canary"))
    technique = reader.text("technique")
    if technique and not (
        technique.startswith("T") and len(technique) >= 5 and set(technique) <= _TECHNIQUE_LETTERS
    ):
        reader.fault("technique must be an ATT&CK id such as T1213 or T1213.006", "technique")
    needs = reader.texts(
        "needs",
        required=False,
        one_of=("logins", "keys", "staff", "tickets", "subjects", "canaries", "services"),
    )
    if kind == "canary" and "canaries" not in needs:
        reader.fault("a canary detector needs canaries", "needs")
    clauses = tuple(_clause(each, kind) for each in reader.each("clause", required=True))
    if len({clause.id for clause in clauses}) < len(clauses):
        reader.fault("has two clauses of the same id", "clause")
    detector = Detector(
        id=reader.item,
        title=reader.text("title"),
        kind="canary" if kind == "canary" else "persons",
        technique=technique,
        why=reader.text("why"),
        blind_spots=reader.texts("blind_spots"),
        needs=needs,
        explanations=reader.texts("explanations", one_of=tuple(explanations)),
        clauses=clauses,
        cases=read_cases(reader, expects=("finding", "none", "cannot tell")),
    )
    reader.done()
    return detector


def _clause(reader: Reader, kind: str) -> Clause:
    pattern = reader.text("agent_matches", required=False) or None
    if pattern is not None and (fault := pattern_fault(pattern)) is not None:
        reader.fault(f"agent_matches {fault}", "agent_matches")
    group_by = reader.texts("group_by", one_of=GROUPINGS)
    if "client" in group_by and len(group_by) > 1:
        reader.fault("client already means all the others together", "group_by")
    share = reader.whole("least_percent", default=0, least=0)
    if share > 100:
        reader.fault("least_percent must be at most 100", "least_percent")
    confidence = reader.text("confidence", one_of=LEVELS)
    counted = reader.text("counts", one_of=("unexplained", "not-explained"))
    clause = Clause(
        id=reader.text("id"),
        why=reader.text("why"),
        group_by=("address", "agent", "principal", "session", "token", "key", "tls")
        if group_by == ("client",)
        else group_by,
        counted="unexplained" if counted == "unexplained" else "not-explained",
        windows=_windows(reader, kind),
        confidence=next((level for level in LEVELS if level == confidence), "low"),
        least_share=share / 100,
        agent_matches=pattern,
        lacks=reader.texts("lacks", required=False, one_of=GROUPINGS[:-1]),
    )
    reader.done()
    return clause


def _windows(reader: Reader, kind: str) -> tuple[Window, ...]:
    if kind == "canary":
        return (Window(length=None, persons=reader.whole("canaries")),)
    thresholds = reader.inner("persons", required=True)
    windows = []
    for length in thresholds.table:
        persons = thresholds.whole(length)
        if thresholds.micros(length, length) > 0:
            windows.append(Window(length=length, persons=persons))
        else:
            thresholds.fault("a window must be longer than nothing", length)
    if not windows:
        reader.fault("persons names no window", "persons")
    return tuple(windows)
