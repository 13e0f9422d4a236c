"""Questions to the ledger. Answers hold dense numbers and keyed digests; raw identifiers come from `store.numbers.raws`."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from whosaw.core import client
from whosaw.core.errors import WhosawError

from . import statements as sa
from .files import ContentStore
from .journal import Journal, tables
from .kept import keeping
from .readers import hold_for_reading
from .schemas import (
    ACTIVITY,
    ANSWERS,
    CLIENTS,
    COUNTED,
    EXPOSURES,
    IDENTITIES,
    MAYBE_TWIN,
    MEMBERS,
    PROOFS,
    TRIES,
    TWINS,
    UNSURE_SPELLED,
    VIEWS,
)
from .sql import Session, quote_name, quote_text
from .vault import KINDS, as_column
from .workspace import Workspace
from .written_instants import EXPOSURES_APART, exposures_in

__all__ = [
    "LedgerReader",
    "Locator",
    "Unsure",
    "attach",
    "files_by_kind",
    "locators_of",
    "schema_of",
]

_SCHEMAS = {
    "identities": IDENTITIES,
    "clients": CLIENTS,
    "views": VIEWS,
    "exposures": EXPOSURES,
    "answers": ANSWERS,
    "members": MEMBERS,
    "counted": COUNTED,
    "proofs": PROOFS,
    "activity": ACTIVITY,
    "tries": TRIES,
    "twins": TWINS,
}


_TYPES = {
    pa.int8(): "TINYINT",
    pa.int16(): "SMALLINT",
    pa.int32(): "INTEGER",
    pa.int64(): "BIGINT",
    pa.bool_(): "BOOLEAN",
    pa.string(): "VARCHAR",
    pa.binary(16): "BLOB",
}
_ONE_THREAD = 122_880  # rows; DuckDB's groups of rows, each of which one thread reads
# columns that older files lack, and what they would hold there: views could not be only possible, and only what is proven was written down
_GROWN = {"views": ("unsure", "0"), "proofs": ("standing", "0")}


@dataclass(frozen=True, slots=True, order=True)
class Locator:
    """One line: the digest of its content up to the end of its segment, and its number (from 1)."""

    digest: str
    line: int

    def __str__(self) -> str:
        return f"{self.digest[:16]}:{self.line}"


def locators_of(journal: Journal, rows: Sequence[tuple[int, int]]) -> list[Locator]:
    """Locators of (segment, line) pairs, in order."""
    wanted = sorted({segment for segment, _ in rows})
    segment = tables.segment.c
    query = sa.select(segment.id, segment.digest).where(segment.id.in_(wanted))
    known = {row["id"]: row["digest"] for row in journal.rows(query)}
    return [Locator(known[each], line) for each, line in rows]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsure:
    """Views that are only possible, because of their spelling or because they may have a twin, and views of which only the id is not
    sure; persons whom no surer view shows than these."""

    spelled: int = 0
    twins: int = 0
    doubted: int = 0
    spelled_people: int = 0
    twin_people: int = 0
    doubted_people: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerClient:
    """A client by its number, and the traits that it has: numbers of identifiers, and texts of what is kept in clear."""

    number: int
    numbers: Mapping[str, int]
    texts: Mapping[str, str]


class LedgerReader:
    """An open ledger as it stood when opened: `files` by kind, which stay until it is closed. Instants are microseconds since 1970 UTC."""

    def __init__(self, workspace: Workspace, *, threads: int = 1, memory_bytes: int = 1 << 30) -> None:
        self.workspace = workspace
        self.session, self.routes, self.files = _opened(workspace, threads, memory_bytes)
        self._narrowed = 0  # how often

    def only_counted(self, finding: str) -> None:
        """From now on, answer from the views that a finding counts and from no others."""
        self.only("(content, line) IN (SELECT (content, line) FROM counted WHERE finding = ?)", [finding])

    def only(self, condition: str, values: Sequence[object]) -> None:
        """From now on, answer from those of the views that were asked until now which meet an SQL condition with these values."""
        self._narrowed += 1
        kept = f"only_views_{self._narrowed}"
        # kept as a table: each question that follows would look for these lines again
        self.session.execute(
            f"CREATE TEMP TABLE {kept} AS SELECT * EXCLUDE (time) FROM views WHERE {condition}", values
        )
        self.session.execute(
            f"CREATE OR REPLACE TEMP VIEW views AS SELECT *, make_timestamp(micros) AS time FROM {kept}"
        )
        self.session.execute(
            "CREATE OR REPLACE TEMP VIEW exposure_parts AS SELECT person, client, route, min(micros) AS first, max(micros) AS last, "
            "count(*) AS views, max(extra_at_most) AS extra, count(*) FILTER (extra_at_most IS NULL) AS unbounded, "
            "count(*) FILTER (unsure <> 0) AS possible FROM views WHERE person IS NOT NULL AND NOT duplicate GROUP BY person, client, route"
        )

    def number_of(self, kind: str, raw: str) -> int | None:
        """The dense number of an identifier; None when the ledger never met it."""
        digest = self.workspace.vault.digest(kind, raw)
        found = self.session.query(
            "SELECT number FROM identities WHERE kind = ? AND digest = ?", [KINDS[kind], digest]
        )
        return found["number"][0].as_py() if found.num_rows else None

    def number_of_first(self, kind: str, told: str) -> int | None:
        """The dense number of an identifier by its first keyed digest in hexadecimal digits, as versions of cases have it."""
        found = self.session.query(
            "SELECT number FROM identities WHERE kind = ? AND digest = ?",
            [KINDS[kind], self.workspace.vault.kept_of(bytes.fromhex(told))],
        )
        return found["number"][0].as_py() if found.num_rows else None

    def numbers_by(self, kind: str, digests: pa.Array) -> pa.Array:
        """The dense numbers of keyed digests, in order; null where the ledger never met one."""
        asked = pa.table({"position": pa.array(np.arange(len(digests))), "digest": digests.cast(pa.binary())})
        found = self.session.query(
            "SELECT i.number FROM asked a LEFT JOIN identities i ON i.kind = ? AND i.digest = a.digest ORDER BY a.position",
            [KINDS[kind]],
            asked=asked,
        )
        return found["number"].combine_chunks()

    def numbers_of(self, kind: str, texts: pa.Array) -> pa.Array:
        """The dense numbers of many identifiers, in order; null where the ledger never met one."""
        digests = as_column(self.workspace.vault.digest_all(kind, texts.cast(pa.string()).fill_null("")))
        asked = pa.table(
            {
                "position": pa.array(np.arange(len(texts))),
                "digest": digests.cast(pa.binary()),
                "has": texts.is_valid(),
            }
        )
        found = self.session.query(
            "SELECT i.number FROM asked a LEFT JOIN identities i ON a.has AND i.kind = ? AND i.digest = a.digest ORDER BY a.position",
            [KINDS[kind]],
            asked=asked,
        )
        return found["number"].combine_chunks()

    def who(self, person: int) -> pa.Table:
        """Exposures of one person by client and route: client, route, first, last, views (possible ones among them), extra, unbounded, possible."""
        return self.session.query(
            "SELECT client, route, min(first) AS first, max(last) AS last, sum(views)::BIGINT AS views, max(extra) AS extra, sum(unbounded)::BIGINT AS unbounded, sum(possible)::BIGINT AS possible "
            "FROM exposure_parts WHERE person = ? GROUP BY client, route ORDER BY first, client, route",
            [person],
        )

    def what(self, clients: list[int]) -> pa.Table:
        """Exposures of these clients together by person and route: person, route, first, last, views (possible ones among them), extra, unbounded, possible."""
        asked = pa.table({"client": pa.array(clients, pa.int32())})
        return self.session.query(
            "SELECT person, route, min(first) AS first, max(last) AS last, sum(views)::BIGINT AS views, max(extra) AS extra, sum(unbounded)::BIGINT AS unbounded, sum(possible)::BIGINT AS possible "
            "FROM exposure_parts SEMI JOIN asked USING (client) GROUP BY person, route ORDER BY person, route",
            asked=asked,
        )

    def views_by_route(self, clients: list[int]) -> dict[int, int]:
        """Views of these clients by route; a response that named several persons is one view."""
        asked = pa.table({"client": pa.array(clients, pa.int32())})
        found = self.session.query(
            "SELECT route, count(DISTINCT (content, line)) AS n FROM views SEMI JOIN asked USING (client) WHERE NOT duplicate GROUP BY route ORDER BY route",
            asked=asked,
        )
        return {int(row["route"]): int(row["n"]) for row in found.to_pylist()}

    def unsure_of(self, column: str, numbers: list[int]) -> Unsure:
        """What of the views of persons or clients is not sure, and which persons only such views show."""
        if column not in ("person", "client"):
            raise ValueError(column)
        asked = pa.table({column: pa.array(numbers, pa.int32())})
        (row,) = self.session.query(
            f"""
            WITH seen AS (
                SELECT content, line, person, CASE WHEN unsure & {UNSURE_SPELLED} <> 0 THEN 3 WHEN unsure & {MAYBE_TWIN} <> 0 THEN 2
                    WHEN unsure <> 0 THEN 1 ELSE 0 END AS doubt
                FROM views SEMI JOIN asked USING ({column}) WHERE NOT duplicate
            ), people AS (SELECT person, min(doubt) AS doubt FROM seen WHERE person IS NOT NULL GROUP BY person)
            SELECT
                (SELECT count(DISTINCT (content, line)) FROM seen WHERE doubt = 3) AS spelled,
                (SELECT count(DISTINCT (content, line)) FROM seen WHERE doubt = 2) AS twins,
                (SELECT count(DISTINCT (content, line)) FROM seen WHERE doubt = 1) AS doubted,
                (SELECT count(*) FROM people WHERE doubt = 3) AS spelled_people,
                (SELECT count(*) FROM people WHERE doubt = 2) AS twin_people,
                (SELECT count(*) FROM people WHERE doubt = 1) AS doubted_people
            """,
            asked=asked,
        ).to_pylist()
        return Unsure(**row)

    def witnesses(self, rows: list[tuple[int, int]]) -> list[tuple[int, int]]:
        """The lines that are one act with these (segment, line) pairs, in order; and those that are so perhaps."""
        asked = pa.table(
            {
                "segment": pa.array([segment for segment, _ in rows], pa.int32()),
                "line": pa.array([line for _, line in rows], pa.int64()),
            }
        )
        found = self.session.query(
            "SELECT t.time, t.segment, t.line FROM twins t JOIN asked a ON t.act_segment = a.segment AND t.act_line = a.line "
            "UNION SELECT t.time, t.act_segment, t.act_line FROM twins t JOIN asked a USING (segment, line) ORDER BY ALL",
            asked=asked,
        ).to_pylist()
        return [(row["segment"], row["line"]) for row in found]

    def unknown_views(self, clients: list[int]) -> pa.Table:
        """Views of these clients whose person cannot be told, by route: route, views, extra (sum), unbounded."""
        asked = pa.table({"client": pa.array(clients, pa.int32())})
        return self.session.query(
            "SELECT route, count(*) AS views, sum(extra_at_most)::BIGINT AS extra, count(*) FILTER (extra_at_most IS NULL) AS unbounded, "
            "min(micros) AS first, max(micros) AS last FROM views SEMI JOIN asked USING (client) "
            "WHERE person IS NULL AND NOT duplicate GROUP BY route ORDER BY route",
            asked=asked,
        )

    def clients(self, numbers: list[int]) -> tuple[LedgerClient, ...]:
        """What is known of the clients with these numbers, in their order."""
        asked = pa.table({"client": pa.array(numbers, pa.int32())})
        found = self.session.query(
            "SELECT * EXCLUDE (digest) FROM clients SEMI JOIN asked USING (client) ORDER BY client",
            asked=asked,
        )
        return tuple(
            LedgerClient(
                number=row["client"],
                numbers={name: row[name] for name in client.NUMBERED if row[name] is not None},
                texts={name: row[name] for name in client.CLEAR if row[name] is not None},
            )
            for row in found.to_pylist()
        )

    def clients_with(self, column: str, value: int | str) -> list[int]:
        """Numbers of the clients of which `column` is `value`."""
        if column not in client.COLUMNS:
            raise ValueError(column)
        found = self.session.query(f"SELECT client FROM clients WHERE {column} = ? ORDER BY client", [value])
        return [int(each) for each in found["client"].to_pylist()]

    def locators(self, rows: Sequence[tuple[int, int]]) -> list[Locator]:
        """Locators of (segment, line) pairs, in order."""
        return locators_of(self.workspace.journal, rows)

    def view_lines(
        self, *, person: int | None = None, clients: list[int] | None = None, limit: int = 20
    ) -> pa.Table:
        """Views, earliest first: micros, content (segment), line, client, person, route, duplicate."""
        terms, values = ["TRUE"], []
        if person is not None:
            terms.append("person = ?")
            values.append(person)
        tables_: dict[str, pa.Table] = {}
        if clients is not None:
            terms.append("client IN (SELECT client FROM asked)")
            tables_["asked"] = pa.table({"client": pa.array(clients, pa.int32())})
        return self.session.query(
            "SELECT micros, content, line, client, person, route, duplicate FROM views WHERE "
            f"{' AND '.join(terms)} ORDER BY micros, content, line LIMIT {int(limit)}",
            values,
            **tables_,
        )

    def close(self) -> None:
        self.session.close()


def schema_of(kind: str) -> pa.Schema:
    """The columns of a table of the ledger, as its files have them."""
    return _SCHEMAS[kind]


def files_by_kind(journal: Journal, files: ContentStore) -> dict[str, list[Path]]:
    """The live files of each table of the ledger, the oldest first. Raises `WhosawError` where one is gone."""
    rows = journal.rows(
        sa.select(tables.index.c.kind, tables.index.c.file)
        .where(tables.index.c.live)
        .order_by(tables.index.c.id)
    )
    found: dict[str, list[Path]] = {kind: [] for kind in _SCHEMAS}
    for row in rows:
        if row["kind"] in found:
            found[row["kind"]].append(files.place(row["file"]))
    files.bring(row["file"] for row in rows if row["kind"] in found)
    for path in itertools.chain.from_iterable(found.values()):
        if not path.is_file():
            raise WhosawError(
                "store.missing",
                f"{path} is gone",
                hint="Restore it from a backup, or scan the logs again",
            )
    return found


def _small(journal: Journal) -> bool:
    """Whether no table of the ledger has more rows than the engine gives to one thread, so that others would only wait."""
    most = journal.rows(sa.select(sa.func.max(tables.index.c.rows).label("most")).where(tables.index.c.live))
    return (most[0]["most"] or 0) <= _ONE_THREAD


def _opened(
    workspace: Workspace, threads: int, memory_bytes: int
) -> tuple[Session, dict[int, dict[str, Any]], Mapping[str, Sequence[Path]]]:
    """A session in which the ledger stands as it is now, its routes, and its files; out of what is kept, where something is. Its files
    stay until the session closes."""
    threads = 1 if threads > 1 and _small(workspace.journal) else threads
    kept = keeping.get()
    if kept is None:
        session = Session(threads=threads, memory_bytes=memory_bytes, spill=workspace.spill)
        session.hold(hold_for_reading(workspace.root))
        live = files_by_kind(workspace.journal, workspace.files)
        return session, _attach_all(session, live, _routes(workspace.journal)), live
    held = hold_for_reading(workspace.root)
    live, routes = files_by_kind(workspace.journal, workspace.files), _routes(workspace.journal)

    def made() -> tuple[Session, dict[int, dict[str, Any]]]:
        session = Session(threads=threads, memory_bytes=memory_bytes, spill=workspace.spill)
        session.execute("SET parquet_metadata_cache = true")  # files never change under a name
        return session, _attach_all(session, live, routes)

    state = (
        threads,
        memory_bytes,
        tuple((kind, tuple(paths)) for kind, paths in live.items()),
        tuple(routes.items()),
    )
    try:
        session, by_number = kept.ledger(workspace.root.resolve(), state, made)
    except BaseException:
        if held is not None:
            held.close()
        raise
    session.hold(held)
    return session, by_number, live


def attach(session: Session, journal: Journal, files: ContentStore) -> dict[int, dict[str, Any]]:
    """Make the tables of the ledger, as it stands, visible in a session, and keep their files until it closes. Returns its routes by
    number."""
    session.hold(hold_for_reading(files.root.parent))
    return _attach_all(session, files_by_kind(journal, files), _routes(journal))


def _routes(journal: Journal) -> dict[int, str]:
    """Routes as they are kept, by number."""
    rows = journal.rows(sa.select(tables.route).order_by(tables.route.c.number))
    return {row["number"]: row["body"] for row in rows}


def _attach_all(
    session: Session, live: Mapping[str, Sequence[Path]], kept_routes: Mapping[int, str]
) -> dict[int, dict[str, Any]]:
    session.run_all(
        each for kind, schema in _SCHEMAS.items() for each in _attach(session, kind, schema, live[kind])
    )
    routes: dict[int, dict[str, Any]] = {number: json.loads(body) for number, body in kept_routes.items()}
    session.make(
        "routes",
        pa.table(
            {
                "route": pa.array(list(routes), pa.int16()),
                "id": pa.array([body["id"] for body in routes.values()], pa.string()),
                "categories": pa.array(
                    [list(body["categories"]) for body in routes.values()], pa.list_(pa.string())
                ),
            }
        ),
    )
    return routes


def _attach(session: Session, kind: str, schema: pa.Schema, paths: Sequence[Path]) -> Iterator[str]:
    """Statements that make one table of the ledger visible."""
    source = f"empty_{kind}"
    column, none = _GROWN.get(kind, ("", ""))
    listed = ", ".join(quote_text(str(path)) for path in paths)
    grown = bool(paths and column) and _with_column(session, listed, column) < len(paths)
    if not paths or grown:
        columns = ", ".join(f"{quote_name(field.name)} {_TYPES[field.type]}" for field in schema)
        yield f"CREATE TABLE {source} ({columns})"
    if grown:
        source = (
            f"(SELECT * REPLACE (coalesce({column}, {none}) AS {column}) "
            f"FROM (FROM read_parquet([{listed}], union_by_name=true) UNION ALL BY NAME FROM {source}))"
        )
    elif paths:
        source = f"read_parquet([{listed}])"
    if paths and kind == "exposures":
        told_apart = min(_with_column(session, listed, each) for each in (EXPOSURES_APART[0], "possible"))
        source = exposures_in(listed, apart=told_apart == len(paths))
    if kind == "views":
        yield (
            "CREATE VIEW views AS SELECT person, make_timestamp(time) AS time, time AS micros, segment AS content, line, client, address, "
            f"route, extra AS extra_at_most, duplicate, unsure FROM {source}"
        )
    elif kind == "exposures":
        yield f"CREATE VIEW exposure_parts AS SELECT * FROM {source}"
        yield (
            "CREATE VIEW exposures AS SELECT person, client, route, min(first) AS first, max(last) AS last, "
            "sum(views)::BIGINT AS views, max(extra) AS extra, sum(unbounded)::BIGINT AS unbounded, sum(possible)::BIGINT AS possible FROM exposure_parts GROUP BY person, client, route"
        )
    elif kind == "activity":
        yield (
            "CREATE VIEW activity AS SELECT client, sum(events)::BIGINT AS events, sum(views)::BIGINT AS views "
            f"FROM {source} GROUP BY client"
        )
    elif kind == "answers" and len(paths) > 1:
        yield (
            "CREATE VIEW answers AS SELECT person, client, route, sum(explained)::BIGINT AS explained, "
            "sum(unexplained)::BIGINT AS unexplained, sum(cannot_tell)::BIGINT AS cannot_tell "
            f"FROM {source} GROUP BY person, client, route"
        )
    else:
        yield f"CREATE VIEW {kind} AS SELECT * FROM {source}"


def _with_column(session: Session, listed: str, column: str) -> int:
    """How many of these files have a column."""
    found = session.query(
        f"SELECT count(DISTINCT file_name) AS n FROM parquet_schema([{listed}]) WHERE name = ?", [column]
    )
    return int(found["n"][0].as_py())
