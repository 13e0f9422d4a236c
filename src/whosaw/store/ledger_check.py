"""Whether a ledger holds: its files against their names, and its lines, numbers and counts against the segments they were made of.

Everything is counted again in plain SQL, which shares nothing with the code that built the ledger. Persons and clients are taken by
their keyed digests: all of them where there are few, else an even share, so that the check of a large ledger ends, too. No vault key
is needed: nobody is named.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from . import statements as sa
from .erased import Erased
from .files import ContentStore
from .journal import Journal, tables
from .ledger import attach
from .numbers.check import history_faults, index_faults
from .numbers.commit import VAULTED
from .numbers.history import History, load_history, number_tables
from .numbers.sealed import BLOCK_NUMBERS, blocks_there
from .readers import hold_for_reading
from .sql import Session, quote_text
from .vault import VAULT

__all__ = ["LedgerPart", "ledger_parts"]

ENOUGH = 50_000  # persons, and clients, that are looked at one by one unless all are asked for
_MOST = 3  # examples that are named
_BLOCK = 1 << 20
_EQUATION = ("events", "rejects", "comments", "continued")
Told = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerPart:
    """What was looked at: faults, what could not be looked at and why, and what is no fault and should be known."""

    name: str
    faults: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Segment:
    """A live segment: what the manifest says of it, and whether the ledger counts it already."""

    id: int
    files: dict[str, str]
    lines: int
    told: dict[str, int]
    indexed: bool


def ledger_parts(root: Path, journal: Journal, *, every: bool, told: Told) -> list[LedgerPart]:
    """Check the ledger in `root`: files, lines, numbers, counts and findings. With `every`, all persons and clients are looked at.

    `told` hears (what, done, total) while files are read.
    """
    spill = root / "spill"
    with Session(spill=spill if journal.writable and spill.is_dir() else None) as session:
        session.hold(hold_for_reading(root))
        return _parts(root, journal, session, every=every, told=told)


def _parts(root: Path, journal: Journal, session: Session, *, every: bool, told: Told) -> list[LedgerPart]:
    store = ContentStore.of(root)
    before = _state(journal)
    segments = _segments(journal)
    index = {
        row["file"]: int(row["rows"])
        for row in journal.rows(sa.select(tables.index).where(tables.index.c.live))
    }
    history = load_history(journal, store)
    names = sorted(
        {
            *index,
            *(name for each in segments for name in each.files.values()),
            *history.files(),
            *_of_cases(journal),
        }
    )
    faults = _file_faults(store, names, told)
    parts = [LedgerPart(name="files", faults=faults, notes=(f"{len(names):,} files",))]
    if faults:
        return [*parts, *_unknown("some of its files are gone or are not what they were")]
    attach(session, journal, store)
    store.bring(names)
    look = _Look(session, store, segments, history, every=every)
    looked = [
        LedgerPart(name="lines", faults=tuple(_line_faults(journal, look, segments, index))),
        LedgerPart(
            name="numbers",
            faults=(
                *look.number_faults(),
                *history_faults(history),
                *index_faults(session, history),
                *_vault_faults(root, journal, store, history),
            ),
        ),
        LedgerPart(name="counts", faults=tuple(look.count_faults(journal)), notes=look.notes),
        LedgerPart(name="findings", faults=tuple(look.finding_faults())),
    ]
    if _state(journal) != before:
        looked = _unknown("a scan wrote to the ledger while it was looked at; check it again afterwards")
    return [*parts, *looked]


def _unknown(why: str) -> list[LedgerPart]:
    return [LedgerPart(name=each, unknown=(why,)) for each in ("lines", "numbers", "counts", "findings")]


def _state(journal: Journal) -> object:
    """What changes whenever the ledger does: the files in force, the numbers given, and the live segments with what is counted of them."""
    segment, free = tables.segment.c, number_tables.number_range
    index = journal.rows(sa.select(tables.index.c.id).where(tables.index.c.live).order_by(tables.index.c.id))
    numbers = journal.rows(sa.select(free).order_by(*free.c)) if journal.has(free) else []
    segments = journal.rows(sa.select(segment.id, segment.indexed).where(segment.live).order_by(segment.id))
    return index, numbers, segments


def _segments(journal: Journal) -> list[_Segment]:
    rows = journal.rows(sa.select(tables.segment).where(tables.segment.c.live).order_by(tables.segment.c.id))
    return [
        _Segment(
            id=row["id"],
            files=json.loads(row["files"]),
            lines=row["lines"],
            told={each: row[each] for each in _EQUATION},
            indexed=bool(row["indexed"]),
        )
        for row in rows
    ]


def _of_cases(journal: Journal) -> Iterable[str]:
    """The files of every version of every case."""
    if journal.has(tables.case_version):
        for row in journal.rows(sa.select(tables.case_version)):
            yield from (row["document"], row["inputs"], *json.loads(row["sets"]).values())


def _file_faults(store: ContentStore, names: Sequence[str], told: Told) -> tuple[str, ...]:
    faults = []
    for number, name in enumerate(names):
        told("reading files", number, len(names))
        place = store.place(name)
        if store.space is not None:
            if (why := store.space.faulty(name)) is not None:
                faults.append(f"{store.space}: {name} {why}")
            if not place.is_file():
                continue  # it is fetched where it is needed, and held against its name then
        try:
            if _digest(place) != name.partition(".")[0]:
                faults.append(f"{place} does not hold what its name says")
        except OSError as fault:
            faults.append(f"{place} cannot be read ({fault.strerror})")
    told("reading files", len(names), len(names))
    return tuple(faults)


def _vault_faults(root: Path, journal: Journal, store: ContentStore, history: History) -> Iterable[str]:
    """Blocks of the vault by number that are gone: nothing else has what is in them. The last one may not be there where all of its numbers
    are of people who were erased before."""
    for kind in VAULTED:
        blocks = -(-history.given(kind) // BLOCK_NUMBERS)
        lacking = set(range(blocks)).difference(blocks_there(root, kind, space=store.space))
        if lacking - {blocks - 1} or (lacking and not Erased(journal).of(kind)):
            yield f"{root / VAULT / kind} lacks {len(lacking):,} of {blocks:,} blocks"


def _digest(path: Path) -> str:
    digest = hashlib.sha256()
    with open(path, "rb") as handle:
        while block := handle.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def _line_faults(
    journal: Journal, look: _Look, segments: Sequence[_Segment], index: dict[str, int]
) -> Iterable[str]:
    """Each line is an event, a reject, a comment or part of another, and each is where the manifest says."""
    for each in segments:
        if each.lines != sum(each.told.values()):
            yield f"segment {each.id}: {each.lines:,} lines, but {sum(each.told.values()):,} events, rejects and comments"
        for kind in ("events", "rejects"):
            held = look.rows_of(each.files[kind]) if kind in each.files else 0
            if held != each.told[kind]:
                yield f"segment {each.id}: {each.told[kind]:,} {kind} by the manifest, {held:,} in its file"
    for name, rows in index.items():
        held = look.rows_of(name)
        if held != rows:
            yield f"{name}: {rows:,} rows by the manifest, {held:,} in the file"
    hour = tables.hour.c
    hours = {
        row["segment"]: row["n"]
        for row in journal.rows(
            sa.select(hour.segment, sa.func.sum(hour.events).label("n")).group_by(hour.segment)
        )
    }
    for each in segments:
        counted = hours.get(each.id, 0)
        if counted != each.told["events"]:
            yield f"segment {each.id}: {each.told['events']:,} events, {counted:,} of them in its hours"


class _Look:
    """Counts again what the ledger counted."""

    def __init__(
        self,
        session: Session,
        store: ContentStore,
        segments: Sequence[_Segment],
        history: History,
        *,
        every: bool,
    ) -> None:
        self._session, self._store = session, store
        self._segments = [each for each in segments if each.indexed]
        self._numbered = [
            (each.id, str(store.path(history.numbered[each.id])))
            for each in self._segments
            if "identities" not in each.files and each.id in history.numbered
        ]
        self._codes()
        self._shares = {
            what: 1.0 if every else min(1.0, ENOUGH / max(1, self._one(f"SELECT count(*) FROM {source}")))
            for what, source in (("persons", "identities WHERE kind = 0"), ("clients", "clients"))
        }
        session.execute(
            f"CREATE TEMP TABLE drawn AS SELECT number, digest FROM identities WHERE kind = 0 AND {self._drawn('persons')}"
        )
        session.execute(
            f"CREATE TEMP TABLE drawn_clients AS SELECT client, digest FROM clients WHERE {self._drawn('clients')}"
        )

    def _drawn(self, what: str) -> str:
        """A condition that an even share of keyed digests meets."""
        share = self._shares[what]
        return "TRUE" if share >= 1 else f"hex(digest) < '{int(share * (1 << 64)):016X}'"

    def _codes(self) -> None:
        """What the codes of segments stand for that have let go of their digests: segment, kind (-1: a client), code, number."""
        paths = sorted({path for _, path in self._numbered})
        columns = "segment INTEGER, kind TINYINT, code BIGINT, number BIGINT"
        self._session.execute(f"CREATE TEMP TABLE by_number ({columns})")
        if not paths:
            return
        ids, of = zip(*self._numbered, strict=True)
        self._session.register("numbers_of", pa.table({"segment": pa.array(ids, pa.int32()), "path": of}))
        listed = ", ".join(map(quote_text, paths))
        # a file of an earlier release is of one segment and does not name it; the rows of a segment, and of its clients, stand together
        self._session.execute(
            "INSERT INTO by_number WITH held AS (SELECT n.segment, made.kind, made.number, made.file_row_number AS place, "
            f"made.kind < 0 AS client FROM (FROM (SELECT NULL::INTEGER AS segment WHERE false) UNION ALL BY NAME FROM read_parquet([{listed}], "
            "filename = true, file_row_number = true, union_by_name = true)) made JOIN numbers_of n ON n.path = made.filename "
            "AND coalesce(made.segment, n.segment) = n.segment), "
            "firsts AS (SELECT segment, client, min(place) AS beginning FROM held GROUP BY ALL) "
            "SELECT segment, kind, place - beginning, number FROM held JOIN firsts USING (segment, client)"
        )

    @property
    def notes(self) -> tuple[str, ...]:
        looked = {
            "persons": self._one("SELECT count(*) FROM drawn"),
            "clients": self._one("SELECT count(*) FROM drawn_clients"),
        }
        few = any(share < 1 for share in self._shares.values())
        return (
            f"{looked['persons']:,} persons and {looked['clients']:,} clients were counted again from the events"
            + (" (--all: every one)" if few else ""),
        )

    def _one(self, sql: str) -> int:
        (value,) = self._session.query(sql).to_pylist()[0].values()
        return int(value or 0)

    def rows_of(self, name: str) -> int:
        return self._one(
            f"SELECT num_rows FROM parquet_file_metadata({quote_text(str(self._store.path(name)))})"
        )

    # -- numbers

    def number_faults(self) -> Iterable[str]:
        """Each digest has one number and each number one digest, of identifiers without gaps; and what a segment names has one."""
        told = self._session.query(
            "SELECT kind, count(*) AS many, min(number) AS least, max(number) AS most, sum(number::HUGEINT)::VARCHAR AS total, "
            "sum(number::HUGEINT * number)::VARCHAR AS squares FROM identities GROUP BY kind ORDER BY ALL"
        ).to_pylist()
        for row in told:
            n = row["many"]
            of = (0, n - 1, n * (n - 1) // 2, (n - 1) * n * (2 * n - 1) // 6)
            if (row["least"], row["most"], int(row["total"]), int(row["squares"])) != of:
                yield f"the numbers of {n:,} identifiers of kind {row['kind']} are not 0 to {n - 1:,}, each once"
        # steps may have given some to clients of two sources, of whom there is no row
        again = self._one("SELECT count(*) - count(DISTINCT client) FROM clients WHERE client >= 0")
        if again or self._one("SELECT count(*) FROM clients WHERE client < 0"):
            yield "the numbers of clients are not from 0 on, each once"
        twice = self._one(
            f"SELECT count(*) FROM (SELECT kind, digest FROM identities WHERE {self._drawn('persons')} GROUP BY ALL HAVING count(*) > 1 "
            f"UNION ALL SELECT -1, digest FROM clients WHERE {self._drawn('clients')} GROUP BY ALL HAVING count(*) > 1)"
        )
        if twice:
            yield f"{twice:,} digests have more than one number"
        for kind, known, what in (
            ("identities", "identities USING (kind, digest)", "persons"),
            ("clients", "clients USING (digest)", "clients"),
        ):
            paths = self._paths(kind)
            if paths:
                lost = self._one(
                    f"SELECT count(*) FROM (FROM read_parquet({paths}, union_by_name = true) WHERE {self._drawn(what)}) "
                    f"ANTI JOIN {known}"
                )
                if lost:
                    yield f"{lost:,} {kind} of segments have no number"
        for kind, known in (
            ("identities", "identities USING (kind, number) WHERE kind >= 0"),
            ("clients", "clients ON client = number WHERE kind < 0"),
        ):
            if lost := self._one(f"SELECT count(*) FROM by_number ANTI JOIN {known}"):
                yield f"{lost:,} {kind} of segments have no number"
        told = {number for number, _ in self._numbered}
        for each in self._segments:
            if "identities" not in each.files and each.id not in told:
                yield f"segment {each.id} has no numbers"
        views = self._one(
            "SELECT count(*) FROM views LEFT JOIN (SELECT max(number) AS most FROM identities WHERE kind = 0) ON true "
            "LEFT JOIN (SELECT max(client) AS last FROM clients) ON true "
            "WHERE person NOT BETWEEN 0 AND coalesce(most, -1) OR client NOT BETWEEN 0 AND coalesce(last, -1) "
            "OR route NOT IN (SELECT route FROM routes)"
        )
        if views:
            yield f"{views:,} views name a person, a client or a route that is not there"

    def _paths(self, kind: str) -> str:
        """The files of a kind of all segments, as a list of SQL; empty where there are none."""
        names = sorted({each.files[kind] for each in self._segments if kind in each.files})
        return f"[{', '.join(quote_text(str(self._store.path(name))) for name in names)}]" if names else ""

    # -- counts

    def count_faults(self, journal: Journal) -> Iterable[str]:
        """Views from the events of segments, exposures and activity from views, and answers from exposures."""
        yield from self._view_faults(journal)
        yield from self._differing(
            "the exposures of {} persons are not what their views add up to",
            "SELECT person, client, route, min(micros) AS first, max(micros) AS last, count(*) AS views, max(extra_at_most) AS extra, "
            "count(*) FILTER (extra_at_most IS NULL) AS unbounded, count(*) FILTER (unsure <> 0) AS possible "
            "FROM views SEMI JOIN drawn ON number = person WHERE NOT duplicate GROUP BY person, client, route",
            "SELECT person, client, route, first, last, views, extra, unbounded, possible FROM exposures SEMI JOIN drawn ON number = person",
        )
        yield from self._differing(
            "the activity of {} clients has another number of views than the views",
            "SELECT client, count(DISTINCT (content, line)) AS views FROM views SEMI JOIN drawn_clients USING (client) "
            "WHERE NOT duplicate GROUP BY client",
            "SELECT client, views::BIGINT FROM activity SEMI JOIN drawn_clients USING (client) WHERE views > 0",
            sign="c",
        )
        if self._one("SELECT count(*) FROM answers"):
            yield from self._differing(
                "the explanations of the views of {} persons do not add up to the views",
                "SELECT person, client, route, views FROM exposures SEMI JOIN drawn ON number = person",
                "SELECT person, client, route, sum(explained + unexplained + cannot_tell)::BIGINT AS views FROM answers "
                "SEMI JOIN drawn ON number = person GROUP BY ALL",
            )

    def _view_faults(self, journal: Journal) -> Iterable[str]:
        if not self._paths("events"):
            return
        self._session.register(
            "held",
            pa.table(
                [
                    pa.array([each.id for each in self._segments for _ in each.files], pa.int32()),
                    pa.array([kind for each in self._segments for kind in each.files], pa.string()),
                    pa.array(
                        [
                            str(self._store.path(name))
                            for each in self._segments
                            for name in each.files.values()
                        ],
                        pa.string(),
                    ),
                ],
                ["segment", "kind", "path"],
            ),
        )
        rows = journal.rows(sa.select(tables.segment.c.id, tables.segment.c.map).where(tables.segment.c.live))
        numbers: dict[str, list[tuple[int, int]]] = {}
        for row in journal.rows(sa.select(tables.route)):
            numbers.setdefault(row["map"], []).append((row["position"], row["number"]))
        places = [(row["id"], at, number) for row in rows for at, number in numbers.get(row["map"], ())]
        self._session.register(
            "places",
            pa.table(
                [
                    pa.array([each[0] for each in places], pa.int32()),
                    pa.array([each[1] for each in places], pa.int16()),
                    pa.array([each[2] for each in places], pa.int16()),
                ],
                ["segment", "position", "number"],
            ),
        )
        # whose name a local code stands for, of the persons that are looked at
        self._session.execute(
            "CREATE TEMP TABLE codes AS SELECT segment, code, number FROM by_number SEMI JOIN drawn USING (number) WHERE kind = 0"
        )
        self._session.execute(
            "CREATE TEMP TABLE of_client AS SELECT segment, code, number AS client FROM by_number WHERE kind < 0"
        )
        if self._paths("identities"):
            self._keep(
                "digested",
                "identities",
                "file_row_number AS code, number",
                "JOIN drawn USING (digest)",
                "made.kind = 0",
            )
            self._keep(
                "of_digested",
                "clients",
                "file_row_number AS code, known.client",
                "JOIN clients known USING (digest)",
            )
            self._session.execute("INSERT INTO codes FROM digested")
            self._session.execute("INSERT INTO of_client FROM of_digested")
        self._keep(
            "seen", "events", "line, time, client AS sender, person AS code, route AS position", "", "view"
        )
        if self._paths("more"):
            self._keep("beside", "more", "line, person AS code")
        else:
            self._session.execute(
                "CREATE TEMP VIEW beside AS SELECT segment, line, code FROM seen WHERE false"
            )
        # a witness is no view of its own, and an act that has one may be told of by the clients of both
        made = (
            "SELECT segment, line, time, CASE WHEN acts.act_line IS NULL THEN sender END AS client, places.number AS route, named.number AS person "
            "FROM (SELECT segment, line, number FROM seen JOIN codes USING (segment, code) UNION "
            "SELECT segment, line, number FROM beside JOIN codes USING (segment, code)) named "
            "JOIN (SELECT seen.* EXCLUDE (sender), of_client.client AS sender FROM seen "
            "JOIN of_client ON of_client.segment = seen.segment AND of_client.code = seen.sender) USING (segment, line) "
            "JOIN places USING (segment, position) "
            "LEFT JOIN (SELECT DISTINCT act_segment AS segment, act_line FROM twins) acts ON acts.segment = places.segment AND acts.act_line = line "
            "ANTI JOIN (SELECT segment, line FROM twins WHERE joined) USING (segment, line)"
        )
        kept = (
            "SELECT v.content AS segment, v.line, v.micros AS time, CASE WHEN acts.act_line IS NULL THEN v.client END AS client, v.route, v.person "
            "FROM views v SEMI JOIN drawn ON number = v.person "
            "LEFT JOIN (SELECT DISTINCT act_segment AS segment, act_line FROM twins) acts ON acts.segment = v.content AND acts.act_line = v.line"
        )
        yield from self._differing(
            "the views of {} persons are not what the events of the segments say", made, kept
        )

    def _keep(self, name: str, kind: str, columns: str, join: str = "", where: str = "true") -> None:
        """Rows of the files of a kind, with the segments that hold them."""
        self._session.execute(
            f"CREATE TEMP TABLE {name} AS SELECT segment, {columns} FROM read_parquet({self._paths(kind)}, filename = true, "
            f"file_row_number = true, union_by_name = true) made JOIN held ON held.path = made.filename AND held.kind = '{kind}' {join} WHERE {where}"
        )

    def _differing(self, text: str, expected: str, kept: str, sign: str = "p") -> Iterable[str]:
        of = "client" if sign == "c" else "person"
        found = self._session.query(
            f"WITH expected AS ({expected}), kept AS ({kept}) SELECT DISTINCT {of} AS number FROM "
            "((FROM expected EXCEPT ALL FROM kept) UNION ALL (FROM kept EXCEPT ALL FROM expected)) ORDER BY number"
        )["number"].to_pylist()
        if found:
            some = ", ".join(f"{sign}{each}" for each in found[:_MOST])
            yield f"{text.format(f'{len(found):,}')} ({some}{' …' if len(found) > _MOST else ''})"

    # -- findings

    def finding_faults(self) -> Iterable[str]:
        """What a finding counts is there."""
        lost = self._one("SELECT count(*) FROM counted ANTI JOIN views USING (content, line)")
        if lost:
            yield f"{lost:,} lines that findings count are no views of the ledger"
        strangers = self._one("SELECT count(*) FROM members ANTI JOIN clients USING (client)")
        if strangers:
            yield f"{strangers:,} clients of findings are none of the ledger"
