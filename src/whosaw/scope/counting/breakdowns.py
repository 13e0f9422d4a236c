"""The counts again by category, route, day, jurisdiction and part, each row with its own bounds."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import pyarrow.compute as pc

from whosaw.core.instants import format_instant, from_micros
from whosaw.core.scope_version import Breakdown, Row

from .allowances import Allowance, Told, counts_of
from .beyond import Beyond, rejects
from .gaps import SourceGaps
from .rejects_bound import rejects_by_day

__all__ = ["Breakdowns"]

_DAY = 86_400_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sum:
    held: int
    possible: int
    first: int | None
    last: int | None


class Breakdowns:
    """Makes the rows. `people` gives how many accounts are held, by category; `gaps_within` what gaps may hold of some of what the actor
    did: whoever is new on a route or in a part may have been seen elsewhere."""

    def __init__(
        self,
        beyond: Beyond,
        *,
        honest: tuple[int, int],
        people: Mapping[str, int],
        reach: tuple[int, int],
        gaps_within: Callable[..., Mapping[str, SourceGaps]],
    ) -> None:
        self._beyond, self._honest, self._people, self._reach = beyond, honest, people, reach
        self._gaps_within = gaps_within
        self._facts, self._tallies = beyond.facts, beyond.tallies
        self._hours = beyond.tallies.hours

    def all(self) -> dict[Breakdown, list[Row]]:
        """By breakdown, in the order in which they are told."""
        return {
            "category": self._categories(),
            "route": self._routes(),
            "day": self._days(),
            "jurisdiction": self._jurisdictions(),
            "part": self._parts(),
        }

    def _categories(self) -> list[Row]:
        routes = self._facts.routes
        made = []
        for name in sorted({each for route in self._used() for each in routes[route].all_categories}):
            own = {route for route in self._used() if name in routes[route].all_categories}
            accounts = self._people.get(name, 0)
            # whoever was surely seen on one of these routes may be possible on another: an upper bound all the same
            possible = sum(
                self._tallies.routes[each]["possible"] for each in own if each in self._tallies.routes
            )
            made.append(
                self._row(
                    name,
                    own,
                    accounts,
                    possible,
                    others={r for r in own if name in routes[r].secondary_categories},
                )
            )
        return made

    def _routes(self) -> list[Row]:
        by_name: dict[str, list[int]] = {}
        for route in self._used():
            by_name.setdefault(self._facts.routes[route].id, []).append(route)
        made = []
        for name, own in sorted(by_name.items()):
            accounts = sum(
                self._tallies.routes[each]["accounts"] for each in own if each in self._tallies.routes
            )
            possible = sum(
                self._tallies.routes[each]["possible"] for each in own if each in self._tallies.routes
            )
            # one account on two versions of a route is one account, and each version proves its own
            least = max(
                (self._tallies.routes[each]["accounts"] for each in own if each in self._tallies.routes),
                default=0,
            )
            made.append(self._row(name, set(own), least, possible + accounts - least, others=set(own)))
        return made

    def _days(self) -> list[Row]:
        facts, tallies = self._facts, self._tallies
        gone = rejects_by_day(
            [each for each in facts.sources if each.name in self._beyond.routes_of], self._reach
        )
        repeats: dict[int, int] = {}
        for row in tallies.repeats:
            repeats[row["day"]] = repeats.get(row["day"], 0) + row["repeats"]
        days = {each // 24 for each in self._hours["hour"].unique().to_pylist()}
        made = []
        for day in sorted(days):
            sums = self._sums((pc.field("hour") >= day * 24) & (pc.field("hour") < day * 24 + 24))
            named = tallies.days.get(day, {"accounts": 0, "possible": 0})
            lost = [each.on_day(day) for each in self._beyond.gaps.values()]
            more = [self._beyond.gap(each) for each in lost if each.losses]
            more += [
                rejects(name, number, self._beyond.each(name))
                for name, number in sorted(gone.get(day, {}).items())
            ]
            more += [each for name in sorted(self._beyond.routes_of) for each in self._beyond.taken(name)]
            rows = [row for row in tallies.unnamed if row["hour"] // 24 == day]
            each = self._others_of(self._used())
            of_day = named["accounts"] + named["possible"]
            secondary = Allowance(
                code="secondary-subjects-not-named", others=None if each is None else of_day * each
            )
            name = format_instant(from_micros(day * _DAY))[:10]
            made.append(
                self._made(
                    name,
                    sums,
                    named["accounts"],
                    named["possible"],
                    [secondary, *self._beyond.unnamed(rows), *more],
                    repeats.get(day, 0),
                    each,
                )
            )
        return made

    def _jurisdictions(self) -> list[Row]:
        made = []
        everywhere = self._beyond.hidden(self._beyond.routes_of)
        unnamed = self._beyond.unnamed(self._tallies.unnamed)
        # whose these views are is not known, so neither is where those people live
        nameless = Allowance(
            code="jurisdiction-unknown", views=sum(row["views"] for row in self._tallies.unnamed)
        )
        each = self._others_of(self._used())
        repeats = sum(row["repeats"] for row in self._tallies.repeats)
        for row in self._tallies.jurisdictions:
            many = row["accounts"] + row["possible"]
            secondary = Allowance(
                code="secondary-subjects-not-named", others=None if each is None else many * each
            )
            sums = _Sum(
                held=row["views"], possible=row["possible_views"], first=row["first"], last=row["last"]
            )
            made.append(
                self._made(
                    row["name"],
                    sums,
                    row["accounts"],
                    row["possible"],
                    [secondary, nameless, *unnamed, *everywhere],
                    repeats,
                    each,
                )
            )
        return made

    def _parts(self) -> list[Row]:
        made = []
        for part in sorted(self._hours["part"].unique().to_pylist()):
            sums = self._sums(pc.field("part") == part)
            named = self._tallies.parts.get(part, {"accounts": 0, "possible": 0})
            rows = [row for row in self._tallies.unnamed if row["part"] == part]
            each = self._others_of(self._used())
            secondary = Allowance(
                code="secondary-subjects-not-named",
                others=None if each is None else (named["accounts"] + named["possible"]) * each,
            )
            more = [secondary, *self._beyond.unnamed(rows), *self._hidden(self._beyond.routes_of, part=part)]
            repeats = sum(row["repeats"] for row in self._tallies.repeats)
            made.append(
                self._made(str(part), sums, named["accounts"], named["possible"], more, repeats, each)
            )
        return made

    def _hidden(
        self, sources: Collection[str], *, routes: Collection[int] | None = None, part: int | None = None
    ) -> list[Allowance]:
        """What those sources may hide of what the actor did on these routes, or in this part."""
        beyond = self._beyond
        if any(beyond.gaps[name].losses for name in sources if name in beyond.gaps):
            beyond = replace(
                beyond, gaps=self._gaps_within(self._tallies.of(routes=routes, part=part), only=sources)
            )
        return beyond.hidden(sources)

    def _used(self) -> list[int]:
        return sorted(self._hours["route"].unique().to_pylist())

    def _others_of(self, routes: Iterable[int]) -> int | None:
        """How many further persons all pages of one account show at most."""
        most = [self._facts.routes[each].secondary_at_most for each in routes]
        return None if None in most else sum(each or 0 for each in most)

    def _sums(self, where: pc.Expression) -> _Sum:
        rows = self._hours.filter(where)
        held = rows.filter(pc.field("held"))
        total, of_held = pc.sum(rows["views"]).as_py() or 0, pc.sum(held["views"]).as_py() or 0
        return _Sum(
            held=of_held,
            possible=total - of_held,
            first=pc.min(rows["first"]).as_py(),
            last=pc.max(rows["last"]).as_py(),
        )

    def _row(self, name: str, routes: set[int], accounts: int, possible: int, *, others: set[int]) -> Row:
        """A row of some routes; `others` are those whose further persons count."""
        tallies = self._tallies
        rows = [row for row in tallies.unnamed if row["route"] in routes]
        sources = {name for name, own in self._beyond.routes_of.items() if own & routes}
        told = [tallies.routes[each] for each in others if each in tallies.routes]
        open_others = any(each["open_every"] for each in told)
        secondary = Allowance(
            code="secondary-subjects-not-named",
            others=None if open_others else sum(each["every_other"] for each in told),
        )
        more: Sequence[Allowance] = [
            secondary,
            *self._beyond.unnamed(rows),
            *self._hidden(sources, routes=routes),
        ]
        repeats = sum(row["repeats"] for row in tallies.repeats if row["route"] in routes)
        sums = self._sums(pc.field("route").isin(sorted(routes)))
        return self._made(name, sums, accounts, possible, more, repeats, self._others_of(others))

    def _made(
        self,
        name: str,
        sums: _Sum,
        accounts: int,
        possible: int,
        more: Sequence[Allowance],
        repeats: int,
        each: int | None,
    ) -> Row:
        allowed = [
            Allowance(code="may-be-his", views=sums.possible, accounts=possible),
            Allowance(code="repeated-lines", views=repeats),
            *more,
        ]
        told = Told(
            views=sums.held, accounts=accounts, honest_views=self._honest[0], honest_accounts=self._honest[1]
        )
        views, named, persons = counts_of(told, allowed, accounts=self._facts.accounts, others_each=each)
        return Row(name=name, views=views, accounts=named, persons=persons, first=sums.first, last=sums.last)
