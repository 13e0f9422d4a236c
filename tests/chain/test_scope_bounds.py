"""The truth of a damaged replay lies within the bounds of its scope, from logs to counts."""

from __future__ import annotations

from pathlib import Path

import pytest
from bench.twins import Twin, measure, summary
from tests.wide import wide

DAMAGES = ("lost-hours", "lost-month")


@pytest.fixture(scope="module")
def twins(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Twin]:
    folder = tmp_path_factory.mktemp("twins")
    return {twin.damage: twin for twin in measure("leaver", 2, DAMAGES, folder / "leaver", scale=0.02)}


def test_the_truth_lies_within_the_bounds(twins: dict[str, Twin]) -> None:
    assert [damage for damage, twin in twins.items() if twin.counts is None] == []
    assert [damage for damage, twin in twins.items() if not twin.holds] == []


def test_lost_hours_leave_a_bound_and_a_lost_month_does_not(twins: dict[str, Twin]) -> None:
    hours, month = twins["lost-hours"].counts, twins["lost-month"].counts
    assert hours is not None
    assert month is not None
    assert hours[0].upper is not None
    assert month[0].upper is None
    assert month[1].upper == 400  # as many accounts as the context knows


def test_the_summary_counts_what_held(twins: dict[str, Twin]) -> None:
    told = summary(list(twins.values()))
    assert (told["twins"], told["found"], told["hold"]) == (2, 2, 2)
    assert told["without_upper"]["views"] >= 1
    assert len(told["lost_hours_upper_to_lower"]["views"]) == 1


@wide
def test_views_that_the_owners_logins_explain_lie_within_the_bounds(tmp_path: Path) -> None:
    """Stolen sessions: the login on record explains what the thief sees."""
    (twin,) = measure("stolen-sessions", 2, ["none"], tmp_path / "stolen", scale=0.4)
    assert twin.counts is not None
    assert twin.holds
    assert twin.counts[1].upper is not None
    assert twin.counts[1].upper <= 1.2 * twin.counts[1].lower
    assert twin.rows_out == ()
