"""Every writer: lines by hand, and what the product's own parsers read back from them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import cache
from ipaddress import ip_address, ip_network
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.wide import examples

from whosaw.ingest.build_parser import build_parser
from whosaw.ingest.canonical import column_or_null
from whosaw.ingest.format_item import load_format, shipped_formats
from whosaw.ingest.parser import Parser, Piece
from whosaw.replay.shop_item import Page, Service
from whosaw.replay.traffic import COLUMNS, NOBODY, Traffic, staff_code
from whosaw.replay.write.columns import HomesV6, bytes_of
from whosaw.replay.write.events import EventWriter
from whosaw.replay.write.scene import Scene
from whosaw.replay.write.writers import WRITERS, Kind

START = 1_740_927_600_000  # 3 March 2025, midnight in Seoul
AGENT = "Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/128.0"
PAGES = (
    Page(id="home", path="/", bytes=(1, 2)),
    Page(id="search", path="/search?page={number}", bytes=(1, 2)),
    Page(id="orders", path="/partner/orders?page={number}&size={records}", number_is="list", bytes=(1, 2)),
    Page(id="export", path="/export?from={number}&to={last}", number_is="range", bytes=(1, 2)),
    Page(id="edit", path="/my/addresses/{number}/edit", number_is="address", bytes=(1, 2)),
    Page(
        id="one",
        service="db",
        method="SELECT",
        statement="SELECT name FROM members WHERE id = {number}",
        number_is="member",
        bytes=(1, 2),
    ),
    Page(
        id="many",
        service="db",
        method="SELECT",
        statement='SELECT "name" FROM shop.members WHERE id BETWEEN {number} AND {last}',
        number_is="range",
        bytes=(1, 2),
    ),
)
SCENE = Scene(
    pages=PAGES,
    day=date(2025, 3, 3),
    start=START,
    offset_minutes=540,
    homes=HomesV6("2001:db8::/32"),
    people=None,
    agents=(AGENT, "ShopApp/8.4"),
    claimants=("s-0041", "shop_app"),
    keys=("k-1", "k-2"),
)
WEB = Service(id="web", format="", folder="web", name="access.log", host="shop.example.org")
V6 = 1 << 32


def traffic(*rows: dict[str, int]) -> Traffic:
    usual = {
        "time": START, "principal": NOBODY, "address": int(ip_address("192.0.2.7")), "agent": 0, "page": 0,
        "number": -1, "records": 0, "status": 200, "size": 512, "token": 0, "key": -1, "part": -1,
    }  # fmt: skip
    whole = [{**usual, **row} for row in rows]
    return Traffic(**{name: np.asarray([row[name] for row in whole], kind) for name, kind in COLUMNS.items()})


def written(format_id: str, part: Traffic, first_line: int = 1) -> list[str]:
    lines = WRITERS[format_id].make(SCENE, WEB).lines(part, first_line)
    return bytes(bytes_of(lines)).decode("ascii").splitlines()


@cache
def parser_of(format_id: str) -> Parser:
    return build_parser(load_format(shipped_formats() / f"{format_id}.toml"), None, None)


def read_back(format_id: str, text: bytes) -> pa.Table:
    parser = parser_of(format_id)
    piece = Piece(data=text, lines=text.count(b"\n"))
    parsed = parser.parse(piece).check(piece)
    assert parsed.rejects.to_pylist() == []
    return parsed.events


def stored(kind: Kind, part: Traffic) -> pa.Table:
    """What the events look like once they went through a file."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "events.parquet"
        EventWriter(SCENE, kind).write(path, [part])
        return pq.read_table(path)


SIGNED_IN = {
    "time": START + 3_723_004,
    "principal": 10_000_321,
    "token": 0xAB,
    "key": 1,
    "page": 4,
    "number": 17,
}


def test_combined_line_by_hand() -> None:
    assert written("combined-kv", traffic(SIGNED_IN, {"agent": 1, "status": 302})) == [
        (
            '192.0.2.7 - - [03/Mar/2025:01:02:03 +0900] "GET /my/addresses/17/edit HTTP/2.0" 200 512 '
            f'"https://shop.example.org/" "{AGENT}" sub=10000321 jti=00000000000000ab kid=k-2'
        ),
        '192.0.2.7 - - [03/Mar/2025:00:00:00 +0900] "GET / HTTP/2.0" 302 512 "-" "ShopApp/8.4" sub=- jti=- kid=-',
    ]


def test_apache_line_by_hand() -> None:
    row = {"time": START + 86_399_999, "principal": staff_code(0), "page": 3, "number": 1001, "records": 500}
    assert written("combined", traffic(row)) == [
        (
            '192.0.2.7 - s-0041 [03/Mar/2025:23:59:59 +0900] "GET /export?from=1001&to=1500 HTTP/2.0" 200 512 '
            f'"-" "{AGENT}"'
        )
    ]


