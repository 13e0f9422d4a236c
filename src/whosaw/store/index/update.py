"""From segments to the ledger: dense numbers, views, exposures, and duplicates across segments.

The index is a function of the live segments and of the numbers given out before; it can be made again from
them. Numbers are given to new digests in digest order, so neither the order of files nor the way they were
cut changes a number within one scan. All files are written first; one transaction makes them live.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from whosaw.core.errors import WhosawError
from whosaw.store import statements as sa
from whosaw.store.files import ContentStore, open_parquet
from whosaw.store.journal import tables
from whosaw.store.schemas import ACTIVITY, CLIENTS, DUPLICATES, EXPOSURES, IDENTITIES, TRIES, TWINS, VIEWS
from whosaw.store.side_by_side import in_order
from whosaw.store.sql import Session, quote_text, with_more_memory
from whosaw.store.vault import KINDS, Vault, as_column
from whosaw.store.workspace import Workspace

from .activity import activity_of, joined_activity
from .cross_duplicates import RepeatedLines, cross_duplicates
from .local_codes import ClientRows, LocalCodes
from .numbering import Fresh, Places, Words, halves, number_all
from .overlaps import LiveSegment
from .twin_rules import SETTING, Side, TwinRule, changed, late_partner, sides_of, twins_told
from .twins import Joiner, TwinJoin, merged_clients, read_rows
from .view_groups import Numbers, Wanted, as_views, exposures_of, sorted_views, views_of

__all__ = ["MAX_PERSONS", "replace_index", "update_index"]

MAX_PERSONS = (1 << 31) - 1  # dense numbers are signed 32-bit columns
FULL_ROWS = 1 << 22  # views that are sorted at once; a file with so many rows is never merged into another
_COMPACT_AT = 8  # smaller live files of one kind before they are merged into one


def update_index(
    workspace: Workspace,
    *,
    threads: int,
    memory_bytes: int,
    told: Callable[[str], None] = lambda _: None,
    twins: Sequence[TwinRule] = (),
) -> bool:
    """Bring the ledger up to the live segments. Returns whether anything changed. Raises nothing half done."""
    journal = workspace.journal
    with journal.transaction() as connection:
        live = [
            _segment(row)
            for row in journal.rows(
                sa.select(tables.segment).where(tables.segment.c.live).order_by(tables.segment.c.id),
                connection,
            )
        ]
        new = {
            row["id"]
            for row in journal.rows(
                sa.select(tables.segment.c.id).where(tables.segment.c.live, ~tables.segment.c.indexed),
                connection,
            )
        }
        dropped = bool(
            journal.rows(
                sa.select(tables.segment.c.id)
                .where(~tables.segment.c.live, tables.segment.c.indexed)
                .limit(1),
                connection,
            )
        )
        present = journal.rows(
            sa.select(tables.index).where(tables.index.c.live).order_by(tables.index.c.id), connection
        )
        known_routes = journal.rows(sa.select(tables.route), connection)
        sides = sides_of(journal, twins, connection)
        before = journal.setting(SETTING, connection)
    routes = {(r["map"], r["position"]): r["number"] for r in known_routes}
    counted = {each.content for each in live if each.id not in new}
    # what was joined in another way, and what a late line may be the twin of, is counted again
    rejoined = changed(before, twins, sides, sorted(counted)) or late_partner(twins, sides, live, new)
    dropped = dropped or rejoined
    if not new and not dropped:
        return False
    # files of before views could be only possible are made again from their segments
    older = [
        row["file"] for row in present if row["kind"] == "views" and not _marked(workspace.files, row["file"])
    ]
    dropped = dropped or bool(older)
    files = {
        kind: [row["file"] for row in present if row["kind"] == kind]
        for kind in (
            "identities",
            "clients",
            "views",
            "exposures",
            "duplicates",
            "activity",
            "tries",
            "twins",
        )
    }
    if dropped:
        # a segment that was counted is gone: count again from those that are left, with the numbers kept
        files.update(views=[], exposures=[], duplicates=[], activity=[], tries=[], twins=[])
    take = [segment for segment in live if dropped or segment.id in new]
    workspace.spill.mkdir(exist_ok=True)
    for left in workspace.spill.glob("*.rows"):  # by a run that was killed
        left.unlink()

    def built(memory: int) -> _Build:
        copied = {kind: list(names) for kind, names in files.items()}
        with Session(threads=threads, memory_bytes=memory, spill=workspace.spill) as session:
            build = _Build(
                workspace.files, session, workspace.spill, copied, take, live, routes, told, threads
            )
            build.vault = workspace.vault
            build.rules, build.sides = twins, sides
            build.categories = {r["number"]: _categories(json.loads(r["body"])) for r in known_routes}
            build.run()
        return build

    build = with_more_memory(built, memory_bytes)  # nothing is committed before it is whole
    kept = {} if dropped or not before else json.loads(before).get("seen", {})
    seen = {**kept, **(build.joined.seen() if build.joined is not None else {})}
    setting = (
        json.dumps({**twins_told(twins, sides), "seen": seen}, sort_keys=True) if twins or before else None
    )
    _commit(workspace, build.files, build.made, build.cross_hours, dropped, setting)
    return True


def _categories(body: dict[str, Any]) -> frozenset[str]:
    """All that a page of the route says of anybody."""
    secondary = body.get("secondary") or {}
    return frozenset((*body["categories"], *(f"beside {each}" for each in secondary.get("categories", ()))))


def _marked(files: ContentStore, name: str) -> bool:
    return "unsure" in pq.read_schema(files.path(name)).names


def _segment(row: dict[str, Any]) -> LiveSegment:
    return LiveSegment(
        id=row["id"],
        files=json.loads(row["files"]),
        map=row["map"],
        first_time=row["first_time"],
        last_time=row["last_time"],
        content=row["content"],
        views=row["views"] + row["duplicates"],
    )


class _Build:
    """One run: reads the segments `take`, leaves the live files per kind in `files`."""

    def __init__(
        self,
        store: ContentStore,
        session: Session,
        spill: Path,
        files: dict[str, list[str]],
        take: Sequence[LiveSegment],
        live: Sequence[LiveSegment],
        routes: dict[tuple[str, int], int],
        told: Callable[[str], None],
        threads: int,
    ) -> None:
        self.store, self.session, self.spill = store, session, spill
        self.files, self.take, self.live = files, take, live
        self.routes, self.told, self.threads = routes, told, threads
        self.made: dict[str, int] = {}
        self.cross_hours: dict[tuple[int, int], int] = {}
        self.vault: Vault
        self.rules: Sequence[TwinRule] = ()
        self.sides: dict[int, Side] = {}
        self.categories: dict[int, frozenset[str]] = {}
        self.joined: TwinJoin | None = None
        self.identities = LocalCodes(store, take, "identities", spill)
        self.clients = LocalCodes(store, take, "clients", spill)

    def run(self) -> None:
        self.told("numbering persons")
        self._number_identities()
        self._number_clients()
        self.told("looking for duplicates across files")
        repeated, self.cross_hours = cross_duplicates(
            self.store, self.session, self.spill, self.take, self.live, self.sides
        )
        self._put("duplicates", DUPLICATES, repeated.to_batches())
        if self.sides:
            self.told("joining twins")
            self._join_twins(repeated)
        self.told("writing views and exposures")
        self._views(repeated)
        self._exposures()
        self._activity(repeated)

    def _put(self, kind: str, schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> None:
        """Write rows as one more file of `kind`."""
        rows = 0

        def counted() -> Iterator[pa.RecordBatch]:
            nonlocal rows
            for batch in batches:
                rows += batch.num_rows
                yield batch

        name = self.store.put_batches(kind, schema, counted())
        if name is not None and name not in self.files[kind]:
            self.files[kind].append(name)
            self.made[name] = rows

    def _compact(self, kind: str, schema: pa.Schema, select: str, order: str) -> None:
        """Merge the small files of a kind into one where they have become many. Large ones stay as they are."""
        small = [name for name in self.files[kind] if self._rows(name) < FULL_ROWS]
        if len(small) <= _COMPACT_AT:
            return
        self.store.bring(small)
        paths = ", ".join(quote_text(str(self.store.place(name))) for name in small)
        name, rows = self.store.put_query(
            kind, schema, self.session, f"SELECT {select} FROM read_parquet([{paths}]) {order}"
        )
        self.files[kind] = [each for each in self.files[kind] if each not in small]
        if name is not None:
            self.files[kind].append(name)
            self.made[name] = rows

    def _rows(self, name: str) -> int:
        return int(pq.read_metadata(self.store.path(name)).num_rows)

    def _number_identities(self) -> None:
        numbers = self.identities.numbers

        def keep(places: Places, given: npt.NDArray[np.int32]) -> None:
            numbers[places] = given

        def all_kinds() -> Iterator[pa.RecordBatch]:
            for kind in sorted(KINDS.values()):
                known = self._known("identities", "number", kind)
                expected = self.identities.rows_of(kind) + sum(
                    self._rows(n) for n in self.files["identities"]
                )
                for fresh in number_all(
                    known, self.identities.digests(kind), expected=expected, keep=keep, folder=self.spill
                ):
                    given = _next_numbers(fresh)
                    segment, code = self.identities.where(fresh.places)
                    columns = [np.full(len(given), kind, np.int8), given, segment, code]
                    arrays = [pa.array(each) for each in columns]
                    arrays.insert(1, as_column(fresh.digests))
                    yield from pa.table(arrays, schema=IDENTITIES).to_batches()

        self._put("identities", IDENTITIES, all_kinds())
        self._compact("identities", IDENTITIES, "*", "ORDER BY kind, digest")

    def _known(
        self, what: str, number: str, kind: int | None = None
    ) -> Iterator[tuple[Words, Words, npt.NDArray[np.int32]]]:
        """Digests that have a number already."""
        for name in self.files[what]:
            with open_parquet(self.store.path(name)) as file:
                for group in range(file.metadata.num_row_groups):
                    columns = ["digest", number] if kind is None else ["kind", "digest", number]
                    if kind is not None and not _may_hold(file.metadata.row_group(group), kind):
                        continue
                    table = file.read_row_group(group, columns=columns, use_threads=False)
                    if kind is not None:
                        table = table.filter(pc.equal(table["kind"], kind))
                    yield (*halves(table["digest"]), table[number].to_numpy())

    def _number_clients(self) -> None:
        numbers = self.clients.numbers

        def keep(places: Places, given: npt.NDArray[np.int32]) -> None:
            numbers[places] = given

        expected = len(numbers) + sum(self._rows(name) for name in self.files["clients"])
        found = number_all(
            self._known("clients", "client"), self.clients.digests(None), expected=expected, keep=keep, folder=self.spill
        )  # fmt: skip
        rows = ClientRows(self.identities, self.clients, self.spill)
        for fresh in found:
            _next_numbers(fresh)
            rows.add(fresh)
        self._put("clients", CLIENTS, rows.batches())
        self._compact("clients", CLIENTS, "*", "ORDER BY client")

    def _join_twins(self, repeated: pa.Table) -> None:
        """Find which lines are one act, and number the clients of whom both say something."""
        segments = [each for each in self.take if each.content in self.sides]
        lines: dict[Side, list[int]] = {}
        rows = read_rows(
            self.store, segments, self.rules, self.sides, (self.identities, self.clients), self.routes,
            RepeatedLines(repeated), lines,
        )  # fmt: skip
        joiner = Joiner(self.store, self.spill, self.rules, self.sides, self.categories)
        expected = sum(self._rows(each.files["events"]) for each in segments)
        self.joined, wanted = joiner.join(rows, expected, lines)
        self._put("twins", TWINS, self.joined.pairs.to_batches())
        self._compact("twins", TWINS, "*", "ORDER BY time, segment, line")
        if len(wanted):
            self._number_merged(self.joined, wanted)

    def _number_merged(self, joined: TwinJoin, wanted: npt.NDArray[np.int64]) -> None:
        paths = [self.store.path(name) for name in self.files["clients"]]
        rows, digests, numbers = merged_clients(self.session, paths, wanted, self.vault)
        own = np.flatnonzero(numbers < 0)
        column = as_column(
            np.frombuffer(b"".join(digests[at] for at in own.tolist()), np.uint8).reshape(-1, 16)
        )

        def keep(places: Places, given: npt.NDArray[np.int32]) -> None:
            numbers[own[places]] = given

        def fresh_rows() -> Iterator[pa.RecordBatch]:
            expected = len(own) + sum(self._rows(name) for name in self.files["clients"])
            for fresh in number_all(
                self._known("clients", "client"), [(*halves(column), 0)], expected=expected, keep=keep,
                folder=self.spill,
            ):  # fmt: skip
                part = rows.take(pa.array(own[fresh.places]))
                at = part.schema.get_field_index("client")
                yield from part.set_column(
                    at, CLIENTS.field("client"), pa.array(_next_numbers(fresh))
                ).to_batches()

        if len(own):
            self._put("clients", CLIENTS, fresh_rows())
        joined.clients = numbers
        joined.addresses = rows["address"].fill_null(-1).to_numpy().astype(np.int32)

    def _views(self, repeated: pa.Table) -> None:
        """Views in groups of segments, each group in person order, and the exposures of each."""
        mapped = {digest for digest, _ in self.routes}
        lines = RepeatedLines(repeated)
        groups = self._groups([segment for segment in self.take if segment.map in mapped])

        def build(group: list[LiveSegment]) -> tuple[pa.Table, pa.Table]:
            views = sorted_views([views_of(self._wanted(segment, lines)) for segment in group])
            return as_views(views), exposures_of(views)

        with ThreadPoolExecutor(self.threads, thread_name_prefix="views") as pool:
            for views, exposures in in_order(pool, build, groups, ahead=self.threads):
                self._put("views", VIEWS, views.to_batches())
                self._put("exposures", EXPOSURES, exposures.to_batches())

    def _activity(self, repeated: pa.Table) -> None:
        """How much each client did, and failed requests for a person's page, of so many segments at a time."""
        lines = RepeatedLines(repeated)

        def build(group: list[LiveSegment]) -> tuple[pa.Table, pa.Table]:
            done = [
                activity_of(each.id, str(self.store.path(each.files["events"])), self._numbers(each, lines))
                for each in group
            ]
            return joined_activity([each.activity for each in done]), pa.concat_tables(
                each.tries for each in done
            )

        with ThreadPoolExecutor(self.threads, thread_name_prefix="activity") as pool:
            for activity, tries in in_order(pool, build, self._event_groups(), ahead=self.threads):
                self._put("activity", ACTIVITY, activity.to_batches())
                self._put("tries", TRIES, tries.to_batches())
        self._compact(
            "activity",
            ACTIVITY,
            "client, sum(events)::BIGINT AS events, sum(views)::BIGINT AS views",
            "GROUP BY client ORDER BY client",
        )
        self._compact("tries", TRIES, "*", "ORDER BY segment, line")

    def _event_groups(self) -> Iterator[list[LiveSegment]]:
        """Segments one after the other, so many events at a time."""
        group: list[LiveSegment] = []
        rows = 0
        for segment in self.take:
            group.append(segment)
            rows += self._rows(segment.files["events"])
            if rows >= FULL_ROWS:
                yield group
                group, rows = [], 0
        if group:
            yield group

    def _wanted(self, segment: LiveSegment, lines: RepeatedLines) -> Wanted:
        return Wanted(
            segment=segment.id,
            events=str(self.store.path(segment.files["events"])),
            more=str(self.store.path(segment.files["more"])) if "more" in segment.files else None,
            numbers=self._numbers(segment, lines),
        )

    def _numbers(self, segment: LiveSegment, lines: RepeatedLines) -> Numbers:
        routes = [(at, number) for (digest, at), number in self.routes.items() if digest == segment.map]
        route = np.zeros(max((at for at, _ in routes), default=-1) + 1, np.int16)
        for at, number in routes:
            route[at] = number
        identity = self.identities.of(segment.id)
        with open_parquet(self.store.path(segment.files["clients"])) as file:
            codes = file.read(columns=["address"], use_threads=False)
        address = codes["address"].fill_null(-1).to_numpy()
        return Numbers(
            identity=identity,
            client=self.clients.of(segment.id),
            address=np.where(address < 0, -1, np.append(identity, -1)[address]).astype(np.int32),
            route=route,
            repeated=lines.of(segment.id),
            twins=self.joined.of(segment.id) if self.joined is not None else None,
        )

    def _groups(self, segments: Sequence[LiveSegment]) -> Iterator[list[LiveSegment]]:
        """Segments one after the other, so many at a time that their views are sorted in memory."""
        group: list[LiveSegment] = []
        rows = 0
        for segment in segments:
            group.append(segment)
            rows += segment.views
            if rows >= FULL_ROWS:
                yield group
                group, rows = [], 0
        if rows or any("more" in segment.files for segment in group):
            yield group

    def _exposures(self) -> None:
        """Files of exposures are parts: a reader adds the views of equal (person, client, route) over all of them."""
        self._compact("views", VIEWS, "*", "ORDER BY person NULLS LAST, time, segment, line")
        self._compact(
            "exposures",
            EXPOSURES,
            "person, client, route, min(first) AS first, max(last) AS last, sum(views)::BIGINT AS views, max(extra) AS extra, "
            "sum(unbounded)::BIGINT AS unbounded, sum(possible)::BIGINT AS possible",
            "GROUP BY person, client, route ORDER BY person, client, route",
        )


