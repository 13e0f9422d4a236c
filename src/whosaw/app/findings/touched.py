"""Evaluates what new views touched: the same detectors over the part of the ledger that belongs to the same parties.

A run over the whole ledger takes longer the more it holds. The views of one address, user, session, token or key are
few, and most thresholds ask for no others. What needs the whole ledger (how usual something is, who is near whom in
numbers, groups too large to be looked at within seconds) is left to the run over all of it; here it is only suspected.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import tzinfo
from typing import Any

import numpy as np
import pyarrow as pa

from whosaw.actors import Context, Detector, run
from whosaw.actors.explanation import prepare
from whosaw.actors.statement import statement
from whosaw.core import client
from whosaw.core.errors import WhosawError
from whosaw.core.finding import Finding
from whosaw.mapping.collapsed import classes_of_part, with_collapsed
from whosaw.mapping.resolver import Resolver
from whosaw.scope.unread import with_unread
from whosaw.store.identifiers import LedgerDigests
from whosaw.store.ledger import LedgerReader
from whosaw.store.numbers.raws import Identities
from whosaw.store.sql import Session, quote_name
from whosaw.store.vault import KINDS, as_column
from whosaw.store.workspace import Workspace

from .detection import ContextFolder, DetectionSetup
from .found import located

__all__ = ["MOST_OF_GROUP", "SAME_PARTY", "Claims", "Told", "Touched", "evaluate", "learn_sessions_last"]

MOST_OF_GROUP = (
    100_000  # views of one address, user, session, token or key; larger ones wait for the run over all
)
MOST_IN_ALL = 400_000  # views evaluated at once, small groups first
_GROUPS = client.with_(lambda each: each.holders != "many")
SAME_PARTY = 0.5  # of a finding's clients, how many must be those of a finding told before
_NUMBERS = pa.schema([("person", pa.int32()), ("kind", pa.string()), ("value", pa.int64())])
_CLAIMS = pa.schema([("principal", pa.int32()), ("person", pa.int32())])


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One finding of the touched part. `whole`: a run over the whole ledger would raise it as well. `overlaps`: most of
    its clients are of a finding of the last such run, so that it may be the same party."""

    finding: Finding
    members: frozenset[int]
    whole: bool
    overlaps: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Touched:
    """What the new views led to. `left`: groups too large to be looked at now."""

    told: tuple[Told, ...]
    views: int
    left: bool


class Claims:
    """Which persons user names claim to be, by the keyed digests of both; remembered from round to round."""

    def __init__(self, workspace: Workspace) -> None:
        self._vault = workspace.vault
        self._digests: dict[int, list[bytes]] = {}

    def of(self, reader: LedgerReader, principals: list[int]) -> pa.Table:
        """principal, person: one row for each name that is exactly one known person's."""
        new = [number for number in principals if number not in self._digests]
        if new:
            kinds = sorted({body["subject"]["kind"] for body in reader.routes.values()}) or ["customer"]
            for number, raw in Identities(reader).raw({"principal": new})["principal"].items():
                self._digests[number] = [self._vault.digest("person", f"{kind}\x1f{raw}") for kind in kinds]
            self._digests |= self._erased(reader, [each for each in new if each not in self._digests])
        pairs = [(number, digest) for number in principals for digest in self._digests.get(number, ())]
        asked = pa.table({
            "principal": pa.array([number for number, _ in pairs], pa.int32()),
            "digest": _digest_column([digest for _, digest in pairs]),
        })  # fmt: skip
        found = reader.session.query(
            f"SELECT a.principal, min(i.number) AS person FROM asked AS a JOIN identities AS i ON i.kind = {KINDS['person']} "
            "AND i.digest = a.digest GROUP BY a.principal HAVING count(*) = 1 ORDER BY a.principal",
            asked=asked,
        )
        return found.cast(_CLAIMS)

    def _erased(self, reader: LedgerReader, principals: list[int]) -> dict[int, list[bytes]]:
        """The same of user names that were erased, by what is kept of them."""
        people: dict[bytes, list[bytes]] = {}
        for person, facts in self._vault.erased.of("person").items():
            if facts is not None:
                people.setdefault(bytes.fromhex(facts["claim"]), []).append(person)
        if not people or not principals:
            return {}
        asked = pa.table({"number": pa.array(principals, pa.int32())})
        rows = reader.session.query(
            f"SELECT number, digest FROM identities SEMI JOIN asked USING (number) WHERE kind = {KINDS['principal']}",
            asked=asked,
        ).to_pylist()
        return {row["number"]: people.get(bytes(row["digest"]), []) for row in rows}


def _digest_column(digests: list[bytes]) -> pa.Array:
    rows = np.frombuffer(b"".join(digests), np.uint8).reshape(-1, 16)
    return as_column(rows).cast(pa.binary())


