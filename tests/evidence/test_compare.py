"""Numbers are held against their like: rows by name, files by content, findings by the lines that they share."""

from __future__ import annotations

from typing import Any

from whosaw.evidence.compare import (
    Comparison,
    compare_findings,
    compare_inputs,
    compare_numbers,
    pair_contents,
)
from whosaw.evidence.sealed import SealedContent, SealedFinding, finding_from_json


def _content(name: str, digest: str, lines: int = 3) -> SealedContent:
    keys = ("size", "events", "rejects", "comments", "continued", "duplicates", "views")
    return SealedContent(
        content=1,
        name=name,
        source="s",
        digest=digest,
        modified=None,
        lines=lines,
        format="f",
        forced=False,
        zone=None,
        configuration="c",
        complete=True,
        fault=None,
        first="t",
        last="t",
        segments=(),
        **dict.fromkeys(keys, 1),
    )


def test_rows_are_compared_by_name_and_not_by_place() -> None:
    into = Comparison()
    sealed = {"by": [{"name": "a", "n": 1}, {"name": "b", "n": 2}], "plain": [1, 2], "none": None}
    compare_numbers(into, "x", sealed, {**sealed, "by": [sealed["by"][1], sealed["by"][0]]})  # type: ignore[index]
    assert (into.answer, into.differs) == ("equal", [])
    compare_numbers(into, "x", sealed, {**sealed, "by": [{"name": "b", "n": 3}]})
    assert into.answer == "differs"
    assert {row.what: (row.sealed, row.found) for row in into.differs} == {
        "x/by/a/n": (1, None),
        "x/by/a/name": ("a", None),
        "x/by/b/n": (2, 3),
    }


def test_nothing_compared_is_not_equal() -> None:
    assert Comparison().answer == "cannot tell"


def test_a_zero_and_a_one_are_not_taken_for_false_and_true_without_saying() -> None:
    into = Comparison()
    compare_numbers(into, "x", {"a": 0, "b": None}, {"a": 1, "b": 0})
    assert [row.what for row in into.differs] == ["x/a", "x/b"]


def test_contents_are_paired_by_digest_first_and_then_by_the_end_of_their_names() -> None:
    sealed = [
        _content("old/web/access.log", "1"),
        _content("old/api/access.log", "2"),
        _content("old/gone.log", "3"),
    ]
    found = [
        _content("/mnt/api/access.log", "9"),
        _content("/mnt/renamed.log", "1"),
        _content("/mnt/new.log", "7"),
    ]
    pairs = pair_contents(sealed, found)
    assert [(a and a.name, b and b.name) for a, b in pairs] == [
        ("old/web/access.log", "/mnt/renamed.log"),
        ("old/api/access.log", "/mnt/api/access.log"),
        ("old/gone.log", None),
        (None, "/mnt/new.log"),
    ]
    into = Comparison()
    compare_inputs(into, pairs)
    assert [(row.what, row.sealed, row.found) for row in into.differs] == [
        ("file old/api/access.log: digest", "2", "9"),
        ("file old/gone.log", "3", None),
        ("file /mnt/new.log", None, "7"),
    ]


def test_two_copies_of_one_file_are_paired_with_two() -> None:
    sealed = [_content("a/x.log", "1"), _content("b/x.log", "1")]
    assert [
        b.name for _, b in pair_contents(sealed, [_content("b/x.log", "1"), _content("a/x.log", "1")]) if b
    ] == [
        "a/x.log",
        "b/x.log",
    ]


def _finding(name: str, detector: str, views: int) -> SealedFinding:
    return finding_from_json(
        {
            "id": name,
            "detector": detector,
            "first_view": "t",
            "last_view": "t",
            "locators": [],
            "counts": [{"unit": "views", "lower": views, "upper": views}],
        }
    )


def test_findings_are_paired_by_their_lines_whatever_their_ids_are() -> None:
    sealed = [_finding("s1", "walk", 5), _finding("s2", "walk", 9), _finding("s3", "canary", 1)]
    found = [_finding("x", "walk", 9), _finding("y", "walk", 4), _finding("z", "bulk", 2)]
    places: Any = ({"s1": {1, 2}, "s2": {8}, "s3": {3}}, {"x": {8, 9}, "y": {2}, "z": {3}})
    into = Comparison()
    compare_findings(into, sealed, found, places)
    assert [(row.what, row.sealed, row.found) for row in into.differs] == [
        ("finding s1 (walk): counts/views/lower", 5, 4),
        ("finding s1 (walk): counts/views/upper", 5, 4),
        ("finding s3 (canary)", "found", None),
        ("a finding of bulk", None, "found"),
    ]
