"""Counts a scope: lower bounds from what the lines prove, upper bounds from what gaps and the like allow.

docs/why/bounds.md says how each bound is made and what it assumes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

from pyroaring import BitMap

from whosaw.core.counts import UNSURE_IDENTIFIER, UNSURE_SPELLING, UNSURE_TWIN, Count, Reason
from whosaw.core.document import told_as
from whosaw.core.scope_version import (
    Breakdown,
    CategoryGroup,
    Estimate,
    Held,
    Holding,
    HonestAtMost,
    ListReason,
    Lists,
    OpenItem,
    Row,
    Secondary,
)
from whosaw.scope.hands import Hands
from whosaw.scope.statement import statement
from whosaw.store.sql import Session

from .allowances import Allowance, Told, counts_of
from .answer_span import answer_span
from .beyond import Beyond
from .breakdowns import Breakdowns
from .estimate import estimate_of
from .facts import Facts
from .gaps import gaps_of, reach_of
from .hindrances import Ambiguous, hidden_in, hindrances, routes_never_met
from .holdings import holdings
from .rejects_bound import rejects_within
from .rows_tally import UNSURE_MARKS
from .signed_in import signed_in_of
from .tallies import Tallies, tally

__all__ = ["Closed", "Counted", "count"]


class Closed(Protocol):
    """What counting asks of a closure, beside the two relations that it left in the session."""

    @property
    def honest_at_most(self) -> HonestAtMost | None: ...
    @property
    def ambiguous(self) -> Sequence[Ambiguous]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """All numbers of a scope. `persons` are sets of ledger numbers: "held", "possible" (further ones), and "category:NAME"."""

    counts: tuple[Count, Count, Count]
    estimate: Estimate | None
    by: Mapping[Breakdown, Sequence[Row]]
    groups: tuple[CategoryGroup, ...]
    secondary: Secondary
    lists: Lists
    categories_held: tuple[Holding, ...]
    holds: Held
    open: tuple[OpenItem, ...]
    persons: Mapping[str, BitMap] = field(metadata=told_as(never=True))


def count(session: Session, closure: Closed, facts: Facts, hands: Hands | None = None) -> Counted:
    """Count what closure left in `scope_views` and `scope_clients`. The same ledger and facts give the same numbers, whoever's `hands` went
    through the views."""
    tallies = tally(session, facts, hands)
    reach = reach_of(facts, tallies)
    facts = facts.within(reach)
    routes_of = _routes_of(tallies)
    gaps_within = partial(gaps_of, facts, reach=reach, signed_in=signed_in_of(session, facts, tallies))
    every_gap = gaps_within(tallies)
    every_reject = {each.name: rejects_within(each, reach) for each in facts.sources}
    beyond = Beyond(
        facts=facts,
        tallies=tallies,
        gaps={name: every_gap[name] for name in sorted(routes_of) if name in every_gap},
        rejects={name: every_reject[name] for name in sorted(routes_of) if name in every_reject},
        routes_of=routes_of,
        unwatched=tuple(
            each.name
            for each in facts.sources
            if each.routes
            and each.name not in routes_of
            and each.name in every_gap
            and every_gap[each.name].unwatched(reach)
        ),
    )
    sets = tallies.sets
    held_routes, possible_routes = _routes_seen(tallies)
    honest = _honest(closure)
    told = Told(
        views=_views(tallies, held=True),
        accounts=len(sets["held"]),
        honest_views=honest[0],
        honest_accounts=honest[1],
    )
    allowances = _allowances(beyond)
    hidden = hidden_in(beyond, every_gap, every_reject)
    if not routes_of and (hidden or routes_never_met(beyond)):
        # nothing was seen anywhere, and not everything was read: that is no proof of nothing
        allowances.append(Allowance(code="not-all-was-read", views=None, accounts=None, others=None))
    counts = counts_of(
        told,
        allowances,
        accounts=facts.accounts,
        others_each=_others_each(facts, held_routes | possible_routes, allowances),
    )
    people = {name.removeprefix("category:"): len(persons) for name, persons in sets.items() if ":" in name}
    return Counted(
        counts=counts,
        estimate=estimate_of(counts[1], beyond.gaps),
        by=Breakdowns(beyond, honest=honest, people=people, reach=reach, gaps_within=gaps_within).all(),
        groups=tuple(
            CategoryGroup(categories=categories, accounts=many) for categories, many in tallies.groups
        ),
        secondary=_secondary(allowances, facts, held_routes),
        lists=_lists(beyond),
        categories_held=tuple(
            holdings(
                beyond,
                held=held_routes,
                possible=possible_routes,
                hidden=hidden,
            )
        ),
        holds=answer_span(beyond),
        open=tuple(hindrances(beyond, closure.ambiguous, _other_requests(session))),
        persons=sets,
    )


def _allowances(beyond: Beyond) -> list[Allowance]:
    """Everything beyond the held lines, in the order in which it is told."""
    tallies = beyond.tallies
    routes = list(tallies.routes.values())
    held = None if any(each["open_held"] for each in routes) else sum(each["others"] for each in routes)
    every = (
        None if any(each["open_every"] for each in routes) else sum(each["every_other"] for each in routes)
    )
    of_possible = None if held is None or every is None else every - held
    return [
        Allowance(code="secondary-subjects-not-named", others=held),
        *_possible(tallies, of_possible),
        Allowance(code="repeated-lines", views=sum(row["repeats"] for row in tallies.repeats)),
        *beyond.unnamed(tallies.unnamed),
        *beyond.hidden(beyond.routes_of),
    ]


def _possible(tallies: Tallies, others: int | None) -> Iterator[Allowance]:
    """What is not held: because it is not sure that it was a view, or whose id it names, or that it was the actor's."""
    possible = tallies.sets["possible"]
    views, told = _views(tallies, held=False), BitMap()
    codes = (UNSURE_SPELLING, UNSURE_TWIN, UNSURE_IDENTIFIER)
    for mark, code in zip(UNSURE_MARKS, codes, strict=True):
        unsure = tallies.unsure[mark]
        persons = (unsure.persons & possible) - told
        yield Allowance(code=code, views=unsure.views, accounts=len(persons))
        views, told = views - unsure.views, told | persons
    yield Allowance(code="may-be-his", views=views, accounts=len(possible - told), others=others)


