"""A claim is read whatever a stranger made of it: every row is read or counted as not read, and nothing is guessed silently."""

from __future__ import annotations

import gzip
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyroaring import BitMap
from tests.scope.made_document import document, version_of
from tests.wide import examples

from whosaw.core.document import object_of
from whosaw.core.errors import WhosawError
from whosaw.scope.claim.fields import ClaimedField, cannot_know, field_answer, looks_like_times
from whosaw.scope.claim.file import Claim, open_claim
from whosaw.scope.claim.person_column import Tally, choose_column, kind_of_values, needed_for

KNOWN = {"member_no", "email", "이메일", "name"}


def opened(path: Path, data: str | bytes, **options: Any) -> Claim:
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return open_claim(path, known_name=lambda name: name in KNOWN, **options)


def rows(claim: Claim) -> list[tuple[str | None, ...]]:
    return [row for chunk in claim.chunks(2) for row in chunk.values]


PEOPLE = [("4711", "kim@example.org"), ("4712", None)]


@pytest.mark.parametrize(
    ("data", "form"),
    [
        ("member_no,email\n4711,kim@example.org\n4712,\n", "delimited"),
        ("member_no;email\r\n4711;kim@example.org\r\n4712;-\r\n", "delimited"),
        ("member_no\temail\n4711\tkim@example.org\n4712\tNULL\n", "delimited"),
        ("member_no|email\n\n4711|kim@example.org\n\n4712|\n", "delimited"),
        ('"member_no", "email"\n"4711", "kim@example.org"\n"4712", ""', "delimited"),
        ("\ufeffmember_no,email\n4711,kim@example.org\n4712,\n", "delimited"),
        ('{"member_no":4711,"email":"kim@example.org"}\n\n{"member_no":"4712"}\n', "JSON lines"),
        ('[{"member_no":4711,"email":"kim@example.org"},{"member_no":4712,"email":null}]', "JSON array"),
        (
            '{"count":2,"data":[{"member_no":4711,"email":"kim@example.org"},\n{"member_no":4712}]}',
            "JSON array",
        ),
    ],
)
def test_the_same_people_come_out_of_every_form(tmp_path: Path, data: str, form: str) -> None:
    claim = opened(tmp_path / "dump", data)
    assert (claim.form, claim.columns) == (form, ("member_no", "email"))
    assert rows(claim) == PEOPLE
    assert rows(claim) == PEOPLE  # as often as it is asked
    assert (claim.unread, claim.unclear) == (0, 0)


def test_a_packed_file_and_other_encodings_are_read(tmp_path: Path) -> None:
    text = "member_no,이메일\n4711,kim@example.org\n4712,\n"
    packed = opened(tmp_path / "a.csv.gz", gzip.compress(text.encode()))
    assert rows(packed) == PEOPLE
    assert packed.digest == hashlib.sha256((tmp_path / "a.csv.gz").read_bytes()).hexdigest()
    assert rows(opened(tmp_path / "b.csv", text.encode("utf-16"))) == PEOPLE
    korean = opened(tmp_path / "c.csv", text.encode("cp949"), encoding="cp949")
    assert korean.columns == ("member_no", "이메일")


def test_a_cell_in_another_encoding_does_not_cost_the_row(tmp_path: Path) -> None:
    claim = opened(tmp_path / "a.csv", b"member_no,name\n4711," + "김".encode("cp949") + b"\n4712,Lee\n")
    assert [row[0] for row in rows(claim)] == ["4711", "4712"]
    assert (claim.unread, claim.unclear) == (0, 1)


def test_a_list_has_one_column_and_no_header(tmp_path: Path) -> None:
    claim = opened(tmp_path / "ids.txt", "4711\n4712\n\n4713\n")
    assert (claim.form, claim.columns, claim.header) == ("list", ("column 1",), "none")
    assert rows(claim) == [("4711",), ("4712",), ("4713",)]
    assert rows(opened(tmp_path / "ids.json", "[4711, 4712]")) == [("4711",), ("4712",)]


@pytest.mark.parametrize(
    ("first", "header"),
    [
        ("member_no,x", "guessed"),  # a name that is known
        ("nr,wert", "guessed"),  # words over numbers
        ("4711,kim", "none"),
        ("kim@example.org,kim", "none"),
    ],
)
def test_a_header_is_told_from_data(tmp_path: Path, first: str, header: str) -> None:
    assert opened(tmp_path / "a.csv", f"{first}\n1,2\n3,4\n").header == header


def test_names_of_people_in_the_first_row_do_not_become_names_of_columns(tmp_path: Path) -> None:
    claim = opened(tmp_path / "a.csv", "Kim Minsu,Seoul\nLee Jiwoo,Busan\n")
    assert (claim.columns, len(rows(claim))) == (("column 1", "column 2"), 2)
    assert opened(tmp_path / "a.csv", "Kim Minsu,Seoul\nLee Jiwoo,Busan\n", header=True).header == "stated"


