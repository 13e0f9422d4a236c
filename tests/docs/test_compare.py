"""What is said of other tools rests on a page that was read, and on what was measured."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from tools import compare

DATA = tomllib.loads((Path(compare.ROOT) / "tools" / "compare.toml").read_text(encoding="utf-8"))


def small() -> dict[str, Any]:
    return {
        "questions": [{"id": "logs", "asks": "reads logs", "ours": "howto/formats.md"}, {"id": "law", "asks": "law", "ours": "x.md"}],
        "page": [
            {"id": "a", "title": "A", "url": "https://example.org/a", "of": date(2026, 1, 2), "read": date(2026, 3, 4)},
            {"id": "b", "title": "B", "url": "https://example.org/b", "read": date(2026, 3, 4)},
        ],
        "peer": [
            {
                "name": "Tool",
                "kind": "a tool",
                "says": {"logs": {"answer": "in part", "page": "b", "note": "some"}},
                "better": "It is quick.",
                "source": "a",
            }
        ],
    }  # fmt: skip


def test_nothing_is_said_without_a_page() -> None:
    assert compare.faults_of(DATA) == []
    assert compare.faults_of(small()) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda data: data["peer"][0]["says"]["logs"].pop("page"), "Tool: logs: no page ''"),
        (lambda data: data["peer"][0].update(source="c"), "Tool: better: no page 'c'"),
        (lambda data: data["page"][0].pop("read"), "page a: no day on which it was read"),
        (lambda data: data["page"][1].update(url="a book"), "page b: no url"),
        (lambda data: data["peer"][0]["says"]["logs"].update(answer="perhaps"), "'perhaps' is none of"),
        (lambda data: data["peer"][0]["says"].update(speed={"answer": "yes", "page": "a"}), "no question 'speed'"),
        (lambda data: data["page"].append({**data["page"][0], "id": "c"}), "page c: nothing rests on it"),
    ],
)  # fmt: skip
def test_a_cell_without_a_source_is_refused(change: Any, said: str) -> None:
    data = small()
    change(data)
    assert any(said in fault for fault in compare.faults_of(data))


def test_what_no_page_speaks_of_is_a_dot_and_not_a_no() -> None:
    lines = compare.compared(small()).splitlines()
    assert "| **Tool**, a tool | **in part**: some [[2]](#read-2) | · |" in lines
    assert "- **Tool.** It is quick. [[1]](#read-1)" in lines
    assert compare.read(small()).splitlines() == [
        '1. <span id="read-1"></span>[A](https://example.org/a), of 2026-01-02, read on 2026-03-04',
        '2. <span id="read-2"></span>[B](https://example.org/b), read on 2026-03-04',
    ]


def test_times_are_those_that_were_measured() -> None:
    def asked(seconds: float, outcome: str = "agrees") -> dict[str, Any]:
        return {"clients": {"outcome": outcome, "seconds": {"median": seconds}}}

    document = {
        "questions": [{"name": "clients"}],
        "log": {"lines": 1200},
        "machine": {"cores": 2},
        "measured": "2026-01-02",
        "contenders": [
            {"label": "whosaw", "absent": "", "questions": asked(0.5), "with_reading": asked(12.345)},
            {"label": "Other", "absent": "", "questions": asked(1.0, "cannot")},
            {"label": "Third", "absent": "", "questions": asked(2.0, "own")},
            {"label": "Gone", "absent": "it is not there", "questions": {}},
        ],
    }
    lines = compare.measured(document).splitlines()
    assert lines[0] == "1,200 lines on 2 cores, 2026-01-02; seconds:"
    assert lines[4:] == [
        "| whosaw, reading the log first | 12.35 |",
        "| whosaw, once it is read | 0.50 |",
        "| Other | cannot be asked |",
        "| Third | 2.00 (a count of its own) |",
    ]
