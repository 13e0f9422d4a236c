"""What a scan says of the files that it read and of those that it knew."""

from __future__ import annotations

import pytest

from whosaw.cli.texts.answers import _show_notes
from whosaw.ingest.content_report import ContentReport


def report(name: str, outcome: str, *notes: str) -> ContentReport:
    return ContentReport(name=name, source="access.log", outcome=outcome, notes=notes)


def test_of_many_renamed_files_a_few_are_named_and_no_other_note_is_lost(
    capsys: pytest.CaptureFixture[str],
) -> None:
    renamed = [
        report(f"l.{each + 1}", "renamed", f"the same file as l.{each}, read before") for each in range(1_530)
    ]
    read = [report(f"new.{each}", "read", "3 lines have no end") for each in range(9)]
    _show_notes([*renamed, report("l.0", "copy", "the same bytes as l.9, not counted twice"), *read])
    told = capsys.readouterr().out.splitlines()
    assert told[:2] == [
        "note: l.1: the same file as l.0, read before",
        "note: l.2: the same file as l.1, read before",
    ]
    assert told[5:] == [
        "note: l.0: the same bytes as l.9, not counted twice",
        "note: new.0 and 8 more: 3 lines have no end",
        "… and 1,525 more renamed; --json lists all",
    ]
