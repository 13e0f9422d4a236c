"""What an audited SQL statement says about persons, and how many rows bound the rest."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pyarrow as pa

from whosaw.mapping.apply import Mapper
from whosaw.mapping.data_map import DataMap
from whosaw.store.sql import Session

AsMap = Callable[[str], DataMap]
AsEvents = Callable[..., pa.Table]
MAP = """
[[route]]
id = "members"
match = { object = "public.members" }
subject = { from = "statement", name = "member_id" }
categories = ["identity.name"]

[[route]]
id = "whole-tables"
match = { action = "COPY" }
subject = { from = "statement", name = "member_id" }
categories = ["identity.name"]
"""
READ = {"action": "SELECT", "object": "public.members", "ok": True}


def mapped(as_map: AsMap, events: pa.Table, session: Session, text: str = MAP) -> list[dict[str, Any]]:
    return Mapper(as_map(text)).apply(events, session).rows.to_pylist()


def persons(rows: list[dict[str, Any]]) -> list[str | None]:
    return [row["person"] and row["person"].split("\x1f")[1] for row in rows]


def test_value_of_a_parameter_names_the_person(as_map: AsMap, as_events: AsEvents, session: Session) -> None:
    sql = "SELECT name FROM members WHERE member_id = $1"
    events = as_events(
        {**READ, "statement": sql, "fields": '{"parameter":"42"}', "rows": 1},
        {**READ, "statement": sql, "fields": '{"parameter":"7"}', "rows": 1},
        {**READ, "statement": sql, "fields": "{}", "rows": 1},
        {**READ, "statement": sql, "fields": None, "rows": 1},
        {**READ, "statement": f"{sql}\0 OR true", "fields": '{"parameter":"42"}', "rows": 1},
    )
    rows = mapped(as_map, events, session)
    assert persons(rows) == ["42", "7", None, None, None]
    assert [row["extra_at_most"] for row in rows] == [0, 0, 1, 1, None]


def test_range_is_bounded_by_its_rows_and_an_aggregate_is_not(
    as_map: AsMap, as_events: AsEvents, session: Session
) -> None:
    events = as_events(
        {**READ, "statement": "SELECT * FROM members WHERE member_id BETWEEN 10 AND 20", "rows": 11},
        {**READ, "statement": "SELECT * FROM members a, members b WHERE a.mail = b.mail", "rows": 11},
        {**READ, "statement": "SELECT string_agg(name, ',') FROM members", "rows": 1},
        {**READ, "statement": "SELECT * FROM all_names_as_one", "rows": 1},
        {**READ, "statement": None, "rows": 3},
    )
    rows = mapped(as_map, events, session)
    assert persons(rows) == [None] * 5
    assert [row["extra_at_most"] for row in rows] == [11, 22, None, None, 3]


def test_map_may_bound_what_rows_do_not(as_map: AsMap, as_events: AsEvents, session: Session) -> None:
    text = MAP.replace('["identity.name"]', '["identity.name"]\nrecords = { from = "log", at_most = 500 }', 1)
    events = as_events(
        {**READ, "statement": "SELECT string_agg(name, ',') FROM members", "rows": 1},
        {**READ, "statement": "SELECT * FROM members", "rows": 12},
    )
    assert [row["extra_at_most"] for row in mapped(as_map, events, session, text)] == [500, 12]


def test_copy_of_a_table_is_a_view_without_bound(
    as_map: AsMap, as_events: AsEvents, session: Session
) -> None:
    copy = {"action": "COPY", "object": "shop", "ok": True, "rows": None}
    events = as_events({**copy, "statement": "COPY members TO STDOUT"})
    (row,) = mapped(as_map, events, session)
    assert (row["view"], row["person"], row["extra_at_most"]) == (True, None, None)


def test_check_of_a_foreign_key_shows_nobody(as_map: AsMap, as_events: AsEvents, session: Session) -> None:
    check = 'SELECT 1 FROM ONLY "public"."members" x WHERE "member_id" OPERATOR(pg_catalog.=) $1 FOR KEY SHARE OF x'
    events = as_events(
        {**READ, "statement": check, "fields": '{"parameter":"42"}', "rows": 1},
        {
            **READ,
            "statement": "SELECT name FROM members x WHERE member_id = 42 FOR KEY SHARE OF x",
            "rows": 1,
        },
    )
    assert [row["view"] for row in mapped(as_map, events, session)] == [False, True]
