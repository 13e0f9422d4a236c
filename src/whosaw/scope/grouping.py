"""Grows parties by links until nothing new is found: a fixpoint over the whole ledger, whatever clue is asked about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any, Final

import pyarrow as pa

from whosaw.core import client
from whosaw.store.sql import Session, quote_name

from .link_item import Link
from .statement import statement
from .turn_groups import turn_groups
from .turns import Turns

_TEXTS: Final = frozenset(client.CLEAR)
_OF_MANY: Final = frozenset(
    client.with_(lambda each: each.holders == "many")
)  # what one has, others may have, too
_BASE: Final = frozenset(("address", "network", *client.CLEAR))  # columns of scope_base

__all__ = ["Grown", "Joined", "columns_of", "groups_of", "grow", "is_accepted"]


@dataclass(slots=True)
class Joined:
    """What one link did: by party, how many groups held it together and how many views they added; `united` are parties that
    it put together, as they were numbered then."""

    united: list[int] = field(default_factory=list)
    groups: dict[int, int] = field(default_factory=dict)
    views: dict[int, int] = field(default_factory=dict)


@dataclass(slots=True)
class Grown:
    """`party` gives for each node (a finding, or the seed of a clue) the number of its party, the smallest node in it."""

    party: list[int]
    signs: tuple[frozenset[str], ...]
    joined: dict[str, Joined]

    def nodes(self, party: int) -> list[int]:
        return [node for node, of in enumerate(self.party) if of == party]

    def alike(self, one: int, other: int) -> bool:
        """Whether any detector found both parties, as far as that is known."""
        signs = [
            [self.signs[node] for node in self.nodes(each) if node < len(self.signs)] for each in (one, other)
        ]
        if not all(all(some) for some in signs):
            return True
        return not frozenset().union(*signs[0]).isdisjoint(frozenset().union(*signs[1]))


def columns_of(link: Link) -> str:
    """Its columns, quoted."""
    return ", ".join(quote_name(each) for each in link.by)


def groups_of(session: Session, link: Link) -> list[dict[str, Any]]:
    """The groups of a link that a party is in, with what else is in them, in the order of their values."""
    if link.walk is not None:
        return turn_groups(session, link)
    names = {"columns": columns_of(link), "present": _present(link), "groups": _table(link)}
    rows: list[dict[str, Any]] = session.query(statement("close_groups").format(**names)).to_pylist()
    return rows


def _present(link: Link) -> str:
    return " AND ".join(f"{quote_name(each)} IS NOT NULL" for each in link.by)


def _table(link: Link) -> str:
    return quote_name(f"scope_group_{link.id}")


def _make_groups(session: Session, links: Sequence[Link]) -> None:
    """For each link the values that held views share. Held views do not change while parties grow, and there may be hundreds of
    millions, so they are added up once."""
    rows = session.query(
        "SELECT node, sum(held) AS held FROM scope_base GROUP BY node ORDER BY held DESC, node LIMIT 1"
    )
    largest = rows["node"][0].as_py() if rows.num_rows else 0
    for link in (each for each in links if each.walk is None):
        source = "scope_of_node" if _TEXTS.intersection(link.by) else "scope_cast"
        names = {
            "columns": columns_of(link),
            "present": _present(link),
            "groups": _table(link),
            "source": "scope_habit_held"
            if link.habit
            else "scope_base"
            if _BASE.issuperset(link.by)
            else source,
            "largest": largest,
        }
        session.execute(statement("close_group").format(**names))


def is_accepted(link: Link, group: Mapping[str, Any]) -> bool:
    """Whether this much in common says that it is the same party."""
    return link.accepts(held=group["held"], others=group["explained"] + group["cannot_tell"])


def grow(
    session: Session,
    links: Sequence[Link],
    signs: Sequence[frozenset[str]],
    seeded: pa.Table | None,
    turns: Turns | None,
) -> Grown:
    """Leaves scope_joined (client, link): clients whose loose views belong to a party, and scope_party (client, party) of these.

    `signs` are the detectors that made each finding. `seeded` are clients (client) whose loose views are the seed of the clues: the last node.
    """
    grown = Grown(
        party=list(range(len(signs))), signs=tuple(signs), joined={link.id: Joined() for link in links}
    )
    _make_groups(session, links)
    _begin(session, grown, seeded)
    joining = [each for each in links if each.joins != "nothing"]
    plain = [each for each in joining if each.walk is None]
    while sum(_grow_by(session, link, grown) for link in plain):
        pass
    if turns is not None:
        turns.begin(session, grown.party)
        while sum(_grow_by(session, link, grown) for link in joining):
            pass
    for link in links:  # counted at the end, when it is known who belongs to whom
        told = grown.joined[link.id]
        for party in [*_groups_that_joined(session, link), *(grown.party[each] for each in told.united)]:
            told.groups[party] = told.groups.get(party, 0) + 1
    _count_added(session, links, grown)
    return grown


def _grow_by(session: Session, link: Link, grown: Grown) -> bool:
    """Whether the link joined or united anything."""
    accepted = [each for each in groups_of(session, link) if is_accepted(link, each)]
    return bool(accepted) and _accept(session, link, accepted, grown)


def _groups_that_joined(session: Session, link: Link) -> list[int]:
    """The party of each accepted value that several clients of it share and at least one of which no finding counts."""
    rows = session.query(
        "SELECT min(p.party) AS party FROM scope_joined AS j JOIN scope_party AS p USING (client) "
        f"JOIN scope_outside AS o USING (client) WHERE j.link = ? AND {_present(link)} GROUP BY {columns_of(link)}",
        [link.id],
    )
    return [int(each) for each in rows["party"].to_pylist()]


def _begin(session: Session, grown: Grown, seeded: pa.Table | None) -> None:
    """One party for each node, but those with a client in common are one from the start."""
    none = pa.table({"client": pa.array([], pa.int32())})
    session.register("scope_seeded", none if seeded is None else seeded)
    session.execute(
        "CREATE OR REPLACE TEMP TABLE scope_joined AS SELECT client::INTEGER AS client, 'clue' AS link FROM scope_seeded"
    )
    if seeded is not None:
        grown.party.append(len(grown.party))
    shared = session.query(
        "SELECT DISTINCT a.node AS one, b.node AS other FROM scope_several AS a JOIN scope_several AS b USING (client) "
        "WHERE a.node < b.node ORDER BY one, other"
    )
    for one, other in zip(shared["one"].to_pylist(), shared["other"].to_pylist(), strict=True):
        _unite(grown.party, one, other)
    session.register("node_parties", _parties(grown.party))
    last = len(grown.party) - 1
    session.execute(
        f"CREATE OR REPLACE TEMP TABLE scope_party AS SELECT client, {last}::INTEGER AS party FROM scope_joined"
    )


def _parties(party: Sequence[int]) -> pa.Table:
    return pa.table(
        {"node": pa.array(range(len(party)), pa.int32()), "party": pa.array(list(party), pa.int32())}
    )


def _unite(party: list[int], one: int, other: int) -> bool:
    """Put two parties together under the smaller number; whether they were apart."""
    low, high = sorted((party[one], party[other]))
    if low == high:
        return False
    party[:] = [low if each == high else each for each in party]
    return True


def _accept(session: Session, link: Link, accepted: Sequence[dict[str, Any]], grown: Grown) -> bool:
    """Join the loose views of accepted groups and unite the parties in them; whether anything changed."""
    before = list(grown.party)
    for group in accepted:
        for one, other in combinations(group["parties"], 2):
            if _OF_MANY.issuperset(link.by) and not grown.alike(grown.party[one], grown.party[other]):
                continue
            if _unite(grown.party, one, other):
                grown.joined[link.id].united.append(one)
    joining = [each for each in accepted if link.joins == "views" and not each.get("of_finding")]
    columns = {name: [each[name] for each in joining] for name in link.by}
    told = session.query(f"SELECT {columns_of(link)} FROM scope_outside LIMIT 0").schema
    session.register(
        "accepted_groups",
        pa.table(
            {
                **{name: pa.array(columns[name], told.field(name).type) for name in link.by},
                "party": pa.array([grown.party[each["parties"][0]] for each in joining], pa.int32()),
            }
        ),
    )
    new = session.query(
        "SELECT t.client, a.party FROM scope_outside AS t ANTI JOIN scope_joined AS j USING (client) "
        f"JOIN accepted_groups AS a USING ({columns_of(link)}) "
        "WHERE t.unexplained + t.cannot_tell > 0"
    )
    if new.num_rows:
        session.query(
            "INSERT INTO scope_joined SELECT client, ? FROM new_clients", [link.id], new_clients=new
        )
    if new.num_rows or grown.party != before:
        session.register("node_parties", _parties(grown.party))
        session.query(
            "CREATE OR REPLACE TEMP TABLE scope_party AS SELECT client, min(n.party)::INTEGER AS party FROM ("
            "SELECT client, party AS node FROM scope_party UNION ALL SELECT client, party FROM new_clients) "
            "JOIN node_parties AS n USING (node) GROUP BY client",
            new_clients=new,
        )
        return True
    return False


def _count_added(session: Session, links: Sequence[Link], grown: Grown) -> None:
    rows = session.query(
        "SELECT j.link, p.party, sum(t.unexplained + t.cannot_tell)::BIGINT AS views FROM scope_joined AS j "
        "JOIN scope_party AS p USING (client) JOIN scope_outside AS t USING (client) GROUP BY j.link, p.party"
    )
    known = {link.id for link in links}
    for row in rows.to_pylist():
        if row["link"] in known:
            grown.joined[row["link"]].views[row["party"]] = int(row["views"])
