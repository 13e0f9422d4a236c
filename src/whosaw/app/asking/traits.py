"""By what an actor is known: of each trait how many values its clients have, and those behind most views."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import pyarrow as pa

from whosaw.core import client
from whosaw.store.ledger import LedgerReader

__all__ = ["Behind", "TraitOf", "ValueOf", "behind_views"]

_MOST = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueOf:
    """One value of a trait, masked unless it was revealed, and how many views were asked for with it."""

    shown: str = field(repr=False)
    views: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TraitOf:
    """One trait of an actor: how many values its clients have, `most` of all, and how many of its views have none."""

    trait: str
    values: int
    most: tuple[ValueOf, ...]
    views_without: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Behind:
    """The same with values as the ledger knows them: numbers, or texts of what is kept in clear."""

    trait: str
    values: int
    most: tuple[tuple[int | str, int], ...]
    views_without: int


def behind_views(reader: LedgerReader, clients: Sequence[int]) -> tuple[Behind, ...]:
    """What stands behind the views of these clients, for each trait that any of them has, in the order of the client schema."""
    session = reader.session
    asked = pa.table({"client": pa.array(sorted(clients), pa.int32())})
    # each view of a client is one line of it, however many people it showed
    views = session.query(
        "SELECT client, count(DISTINCT (content, line)) AS n FROM views SEMI JOIN asked USING (client) WHERE NOT duplicate GROUP BY client",
        asked=asked,
    )
    found = []
    for trait in client.NAMES:
        rows = session.query(
            f"SELECT c.{trait} AS value, coalesce(sum(v.n), 0)::BIGINT AS n FROM clients c SEMI JOIN asked USING (client) "
            f"LEFT JOIN seen v USING (client) GROUP BY c.{trait} ORDER BY n DESC, value",
            asked=asked,
            seen=views,
        ).to_pylist()
        named = [(row["value"], row["n"]) for row in rows if row["value"] is not None]
        without = sum(row["n"] for row in rows if row["value"] is None)
        if named:
            found.append(
                Behind(trait=trait, values=len(named), most=tuple(named[:_MOST]), views_without=without)
            )
    return tuple(found)
