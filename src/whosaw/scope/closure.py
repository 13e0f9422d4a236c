"""From a clue to everything that one party saw: a fixpoint over findings and links, the same from every clue inside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pyarrow as pa

from whosaw.core.errors import WhosawError
from whosaw.store.sql import Session, quote_name

from .borrowed import borrowed_views
from .closed import Closure, HonestAtMost, JoinedLink
from .clue import Clue
from .grouping import Grown, groups_of, grow, is_accepted
from .held import make_found, make_loose, make_tally
from .leads import nodes_of, parties_of, seeds_of
from .link_item import Link
from .parts import MOST_PARTS, parts_of, window_of
from .places import Places, honest_at_most, judge_places, networks
from .record import Record
from .sharing import Shared, group_table, most_of, told_of
from .statement import statement

__all__ = ["Gathered", "close", "gather"]

# Clients of the chosen findings, and whether every view of theirs is counted.
_FOUND_BY_ONE: Final = """
    SELECT m.client, m.node IN (SELECT node FROM scope_whole) AS whole FROM scope_members AS m SEMI JOIN chosen_nodes USING (node)
"""
_FOUND_BY_SEVERAL: Final = """
    SELECT m.client, bool_or(m.node IN (SELECT node FROM scope_whole)) AS whole
    FROM scope_members AS m SEMI JOIN chosen_nodes USING (node) GROUP BY m.client
