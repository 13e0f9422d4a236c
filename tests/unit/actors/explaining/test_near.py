"""What a few days meet of a large table is the same, found from what they hold or from the whole table."""

from __future__ import annotations

import hashlib
from random import Random

import numpy as np
import pyarrow as pa
import pytest

from whosaw.actors.explaining.digested import CLAIMS, Spellings, digested_schema
from whosaw.actors.explaining.meeting import met_among, met_on
from whosaw.actors.explaining.near import near, with_spellings

DAYS = (5, 6)
PEOPLE, PRINCIPALS = [f"c{at}" for at in range(60)], [f"u{at}" for at in range(12)]


def digest(kind: str, text: str) -> bytes:
    return hashlib.sha256(f"{kind}:{text}".encode()).digest()[:16]


def table(name: str, rows: int, **columns: list[bytes | None]) -> pa.Table:
    """A table of these columns, and nothing in the others."""
    return pa.table([
        pa.array(columns[each.name], each.type) if each.name in columns else pa.nulls(rows, each.type)
        for each in digested_schema(name)
    ], schema=digested_schema(name))  # fmt: skip


@pytest.fixture(params=range(12))
def made(request: pytest.FixtureRequest) -> tuple[dict[str, pa.Table], dict[str, dict[int, list[str]]]]:
    """Tables, and by kind and day who is there."""
    random = Random(request.param)

    def some(kind: str, of: list[str], many: int, none: float = 0.3) -> list[bytes | None]:
        return [None if random.random() < none else digest(kind, random.choice(of)) for _ in range(many)]

    passes = [f"p{at}" for at in range(40)]
    tables = {
        "subjects": table(
            "subjects",
            80,
            subject=some("person", PEOPLE, 80, 0.05),
            staff=some("principal", PRINCIPALS, 80, 0.9),
            home=some("home", [f"h{at}" for at in range(20)], 80),
        ),
        "logins": table(
            "logins",
            30,
            token=some("token", passes, 30),
            session=some("session", passes, 30),
            subject=some("person", PEOPLE, 30),
        ),
        "staff": table(
            "staff", 6, staff=some("principal", PRINCIPALS, 6, 0), subject=some("person", PEOPLE, 6)
        ),
    }
    there = {
        kind: {day: random.sample(of, 3) for day in DAYS}
        for kind, of in (
            ("person", PEOPLE),
            ("principal", PRINCIPALS),
            ("token", passes),
            ("session", passes),
        )
    }
    return tables, there


def test_a_few_days_meet_the_same_rows_of_a_large_table(
    made: tuple[dict[str, pa.Table], dict[str, dict[int, list[str]]]],
) -> None:
    tables, there = made
    held = {
        kind: {day: {digest(kind, each) for each in who} for day, who in of_days.items()}
        for kind, of_days in there.items()
    }

    def present(kind: str, values: pa.Array) -> pa.Table:
        pairs = [
            (place, day)
            for day in DAYS
            for place, each in enumerate(values.to_pylist())
            if each in held.get(kind, {}).get(day, ())
        ]
        places, days = zip(*pairs, strict=True) if pairs else ((), ())
        return pa.table({"place": pa.array(places, pa.int64()), "day": pa.array(days, pa.int32())})

    def every(kind: str) -> pa.Array:
        return pa.array(sorted(set().union(*held[kind].values())), pa.binary(16))

    whole = met_on("subjects", tables, present)
    own = near("subjects", tables, every)
    assert own is not None
    rows, days = met_among("subjects", tables, own, present)
    assert len(whole[0])
    assert np.array_equal(own[rows], whole[0])
    assert np.array_equal(days, whole[1])


def test_claims_are_looked_up_by_number_and_small_tables_not_at_all() -> None:
    claims = pa.table({"principal": [7, 3, 7, 9], "person": [1, 2, 3, 4]}, schema=digested_schema(CLAIMS))
    assert near(CLAIMS, {CLAIMS: claims}, lambda _: pa.array([7, 8])).tolist() == [0, 2]  # type: ignore[union-attr]
    assert near("shifts", {}, lambda _: pa.array([7])) is None


def test_whoever_is_known_by_another_spelling_is_there() -> None:
    known, spelled, other = (digest("person", each) for each in ("7", "c7", "c8"))
    spellings = pa.table(
        [["person", "principal"], [spelled, other], [1, 1], [known, known]], schema=Spellings
    )
    told = with_spellings("person", pa.array([known], pa.binary(16)), spellings)
    assert told.to_pylist() == [known, spelled]
