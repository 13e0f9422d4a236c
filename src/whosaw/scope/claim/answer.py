"""What is said of the people that a claim names: whom the actor saw, whom others saw, and through which routes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import pyarrow as pa
from pyroaring import BitMap

from whosaw.core.document import told_as_instant
from whosaw.core.scope_version import ScopeVersion
from whosaw.store.sql import Session

from .file import Claim
from .matching import Matched

__all__ = [
    "ClaimGroups",
    "ClaimedPersons",
    "ClaimedRoute",
    "OtherAnswers",
    "SeenByOthers",
    "claimed_routes",
    "groups_of",
    "notes_on_claim",
    "outside",
    "persons_of",
    "seen_by_others",
]

_ROUTE = "route:"
_CATEGORY = "category:"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimGroups:
    """The people of a claim by what is known of them, and those of the scope that it does not name."""

    held: BitMap
    possible: BitMap
    others_only: BitMap
    never_seen: BitMap
    missing: BitMap
    missing_possible: BitMap

    def named(self) -> dict[str, BitMap]:
        """By the name of each group."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedPersons:
    """Different people of the claim. held + possible + others_only + never_seen + unknown = claimed."""

    claimed: int
    more_than_once: int
    held: int
    possible: int
    others_only: int
    never_seen: int
    unknown: int
    unknown_on_list: int | None
    unknown_not_on_list: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherAnswers:
    """How many people were seen by others, by how that is explained."""

    unexplained: int
    cannot_tell: int
    explained: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenByOthers:
    """Of people outside the scope: who was seen at all, how that is explained, and by which clients (client, persons, explained,
    unexplained, cannot_tell)."""

    persons: BitMap
    by_person: OtherAnswers
    clients: pa.Table


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedRoute:
    """Through one route: how many of the claimed people the actor saw, and how many at most; None where it cannot be told. The first
    and the last view of the actor there, in microseconds."""

    route: str
    persons: int | None
    persons_at_most: int | None
    first: int | None = field(metadata=told_as_instant())
    last: int | None = field(metadata=told_as_instant())


def outside(claimed: BitMap, sets: Mapping[str, BitMap]) -> BitMap:
    """The claimed people that the scope neither holds nor may hold."""
    return claimed - sets.get("held", BitMap()) - sets.get("possible", BitMap())


def groups_of(claimed: BitMap, sets: Mapping[str, BitMap], others: BitMap) -> ClaimGroups:
    """`sets` are those of the scope version, `others` those of the claimed people that somebody else saw."""
    held = sets.get("held", BitMap())
    possible = sets.get("possible", BitMap()) - held
    return ClaimGroups(
        held=claimed & held,
        possible=claimed & possible,
        others_only=others,
        never_seen=claimed - held - possible - others,
        missing=held - claimed,
        missing_possible=possible - claimed,
    )


def persons_of(matched: Matched, groups: ClaimGroups, on_list: int | None) -> ClaimedPersons:
    """`on_list`: how many of those that the ledger does not know stand on the list of known people; None without one."""
    return ClaimedPersons(
        claimed=len(matched.claimed) + matched.unknown,
        more_than_once=matched.more_than_once,
        held=len(groups.held),
        possible=len(groups.possible),
        others_only=len(groups.others_only),
        never_seen=len(groups.never_seen),
        unknown=matched.unknown,
        unknown_on_list=on_list,
        unknown_not_on_list=None if on_list is None else matched.unknown - on_list,
    )


