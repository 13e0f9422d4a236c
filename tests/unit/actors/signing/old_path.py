"""What the present path says of the views of a case, and the same case as the runs that signs are told from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from tests.unit.actors.explaining.crutch import numbered
from tests.unit.actors.signing.world import digest_of

from whosaw.actors import load_detectors, load_explanations
from whosaw.actors.cases import Case, _client, _Tables
from whosaw.actors.explaining.answers import EXPLAINED_BY
from whosaw.actors.explaining.context_rows import numbered_schema
from whosaw.actors.explanation import prepare
from whosaw.actors.run import signs_of
from whosaw.actors.signing.columns import EVENTS, ONE_DAY, OPEN, SEEN, SHIFTS
from whosaw.actors.signing.passes import passes
from whosaw.actors.signing.signs import OLDER, Days, Facts, Rows, Signed, sign
from whosaw.actors.signing.visits import visit
from whosaw.actors.signs import SIGNS, Sign, make_views
from whosaw.build.step import Span
from whosaw.store.kinds import CLIENT_COLUMNS, kind
from whosaw.store.schemas import UNAUTHORIZED
from whosaw.store.sql import Session, quote_name

EXPLANATIONS = list(load_explanations().values())
_BY_CLAUSES = {each.name: each for each in signs_of(list(load_detectors(load_explanations()).values()))}
ASKED: tuple[Sign, ...] = tuple(_BY_CLAUSES.get(name, Sign(name=name)) for name in SIGNS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """A ledger as the relations of now, and its events with their instants (time, client, view, tried)."""

    relations: dict[str, pa.Table]
    context: Any
    events: pa.Table


def ledger_of(case: Case) -> Ledger:
    """The same rows as the case's own relations, in the same order."""
    made = _Tables()
    tables = made.fill(case)
    clients: dict[tuple[str | None, ...], int] = {}
    rows: list[tuple[int, int, bool, bool]] = []
    for each in case.views:
        for time, texts in each.each():
            number = _client(clients, texts)
            if not each.duplicate:
                rows.append((time, number, True, False))
    for each in case.events:
        for time, texts in each.each():
            tried = "person" in texts or each.status == UNAUTHORIZED
            rows.append((time, _client(clients, texts), False, tried))
    events = pa.table(
        [pa.array(column) for column in zip(*rows, strict=True)], names=["time", "client", "view", "tried"]
    )
    return Ledger(relations=dict(tables.relations), context=tables.context, events=events)


def old_signs(ledger: Ledger, session: Session, asked: Sequence[Sign] = ASKED) -> tuple[pa.Table, Any]:
    """What `detect_all` says: place, traits, answers and every sign of each view; and the context as it is believed."""
    for name, table in ledger.relations.items():
        session.register(name, table)
    context = prepare(session, ledger.context).context
    make_views(session, context, EXPLANATIONS, asked)
    answers = "".join(f", {quote_name(each.id)}" for each in EXPLANATIONS)
    signs = "".join(f", {each.column} AS {quote_name('sign ' + each.name)}" for each in asked)
    traits = ", ".join(quote_name(each.name) for each in CLIENT_COLUMNS)
    found = session.query(
        f"SELECT person, time, content, line, client, route, unsure, {traits} {answers} {signs} FROM detect_all "
        "ORDER BY time // 86400000000, person NULLS LAST, time, content, line, client"
    )
    return found, context


