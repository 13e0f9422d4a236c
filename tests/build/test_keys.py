"""A key changes with everything that was read, and with nothing else."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

from whosaw.build.keys import items_key, kind_key, root, rounded, step_key

ASKED: dict[str, Any] = {
    "name": "sum",
    "code": "c0de",
    "items": items_key({"rule": "N3"}),
    "reads": [("views", 4, "1:aa"), ("answers", 4, "1:bb")],
    "facts": {"zone": 2},
}


def test_a_key_is_sha256_over_canonical_json() -> None:
    items = hashlib.sha256(b'{"rule":"N3"}').hexdigest()
    assert items_key({"rule": "N3"}) == items
    wanted = f'["sum","c0de","{items}",[["answers",4,"1:bb"],["views",4,"1:aa"]],{{"zone":2}}]'
    assert step_key(**ASKED) == hashlib.sha256(wanted.encode()).hexdigest()
    assert step_key(**{**ASKED, "reads": ASKED["reads"][::-1]}) == step_key(**ASKED)


@pytest.mark.parametrize(
    ("what", "other"),
    [
        ("name", "sums"),
        ("code", "c0df"),
        ("items", items_key({"rule": "U3"})),
        ("items", items_key({"rules": "N3"})),
        ("reads", [("views", 4, "1:aa"), ("answers", 4, "1:bc")]),
        ("reads", [("views", 4, "1:aa"), ("answers", 5, "1:bb")]),
        ("reads", [("views", 4, "1:bb"), ("answers", 4, "1:aa")]),
        ("reads", [("views", 4, "1:aa")]),
        ("facts", {"zone": 3}),
        ("facts", {"zone": None}),
        ("facts", {}),
    ],
)
def test_it_changes_with_each_thing_that_was_read(what: str, other: object) -> None:
    assert step_key(**{**ASKED, what: other}) != step_key(**ASKED)


def test_days_make_kinds_and_kinds_the_root() -> None:
    assert (
        kind_key({5: "2:01", 6: "3:02"})
        == kind_key({6: "3:02", 5: "2:01"})
        != kind_key({5: "3:02", 6: "2:01"})
    )
    views, tries = kind_key({5: "2:01"}), kind_key({64: "3:02"})
    assert root({"views": views, "tries": tries}) == root({"tries": tries, "views": views})
    assert root({"views": views, "tries": tries}) != root({"views": tries, "tries": views})


def test_real_numbers_are_rounded_before_they_are_compared() -> None:
    assert rounded({"share": 0.1 + 0.2, "of": [(1 / 3, 2)], "many": 7, "none": None, "zero": -1e-9}) == {
        "share": 0.3,
        "of": [[0.333333, 2]],
        "many": 7,
        "none": None,
        "zero": 0.0,
    }
    assert str(rounded(-1e-9)) == "0.0"
