"""From segments to the ledger: views, exposures, and duplicates across segments.

The index is a function of the live segments and of their numbers, which are history (`store.numbers`); it can be made again from
them. All files are written first; one transaction makes them live, and the new numbers with them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from whosaw.store import statements as sa
from whosaw.store.files import ContentStore
from whosaw.store.journal import Journal, tables
from whosaw.store.live_files import put_in_force
from whosaw.store.numbers.commit import Numbering, unnumbered
from whosaw.store.numbers.further import with_digests_numbered
from whosaw.store.numbers.history import History
from whosaw.store.numbers.migrate import migrate_numbers
from whosaw.store.numbers.segments import NumbersFiles, SegmentNumbers
from whosaw.store.numbers.spare import let_go, may_let_go
from whosaw.store.overlaps import LiveSegment
from whosaw.store.schemas import ACTIVITY, CLIENTS, DUPLICATES, EXPOSURES, IDENTITIES, TRIES, TWINS, VIEWS
from whosaw.store.side_by_side import in_order
from whosaw.store.sql import Session, quote_text, with_more_memory
from whosaw.store.vault import KINDS, as_column
from whosaw.store.workspace import Workspace
from whosaw.store.written_instants import rows_in

from .client_rows import ClientRows, lacking_clients
from .cross_duplicates import RepeatedLines, cross_duplicates
from .groups import ACTIVITY_KINDS, VIEW_KINDS, Group, GroupHands, GroupMaker, GroupSegment, SegmentLines
from .twin_rules import SETTING, Side, TwinRule, changed, late_partner, sides_of, twins_told
from .twins import Joiner, TwinJoin, merged_clients, read_rows

__all__ = ["replace_index", "update_index"]

FULL_ROWS = 1 << 22  # views that are sorted at once; a file with so many rows is never merged into another
_COMPACT_AT = 8  # smaller live files of one kind before they are merged into one


def update_index(
    workspace: Workspace,
    *,
    threads: int,
    memory_bytes: int,
    told: Callable[[str], None] = lambda _: None,
    twins: Sequence[TwinRule] = (),
    hands: GroupHands | None = None,
) -> bool:
    """Bring the ledger up to the live segments. Returns whether anything changed. Raises nothing half done. `hands` make files of groups of
    segments, where these are not few."""
    with workspace.numbering:
        return _updated(workspace, threads, memory_bytes, told, twins, hands)


def _updated(
    workspace: Workspace,
    threads: int,
    memory_bytes: int,
    told: Callable[[str], None],
    twins: Sequence[TwinRule],
    hands: GroupHands | None,
) -> bool:
    history = migrate_numbers(workspace, threads=threads)
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
    told("numbering persons")
    numbering = Numbering(workspace, history, unnumbered(journal, history), threads=threads)
    try:
        numbered = numbering.run()

        def built(memory: int) -> _Build:
            copied = {kind: list(names) for kind, names in files.items()}
            with Session(threads=threads, memory_bytes=memory, spill=workspace.spill) as session:
                build = _Build(workspace, session, copied, take, live, routes, told, threads)
                build.numbering, build.before, build.history = numbering, history, numbered
                build.rules, build.sides, build.hands = twins, sides, hands
                build.categories = {r["number"]: _categories(json.loads(r["body"])) for r in known_routes}
                build.run()
            return build

        build = with_more_memory(built, memory_bytes)  # nothing is committed before it is whole
    finally:
        numbering.close()
    kept = {} if dropped or not before else json.loads(before).get("seen", {})
    seen = {**kept, **(build.joined.seen() if build.joined is not None else {})}
    setting = (
        json.dumps({**twins_told(twins, sides), "seen": seen}, sort_keys=True) if twins or before else None
    )
    let_them_go = may_let_go(workspace, history)
    _commit(workspace, build, dropped, setting, let_them_go=let_them_go)
    return True


def _categories(body: dict[str, Any]) -> frozenset[str]:
    """All that a page of the route says of anybody."""
    secondary = body.get("secondary") or {}
    return frozenset((*body["categories"], *(f"beside {each}" for each in secondary.get("categories", ()))))


def _marked(files: ContentStore, name: str) -> bool:
    import pyarrow.parquet as pq

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
        events=row["events"],
    )


class _Build:
    """One run: reads the segments `take`, leaves the live files per kind in `files`."""

    def __init__(
        self,
        workspace: Workspace,
        session: Session,
        files: dict[str, list[str]],
        take: Sequence[LiveSegment],
        live: Sequence[LiveSegment],
        routes: dict[tuple[str, int], int],
        told: Callable[[str], None],
        threads: int,
    ) -> None:
        self.workspace, self.store, self.spill = workspace, workspace.files, workspace.spill
        self.session = session
        self.files, self.take, self.live = files, take, live
        self.routes, self.told, self.threads = routes, told, threads
        self.made: dict[str, int] = {}
        self.cross_hours: dict[tuple[int, int], int] = {}
        self.numbering: Numbering
        self.before: History  # the numbers that were committed
        self.history: History  # those that will be, with this build
        self.rules: Sequence[TwinRule] = ()
        self.sides: dict[int, Side] = {}
        self.categories: dict[int, frozenset[str]] = {}
        self.joined: TwinJoin | None = None
        self.numbers = NumbersFiles(self.store)
        self.hands: GroupHands | None = None

    def run(self) -> None:
        self._put_identities()
        self._put_clients()
        self.told("looking for duplicates across files")
        repeated, self.cross_hours = cross_duplicates(
            self.store, self.session, self.spill, self.take, self.live, self.sides, self._of
        )
        self._put("duplicates", DUPLICATES, repeated.to_batches())
        if self.sides:
            self.told("joining twins")
            self._join_twins(repeated)
        self.told("writing views and exposures")
        self._make_groups(repeated)
        self._compact_groups()

    def _put(self, kind: str, schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> None:
        """Write rows as one more file of `kind`."""
        rows = 0

        def counted() -> Iterator[pa.RecordBatch]:
            nonlocal rows
            for batch in batches:
                rows += batch.num_rows
                yield batch

        name = self.store.put_batches(kind, schema, counted())
        if name is not None:
            self._enter(kind, name, rows)

    def _enter(self, kind: str, name: str, rows: int) -> None:
        if name not in self.files[kind]:
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
            kind, schema, self.session, f"SELECT {select} FROM {rows_in(kind, paths)} {order}"
        )
        self.files[kind] = [each for each in self.files[kind] if each not in small]
        if name is not None:
            self.files[kind].append(name)
            self.made[name] = rows

    def _rows(self, name: str) -> int:
        import pyarrow.parquet as pq

        return int(pq.read_metadata(self.store.path(name)).num_rows)

    def _put_identities(self) -> None:
        """Those that are new, by kind and digest."""

        def all_kinds() -> Iterator[pa.RecordBatch]:
            for kind, code in sorted(KINDS.items(), key=lambda each: each[1]):
                for run, segment, local in self.numbering.fresh(kind):
                    columns = [
                        np.full(len(run), code, np.int8), run.numbers.astype(np.int32), segment, local
                    ]  # fmt: skip
                    arrays = [pa.array(each) for each in columns]
                    arrays.insert(1, as_column(run.digests))
                    yield from pa.table(arrays, schema=IDENTITIES).to_batches()

        self._put("identities", IDENTITIES, all_kinds())
        self._compact("identities", IDENTITIES, "*", "ORDER BY kind, digest")

    def _put_clients(self) -> None:
        """Those that the index has no row of, by number."""
        lacking = self._lacking()
        rows = ClientRows(self.store, self.history, lacking, self.spill)
        if len(lacking):
            for segment in self.take:
                rows.add(self._of(segment))
        self._put("clients", CLIENTS, rows.batches())
        self._compact("clients", CLIENTS, "*", "ORDER BY client")

    def _lacking(self) -> npt.NDArray[np.int64]:
        """Numbers of clients that the index has no row of, in order: new ones, and those that steps gave meanwhile."""
        paths = [self.store.path(name) for name in self.files["clients"]]
        return lacking_clients(paths, self.history.given("client"))

    def _of(self, segment: LiveSegment) -> SegmentNumbers:
        return self.numbers.of(segment.id, self.history.numbered[segment.id])

    def _join_twins(self, repeated: pa.Table) -> None:
        """Find which lines are one act, and number the clients of whom both say something."""
        segments = [each for each in self.take if each.content in self.sides]
        lines: dict[Side, list[int]] = {}
        rows = read_rows(
            self.store, segments, self.rules, self.sides, self._of, self.routes, RepeatedLines(repeated), lines,
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
        rows, digests, numbers = merged_clients(self.session, paths, wanted, self.workspace.vault)
        own = np.flatnonzero(numbers < 0)
        if len(own):
            column = as_column(
                np.frombuffer(b"".join(digests[at] for at in own.tolist()), np.uint8).reshape(-1, 16)
            )
            self.history, given = with_digests_numbered(self.workspace, self.history, "client", column)
            numbers[own] = given
            clients, first = np.unique(given, return_index=True)
            new = np.isin(clients, self._lacking())
            part = rows.take(pa.array(own[first[new]]))
            at = part.schema.get_field_index("client")
            part = part.set_column(at, CLIENTS.field("client"), pa.array(clients[new].astype(np.int32)))
            self._put("clients", CLIENTS, part.to_batches())
        joined.clients = numbers
        joined.addresses = rows["address"].fill_null(-1).to_numpy().astype(np.int32)

    def _make_groups(self, repeated: pa.Table) -> None:
        """Views in groups of segments, each group in person order, and the exposures of each; how much each client did, and failed requests
        for a person's page, of so many segments at a time."""
        mapped = {digest for digest, _ in self.routes}
        with_views = self._groups(each for each in self.take if each.map in mapped)
        groups = [
            *(Group(kinds=VIEW_KINDS, segments=each) for each in with_views),
            *(Group(kinds=ACTIVITY_KINDS, segments=each) for each in self._event_groups()),
        ]
        repeats, joined = RepeatedLines(repeated), self.joined

        def lines(segment: int) -> SegmentLines:
            twins = None if joined is None else joined.of(segment)
            return SegmentLines(repeated=repeats.of(segment), twins=twins)

        if self.hands is not None and self.hands.take(sum(each.events for each in self.take)):
            for names in self.hands.made(groups, lines, self._routes_by_map()):
                for kind, name in names.items():
                    self._enter(kind, name, self._rows(name))
            return
        maker = GroupMaker(self.store, self.numbers, self._routes_by_map())
        with ThreadPoolExecutor(self.threads, thread_name_prefix="groups") as pool:
            for tables_ in in_order(pool, lambda group: maker.rows(group, lines), groups, ahead=self.threads):
                for kind, table in tables_.items():
                    self._put(kind, table.schema, table.to_batches())

    def _routes_by_map(self) -> dict[str, npt.NDArray[np.int16]]:
        """By map the number of the page at each place of it."""
        found: dict[str, npt.NDArray[np.int16]] = {}
        for (digest, at), number in sorted(self.routes.items(), reverse=True):
            found.setdefault(digest, np.zeros(at + 1, np.int16))[at] = number
        return found

    def _groups(self, segments: Iterable[LiveSegment]) -> Iterator[tuple[GroupSegment, ...]]:
        """Segments one after the other, so many at a time that their views are sorted in memory."""
        group: list[GroupSegment] = []
        rows = 0
        for segment in segments:
            group.append(self._told(segment))
            rows += segment.views
            if rows >= FULL_ROWS:
                yield tuple(group)
                group, rows = [], 0
        if rows or any(each.more is not None for each in group):
            yield tuple(group)

    def _event_groups(self) -> Iterator[tuple[GroupSegment, ...]]:
        """Segments one after the other, so many events at a time."""
        group: list[GroupSegment] = []
        rows = 0
        for segment in self.take:
            group.append(self._told(segment))
            rows += segment.events
            if rows >= FULL_ROWS:
                yield tuple(group)
                group, rows = [], 0
        if group:
            yield tuple(group)

    def _told(self, segment: LiveSegment) -> GroupSegment:
        return GroupSegment(
            id=segment.id,
            events=segment.files["events"],
            more=segment.files.get("more"),
            numbers=self.history.numbered[segment.id],
            map=segment.map,
        )

    def _compact_groups(self) -> None:
        """Files of exposures are parts: a reader adds the views of equal (person, client, route) over all of them. So are those of activity."""
        self._compact("views", VIEWS, "*", "ORDER BY person NULLS LAST, time, segment, line")
        self._compact(
            "exposures",
            EXPOSURES,
            "person, client, route, min(first) AS first, max(last) AS last, sum(views)::BIGINT AS views, max(extra) AS extra, "
            "sum(unbounded)::BIGINT AS unbounded, sum(possible)::BIGINT AS possible",
            "GROUP BY person, client, route ORDER BY person, client, route",
        )
        self._compact(
            "activity",
            ACTIVITY,
            "client, sum(events)::BIGINT AS events, sum(views)::BIGINT AS views",
            "GROUP BY client ORDER BY client",
        )
        self._compact("tries", TRIES, "*", "ORDER BY segment, line")


