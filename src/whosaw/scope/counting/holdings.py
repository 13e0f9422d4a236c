"""For each category that the map says is held: did the actor see it, did he not, or can it not be told."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from whosaw.core.scope_version import Answer, Holding

from .beyond import Beyond
from .facts import RouteFact

__all__ = ["holdings"]

_WHY_AT_MOST: Final = 12


def holdings(
    beyond: Beyond, *, held: frozenset[int], possible: frozenset[int], hidden: dict[str, str]
) -> list[Holding]:
    """`held` and `possible` are numbers of routes that the actor's views were of. `hidden` says by source what in it may hide
    views: every source of the ledger, not only those in which the actor was seen."""
    routes = [each for each in beyond.facts.routes.values() if each.current or each.number in held | possible]
    made = []
    for category in sorted({each for route in routes for each in route.all_categories}):
        own = [route for route in routes if category in route.all_categories]
        ids = tuple(sorted({route.id for route in own}))
        seen = sorted({route.id for route in own if route.number in held})
        if seen:
            made.append(Holding(category=category, answer="seen", why=(), routes=tuple(seen)))
            continue
        why = tuple(
            dict.fromkeys(reason for route in own for reason in _doubts(beyond, route, possible, hidden))
        )
        answer: Answer = "cannot tell" if why else "not seen"
        if len(why) > _WHY_AT_MOST:
            why = (*why[:_WHY_AT_MOST], f"and {len(why) - _WHY_AT_MOST:,} more reasons")
        made.append(Holding(category=category, answer=answer, why=why, routes=ids))
    return made


def _doubts(
    beyond: Beyond, route: RouteFact, possible: frozenset[int], hidden: dict[str, str]
) -> Iterable[str]:
    """Why it cannot be told whether the actor used this route; nothing when every source that carries it was read in full."""
    if route.number in possible:
        yield f"views of route {route.id} may be the actor's"
    if route.draft:
        yield f"route {route.id} is a draft that nobody has confirmed"
    carrying = [
        source
        for source in beyond.facts.sources
        if any(beyond.facts.routes[number].id == route.id for number in source.routes)
    ]
    if not carrying:
        yield f"no line that was read fits the route {route.id}, so its log may never have been read"
    for source in carrying:
        if source.name in hidden:
            yield f"route {route.id}: {hidden[source.name]}"
