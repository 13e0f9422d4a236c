"""The shape of a document, what must not stand in it, and what makes two documents the same scope."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from tests.scope.made_document import count, document, row, version_of

from whosaw.core.canonical_json import canonical_json
from whosaw.core.errors import FaultsError
from whosaw.core.instants import to_micros
from whosaw.core.scope_version import OpenItem, read_version
from whosaw.scope.versions.document import OCCASION, body_digest, check_document, document_digest, same_scope
from whosaw.scope.versions.open_items import StillOpenError, what_to_do


def messages(whole: dict[str, Any]) -> list[str]:
    with pytest.raises(FaultsError) as told:
        check_document(whole)
    return [str(fault) for fault in told.value.faults]


def test_a_whole_document_is_accepted_before_and_after_it_is_kept() -> None:
    check_document(document())
    check_document({**document(), "version": 1, "made": "2025-11-17T07:00:00Z", "made_by": "user"})


@pytest.mark.parametrize("name", sorted({*document()}))
def test_each_part_is_needed(name: str) -> None:
    whole = document()
    del whole[name]
    assert messages(whole) == [f"[{name}]: is missing"]


def test_all_that_is_wrong_is_said_at_once() -> None:
    told = messages({**document(), "format": 2, "open": None, "members": "abc"})
    assert [each.partition(":")[0] for each in told] == ["[format]", "[members]", "[open]"]


@pytest.mark.parametrize("kind", ["address", "token", "session", "principal", "person"])
def test_a_raw_identifier_is_refused_and_not_repeated(kind: str) -> None:
    raw = "kim.minsu@example.org"
    (told,) = messages(document(clues=[{"kind": kind, "value": raw}]))
    assert f"holds a raw {kind}" in told
    assert raw not in told
    check_document(document(clues=[{"kind": kind, "value": "0123456789abcdef" * 2}]))


@pytest.mark.parametrize("clues", [[], [{"kind": "rumour", "value": "x"}], [{"kind": "key"}]])
def test_clues_are_of_known_kinds(clues: list[Any]) -> None:
    assert messages(document(clues=clues))


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"lower": 5, "upper": 3}, "out of order"),
        ({"lower": -1}, "out of order"),
        ({"lower": True}, "whole numbers"),
        ({"lower": 2.5}, "whole numbers"),
        ({"upper": 9, "exact": False}, "no reason"),
        ({"exact": False}, "says wrongly"),
    ],
)
def test_a_count_is_a_count(wrong: dict[str, Any], said: str) -> None:
    counts = [count("views", 6), {**count("accounts", 3), **wrong}, count("persons", 3)]
    (told,) = messages(document(counts=counts))
    assert said in told
    assert "counts.accounts" in told


def test_the_three_units_are_counted_in_order() -> None:
    assert messages(document(counts=[count("views", 6), count("persons", 3)]))
    by = {**document()["by"], "day": [{**row("2025-04-14", 3), "persons": {}}]}
    (told,) = messages(document(by=by))
    assert "by.day.2025-04-14.persons" in told


@pytest.mark.parametrize("final", [{"by": "user"}, {"by": "user", "at": "today", "despite": None},
                                   {"by": "user", "at": "2025-11-17T07:00:00Z", "despite": 3}])  # fmt: skip
def test_a_final_document_says_who_and_when(final: dict[str, Any]) -> None:
    assert messages(document(final=final))


def test_who_asked_when_and_by_which_clue_does_not_make_another_scope() -> None:
    one = {**document(), "version": 1, "made": "2025-11-17T07:00:00Z", "made_by": "kim"}
    other = {
        **document(
            "autumn",
            clues=[{"kind": "agent", "value": "okhttp"}],
            final={"by": "lee", "at": "2025-11-17T07:00:00Z", "despite": None},
        ),
        "version": 4,
        "made": "2026-01-01T00:00:00Z",
        "made_by": "lee",
    }
    assert {name for name in one if one[name] != other[name]} | {"final"} == set(OCCASION)
    assert same_scope(read_version(canonical_json(one)), read_version(canonical_json(other)))
    assert body_digest(one) == body_digest(other)
    assert document_digest(one) != document_digest(other)


def test_what_was_counted_makes_another_scope() -> None:
    plain = version_of(document())
    assert not same_scope(plain, version_of(document(accounts=4)))
    assert not same_scope(plain, version_of(document(inputs={"map": "0" * 64})))


def test_what_is_open_is_listed_with_what_to_do() -> None:
    first, last = (to_micros(datetime(2025, 4, 14, hour, tzinfo=UTC)) for hour in (1, 4))
    items = [
        OpenItem(code="coverage-gap", what="web has no whole log for 3 hours.", source="web", first=first, last=last, adds_upper=1200),
        OpenItem(code="ambiguous-link", what="an office of 40 people", do="Ask the office"),
        OpenItem(code="something-new", what="who knows"),
    ]  # fmt: skip
    text = str(StillOpenError("spring", 3, items))
    lines = text.splitlines()
    assert "spring 3 cannot be final: 3 points within its reach are still open" in lines[0]
    assert lines[1].startswith(
        "  coverage-gap: web has no whole log for 3 hours (web 2025-04-14T01:00:00Z 2025-04-14T04:00:00Z); up to 1,200 more. Find the logs"
    )
    assert lines[2].endswith("Ask the office")
    assert lines[3].endswith(what_to_do(items[2]))
