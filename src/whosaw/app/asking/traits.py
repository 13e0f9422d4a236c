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
    rows = session.query(
        f"SELECT {', '.join(f'c.{trait}' for trait in client.NAMES)}, coalesce(v.n, 0) AS n FROM clients c SEMI JOIN asked USING (client) "
        "LEFT JOIN (SELECT client, count(*) AS n FROM (SELECT DISTINCT client, content, line FROM views SEMI JOIN asked USING (client) "
        "WHERE NOT duplicate) GROUP BY client) v USING (client)",
        asked=asked,
    )
    found = []
    for trait in (each for each in client.NAMES if rows[each].null_count < rows.num_rows):
        (told,) = session.query(
            f"WITH by_value AS (SELECT {trait} AS value, sum(n)::BIGINT AS n FROM rows GROUP BY {trait}) "
            "SELECT count(value) AS named, coalesce(sum(n) FILTER (value IS NULL), 0)::BIGINT AS without, "
            f"(SELECT list((value, n) ORDER BY n DESC, value) FROM (FROM by_value WHERE value IS NOT NULL ORDER BY n DESC, value LIMIT {_MOST})) "
            "AS most FROM by_value",
            rows=rows,
        ).to_pylist()
        most = tuple(tuple(each.values()) for each in told["most"])
        found.append(Behind(trait=trait, values=told["named"], most=most, views_without=told["without"]))
    return tuple(found)