def _next_numbers(fresh: Fresh) -> npt.NDArray[np.int32]:
    """The numbers of new digests. Raises `WhosawError` when there are no more."""
    if fresh.number + len(fresh.places) > MAX_PERSONS:
        raise WhosawError(
            "ledger.full",
            "more identifiers of one kind than 32-bit numbers",
            hint="Split the logs over workspaces",
        )
    return np.arange(fresh.number, fresh.number + len(fresh.places), dtype=np.int32)


def _may_hold(group: pq.RowGroupMetaData, kind: int) -> bool:
    told = group.column(0).statistics
    return told is None or not told.has_min_max or told.min <= kind <= told.max


def replace_index(connection: sa.Connection, kind: str, name: str | None, rows: int) -> None:
    """Make `name` (or nothing) the only live file of `kind`."""
    connection.execute(tables.index.update().where(tables.index.c.kind == kind).values(live=False))
    if name is not None:
        connection.execute(tables.index.insert().values(kind=kind, file=name, rows=rows, live=True))


def _commit(
    workspace: Workspace,
    files: dict[str, list[str]],
    made: dict[str, int],
    cross: dict[tuple[int, int], int],
    dropped: bool,
    twins: str | None,
) -> None:
    journal = workspace.journal
    with journal.transaction() as connection:
        keep = {(kind, name) for kind, names in files.items() for name in names}
        for row in journal.rows(sa.select(tables.index).where(tables.index.c.live), connection):
            if (row["kind"], row["file"]) in keep:
                keep.discard((row["kind"], row["file"]))
            else:
                connection.execute(
                    tables.index.update().where(tables.index.c.id == row["id"]).values(live=False)
                )
        for kind, name in sorted(keep):
            connection.execute(tables.index.insert().values(kind=kind, file=name, rows=made[name], live=True))
        if twins is not None:
            journal.set_setting(connection, SETTING, twins)
        segment = tables.segment
        connection.execute(segment.update().where(segment.c.live).values(indexed=True))
        connection.execute(segment.update().where(~segment.c.live).values(indexed=False))
        if dropped:
            connection.execute(tables.hour.update().values(cross=0))
        for (segment_id, hour), count in cross.items():
            connection.execute(
                tables.hour.update()
                .where(tables.hour.c.segment == segment_id, tables.hour.c.hour == hour)
                .values(cross=count)
            )
