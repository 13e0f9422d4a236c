"""Which lines repeat an event of another line: of equal events the one with the smallest (digest of the file, line) counts.

A copy of a line has its time, so the days of copies are one and the same, and no neighbouring day has to be known.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from whosaw.store.index.twin_rules import Side

from .events import Events, plain

__all__ = ["repeated_lines"]


def repeated_lines(events: Events, sides: Mapping[int, Side]) -> npt.NDArray[np.bool_]:
    """Of each row, whether it repeats another one. By `sides`, lines of twin sources are no repeats of each other, however equal
    they are."""
    rows = events.rows
    repeated = plain(rows["duplicate"], np.bool_, null=False).copy()
    hashes = plain(rows["hash"], np.uint64)
    in_order = np.sort(hashes)
    twice = np.unique(in_order[1:][in_order[1:] == in_order[:-1]])
    at = np.flatnonzero(~repeated & np.isin(hashes, twice))
    if not len(at):
        return repeated
    few = rows.select(["content", "line", "time", "status", "position", "person"]).take(at)
    content = plain(few["content"], np.int32)
    known = np.unique(content)
    side = np.array([_side(sides, each) for each in known.tolist()], np.int64)
    # the hash is 64 bits of the whole line: time, status, route and person must agree too, so that no person can be hidden
    # behind a line that merely collides
    told = (
        plain(few["person"], np.int64, -1), side[np.searchsorted(known, content)], plain(few["position"], np.int64),
        plain(few["status"], np.int64, -1), plain(few["time"], np.int64), hashes[at],
    )  # fmt: skip
    order = np.lexsort((plain(few["line"], np.int64), events.ranks(content), *told))
    same = np.ones(len(order) - 1, bool)
    for each in told:
        same &= each[order][1:] == each[order][:-1]
    repeated[at[order[1:][same]]] = True
    return repeated


def _side(sides: Mapping[int, Side], content: int) -> int:
    rule, side = sides.get(content, (-1, 0))
    return 2 * rule + side
