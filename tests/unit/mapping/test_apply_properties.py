"""The answer for a row depends on that row alone, and agrees with a plain reading of the map."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote

import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.wide import examples

from whosaw.mapping import apply
from whosaw.mapping.apply import Mapper
from whosaw.mapping.data_map import DataMap, load_map
from whosaw.store.schemas import UNSURE_PERSON
from whosaw.store.sql import Session

MAP = """
[[route]]
id = "all"
match = { path = "/customers/all" }
subject = { from = "unknown" }
categories = ["identity.name"]
records = { from = "query", name = "size", at_most = 100 }

[[route]]
id = "one"
match = { method = "GET", path = "/customers/{id}" }
subject = { from = "path", name = "id" }
categories = ["identity.name"]

[[route]]
id = "part"
match = { path = "/customers/{id}/parts/{part}.pdf" }
subject = { from = "path", name = "id" }
categories = ["identity.name"]

[[route]]
id = "files"
match = { path = "/files/*" }
subject = { from = "query", name = "id", many = true }
categories = ["identity.name"]

[[route]]
id = "find"
match = { path = "/find" }
subject = { from = "query", name = "id" }
categories = ["identity.name"]
"""
SEGMENTS = st.sampled_from(
    [
        "customers",
        "all",
        "1",
        "22",
        "parts",
        "a.pdf",
        ".pdf",
        "x.y.pdf",
        "files",
        "find",
        "",
        "%31",
        "%2F",
        "é",
        "a b",
    ]
)
PATHS = st.lists(SEGMENTS, max_size=5).map(lambda parts: "/" + "/".join(parts))
PAIRS = st.tuples(
    st.sampled_from(["id", "size", "xid", "%69d"]), st.sampled_from(["1", "2", "1,2", "", "%31", "a+b"])
)
QUERIES = st.none() | st.lists(PAIRS, max_size=3).map(lambda pairs: "&".join(f"{n}={v}" for n, v in pairs))
ROWS = st.lists(st.tuples(st.sampled_from(["GET", "POST"]), PATHS, QUERIES), max_size=12)


@pytest.fixture(scope="module")
def data_map(tmp_path_factory: pytest.TempPathFactory) -> DataMap:
    path = tmp_path_factory.mktemp("map") / "map.toml"
    Path(path).write_text(MAP, encoding="utf-8")
    return load_map(path)


def table(rows: list[tuple[str, str, str | None]]) -> pa.Table:
    return pa.table(
        {
            "line": pa.array(range(1, len(rows) + 1), pa.int64()),
            "time": pa.array([datetime(2025, 1, 1, tzinfo=UTC)] * len(rows), pa.timestamp("us", tz="UTC")),
            "method": pa.array([row[0] for row in rows], pa.string()),
            "path": pa.array([row[1] for row in rows], pa.string()),
            "query": pa.array([row[2] for row in rows], pa.string()),
            "ok": pa.array([True] * len(rows), pa.bool_()),
        }
    )


def answers(mapper: Mapper, events: pa.Table, session: Session) -> list[dict[str, Any]]:
    mapped = mapper.apply(events, session)
    rows = [{**row, "more": []} for row in mapped.rows.to_pylist()]
    for pair in mapped.more.to_pylist():
        rows[pair["row"]]["more"].append(pair["person"])
    return rows


def plainly(method: str, path: str, query: str | None) -> tuple[int, list[str]]:
    """Route and ids, read with nothing but splits, the standard library and one expression."""
    parts = [unquote(part) for part in path.split("/") if part]
    values = parse_qs(query or "", keep_blank_values=True).get("id", [])
    if parts == ["customers", "all"]:
        return 0, []
    if len(parts) == 2 and parts[0] == "customers" and method == "GET":
        return 1, [parts[1]]
    if (
        len(parts) == 4
        and parts[0] == "customers"
        and parts[2] == "parts"
        and re.fullmatch(r".+\.pdf", parts[3])
    ):
        return 2, [parts[1]]
    if parts[:1] == ["files"]:
        return 3, list(dict.fromkeys(piece for value in values for piece in value.split(",") if piece))
    if parts == ["find"]:
        distinct = [value for value in dict.fromkeys(values) if value]
        return 4, distinct if len(distinct) == 1 else []
    return -1, []


@settings(max_examples=examples(60), deadline=None)
@example(rows=[("GET", "/find", "id=1&id=2")])
@given(rows=ROWS)
def test_agrees_with_a_plain_reading(
    rows: list[tuple[str, str, str | None]], data_map: DataMap, session: Session
) -> None:
    found = answers(Mapper(data_map), table(rows), session)
    for row, answer in zip(rows, found, strict=True):
        ids = [person.split("\x1f")[1] for person in [answer["person"], *answer["more"]] if person]
        if answer["unsure"] == UNSURE_PERSON:  # a name that stands twice: of whom depends on who reads it
            assert plainly(*row) == (answer["route"], [])
            assert len(ids) > 1
            continue
        if answer["unsure"]:  # what another server may have read is no route of a plain reading
            assert plainly(*row) == (-1, [])
            continue
        assert (answer["route"], ids) == plainly(*row)
        assert answer["subject_unknown"] == (answer["route"] >= 0 and not ids)


@settings(max_examples=examples(40), deadline=None)
@given(rows=ROWS, cut=st.integers(0, 12), order=st.randoms(use_true_random=False))
def test_order_and_cuts_do_not_matter(
    rows: list[tuple[str, str, str | None]], cut: int, order: Any, data_map: DataMap, session: Session
) -> None:
    mapper = Mapper(data_map)
    whole = answers(mapper, table(rows), session)
    assert answers(mapper, table(rows[:cut]), session) + answers(mapper, table(rows[cut:]), session) == whole
    shuffled = list(range(len(rows)))
    order.shuffle(shuffled)
    assert answers(mapper, table([rows[i] for i in shuffled]), session) == [whole[i] for i in shuffled]


def test_large_tables_are_cut_without_a_trace(
    data_map: DataMap, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [
        ("GET", f"/customers/{n}", None) if n % 3 else ("GET", "/files/x", f"id={n},{n + 1}")
        for n in range(50)
    ]
    whole = Mapper(data_map).apply(table(rows), session)
    monkeypatch.setattr(apply, "_BATCH", 7)
    cut = Mapper(data_map).apply(table(rows), session)
    assert cut.rows.to_pylist() == whole.rows.to_pylist()
    assert cut.more.to_pylist() == whole.more.to_pylist()
