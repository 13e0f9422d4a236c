"""What is told of a view by the visit that it belongs to: whether that did anything but read people."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from whosaw.core import client

from .belonging import last_start, visit_of, whole
from .columns import BEARS, CLIENT, LACKS, ONE_DAY, UNTOLD, Bools, Ints, keys_of, plain

__all__ = ["WEEK", "OfVisits"]

WEEK: Final = 7
"""What goes by a client alone may be a desk or a job, which do nothing else for months, in short visits: so many days show that."""
_BRIEF: Final = 10  # views of these days, at most
_COUNTS: Final = ("events", "others", "tries", "views", "agents")


class OfVisits:
    """Views and failed tries in hand with what their visits did. `working` are principals on record as staff, or as jobs and partners."""

    def __init__(self, views: pa.Table, tries: pa.Table, visits: pa.Table, working: Ints) -> None:
        self._views, self._tries, self._working = views, tries, working
        self._visits = whole(visits)
        self._of_views, self._of_tries = (visit_of(each, self._visits) for each in (views, tries))
        self._counts = {name: np.append(plain(self._visits[name]), 0).astype(np.int64) for name in _COUNTS}
        self._week = self._of_week("views", "tries")

    def _of_week(self, *names: str) -> dict[str, Ints]:
        """How many of each visit and of those that the same pass or client began in the week before; behind them 0."""
        kinds, keys, starts = (plain(self._visits[each]) for each in ("kind", "visit", "start"))
        at = np.arange(len(starts))
        first = np.append(True, (kinds[1:] != kinds[:-1]) | (keys[1:] != keys[:-1]))[: len(at)]
        since = np.maximum.accumulate(np.where(first, at, 0)) if len(at) else at
        older = last_start((kinds, keys, starts), (kinds, keys, starts - WEEK * ONE_DAY - 1))
        since = np.maximum(older + 1, since)
        totals = {name: np.concatenate([[0], np.cumsum(self._counts[name][: len(at)])]) for name in names}
        return {name: np.append(total[at + 1] - total[since], 0) for name, total in totals.items()}

    def signs(self) -> dict[str, npt.NDArray[np.int8]]:
        """`hollow` (of a token or session) and `nothing-else` of each view. Only of what has a user agent: a program that speaks to
        a database does nothing else."""
        at = self._of_views
        told = (at >= 0) & (self._counts["agents"][at] > 0)
        alone = self._counts["others"][at] == 0
        brief = (self._week["views"][at] <= _BRIEF) & ~self._for_a_living(self._views)
        of_pass = keys_of(self._views)[0] != CLIENT
        return {
            "hollow": np.where(told & of_pass, np.where(alone, BEARS, LACKS), UNTOLD).astype(np.int8),
            "nothing-else": np.where(told & ~(alone & ~brief), np.where(alone, BEARS, LACKS), UNTOLD).astype(
                np.int8
            ),
        }

    def views(self) -> pa.Table:
        """The views as rows by number, with what they are put together by."""
        kinds, keys = keys_of(self._views)
        columns = {name: self._views[name] for name in ("day", "time", "person", *client.NAMES)}
        return pa.table({
            "row": np.arange(self._views.num_rows), **columns,
            "pass_kind": pa.array(kinds, mask=kinds == CLIENT), "pass": keys, **self._did(self._views, self._of_views),
        })  # fmt: skip

    def tries(self) -> pa.Table:
        """The failed tries, with how many there were in the week up to their visit."""
        columns = {name: self._tries[name] for name in ("day", "time", "person", "status", *client.NAMES)}
        at = self._of_tries
        return pa.table({**columns, "tries": self._week["tries"][at], **self._did(self._tries, at)})

    def _did(self, rows: pa.Table, at: Ints) -> dict[str, npt.NDArray[np.bool_]]:
        """Whether the visit did nothing but ask for people, and then little."""
        counts = {name: each[at] for name, each in self._counts.items()}
        bare = (at >= 0) & (counts["events"] <= counts["views"] + counts["tries"])
        has_agent = rows["agent"].is_valid().to_numpy().astype(bool)
        little = bare & has_agent & (self._week["views"][at] <= _BRIEF) & ~self._for_a_living(rows)
        return {"bare": bare, "little": little}

    def _for_a_living(self, rows: pa.Table) -> Bools:
        """Without a token or session, by somebody who reads people as their work, a few a week perhaps."""
        works = np.isin(plain(rows["principal"], -1), self._working)
        found: Bools = works & (keys_of(rows)[0] == CLIENT)
        return found