def replace_index(connection: sa.Connection, journal: Journal, kind: str, files: Mapping[str, int]) -> None:
    """Make these files, by name with their numbers of rows, the only live ones of `kind`."""
    index = tables.index
    before = {
        row["file"]: row["id"]
        for row in journal.rows(sa.select(index).where(index.c.kind == kind).order_by(index.c.id), connection)
    }
    put_in_force(connection, [kind], [number for file, number in before.items() if file in files])
    for file, rows in files.items():
        if file not in before:
            connection.execute(index.insert().values(kind=kind, file=file, rows=rows, live=True))


def _commit(
    workspace: Workspace,
    build: _Build,
    dropped: bool,
    twins: str | None,
    *,
    let_them_go: bool,
) -> None:
    journal = workspace.journal
    with journal.transaction() as connection:
        if build.history is not build.before:
            build.history.store(connection, build.before)
        numbered, before = build.history.numbered.keys(), build.before.numbered.keys()
        let_go(connection, workspace, numbered if let_them_go else numbered - before)
        keep = {(kind, name) for kind, names in build.files.items() for name in names}
        for row in journal.rows(sa.select(tables.index).where(tables.index.c.live), connection):
            if (row["kind"], row["file"]) in keep:
                keep.discard((row["kind"], row["file"]))
            else:
                connection.execute(
                    tables.index.update().where(tables.index.c.id == row["id"]).values(live=False)
                )
        for kind, name in sorted(keep):
            connection.execute(
                tables.index.insert().values(kind=kind, file=name, rows=build.made[name], live=True)
            )
        if twins is not None:
            journal.set_setting(connection, SETTING, twins)
        segment = tables.segment
        connection.execute(segment.update().where(segment.c.live).values(indexed=True))
        connection.execute(segment.update().where(~segment.c.live).values(indexed=False))
        if dropped:
            connection.execute(tables.hour.update().values(cross=0))
        for (segment_id, hour), count in build.cross_hours.items():
            connection.execute(
                tables.hour.update()
                .where(tables.hour.c.segment == segment_id, tables.hour.c.hour == hour)
                .values(cross=count)
            )
