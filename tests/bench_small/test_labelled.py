"""Labelled logs of others: what is scanned, what counts as found, and how the page tells it."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from bench.labelled import DATA, SETS, Labelled, main, measured
from tools.labelled_section import labelled_section

BY_NAME = {each.name: each for each in SETS}


def row(name: str, **more: Any) -> dict[str, Any]:
    usual = {
        "name": name, "what": "some logs", "why": "they are small", "logs": 3, "events": 1_200, "views": 40, "persons": 9,
        "hits": 2, "hits_found": 2, "benign": 1, "benign_found": 0, "findings": 0,
    }  # fmt: skip
    return {**usual, **more}


def test_the_page_says_why_only_of_what_did_not_come_out_right() -> None:
    text = labelled_section(
        [row("good"), row("missed", hits_found=1), row("loud", benign_found=1, findings=4)]
    )
    assert "| missed | 3 | 1,200 | 40 | 1 of 2 | 0 of 1 | 0 | 0.0 |" in text
    assert "| loud | 3 | 1,200 | 40 | 2 of 2 | 1 of 1 | 4 | 100,000.0 |" in text
    assert "- **good**: some logs.\n" in text
    assert text.count("Why: they are small.") == 2
    assert labelled_section([]).startswith("Nothing was measured yet")


def test_what_days_find_stands_behind_what_is_found_now_where_it_is_something_else() -> None:
    now = [row("as now"), row("fewer", findings=4, benign_found=1)]
    text = labelled_section(now, {each["name"]: each for each in (now[0], row("fewer"))})
    assert "| as now | 3 | 1,200 | 40 | 2 of 2 | 0 of 1 | 0 | 0.0 |" in text
    assert (
        "| fewer | 3 | 1,200 | 40 | 2 of 2 | 1 of 1, by days 0 of 1 | 4, by days 0 | 100,000.0, by days 0.0 |"
        in text
    )


def test_sets_that_were_not_asked_for_keep_their_rows(tmp_path: Path) -> None:
    results = tmp_path / "labelled.json"
    first, second, *_ = (each.name for each in SETS)
    kept = {"rows": [row("before")], "days": [row(first), row(second, findings=7)]}
    results.write_text(json.dumps(kept))
    told = Labelled(**row(second, findings=3))
    words = ["labelled", "--only", second, "--data", str(tmp_path), "--results", str(results)]
    with patch.object(sys, "argv", words), patch("bench.labelled.measured", return_value=told):
        assert main() == 0
    assert json.loads(results.read_text()) == {**kept, "days": [row(first), row(second, findings=3)]}


@pytest.mark.skipif(not DATA.is_dir(), reason=f"the real logs are not at {DATA} (WHOSAW_TEST_DATA)")
def test_an_object_read_with_a_stolen_role_is_counted_and_gives_no_finding(tmp_path: Path) -> None:
    told = measured(BY_NAME["object read off-host"], DATA, tmp_path)
    assert (told.logs, told.events, told.hits, told.hits_found) == (1, 103, 1, 0)
    assert told.views >= 2  # the object, read twice
