"""Views of visits that did little and nothing but ask for people, around a time at which such visits guessed numbers, each a few and wherever
they were."""

from __future__ import annotations

from typing import Final

import numpy as np
import pyarrow as pa

from .columns import HOUR, Bools, Ints, plain

__all__ = ["guessed_by_many", "in_vain"]

_BEFORE, _AFTER = 9, 8  # hours around that of a view
_PEOPLE: Final = 16  # who were seen for each who was guessed, at most
_TRIES: Final = 10  # who tries many numbers in one place says nothing of others
_NO_PAGE: Final = (404, 410)
_NEVER: Final = np.iinfo(np.int64).max


def guessed_by_many(
    views: pa.Table, tries: pa.Table, seen: pa.Table, *, first: int, hindsight: int
) -> pa.Table:
    """Of the views (as `OfVisits` has them) from the day before `first` on those that bear the sign: row, known. In the hour of the view, the nine before it and the
    eight after it pages were asked for of people of whom nobody was seen (`SEEN`) until the end of the day after, each once, and there were
    none; at least one such for every 16 people whom such visits saw. `known` is when so many had been asked for. Only of what has a user
    agent: a program that speaks to a database does nothing else."""
    rows = np.flatnonzero((plain(views["day"]) >= first - 1) & plain(views["little"]))
    row, hour = plain(views["row"])[rows], plain(views["time"])[rows] // HOUR
    hours, known = _hours(views, tries, seen, first, hindsight)
    at = np.minimum(np.searchsorted(hours, hour), max(0, len(hours) - 1))
    many = np.flatnonzero(hours[at] == hour) if len(hours) else rows[:0]
    return pa.table({"row": row[many], "known": known[at[many]]})


def _hours(views: pa.Table, tries: pa.Table, seen: pa.Table, first: int, hindsight: int) -> tuple[Ints, Ints]:
    """Hours around which so many were guessed, and when it was so many."""
    since, until, time = _around(tries, np.flatnonzero(_few(tries) & in_vain(tries, seen, hindsight)))
    if not len(time):
        return time, time
    order = np.argsort(time)
    since, until, time = since[order], until[order], time[order]
    near = plain(views["little"]) & (plain(views["day"]) >= first - 2)
    seen_since, seen_until, _ = _around(views, np.flatnonzero(near & views["person"].is_valid().to_numpy()))
    hours = np.arange(since.min(), until.max())
    guessed, people = _there(since, until, hours), _there(seen_since, seen_until, hours)
    enough = np.flatnonzero((guessed > 0) & (people > 0) & (_PEOPLE * guessed >= people))
    known = np.empty(len(enough), np.int64)
    for at, (hour, many) in enumerate(zip(hours[enough].tolist(), people[enough].tolist(), strict=True)):
        begin, end = np.searchsorted(time, ((hour - _BEFORE) * HOUR, (hour + _AFTER + 1) * HOUR)).tolist()
        there = (since[begin:end] <= hour) & (hour < until[begin:end])
        known[at] = time[begin:end][there][(many + _PEOPLE - 1) // _PEOPLE - 1]
    return hours[enough], known


def _there(since: Ints, until: Ints, hours: Ints) -> Ints:
    """How many of those who are there from one hour to another are so in each of these hours."""
    begun, ended = (np.searchsorted(np.sort(each), hours, "right") for each in (since, until))
    found: Ints = begun - ended
    return found


def _few(tries: pa.Table) -> Bools:
    """Which are of visits that did little."""
    found: Bools = plain(tries["little"]) & (plain(tries["tries"]) <= _TRIES)
    return found


def in_vain(tries: pa.Table, seen: pa.Table, hindsight: int) -> Bools:
    """Which of the tries were for pages that are not there, of people of whom nobody was seen (`SEEN`) until the end of the day after."""
    person, people = plain(tries["person"], -1), plain(seen["person"])
    order = np.argsort(people)
    people, when = (
        np.append(people[order], -1),
        np.append(plain(seen["first"])[order].astype(np.int64), _NEVER),
    )
    at = np.searchsorted(people[:-1], person)
    seen_first = np.where(people[at] == person, when[at], _NEVER)
    found: Bools = (
        (person >= 0) & np.isin(plain(tries["status"], 0), _NO_PAGE)
        & (seen_first > np.maximum(plain(tries["day"]).astype(np.int64) + 1, hindsight))
    )  # fmt: skip
    return found


def _around(table: pa.Table, rows: Ints) -> tuple[Ints, Ints, Ints]:
    """Of the people of these rows the hours around which each is there, from one to another (not among them), no hour twice, and when it was
    first for these."""
    person, time = (plain(table[name], -1)[rows].astype(np.int64) for name in ("person", "time"))
    order = np.lexsort((time, person))
    person, time = person[order], time[order]
    same = np.append(False, person[1:] == person[:-1])[: len(rows)]
    hour = time // HOUR
    once = np.flatnonzero(~(same & np.append(False, hour[1:] == hour[:-1])[: len(rows)]))
    same, hour, time = same[once], hour[once], time[once]
    until = hour + _BEFORE + 1
    since = hour - _AFTER
    since[1:] = np.where(same[1:], np.maximum(since[1:], until[:-1]), since[1:])
    return since, until, time
