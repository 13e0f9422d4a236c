"""From matches to hits: one for each rule and client, and one for each group for which a correlation held.

Windows slide: a correlation holds at the time of a line when there is enough in the `timespan` up to it, that line and
both ends included. Lines of the same instant come together, whatever their order. Lines without a value to group by belong
to no group, and duplicates are no lines.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from whosaw.core import client
from whosaw.store.sql import Session, quote_name, quote_text

from .correlation import Correlation, GroupField
from .pack import RulePack, RuleText
from .statement import statement

__all__ = ["MOST_HITS", "Hit", "Hits", "SegmentMatches", "find_hits"]

MOST_HITS: Final = 100  # of one rule; those with the most lines
MOST_LOCATORS: Final = 20
_CLIENT: Final = client.picked(
    "actors.sigma.hits", "address", "agent", why="one program at one place, whoever it says it is"
)
_FOUND: Final = "CREATE OR REPLACE TEMP TABLE sigma_found (rule SMALLINT, segment INTEGER, line BIGINT, time BIGINT, client INTEGER, values BLOB[])"
_HITS: Final = "CREATE OR REPLACE TEMP TABLE sigma_hits (hit INTEGER, raised_at BIGINT, segment INTEGER, line BIGINT, time BIGINT, client INTEGER)"


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentMatches:
    """The files of one segment in which rules matched. `clients` are the numbers that its codes of clients stand for."""

    segment: int
    matches: Path
    events: Path
    clients: npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A rule or correlation that held for one party. Instants are microseconds since 1970 UTC.

    `by` are columns of a client with their `values`; `kept` are the names of other fields of the group with keyed digests of
    their values. `most` is the most events, values or rules in one window of a correlation, and null for a plain rule.
    """

    rule: RuleText
    correlation: Correlation | None
    by: tuple[str, ...]
    values: tuple[int | str | None, ...]
    kept: tuple[tuple[str, str], ...]
    raised_at: int
    most: int | None
    counts: dict[str, Any]
    secondary: tuple[int, int]
    categories: tuple[dict[str, Any], ...]
    places: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hits:
    """Hits in the order of the rules. `members` has (hit, client); `groups` says how many parties each rule held for."""

    hits: tuple[Hit, ...]
    members: pa.Table
    counted: pa.Table  # hit, content (a segment), line
    groups: dict[str, int]
    lines: dict[int, int]  # by rule number


@dataclass(frozen=True, slots=True)
class _Group:
    """One party for which a rule held."""

    rule: RuleText
    correlation: Correlation | None
    by: tuple[str, ...]
    values: tuple[int | str | None, ...]
    kept: tuple[tuple[str, str], ...]
    raised_at: int
    most: int | None


def find_hits(
    session: Session, pack: RulePack, segments: Iterable[SegmentMatches], duplicates: Sequence[Path]
) -> Hits:
    """Run the correlations, and put the matches of every other rule together by client.

    `session` holds views, clients and routes of a ledger; `duplicates` are files of (segment, line).
    """
    session.execute(_FOUND)
    session.execute(_HITS)
    for each in segments:
        codes = {"code": pa.array(np.arange(len(each.clients))), "client": pa.array(each.clients)}
        session.register("sigma_clients", pa.table(codes))
        session.execute(
            statement("found").format(
                segment=int(each.segment),
                matches=quote_text(str(each.matches)),
                events=quote_text(str(each.events)),
            )
        )
    paths = ", ".join(quote_text(str(path)) for path in duplicates)
    session.execute(
        "CREATE OR REPLACE TEMP TABLE sigma_duplicates AS "
        + (
            f"SELECT segment, line FROM read_parquet([{paths}])"
            if paths
            else "SELECT NULL::INTEGER AS segment, NULL::BIGINT AS line WHERE false"
        )
    )
    session.execute(statement("lines"))
    try:
        return _Finding(session, pack).run()
    finally:
        for name in (
            "sigma_found",
            "sigma_lines",
            "sigma_duplicates",
            "sigma_hits",
            "sigma_groups",
            "sigma_hit_views",
        ):
            session.execute(f"DROP TABLE IF EXISTS {name}")


