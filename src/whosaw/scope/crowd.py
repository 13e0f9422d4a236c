"""The clients of findings as arrays by number: there may be hundreds of millions, and joins with tables of them take long.

A ledger numbers its clients without holes, so an array has one place for each.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from whosaw.store.sql import Session

__all__ = ["NOBODY", "ROWS", "Crowd", "read_crowd"]

ROWS: Final = 1 << 20  # of one batch
NOBODY: Final = -1
_MEMBERS: Final = "SELECT m.client, n.node FROM members AS m JOIN scope_nodes AS n USING (finding)"

Ints = npt.NDArray[np.int32]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Crowd:
    """By client: `node` is the first finding that counts any view of it (NOBODY: none does), `whole` whether one counts every
    view, `views` how many it has. `several` (client, node) are clients of several findings with each of these, `partly` those
    of findings that do not count every view of their clients. `whole_nodes` says it of each finding."""

    node: Ints
    whole: Flags
    views: Ints
    several: pa.Table
    partly: pa.Table
    whole_nodes: Flags

    @property
    def size(self) -> int:
        return len(self.node)

    def single(self) -> Flags:
        """Clients of one finding alone."""
        flags: Flags = self.node != NOBODY
        flags[self.several["client"].to_numpy()] = False
        return flags

    def clients_of(self, nodes: Sequence[int]) -> Flags:
        """Clients of any of these findings."""
        wanted = np.zeros(len(self.whole_nodes) + 1, np.bool_)  # the last place is that of nobody
        wanted[list(nodes)] = True
        flags: Flags = wanted[self.node]
        also = self.several["client"].to_numpy()[wanted[self.several["node"].to_numpy()]]
        flags[also] = True
        return flags

    def whole_nodes_of(self, clients: npt.NDArray[np.int64]) -> set[int]:
        """Findings that count every view of any of these clients."""
        seen = clients[self.views[clients] > 0]
        nodes = self.node[seen[self.node[seen] != NOBODY]]
        also = self.several["node"].to_numpy()[np.isin(self.several["client"].to_numpy(), seen)]
        every = np.unique(np.concatenate([nodes, also]))
        return {int(each) for each in every[self.whole_nodes[every]]}


def read_crowd(session: Session, lines: Sequence[int], parted: Sequence[int] = ()) -> Crowd:
    """From members and scope_nodes; `lines` is how many lines each finding counts, by node. Of the findings `parted` lines are
    told apart, though all of their clients' views be counted."""
    top = session.query("SELECT max(client) AS top FROM clients")["top"][0].as_py()
    node = np.full(0 if top is None else int(top) + 1, NOBODY, np.int32)
    several = _read_members(session, node)
    views = np.zeros(len(node), np.int32)
    for batch in session.batches("SELECT client FROM views WHERE NOT duplicate", ROWS):
        client = batch["client"].to_numpy()
        np.add.at(views, client.astype(np.intp), np.ones(len(client), np.int32))  # of one type, or it is slow
    of_several, in_several = several["client"].to_numpy(), several["node"].to_numpy()
    single = node != NOBODY
    single[of_several] = False
    rows = np.bincount(node[single], weights=views[single], minlength=len(lines)).astype(np.int64)
    np.add.at(rows, in_several, views[of_several])
    whole_nodes = (rows > 0) & (rows == np.asarray(lines, np.int64))
    whole_nodes[list(parted)] = False
    whole = np.zeros(len(node), np.bool_)
    whole[single] = whole_nodes[node[single]]
    whole[of_several[whole_nodes[in_several]]] = True
    partly = np.flatnonzero(single & ~whole).astype(np.int32)
    left = ~whole_nodes[in_several]
    return Crowd(
        node=node,
        whole=whole,
        views=views,
        several=several,
        partly=_pairs(
            np.concatenate([partly, of_several[left]]), np.concatenate([node[partly], in_several[left]])
        ),
        whole_nodes=whole_nodes,
    )


def _read_members(session: Session, node: Ints) -> pa.Table:
    """Fills `node`; returns the clients of several findings with each of these."""
    clients, nodes = [np.zeros(0, np.int32)], [np.zeros(0, np.int32)]
    for batch in session.batches(_MEMBERS, ROWS):
        client, of = batch["client"].to_numpy(), batch["node"].to_numpy()
        fresh = node[client] == NOBODY
        node[client[fresh]] = of[fresh]
        other = node[client] != of
        clients.append(client[other].astype(np.int32))
        nodes.append(of[other].astype(np.int32))
    client, of = np.concatenate(clients), np.concatenate(nodes)
    met = np.unique(client)
    pairs = np.unique(
        np.stack([np.concatenate([met, client]), np.concatenate([node[met], of])], axis=1), axis=0
    )
    np.minimum.at(node, client, of)
    return _pairs(pairs[:, 0], pairs[:, 1])


def _pairs(client: npt.NDArray[np.int32], node: npt.NDArray[np.int32]) -> pa.Table:
    return pa.table({"client": pa.array(client, pa.int32()), "node": pa.array(node, pa.int32())})
