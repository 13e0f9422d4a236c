"""Detectors: items that say what is counted for whom, from which number on it is worth saying, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Literal

from whosaw.core import client
from whosaw.core.errors import Fault, FaultsError
from whosaw.core.finding import Level
from whosaw.packs.durations import duration_micros
from whosaw.packs.items import item_files, shipped
from whosaw.packs.table import Table
from whosaw.store.patterns import pattern_fault

from .cases import Case, read_cases
from .context_schema import table_schemas
from .explanation import Explanation
from .signs import SIGNS, Sign
from .walks import Walk

__all__ = ["GROUPINGS", "LEVELS", "Clause", "Detector", "Window", "load_detectors"]

KINDS: Final[tuple[Kind, ...]] = ("persons", "canary", "sign", "walk", "records", "list", "surge", "way")
LEVELS: Final[tuple[Level, ...]] = ("low", "medium", "high")
GROUPINGS: Final = (*client.NAMES, "manner", "client")
client.covers("actors.detectors", GROUPINGS[:-2])
MOST_TITLE_END: Final = 28  # beside who and how many people, a title of 80 characters has room for no more
_TECHNIQUE_LETTERS: Final = frozenset("T.0123456789")

Counted = Literal["any", "not-explained", "unexplained"]
Kind = Literal["persons", "canary", "sign", "walk", "records", "list", "surge", "way"]
Members = Literal["all", "signed"]


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
    sign: Sign | None = None  # only of a detector of kind sign: what makes a view count towards the threshold
    members: Members = (
        "all"  # whose views the finding holds: all of the actor's clients, or those that bear the sign
    )
    belongs: Sign | None = (
        None  # a wider sign that members of the finding bear, once the sign itself raised it
    )
    chance: float = (
        0.0  # so many actors may pass by luck in one scan, given what is usual; 0 asks for no such proof
    )
    least_times: float = 0.0  # signed people must be so many times as many as usual
    walk: Walk | None = None  # only of a detector of kind walk: what counts as a step
    pages: int = 0  # only of a detector of kind list: so many full pages before the last one
    never_among: int = 0  # only where at least so many other people were seen and none of them bears the sign


@dataclass(frozen=True, slots=True, kw_only=True)
class Detector:
    """One item. `kind` persons counts distinct persons, canary views of planted persons, sign persons whose views bear a
    sign, walk persons whose numbers go on from those of persons seen shortly before, records how many persons answers
    can have held that the log does not name, list the same of lists opened to their end, surge persons seen on a page
    in an hour beyond its season, and way persons whose visits begin at the same page."""

    id: str
    title: str
    kind: Kind
    technique: str
    why: str
    blind_spots: tuple[str, ...]
    needs: tuple[str, ...]  # context tables without which it cannot tell
    explanations: tuple[str, ...]  # what is tried, and set aside when it explains
    clauses: tuple[Clause, ...]
    cases: tuple[Case, ...]
    says: str = (
        ""  # of a sign: what is so about the first people seen, as a sentence goes on after "the first 3"
    )
    title_end: str = ""  # how the title of a finding goes on after "One client saw 3 people"


def load_detectors(
    explanations: Mapping[str, Explanation], folders: Sequence[Path] | None = None, *, cases: bool = True
) -> dict[str, Detector]:
    """The detectors of `folders` (None: those shipped) by id, with their cases or without. Raises `FaultsError` with every fault."""
    faults: list[Fault] = []
    found: dict[str, Detector] = {}
    folders = [shipped("detectors")] if folders is None else folders
    for file in item_files(folders, faults, cases=cases):
        detector = _read(Table.of_item(file, faults), explanations, cases)
        found[detector.id] = detector
    if faults:
        raise FaultsError("detectors.invalid", faults)
    return found


def _read(reader: Table, explanations: Mapping[str, Explanation], cases: bool) -> Detector:
    kind = reader.text("kind", one_of=KINDS)
    technique = reader.text("technique")
    if technique and not (
        technique.startswith("T") and len(technique) >= 5 and set(technique) <= _TECHNIQUE_LETTERS
    ):
        reader.fault("technique must be an ATT&CK id such as T1213 or T1213.006", "technique")
    needs = reader.texts("needs", required=False)
    _check_needs(reader, needs)
    if kind == "canary" and "canaries" not in needs:
        reader.fault("a canary detector needs canaries", "needs")
    clauses = tuple(_clause(each, kind) for each in reader.tables("clause", required=True))
    if any(clause.sign is not None and clause.sign.clocks for clause in clauses):
        clauses = _with_slack(clauses, reader.duration("clock_slack"))
    if len({clause.id for clause in clauses}) < len(clauses):
        reader.fault("has two clauses of the same id", "clause")
    detector = Detector(
        id=reader.name,
        title=reader.text("title"),
        kind=next((each for each in KINDS if each == kind), "persons"),
        technique=technique,
        why=reader.text("why"),
        blind_spots=reader.texts("blind_spots"),
        needs=needs,
        explanations=reader.texts("explanations", one_of=tuple(explanations)),
        clauses=clauses,
        cases=read_cases(reader, expects=("finding", "none", "cannot tell")) if cases else (),
        says=reader.text("says") if kind in ("sign", "walk", "list", "surge", "way") else "",
        title_end=_title_end(reader),
    )
    _check_signs(reader, detector, explanations)
    reader.words()
    reader.rest_unknown()
    return detector


def _title_end(reader: Table) -> str:
    text = reader.text("title_end", required=False)
    if len(text) > MOST_TITLE_END:
        reader.fault(f"title_end must be at most {MOST_TITLE_END} characters", "title_end")
    return text


def _check_needs(reader: Table, needs: Sequence[str]) -> None:
    """Each is a context table, a column of one (`subjects.home`), or several of these of which one is enough."""
    schemas = table_schemas()
    known = {
        *schemas,
        *(f"{name}.{column.name}" for name, table in schemas.items() for column in table.columns),
    }
    for each in (part for need in needs for part in need.split(" or ")):
        if each not in known:
            hint = f"Tables are {', '.join(sorted(schemas))}; of a column say table.column"
            reader.fault(f"needs holds {each!r}, which is not a context table", "needs", hint=hint)


def _check_signs(reader: Table, detector: Detector, explanations: Mapping[str, Explanation]) -> None:
    """A sign that reads an explanation's answer is nothing without it, nor without its tables."""
    tried = {explanations[each].rule for each in detector.explanations if each in explanations}
    for clause in detector.clauses:
        if clause.sign is None:
            continue
        if clause.sign.rule and clause.sign.rule not in tried:
            reader.fault(
                f"{clause.sign.name} reads the answers of {clause.sign.rule}, which is not among the explanations",
                "explanations",
            )
        for table in clause.sign.needs:
            if table.removesuffix(".whole") not in detector.needs:
                reader.fault(f"{clause.sign.name} needs {table}", "needs")