def evaluate(
    workspace: Workspace,
    *,
    since: int,
    folder: ContextFolder,
    setup: DetectionSetup,
    zone: tzinfo | None,
    sessions_last: int | None,
    claims: Claims,
    threads: int,
    memory_bytes: int,
) -> Touched:
    """Run the detectors over what the views of segments after `since` touched.

    `sessions_last` is how old a session gets, as the whole ledger teaches it (None: as the touched part does).
    """
    reader = LedgerReader(workspace, threads=threads, memory_bytes=memory_bytes)
    try:
        part = _Part(reader, since)
        if not part.views:
            return Touched(told=(), views=0, left=part.left)
        context = Context.none()
        if folder.path is not None or folder.none:
            try:
                context = folder.read(Resolver(reader), zone)
            except (WhosawError, OSError):
                return Touched(
                    told=(), views=part.views, left=True
                )  # the run over all of it says what is wrong
            if context.sessions_last is None and sessions_last is not None:
                context = replace(context, sessions_last=sessions_last)
        alone, statistical = _parted(setup.detectors)
        digests = LedgerDigests(reader)
        told: list[Told] = []
        with Session(threads=threads, memory_bytes=memory_bytes, spill=workspace.spill / "part") as session:
            part.register(session, claims)
            for detectors, alone_holds in ((alone, True), (statistical, False)):
                detected = run(session, context, detectors, setup.explanations, digests=digests)
                members = _by_finding(detected.members)
                told_of = [located(reader, each) for each in detected.findings]
                shown = with_collapsed(
                    reader,
                    with_unread(reader, told_of, detected.counted),
                    detected.counted,
                    classes_of_part(reader, detected.counted),
                )
                for finding in shown:
                    clients = members.get(finding.id, ())
                    told.append(
                        Told(
                            finding=finding,
                            members=frozenset(clients),
                            whole=alone_holds and part.holds_all_of(finding),
                            overlaps=_overlaps(reader, clients),
                        )
                    )
        return Touched(told=tuple(told), views=part.views, left=part.left)
    finally:
        reader.close()


def learn_sessions_last(workspace: Workspace, folder: ContextFolder, zone: tzinfo | None) -> int | None:
    """How old a session gets, in microseconds, as the whole ledger teaches it; None without logins."""
    if folder.path is None:
        return None
    reader = LedgerReader(workspace)
    try:
        context = folder.read(Resolver(reader), zone)
        if context.sessions_last is not None or context.logins_cover() is None:
            return context.sessions_last
        prepare(reader.session, context)
        found = reader.session.query(statement("session_lasts"))["lasts"][0].as_py()
        return None if found is None else int(found)
    finally:
        reader.close()


def _parted(detectors: Mapping[str, Detector]) -> tuple[dict[str, Detector], dict[str, Detector]]:
    """Detectors with the clauses that hold or not whatever else the ledger has, and with the others.

    A walk needs the places of all numbers, a surge weeks of them and a way all other places, so they are in neither.
    """
    alone: dict[str, Detector] = {}
    statistical: dict[str, Detector] = {}
    for detector in detectors.values():
        if detector.kind in ("walk", "surge", "way"):
            continue
        asks = [bool(each.chance or each.least_times or each.never_among) for each in detector.clauses]
        for into, wanted in ((alone, False), (statistical, True)):
            clauses = tuple(
                clause for clause, needs in zip(detector.clauses, asks, strict=True) if needs is wanted
            )
            if clauses:
                into[detector.id] = replace(detector, clauses=clauses)
    return alone, statistical


def _by_finding(members: pa.Table) -> dict[str, tuple[int, ...]]:
    found: dict[str, list[int]] = {}
    if not members.num_rows:  # then it may have no column of clients either
        return {}
    for finding, member in zip(members["finding"].to_pylist(), members["client"].to_pylist(), strict=True):
        found.setdefault(finding, []).append(member)
    return {finding: tuple(clients) for finding, clients in found.items()}


def _overlaps(reader: LedgerReader, clients: tuple[int, ...]) -> bool:
    """Whether most of these clients belong to one finding of the last run over the whole ledger."""
    asked = pa.table({"client": pa.array(clients, pa.int32())})
    rows = reader.session.query(
        "SELECT count(*) AS n FROM members SEMI JOIN asked USING (client) GROUP BY finding ORDER BY n DESC LIMIT 1",
        asked=asked,
    )
    return bool(rows.num_rows) and rows["n"][0].as_py() >= SAME_PARTY * len(clients)


