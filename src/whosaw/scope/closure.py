"""From a clue to everything that one party saw: a fixpoint over findings and links, the same from every clue inside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pyarrow as pa

from whosaw.core.scope_version import AmbiguousLink, HonestAtMost, JoinedLink, Left
from whosaw.store.sql import Session, quote_name, quote_text

from .basis import Basis, prepare
from .borrowed import borrowed_views
from .choice import Choice, choose
from .closed import Closure
from .clue import Clue
from .grouping import Grown, groups_of, is_accepted
from .hands import Hands
from .leaks import leaked
from .link_item import Link
from .open_parties import open_parties, told_of_open, too_few
from .parts import MOST_PARTS, parts_of, window_of
from .places import Places, honest_at_most, judge_places, networks
from .record import Record
from .scope_rows import make_chosen, make_scope_rows
from .sharing import Shared, group_table, most_of, told_of
from .statement import statement

__all__ = ["Gathered", "close", "close_prepared", "gather"]

# Clients of chosen findings, and whether every view of theirs is counted, but for those of one finding that counts every view.
_FOUND: Final = """
    SELECT m.client, bool_or(m.node IN (SELECT node FROM scope_whole)) AS whole, bool_or(n.sure) AS sure
    FROM (SELECT * FROM scope_several UNION SELECT * FROM scope_partly) AS m JOIN chosen_nodes AS n USING (node) GROUP BY m.client
"""
_UNTIED: Final = "no record explains these views, and nothing ties them to the clue, to one another, or to anything that was found"
_LIVED_IN: Final = (
    "they came from {networks} in which no more clients show the sign than elsewhere, so they may be honest people's; they count as "
    "possible"
)
_FINDING: Final = "Detectors found that these views are of one actor; the findings say why."


def close(
    session: Session, clues: Sequence[Clue], links: Mapping[str, Link], record: Record, *, every: bool = False
) -> Closure:
    """The actor behind `clues`. Leaves scope_views and scope_clients in the session, whose relations are those of a ledger.

    scope_clients: client, part, all_views (each view of it that nothing explains belongs). scope_views, a view: content,
    line, person (NULL where the log names nobody), client, address, route, time (microseconds), extra, part, held. Raises
    `WhosawError` where every view of the clues is explained, and where they lead to several parties and not `every` one is
    wanted.
    """
    return close_prepared(session, clues, prepare(session, links, record), every=every)


def close_prepared(
    session: Session, clues: Sequence[Clue], basis: Basis, *, every: bool = False, hands: Hands | None = None
) -> Closure:
    """As `close`, where `prepare` has been done in this session. `hands` go through the views of the ledger; without any this session does."""
    gathered = gather(session, clues, basis, every=every, hands=hands)
    choice = gathered.choice
    if choice.untied:
        return _untied(session, choice, basis.record)
    refused, ambiguous = told_of(session, gathered.shared)
    ambiguous = (*ambiguous, *told_of_open(session, gathered.open_nodes, basis.findings, few=gathered.few))
    honest = None if gathered.places is None else honest_at_most(session, gathered.places)
    if choice.seeded or (honest is None and basis.record.given):
        honest = _undecided(session, honest)
    if choice.seeded or not basis.record.by_tickets.isdisjoint(gathered.named(basis)):
        honest = leaked(session, basis.record.desk, honest)
    return Closure(
        clues=choice.clues,
        clients=int(session.query("SELECT count(*) AS n FROM scope_clients")["n"][0].as_py()),
        parts=parts_of(session),
        links=(*_found_link(session, gathered.findings), *_joined(choice.grown, basis.links, choice.parties)),
        refused=refused,
        ambiguous=ambiguous,
        window=window_of(session, basis.record),
        evidence="each view" if honest is None else "statistical",
        honest_at_most=honest,
        left=_left(session, gathered),
    )


def _untied(session: Session, choice: Choice, record: Record) -> Closure:
    """One answer for all clues that nothing ties to anybody: it cannot be told who it was, and anything unexplained may be theirs."""
    row = session.query(
        "SELECT count(*) AS views, count(DISTINCT person) AS persons FROM scope_views"
    ).to_pylist()[0]
    return Closure(
        clues=choice.clues,
        clients=0,
        parts=(),
        links=(),
        refused=(),
        ambiguous=(
            AmbiguousLink(
                link="no-link", by=(), value="", why=_UNTIED, persons=row["persons"], views=row["views"]
            ),
        ),
        window=window_of(session, record),
        evidence="none",
        honest_at_most=None,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """What closure knows once its views are put together, of which `findings` is how many findings. `open_nodes` are
    findings of others that may be the actor's; `few`: all may, for too little is known of it."""

    choice: Choice
    findings: int
    places: Places | None
    shared: tuple[Shared, ...]
    open_nodes: tuple[int, ...] = ()
    few: bool = False

    def named(self, basis: Basis) -> list[str]:
        """The findings of the actor."""
        nodes = (node for party in self.choice.parties for node in self.choice.grown.nodes(party))
        return [basis.findings[each] for each in nodes if each < len(basis.findings)]


