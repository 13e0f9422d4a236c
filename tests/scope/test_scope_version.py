"""A version is read once into one value, from what this program keeps and from what earlier ones kept."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.scope.made_document import document, version_of

from whosaw.core.canonical_json import canonical_json
from whosaw.core.document import object_of
from whosaw.core.scope_version import OpenItem, read_version

KEPT = {**document(), "version": 3, "made": "2025-11-17T07:00:00Z", "made_by": "kim"}


def test_a_version_says_what_its_document_says() -> None:
    read = read_version(canonical_json(KEPT))
    assert (read.case, read.version, read.made_by) == ("spring", 3, "kim")
    assert [(each.unit, each.lower, each.upper) for each in read.counts] == [
        ("views", 6, 6), ("accounts", 3, 3), ("persons", 3, 3),
    ]  # fmt: skip
    assert [row.name for row in read.by["route"]] == ["my-info"]
    assert read.final is None


def test_its_json_is_the_document_as_it_was_kept_whatever_this_program_knows_of_it() -> None:
    odd = {**KEPT, "of another release": [1], "actor": {**KEPT["actor"], "mood": "calm"}}
    text = canonical_json(odd)
    assert object_of(read_version(text)) == odd
    assert canonical_json(read_version(text)) == text


def test_what_earlier_releases_did_not_say_is_read_as_unsaid() -> None:
    read = version_of(document(clues=[{"kind": "key", "value": "k-2024"}]))
    assert "left" not in document()["actor"]
    assert (read.actor.left, read.clues[0].leads) == ((), "")
    names = [{**row, "name": 0} for row in document()["by"]["part"]]
    assert version_of(document(by={**document()["by"], "part": names})).by["part"][0].name == "0"


def test_an_open_item_without_a_bound_is_not_one_that_adds_nobody() -> None:
    items: list[dict[str, Any]] = [
        {"code": "rejects", "what": "x"},
        {"code": "rejects", "what": "x", "adds_upper": 0},
    ]
    read = version_of(document(open=items)).open
    assert read == (OpenItem(code="rejects", what="x"), OpenItem(code="rejects", what="x", adds_upper=0))
    assert [object_of(each) for each in read] == items


@pytest.mark.parametrize("name", sorted({*document(), "version", "made", "made_by"}))
def test_a_document_without_one_of_its_parts_is_no_version(name: str) -> None:
    with pytest.raises(ValueError, match=f"{name} is missing"):
        read_version(canonical_json({key: value for key, value in KEPT.items() if key != name}))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"", "is no JSON document"),
        (b"\xff", "is no JSON document"),
        (b"[]", "the document is no JSON object"),
        (json.dumps({**KEPT, "format": 2}).encode(), "format is none of 1"),
    ],
)
def test_what_is_no_version_is_refused(text: bytes, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        read_version(text)