class _Part:
    """The clients of parties that new views touched, and all their views."""

    def __init__(self, reader: LedgerReader, since: int) -> None:
        self._reader = reader
        session = reader.session
        session.execute(
            "CREATE TEMP TABLE part_new AS SELECT DISTINCT client FROM views WHERE content > ?", [since]
        )
        session.execute(
            "CREATE TEMP TABLE part_sizes AS SELECT client, count(*) AS n FROM views GROUP BY client"
        )
        session.execute("CREATE TEMP TABLE part_clients AS SELECT client FROM part_new LIMIT 0")
        self.left = False
        budget = MOST_IN_ALL
        for column in _GROUPS:
            budget -= self._grow("part_new", column, budget)
        # what else was seen at the addresses of those just found says whether they are somebody's home
        self._grow("part_clients", "address", budget)
        # clients of no group at all stand for themselves
        session.execute(
            "INSERT INTO part_clients SELECT client FROM part_new SEMI JOIN part_sizes USING (client) JOIN clients USING (client) "
            f"WHERE {' AND '.join(f'{quote_name(each)} IS NULL' for each in _GROUPS)} "
            "AND client NOT IN (SELECT client FROM part_clients)"
        )
        self.views = int(
            session.query(
                "SELECT coalesce(sum(n), 0)::BIGINT AS n FROM part_sizes SEMI JOIN part_clients USING (client)"
            )["n"][0].as_py()
        )

    def _grow(self, seeds: str, column: str, budget: int) -> int:
        """Add the clients that share `column` with the seeds, the smallest groups first; returns how many views that is."""
        name = quote_name(column)
        session = self._reader.session
        session.execute(
            "CREATE OR REPLACE TEMP TABLE part_groups AS SELECT value, n, sum(n) OVER (ORDER BY n, value) AS until FROM ("
            f"SELECT c.{name} AS value, sum(s.n) AS n FROM clients AS c JOIN part_sizes AS s USING (client) "
            f"WHERE c.{name} IN (SELECT DISTINCT {name} FROM clients SEMI JOIN {seeds} USING (client) WHERE {name} IS NOT NULL) "
            f"GROUP BY c.{name})"
        )
        fit = f"n <= {MOST_OF_GROUP} AND until <= {budget}"
        told = session.query(
            f"SELECT coalesce(sum(n) FILTER ({fit}), 0)::BIGINT AS taken, count(*) FILTER (NOT ({fit})) AS over FROM part_groups"
        ).to_pylist()[0]
        self.left |= told["over"] > 0
        session.execute(
            f"INSERT INTO part_clients SELECT c.client FROM clients AS c JOIN part_groups AS g ON g.value = c.{name} "
            f"WHERE {fit} AND c.client NOT IN (SELECT client FROM part_clients)"
        )
        return int(told["taken"])

    def register(self, session: Session, claims: Claims) -> None:
        """Make the part the ledger of another session."""
        ask = self._reader.session.query
        clients = ask("SELECT * FROM clients SEMI JOIN part_clients USING (client)")
        session.register("views", ask("SELECT * FROM views SEMI JOIN part_clients USING (client)"))
        session.register("clients", clients)
        session.register("routes", ask("SELECT * FROM routes"))
        session.register("activity", ask("SELECT * FROM activity SEMI JOIN part_clients USING (client)"))
        # whether anybody at all ever saw a person is asked of the whole ledger, here where it is
        session.register(
            "tries",
            ask(
                "SELECT * FROM tries SEMI JOIN part_clients USING (client) "
                "ANTI JOIN (SELECT DISTINCT person FROM views WHERE person IS NOT NULL) USING (person)"
            ),
        )
        session.register("numbers", _NUMBERS.empty_table())
        # whoever saw one person alone read no two, and nearly everybody is like that
        principals = ask(
            "SELECT principal FROM views SEMI JOIN part_clients USING (client) JOIN clients USING (client) "
            "WHERE principal IS NOT NULL AND person IS NOT NULL GROUP BY principal HAVING count(DISTINCT person) > 1 ORDER BY principal"
        )["principal"].to_pylist()
        session.register("claims", claims.of(self._reader, principals))

    def holds_all_of(self, finding: Finding) -> bool:
        """Whether every actor of the finding is here with all its clients."""
        by: dict[tuple[str, ...], set[tuple[Any, ...]]] = {}
        for crossing in finding.crossings:
            by.setdefault(crossing.actor.by, set()).add(crossing.actor.values)
        return all(self._holds(columns, values) for columns, values in by.items())

    def _holds(self, columns: tuple[str, ...], actors: Iterable[tuple[Any, ...]]) -> bool:
        rows = sorted(actors, key=repr)
        asked = pa.table([pa.array(each) for each in zip(*rows, strict=True)], names=list(columns))
        same = " AND ".join(
            f"c.{quote_name(each)} IS NOT DISTINCT FROM a.{quote_name(each)}" for each in columns
        )
        missing = self._reader.session.query(
            f"SELECT count(*) AS n FROM clients AS c SEMI JOIN part_sizes AS s USING (client) JOIN asked AS a ON {same} "
            "WHERE c.client NOT IN (SELECT client FROM part_clients)",
            asked=asked,
        )
        return int(missing["n"][0].as_py()) == 0
