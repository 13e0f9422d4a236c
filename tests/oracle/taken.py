"""Who is taken out of what a flag counts: the few of a large entity who are of nobody that was found, and colleagues of those who are
flagged by name. It is told of clients of a day: with one of them go all views that it made on that day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace

from .bars import nats
from .detect import Clause, Oracle
from .explain import EXPLAINED
from .rows import Client, duration
from .tell import is_signed, of_strangers
from .things import ClientDay, Thing, clause_of, client_days

__all__ = ["Desks", "left_out", "without_colleagues"]

MILLION = 1_000_000
NEARLY_ALL = 900_000  # millionths
PLACES = frozenset(("address", "network"))


def left_out(oracle: Oracle, things: Sequence[Thing]) -> list[Thing]:
    """What is left of large entities. Nearly all of the clients come from flagged places: the others are left out. Or other detectors found
    nearly all of them, and among everybody else of the entity no more people bear the sign than luck gives."""
    found = [_narrowed(oracle, thing, things) if _is_crowd(thing) else thing for thing in things]
    return [_without_luck(oracle, thing, found) if _is_crowd(thing) else thing for thing in found]


def _is_crowd(thing: Thing) -> bool:
    item = clause_of(thing)
    return item.get("members") == "signed" and of_strangers(item) and not PLACES & set(item["group_by"])


def _narrowed(oracle: Oracle, crowd: Thing, things: Sequence[Thing]) -> Thing:
    mine = client_days(oracle, crowd.views)
    placed = set[ClientDay]().union(
        *(
            client_days(oracle, each.views)
            for each in things
            if each.flag.detector == crowd.flag.detector and PLACES & set(each.flag.group_by)
        )
    )
    if len(mine & placed) * MILLION // len(mine) < NEARLY_ALL:
        return crowd
    return _of_days(oracle, crowd, mine & placed)


def _without_luck(oracle: Oracle, crowd: Thing, things: Sequence[Thing]) -> Thing:
    mine = client_days(oracle, crowd.views)
    sure = set[ClientDay]().union(
        *(
            client_days(oracle, each.views)
            for each in things
            if not _is_crowd(each) and each.flag.detector != crowd.flag.detector
        )
    )
    bar = crowd.flag.bar
    if mine <= sure or len(mine & sure) * MILLION // len(mine) < NEARLY_ALL or bar is None:
        return crowd
    item, signed, people = clause_of(crowd), set[str](), set[str]()
    slack = duration(crowd.detector.get("clock_slack", "0s"))
    told = oracle.told(item.get("belongs") or item["sign"], slack) if is_signed(crowd.detector, item) else []
    for at, view in enumerate(oracle.log.views):
        (day,) = client_days(oracle, {at})
        if oracle.entity(Clause.of(item), view) != crowd.flag.entity or day in sure:
            continue
        if told[at].bears is None if told else view.person is None:
            continue
        people.add(oracle.log.stand_in(view))
        if day in mine and (not told or told[at].bears):
            signed.add(oracle.log.stand_in(view))
    if people and nats(len(signed), len(people), bar.usual) >= bar.nats:
        return crowd
    return _of_days(oracle, crowd, mine & sure)


def _of_days(oracle: Oracle, thing: Thing, kept: AbstractSet[ClientDay]) -> Thing:
    return replace(thing, views=frozenset(at for at in thing.views if client_days(oracle, {at}) <= kept))


@dataclass(frozen=True, slots=True, kw_only=True)
class Desks:
    """By position: whose flag it is, of one member of staff; those of a place in which staff work and one of these was; and of them those
    that several share."""

    staff: Mapping[int, str]
    offices: AbstractSet[int] = frozenset()
    shared: AbstractSet[int] = frozenset()

    @property
    def colleagues(self) -> AbstractSet[int]:
        return self.staff.keys() | self.offices

    def part(self, one: int, other: int) -> bool:
        """Whether nothing but the place can join these two."""
        if one in self.staff and other in self.staff:
            return self.staff[one] != self.staff[other]
        return (one in self.staff and other in self.shared) or (other in self.staff and one in self.shared)


def without_colleagues(oracle: Oracle, things: Sequence[Thing]) -> tuple[list[Thing], Desks]:
    """Of a place that several members of staff share who are flagged by name, none of these is left but the one who has most of what the
    flag counts; and nothing at all where the others are too few for it."""
    staff = _named(oracle, things)
    beside: dict[int, set[str]] = defaultdict(set)
    for at, thing in enumerate(things):
        if at not in staff:
            beside[at] = {name for other, name in staff.items() if things[other].views & thing.views}
    worked = _worked(oracle, things)
    offices = {
        at
        for at, names in beside.items()
        if names and any(_place(client) in worked for client in _clients(oracle, things[at]))
    }
    desks = Desks(staff=staff, offices=offices, shared={at for at in offices if len(beside[at]) > 1})
    return [
        _left_of_desk(oracle, things, at, staff) if at in desks.shared else thing
        for at, thing in enumerate(things)
    ], desks


def _named(oracle: Oracle, things: Sequence[Thing]) -> dict[int, str]:
    known = {row["staff"] for row in oracle.log.context.rows("staff")}
    found = {}
    for at, thing in enumerate(things):
        names = {client.principal for client in _clients(oracle, thing)}
        if len(names) == 1 and names <= known:
            found[at] = str(names.pop())
    return found


def _clients(oracle: Oracle, thing: Thing) -> Collection[Client]:
    return {oracle.log.views[at].client for at in thing.views}


def _place(client: Client) -> tuple[str | None, str | None]:
    """Where it works: a network, or an address without one."""
    return (client.network, None) if client.network is not None else (None, client.address)


def _worked(oracle: Oracle, things: Sequence[Thing]) -> set[tuple[str | None, str | None]]:
    """Where any of the explanations tried explained a view of somebody on record as staff."""
    known = {row["staff"] for row in oracle.log.context.rows("staff")}
    tried = {name for thing in things for name in thing.detector["explanations"]}
    return {
        _place(view.client)
        for view in oracle.log.views
        if view.client.principal in known
        and any(oracle.explain.answer(name, view) == EXPLAINED for name in tried)
    } - {(None, None)}


def _left_of_desk(oracle: Oracle, things: Sequence[Thing], at: int, staff: Mapping[int, str]) -> Thing:
    thing, item = things[at], clause_of(things[at])
    planted = {row["person"] for row in oracle.log.context.rows("canaries")}
    views, others = defaultdict[str | None, int](int), set[str]()
    for row in thing.views:
        view = oracle.log.views[row]
        if thing.detector["kind"] == "canary" and view.person not in planted:
            continue
        name = next((name for other, name in staff.items() if row in things[other].views), None)
        views[name] += 1
        if name is None and view.person is not None:
            others.add(view.person)
    owner = next((name for name, many in views.items() if name and 2 * many > sum(views.values())), None)
    if owner is None and len(others) < _least(item):
        return replace(thing, views=frozenset())
    named = {
        day
        for other, name in staff.items()
        if name != owner
        for day in client_days(oracle, things[other].views | _by_name(oracle, things[other]))
    }
    return _of_days(oracle, thing, client_days(oracle, thing.views) - named)


def _by_name(oracle: Oracle, thing: Thing) -> AbstractSet[int]:
    """All views of whom a flag names, counted or not."""
    if "principal" not in thing.flag.group_by:
        return set()
    clause = Clause.of(clause_of(thing))
    return {
        at for at, view in enumerate(oracle.log.views) if oracle.entity(clause, view) == thing.flag.entity
    }


def _least(item: Mapping[str, object]) -> int:
    said = item.get("persons") or item.get("records")
    return min(said.values()) if isinstance(said, dict) else int(str(item["canaries"]))