def _others_each(facts: Facts, used: frozenset[int], allowances: Sequence[Allowance]) -> int | None:
    """How many further persons all pages of one account show. Where anything is without a bound, the actor may have used any route."""
    anything = any(each.others is None for each in allowances)
    most = [
        route.secondary_at_most
        for route in facts.routes.values()
        if route.number in used or (anything and route.current)
    ]
    return None if None in most else sum(each or 0 for each in most)


def _views(tallies: Tallies, *, held: bool) -> int:
    rows = tallies.hours.to_pylist()
    return sum(row["views"] for row in rows if row["held"] == held)


def _routes_of(tallies: Tallies) -> dict[str, frozenset[int]]:
    """By source in which the actor was seen: the routes on which."""
    pairs = tallies.hours.group_by(["source", "route"]).aggregate([]).to_pylist()
    found: dict[str, set[int]] = {}
    for row in pairs:
        found.setdefault(tallies.sources[row["source"]], set()).add(row["route"])
    return {name: frozenset(routes) for name, routes in found.items()}


def _routes_seen(tallies: Tallies) -> tuple[frozenset[int], frozenset[int]]:
    rows = tallies.hours.group_by(["route", "held"]).aggregate([]).to_pylist()
    held = frozenset(row["route"] for row in rows if row["held"])
    return held, frozenset(row["route"] for row in rows if not row["held"])


def _honest(closure: Closed) -> tuple[int, int]:
    told = closure.honest_at_most
    return (0, 0) if told is None else (told.views, told.persons)


def _secondary(allowances: Sequence[Allowance], facts: Facts, held: frozenset[int]) -> Secondary:
    """Further people on the pages of others: none can be named, so the lower bound is none. `categories` is what the pages that
    were surely seen carry of them."""
    upper: int | None = 0
    for each in allowances:
        upper = None if upper is None or each.others is None else upper + each.others
    reasons = tuple(Reason(code=each.code, adds_upper=each.others) for each in allowances if each.others != 0)
    shown = {category for route in held for category in facts.routes[route].secondary_categories}
    return Secondary(lower=0, upper=upper, categories=tuple(sorted(shown)), reasons=reasons)


def _lists(beyond: Beyond) -> Lists:
    """Held views of lists: pages that show many people and name none."""
    rows = [
        row for row in beyond.tallies.unnamed if row["held"] and not beyond.facts.routes[row["route"]].single
    ]
    some_open = any(row["open_people"] for row in rows)
    by_route: Counter[str] = Counter()
    for row in rows:
        by_route[beyond.facts.routes[row["route"]].id] += row["views"]
    return Lists(
        views=sum(by_route.values()),
        persons_at_most=None if some_open else sum(row["people"] or 0 for row in rows),
        reasons=tuple(
            ListReason(code="subject-unknown", route=name, views=many)
            for name, many in sorted(by_route.items())
        ),
    )


def _other_requests(session: Session) -> int:
    """Requests of the actor's own clients that are neither views nor failed requests for a person's page: at most so many."""
    (row,) = session.query(statement("count_other_requests")).to_pylist()
    return max(0, int(row["events"] or 0) - int(row["tries"] or 0))
