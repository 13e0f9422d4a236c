"""Reasons as one sentence."""

from __future__ import annotations

from whosaw.core.reasons import joined_reasons


def test_reasons_are_told_once_and_without_their_own_full_stops() -> None:
    assert joined_reasons(["A key was retired.", "It is not on record.", "A key was retired."]) == (
        "A key was retired; It is not on record"
    )


def test_of_twenty_reasons_three_are_told_and_the_number_of_the_rest() -> None:
    assert joined_reasons(f"hour {n} is missing." for n in range(20)) == (
        "hour 0 is missing; hour 1 is missing; hour 2 is missing; and 17 more"
    )


def test_no_reason_is_no_text() -> None:
    assert joined_reasons([]) == ""
