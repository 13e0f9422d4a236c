"""The rows of the bench: the worst of what was measured, and of which seeds it is."""

from __future__ import annotations

from bench.breaches import Key, Plan, joined
from bench.score_table import Row
from tests.house.test_breach_section import row as shown

KEY: Key = ("leaver", "none", "full")
PLAIN = shown("leaver", "full")["worst"]


def scored(before: int, recall: float) -> Row:
    rest = dict.fromkeys(Row.__dataclass_fields__)
    return Row(
        **{
            **rest,
            **PLAIN,
            "persons_before_first": before,
            "persons_recall": recall,
            "findings_true": 1,
            "findings_nosy": 0,
        }
    )  # type: ignore[arg-type]  # columns by name


def plan(scale: float = 1.0, *, events: bool = False) -> Plan:
    return Plan(
        breaches=["leaver"], damages=["none", "rough"], contexts=["full"], seeds=[1], scale=scale, damaged_scale=0.1,
        events=events,
    )  # fmt: skip


def test_a_further_seed_is_held_against_those_before() -> None:
    first = joined(None, KEY, 1, scored(3, 1.0), plan())
    both = joined(first, KEY, 4, scored(2, 0.9), plan(events=True))
    assert (first["seeds"], first["as_events"]) == ([1], [])
    assert (both["seeds"], both["as_events"]) == ([1, 4], [4])
    assert both["worst"]["persons_before_first"] == 3
    assert both["worst"]["persons_recall"] == 0.9


def test_a_seed_that_is_measured_again_or_at_another_size_begins_anew() -> None:
    first = joined(None, KEY, 1, scored(3, 1.0), plan())
    assert joined(first, KEY, 1, scored(2, 1.0), plan())["worst"]["persons_before_first"] == 2
    other = joined(first, KEY, 2, scored(2, 1.0), plan(0.5))
    assert (other["seeds"], other["scale"]) == ([2], 0.5)


def test_damaged_logs_are_those_of_a_smaller_shop() -> None:
    assert joined(None, ("leaver", "rough", "full"), 1, scored(3, 1.0), plan())["scale"] == 0.1
