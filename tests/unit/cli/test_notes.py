"""Notes of a scan: those about tables that nobody gave are one."""

from __future__ import annotations

from whosaw.cli.texts.answers import _gathered


def test_what_nobody_gave_is_said_once() -> None:
    notes = [
        "canary-hit: cannot tell: no canaries given",
        "own-record: cannot tell: no staff given and no subjects given",
        "staff-without-reason: cannot tell: no staff given; no tickets given",
        "public-figure: cannot tell: no row of subjects says public",
        "access.log: columns not used: colour",
    ]
    assert _gathered(notes) == [
        *notes[3:],
        "3 detectors cannot tell: no canaries, staff, subjects, tickets given; --json names them",
    ]
