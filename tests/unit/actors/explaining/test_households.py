"""Which days meet the rows of subjects, staff and claims, against the rule in plain words."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from whosaw.actors.explaining import meeting
from whosaw.actors.explaining.digested import CLAIMS, DIGEST, digested_schema
from whosaw.actors.explaining.meeting import Once, met_among, met_on
from whosaw.actors.explaining.numbering import word_of
from whosaw.store.digest_groups import Grouped, places_in_order

Told = dict[str, list[bytes | None]]
Held = Mapping[str, Mapping[int, set[bytes]]]
DAYS = (3, 4, 7)
KINDS = {"person": b"p", "principal": b"u", "token": b"t", "session": b"s"}


def digest(of: bytes, number: int) -> bytes:
    """Some begin alike, some end alike."""
    return (of + bytes([number % 3])).ljust(8, b"\xf0") + bytes([number]) * 8


def made(seed: int) -> tuple[dict[str, Told], Held]:
    random = Random(seed)

    def some(of: bytes, among: int, many: int, none: float) -> list[bytes | None]:
        return [None if random.random() < none else digest(of, random.randrange(among)) for _ in range(many)]

    many, none = random.randrange(1, 30), random.choice([0, 0.2])
    told: dict[str, Told] = {
        "subjects": {
            "subject": some(b"p", 15, many, none),
            "home": some(random.choice([b"h", b"\xff\xff"]), 8, many, 0.3),
            "staff": some(b"u", 6, many, random.choice([0.8, 1])),
        }
    }
    if random.random() < 0.8:
        told["logins"] = {
            "subject": some(b"p", 18, 12, none),
            "token": some(b"t", 9, 12, 0.3),
            "session": some(b"s", 9, 12, 0.6),
        }
    if random.random() < 0.6:
        told["staff"] = {"staff": some(b"u", 6, 4, 0), "subject": some(b"p", 15, 4, 0.3)}
    held = {
        kind: {
            day: {digest(of, random.randrange(12)) for _ in range(random.choice([0, 1, 2]))} for day in DAYS
        }
        for kind, of in KINDS.items()
    }
    return told, held


def tables_of(told: Mapping[str, Told]) -> dict[str, pa.Table]:
    found = {}
    for name, columns in told.items():
        schema, rows = digested_schema(name), len(columns["subject"])
        found[name] = pa.table(
            [
                pa.array(columns[each.name], each.type) if each.name in columns else pa.nulls(rows, each.type)
                for each in schema
            ],
            schema=schema,
        )
    return found


def present_of(held: Held):  # type: ignore[no-untyped-def]
    def present(kind: str, values: pa.Array) -> pa.Table:
        pairs = [
            (place, day)
            for day in DAYS
            for place, each in enumerate(values.to_pylist())
            if each in held[kind][day]
        ]
        return pa.table(
            {
                "place": pa.array([place for place, _ in pairs], pa.int64()),
                "day": pa.array([day for _, day in pairs], pa.int64()),
            }
        )

    return present


def by_hand(told: Mapping[str, Told], held: Held) -> list[tuple[int, int]]:
    """Days and rows of subjects: of who is there, works there, lives with somebody who is or whose pass is."""
    subjects = told["subjects"]
    logins = told.get("logins", {"subject": [], "token": [], "session": []})
    staff = told.get("staff", {"staff": [], "subject": []})

    def order(home: bytes) -> int:
        return int(word_of(pa.array([home], DIGEST))[0].as_py())

    homes: dict[bytes | None, int] = {}
    for who, home in zip(subjects["subject"], subjects["home"], strict=True):
        if home is not None:
            homes[who] = min(homes.get(who, 1 << 63), order(home))
    found = []
    for day in DAYS:
        lively = {home for who, home in homes.items() if who in held["person"][day]}
        for kind in ("token", "session"):
            for who, carried in zip(logins["subject"], logins[kind], strict=True):
                if carried in held[kind][day] and who in homes:
                    lively.add(homes[who])
        at_work = {
            who
            for member, who in zip(staff["staff"], staff["subject"], strict=True)
            if who is not None and member in held["principal"][day]
        }
        for row, who in enumerate(subjects["subject"]):
            own = who in held["person"][day] or subjects["staff"][row] in held["principal"][day]
            if own or who in at_work or homes.get(who) in lively:
                found.append((day, row))
    return found


@given(st.integers(0, 1 << 30))
def test_whoever_lives_with_somebody_seen_is_met(seed: int) -> None:
    told, held = made(seed)
    tables = tables_of(told)
    for once in (None, Once(), Once(keeps=False)):
        row, day = met_on("subjects", tables, present_of(held), once)
        assert list(zip(day.tolist(), row.tolist(), strict=True)) == by_hand(told, held)


@given(st.integers(0, 1 << 30))
def test_rows_that_are_asked_alone_are_met_as_among_all(seed: int) -> None:
    told, held = made(seed)
    rows = np.array(sorted(Random(seed).sample(range(len(told["subjects"]["subject"])), 1)))
    row, day = met_among("subjects", tables_of(told), rows, present_of(held))
    own = [(each, at) for each, at in by_hand(told, held) if at in rows]
    assert list(zip(day.tolist(), rows[row].tolist(), strict=True)) == own


@pytest.mark.parametrize("table", [0, 1 << 24])
def test_claims_are_met_by_number(table: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(meeting, "_TABLE", table)
    claims = pa.table(
        {"principal": [7, 3, None, 7, 9], "person": [1, 2, 3, 4, 5]}, schema=digested_schema(CLAIMS)
    )

    def present(_kind: str, values: pa.Array) -> pa.Table:
        place = {each: at for at, each in enumerate(values.to_pylist())}
        return pa.table({"place": [place[9], place[7], place[7]], "day": [5, 5, 6]})

    row, day = met_on(CLAIMS, {CLAIMS: claims}, present)
    assert (row.tolist(), day.tolist()) == ([0, 3, 4, 0, 3], [5, 5, 5, 6, 6])


@given(st.lists(st.none() | st.integers(0, 30)), st.lists(st.none() | st.integers(0, 30)))
def test_rows_are_grouped_by_digest_and_digests_found_among_them(
    rows: list[int | None], asked: list[int | None]
) -> None:
    values, others = (
        pa.array([None if each is None else digest(b"p", each) for each in some], DIGEST)
        for some in (rows, asked)
    )
    told = Grouped.of(values)
    own = values.take(pa.array(told.first)).to_pylist()
    assert own == sorted({each for each in values.to_pylist() if each is not None})
    place = {None: len(own)} | {each: at for at, each in enumerate(own)}
    assert told.things(len(values)).tolist() == [place[each] for each in values.to_pylist()]
    found = places_in_order(others, values.take(pa.array(told.first)))
    assert found.tolist() == [place.get(each, -1) for each in others.to_pylist()]
