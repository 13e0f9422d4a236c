"""Bounds on random small organisations that share nothing with the product's own replay: never a lower bound above the truth,
never an upper one below it. `python -m bench.worlds` judges 500 of them."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from tests.wide import WIDE
from tests.worlds.judge import Verdict, judge
from tests.worlds.site import STYLES, Knobs, knobs_of
from tests.worlds.world import World, make_world, seen_by

_SMALL = {"people": 120, "days": 7, "lines": 1_500, "staff": 3, "carriers": 1}


@st.composite
def small_worlds(draw: st.DrawFn) -> Knobs:
    """A small organisation with any breach, log, way to sign in and damage."""
    knobs = knobs_of(draw(st.integers(1, 10**6), label="seed"))
    breaches = draw(
        st.one_of(
            st.tuples(st.sampled_from(STYLES)), st.just(("neighbours",)), st.just(("forged", "own-login"))
        )
    )
    return replace(knobs, **_SMALL, breaches=breaches)


def _judged(knobs: Knobs) -> tuple[World, Verdict]:
    with tempfile.TemporaryDirectory() as folder:
        world = make_world(knobs, Path(folder) / "world")
        return world, judge(world, Path(folder) / "world")


@pytest.mark.slow
@settings(
    max_examples=6 if WIDE else 1,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
    phases=[
        Phase.generate
    ],  # a smaller world is another world, and each takes seconds; the one that fails is named
)
@given(small_worlds())
def test_no_bound_is_on_the_wrong_side_of_the_truth(knobs: Knobs) -> None:
    _, verdict = _judged(knobs)
    wrong = [fault for fault in verdict.faults if fault.kind in ("lower", "upper", "exact")]
    assert not wrong, f"{knobs}: {wrong}"


def test_a_world_is_a_function_of_its_seed(tmp_path: Path) -> None:
    one, two = (make_world(knobs_of(7), tmp_path / name) for name in ("one", "two"))
    assert [path.name for path in one.written.paths] == [path.name for path in two.written.paths]
    for mine, other in zip(one.written.paths, two.written.paths, strict=True):
        assert mine.read_bytes() == other.read_bytes()
    assert one.records.tables == two.records.tables


@pytest.mark.parametrize("style", STYLES)
def test_every_attacker_sees_people(style: str, tmp_path: Path) -> None:
    world = make_world(
        replace(knobs_of(3), **_SMALL, auth="session", log="kv", log_damage="none", breaches=(style,)),
        tmp_path,
    )
    views, accounts, persons = seen_by(world.views["breach 1"])
    assert views > 1  # of a list, each shows many
    assert persons >= accounts > 1