def gather(
    session: Session, clues: Sequence[Clue], basis: Basis, *, every: bool = False, hands: Hands | None = None
) -> Gathered:
    """Leaves scope_views and scope_clients in the session, as `close` does, without saying anything about them."""
    choice = choose(session, clues, basis, every=every)
    nodes = [node for party in choice.parties for node in choice.grown.nodes(party)]
    found = [each for each in nodes if each < len(basis.findings)]
    if choice.untied:
        _make_untied(session, nodes, choice.parties, basis, hands)
        return Gathered(choice=choice, findings=0, places=None, shared=())
    turned = ", ".join(quote_text(each.id) for each in basis.links if each.walk is not None) or "NULL"
    session.execute(
        f"CREATE OR REPLACE TEMP TABLE scope_turned AS SELECT client FROM scope_joined WHERE link IN ({turned})"
    )
    places = _places(session, basis, found)
    nodes_of = {party: choice.grown.nodes(party) for party in set(choice.grown.party)}
    of_findings = {
        party: [each for each in some if each < len(basis.findings)] for party, some in nodes_of.items()
    }
    session.register("chosen_nodes", _chosen_nodes(nodes))
    session.register("chosen_parties", _chosen_parties(choice.parties))
    few = too_few(session, basis, found)
    others = open_parties(session, basis, choice.parties, of_findings)
    if few:
        others = tuple(sorted(set(choice.grown.party) - set(choice.parties)))
    open_nodes = [each for party in others for each in of_findings[party]]
    shared = _shared(session, basis.links, choice.parties, others)
    if few:
        session.execute(statement("close_all_possible"))
    shared += borrowed_views(session, basis.links, choice.parties, found, basis.record)
    honest = () if places is None else places.shared
    _make_scope(
        session, nodes, choice.parties, honest, basis, hands, open_nodes=open_nodes, but_proven=bool(honest)
    )
    return Gathered(
        choice=choice,
        findings=len(found),
        places=places,
        shared=tuple(shared),
        open_nodes=tuple(open_nodes),
        few=few,
    )


def _places(session: Session, basis: Basis, nodes: Sequence[int]) -> Places | None:
    """None where a record proves every view by itself: each, or it tells of each of them, and nobody else's views lack an explanation."""
    if nodes and all(basis.proven[each] for each in nodes):
        return None
    session.register("chosen_nodes", _chosen_nodes(nodes))
    unasked = [each for each in nodes if basis.findings[each] in basis.record.unasked]
    session.register("unasked_nodes", pa.table({"node": pa.array(unasked, pa.int32())}))
    by_name = any(basis.findings[each] in basis.record.named for each in nodes)
    desk = [] if by_name else [each.agent for each in basis.record.desk]
    session.register("other_desk", pa.table({"principal": pa.array(desk, pa.int32())}))
    places = judge_places(session, unasked=bool(unasked))
    if places.lost or not basis.record.given:
        return places
    return places if session.query(statement("close_untold")).num_rows else None


def _shared(
    session: Session, links: Sequence[Link], parties: Sequence[int], others: Sequence[int]
) -> list[Shared]:
    """What the actor shares with others; leaves scope_possible (client). What links joined to `others`, who may be the actor, may be the actor's."""
    session.execute("CREATE OR REPLACE TEMP TABLE scope_possible (client INTEGER)")
    shown: list[Shared] = []
    for link in (each for each in links if each.joins != "findings"):
        groups = [
            each
            for each in groups_of(session, link)
            if is_accepted(link, each) == (link.joins == "nothing")
            and not set(parties).isdisjoint(each["parties"])
        ]
        if link.joins == "views":
            shown += most_of(link, groups, "explained")
        if not link.possible:
            continue
        loose = [each for each in groups if each["unexplained"] + each["cannot_tell"]]
        shown += most_of(link, loose, "loose")
        if loose:
            using = ", ".join(quote_name(each) for each in link.by)
            session.query(
                statement("close_possible").format(using=using), open_groups=group_table(session, link, loose)
            )
    if others:
        session.query(
            "INSERT INTO scope_possible SELECT client FROM scope_party SEMI JOIN other_parties USING (party) "
            "ANTI JOIN scope_possible AS p USING (client)",
            other_parties=pa.table({"party": pa.array(list(others), pa.int32())}),
        )
    return shown


