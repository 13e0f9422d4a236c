"""A ledger in hand through the registered steps of sums and flags: views, answers and late signs are sources, as they came."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from tests.unit.actors.summing.crutch import DAY, Hand, by_number

from whosaw.actors import Detector, Explanation
from whosaw.actors.context_schema import table_schemas
from whosaw.actors.explaining.answers import rules_of
from whosaw.actors.signing.first_days import VALUES
from whosaw.actors.signing.places import NUMBERS, placed
from whosaw.actors.signs import VISIT
from whosaw.actors.statement import statement
from whosaw.app.building import explaining
from whosaw.app.building.setup import Page, Setup
from whosaw.app.building.sums import kinds_of, makers_of
from whosaw.build.fact import Fact
from whosaw.build.inputs import Surroundings
from whosaw.build.plan import Outcome, Plan
from whosaw.build.row_digest import RowDigests
from whosaw.build.runner import bring_up_to_date
from whosaw.build.state import Source
from whosaw.build.step import Span, Step
from whosaw.store import statements
from whosaw.store.kinds import KINDS, kind
from whosaw.store.parts import parts_in_force
from whosaw.store.run_files import read_parts
from whosaw.store.workspace import Workspace

NOW = datetime(2026, 4, 1, tzinfo=UTC)
GIVEN = ("views", "answers", "manners", "late")
WALK = next(each for each in explaining.MAKERS if each.name == "walk")


def in_haste(put: Callable[[Any, str, Any], None]) -> None:
    """Wait for no disk."""
    put(statements, "_DURABLE", ("journal_mode = WAL", "synchronous = OFF"))
    put(os, "fsync", lambda _descriptor: None)


def setup_of(
    detectors: Iterable[Detector],
    explanations: Mapping[str, Explanation],
    pages: Mapping[int, str] | None = None,
) -> Setup:
    return Setup(
        detectors={each.id: each for each in detectors},
        explanations=explanations,
        tables=frozenset(table_schemas()),
        pages={number: Page(id=name, categories=frozenset()) for number, name in (pages or {}).items()},
    )


def shown(_kind: str, numbers: pa.Array) -> pa.Array:
    return numbers.cast(pa.string())


@dataclass
class BySteps:
    """A workspace whose days are brought up to date from rows in hand. `run` says which step ran about which days."""

    root: Path
    setup: Setup
    digests: Callable[[str, pa.Array], pa.Array] = by_number
    ran: list[tuple[str, int, int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        if not (self.root / "vault.key").exists():
            self.root.mkdir(parents=True, exist_ok=True)
            (self.root / "vault.key").write_bytes(bytes(32))
            (self.root / "vault.key").chmod(0o600)
        self.workspace = Workspace.open(self.root, create=True)

    def bring_up(self, given: Mapping[str, pa.Table]) -> Outcome:
        self.ran.clear()
        made = [each for each in makers_of(self.setup) if each.name != "manner"]
        made += [WALK] if "values" in given else []
        makers = [self._watched(each) for each in made]
        self.kinds = {**KINDS, **kinds_of(self.setup)}
        digests = RowDigests(self.workspace.vault)
        plan = Plan.of(
            self.workspace.journal,
            Surroundings(
                store=self.workspace.files, spill=None, kinds=self.kinds, digests=self.digests, texts=shown
            ),
            digests,
            makers,
            code={each.name: each.name.partition(".")[0] for each in makers},
            setup=self.setup,
            memory_bytes=1 << 32,
        )
        needed = {read.kind for each in makers if isinstance(each, Step) for read in each.reads}
        sources = [
            _values(rows, given["views"]) if name == "values" else _source(name, rows, digests)
            for name, rows in given.items()
            if name in needed
        ]
        return bring_up_to_date(
            plan, {each.kind: dict(_texts(each)) for each in sources}, lambda _: sources, now=NOW
        )

    def _watched(self, maker: Step | Fact) -> Step | Fact:
        if isinstance(maker, Fact):
            return maker

        def run(inputs: Any, span: Span) -> Mapping[str, pa.Table]:
            self.ran.append((maker.name, span.first, span.last))
            return maker.run(inputs, span)

        return replace(maker, run=run)

    def rows(self, name: str) -> pa.Table:
        """All rows of a kind, `day` first."""
        of = self.kinds[name]
        tables = [of.in_hand.empty_table()]
        for part in parts_in_force(self.workspace.journal, [name]):
            (table,) = read_parts(self.workspace.files, [part], of.columns.names)
            day = pa.array(np.full(table.num_rows, part.day), pa.int32())
            tables.append(table.add_column(0, "day", day).cast(of.in_hand))
        return pa.concat_tables(tables)

    def every_flag(self) -> pa.Table:
        """The flags of all clauses."""
        return pa.concat_tables([self.rows(name) for name in sorted(self.kinds) if name.startswith("flags.")])

    def flags(self, detector: Detector) -> dict[tuple[str, int, int], tuple[int, int, int]]:
        """By clause, entity and window: the earliest instant, the bar, and the most."""
        found: dict[tuple[str, int, int], tuple[int, int, int]] = {}
        for clause in detector.clauses:
            for row in self.rows(f"flags.{detector.id}.{clause.id}").to_pylist():
                name = (clause.id, row["entity"], row["window"])
                before = found.get(name, (row["raised"], row["bar"], 0))
                found[name] = (min(before[0], row["raised"]), row["bar"], max(before[2], row["most"]))
        return found

    def close(self) -> None:
        self.workspace.close()


def _texts(source: Source) -> Iterable[tuple[str, str]]:
    return ((str(day), told) for day, told in source.digests.items())


def _source(name: str, rows: pa.Table, digests: RowDigests) -> Source:
    if name in KINDS:
        rows = rows.select(kind(name).in_hand.names).cast(kind(name).in_hand)
    told = digests.by_day(rows)

    def read(span: Span, columns: Sequence[str] | None) -> pa.Table:
        mine = rows.filter((pc.field("day") >= span.first) & (pc.field("day") <= span.last))
        return mine if columns is None else mine.select(["day", *columns])

    return Source(
        kind=name,
        digests={day: str(each) for day, each in told.items()},
        rows={day: each.rows for day, each in told.items()},
        read=read,
    )


def _values(rows: pa.Table, views: pa.Table) -> Source:
    """People who have a number: of a day all who were met until its end."""
    known = rows["known"].to_numpy()
    days = np.unique(views["day"].to_numpy()).tolist()
    upto = {day: rows.filter(pa.array(known <= day)) for day in days}

    def read(span: Span, columns: Sequence[str] | None) -> pa.Table:
        mine = rows.filter(pa.array(known <= span.last))
        return mine if columns is None else mine.select(["day", *columns])

    return Source(
        kind="values",
        digests={
            day: hashlib.sha256(
                repr(each.sort_by("place").drop_columns(["place"]).to_pydict()).encode()
            ).hexdigest()
            for day, each in upto.items()
        },
        rows={day: each.num_rows for day, each in upto.items()},
        read=read,
    )


def walking_of(hand: Hand) -> dict[str, pa.Table]:
    """What steps of walks are told from: who has which number since when, and which rules count a view."""
    numbers = hand.session.query("SELECT person, kind, value FROM numbers")
    first: dict[int, int] = {}
    met = hand.session.query(
        f"SELECT person, time // {DAY} AS day FROM tries WHERE person IS NOT NULL"
    ).to_pylist()
    for row in (*met, *hand.views.select(["person", "day"]).to_pylist()):
        if row["person"] is not None:
            first[row["person"]] = min(first.get(row["person"], row["day"]), row["day"])
    rows = [
        {**row, "day": first[row["person"]], "known": first[row["person"]]}
        for row in numbers.to_pylist()
        if row["person"] in first
    ]
    rows.sort(key=lambda row: (row["day"], row["person"]))
    day = pa.array([row["day"] for row in rows], pa.int32())
    values = placed(pa.Table.from_pylist(rows, NUMBERS), by_number)
    values = values.add_column(0, "day", day).append_column("known", day).cast(VALUES)
    rules = rules_of(hand.answers["answers"].to_numpy())
    explained = hand.answers.set_column(3, "rules", pa.array(rules)).select(kind("explained").in_hand.names)
    return {"values": values, "explained": explained}


def given_of(views: pa.Table, answers: pa.Table, late: pa.Table) -> dict[str, pa.Table]:
    """Rows in hand as sources; `views` may carry the way of reading and the page at which the visit of each began."""
    columns = {
        name: views[name] if name in views.column_names else pa.nulls(views.num_rows, pa.int32())
        for name in ("way", "page")
    }
    manners = pa.table({"day": answers["day"], "position": answers["position"], **columns})
    return {"views": views, "answers": _lacking(answers, late), "manners": manners, "late": late}


def _lacking(answers: pa.Table, late: pa.Table) -> pa.Table:
    """Until its sign is known a view passes for one that does not bear it."""
    day, signs = answers["day"].to_numpy(), answers["signs"].to_numpy().copy()
    at = np.searchsorted(day, late["view_day"].to_numpy()) + late["position"].to_numpy()
    for row, sign in zip(at.tolist(), late["sign"].to_pylist(), strict=True):
        signs[row] &= ~np.uint64(3 << 2 * sign)
    place = answers.schema.get_field_index("signs")
    return answers.set_column(place, answers.schema.field("signs"), pa.array(signs))


def with_pages(hand: Hand) -> pa.Table:
    """Views with the page at which the visit of each began, by the visits of now."""
    hand.session.execute(statement("entries").format(visit=VISIT))
    rows = hand.session.query("SELECT client, page, person FROM detect_entries").to_pylist()
    begun = {(row["client"], row["person"]): row["page"] for row in rows}
    pairs = zip(hand.views["client"].to_pylist(), hand.views["person"].to_pylist(), strict=True)
    return hand.views.append_column("page", pa.array([begun.get(each) for each in pairs], pa.int16()))


def context_of(hand: Hand) -> dict[str, pa.Table]:
    """Planted people whom the views of a day meet, as the context is given day by day."""
    rows = hand.session.query("SELECT person, since FROM detect_canaries WHERE person >= 0").to_pylist()
    seen = zip(hand.views["day"].to_pylist(), hand.views["person"].to_pylist(), strict=True)
    met = [
        {"day": day, **row}
        for day, person in sorted(set(seen), key=str)
        for row in rows
        if row["person"] == person
    ]
    schema = pa.schema([("day", pa.int32()), ("person", pa.int64()), ("since", pa.int64())])
    return {"canaries": pa.Table.from_pylist(sorted(met, key=lambda row: row["day"]), schema)}