def test_json_line_by_hand() -> None:
    row = {"time": START + 5, "page": 2, "number": 0, "records": 50, "principal": staff_code(1), "agent": 1}
    assert written("jsonl", traffic(row, SIGNED_IN)) == [
        (
            '{"time":"2025-03-03T00:00:00.005+09:00","remote_addr":"192.0.2.7","host":"shop.example.org",'
            '"request_method":"GET","request_uri":"/partner/orders?page=0&size=50","status":200,'
            '"body_bytes_sent":512,"http_user_agent":"ShopApp/8.4","sub":"shop_app"}'
        ),
        (
            '{"time":"2025-03-03T01:02:03.004+09:00","remote_addr":"192.0.2.7","host":"shop.example.org",'
            '"request_method":"GET","request_uri":"/my/addresses/17/edit","status":200,"body_bytes_sent":512,'
            f'"http_user_agent":"{AGENT}","sub":"10000321","jti":"00000000000000ab","kid":"k-2"}}'
        ),
    ]


def test_alb_line_by_hand() -> None:
    line = written("alb", traffic({"time": START + 9 * 3_600_000 + 12, "address": V6}))[0]
    start = "h2 2025-03-03T00:00:00.012000Z app/web/50dc6c495c0c9188 [2001:db8:0:3::1a01]:"
    assert line.startswith(start)
    assert ' 200 200 318 512 "GET https://shop.example.org:443/ HTTP/2.0" "' in line
    assert line.split(' "Root=')[1].startswith("1-67c4f100-")  # 1,740,960,000 seconds


def test_pgaudit_record_by_hand() -> None:
    row = {
        "page": 6,
        "number": 1001,
        "records": 500,
        "principal": staff_code(1),
        "agent": 1,
        "time": START + 7,
    }
    record = written("postgresql-csvlog", traffic(row), first_line=9)[0]
    before, _, after = record.partition("192.0.2.7:")
    assert before == '2025-03-02 15:00:00.007 UTC,"shop_app","shop",4712,"'
    assert after.partition('",')[2] == (
        '67c47270.1268,9,"SELECT",2025-03-02 15:00:00 UTC,3/9,0,LOG,00000,"AUDIT: SESSION,9,1,READ,SELECT,TABLE,'
        'shop.members,""SELECT """"name"""" FROM shop.members WHERE id BETWEEN 1001 AND 1500"",<not logged>,1",'
        ',,,,,,,,"ShopApp/8.4","client backend",,0'
    )


def test_a_statement_that_was_refused_says_so() -> None:
    row = {"page": 5, "number": 1001, "principal": staff_code(1), "status": 403}
    part = traffic(row, {**row, "status": 404})
    text = "".join(f"{line}\n" for line in written("postgresql-csvlog", part)).encode()
    events = read_back("postgresql-csvlog", text)
    assert events["ok"].to_pylist() == [False, True]
    assert column_or_null(events, "rows").to_pylist() == [None, 0]
    assert events["statement"].to_pylist() == ["SELECT name FROM members WHERE id = 1001"] * 2


@settings(max_examples=examples(60), deadline=None)
@given(houses=st.lists(st.integers(0, 600_000_000), min_size=1, max_size=20))
def test_homes_of_ipv6_are_written_in_their_shortest_form(houses: list[int]) -> None:
    network = ip_network("2001:db8::/32")
    texts = HomesV6(str(network)).texts(np.asarray(houses, np.int64)).to_pylist()
    assert texts == [str(ip_address(text)) for text in texts]
    assert all(ip_address(text) in network for text in texts)
    assert len(set(texts)) == len(set(houses))


def requests_of(service: str) -> st.SearchStrategy[dict[str, int]]:
    pages = [at for at, page in enumerate(PAGES) if page.service == service]
    return st.fixed_dictionaries({
        "time": st.integers(START, START + 86_399_999),
        # csvlog writes ADDRESS:PORT without brackets, so an IPv6 address could not be told from its port
        "address": st.integers(1 << 24, V6 - 1) | (st.nothing() if service == "db" else st.integers(V6, V6 + 40_000_000)),
        "principal": st.one_of(
            st.just(NOBODY), st.just(staff_code(0)), st.just(staff_code(1)), st.integers(10_000_000, 90_000_000)
        ),
        "agent": st.sampled_from([0, 1]),
        "page": st.sampled_from(pages),
        "number": st.integers(1, 90_000_000),
        "records": st.integers(1, 5000),
        "status": st.sampled_from([200, 404] if service == "db" else [200, 302, 404, 500]),
        "size": st.integers(1, 10**6),
        "token": st.one_of(st.just(0), st.integers(1, 2**64 - 1)),
        "key": st.sampled_from([-1, 0, 1]),
    })  # fmt: skip


