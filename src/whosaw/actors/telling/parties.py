"""Which flags are of one party, from sums of marks: entities that mostly share their views, and smaller ones that lie in a flagged crowd."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from whosaw.actors.clustering import clusters
from whosaw.actors.marking.flagged import holds_others
from whosaw.actors.summing.who import column
from whosaw.store.distinct import alike

from .desks import desks_of, leave_desks
from .kept import Kept
from .large import LeftOver, leave_out
from .rows import summed

__all__ = ["parties"]

Ints = npt.NDArray[np.int64]
_MILLION: Final = 1_000_000
HALF: Final = (
    500_000  # millionths: of the smaller flag's counted views, how many must be the larger one's too
)
NEARLY_ALL: Final = 900_000  # of a smaller entity's flagged clients, how many must be of a flagged group
OWN_NETWORK: Final = 100_000  # clients of a day that a network has at most which may be one party's own
Joined = tuple[int, int, int]  # two flags, and how much of the smaller lies in the larger, in millionths


def parties(
    kept: Kept, left_over: LeftOver, *, explanations: Collection[str], staff: Ints, planted: Ints
) -> list[list[int]]:
    """Positions of flags by party, in the order of their turns. Two are one party when most views of one are also the other's, one lies in
    the other, they go the same way, they read in two ways through the same addresses, or they have one user agent in a network that nobody
    else uses; and so are two parties, once it is known what each of them holds, or where they lie in the same others. A flag without a counted
    view is of none. Clients are taken out of large entities in `kept` on the way. `explanations` in the order of their bits."""
    leave_out(kept, left_over)
    parts = _parts(kept)
    tried = {name for flag in kept.flags for name in flag.detector.explanations}
    asked = [at for at, name in enumerate(explanations) if name in tried]
    desks = desks_of(kept, parts, staff, asked)
    if desks.shared:
        leave_desks(kept, desks, planted)
        parts = _parts(kept)
    joined = (
        *_same_way(kept),
        *_within(kept),
        *_same_addresses(kept),
        *_same_network(kept, desks.colleagues),
    )
    groups = clusters(
        [(sorted(flags), views) for flags, views in sorted(parts.items(), key=lambda part: sorted(part[0]))],
        [(one, other, share / _MILLION) for one, other, share in joined if not desks.part(one, other)],
        ranks=range(len(kept.flags)),
        enough=HALF / _MILLION,
        nearly_all=NEARLY_ALL / _MILLION,
    )
    return sorted(groups)


def _parts(kept: Kept) -> dict[frozenset[int], int]:
    """Which flags count the same views, and how many these are."""
    found: dict[frozenset[int], int] = defaultdict(int)
    for row in summed(kept, "marks", ["mark"], "views"):
        if flags := kept.counting(row["mark"]):
            found[flags] += row["views"]
    return found


def _same_way(kept: Kept) -> Iterator[Joined]:
    """Flags of one clause whose people's visits begin at one page: each with the first."""
    first: dict[tuple[str, str, int], int] = {}
    for at, flag in enumerate(kept.flags):
        if flag.page is not None:
            yield first.setdefault((flag.detector.id, flag.clause.id, flag.page), at), at, _MILLION


def _within(kept: Kept) -> Iterator[Joined]:
    """Flags of one detector, the second of which lies in the first: a group that was flagged for some of its clients (a key, an agent), and
    a smaller entity (an address) nearly all of whose clients, day by day, are of that group's entity."""
    crowds = {at for at, flag in enumerate(kept.flags) if holds_others(flag.clause)}
    if not crowds:
        return
    of_detector: dict[str, int] = {}
    detector = np.array([of_detector.setdefault(flag.detector.id, len(of_detector)) for flag in kept.flags])
    inside: dict[int, list[int]] = defaultdict(list)
    for place, alike_clients in enumerate(kept.told_clients[0]):
        for crowd in alike_clients.of_entity & crowds:
            inside[crowd].append(place)
    client, at = kept.counting_clients()
    sizes = _sums(at, kept.many[client], len(kept.flags))
    for crowd, places in sorted(inside.items()):
        there = np.zeros(len(kept.many), bool)
        there[places] = True
        own = there[client] & (detector[at] == detector[crowd]) & (at != crowd)
        clients = _sums(at[own], kept.many[client[own]], len(kept.flags))
        share = clients * _MILLION // np.maximum(sizes, 1)
        for each in np.flatnonzero((clients > 0) & (share >= NEARLY_ALL)).tolist():
            yield crowd, each, int(share[each])


