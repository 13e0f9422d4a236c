"""By which other methods a page was asked for, and whether by those who look at it anyway."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from whosaw.core.client import picked
from whosaw.store.sql import Session

from .possible import Unsure
from .route import Route

__all__ = ["MethodUse", "OtherMethod"]

_FORMS = ("POST", "PUT", "PATCH", "DELETE")  # which programs of their own answer, at the path of a page
_CLIENT = picked(
    "mapping.method_use",
    "address",
    "principal",
    "agent",
    why="these stay for as long as somebody has a page open",
)
_LEAST_REQUESTS, _LEAST_CLIENTS = 20, 5
_SHARE = 0.95  # of the requests, from clients that also opened the same person's page
_COMPACT_AT = 2_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherMethod:
    """Requests for the page of a route by a method that the route does not name. `own`: how many of them came from a client that
    also opened the page of the same person by a method that it names; `clients`: how many such clients there are."""

    method: str
    requests: int
    own: int
    clients: int
    ALSO: ClassVar[tuple[str, ...]] = ("usual",)

    @property
    def usual(self) -> bool:
        """Whether it looks like a form that people send from the page that they have open."""
        return (
            self.requests >= _LEAST_REQUESTS
            and self.clients >= _LEAST_CLIENTS
            and self.own >= _SHARE * self.requests
        )


class MethodUse:
    """Takes mapped events table by table, in any order."""

    def __init__(self, routes: Sequence[Route]) -> None:
        self._named = np.array([bool(route.match.methods) for route in routes], bool)
        self._seen: list[pa.Table] = []  # route, who (client and person), each once
        self._rows = 0
        self._others: Counter[tuple[int, str, int, int]] = Counter()  # route, method, who, client

    def add(self, rows: pa.Table, events: pa.Table, session: Session) -> None:
        """`rows` are what the map says of the `events`."""
        route, unsure = rows["route"].to_numpy(), rows["unsure"].to_numpy() & ~np.int8(Unsure.PERSON)
        own = (route >= 0) & (route < len(self._named)) & rows["view"].to_numpy()
        own[own] = self._named[route[own]]
        sure, other = np.flatnonzero(own & (unsure == 0)), np.flatnonzero(own & (unsure == Unsure.METHOD))
        if len(sure):
            seen = pa.table({"route": route[sure], "who": self._who(rows, events, sure, session)["who"]})
            self._seen.append(seen.group_by(["route", "who"]).aggregate([]))
            self._rows += self._seen[-1].num_rows
            if self._rows > _COMPACT_AT and len(self._seen) > 1:
                self._seen = [pa.concat_tables(self._seen).group_by(["route", "who"]).aggregate([])]
                self._rows = self._seen[0].num_rows // 2
        if not len(other) or "method" not in events.column_names:
            return
        told = self._who(rows, events, other, session)
        methods = events["method"].take(pa.array(other)).cast(pa.string()).to_pylist()
        for number, method, who, client in zip(
            route[other].tolist(), methods, told["who"].to_pylist(), told["client"].to_pylist(), strict=True
        ):
            if method in _FORMS:
                self._others[number, method, who, client] += 1

    def _who(
        self, rows: pa.Table, events: pa.Table, where: npt.NDArray[np.int64], session: Session
    ) -> pa.Table:
        taken = pa.array(where)
        given = {
            name: events[name].take(taken).cast(pa.string())
            if name in events.column_names
            else pa.nulls(len(where), pa.string())
            for name in _CLIENT
        }
        texts = ", ".join(_CLIENT)
        return session.query(
            f"SELECT hash({texts}) AS client, hash({texts}, person) AS who FROM t",
            t=pa.table({**given, "person": rows["person"].take(taken)}),
        )

    def of(self, number: int) -> tuple[OtherMethod, ...]:
        """The other methods of one route, the first in the alphabet first."""
        asked = [(key, many) for key, many in self._others.items() if key[0] == number]
        if not asked:
            return ()
        known: set[int] = set()
        if self._seen:
            seen, wanted = pa.concat_tables(self._seen), pa.array({key[2] for key, _ in asked}, pa.uint64())
            mask = pc.and_(pc.equal(seen["route"], number), pc.is_in(seen["who"], wanted))
            known = set(seen.filter(mask)["who"].to_pylist())
        found = []
        for method in sorted({key[1] for key, _ in asked}):
            of_method = [(key, many) for key, many in asked if key[1] == method]
            own = [(key, many) for key, many in of_method if key[2] in known]
            found.append(
                OtherMethod(
                    method=method,
                    requests=sum(many for _, many in of_method),
                    own=sum(many for _, many in own),
                    clients=len({key[3] for key, _ in own}),
                )
            )
        return tuple(found)
