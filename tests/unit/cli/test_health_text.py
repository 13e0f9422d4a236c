"""Log health on the terminal."""

from __future__ import annotations

from datetime import UTC

import pytest

from whosaw.app.reading.file_state import FilesVerified, Verified
from whosaw.cli.texts.health import show_health, show_verified
from whosaw.logs.health.statement import Level, Statement


def said(level: Level | None, sentence: str = "api.log: quiet") -> Statement:
    return Statement(check="gone-quiet", sources=("api.log",), level=level, sentence=sentence)


def test_each_statement_is_one_line_with_its_level(capsys: pytest.CaptureFixture[str]) -> None:
    show_health([said("high"), said("medium"), said(None, "api.log: cannot tell")], unknown=True, zone=UTC)
    assert capsys.readouterr().out.splitlines() == [
        "note: [high] api.log: quiet",
        "note: [medium] api.log: quiet",
        "note: api.log: cannot tell",
    ]


def test_a_scan_keeps_what_cannot_be_told_to_itself(capsys: pytest.CaptureFixture[str]) -> None:
    show_health([said(None)], unknown=False, zone=UTC)
    assert capsys.readouterr().out == ""


def test_many_of_a_kind_are_counted(capsys: pytest.CaptureFixture[str]) -> None:
    show_health([said("high")] * 13, unknown=False, zone=UTC)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 11
    assert lines[-1] == "note: [high] … and 3 more of gone-quiet; --json lists all"


def test_what_came_of_reading_again_is_counted_and_explained(capsys: pytest.CaptureFixture[str]) -> None:
    file = Verified(
        content=1,
        source="a.log",
        name="a.log",
        outcome="gone",
        then=10,
        why="another log stands in its place",
    )
    show_verified(FilesVerified(same=1200, changed=1, shorter=0, gone=1, cannot_tell=2, files=(file,)))
    assert capsys.readouterr().out.splitlines() == [
        "verified: 1,200 still what was read, 1 changed, 0 shorter, 1 gone, 2 cannot be told",
        "  a.log: gone: another log stands in its place",
    ]
