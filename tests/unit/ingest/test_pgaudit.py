"""Payloads of pgaudit."""

import csv
import io

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from whosaw.ingest.pgaudit import PAYLOAD_NAMES, parse_payload, read_payload
from whosaw.ingest.structured.csvlog import with_payload

WHOLE = 'AUDIT: SESSION,4,1,READ,SELECT,TABLE,public.members,"select ""a"", b\nfrom members",<not logged>,12'


def test_every_part_has_its_name() -> None:
    assert parse_payload(WHOLE) == {
        "type": "SESSION",
        "statement_id": "4",
        "substatement_id": "1",
        "class": "READ",
        "command": "SELECT",
        "object_type": "TABLE",
        "object_name": "public.members",
        "statement": 'select "a", b\nfrom members',
        "rows": "12",
    }


def test_the_mark_may_be_gone_and_rows_are_optional() -> None:
    assert "rows" not in parse_payload(
        "OBJECT,4,1,READ,SELECT,TABLE,public.members,<previously logged>,<none>"
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "AUDIT: ",
        "duration: 3 ms",
        "AUDIT: OTHER,4,1,READ,SELECT,,,x,<none>",
        "AUDIT: SESSION,4,1",
        'AUDIT: SESSION,4,1,READ,SELECT,,,"cut',
    ],
)
def test_what_is_no_payload_gives_nothing(text: str) -> None:
    assert parse_payload(text) == {}
    assert read_payload(text) is None


def test_rows_are_a_number_or_not_told() -> None:
    entry = read_payload(WHOLE)
    assert entry is not None
    assert (entry.action, entry.object, entry.rows) == ("SELECT", "public.members", 12)
    none = read_payload(WHOLE.replace(",12", ",many"))
    assert none is not None
    assert none.rows is None


COPY = "AUDIT: SESSION,4,1,READ,COPY,,,copy members to stdout,<none>,0"


def test_rows_of_a_command_without_a_plan_are_not_told() -> None:
    entry = read_payload(COPY)
    assert entry is not None
    assert (entry.action, entry.rows) == ("COPY", None)


def test_columns_of_a_csvlog_say_the_same() -> None:
    table = with_payload(pa.table({"message": [COPY, "duration: 3 ms", WHOLE]}), "message")
    assert table["pgaudit_command"].to_pylist() == ["COPY", None, "SELECT"]
    assert table["pgaudit_rows"].to_pylist() == [None, None, "12"]


@given(st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"]), max_size=20))
def test_a_statement_comes_back(statement: str) -> None:
    out = io.StringIO()
    csv.writer(out, lineterminator="").writerow(
        ["SESSION", 1, 1, "READ", "SELECT", "", "", statement, "<none>"]
    )
    parts = parse_payload("AUDIT: " + out.getvalue())
    assert parts.get("statement", "") == (
        "" if statement.startswith("<") and "statement" not in parts else statement
    )
    assert set(parts) <= set(PAYLOAD_NAMES)
