"""Which flagged manners come through the same addresses."""

from __future__ import annotations

import pyarrow as pa
import pytest

from whosaw.actors.parties import SAME_PARTY, WITHIN_GROUP
from whosaw.actors.statement import statement
from whosaw.store.sql import Session


def pairs(*flags: dict[str, int]) -> list[tuple[int, int]]:
    """Of flags that have so many views through each address: which two of them are told to be one party."""
    views = [
        (hit, address, at)
        for hit, held in enumerate(flags)
        for address in held
        for at in range(held[address])
    ]
    addresses = sorted({address for _, address, _ in views})
    clients = sorted({(hit, address) for hit, address, _ in views})
    with Session() as session:
        session.register("detect_mark_hits", pa.table({"mark": range(len(flags)), "hit": range(len(flags))}))
        session.register(
            "detect_clients",
            pa.table({
                "client": range(len(clients)),
                "address": [addresses.index(address) for _, address in clients],
            }),
        )  # fmt: skip
        session.register(
            "detect_hit_views",
            pa.table({
                "mark": [hit for hit, _, _ in views],
                "client": [clients.index((hit, address)) for hit, address, _ in views],
            }),
        )  # fmt: skip
        asked = pa.table({"hit": range(len(flags))})
        rows = session.query(statement("same_addresses"), [WITHIN_GROUP, SAME_PARTY], asked=asked).to_pylist()
    return [(row["one"], row["other"]) for row in rows]


POOL = {"p1": 280, "p2": 280, "p3": 220, "p4": 220}


@pytest.mark.parametrize(
    ("other", "one_party"),
    [
        ({"p1": 1, "p2": 1}, True),  # all addresses, however few its views
        ({"p1": 110, "p2": 110, "home": 10, "office": 10}, True),  # nearly all views of one and most of the other
        ({"p1": 110, "p2": 110, "home": 20, "office": 20}, False),  # too many of its own through others
        ({"p3": 110, "p4": 110, "home": 10, "office": 10}, False),  # too few of the larger one's
        ({"home": 100, "office": 100}, False),
    ],
)  # fmt: skip
def test_two_manners_are_one_party_where_nearly_all_of_them_comes_through_the_same_addresses(
    other: dict[str, int], one_party: bool
) -> None:
    assert pairs(POOL, other) == [(0, 1)] * one_party