def _runs(ledger: Ledger, old: pa.Table, context: Any, session: Session) -> tuple[Days, Rows, Facts, Span]:
    traits = ", ".join(quote_name(each.name) for each in CLIENT_COLUMNS)
    numbers = f"(SELECT client, {traits.replace(quote_name('key'), 'key_number AS ' + quote_name('key'))} FROM old_clients)"
    session.execute(
        "CREATE OR REPLACE TEMP TABLE old_clients AS SELECT c.*, k.number AS key_number FROM "
        '(SELECT * EXCLUDE (key_text), key_text AS kt FROM detect_clients) AS c LEFT JOIN detect_key_numbers AS k ON k."key" = c.kt'
    )
    by_client = f"SELECT (e.time // {ONE_DAY})::INTEGER AS day, e.*, c.* EXCLUDE (client) FROM given_rows AS e LEFT JOIN {numbers} AS c USING (client)"
    events = session.query(by_client, given_rows=ledger.events).select(EVENTS.names).cast(EVENTS)
    tries = ledger.relations["tries"]
    if "line" not in tries.column_names:
        tries = tries.append_column("content", pa.array(np.ones(tries.num_rows, np.int32)))
        tries = tries.append_column("line", pa.array(np.arange(tries.num_rows)))
    shape = kind("tries").in_hand
    tries = session.query(f"SELECT * FROM ({by_client}) ORDER BY time, content, line", given_rows=tries)
    tries = tries.select(shape.names).cast(shape)
    day = pc.cast(pc.divide(old["time"], ONE_DAY), pa.int32())
    shape = kind("views").in_hand
    views = old.append_column("day", day).append_column("extra", pa.nulls(old.num_rows, pa.int32()))
    views = views.select(shape.names).cast(shape)
    span = Span(min(events["day"].to_pylist()), max(events["day"].to_pylist()))
    routes = {row["route"]: row["id"] for row in ledger.relations["routes"].to_pylist()}
    texts: dict[str, int] = {}
    made = visit(
        events, views, OPEN.empty_table(), span=span, routes=routes, digests=digest_of,
        ways=lambda asked: pa.array([texts.setdefault(each, len(texts)) for each in asked.to_pylist()], pa.int32()),
    )  # fmt: skip
    bits = np.zeros(old.num_rows, np.uint16)
    for at, name in enumerate(EXPLAINED_BY):
        bits |= old[name].to_numpy().astype(np.uint16) << np.uint16(3 * at)
    position = np.concatenate(
        [np.arange(size) for size in np.unique(day.to_numpy(), return_counts=True)[1]] or [[]]
    )
    answers = pa.table({"day": day, "position": pa.array(position, pa.int32()), "answers": bits})
    seen = session.query(
        "SELECT person, min(day) AS first FROM v WHERE person IS NOT NULL GROUP BY person", v=views
    ).cast(SEEN)
    networks = session.query(
        "SELECT address, min(network) AS network FROM detect_clients WHERE address IS NOT NULL GROUP BY address"
    )
    given = numbered(session, context)
    if context.given("logins"):
        logins = (
            given.rows("logins")
            .drop_columns(["network"])
            .append_column("place", pa.array(range(given.rows("logins").num_rows), pa.int64()))
        )
        asked = "SELECT l.* EXCLUDE (place), n.network::BIGINT AS network FROM l LEFT JOIN n ON n.address = l.address ORDER BY place"
        told = session.query(asked, l=logins, n=networks).cast(numbered_schema("logins"))
        given = replace(given, tables={**given.tables, "logins": told})
    met = session.query('SELECT count(*) AS n FROM detect_key_numbers SEMI JOIN detect_keys USING ("key")')[
        "n"
    ][0].as_py()
    days = Days(
        views=views,
        answers=answers,
        visits=made.visits,
        passes=passes(events, digests=digest_of),
        tries=tries,
        seen=seen,
        older=lambda: [views.select(["day", *OLDER]).slice(0, 0)],
    )
    rows = Rows(context=given, claims=ledger.relations["claims"])
    facts = Facts(keys_met=range(span.first, span.last + 1) if met else (), hindsight=span.last)
    return days, rows, facts, span


def both(
    ledger: Ledger, names: Sequence[str] = SIGNS, *, hindsight: int | None = None
) -> tuple[dict[str, list[bool | None]], dict[str, list[bool | None]], Signed]:
    """By sign what the present path says of each view, and what the new one does, those known later among them. `hindsight`: how
    many days are judged together; None: all."""
    asked = [each for each in ASKED if each.name in names]
    with Session(memory_bytes=2 << 30) as session:
        old, context = old_signs(ledger, session, asked)
        days, rows, facts, span = _runs(ledger, old, context, session)
        if hindsight is not None:
            facts = replace(facts, hindsight=span.first + hindsight - 1)
        signed = sign(session, span, days, rows, facts, explanations=EXPLANATIONS, signs=asked)
    return (
        {name: old["sign " + name].to_pylist() for name in names},
        {name: borne(signed, name) for name in names},
        signed,
    )


def borne(signed: Signed, name: str) -> list[bool | None]:
    """What a sign says of each view in the end."""
    bits = signed.signs["signs"].to_numpy() >> np.uint64(SHIFTS[name]) & np.uint64(3)
    said: list[bool | None] = [[False, True, None][each] for each in bits.tolist()]
    places = zip(signed.signs["day"].to_pylist(), signed.signs["position"].to_pylist(), strict=True)
    row_of = {place: at for at, place in enumerate(places)}
    for row in signed.late.to_pylist():
        if SIGNS[row["sign"]] == name:
            said[row_of[row["view_day"], row["position"]]] = True
    return said


def differing(old: Sequence[bool | None], new: Sequence[bool | None]) -> int:
    return sum(left is not right for left, right in zip(old, new, strict=True))