def _sums(of: Ints, what: Ints, many: int) -> Ints:
    found = np.zeros(many, np.int64)
    np.add.at(found, of, what)
    return found


def _same_addresses(kept: Kept) -> Iterator[Joined]:
    """Two ways of reading that came through nearly the same addresses: nearly all addresses of the one with fewer, or nearly all views of one
    and half of the other's come through addresses that both have. A program that changes its user agent with each request makes each page a
    visit of its own."""
    ways = {at for at, flag in enumerate(kept.flags) if flag.clause.group_by == ("manner",)}
    if len(ways) < 2:
        return
    views: dict[int, dict[int, int]] = {at: defaultdict(int) for at in ways}
    holders: dict[int, set[int]] = defaultdict(set)
    for row in summed(kept, "marked_addresses", ["mark", "address"], "views"):
        for at in kept.counting(row["mark"]) & ways:
            views[at][row["address"]] += row["views"]
            holders[row["address"]].add(at)
    shared: dict[tuple[int, int], list[int]] = defaultdict(list)
    for address, of in holders.items():
        for one in of:
            for other in of:
                if one < other:
                    shared[one, other].append(address)
    for (one, other), both in sorted(shared.items()):
        of_addresses = len(both) * _MILLION // min(len(views[one]), len(views[other]))
        least, most = sorted(
            sum(views[at][address] for address in both) * _MILLION // sum(views[at].values())
            for at in (one, other)
        )
        if of_addresses >= NEARLY_ALL or (most >= NEARLY_ALL and least >= HALF):
            yield one, other, max(of_addresses, most)


def _same_network(kept: Kept, colleagues: Collection[int]) -> Iterator[Joined]:
    """Flags nearly all of whose clients have one agent in one network, in which nearly nobody else reads people: nobody who is neither
    flagged nor bears a sign that others are flagged for. Members of staff who are flagged by name have the network of their office in common
    with all who work there."""
    used, known, most = _networks(kept)
    client, flag = kept.counting_clients()
    sizes = _sums(flag, kept.many[client], len(kept.flags))
    rows = kept.told_clients[1].group_by(["alike", "network", "agent"]).aggregate([("clients", "sum")])
    network = column(rows, "network")
    theirs = [each for each, its in most.items() if its <= OWN_NETWORK]
    rows = rows.filter(pa.array(np.isin(network, theirs)))
    place, network, agent, many = (
        column(rows, each) for each in ("alike", "network", "agent", "clients_sum")
    )
    starts, ends = (np.searchsorted(client, place, side) for side in ("left", "right"))
    each = np.repeat(np.arange(len(place)), ends - starts)
    at = flag[starts[each] + np.arange(len(each)) - np.searchsorted(each, each)]
    which, of = alike(at, network[each], agent[each])
    mine = _sums(which, many[each], len(of)) * _MILLION // np.maximum(sizes[at[of]], 1)
    enough = of[mine >= NEARLY_ALL]
    first: dict[tuple[int, int], int] = {}
    for one, where, by, share in zip(
        at[enough].tolist(), network[each[enough]].tolist(), agent[each[enough]].tolist(),
        mine[mine >= NEARLY_ALL].tolist(), strict=True,
    ):  # fmt: skip
        there = known[where] * _MILLION // used[where]
        if there >= NEARLY_ALL and one not in colleagues:
            yield first.setdefault((where, by), one), one, min(share, there)


def _networks(kept: Kept) -> tuple[dict[int, int], dict[int, int], dict[int, int]]:
    """By network: how many clients of a day saw anybody, how many of these are flagged or bear a sign, and the most of one day."""
    rows = kept.rows("marked_clients")
    flagged = np.array([bool(kept.of_day(mark)) for mark in kept.marks], bool)
    # the last is of those without a mark
    known = rows["bears"].to_numpy() | np.append(flagged, False)[kept.client_marks]
    network = column(rows, "network")
    there = network >= 0
    network, day, clients, known = (
        each[there] for each in (network, column(rows, "day"), column(rows, "clients"), known)
    )
    place, first = alike(network)
    sums = np.zeros((2, len(first)), np.int64)
    np.add.at(sums[0], place, clients)
    np.add.at(sums[1], place[known], clients[known])
    on, some = alike(place, day)
    by_day = np.zeros(len(some), np.int64)
    np.add.at(by_day, on, clients)
    most = np.zeros(len(first), np.int64)
    np.maximum.at(most, place[some], by_day)
    names = network[first].tolist()
    used, its, largest = (dict(zip(names, each.tolist(), strict=True)) for each in (*sums, most))
    return used, its, largest