class _Finding:
    def __init__(self, session: Session, pack: RulePack) -> None:
        self.session, self.pack = session, pack
        self.groups: list[_Group] = []
        self.held: dict[str, int] = {}

    def run(self) -> Hits:
        for rule in self.pack.rules:
            if rule.reports:
                self._plain(rule.text, rule.number)
        for correlation in self.pack.correlations:
            self._correlated(correlation)
        self.session.execute(statement("hit_views"))
        lines = self.session.query("SELECT rule, count(*) AS n FROM sigma_lines GROUP BY rule").to_pylist()
        members = self.session.query(
            "SELECT hit, client FROM sigma_hits WHERE client IS NOT NULL "
            "UNION SELECT hit, client FROM sigma_hit_views ORDER BY hit, client"
        )
        counted = self.session.query(
            "SELECT hit, segment AS content, line FROM sigma_hits UNION SELECT hit, segment, line FROM sigma_hit_views ORDER BY ALL"
        )
        return Hits(
            hits=tuple(self._hits()),
            members=members,
            counted=counted,
            groups=self.held,
            lines={row["rule"]: row["n"] for row in lines},
        )

    def _plain(self, rule: RuleText, number: int) -> None:
        by = ", ".join(quote_name(name) for name in _CLIENT)
        self.session.execute(
            "CREATE OR REPLACE TEMP TABLE sigma_groups AS SELECT segment, line, time, client, true AS inside, NULL::BIGINT AS n, true AS holds, "
            f"{by}, dense_rank() OVER (ORDER BY {by}) AS party FROM sigma_lines WHERE rule = {int(number)}"
        )
        self._take(rule, None, _CLIENT, ())

    def _correlated(self, correlation: Correlation) -> None:
        fields = [(f"g{at}", field) for at, field in enumerate(correlation.group_by)]
        columns = [f"{_field(field)} AS {name}" for name, field in fields]
        value = f", {_field(correlation.value)} AS counted" if correlation.value else ""
        rules = ", ".join(str(int(each)) for each in sorted(set(correlation.rules)))
        party = f"dense_rank() OVER (ORDER BY {', '.join(n for n, _ in fields)})" if fields else "1"
        given = " AND ".join(f"{name} IS NOT NULL" for name, _ in fields) or "true"
        shown = ", ".join(["segment", "line", "time", "client", *(name for name, _ in fields)])
        # an event that several rules match is one event; where rules are told apart, each of its rules counts
        rule = ", rule" if correlation.kind in ("temporal", "temporal_ordered") else ""
        base = (
            f"SELECT DISTINCT {shown}{rule}{', counted' if value else ''} FROM "
            f"(SELECT *{''.join(', ' + each for each in columns)}{value} FROM sigma_lines WHERE rule IN ({rules})) WHERE {given}"
        )
        span = int(correlation.seconds) * 1_000_000
        with_parties = f"SELECT *, {party} AS party FROM ({base})"
        counted = (
            _ordered(correlation, span, with_parties)
            if correlation.kind == "temporal_ordered"
            else _counted(correlation, span, with_parties)
        )
        covered = (
            "min(CASE WHEN holds THEN begins END) OVER (PARTITION BY party ORDER BY time "
            f"RANGE BETWEEN CURRENT ROW AND {span} FOLLOWING) <= time"
        )
        self.session.execute(
            "CREATE OR REPLACE TEMP TABLE sigma_groups AS "
            f"SELECT {shown}, party, n, holds, coalesce({covered}, false) AS inside FROM ({counted})"
        )
        text = RuleText(
            key=correlation.key, title=correlation.title, file=correlation.file, line=correlation.line,
            level=correlation.level, technique=correlation.technique,
        )  # fmt: skip
        by = tuple(field.column for _, field in fields if field.column is not None)
        self._take(text, correlation, by, tuple(fields))

    def _take(
        self,
        rule: RuleText,
        correlation: Correlation | None,
        by: Sequence[str],
        fields: Sequence[tuple[str, GroupField]],
    ) -> None:
        """Keep the parties of `sigma_groups` with the most lines as hits."""
        columns = by if correlation is None else [name for name, _ in fields]
        chosen = "".join(f", any_value({quote_name(name)}) AS {quote_name(name)}" for name in columns)
        rows = self.session.query(
            "SELECT party, count(DISTINCT (segment, line)) AS lines, min(time) FILTER (holds) AS raised_at, max(n) AS most, "
            f"min((time, segment, line)) AS place{chosen} FROM sigma_groups WHERE inside GROUP BY party "
            f"ORDER BY lines DESC, place LIMIT {MOST_HITS}"
        ).to_pylist()
        held = self.session.query("SELECT count(DISTINCT party) AS n FROM sigma_groups WHERE inside")["n"][
            0
        ].as_py()
        self.held[rule.key] = held
        if not rows:
            return
        first = len(self.groups)
        for row in rows:
            stored = [(field.name, bytes(row[name]).hex()) for name, field in fields if field.column is None]
            own = [row[name] for name in (by if correlation is None else _client_fields(fields))]
            self.groups.append(
                _Group(
                    rule=rule,
                    correlation=correlation,
                    by=tuple(by),
                    values=tuple(own),
                    kept=tuple(stored),
                    raised_at=row["raised_at"],
                    most=row["most"],
                )
            )
        taken = pa.table(
            {
                "party": pa.array([row["party"] for row in rows], pa.int64()),
                "hit": pa.array(range(first, len(self.groups)), pa.int32()),
                "raised_at": pa.array([row["raised_at"] for row in rows], pa.int64()),
            }
        )
        self.session.query(
            "INSERT INTO sigma_hits SELECT DISTINCT hit, raised_at, segment, line, time, client "
            "FROM sigma_groups JOIN taken USING (party) WHERE inside",
            taken=taken,
        )

    def _hits(self) -> Iterable[Hit]:
        counts = {row["hit"]: row for row in self.session.query(statement("counts")).to_pylist()}
        secondary = {row["hit"]: row for row in self.session.query(statement("secondary")).to_pylist()}
        categories: dict[int, list[dict[str, Any]]] = {}
        for row in self.session.query(statement("categories")).to_pylist():
            categories.setdefault(row["hit"], []).append(row)
        places: dict[int, list[tuple[int, int]]] = {}
        for row in self.session.query(statement("locators").format(most=MOST_LOCATORS)).to_pylist():
            places.setdefault(row["hit"], []).append((row["segment"], row["line"]))
        for at, group in enumerate(self.groups):
            more = secondary.get(at)
            yield Hit(
                rule=group.rule,
                correlation=group.correlation,
                by=group.by,
                values=group.values,
                kept=group.kept,
                raised_at=group.raised_at,
                most=group.most,
                counts=counts[at],
                secondary=(more["at_most"], more["open_views"]) if more else (0, 0),
                categories=tuple(categories.get(at, ())),
                places=tuple(places[at]),
            )