"""
_FINDING: Final = "Detectors found that these views are of one party; the findings say why."


def close(
    session: Session, clues: Sequence[Clue], links: Mapping[str, Link], record: Record, *, every: bool = False
) -> Closure:
    """The actor behind `clues`. Leaves scope_views and scope_clients in the session, whose relations are those of a ledger.

    scope_clients: client, part, all_views (each view of it that nothing explains belongs). scope_views, a view: content,
    line, person (NULL where the log names nobody), client, route, time (microseconds), extra, part, held. Raises
    `WhosawError` where the clues lead nowhere, and where they lead to several parties and not `every` one is wanted.
    """
    gathered = gather(session, clues, links, record, every=every)
    refused, ambiguous = told_of(session, gathered.shared)
    honest = None if gathered.places is None else honest_at_most(session, gathered.places)
    if gathered.seeded:
        honest = _of_seeds(session, honest)
    return Closure(
        clues=tuple(clues),
        clients=int(session.query("SELECT count(*) AS n FROM scope_clients")["n"][0].as_py()),
        parts=parts_of(session),
        links=(
            *_found_link(session, gathered.findings),
            *_joined(gathered.grown, gathered.links, gathered.parties),
        ),
        refused=refused,
        ambiguous=ambiguous,
        window=window_of(session, record),
        evidence="each view" if honest is None else "statistical",
        honest_at_most=None if honest is None else honest.as_json(),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """What closure knows once its views are put together. `parties` are those chosen, of which `findings` is how many findings."""

    links: tuple[Link, ...]
    grown: Grown
    parties: tuple[int, ...]
    findings: int
    seeded: bool
    places: Places | None
    shared: tuple[Shared, ...]


def gather(
    session: Session, clues: Sequence[Clue], links: Mapping[str, Link], record: Record, *, every: bool = False
) -> Gathered:
    """Leaves scope_views and scope_clients in the session, as `close` does, without saying anything about them."""
    findings = make_found(session)
    make_loose(session, record)
    make_tally(session)
    _make_proven(session, findings, record)
    ordered = tuple(links[each] for each in sorted(links))
    touched = {node for clue in clues for node in nodes_of(session, clue, findings)}
    grown = grow(session, ordered, len(findings), None)
    parties = {grown.party[node] for node in touched} | {
        each for clue in clues for each in parties_of(session, clue)
    }
    seeded = not parties
    if seeded:
        grown = grow(session, ordered, len(findings), seeds_of(session, clues))
        parties = {grown.party[-1]}
    chosen = tuple(sorted(parties))
    if len(chosen) > 1 and not every:
        raise _several(chosen, grown, findings)
    nodes = [node for party in chosen for node in grown.nodes(party)]
    found = [each for each in nodes if each < len(findings)]
    places = _places(session, record, found, findings)
    shared = _shared(session, ordered, chosen)
    shared += borrowed_views(session, ordered, chosen, found, record)
    _make_scope(session, nodes, chosen, places, record)
    return Gathered(
        links=ordered,
        grown=grown,
        parties=chosen,
        findings=len(found),
        seeded=seeded,
        places=places,
        shared=tuple(shared),
    )


def _make_proven(session: Session, findings: Sequence[str], record: Record) -> None:
    """scope_proven: clients of findings whose every view a record proves."""
    proven = [node for node, finding in enumerate(findings) if record.proven.get(finding, False)]
    session.query(
        "CREATE OR REPLACE TEMP TABLE scope_proven AS SELECT DISTINCT client FROM scope_members SEMI JOIN proven USING (node)",
        proven=pa.table({"node": pa.array(proven, pa.int32())}),
    )


def _several(parties: Sequence[int], grown: Grown, findings: Sequence[str]) -> WhosawError:
    named = "; ".join(
        " and ".join(findings[node] for node in grown.nodes(party)[:3]) for party in parties[:10]
    )
    return WhosawError(
        "scope.several",
        f"these clues lead to {len(parties)} parties that nothing holds together: {named}",
        hint="Name one finding with --finding, or take all of them together with --every",
    )


def _places(session: Session, record: Record, nodes: Sequence[int], findings: Sequence[str]) -> Places | None:
    """None where a record proves every view by itself."""
    if nodes and all(record.proven.get(findings[each], False) for each in nodes):
        return None
    places = judge_places(session)
    return None if record.given and not places.lost else places


def _shared(session: Session, links: Sequence[Link], parties: Sequence[int]) -> list[Shared]:
    """What the actor shares with others; leaves scope_possible (client)."""
    session.execute("CREATE OR REPLACE TEMP TABLE scope_possible (client INTEGER)")
    shown: list[Shared] = []
    for link in (each for each in links if each.joins == "views"):
        groups = [
            each
            for each in groups_of(session, link)
            if not is_accepted(link, each) and {each["party"], each["other_party"]} & set(parties)
        ]
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
    return shown


def _make_scope(
    session: Session, nodes: Sequence[int], parties: Sequence[int], places: Places | None, record: Record
) -> None:
    session.register("chosen_nodes", pa.table({"node": pa.array(nodes, pa.int32())}))
    session.register("chosen_parties", pa.table({"party": pa.array(list(parties), pa.int32())}))
    session.register("shared_places", networks(() if places is None else places.shared))
    bare = "false" if record.given else "true"
    session.execute(
        statement("close_reach").format(
            bare=bare,
            found=_FOUND_BY_ONE if len(nodes) == 1 else _FOUND_BY_SEVERAL,
            # who is held anyhow need not be proven
            proven="(SELECT client FROM scope_proven)"
            if places and places.shared
            else "(SELECT 0 AS client WHERE false)",
        )
    )
    session.execute(statement("close_lines").format(recorded="true" if record.given else "false"))
    session.execute(statement("close_looks").format(most=MOST_PARTS - 1))
    more = "" if record.given else statement("close_bare_possible")
    session.execute(statement("close_scope").format(bare=more))


def _of_seeds(session: Session, honest: HonestAtMost | None) -> HonestAtMost | None:
    """Nothing but a clue speaks for views of which it cannot be told whether they are explained: all may be honest."""
    row = session.query(
        "SELECT count(*) AS views, count(DISTINCT person) + count(*) FILTER (person IS NULL) AS persons FROM scope_views "
        "SEMI JOIN (SELECT client FROM scope_outside SEMI JOIN scope_joined USING (client) WHERE unexplained = 0 AND held = 0) "
        "USING (client) WHERE held"
    ).to_pylist()[0]
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
        "SELECT coalesce(sum(s.views), 0)::BIGINT AS n FROM scope_spans AS s ANTI JOIN scope_joined USING (client)"
    )["n"][0].as_py()
    return (
        JoinedLink(
            link="same-finding", by=(), groups=groups, views=int(views), confidence="high", reason=_FINDING
        ),
    )


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