def _with_slack(clauses: Sequence[Clause], slack: int) -> tuple[Clause, ...]:
    return tuple(
        replace(each, sign=replace(each.sign, clock_slack=slack)) if each.sign and each.sign.clocks else each
        for each in clauses
    )


def _clause(reader: Table, kind: str) -> Clause:
    pattern = reader.pattern("agent_matches", pattern_fault) or None
    group_by = reader.texts("group_by", one_of=GROUPINGS)
    if "client" in group_by and len(group_by) > 1:
        reader.fault("client already means all the others together", "group_by")
    share = reader.integer("least_percent", default=0, least=0, most=100)
    confidence = reader.text("confidence", one_of=LEVELS)
    counted = reader.text("counts", one_of=("unexplained", "not-explained", "any"))
    sign = reader.text("sign", one_of=SIGNS) if kind == "sign" else ""
    members = reader.text("members", one_of=("all", "signed")) if kind in ("sign", "walk") else "all"
    clause = Clause(
        id=reader.text("id"),
        why=reader.text("why"),
        group_by=client.SENT if group_by == ("client",) else group_by,
        counted="unexplained" if counted == "unexplained" else "any" if counted == "any" else "not-explained",
        windows=_windows(reader, kind),
        confidence=next((level for level in LEVELS if level == confidence), "low"),
        least_share=share / 100,
        agent_matches=pattern,
        lacks=reader.texts("lacks", required=False, one_of=client.NAMES),
        sign=Sign(name=sign) if sign in SIGNS else None,
        members="signed" if members == "signed" else "all",
        belongs=_belongs(reader, members) if kind == "sign" else None,
        walk=_walk(reader.table("walk", required=True)) if kind == "walk" else None,
        pages=reader.integer("pages", least=2) if kind == "list" else 0,
        chance=reader.chance("chance", required=False),
        least_times=float(reader.integer("least_times", default=0, least=0)),
        never_among=reader.integer("never_among", default=0, least=0),
    )
    reader.rest_unknown()
    return clause


def _belongs(reader: Table, members: str) -> Sign | None:
    """Of a wider sign nothing is asked but that it is told without an explanation or a table."""
    plain = tuple(name for name in SIGNS if not (Sign(name=name).rule or Sign(name=name).needs))
    name = reader.text("belongs", required=False, one_of=plain)
    if not name:
        return None
    if members != "signed":
        reader.fault("belongs says which sign members bear, so members must be signed", "belongs")
    return Sign(name=name) if name in plain else None


def _walk(reader: Table) -> Walk:
    walk = Walk(
        recent=reader.integer("recent"),
        near=reader.integer("near"),
        within=reader.duration("within"),
        chain=reader.integer("chain", default=2),
        chained_share=reader.integer("chained_percent", default=0, least=0, most=100) / 100,
    )
    reader.rest_unknown()
    return walk


def _windows(reader: Table, kind: str) -> tuple[Window, ...]:
    if kind == "canary":
        return (Window(length=None, persons=reader.integer("canaries")),)
    named = "records" if kind in ("records", "list") else "persons"
    thresholds = reader.table(named, required=True)
    windows = []
    for length in thresholds.values:
        persons = thresholds.integer(length)
        if thresholds.micros(length, length) > 0:
            windows.append(Window(length=length, persons=persons))
        else:
            thresholds.fault("a window must be longer than nothing", length)
    if not windows:
        reader.fault(f"{named} names no window", named)
    if kind == "surge" and [window.length for window in windows] != ["1h"]:
        reader.fault("a surge is counted by the hour: persons must name 1h alone", named)
    return tuple(windows)