def _client_fields(fields: Sequence[tuple[str, GroupField]]) -> list[str]:
    return [name for name, field in fields if field.column is not None]


def _field(field: GroupField) -> str:
    if field.column is not None:
        return quote_name(field.column)
    cases = " ".join(f"WHEN {int(rule)} THEN kept[{int(place) + 1}]" for rule, place in field.places)
    return f"CASE rule {cases} END"


def _counted(correlation: Correlation, span: int, lines: str) -> str:
    """Lines with how much there is in the window that ends with each, and whether that is enough."""
    what = {
        "event_count": "count(*)",
        "value_count": "count(DISTINCT counted)",
        "temporal": "count(DISTINCT rule)",
    }
    window = f"OVER (PARTITION BY party ORDER BY time RANGE BETWEEN {span} PRECEDING AND CURRENT ROW)"
    inner = f"SELECT *, {what[correlation.kind]} {window} AS n FROM ({lines})"
    return f"SELECT *, n >= {int(correlation.least)} AS holds, time - {span} AS begins FROM ({inner})"


def _ordered(correlation: Correlation, span: int, lines: str) -> str:
    """Lines of the last rule with the latest beginning of a chain through all rules in their order."""
    query = lines
    for at, rule in enumerate(correlation.rules):
        if at == 0:
            start = "time"
        else:
            start = f"max(s{at - 1}) OVER (PARTITION BY party ORDER BY time RANGE UNBOUNDED PRECEDING)"
        query = f"SELECT *, CASE WHEN rule = {int(rule)} THEN {start} END AS s{at} FROM ({query})"
    last = f"s{len(correlation.rules) - 1}"
    holds = f"coalesce(time - {last} <= {span}, false)"
    return f"SELECT *, {holds} AS holds, {last} AS begins, {len(correlation.rules)} AS n FROM ({query})"
