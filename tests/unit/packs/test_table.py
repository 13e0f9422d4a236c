"""The reader of items: what it takes, and that it notes every fault with file, line, dotted key, what is there and what must be."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from whosaw.core.errors import Fault
from whosaw.packs.table import Table
from whosaw.packs.toml_file import parse_toml

SEOUL = timezone(timedelta(hours=9))


def _table(text: str) -> Table:
    return Table.top(parse_toml(text, name="it.toml"), [], item="it")


def _told(table: Table) -> list[str]:
    return [str(fault) for fault in table.faults]


def test_what_fits_is_taken_and_nothing_is_noted() -> None:
    table = _table(
        """
        title = "a text"
        names = ["a", "b"]
        one = "a"
        count = 3
        share = 0.03
        on = true
        day = 2026-09-11
        at = 2025-11-17T16:00:00+09:00
        local = 2025-11-17
        long = "5m"
        luck = "1 in 1000"
        inner = { level = "low" }
        [[part]]
        id = "x"
        [[part]]
        id = "y"
        """
    )
    assert table.text("title") == "a text"
    assert table.texts("names", one_of=("a", "b", "c")) == ("a", "b")
    assert table.texts("one", or_one=True) == ("a",)
    assert table.integer("count", least=3, most=3) == 3
    assert table.number("share") == Decimal("0.03")
    assert table.flag("on") is True
    assert table.day("day") == date(2026, 9, 11)
    assert table.instant("at") == datetime(2025, 11, 17, 7, tzinfo=UTC)
    assert table.instant("local", zone=SEOUL) == datetime(2025, 11, 16, 15, tzinfo=UTC)
    assert table.duration("long") == 300_000_000
    assert table.chance("luck") == 0.001
    assert table.table("inner").text("level", one_of=("low", "high")) == "low"
    assert [each.text("id") for each in table.tables("part")] == ["x", "y"]
    table.rest_unknown()
    assert _told(table) == []


def test_what_is_left_out_is_empty_where_it_may_be() -> None:
    table = _table("")
    assert table.text("a", required=False) == ""
    assert table.texts("a", required=False) == ()
    assert table.integer("a", default=7) == 7
    assert table.integer("a", default=None) is None
    assert table.number("a", required=False) is None
    assert table.flag("a") is False
    assert table.optional_flag("a") is None
    assert table.day("a", required=False) is None
    assert table.instant("a", required=False) is None
    assert table.duration("a", default="1s") == 1_000_000
    assert table.chance("a", required=False) == 0
    assert table.table("a").values == {}
    assert table.optional_table("a") is None
    assert list(table.tables("a")) == []
    assert _told(table) == []


def test_all_faults_are_noted_at_once_with_line_dotted_key_and_what_was_found() -> None:
    table = _table('title = 3\nlevel = "hihg"\n[inner]\nnames = ["a", 1]\n[[part]]\ncount = 0\n')
    table.text("title")
    table.text("level", one_of=("low", "high"))
    table.text("why")
    table.table("inner").texts("names")
    for each in table.tables("part"):
        each.integer("count")
    assert _told(table) == [
        "it.toml:1 [it]: title must be a text, and is 3",
        "it.toml:2 [it]: level is 'hihg'. Did you mean high? It must be one of low, high",
        "it.toml [it]: why is missing. It must be a text",
        "it.toml:4 [it]: inner.names must be a list of texts, and holds 1",
        "it.toml:6 [it]: part.0.count must be a whole number from 1 on, and is 0",
    ]


@pytest.mark.parametrize(
    ("text", "read", "says"),
    [
        ('a = " "', lambda t: t.text("a"), "a is empty"),
        ('a = "xx"', lambda t: t.text("a", most=1), "a is longer than 1 characters"),
        ("a = true", lambda t: t.text("a"), "a must be a text, and is true"),
        ("a = []", lambda t: t.texts("a", some=True), "a is an empty list"),
        ('a = ["x", "x"]', lambda t: t.texts("a"), "a names 'x' twice"),
        ('a = ["x"]', lambda t: t.texts("a", one_of=("y",)), "a holds 'x'"),
        (
            "a = { }",
            lambda t: t.texts("a", or_one=True),
            "a must be a text or a list of texts, and is a table",
        ),
        ("a = true", lambda t: t.integer("a"), "a must be a whole number from 1 on, and is true"),
        ("a = 1.0", lambda t: t.integer("a"), "a must be a whole number from 1 on, and is 1.0"),
        ("a = 9", lambda t: t.integer("a", most=8), "a must be a whole number from 1 to 8, and is 9"),
        ("a = 2147483648", lambda t: t.integer("a"), "a must be a whole number from 1 on, and is 2147483648"),
        ("a = nan", lambda t: t.number("a"), "a must be a number, zero or more, and is nan"),
        ("a = -1", lambda t: t.number("a"), "a must be a number, zero or more, and is -1"),
        ("a = false", lambda t: t.number("a"), "a must be a number, zero or more, and is false"),
        ("a = 1", lambda t: t.flag("a"), "a must be true or false, and is 1"),
        ("a = 1", lambda t: t.optional_flag("a"), "a must be true or false, and is 1"),
        ('a = "2026-09-11"', lambda t: t.day("a"), "a must be a day such as 2026-09-11, and is '2026-09-11'"),
        (
            "a = 2026-09-11T00:00:00Z",
            lambda t: t.day("a"),
            "a must be a day without a time, and is 2026-09-11 00:00:00+00:00",
        ),
        ("a = 2026-09-11T00:00:00", lambda t: t.instant("a"), "a has no offset"),
        ("a = 0001-01-01T00:00:00", lambda t: t.instant("a", zone=SEOUL), "a is out of range"),
        (
            'a = "5x"',
            lambda t: t.duration("a"),
            "a must be a length of time such as 30s, 5m, 1h or 30d, and is '5x'",
        ),
        (
            'a = "0s"',
            lambda t: t.duration("a", least=1),
            "a must be a length of time such as 30s, 5m, 1h or 30d, and is '0s'",
        ),
        ('a = "1 in 0"', lambda t: t.chance("a"), "a must be written as in 1 in 1000, and is '1 in 0'"),
        ('a = "("', lambda t: t.pattern("a", lambda _: "is no pattern"), "a is no pattern"),
        ('a = "xx"', lambda t: t.pattern("a", lambda _: None, most=1), "a is longer than 1 characters"),
        ("a = 1", lambda t: t.table("a"), "a must be a table, and is 1"),
        ("a = 1", lambda t: t.optional_table("a"), "a must be a table such as a = { ... }, and is 1"),
        ("a = [1]", lambda t: t.tables("a"), "a must be an array of tables, each under [[a]], and holds 1"),
        ("a = []", lambda t: t.tables("a", required=True), "a is empty"),
        ("a = [{}, {}]", lambda t: t.tables("a", most=1), "a holds more than 1 tables"),
    ],
)
def test_what_does_not_fit_is_one_fault(text: str, read: Callable[[Table], object], says: str) -> None:
    table = _table(text)
    read(table)
    assert [fault.message for fault in table.faults] == [says]
    assert table.faults[0].where.line == 1


def test_a_key_nobody_asked_for_is_a_fault_with_the_nearest_known() -> None:
    faults: list[Fault] = []
    table = Table.top(
        parse_toml("titel = 1\n[inner]\nzzz = 2\n", name="it.toml"),
        faults,
        code="x.bad",
        unknown_code="x.unknown",
    )
    table.text("title", required=False)
    inner = table.table("inner")
    inner.text("why", required=False)
    inner.rest_unknown()
    table.rest_unknown()
    assert [(fault.code, fault.message, fault.hint) for fault in faults] == [
        ("x.unknown", "inner.zzz is not known here", "Known: why"),
        ("x.unknown", "titel is not known here", "Did you mean title?"),
    ]


def test_an_item_is_named_as_its_file() -> None:
    faults: list[Fault] = []
    table = Table.of_item(parse_toml('id = "other"', name="items/it.toml"), faults)
    assert table.name == "it"
    assert [str(fault) for fault in faults] == [
        "items/it.toml:1 [it]: id is 'other', and the file is named 'it'"
    ]


def test_a_long_text_is_cut_in_a_fault() -> None:
    table = _table(f'a = "{"x" * 5000}"')
    table.text("a", one_of=("b",))
    assert len(table.faults[0].message) < 100


def test_a_table_under_another_code_knows_what_was_asked_for() -> None:
    table = _table("a = 1\nb = 2\n")
    table.under("x.first").text("a")
    table.rest_unknown()
    assert [(fault.code, fault.where.line) for fault in table.faults] == [("x.first", 1), ("item.invalid", 2)]


def test_the_entries_of_a_list_are_taken_by_their_position() -> None:
    table = _table('hours = [1, "two", 3]\nnone = 4\n')
    entries = table.entries("hours")
    assert [entries.take(at, int, "a whole number") for at in entries.values] == [1, None, 3]
    assert not table.entries("none").values
    assert _told(table) == [
        "it.toml:1 [it]: hours.1 must be a whole number, and is 'two'",
        "it.toml:2 [it]: none must be a list, and is 4",
    ]


def test_a_fault_in_a_value_that_was_given_is_told_under_the_name_it_was_given_by() -> None:
    file = parse_toml("a = 1\n[inner]\nb = 2\n", name="it.toml")
    file.given["inner", "b"] = "--set inner.b"
    told = [file.fault("x.bad", "is wrong", *path) for path in (("a",), ("inner", "b"), ("inner", "b", 0))]
    assert [(fault.where.file, fault.where.line, fault.where.item) for fault in told] == [
        ("it.toml", 1, None),
        (None, None, "--set inner.b"),
        (None, None, "--set inner.b"),
    ]
