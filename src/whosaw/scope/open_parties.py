"""Findings of other actors that may be this actor's all the same: what they share proves nothing, and does not exclude it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import pyarrow as pa

from whosaw.core import client
from whosaw.core.scope_version import AmbiguousLink
from whosaw.store.sql import Session

from .basis import Basis
from .grouping import groups_of
from .link_item import Link
from .statement import statement

__all__ = ["open_parties", "told_of_open", "too_few"]

_FEW_OTHERS: Final = 50  # views of others in a thousand held ones: then hardly anybody else has the value
_SHOWN: Final = 20
_PLACE: Final = frozenset(client.with_(lambda each: each.place))
_FEW: Final = 3  # views of a party, below which they say nothing of how it works
_TOO_FEW: Final = "one or two views do not show how an actor works: one that takes a new address and a new program each time shares nothing with them"
_WHY: Final = (
    "they share something with the actor's findings: a value that hardly anybody else has, or a network and a program. That is no "
    "proof, but they may be the actor's"
)


def open_parties(
    session: Session, basis: Basis, parties: Sequence[int], nodes: Mapping[int, Sequence[int]]
) -> tuple[int, ...]:
    """Other parties that share a value with these, or with those that do: one that hardly anybody else has, or a network and a
    program that many have; and those that share a program with these themselves, for what no finding counts of it is possible, too.
    Where names in the log say whose both of two parties are, what many have is not asked; that nobody had a reason for any of their views
    does not say whose they are. `nodes` are the findings of each party."""
    pairs = _pairs(session, basis.links)
    mine, found, grown = set(parties), set(parties), True
    while grown:
        grown = False
        for (one, other), shared in pairs.items():
            if (one in found) == (other in found):
                continue
            named = all(
                basis.findings[node] in basis.record.named
                for each in (one, other)
                for node in nodes.get(each, ())
            )
            tied = "few" in shared or (
                "program" in shared and not named and ("place" in shared or not mine.isdisjoint((one, other)))
            )
            if tied:
                found |= {one, other}
                grown = True
    return tuple(sorted(found - set(parties)))


def too_few(session: Session, basis: Basis, found: Sequence[int]) -> bool:
    """Whether what is surely of the party is too little to say what its other views would look like. Whom a log names is told by the name.
    Reads chosen_nodes and scope_joined."""
    if found and all(basis.findings[each] in basis.record.named for each in found):
        return False
    (row,) = session.query(
        statement("close_few").format(few=_FEW, rows=_FEW * max(1, len(found)))
    ).to_pylist()
    return bool(row["views"] < _FEW)


def _pairs(session: Session, links: Sequence[Link]) -> dict[tuple[int, int], set[str]]:
    """Of each two parties, what kinds of values they share."""
    pairs: dict[tuple[int, int], set[str]] = {}
    for link in links:
        if link.joins == "nothing" or link.walk is not None:
            continue
        for group in groups_of(session, link):
            kinds = {"place"} if _PLACE.intersection(link.by) else set()
            kinds |= {"program"} if "agent" in link.by else set()
            kinds |= {"few"} if _few(group) else set()
            several = group["parties"]
            for at, one in enumerate(several):
                for other in several[at + 1 :]:
                    pairs.setdefault((one, other), set()).update(kinds)
    return pairs


def _few(group: Mapping[str, Any]) -> bool:
    others = group["explained"] + group["cannot_tell"] + group["unexplained"]
    return bool(others * 1000 <= _FEW_OTHERS * group["held"])


def told_of_open(
    session: Session, nodes: Sequence[int], findings: Sequence[str], *, few: bool
) -> tuple[AmbiguousLink, ...]:
    """With how many views and persons they are in the scope, not held. Of a party of which too little is known, all that is not explained."""
    if few:
        (row,) = session.query(
            "SELECT count(*) AS views, count(DISTINCT person) AS persons FROM scope_views WHERE NOT held"
        ).to_pylist()
        return (AmbiguousLink(link="too-few-views", by=(), value="", why=_TOO_FEW, **row),)
    if not nodes:
        return ()
    (row,) = session.query(
        "SELECT count(*) AS views, count(DISTINCT person) AS persons FROM scope_views SEMI JOIN ("
        "SELECT m.client FROM members AS m JOIN scope_nodes AS n USING (finding) SEMI JOIN open_nodes USING (node)"
        ") AS o USING (client) WHERE NOT held",
        open_nodes=pa.table({"node": pa.array(list(nodes), pa.int32())}),
    ).to_pylist()
    names = [findings[each] for each in nodes]
    shown = ", ".join(names[:_SHOWN]) + (f" and {len(names) - _SHOWN:,} more" if len(names) > _SHOWN else "")
    return (
        AmbiguousLink(
            link="findings-that-share",
            by=(),
            value=shown,
            why=_WHY,
            persons=row["persons"],
            views=row["views"],
        ),
    )