def test_columns_of_one_name_or_none_are_told_apart(tmp_path: Path) -> None:
    assert opened(tmp_path / "a.csv", "member_no,,x,x\n1,2,3,4\n").columns == (
        "member_no",
        "column 2",
        "x",
        "x (2)",
    )


def test_rows_that_do_not_fit_are_counted_by_line(tmp_path: Path) -> None:
    claim = opened(tmp_path / "a.csv", 'member_no,email\n1,a\n2\n3,b,c\n"4","d\ne"\n5,f\n')
    assert rows(claim) == [("1", "a"), ("4", "d\ne"), ("5", "f")]
    assert (claim.unread, claim.unread_lines) == (2, [3, 4])
    torn = opened(tmp_path / "a.jsonl", '{"member_no":1}\n{"member_no":\n7\n{"member_no":2,"x":{"y":[1]}}\n')
    assert torn.columns == ("member_no", "x.y")
    assert rows(torn) == [("1", None), ("2", "[1]")]
    assert (torn.unread, torn.unread_lines) == (2, [2, 3])


def test_a_quote_that_is_never_closed_loses_no_line_uncounted(tmp_path: Path) -> None:
    lines = 100_000
    data = "member_no,email\n" + '1,"a\n' + "2,bbbbbbbbbbbbbbbbbb\n" * lines
    claim = opened(tmp_path / "a.csv", data)
    assert len(rows(claim)) + claim.unread == 1 + lines
    assert claim.unread > 0


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ("", "is empty"),
        (" \n \n", "is empty"),
        ("INSERT INTO members VALUES (1,'a');\n", "dump in SQL"),
        (b"PK\x03\x04\x00\x00zip", "is not a text file"),
        ('[{"a":1},', "no whole JSON document"),
        (b"\x1f\x8b\x08\x00broken", "cannot be read"),
    ],
)
def test_what_is_no_claim_is_refused_with_a_clear_line(tmp_path: Path, data: str | bytes, said: str) -> None:
    with pytest.raises(WhosawError, match=said):
        opened(tmp_path / "dump", data)


def test_a_file_that_is_not_there_and_an_unknown_encoding_are_said(tmp_path: Path) -> None:
    with pytest.raises(WhosawError, match="cannot be read"):
        open_claim(tmp_path / "none", known_name=lambda _: False)
    with pytest.raises(WhosawError, match="is no encoding"):
        opened(tmp_path / "a.csv", "a,b\n1,2\n", encoding="klingon")


cells = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=8).filter(
    lambda text: text.strip() == text and text.lower() not in ("-", "null", "none", "\\n", "nan", "n/a")
)


@settings(max_examples=examples(40))
@given(st.lists(st.tuples(cells, cells), min_size=1, max_size=6))
def test_what_the_standard_writer_writes_comes_back(people: list[tuple[str, str]]) -> None:
    import csv
    import io
    import tempfile

    buffer = io.StringIO()
    csv.writer(buffer, quoting=csv.QUOTE_ALL).writerows([("member_no", "email"), *people])
    with tempfile.TemporaryDirectory() as folder:
        claim = opened(Path(folder) / "a.csv", buffer.getvalue(), header=True)
        if claim.delimiter == ",":  # cells full of another delimiter may win
            assert rows(claim) == people
        lines = "".join(json.dumps({"member_no": a, "email": b}) + "\n" for a, b in people)
        assert rows(opened(Path(folder) / "a.jsonl", lines)) == people


# -- which column names people


def tally(
    column: str, distinct: int, known: int, *, rows: int = 0, named: bool = False, foreign: bool = False
) -> Tally:
    filled = rows or distinct
    return Tally(
        column=column,
        filled=filled,
        distinct=distinct,
        known=known,
        named=named,
        foreign=foreign,
        kind="other",
    )


def test_small_numbers_are_not_taken_for_people_by_chance() -> None:
    assert choose_column([tally("pieces", 5, 5, rows=900), tally("card", 30, 30, foreign=True)]) is None
    person = choose_column([tally("pieces", 5, 5, rows=900), tally("member", 5, 1, rows=900, named=True)])
    assert person is not None
    assert person.column == "member"


def test_the_column_that_the_ledger_knows_best_is_the_one_with_people() -> None:
    best = choose_column([tally("age", 60, 55), tally("no", 900, 800), tally("mail", 900, 0)])
    assert best is not None
    assert best.column == "no"
    assert choose_column([tally("mail", 900, 0), tally("x", 3, 0)]) is None
    assert choose_column([]) is None


