"""Puts flags of one party together: an actor flagged by several clauses is one story, not several."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, cast

import pyarrow as pa

from whosaw.core.instants import from_micros
from whosaw.store.sql import Session, quote_name

from .detectors import Detector
from .explanation import Explanation, answered
from .finding import Actor, Crossing
from .flags import Flag
from .statement import statement

__all__ = ["Digests", "Story", "number_digests", "stories"]

Digests = Callable[[str, pa.Array], pa.Array]
SAME_PARTY: Final = 0.9  # of the smaller actor's counted views, how many must be the larger one's too
_NUMBERED: Final = frozenset(("address", "principal", "session", "token"))


def number_digests(_kind: str, numbers: pa.Array) -> pa.Array:
    """Ledger numbers as they are: stable within one workspace, which is enough where ids never leave it."""
    return numbers.cast(pa.string())


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """Flags held to be of one party, the earliest first. The earliest names it, and stays so as it grows."""

    flags: tuple[tuple[Flag, Actor], ...]

    @property
    def detector(self) -> Detector:
        return self.flags[0][0].detector

    @property
    def actor(self) -> Actor:
        return self.flags[0][1]

    @property
    def raised_at(self) -> int:
        return self.flags[0][0].raised_at

    def crossings(self) -> tuple[Crossing, ...]:
        """Every threshold reached, in the order in which they were."""
        return tuple(
            Crossing(
                detector=flag.detector.id,
                clause=flag.clause.id, window=window.length, threshold=window.persons, most=peak.most,
                reached_at=from_micros(peak.reached_at), actor=actor,
            )
            for flag, actor in self.flags
            for window, peak in zip(flag.clause.windows, flag.peaks, strict=True)
            if peak.reached_at is not None
        )  # fmt: skip


def stories(
    session: Session, flags: Sequence[Flag], explanations: Sequence[Explanation], digests: Digests
) -> list[Story]:
    """Merge the flags, and leave `detect_hit_views` and `detect_stories` (by position in the list) behind."""
    if not flags:
        return []
    actors = _actors(session, flags, digests)
    _make_hits(session, flags)
    sql, values = answered("base_of_hits", explanations)
    session.execute(f"CREATE OR REPLACE TEMP TABLE detect_hit_views AS {sql}", values)
    place = {id(flag): number for number, flag in enumerate(flags)}
    told = []
    for members in _merged(session, len(flags)):
        ordered = sorted(
            ((flags[m], actors[m]) for m in members),
            key=lambda pair: (pair[0].raised_at, pair[0].detector.id, pair[0].clause.id, pair[1].digest),
        )
        told.append(Story(flags=tuple(ordered)))
    told.sort(key=lambda story: (story.raised_at, story.actor.digest))
    numbers = [
        (place[id(flag)], at, story.raised_at) for at, story in enumerate(told) for flag, _ in story.flags
    ]
    table = pa.table({
        "hit": pa.array([hit for hit, _, _ in numbers], pa.int64()),
        "story": pa.array([story for _, story, _ in numbers], pa.int64()),
        "raised_at": pa.array([raised for _, _, raised in numbers], pa.int64()),
    })  # fmt: skip
    session.query(statement("stories"), hit_stories=table)
    return told


def _make_hits(session: Session, flags: Sequence[Flag]) -> None:
    """detect_hits: (hit, client, only_unexplained), where hit is the position of the flag."""
    session.execute(
        "CREATE OR REPLACE TEMP TABLE detect_hits (hit BIGINT, client BIGINT, only_unexplained BOOLEAN)"
    )
    for name, members in _by_table(flags):
        narrow = [flags[at].clause.counted == "unexplained" for at in members]
        flagged = pa.table({
            "hit": pa.array(members, pa.int64()),
            "actor": pa.array([flags[at].actor for at in members], pa.int64()),
            "only_unexplained": pa.array(narrow, pa.bool_()),
        })  # fmt: skip
        session.query(
            "INSERT INTO detect_hits SELECT hit, client, only_unexplained "
            f"FROM flagged JOIN {quote_name(name)} USING (actor)",
            flagged=flagged,
        )


def _by_table(flags: Sequence[Flag]) -> Iterator[tuple[str, list[int]]]:
    tables: dict[str, list[int]] = {}
    for at, flag in enumerate(flags):
        tables.setdefault(flag.actors, []).append(at)
    yield from tables.items()


def _actors(session: Session, flags: Sequence[Flag], digests: Digests) -> list[Actor]:
    """Who each flag is about, with a digest that does not depend on other actors."""
    found: dict[int, Actor] = {}
    for name, members in _by_table(flags):
        by = flags[members[0]].clause.group_by
        asked = pa.table({
            "hit": pa.array(members, pa.int64()),
            "actor": pa.array([flags[at].actor for at in members], pa.int64()),
        })  # fmt: skip
        columns = ", ".join(f"any_value({quote_name(each)}) AS {quote_name(each)}" for each in by)
        rows = session.query(
            f"SELECT hit, {columns} FROM asked JOIN {quote_name(name)} USING (actor) "
            "JOIN clients USING (client) GROUP BY hit ORDER BY hit",
            asked=asked,
        )
        shown = {each: _texts(each, rows[each], digests) for each in by}
        for at, row in enumerate(rows.to_pylist()):
            parts = "\x1f".join(f"{each}={shown[each][at]}" for each in by)
            found[row["hit"]] = Actor(
                by=by,
                values=tuple(row[each] for each in by),
                digest=hashlib.sha256(parts.encode()).hexdigest()[:32],
            )
    return [found[at] for at in range(len(flags))]


def _texts(column: str, values: pa.ChunkedArray, digests: Digests) -> list[str | None]:
    array = values.combine_chunks()
    texts = digests(column, array) if column in _NUMBERED else array
    return cast("list[str | None]", texts.to_pylist())


def _merged(session: Session, count: int) -> list[list[int]]:
    """Positions of flags by party: two are one party when nearly all views of one are also the other's."""
    pairs = session.query(statement("overlaps")).to_pylist()
    own = {row["one"]: row["views"] for row in pairs if row["one"] == row["other"]}
    leader = list(range(count))

    def find(at: int) -> int:
        while leader[at] != at:
            leader[at] = leader[leader[at]]
            at = leader[at]
        return at

    for row in pairs:
        one, other, shared = row["one"], row["other"], row["views"]
        if one != other and shared > 0 and shared >= SAME_PARTY * min(own[one], own[other]):
            leader[find(other)] = find(one)
    groups: dict[int, list[int]] = {}
    for at in range(count):
        groups.setdefault(find(at), []).append(at)
    return list(groups.values())