def expected(row: dict[str, int], name: str) -> object:
    """What a parser should say of a request, worked out in plain Python."""
    page, number = PAGES[row["page"]], row["number"]
    filled = (page.path or page.statement).format(
        number=number, records=row["records"], last=number + row["records"] - 1
    )
    path, _, query = filled.partition("?")
    house = row["address"] - V6
    v6 = ip_address((0x20010DB8 << 96) + ((house * 7 + 3) << 64) + 0x1A01) if house >= 0 else None
    claims = {NOBODY: None, staff_code(0): "s-0041", staff_code(1): "shop_app"}
    return {
        "address": str(v6 or ip_address(row["address"])),
        "method": page.method,
        "path": path,
        "query": query or None,
        "status": row["status"],
        "bytes": row["size"],
        "agent": SCENE.agents[row["agent"]],
        "principal": claims.get(row["principal"], str(row["principal"])),
        "token": f"{row['token']:016x}" if row["token"] else None,
        "key": SCENE.keys[row["key"]] if row["key"] >= 0 else None,
        "statement": filled,
    }[name]


WEB_COLUMNS = ("address", "method", "path", "query", "status", "bytes", "agent")


@pytest.mark.parametrize(
    ("format_id", "unit_ms"), [("combined-kv", 1000), ("combined", 1000), ("jsonl", 1), ("alb", 1)]
)
@settings(max_examples=8, deadline=None)
@given(rows=st.lists(requests_of("web"), min_size=1, max_size=30))
def test_what_is_written_is_read_back(format_id: str, unit_ms: int, rows: list[dict[str, int]]) -> None:
    kind = WRITERS[format_id]
    events = read_back(format_id, bytes(bytes_of(kind.make(SCENE, WEB).lines(traffic(*rows), 1))))
    times = [
        datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=row["time"] // unit_ms * unit_ms)
        for row in rows
    ]
    assert events["time"].to_pylist() == times
    for name in (*WEB_COLUMNS, "principal", "token", "key"):
        held = name in WEB_COLUMNS or name in kind.carries
        wanted = [expected(row, name) if held else None for row in rows]
        assert column_or_null(events, name).to_pylist() == wanted, name


@settings(max_examples=8, deadline=None)
@given(rows=st.lists(requests_of("db"), min_size=1, max_size=30))
def test_statements_are_read_back(rows: list[dict[str, int]]) -> None:
    writer = WRITERS["postgresql-csvlog"].make(SCENE, WEB)
    events = read_back("postgresql-csvlog", bytes(bytes_of(writer.lines(traffic(*rows), 5))))
    assert events["statement"].to_pylist() == [expected(row, "statement") for row in rows]
    assert events["address"].to_pylist() == [expected(row, "address") for row in rows]
    assert events["principal"].to_pylist() == [expected(row, "principal") or "postgres" for row in rows]
    assert events["rows"].to_pylist() == [1 if row["status"] == 200 else 0 for row in rows]
    assert len(set(events["request_id"].to_pylist())) == len(rows)


@pytest.mark.parametrize("format_id", ["combined-kv", "combined", "jsonl", "alb"])
@settings(max_examples=8, deadline=None)
@given(rows=st.lists(requests_of("web"), min_size=1, max_size=30))
def test_events_say_what_the_text_would_say(format_id: str, rows: list[dict[str, int]]) -> None:
    kind = WRITERS[format_id]
    table = stored(kind, traffic(*rows))
    assert [time.timestamp() for time in table["time"].to_pylist()] == [row["time"] / 1000 for row in rows]
    names = (*WEB_COLUMNS, *(name for name in ("principal", "token", "key") if name in kind.carries))
    assert set(table.column_names) == {"time", *names}
    for name in names:
        assert table[name].to_pylist() == [expected(row, name) for row in rows], name


@settings(max_examples=8, deadline=None)
@given(rows=st.lists(requests_of("db"), min_size=1, max_size=30))
def test_events_of_a_database_say_what_its_log_would_say(rows: list[dict[str, int]]) -> None:
    kind = WRITERS["postgresql-csvlog"]
    text = bytes(bytes_of(kind.make(SCENE, WEB).lines(traffic(*rows), 1)))
    read, table = read_back("postgresql-csvlog", text), stored(kind, traffic(*rows))
    for name in ("time", "address", "agent", "action", "object", "ok", "rows", "statement"):
        assert table[name].to_pylist() == read[name].to_pylist(), name