def seen_by_others(session: Session, persons: BitMap) -> SeenByOthers:
    """Looked up in the ledger of the session, with the answers that the last run of the detectors left."""
    asked = pa.table({"person": pa.array(persons, pa.int32())})
    rows = session.query(
        "WITH seen AS (SELECT person, client, route, sum(views)::BIGINT AS views FROM exposure_parts SEMI JOIN asked USING (person) "
        "GROUP BY person, client, route), told AS (SELECT s.person, s.client, coalesce(a.explained, 0) AS explained, coalesce(a.unexplained, 0) AS unexplained, "
        "CASE WHEN a.person IS NULL THEN s.views ELSE a.cannot_tell END AS cannot_tell FROM seen s LEFT JOIN answers a USING (person, client, route)) "
        "SELECT person, client, sum(explained)::BIGINT AS explained, sum(unexplained)::BIGINT AS unexplained, sum(cannot_tell)::BIGINT AS cannot_tell "
        "FROM told GROUP BY person, client",
        asked=asked,
    )
    by_person = session.query(
        "SELECT count(*) FILTER (unexplained > 0) AS unexplained, count(*) FILTER (unexplained = 0 AND cannot_tell > 0) AS cannot_tell, "
        "count(*) FILTER (unexplained = 0 AND cannot_tell = 0) AS explained FROM (SELECT person, sum(unexplained) AS unexplained, "
        "sum(cannot_tell) AS cannot_tell FROM rows GROUP BY person)",
        rows=rows,
    ).to_pylist()[0]
    clients = session.query(
        "SELECT client, count(*) AS persons, sum(explained)::BIGINT AS explained, sum(unexplained)::BIGINT AS unexplained, sum(cannot_tell)::BIGINT AS cannot_tell "
        "FROM rows GROUP BY client ORDER BY persons DESC, client",
        rows=rows,
    )
    seen = BitMap(rows["person"].to_numpy().astype("uint32"))
    return SeenByOthers(persons=seen, by_person=OtherAnswers(**by_person), clients=clients)


def claimed_routes(
    version: ScopeVersion,
    sets: Mapping[str, BitMap],
    held: BitMap,
    known: Iterable[tuple[str, frozenset[str]]],
    *,
    can_tell: bool,
) -> list[ClaimedRoute]:
    """Through which routes the actor saw how many of the claimed people.

    A version that keeps no set of a route has those of categories, and one that no other route of the actor carries is that of
    its route. `known` are ids and categories of the routes of the ledger. For the rest there is an upper bound: those who were seen in every category that the route carries.
    """
    names = [row.name for row in version.by["route"]]
    carried: dict[str, set[frozenset[str]]] = {name: set() for name in names}
    for name, categories in known:
        if name in carried:
            carried[name].add(categories)
    out = []
    for row in version.by["route"]:
        own = frozenset.union(frozenset(), *carried[row.name])
        others = {c for name in names if name != row.name for kinds in carried[name] for c in kinds}
        always = frozenset.intersection(*carried[row.name]) if carried[row.name] else frozenset()
        alone = sorted(always - others)
        exact = sets.get(f"{_ROUTE}{row.name}")
        if exact is None and alone:
            exact = sets.get(f"{_CATEGORY}{alone[0]}", BitMap())
        most = held.copy()
        if len(carried[row.name]) == 1:
            for category in own:
                most &= sets.get(f"{_CATEGORY}{category}", BitMap())
        persons = held.intersection_cardinality(exact) if exact is not None else None
        at_most = len(most) if persons is None else persons
        out.append(
            ClaimedRoute(
                route=row.name,
                persons=persons if can_tell else None,
                persons_at_most=at_most if can_tell else None,
                first=row.first,
                last=row.last,
            )
        )
    return out


def notes_on_claim(claim: Claim) -> list[str]:
    """What was assumed of the file, and what of it is in no number."""
    notes = []
    if claim.header == "guessed":
        notes.append("the first row was taken for the names of columns; --no-header says that it is not")
    if claim.header == "none":
        notes.append("the first row was taken for data; --header says that it names the columns")
    if claim.unread:
        notes.append(f"{claim.unread:,} lines of the claim could not be read and are in no number here")
    if claim.unclear:
        notes.append(f"{claim.unclear:,} cells are not in the encoding of the rest; --encoding names another")
    return notes