def test_of_two_alike_the_one_that_says_so_is_taken_and_else_it_is_asked() -> None:
    named = choose_column([tally("age", 20, 20), tally("member_no", 20, 18, named=True)])
    assert named is not None
    assert named.column == "member_no"
    with pytest.raises(WhosawError, match="'a' and 'b' could each be"):
        choose_column([tally("a", 20, 20), tally("b", 20, 18)])


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("d41d8cd98f00b204e9800998ecf8427e", "hash"),
        ("A" * 64, "hash"),
        ("$2b$12$abcdefghijklmnopqrstuv", "hash"),
        ("kim@example.org", "email"),
        ("+82 10-1234-5678", "phone"),
        ("0712345678", "phone"),
        ("4711", "other"),
        ("u-4711", "other"),
    ],
)
def test_the_kind_of_an_identifier_is_told_by_its_form(value: str, kind: Any) -> None:
    assert kind_of_values([value] * 9 + ["?"]) == kind
    assert "'x'" in needed_for(kind, "x")


def test_a_kind_needs_nearly_all_values() -> None:
    assert kind_of_values(["kim@example.org"] * 8 + ["?"] * 2) == "other"
    assert kind_of_values([]) == "other"


@pytest.mark.parametrize(("value", "time"), [("2025-04-14", True), ("2025-04-14T10:00:00Z", True), ("20250414", True),
                                             ("20259999", False), ("4711", False), ("apr 2025", False)])  # fmt: skip
def test_times_are_told_from_other_values(value: str, time: bool) -> None:
    assert looks_like_times([value, value]) is time
    assert not looks_like_times([])


# -- which fields could have come from the actor's views


def answer(
    category: str | None, persons: set[int], *, matched: bool = True, **changed: Any
) -> dict[str, Any]:
    sets = {"held": BitMap([1, 2, 3]), "possible": BitMap([8]), "category:identity.name": BitMap([1, 2, 3])}
    field = ClaimedField(column="x", category=category, rows=9, persons=BitMap(persons))
    return object_of(field_answer(field, version_of(document(**changed)), sets, matched=matched))


def numbers(told: dict[str, Any]) -> tuple[Any, ...]:
    return told["answer"], told["seen"], told["possible"], told["not_seen"]


def test_a_field_is_answered_by_category_and_person() -> None:
    assert numbers(answer("identity.name", {1, 2})) == ("could", 2, 0, 0)
    assert numbers(answer("identity.name", {1, 2, 8, 40})) == ("in part", 2, 1, 1)
    assert answer("identity.name", {1})["routes"] == ["my-info"]
    assert numbers(answer("identity.name", {40})) == ("could not", 0, 0, 1)
    some = {"lower": 0, "upper": 5, "reasons": []}
    assert numbers(answer("identity.name", {40}, secondary=some)) == ("cannot tell", 0, 0, 1)
    assert numbers(answer("financial.card-number", {1, 2})) == ("could not", 0, 0, 2)
    assert numbers(answer(None, {1, 2})) == ("cannot tell", None, None, None)


def test_a_category_is_akin_to_what_it_is_part_of_and_to_nothing_else() -> None:
    assert answer("identity", {1})["answer"] == "could"
    assert answer("identity.name.maiden", {1})["answer"] == "could"
    assert answer("identity.names", {1})["answer"] == "could not"


def test_a_category_that_no_route_carries_cannot_be_told_while_pages_without_a_route_were_asked_for() -> None:
    assert answer("health.diagnosis", {1})["answer"] == "could not"
    asked = [{"code": "unmapped-route", "what": "3 requests"}]
    assert answer("health.diagnosis", {1}, open=asked)["answer"] == "cannot tell"
    unsure = [
        {"category": "health.diagnosis", "answer": "cannot tell", "why": ["web has gaps"], "routes": []}
    ]
    told = answer("health.diagnosis", {1}, categories_held=unsure)
    assert (told["answer"], told["why"]) == ("cannot tell", "web has gaps")


def test_without_people_the_answer_is_of_the_category_alone() -> None:
    told = answer("financial.card-number", set(), matched=False)
    assert (told["answer"], told["persons"], told["seen"]) == ("could not", None, None)
    assert answer("identity.name", set(), matched=False)["answer"] == "could"


def test_what_the_ledger_cannot_know_is_always_said() -> None:
    quiet = cannot_know(
        version=version_of(document()), claimed=3, missing=0, unknown=0, times=[], no_category=[]
    )
    assert [each.code for each in quiet] == ["values", "copies"]
    loud = cannot_know(
        version=version_of(document(secondary={"lower": 0, "upper": 9, "reasons": []}, lists={"views": 3, "persons_at_most": None, "reasons": []})),
        claimed=3, missing=7, unknown=2, times=["saved_at"], no_category=["note"],
    )  # fmt: skip
    assert [each.code for each in loud][2:] == [
        "fewer-than-seen",
        "times",
        "unknown-people",
        "no-category",
    ]
    told = {each.code: each.what for each in loud}
    assert "the actor saw 7 more" in told["fewer-than-seen"]
    assert "whom the log does not name" in told["unknown-people"]
    assert "lists" in told["unknown-people"]
