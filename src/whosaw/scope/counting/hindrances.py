"""What hinders a scope from being final: everything within reach that could change a number."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, Protocol

from whosaw.core.scope_version import OpenItem

from .beyond import Beyond, rejects
from .draws import bound
from .gaps import SourceGaps

__all__ = ["Ambiguous", "hidden_in", "hindrances", "routes_never_met"]

_GAPS_AT_MOST: Final = 20  # of one source; the rest are told in one line


class Ambiguous(Protocol):
    """A link that may or may not belong."""

    @property
    def link(self) -> str: ...
    @property
    def why(self) -> str: ...
    @property
    def persons(self) -> int: ...
    @property
    def views(self) -> int: ...


def hidden_in(
    beyond: Beyond, gaps: Mapping[str, SourceGaps], rejects_of: Mapping[str, int]
) -> dict[str, str]:
    """By source, in words, what of it was not read in full within reach."""
    said: dict[str, str] = {}
    for source in beyond.facts.sources:
        found = []
        if source.name in gaps and gaps[source.name].losses:
            hours = sum(each.run.length for each in gaps[source.name].losses)
            found.append(f"{hours:,} hours without whole logs")
        if rejects_of.get(source.name):
            found.append(f"{rejects_of[source.name]:,} lines that could not be read")
        found += [each.what for each in beyond.facts.lost if each.source == source.name]
        found += [f"{each.name}: {each.why}" for each in beyond.facts.unread if each.source == source.name]
        if found:
            said[source.name] = f"{source.name} has " + "; ".join(dict.fromkeys(found))
    return said


def hindrances(beyond: Beyond, ambiguous: Sequence[Ambiguous], other_requests: int) -> list[OpenItem]:
    """Open items, in a fixed order. `adds_upper` is in accounts, and left out where there is no bound."""
    facts, made = beyond.facts, list[OpenItem]()
    for _, gaps in sorted(beyond.gaps.items()):
        made += _of_gaps(gaps)
    for name in beyond.unwatched:
        what = (
            f"{name} has no log for most of the time in which the actor was active, and carries personal data"
        )
        made.append(OpenItem(code="coverage-gap", what=what, source=name))
    for link in ambiguous:
        made.append(
            OpenItem(
                code="ambiguous-link",
                what=f"{link.link} may join {link.views:,} views of {link.persons:,} persons more: {link.why}",
                adds_upper=link.persons,
            )
        )
    for unread in facts.unread:
        made.append(
            OpenItem(
                code="unread-source",
                what=f"{unread.name} was not read in full: {unread.why}",
                source=unread.source,
            )
        )
    for lost in facts.lost:
        made.append(
            OpenItem(code="lost-log", what=lost.what, source=lost.source, first=lost.first, last=lost.last)
        )
    for name, number in sorted(beyond.rejects.items()):
        if number:
            allowed = rejects(name, number, beyond.each(name))
            what = f"{number:,} lines of {name} within reach could not be read; each may hide views"
            made.append(OpenItem(code="rejects", what=what, source=name, adds_upper=allowed.accounts))
    for pair in facts.undecided:
        if all(name in beyond.routes_of for name in pair.sources):
            made.append(OpenItem(code="undecided-twins", what=pair.what, do=pair.do))
    made += _of_routes(beyond)
    if other_requests:
        what = f"up to {other_requests:,} requests of the actor were for pages that no route of the map fits, or failed"
        made.append(OpenItem(code="unmapped-route", what=what))
    return made


def routes_never_met(beyond: Beyond) -> list[str]:
    """Ids of routes of the map that no line of any log fits."""
    met = {beyond.facts.routes[number].id for source in beyond.facts.sources for number in source.routes}
    return sorted({each.id for each in beyond.facts.routes.values() if each.current} - met)


def _of_gaps(gaps: SourceGaps) -> Iterable[OpenItem]:
    away = [each for each in gaps.losses if each.nothing]
    some = [each for each in gaps.losses if not each.nothing]
    ranked = sorted(some, key=lambda loss: (-loss.run.chance * loss.run.length, loss.run.first))
    shown = sorted(ranked[:_GAPS_AT_MOST], key=lambda loss: loss.run.first)
    for loss in shown:
        run = loss.run
        hours = f"{run.length:,} hour{'s' if run.length > 1 else ''}"
        what = f"{gaps.source} has no whole log for {hours}"
        if loss.accounts is None:
            what += ", and nothing near it that could bound what was lost"
        yield OpenItem(
            code="coverage-gap",
            what=what,
            source=gaps.source,
            first=run.start,
            last=run.end,
            adds_upper=bound([(run.chance, loss.accounts)]),
        )
    for rest, why in ((ranked[_GAPS_AT_MOST:], ""), (away, ", in which no login of the actor was alive")):
        if not rest:
            continue
        hours = f"{sum(loss.run.length for loss in rest):,} hours together"
        what = f"{gaps.source} has {len(rest):,} more gaps, {hours}{why}"
        yield OpenItem(
            code="coverage-gap",
            what=what,
            source=gaps.source,
            first=min(loss.run.start for loss in rest),
            last=max(loss.run.end for loss in rest),
            adds_upper=bound([(loss.run.chance, loss.accounts) for loss in rest]),
        )


def _of_routes(beyond: Beyond) -> Iterable[OpenItem]:
    current = [each for each in beyond.facts.routes.values() if each.current]
    for route in routes_never_met(beyond):
        yield OpenItem(
            code="route-never-met",
            what=f"no line that was read fits the route {route}; its log may be missing",
        )
    for route in sorted({each.id for each in current if each.draft}):
        yield OpenItem(code="draft-route", what=f"route {route} is a draft that nobody has confirmed")