def _make_untied(
    session: Session, nodes: Sequence[int], parties: Sequence[int], basis: Basis, hands: Hands | None
) -> None:
    """Nothing is held. Whatever no record explains is possible, found or not."""
    session.execute(statement("close_all_possible"))
    session.execute("CREATE OR REPLACE TEMP TABLE scope_borrowed_lines (content INTEGER, line BIGINT)")
    everywhere = session.query("SELECT DISTINCT coalesce(network, -1) AS network FROM clients")
    _make_scope(
        session, nodes, parties, tuple(everywhere["network"].to_pylist()), basis, hands, but_proven=False
    )


def _make_scope(
    session: Session,
    nodes: Sequence[int],
    parties: Sequence[int],
    honest: tuple[int, ...],
    basis: Basis,
    hands: Hands | None,
    *,
    open_nodes: Sequence[int] = (),
    but_proven: bool,
) -> None:
    """`honest`: networks in which nothing is held, `but_proven` ones are. Nor is anything held of `open_nodes`."""
    record, size = basis.record, basis.crowd.size
    session.register("chosen_nodes", _chosen_nodes(nodes, open_nodes))
    session.register("chosen_parties", _chosen_parties(parties))
    session.register("shared_places", networks(honest))
    bare = "false" if record.given else "true"
    session.execute(
        statement("close_reach").format(
            bare=bare,
            found=_FOUND,
            # who is held anyhow need not be proven
            proven="(SELECT client FROM scope_proven)" if but_proven else "(SELECT 0 AS client WHERE false)",
        )
    )
    session.execute(
        statement("close_lines").format(
            recorded="true" if record.given else "false", but_proven="true" if but_proven else "false"
        )
    )
    chosen = make_chosen(session, size, but_proven=but_proven, hands=hands)
    session.execute(statement("close_looks").format(most=MOST_PARTS - 1))
    more = "" if record.given else statement("close_bare_possible")
    session.execute(statement("close_scope"))
    make_scope_rows(session, chosen, more, hands)


def _chosen_nodes(nodes: Sequence[int], others: Sequence[int] = ()) -> pa.Table:
    sure = [True] * len(nodes) + [False] * len(others)
    return pa.table({"node": pa.array([*nodes, *others], pa.int32()), "sure": pa.array(sure, pa.bool_())})


def _chosen_parties(parties: Sequence[int]) -> pa.Table:
    return pa.table({"party": pa.array(list(parties), pa.int32())})


def _undecided(session: Session, honest: HonestAtMost | None) -> HonestAtMost | None:
    """Nothing but a clue or a link speaks for views of which it cannot be told whether they are explained: all may be honest."""
    row = session.query(statement("close_undecided")).to_pylist()[0]
    if not row["views"]:
        return honest
    chance = 0.0 if honest is None else honest.chance
    before = honest or HonestAtMost(views=0, persons=0, chance=chance)
    return HonestAtMost(
        views=before.views + row["views"], persons=before.persons + row["persons"], chance=chance
    )


def _found_link(session: Session, groups: int) -> tuple[JoinedLink, ...]:
    if not groups:
        return ()
    views = session.query(
        "SELECT (SELECT coalesce(sum(views), 0) FROM scope_troupes)::BIGINT + "
        "(SELECT coalesce(sum(s.views - CASE WHEN j.client IS NULL THEN 0 ELSE o.unexplained + o.cannot_tell END), 0) "
        "FROM scope_spans AS s LEFT JOIN scope_joined AS j ON j.client = s.client "
        "LEFT JOIN scope_outside AS o ON o.client = s.client)::BIGINT AS n"
    )["n"][0].as_py()
    return (
        JoinedLink(
            link="same-finding", by=(), groups=groups, views=int(views), confidence="high", reason=_FINDING
        ),
    )


def _left(session: Session, gathered: Gathered) -> tuple[Left, ...]:
    """Nobody whom a finding counts leaves its scope without a reason. There is one: where honest people live."""
    if gathered.places is None or not gathered.places.shared:
        return ()
    (row,) = session.query(statement("close_left")).to_pylist()
    if not row["views"]:
        return ()
    networks = row["networks"]
    what = _LIVED_IN.format(networks=f"{networks:,} network{'' if networks == 1 else 's'}")
    return (Left(code="where-others-live", what=what, views=row["views"], accounts=row["accounts"]),)


def _joined(grown: Grown, links: Sequence[Link], parties: Sequence[int]) -> tuple[JoinedLink, ...]:
    out = []
    for link in links:
        told = grown.joined[link.id]
        views = sum(told.views.get(party, 0) for party in parties)
        groups = sum(told.groups.get(party, 0) for party in parties)
        if groups:
            out.append(
                JoinedLink(
                    link=link.id,
                    by=link.by,
                    groups=groups,
                    views=views,
                    confidence=link.confidence,
                    reason=link.why,
                )
            )
    return tuple(out)
