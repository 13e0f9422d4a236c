"""Which flags are of one party: what joins two of them, and how they are put together, the largest overlap first.

What one flag holds are the views that it counts, by their positions, once some clients were taken out of it (`taken`).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import combinations

from .detect import Clause, Oracle
from .rows import day_of, duration
from .taken import left_out, without_colleagues
from .things import ClientDay, Thing, clause_of, client_days, things_of

__all__ = ["Thing", "clusters", "merged", "things_of"]

MILLION = 1_000_000
HALF, NEARLY_ALL = 500_000, 900_000  # millionths
OWN_NETWORK = 100_000  # clients of a day that a network has at most which may be one party's own


def clusters(oracle: Oracle, things: Sequence[Thing]) -> list[list[Thing]]:
    """The parties, each with its flags in the order of their turns."""
    things, desks = without_colleagues(oracle, left_out(oracle, things))
    joined = [
        *_same_way(things),
        *_within(oracle, things),
        *_same_addresses(oracle, things),
        *_same_network(oracle, things, desks.colleagues),
    ]
    joined = [each for each in joined if not desks.part(*each[:2])]
    groups = merged([each.views for each in things], joined, range(len(things)))
    return [[things[at] for at in group] for group in groups]


def merged(
    held: Sequence[AbstractSet[int]], joined: Sequence[tuple[int, int, int]], ranks: Sequence[int]
) -> list[list[int]]:
    """Numbers of what belongs together. `joined`: which two belong together for another reason than their overlap, and how much of one
    lies in the other, in millionths. All pairs are compared anew after each step."""
    groups = [_Group([at], frozenset(each), ranks[at]) for at, each in enumerate(held) if each]
    wishes = list(joined)
    while True:
        pair = _nearest(groups, wishes)
        if pair is None:
            found = _lying_in_the_same(groups)
            if not found:
                return sorted(sorted(each.members) for each in groups)
            wishes += found
            continue
        one, other = pair
        groups = [each for each in groups if each not in pair]
        groups.append(
            _Group([*one.members, *other.members], one.views | other.views, min(one.rank, other.rank))
        )


@dataclass(frozen=True, eq=False)
class _Group:
    members: list[int]
    views: frozenset[int]
    rank: int


def _nearest(
    groups: Sequence[_Group], wishes: Sequence[tuple[int, int, int]]
) -> tuple[_Group, _Group] | None:
    """The two that share most, by overlap or by another reason; of equals those whose turn it is."""
    of = {member: group for group in groups for member in group.members}
    asked = []
    for one, other in combinations(groups, 2):
        share = len(one.views & other.views) * MILLION // min(len(one.views), len(other.views))
        if share >= HALF:
            asked.append((-share, *sorted((one.rank, other.rank)), one, other))
    for first, second, share in wishes:
        if first in of and second in of and of[first] is not of[second]:
            one, other = of[first], of[second]
            asked.append((-share, *sorted((one.rank, other.rank)), one, other))
    if not asked:
        return None
    best = min(asked, key=lambda each: each[:3])
    return best[3], best[4]


def _lying_in_the_same(groups: Sequence[_Group]) -> list[tuple[int, int, int]]:
    """Pairs of which nearly all of one and half of the other lies in others that have something of both: those of which most does."""
    found = []
    for one, other in combinations(groups, 2):
        both = [
            each for each in groups
            if each is not one and each is not other and each.views & one.views and each.views & other.views
        ]  # fmt: skip
        within = frozenset().union(*(each.views for each in both))
        least, most = sorted(len(each.views & within) * MILLION // len(each.views) for each in (one, other))
        if least >= HALF and most >= NEARLY_ALL:
            found.append((one.members[0], other.members[0], least))
    largest = max((share for _, _, share in found), default=0)
    return [each for each in found if each[2] == largest]


def _same_way(things: Sequence[Thing]) -> Iterator[tuple[int, int, int]]:
    """Of one clause, those whose people begin at one page."""
    first: dict[tuple[str, str, str], int] = {}
    for at, thing in enumerate(things):
        if thing.flag.page is not None:
            key = (thing.flag.detector, thing.flag.clause, thing.flag.page)
            yield first.setdefault(key, at), at, MILLION


def _within(oracle: Oracle, things: Sequence[Thing]) -> Iterator[tuple[int, int, int]]:
    """A group that was flagged for some of its clients, and another flag of the detector nine in ten of whose flagged client-days
    are of that group's entity: a client that comes on ten days weighs ten."""
    days = [client_days(oracle, each.views) for each in things]
    for crowd, outer in enumerate(things):
        item = clause_of(outer)
        if item.get("members") != "signed" or "address" in item["group_by"]:
            continue
        clause, entity = Clause.of(item), outer.flag.entity
        views = oracle.log.views
        group = client_days(
            oracle, {at for at, view in enumerate(views) if oracle.entity(clause, view) == entity}
        )
        for at, inner in enumerate(things):
            if at != crowd and days[at] and inner.flag.detector == outer.flag.detector:
                share = len(days[at] & group) * MILLION // len(days[at])
                if share >= NEARLY_ALL:
                    yield crowd, at, share


