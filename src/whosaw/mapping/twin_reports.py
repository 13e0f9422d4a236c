"""What became of the twins that the map declares: how many acts they have in common, and why none, where they have none."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, ClassVar

import pyarrow as pa

from whosaw.core.document import told_as
from whosaw.store.index.twin_rules import SETTING, TwinRule
from whosaw.store.ledger import LedgerReader
from whosaw.store.repositories.contents import sources_known
from whosaw.store.repositories.segments import all_segments
from whosaw.store.workspace import Workspace

from .data_map import DataMap

__all__ = ["TwinReport", "twin_reports", "twin_rules"]

_UNITS = ((86_400_000_000, "day"), (3_600_000_000, "hour"), (60_000_000, "minute"), (1_000_000, "second"))
_WHAT = {"request": "request id", "page": "client, method and path"}


@dataclass(frozen=True, slots=True, kw_only=True)
class TwinReport:
    """Of one pair of sources, over the whole ledger: views that are one act of both, that may be, and that only one of them shows.
    `wrong` says why they have nothing in common, or much less than their keys have."""

    rule: TwinRule = field(metadata=told_as(never=True))
    joined: int
    possible: int
    alone: tuple[int, int]
    wrong: str = field(default="", metadata=told_as(form=lambda wrong: wrong or None))
    ALSO: ClassVar[tuple[str, ...]] = ("sources", "by", "within_ms")

    @property
    def sources(self) -> tuple[str, str]:
        return self.rule.sources

    @property
    def by(self) -> str:
        """What two lines of one act share, as a map names it."""
        return "request_id" if self.rule.by == "request" else "client-path-time"

    @property
    def within_ms(self) -> int:
        return self.rule.within // 1000

    @property
    def notes(self) -> tuple[str, ...]:
        outer, inner = self.rule.sources
        told = f"twins {outer} and {inner}: {_views(self.joined)} in both"
        if self.possible:
            told += f", {self.possible:,} perhaps (in upper bounds only)"
        told += f"; {self.alone[0]:,} in {outer} alone, {self.alone[1]:,} in {inner} alone"
        return (told, self.wrong) if self.wrong else (told,)


def twin_rules(data_map: DataMap | None) -> tuple[TwinRule, ...]:
    """The rules of a map for the ledger."""
    return () if data_map is None else tuple(each.rule for each in data_map.twins)


def twin_reports(workspace: Workspace, data_map: DataMap | None) -> tuple[TwinReport, ...]:
    """Each pair of twins of the map, as the ledger has it."""
    rules = twin_rules(data_map)
    if not rules:
        return ()
    journal = workspace.journal
    known = sources_known(journal)
    seen = json.loads(journal.setting(SETTING) or "{}").get("seen", {})
    reader = LedgerReader(workspace)
    try:
        pairs = {
            row["rule"]: row
            for row in reader.session.query(
                "SELECT rule, count(*) FILTER (joined) AS joined, count(*) FILTER (NOT joined) AS possible FROM twins WHERE view GROUP BY rule"
            ).to_pylist()
        }
        views = _by_source(workspace, reader)
    finally:
        reader.close()
    return tuple(
        _report(rule, pairs.get(at, {}), views, known, seen.get(str(at), {})) for at, rule in enumerate(rules)
    )


def _by_source(workspace: Workspace, reader: LedgerReader) -> dict[str, int]:
    """By source: views that no line of another source is one act with, or may be."""
    segments = all_segments(workspace.journal)
    found = reader.session.query(
        "SELECT s.source, count(DISTINCT (v.content, v.line)) AS n FROM views v JOIN twin_sources s ON s.id = v.content "
        "ANTI JOIN (SELECT act_segment AS content, act_line AS line FROM twins UNION ALL SELECT segment, line FROM twins) t "
        "ON t.content = v.content AND t.line = v.line WHERE NOT v.duplicate GROUP BY s.source",
        twin_sources=pa.table(
            {
                "id": pa.array([each.id for each in segments], pa.int32()),
                "source": pa.array([each.source for each in segments], pa.string()),
            }
        ),
    )
    return {row["source"]: row["n"] for row in found.to_pylist()}


def _report(
    rule: TwinRule, pairs: dict[str, int], views: dict[str, int], known: frozenset[str], seen: dict[str, Any]
) -> TwinReport:
    outer, inner = rule.sources
    return TwinReport(
        rule=rule,
        joined=pairs.get("joined", 0),
        possible=pairs.get("possible", 0),
        alone=(views.get(outer, 0), views.get(inner, 0)),
        wrong=_wrong(rule, pairs, known, seen),
    )


def _wrong(rule: TwinRule, pairs: dict[str, int], known: frozenset[str], seen: dict[str, Any]) -> str:
    """Why next to nothing is one act of both; empty where that is not so."""
    outer, inner = rule.sources
    if absent := [source for source in rule.sources if source not in known]:
        has = ", ".join(sorted(known)) or "none"
        return (
            f"TWINS JOIN NOTHING: no log is the source {absent[0]}; there are {has}. Correct sources in [[twins]], or say with "
            f"--source '{absent[0]}=PATTERN' which files it is"
        )
    made = seen.get("pairs", [0, 0])
    once, apart = seen.get("once_in_both", 0), seen.get("apart", [])
    for source, lines, keyed in zip(
        rule.sources, seen.get("lines", [0, 0]), seen.get("keyed", [0, 0]), strict=True
    ):
        if lines and not keyed:
            return (
                f"TWINS JOIN NOTHING: no line of {source} has a {_WHAT[rule.by]}, so each act counts in {outer} and in {inner}"
                + ('; say with field = "NAME" in [[twins]] where it stands' if rule.by == "request" else "")
            )
    if once > 1 and 2 * made[0] < once and abs(apart[1]) > rule.within:
        return (
            f"TWINS {'JOIN NOTHING' if not made[0] else 'JOIN LITTLE'}: {once:,} lines of {outer} have one with the same {_WHAT[rule.by]} in "
            f"{inner}, but most often {_length(abs(apart[1]))} {'later' if apart[1] > 0 else 'earlier'}, and the map allows "
            f"{_length(rule.within)}. Their clocks or zones differ: give each source its zone, or the twins a longer within"
        )
    if not (made[0] or made[1] or pairs.get("joined") or pairs.get("possible")):
        return (
            f"TWINS JOIN NOTHING: no line of {outer} is the twin of one of {inner} by {_WHAT[rule.by]} within {_length(rule.within)}, so each "
            "act counts in both"
            + (
                f"; the {_WHAT[rule.by]} that both have stands {_length(abs(apart[1]))} apart"
                if apart
                else ""
            )
        )
    return ""


def _length(micros: int) -> str:
    """`30 minutes`, `1.5 seconds`."""
    size, word = next((each for each in _UNITS if micros >= each[0]), (1_000_000, "second"))
    number = f"{micros / size:.1f}".removesuffix(".0")
    return f"{number} {word}{'' if number == '1' else 's'}"


def _views(count: int) -> str:
    return "1 view" if count == 1 else f"{count:,} views"
