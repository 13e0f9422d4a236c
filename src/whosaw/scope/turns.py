"""Which views stand where in the order of people's numbers, and when: what it takes to see addresses take turns in one walk.

A walk that is dealt out to many addresses shows at none of them. Together their people come one after another in the order of
their numbers. So numbers are cut into stretches, time into spells, and views are counted by stretch and spell, once for all
clues. Only addresses with people of several blocks of numbers matter, and of held views only those in the stretches of these.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from whosaw.store.sql import Session

from .crowd import NOBODY, ROWS, Crowd, Flags, Ints
from .link_item import Link
from .record import Record
from .statement import statement
from .turn_groups import leave_takers
from .walk_clause import WalkClause

__all__ = ["Turns"]

_FEWEST: Final = 3  # people of an address: two turns are never beyond chance in logs of less than three years
_VIEWS: Final = "SELECT person, client, micros FROM views WHERE NOT duplicate"
_FOUND: Final = (
    "SELECT v.person, v.client, v.micros, l.node FROM views AS v JOIN scope_found_lines AS l ON l.content = v.content "
    "AND l.line = v.line WHERE NOT v.duplicate"
)
_LOOSE: Final = "SELECT l.person, l.client, l.micros FROM scope_loose AS l SEMI JOIN scope_turn_clients AS c ON c.client = l.client"
_HELD_ROWS: Final = pa.schema([(name, pa.int32()) for name in ("node", "address", "stretch", "spell")])
_LOOSE_ROWS: Final = pa.schema([(name, pa.int32()) for name in ("client", "address", "stretch", "spell")])


@dataclass(slots=True, kw_only=True)
class Turns:
    """What `link` has to know before it is first asked about, made when all other links have nothing further to join. `proven` says
    of each finding whether a record proves each view of it."""

    link: Link
    clause: WalkClause
    record: Record
    crowd: Crowd
    proven: tuple[bool, ...]
    made: bool = False

    def begin(self, session: Session, party: Sequence[int]) -> None:
        """Nothing, where it is made already, or nothing is left to join: no views, and no party but those whose every view a
        record proves. `party` gives the party of each finding, and of the seed of clues."""
        if self.made:
            return
        session.register("scope_turn_beyond", pa.table({"address": pa.array([], pa.int32())}))
        session.execute(statement("turn_clients"), [max(_FEWEST, self.link.least_views)])
        left = session.query(
            "SELECT 1 FROM scope_turn_clients AS c ANTI JOIN scope_joined AS j USING (client) LIMIT 1"
        )
        several = len(set(party)) > 1 and not all(self.proven[: len(party)])
        if self.record.order is not None and party and (left.num_rows or several):
            _make(session, self.link, self.clause, self.record.order(), self.crowd)
            self.made = True


def _make(session: Session, link: Link, clause: WalkClause, order: pa.Table, crowd: Crowd) -> None:
    """Leaves in the session, by `stretch` of numbers and `spell` of time: scope_turn_loose (client, address, views) of views that
    no finding counts, scope_turn_held (node, address, views) of held ones, and scope_turn_usual (spell, views) of all others; and
    scope_turn_takers (address, turns), the addresses nearly all of whose views stand at the turns of others.

    They are empty where people have no numbers.
    """
    nodes = session.query(
        "SELECT node, sum(held) AS held FROM scope_base GROUP BY node ORDER BY held DESC, node"
    )
    smaller = nodes["node"].to_pylist()[1:]
    rows = _Rows.of(session, clause, crowd, order) if order.num_rows else None
    spells: dict[int, int] = {}
    active: set[tuple[int, int]] = set()
    session.keep_rows("scope_turn_loose_rows", rows.loose() if rows else iter(()), _LOOSE_ROWS)
    few = np.zeros(len(crowd.whole_nodes) + 1, np.bool_)  # the last place is that of nobody
    few[smaller] = True
    most = ~few
    most[NOBODY] = False
    # of all but the largest finding every row, for they may belong to another one; of that only what can be beside these
    session.keep_rows("scope_turn_few_rows", rows.held(few) if rows and smaller else iter(()), _HELD_ROWS)
    session.keep_rows(
        "scope_turn_most_rows", rows.most(most, spells, active) if rows else iter(()), _HELD_ROWS
    )
    usual = {"spell": pa.array(spells, pa.int32()), "views": pa.array(spells.values(), pa.int64())}
    session.register("scope_turn_usual", pa.table(usual))
    pairs = np.array(sorted(active), np.int32).reshape(-1, 2)
    session.register("scope_turn_active", pa.table({"node": pairs[:, 0], "spell": pairs[:, 1]}))
    session.execute(statement("turn_rows"))
    leave_takers(session, link, clause)


def _pairs(node: npt.NDArray[np.integer[Any]], spell: npt.NDArray[np.int64]) -> set[tuple[int, int]]:
    pairs = np.unique((node.astype(np.int64) << 32) + spell)
    return set(zip((pairs >> 32).tolist(), (pairs & 0xFFFFFFFF).tolist(), strict=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rows:
    """`stretch` is that of each person by number (NOBODY without one), `address` that of each client."""

    session: Session
    clause: WalkClause
    crowd: Crowd
    stretch: Ints
    address: Ints

    @classmethod
    def of(cls, session: Session, clause: WalkClause, crowd: Crowd, order: pa.Table) -> _Rows:
        persons = order["person"].to_numpy()
        stretch = np.full(int(persons.max()) + 2, NOBODY, np.int32)  # the last place is nobody's
        stretch[persons] = (order["place"].to_numpy() // clause.near).astype(np.int32)
        address = np.full(crowd.size, NOBODY, np.int32)
        for relation in ("scope_cast", "scope_few"):
            sql = f"SELECT client, address FROM {relation} WHERE address IS NOT NULL"
            for batch in session.batches(sql, ROWS):
                address[batch["client"].to_numpy()] = batch["address"].to_numpy()
        return cls(session=session, clause=clause, crowd=crowd, stretch=stretch, address=address)

    def loose(self) -> Iterator[pa.RecordBatch]:
        for batch in self.session.batches(_LOOSE, ROWS):
            yield from self._kept(_LOOSE_ROWS, batch, batch["client"].to_numpy(), self._stretches(batch))

    def held(self, nodes: Flags, wanted: Flags | None = None) -> Iterator[pa.RecordBatch]:
        """Held views of these findings, in the wanted stretches where any are named."""
        for batch in self.session.batches(_VIEWS, ROWS):
            client = batch["client"].to_numpy()
            node = self.crowd.node[client]
            yield from self._kept(
                _HELD_ROWS,
                batch,
                node,
                self._stretches(batch, self.crowd.whole[client] & nodes[node], wanted),
            )
        for batch in self.session.batches(_FOUND, ROWS):
            node = batch["node"].to_numpy()
            yield from self._kept(_HELD_ROWS, batch, node, self._stretches(batch, nodes[node], wanted))

    def most(
        self, nodes: Flags, spells: dict[int, int], active: set[tuple[int, int]]
    ) -> Iterator[pa.RecordBatch]:
        """Held views of these findings that may be beside what is kept of others. Fills `spells` with how many views there
        were in each that no finding counts with its client, and `active` with the spells of each finding."""
        for batch in self.session.batches("SELECT client, micros FROM views WHERE NOT duplicate", ROWS):
            client = batch["client"].to_numpy()
            spell = batch["micros"].to_numpy() // self.clause.within
            whole = self.crowd.whole[client]
            told, many = np.unique(spell[~whole], return_counts=True)
            for each, views in zip(told.tolist(), many.tolist(), strict=True):
                spells[each] = spells.get(each, 0) + views
            active |= _pairs(self.crowd.node[client[whole]], spell[whole])
        for batch in self.session.batches(_FOUND, ROWS):
            active |= _pairs(batch["node"].to_numpy(), batch["micros"].to_numpy() // self.clause.within)
        yield from self.held(nodes, self._wanted())

    def _wanted(self) -> Flags:
        rows = self.session.query(
            "SELECT DISTINCT stretch FROM (SELECT stretch FROM scope_turn_loose_rows UNION ALL SELECT stretch FROM scope_turn_few_rows)"
        )["stretch"].to_numpy()
        wanted = np.zeros(int(self.stretch.max(initial=-1)) + 3, np.bool_)
        for beside in (-1, 0, 1):
            wanted[np.clip(rows + beside, 0, None)] = True
        return wanted

    def _stretches(
        self, batch: pa.RecordBatch, here: Flags | None = None, wanted: Flags | None = None
    ) -> Ints:
        """NOBODY where the person has no number, or the row is not wanted."""
        person = batch["person"].fill_null(NOBODY).to_numpy()
        stretch = self.stretch[np.where(person < len(self.stretch), person, NOBODY)]
        left = stretch != NOBODY if here is None else here & (stretch != NOBODY)
        if wanted is not None:
            left = left & wanted[stretch]
        return np.where(left, stretch, NOBODY).astype(np.int32)

    def _kept(
        self, schema: pa.Schema, batch: pa.RecordBatch, whose: Ints, stretch: Ints
    ) -> Iterator[pa.RecordBatch]:
        here = np.flatnonzero(stretch != NOBODY)
        if not len(here):
            return
        address = self.address[batch["client"].to_numpy()[here]]
        spell = (batch["micros"].to_numpy()[here] // self.clause.within).astype(np.int32)
        columns = [
            pa.array(whose[here], pa.int32()),
            pa.array(address, pa.int32(), mask=address == NOBODY),
            pa.array(stretch[here], pa.int32()),
            pa.array(spell, pa.int32()),
        ]
        yield pa.RecordBatch.from_arrays(columns, schema=schema)
