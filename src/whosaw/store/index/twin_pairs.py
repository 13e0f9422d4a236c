"""Which line of one source is the same act as which line of its twin: one with one, never a join that multiplies.

Lines that share a key and lie within reach of one another stand together. Of each such group the pairs are as many as can be
made within the slack, in order of time, of lines that name the same person or of which one names nobody. By request id they are
sure. By client, page and time they are sure where no line of the group is left over; where one is, it cannot be told which of
them have no partner, and whether a partner stands just outside of the slack.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from .twin_rules import TwinRule

__all__ = ["ALIKE", "MAYBE", "NOBODY_NAMED", "ROW", "SURE", "Pairs", "pair_rows"]

ROW = np.dtype([
    ("key", np.uint64), ("rule", np.int16), ("side", np.int8), ("time", np.int64), ("segment", np.int32), ("line", np.int64),
    ("person", np.int64), ("client", np.int32), ("hash", np.uint64), ("route", np.int16), ("view", bool), ("unsure", np.int8),
    ("failed", bool), ("refused", bool),
])  # fmt: skip
NOBODY_NAMED: Final = -1
# a pair that is one act of one client; one of a group whose clients differ, so that it cannot be told which is whose; one that
# may be two acts
SURE, ALIKE, MAYBE = 1, 2, 3
Rows = npt.NDArray[Any]
Ints = npt.NDArray[np.int64]
_Pair = tuple[int, int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairs:
    """Rows of the outer and the inner source that are pairs, and of what kind; by rule, how long after the outer line the inner
    one stands where each source has just one with the key, wherever it stands."""

    outer: Ints
    inner: Ints
    kind: npt.NDArray[np.int8]
    apart: dict[int, Ints]


def pair_rows(rows: Rows, rules: Sequence[TwinRule]) -> Pairs:
    """Pairs among all rows that have certain keys."""
    order = np.lexsort((rows["line"], rows["segment"], rows["hash"], rows["time"], rows["key"], rows["rule"]))
    rule, key, side, time = (rows[name][order] for name in ("rule", "key", "side", "time"))
    if not len(order):
        empty = np.zeros(0, np.int64)
        return Pairs(outer=empty, inner=empty, kind=np.zeros(0, np.int8), apart={})
    reach = np.array([each.reach for each in rules], np.int64)[rule]
    other_key = np.concatenate(([True], (key[1:] != key[:-1]) | (rule[1:] != rule[:-1])))
    far = np.concatenate(([True], np.diff(time) > reach[1:])) | other_key
    outer, inner, kind = [], [], []
    starts = np.flatnonzero(far)
    ends = np.append(starts[1:], len(order))
    inside = np.concatenate(([0], np.cumsum(side, dtype=np.int64)))
    of_inner = inside[ends] - inside[starts]
    of_outer = ends - starts - of_inner
    both = (of_inner > 0) & (of_outer > 0)
    plain = np.flatnonzero(both & (of_inner == 1) & (of_outer == 1))
    for first, last in zip(
        starts[both & (ends - starts > 2)].tolist(), ends[both & (ends - starts > 2)].tolist(), strict=True
    ):
        some = order[first:last]
        for one, other, what in _of_group(rows[some], rules[rule[first]]):
            outer.append(some[one])
            inner.append(some[other])
            kind.append(what)
    left, right = order[starts[plain]], order[starts[plain] + 1]
    left, right = (
        np.where(side[starts[plain]] == 0, left, right),
        np.where(side[starts[plain]] == 0, right, left),
    )
    kinds = _of_two(rows[left], rows[right], rules)
    held = kinds > 0
    return Pairs(
        outer=np.concatenate((np.array(outer, np.int64), left[held])),
        inner=np.concatenate((np.array(inner, np.int64), right[held])),
        kind=np.concatenate((np.array(kind, np.int8), kinds[held])),
        apart=_apart(rule, side, time, other_key),
    )


def _of_two(outer: Rows, inner: Rows, rules: Sequence[TwinRule]) -> npt.NDArray[np.int8]:
    """The kind of pair that one line of each source is, where both are all that stand together; 0: none."""
    within = np.array([each.within for each in rules], np.int64)[outer["rule"]]
    by_request = np.array([each.by == "request" for each in rules], bool)[outer["rule"]]
    near = np.abs(outer["time"] - inner["time"]) <= within
    same = (outer["person"] == inner["person"]) | (outer["person"] < 0) | (inner["person"] < 0)
    return np.where(same & near, SURE, np.where(same | by_request, MAYBE, 0)).astype(np.int8)


def _of_group(rows: Rows, rule: TwinRule) -> list[_Pair]:
    """Pairs among lines that stand together, in order of time."""
    persons = set(rows["person"][rows["person"] >= 0].tolist())
    unnamed = bool((rows["person"] < 0).any())
    if len(persons) > 1 and not unnamed and rule.by == "page":
        found: list[_Pair] = []
        for person in sorted(persons):
            at = np.flatnonzero(rows["person"] == person)
            found += [(int(at[one]), int(at[other]), what) for one, other, what in _of_one(rows[at], rule)]
        return found
    return _of_one(rows, rule) if len(persons) <= 1 else _of_several(rows, rule)


def _of_one(rows: Rows, rule: TwinRule) -> list[_Pair]:
    """Pairs among lines of which all that name somebody name the same person."""
    sides = [np.flatnonzero(rows["side"] == side).tolist() for side in (0, 1)]
    time = rows["time"].tolist()
    pairs, left = _in_order(sides[0], sides[1], time, rule.within)
    if rule.by == "page" and (left[0] or left[1]):
        near, _ = _in_order(*left, time, rule.reach)
        return [(one, other, MAYBE) for one, other in (*pairs, *near)]
    alike = SURE if rule.by == "request" or _one_client(rows, pairs) else ALIKE
    return [(one, other, alike) for one, other in pairs]


def _of_several(rows: Rows, rule: TwinRule) -> list[_Pair]:
    """Pairs where lines name several people, or some of them and some nobody: who is named twice is met first; whatever else could
    be one act is a pair that may be two."""
    person, time = rows["person"].tolist(), rows["time"].tolist()
    left = [np.flatnonzero(rows["side"] == side).tolist() for side in (0, 1)]
    sure: list[tuple[int, int]] = []
    for who in sorted({each for each in person if each >= 0}):
        own = [[each for each in side if person[each] == who] for side in left]
        pairs, _ = _in_order(own[0], own[1], time, rule.within)
        sure += pairs
    met = {each for pair in sure for each in pair}
    left = [[each for each in side if each not in met] for side in left]
    kind = SURE if rule.by == "request" else MAYBE
    return [
        *((one, other, kind) for one, other in sure),
        *((one, other, MAYBE) for one, other in zip(*left, strict=False)),
    ]


def _in_order(
    outer: list[int], inner: list[int], time: Sequence[int], within: int
) -> tuple[list[tuple[int, int]], tuple[list[int], list[int]]]:
    """As many pairs as can be made of lines at most so far apart, and what is left of each side. Both are in order of time, so
    that of two lines the earlier never has to wait for a later partner than the other."""
    pairs: list[tuple[int, int]] = []
    left: tuple[list[int], list[int]] = ([], [])
    at, to = 0, 0
    while at < len(outer) and to < len(inner):
        apart = time[inner[to]] - time[outer[at]]
        if apart > within:
            left[0].append(outer[at])
            at += 1
        elif apart < -within:
            left[1].append(inner[to])
            to += 1
        else:
            pairs.append((outer[at], inner[to]))
            at, to = at + 1, to + 1
    left[0].extend(outer[at:])
    left[1].extend(inner[to:])
    return pairs, left


def _one_client(rows: Rows, pairs: Sequence[tuple[int, int]]) -> bool:
    """Whether the lines of each source come from one client, so that it does not matter which of them is whose partner."""
    clients = rows["client"]
    return all(len({int(clients[pair[side]]) for pair in pairs}) <= 1 for side in (0, 1))


def _apart(
    rule: Ints, side: npt.NDArray[np.int8], time: Ints, other_key: npt.NDArray[np.bool_]
) -> dict[int, Ints]:
    starts = np.flatnonzero(other_key)
    sizes = np.diff(np.append(starts, len(side)))
    two = starts[(sizes == 2)]
    two = two[side[two] != side[two + 1]]
    apart = np.where(side[two] == 0, time[two + 1] - time[two], time[two] - time[two + 1])
    return {int(each): apart[rule[two] == each] for each in np.unique(rule[two]).tolist()}
