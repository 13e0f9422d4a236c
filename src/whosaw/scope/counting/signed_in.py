"""When an actor can have seen anything at all, as far as logins on record say: from one of the actor's logins until so long after it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from whosaw.store.sql import Session

from .facts import Facts
from .tallies import Tallies

__all__ = ["SignedIn", "Stretch", "signed_in_of"]

_LEAST_LOGINS: Final = 20  # with views: that the next one is unlike all of them has a chance below 1 in 20
_OF_HIS_ADDRESSES: Final = """
    WITH own AS (
        SELECT DISTINCT s.source, v.address, v.time // 3600000000 AS hour
        FROM scope_views AS v JOIN count_sources AS s USING (content) WHERE v.held OR v.unsure <> 0
    )
    SELECT source, address, hour FROM own ORDER BY ALL
"""
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Hours in a row from hour `first` on. `since`: how many hours after one of the actor's logins the first of them is; None where it is
    not known whether the actor had logged in. `possible`: whether they can have been there."""

    first: int
    length: int
    possible: bool
    since: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """`logins` are the hours of the actor's logins, each once. They may be there from one on for `lasting` hours, and wherever logins are not
    on record: before hour `first`, after hour `last` and in the hours of each hole, `missing`."""

    logins: Ints
    lasting: int
    first: int
    last: int
    missing: tuple[tuple[int, int], ...] = ()

    def stretches(self, start: int, many: int) -> Iterator[Stretch]:
        """So many hours from hour `start` on, parted where a login or its end lies."""
        at = np.arange(start, start + many)
        before = np.searchsorted(self.logins, at, side="right") - 1
        since = at - self.logins[np.maximum(before, 0)]
        live = (before >= 0) & (since <= self.lasting)
        unrecorded = (at < self.first + self.lasting) | (at > self.last)
        for begins, ends in self.missing:
            unrecorded |= (at >= begins) & (at <= ends + self.lasting)
        unknown = ~live & unrecorded
        states = np.where(live, before, np.where(unknown, -1, -2)).tolist()
        for state, hours in groupby(range(many), key=states.__getitem__):
            own = list(hours)
            yield Stretch(
                first=start + own[0],
                length=len(own),
                possible=state > -2,
                since=int(since[own[0]]) if state >= 0 else None,
            )

    def alike(self, since: int, length: int) -> Ints:
        """The first hours of stretches as long, as long after other logins, before the next one."""
        nexts = np.append(self.logins[1:], np.iinfo(np.int64).max)
        found: Ints = self.logins[self.logins + since + length <= nexts] + since
        return found


def signed_in_of(session: Session, facts: Facts, tallies: Tallies) -> dict[str, SignedIn]:
    """By source, where every held view followed a login from one of the actor's addresses, and each of these addresses is known from
    their other logins, too: so a login of which every view is lost can be told from those of others."""
    if facts.logins is None:
        return {}
    rows = session.query(_OF_HIS_ADDRESSES)
    found = {}
    for code, name in enumerate(tallies.sources):
        own = rows.filter(pc.field("source") == code)
        if not own.num_rows or own["address"].null_count:
            continue
        addresses = own["address"].cast(pa.int64()).to_numpy()
        chosen = facts.logins.rows.filter(
            pc.is_in(facts.logins.rows["address"], pa.array(np.unique(addresses)))
        )
        told = _told(own["hour"].to_numpy(), addresses, chosen)
        if told is not None:
            logins, lasting = told
            found[name] = SignedIn(
                logins=logins,
                lasting=lasting,
                first=facts.logins.first,
                last=facts.logins.last,
                missing=facts.logins.missing,
            )
    return found


def _told(hours: Ints, addresses: Ints, logins: pa.Table) -> tuple[Ints, int] | None:
    """The hours of the actor's logins, and for how many hours after one they may see something: as long as ever seen, and one. None
    where logins do not tell."""
    times = np.unique(logins["hour"].to_numpy())
    if not len(times):
        return None
    of = np.searchsorted(times, hours, side="right") - 1
    if (of < 0).any() or len(np.unique(of)) < _LEAST_LOGINS:
        return None
    # an address that came with one login alone would not have been known, had the views of that one been lost
    pairs = np.unique(np.stack([addresses, of]), axis=1)
    _, many = np.unique(pairs[0], return_counts=True)
    if many.min() < 2:
        return None
    return times, int((hours - times[of]).max()) + 1
