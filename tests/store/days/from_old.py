"""The ledger of now, as what the days are made from and held against: its numbers stand for those that are given for life."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from whosaw.build.step import Span
from whosaw.core import client
from whosaw.store import statements as sa
from whosaw.store.days.acts import Twins, margin_of
from whosaw.store.days.events import NumberedSegment, day_of, events_of
from whosaw.store.days.views import DayRows, pairs_without_number, view
from whosaw.store.index.twin_rules import TwinRule
from whosaw.store.journal import tables
from whosaw.store.kinds import CLIENT_COLUMNS
from whosaw.store.numbers.history import History, load_history
from whosaw.store.numbers.segments import NumbersFiles
from whosaw.store.numbers.texts import texts_of
from whosaw.store.sql import Session, quote_text
from whosaw.store.workspace import Workspace
from whosaw.store.written_instants import rows_in


@dataclass
class Old:
    """A scanned workspace: its segments with their numbers, and the rows of its index."""

    workspace: Workspace

    @cached_property
    def _segments(self) -> list[dict]:
        table = tables.segment
        return self.workspace.journal.rows(sa.select(table).where(table.c.live).order_by(table.c.id))

    @cached_property
    def files(self) -> dict[int, bytes]:
        """The digest of each content."""
        rows = self.workspace.journal.rows(sa.select(tables.content.c.id, tables.content.c.digest))
        return {row["id"]: bytes.fromhex(row["digest"]) for row in rows}

    @cached_property
    def content_of(self) -> dict[int, int]:
        return {row["id"]: row["content"] for row in self._segments}

    def index(self, kind: str) -> pa.Table | None:
        """All rows of one kind."""
        query = sa.select(tables.index).where(tables.index.c.live, tables.index.c.kind == kind)
        paths = [self.workspace.files.path(row["file"]) for row in self.workspace.journal.rows(query)]
        if kind == "exposures" and paths:
            listed = ", ".join(quote_text(str(path)) for path in paths)
            with Session() as session:
                return session.query(f"SELECT * FROM {rows_in(kind, listed)}")
        return pa.concat_tables([pq.read_table(path) for path in paths]) if paths else None

    @cached_property
    def _history(self) -> History:
        return load_history(self.workspace.journal, self.workspace.files)

    def _texts_of(self, name: str, numbers: pa.ChunkedArray) -> list[int | None]:
        """Of each of these texts the number that it has here."""
        known = np.unique(numbers.drop_null().to_numpy()).astype(np.int64)
        texts = texts_of(self.workspace.files, self._history.texts.get(name, ()), known).to_pylist()
        found = {number: self.texts[name][text] for number, text in zip(known.tolist(), texts, strict=True)}
        return [None if each is None else found[each] for each in numbers.to_pylist()]

    @cached_property
    def client_numbers(self) -> dict[bytes, int]:
        rows = self.index("clients")
        return (
            {}
            if rows is None
            else dict(zip(rows["digest"].to_pylist(), rows["client"].to_pylist(), strict=True))
        )

    @cached_property
    def client_digests(self) -> dict[int, bytes]:
        return {number: digest for digest, number in self.client_numbers.items()}

    @cached_property
    def texts(self) -> dict[str, dict[str, int]]:
        """Numbers of the texts that are kept in clear: any will do that is one to one."""
        rows = self.index("clients")
        if rows is None:
            return {name: {} for name in client.CLEAR}
        return {
            name: {text: at for at, text in enumerate(sorted(set(rows[name].drop_null().to_pylist())))}
            for name in client.CLEAR
        }

    @cached_property
    def twins(self) -> Twins:
        told = json.loads(self.workspace.journal.setting("twins") or '{"rules": [], "contents": {}}')
        rules = [TwinRule(sources=tuple(each[0]), by=each[1], within=each[2]) for each in told["rules"]]
        categories = {}
        for row in self.workspace.journal.rows(sa.select(tables.route)):
            body = json.loads(row["body"])
            beside = (body.get("secondary") or {}).get("categories", ())
            categories[row["number"]] = frozenset(
                (*body["categories"], *(f"beside {each}" for each in beside))
            )
        return Twins(
            rules=rules,
            sides={int(content): tuple(side) for content, side in told["contents"].items()},
            categories=categories,
        )

    @cached_property
    def segments(self) -> list[NumberedSegment]:
        return [self._numbered(row) for row in self._segments]

    def _numbered(self, row: dict) -> NumberedSegment:
        files = {kind: self.workspace.files.path(name) for kind, name in json.loads(row["files"]).items()}
        made = NumbersFiles(self.workspace.files).of(row["id"], self._history.numbered[row["id"]])
        traits = [
            pa.array(self._texts_of(each.name, made.traits[each.name]), each.type)
            if each.name in client.CLEAR
            else made.traits[each.name].cast(each.type)
            for each in CLIENT_COLUMNS
        ]
        routes = self.workspace.journal.rows(sa.select(tables.route).where(tables.route.c.map == row["map"]))
        by_position = np.full(max((r["position"] for r in routes), default=-1) + 1, -1, np.int16)
        for each in routes:
            by_position[each["position"]] = each["number"]
        side = self.twins.sides.get(row["content"])
        return NumberedSegment(
            content=row["content"], first_time=row["first_time"], last_time=row["last_time"],
            events=files["events"], more=files.get("more"), identities=made.identities.astype(np.int32),
            clients=made.clients,
            traits=pa.table(traits, names=[each.name for each in CLIENT_COLUMNS]), routes=by_position,
            key=None if side is None else self.twins.rules[side[0]].column,
        )  # fmt: skip

    def spans(self) -> list[Span]:
        """Each day that may hold an event."""
        times = [(s.first_time, s.last_time) for s in self.segments if s.first_time is not None]
        days: set[int] = set()
        for first, last in times:
            days.update(range(int(day_of(np.int64(first))), int(day_of(np.int64(last))) + 1))
        return [Span(day, day) for day in sorted(days)]

    def days(self, span: Span, *, segments: list[NumberedSegment] | None = None) -> DayRows:
        """What the step makes of a span, clients of twins numbered as the index has them."""
        events = events_of(
            self.segments if segments is None else segments,
            span,
            self.files,
            margin=margin_of(self.twins.rules),
        )
        pairs = pairs_without_number(events, span, self.twins)
        numbers = [
            self.client_numbers[blake2b(self.client_digests[one] + self.client_digests[other], digest_size=16).digest()]
            for one, other in zip(*(pairs[name].to_pylist() for name in pairs.column_names), strict=True)
        ]  # fmt: skip
        return view(events, span, self.twins, pairs.append_column("client", pa.array(numbers, pa.int64())))

    def everything(self) -> DayRows:
        """All days, one by one."""
        made = [self.days(span) for span in self.spans()]
        return joined(made)

    def digests(self, numbers: pa.Array) -> pa.Array:
        return pa.array([self.client_digests[each] for each in numbers.to_pylist()], pa.binary(16))


def joined(parts: list[DayRows]) -> DayRows:
    return DayRows(**{
        name: pa.concat_tables([getattr(each, name) for each in parts]) for name in ("views", "repeats", "tries", "twins")
    })  # fmt: skip


def opened(root: Path) -> Iterator[Old]:
    workspace = Workspace.open(root)
    try:
        yield Old(workspace)
    finally:
        workspace.close()


def rows_of(table: pa.Table) -> list[tuple]:
    return list(zip(*(table[name].to_pylist() for name in table.column_names), strict=True))


def with_content(
    table: pa.Table | None, old: Old, column: str = "segment", name: str = "content"
) -> pa.Table | None:
    """Contents put for segments: a line's number is the same in both."""
    if table is None:
        return None
    of = pa.array([old.content_of[each] for each in table[column].to_pylist()], pa.int32())
    at = table.column_names.index(column)
    return table.set_column(at, name, of)


def lines(table: pa.Table) -> pa.Table:
    return table.select(["content", "line"])


def sorted_rows(table: pa.Table) -> list[tuple]:
    return sorted(rows_of(table), key=lambda row: tuple((each is not None, each) for each in row))


__all__ = ["Old", "joined", "lines", "opened", "pc", "rows_of", "sorted_rows", "with_content"]