def _same_addresses(oracle: Oracle, things: Sequence[Thing]) -> Iterator[tuple[int, int, int]]:
    """Two ways of reading that came through the same addresses: nearly all addresses of the one with fewer, or nearly all views of one
    and half of the other's come through addresses that both have."""
    ways = [at for at, each in enumerate(things) if each.flag.group_by == ("manner",)]
    for one, other in combinations(ways, 2):
        first, second = (_by_address(oracle, things[at].views) for at in (one, other))
        both = first.keys() & second.keys()
        if not both:
            continue
        of_addresses = len(both) * MILLION // min(len(first), len(second))
        least, most = sorted(
            sum(each[address] for address in both) * MILLION // sum(each.values()) for each in (first, second)
        )
        if of_addresses >= NEARLY_ALL or (most >= NEARLY_ALL and least >= HALF):
            yield one, other, max(of_addresses, most)


def _by_address(oracle: Oracle, views: AbstractSet[int]) -> Mapping[str, int]:
    found: dict[str, int] = defaultdict(int)
    for at in views:
        if (address := oracle.log.views[at].client.address) is not None:
            found[address] += 1
    return found


def _same_network(
    oracle: Oracle, things: Sequence[Thing], colleagues: AbstractSet[int]
) -> Iterator[tuple[int, int, int]]:
    """Those nine in ten of whose client-days have one agent in one network, where nine in ten of all client-days that saw anybody are
    flagged or bear a sign that somebody is flagged for."""
    seen: dict[str, set[ClientDay]] = defaultdict(set)
    for view in oracle.log.views:
        if view.client.network is not None:
            seen[view.client.network].add((view.client.sent, day_of(view.time)))
    most = {network: max(Counter(day for _, day in days).values()) for network, days in seen.items()}
    known = set().union(*(client_days(oracle, each.views) for each in things), _bearing(oracle, things))
    first: dict[tuple[str, str | None], int] = {}
    for at, thing in enumerate(things):
        by_place: dict[tuple[str, str | None], set[ClientDay]] = defaultdict(set)
        whole = client_days(oracle, thing.views)
        for view in (oracle.log.views[each] for each in thing.views):
            if view.client.network is not None:
                by_place[view.client.network, view.client.agent].add((view.client.sent, day_of(view.time)))
        for (network, agent), days in sorted(
            by_place.items(), key=lambda each: (each[0][0], each[0][1] or "")
        ):
            mine = len(days) * MILLION // len(whole)
            there = len(seen[network] & known) * MILLION // len(seen[network])
            if (
                mine >= NEARLY_ALL
                and there >= NEARLY_ALL
                and most[network] <= OWN_NETWORK
                and at not in colleagues
            ):
                yield first.setdefault((network, agent), at), at, min(mine, there)


def _bearing(oracle: Oracle, things: Sequence[Thing]) -> set[ClientDay]:
    """Client-days with a view that bears a sign of a flag and counts by its clause."""
    found: set[ClientDay] = set()
    for thing in {(each.flag.detector, each.flag.clause): each for each in things}.values():
        item = clause_of(thing)
        if thing.detector["kind"] != "sign" or item.get("members") != "signed":
            continue
        told = oracle.told(
            item.get("belongs") or item["sign"], duration(thing.detector.get("clock_slack", "0s"))
        )
        counted = oracle.counted(thing.detector, Clause.of(item))
        found |= client_days(oracle, {at for at, each in enumerate(told) if each.bears and counted[at]})
    return found
