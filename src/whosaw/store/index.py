"""From segments to the ledger: dense numbers, views, exposures, and duplicates across segments.

The index is a function of the live segments and of the numbers given out before; it can be made again from
them. Numbers are given to new digests in digest order, so neither the order of files nor the way they were
cut changes a number within one scan. All files are written first; one transaction makes them live.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import sqlalchemy as sa

from whosaw.core.errors import WhosawError

from .files import ContentStore
from .journal import tables
from .overlaps import LiveSegment, overlaps
from .schemas import CLIENTS, DUPLICATES, EXPOSURES, IDENTITIES, VIEWS
from .sql import Session, quote_text
from .workspace import Workspace

__all__ = ["MAX_PERSONS", "replace_index", "update_index"]

MAX_PERSONS = (1 << 31) - 1  # dense numbers are signed 32-bit columns
# segment and local code as one number, so that finding the first place of a digest needs no memory of its own
_PLACE = "((l.segment::BIGINT << 32) | l.code)"
_GROUP_BYTES = 24 << 20  # of events, in files
_COMPACT_AT = 8  # live files of one kind before they are merged into one


def update_index(
    workspace: Workspace, *, threads: int, memory_bytes: int, told: Callable[[str], None] = lambda _: None
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
        routes = {
            (r["map"], r["position"]): r["number"] for r in journal.rows(sa.select(tables.route), connection)
        }
    if not new and not dropped:
        return False
    files = {
        kind: [row["file"] for row in present if row["kind"] == kind]
        for kind in ("identities", "clients", "views", "exposures", "duplicates")
    }
    if dropped:
        # a segment that was counted is gone: count again from those that are left, with the numbers kept
        files.update(views=[], exposures=[], duplicates=[])
    take = [segment for segment in live if dropped or segment.id in new]
    workspace.spill.mkdir(exist_ok=True)
    build: _Build | None = None
    while build is None:
        copied = {kind: list(names) for kind, names in files.items()}
        try:
            with Session(threads=threads, memory_bytes=memory_bytes, spill=workspace.spill) as session:
                tried = _Build(workspace.files, session, workspace.spill, copied, take, live, routes, told)
                tried.run()
            build = tried
        except WhosawError as fault:
            # Nothing was committed, so the work is begun again with twice the memory while the machine has it.
            if fault.code != "store.no-memory" or memory_bytes * 2 > _memory_of_machine() // 2:
                raise
            memory_bytes *= 2
    _commit(workspace, build.files, build.made, build.cross_hours, dropped)
    return True


def _memory_of_machine() -> int:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def _segment(row: dict[str, Any]) -> LiveSegment:
    return LiveSegment(
        row["id"], json.loads(row["files"]), row["map"], row["first_time"], row["last_time"], row["content"]
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
    ) -> None:
        self.store, self.session, self.spill = store, session, spill
        self.files, self.take, self.live = files, take, live
        self.routes, self.told = routes, told
        self.made: dict[str, int] = {}
        self.cross_hours: dict[tuple[int, int], int] = {}

    def run(self) -> None:
        self.told("numbering persons")
        self._number_identities()
        self._number_clients()
        self.told("looking for duplicates across files")
        self._cross_duplicates()
        self.told("writing views and exposures")
        self._views()
        self._exposures()

    def _paths(self, names: Sequence[str]) -> str:
        return "[" + ", ".join(quote_text(str(self.store.path(name))) for name in names) + "]"

    def _load(
        self, name: str, kind: str, columns: str, segments: Sequence[LiveSegment] | None = None
    ) -> None:
        """A view `name` over one kind of file of `segments` (None: all taken ones), with `segment`."""
        chosen = self.take if segments is None else segments
        listed = [(segment.id, segment.files[kind]) for segment in chosen if kind in segment.files]
        if not listed:
            raise WhosawError("ledger.no-segments", f"no segment holds {kind}", hint="Scan the logs again")
        paths = pa.table(
            {
                "path": pa.array([str(self.store.path(file)) for _, file in listed]),
                "segment": pa.array([each for each, _ in listed], pa.int32()),
            }
        )
        self.session.register(f"{name}_paths", paths)
        self.session.execute(
            f"CREATE OR REPLACE VIEW {name} AS SELECT p.segment, {columns} FROM "
            f"read_parquet({self._paths(sorted({file for _, file in listed}))}, filename = true, file_row_number = true) f "
            f"JOIN {name}_paths p ON p.path = f.filename"
        )

    def _segment_paths(self, name: str, kind: str, windows: Sequence[tuple[int, int, int]]) -> None:
        """A table `name` of (path, segment) for the segments that have windows."""
        met = {segment for segment, _, _ in windows}
        listed = [
            (segment.id, str(self.store.path(segment.files[kind])))
            for segment in self.live
            if segment.id in met
        ]
        paths = pa.array([path for _, path in listed], pa.string())
        self.session.register(
            name, pa.table({"path": paths, "segment": pa.array([each for each, _ in listed], pa.int32())})
        )

    def _write(self, kind: str, schema: pa.Schema, sql: str, *, keep: bool = True) -> None:
        """Write the rows of `sql` as one more (or, without `keep`, the only) file of `kind`."""
        name, rows = self.store.put_query(kind, schema, self.session, sql)
        if not keep:
            self.files[kind] = []
        if name is not None and name not in self.files[kind]:
            self.files[kind].append(name)
            self.made[name] = rows

    def _known(self, kind: str, schema: pa.Schema) -> None:
        """A view `known_<kind>` over the files of `kind`, empty when there are none."""
        if self.files[kind]:
            source = f"read_parquet({self._paths(self.files[kind])})"
        else:
            self.session.register(f"none_{kind}", schema.empty_table())
            source = f"none_{kind}"
        self.session.execute(f"CREATE OR REPLACE VIEW known_{kind} AS SELECT * FROM {source}")

    def _number_identities(self) -> None:
        self._load("local_identities", "identities", "f.file_row_number::INTEGER AS code, f.kind, f.digest")
        self._known("identities", IDENTITIES)
        self.session.execute(
            f"CREATE OR REPLACE TEMP TABLE fresh AS SELECT kind, digest, min({_PLACE}) AS place FROM local_identities l "
            "ANTI JOIN known_identities k USING (kind, digest) GROUP BY kind, digest"
        )
        largest = self.session.query(
            "SELECT max(n) AS n FROM (SELECT kind, count(*) AS n FROM (SELECT kind FROM fresh UNION ALL SELECT kind FROM known_identities) GROUP BY kind)"
        )["n"][0].as_py()
        if (largest or 0) > MAX_PERSONS:
            raise WhosawError(
                "ledger.full",
                "more identifiers of one kind than 32-bit numbers",
                hint="Split the logs over workspaces",
            )
        self._write(
            "identities",
            IDENTITIES,
            "SELECT kind, digest, (coalesce(k.top, -1) + row_number() OVER (PARTITION BY kind ORDER BY digest))::INTEGER AS number, (place >> 32)::INTEGER AS segment, (place & 4294967295)::INTEGER AS code "
            "FROM fresh LEFT JOIN (SELECT kind, max(number) AS top FROM known_identities GROUP BY kind) k USING (kind) ORDER BY kind, digest",
        )
        if len(self.files["identities"]) > _COMPACT_AT:
            self._known("identities", IDENTITIES)
            self._write(
                "identities", IDENTITIES, "SELECT * FROM known_identities ORDER BY kind, digest", keep=False
            )
        self._known("identities", IDENTITIES)
        self.session.execute(
            "CREATE OR REPLACE TEMP TABLE numbers AS SELECT l.segment, l.code, k.number FROM local_identities l JOIN known_identities k USING (kind, digest)"
        )

    def _number_clients(self) -> None:
        columns = "f.file_row_number::INTEGER AS code, f.digest, f.address, f.principal, f.session, f.token, f.network, f.agent, f.key, f.tls"
        self._load("local_clients", "clients", columns)
        self._known("clients", CLIENTS)
        joins = " ".join(
            f"LEFT JOIN numbers n_{part} ON n_{part}.segment = c.segment AND n_{part}.code = c.{part}"
            for part in ("address", "principal", "session", "token", "network")
        )
        self._write(
            "clients",
            CLIENTS,
            f"WITH fresh AS (SELECT digest, min({_PLACE}) AS place FROM local_clients l ANTI JOIN known_clients k USING (digest) GROUP BY digest), "
            f"picked AS (SELECT l.* FROM local_clients l JOIN fresh f ON l.digest = f.digest AND {_PLACE} = f.place) "
            "SELECT c.digest, (coalesce((SELECT max(client) FROM known_clients), -1) + row_number() OVER (ORDER BY c.digest))::INTEGER AS client, "
            "n_address.number AS address, n_principal.number AS principal, n_session.number AS session, n_token.number AS token, "
            f"n_network.number AS network, c.agent, c.key, c.tls FROM picked c {joins} ORDER BY c.digest",
        )
        if len(self.files["clients"]) > _COMPACT_AT:
            self._known("clients", CLIENTS)
            self._write("clients", CLIENTS, "SELECT * FROM known_clients ORDER BY client", keep=False)
        self._known("clients", CLIENTS)
        self.session.execute(
            "CREATE OR REPLACE TEMP TABLE client_numbers AS SELECT l.segment, l.code, k.client, k.address FROM local_clients l JOIN known_clients k USING (digest)"
        )

    def _cross_duplicates(self) -> None:
        """Events that stand in more than one segment. The copy in the earliest-read segment counts."""
        windows = overlaps(self.take, self.live)
        if not windows:
            self.session.register("repeated", DUPLICATES.empty_table())
            return
        met = {segment for segment, _, _ in windows}
        names = sorted({segment.files["events"] for segment in self.live if segment.id in met})
        identities = sorted({segment.files["identities"] for segment in self.live if segment.id in met})
        self._segment_paths("window_paths", "events", windows)
        self._segment_paths("window_identity_paths", "identities", windows)
        self.session.register(
            "windows",
            pa.table(
                {
                    "segment": pa.array([w[0] for w in windows], pa.int32()),
                    "start": pa.array([w[1] for w in windows], pa.int64()),
                    "finish": pa.array([w[2] for w in windows], pa.int64()),
                }
            ),
        )
        taken = pa.table({"segment": pa.array([segment.id for segment in self.take], pa.int32())})
        self.session.register("taken", taken)
        self.session.execute(
            "CREATE OR REPLACE TEMP TABLE candidates AS SELECT p.segment, f.line, f.time, f.hash, f.status, f.route, f.client, f.person "
            f"FROM read_parquet({self._paths(names)}, filename = true) f JOIN window_paths p ON p.path = f.filename "
            "JOIN windows w ON w.segment = p.segment AND f.time BETWEEN w.start AND w.finish WHERE NOT f.duplicate"
        )
        self.session.execute(
            "CREATE OR REPLACE VIEW window_identities AS SELECT p.segment, f.file_row_number::INTEGER AS code, f.digest "
            f"FROM read_parquet({self._paths(identities)}, filename = true, file_row_number = true) f "
            "JOIN window_identity_paths p ON p.path = f.filename"
        )
        self.session.execute(
            "CREATE OR REPLACE TEMP TABLE matches AS SELECT hash, time FROM candidates GROUP BY hash, time HAVING count(DISTINCT segment) > 1"
        )
        # The hash is 64 bits of the whole line. Time, status, route and person must agree too, so that no person can be
        # hidden behind a line that merely collides.
        self.session.execute(
            "CREATE OR REPLACE TEMP TABLE repeated AS SELECT segment, line, (time // 3600000000)::INTEGER AS hour FROM ("
            "SELECT c.segment, c.line, c.time, row_number() OVER (PARTITION BY c.hash, c.time, c.status, c.route, i.digest ORDER BY c.segment, c.line) AS copy "
            "FROM candidates c JOIN matches m ON m.hash = c.hash AND m.time = c.time "
            "LEFT JOIN window_identities i ON i.segment = c.segment AND i.code = c.person) WHERE copy > 1 AND segment IN (SELECT segment FROM taken)"
        )
        self._write("duplicates", DUPLICATES, "SELECT * FROM repeated ORDER BY segment, line")
        counted = self.session.query("SELECT segment, hour, count(*) AS n FROM repeated GROUP BY ALL")
        self.cross_hours = {(row["segment"], row["hour"]): row["n"] for row in counted.to_pylist()}

    def _views(self) -> None:
        """Views with numbers for codes, group by group of segments, then all of them in person order."""
        pairs = [
            (segment.id, position, number)
            for segment in self.take
            for (digest, position), number in self.routes.items()
            if digest == segment.map
        ]
        self.session.register(
            "route_numbers",
            pa.table(
                {
                    "segment": pa.array([p[0] for p in pairs], pa.int32()),
                    "position": pa.array([p[1] for p in pairs], pa.int16()),
                    "route": pa.array([p[2] for p in pairs], pa.int16()),
                }
            ),
        )
        parts: list[Path] = []
        try:
            for group in self._groups({segment for segment, _, _ in pairs}):
                parts.append(self.spill / f"views-{len(parts)}.parquet")
                self._views_of(group, parts[-1])
            if parts:
                listed = ", ".join(quote_text(str(part)) for part in parts)
                order = "ORDER BY person NULLS LAST, time, segment, line"
                self._write("views", VIEWS, f"SELECT * FROM read_parquet([{listed}]) {order}")
        finally:
            for part in parts:
                part.unlink(missing_ok=True)

    def _groups(self, mapped: set[int]) -> Iterator[list[LiveSegment]]:
        """Segments that can hold views, so many at a time that their joins stay small."""
        group: list[LiveSegment] = []
        size = 0
        for segment in self.take:
            if segment.id not in mapped:
                continue
            group.append(segment)
            size += self.store.path(segment.files["events"]).stat().st_size
            if size >= _GROUP_BYTES:
                yield group
                group, size = [], 0
        if group:
            yield group

    def _views_of(self, group: Sequence[LiveSegment], part: Path) -> None:
        columns = "f.line, f.time, f.client, f.person, f.route, f.view, f.extra, f.duplicate"
        self._load("local_events", "events", columns, group)
        source = "local_events"
        if any("more" in segment.files for segment in group):
            self._load("local_more", "more", "f.line, f.person", group)
            person = (
                "SELECT e.segment, e.line, e.person FROM local_events e WHERE view AND NOT EXISTS "
                "(SELECT 1 FROM local_more m WHERE m.segment = e.segment AND m.line = e.line) "
                "UNION ALL SELECT segment, line, person FROM (SELECT DISTINCT segment, line, person FROM ("
                "SELECT segment, line, person FROM local_more UNION ALL SELECT segment, line, person FROM local_events WHERE view AND person IS NOT NULL))"
                " d WHERE EXISTS (SELECT 1 FROM local_more m WHERE m.segment = d.segment AND m.line = d.line)"
            )
            source = f"(SELECT e.* EXCLUDE (person), p.person FROM local_events e JOIN ({person}) p ON p.segment = e.segment AND p.line = e.line)"
        within = f"segment IN ({', '.join(str(segment.id) for segment in group)})"
        self.session.execute(
            "COPY (SELECT n.number AS person, e.time, e.segment, e.line, c.client, c.address, r.route, e.extra, "
            f"(e.duplicate OR x.line IS NOT NULL) AS duplicate FROM {source} e "
            f"JOIN (SELECT * FROM client_numbers WHERE {within}) c ON c.segment = e.segment AND c.code = e.client "
            "JOIN route_numbers r ON r.segment = e.segment AND r.position = e.route "
            f"LEFT JOIN (SELECT * FROM numbers WHERE {within}) n ON n.segment = e.segment AND n.code = e.person "
            "LEFT JOIN repeated x ON x.segment = e.segment AND x.line = e.line "
            f"WHERE e.view) TO {quote_text(str(part))} (FORMAT parquet)"
        )

    def _exposures(self) -> None:
        """Exposures of the new views as one more file; views of unknown persons stay views without an exposure.

        Files of exposures are parts: a reader adds the views of equal (person, client, route) over all of them.
        """
        before = set(self.files["views"])
        new = [name for name in self.made if name.endswith(".views") and name in before]
        if new:
            self._write(
                "exposures",
                EXPOSURES,
                "SELECT person, client, route, min(time) AS first, max(time) AS last, count(*) AS views, max(extra) AS extra, count(*) FILTER (extra IS NULL) AS unbounded "
                f"FROM read_parquet({self._paths(new)}) WHERE person IS NOT NULL AND NOT duplicate "
                "GROUP BY person, client, route ORDER BY person, client, route",
            )
        if len(self.files["views"]) > _COMPACT_AT:
            self._known("views", VIEWS)
            self._write(
                "views",
                VIEWS,
                "SELECT * FROM known_views ORDER BY person NULLS LAST, time, segment, line",
                keep=False,
            )
        if len(self.files["exposures"]) > _COMPACT_AT:
            self._known("exposures", EXPOSURES)
            self._write(
                "exposures",
                EXPOSURES,
                "SELECT person, client, route, min(first) AS first, max(last) AS last, sum(views)::BIGINT AS views, max(extra) AS extra, sum(unbounded)::BIGINT AS unbounded "
                "FROM known_exposures GROUP BY person, client, route ORDER BY person, client, route",
                keep=False,
            )


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
