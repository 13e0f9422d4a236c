"""Puts flags of one party together: an actor flagged by several clauses is one story, not several."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final, cast

import pyarrow as pa

from whosaw.core import client
from whosaw.core.finding import Actor, Crossing, actor_digest
from whosaw.core.instants import from_micros
from whosaw.store.schemas import ASKED, COMPANY, CROWD, PROVEN
from whosaw.store.sql import Session, quote_name

from .actor_views import Flag
from .detectors import Detector
from .explanation import Explanation, answer_over
from .hits import by_table, make_hits
from .parties import Rule, merged, rules_of
from .proof import asks_no_table, counts_a_crowd, keeps_company, proves, proves_all
from .statement import statement

__all__ = ["Digests", "Story", "number_digests", "stories"]

Digests = Callable[[str, pa.Array], pa.Array]
_TEXT_OF: Final = {
    name: f'(SELECT t."{name}" FROM detect_{name}_numbers AS t WHERE t.number = n."{name}")'
    for name in (*client.CLEAR, "manner")
}


def number_digests(_kind: str, numbers: pa.Array) -> pa.Array:
    """Ledger numbers as they are: stable within one workspace, which is enough where ids never leave it."""
    return numbers.cast(pa.string())


@dataclass(frozen=True, kw_only=True)
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
    def explanations(self) -> tuple[str, ...]:
        """All that its detectors try."""
        tried = dict.fromkeys(flag.detector.explanations for flag, _ in self.flags)
        return tuple(dict.fromkeys(name for names in tried for name in names))

    @property
    def mixed(self) -> bool:
        """Whether its views may differ in their standing: some are proven, would be found without any table, or are of a crowd."""
        detectors = [flag.detector for flag, _ in self.flags]
        in_part = any(map(proves, detectors)) and not all(map(proves_all, detectors))
        return in_part or any(map(counts_a_crowd, detectors)) or len(set(map(asks_no_table, detectors))) > 1

    @property
    def raised_at(self) -> int:
        return self.flags[0][0].raised_at

    @cached_property
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
    session: Session, flags: Sequence[Flag], explanations: Mapping[str, Explanation], digests: Digests
) -> list[Story]:
    """Merge the flags, and leave `detect_story_views` behind: the views of each story's clients (by its position in the
    list), whether they count, their standing (PROOFS; NULL where none of these), and the answer over all explanations that its
    detectors try."""
    if not flags:
        return []
    actors = _actors(session, flags, digests)
    make_hits(session, flags)
    place = {id(flag): number for number, flag in enumerate(flags)}
    told = []
    turns = sorted(range(len(flags)), key=lambda at: _earliest(flags[at], actors[at]))
    ranks = [0] * len(flags)
    for rank, at in enumerate(turns):
        ranks[at] = rank
    for members in merged(session, flags, ranks, explanations):
        ordered = [(flags[at], actors[at]) for at in sorted(members, key=ranks.__getitem__)]
        told.append(Story(flags=tuple(ordered)))
    if not told:
        return []
    told.sort(key=lambda story: (story.raised_at, story.actor.digest))
    rules = rules_of(flags)
    by_story = [story.explanations for story in told]
    tried = list(dict.fromkeys(by_story))
    raised = [story.raised_at for story in told]
    known = list(dict.fromkeys(rule for flag in flags for rule in _beyond_a_crowd(flag)))
    proving = [flag for flag in flags if proves(flag.detector)]
    looked_up = list(dict.fromkeys(rule for flag in proving for rule in Rule.of_proof(flag)))
    hits = [
        (
            place[id(flag)],
            at,
            1 << rules.index(Rule.of(flag)),
            sum(1 << looked_up.index(each) for each in Rule.of_proof(flag)) if proves(flag.detector) else 0,
            0 if keeps_company(flag.detector) else 1 << rules.index(Rule.of(flag)),
            sum(1 << known.index(each) for each in _beyond_a_crowd(flag)),
            1 << rules.index(Rule.of(flag))
            if asks_no_table(flag.detector) and not counts_a_crowd(flag.detector)
            else 0,
        )
        for at, story in enumerate(told)
        for flag, _ in story.flags
    ]
    session.query(
        statement("stories"),
        hit_stories=pa.table({
            **{
                name: pa.array([hit[at] for hit in hits], pa.int64())
                for at, name in enumerate(("hit", "story", "rule", "proof", "beyond_company", "beyond_crowd", "unasked"))
            },
            "raised_at": pa.array([raised[hit[1]] for hit in hits], pa.int64()),
            "tried": pa.array([tried.index(by_story[hit[1]]) for hit in hits], pa.int64()),
        }),
    )  # fmt: skip
    counted, proven, alone, singly, unasked = (
        " OR ".join(
            f"({name} & {1 << at} > 0 AND {rule.term(explanations)})" for at, rule in enumerate(asked)
        )
        or "false"
        for name, asked in (
            ("rules", rules),
            ("proofs", looked_up),
            ("beyond_company", rules),
            ("beyond_crowd", known),
            ("unasked", rules),
        )
    )
    answers = " ".join(
        f"WHEN {at} THEN {answer_over([explanations[each] for each in names])}"
        for at, names in enumerate(tried)
    )
    session.execute(
        f"CREATE OR REPLACE TEMP VIEW detect_story_views AS SELECT *, {counted} AS counted, "
        f"(CASE WHEN {proven} THEN {PROVEN} WHEN ({alone}) IS NOT TRUE THEN {COMPANY} WHEN ({singly}) IS NOT TRUE THEN {CROWD} "
        f"WHEN ({unasked}) IS NOT TRUE THEN {ASKED} END)::TINYINT AS standing, "
        f"CASE tried {answers} END::UTINYINT AS answer FROM detect_hit_views JOIN detect_stories USING (mark)"
    )
    return told


def _beyond_a_crowd(flag: Flag) -> tuple[Rule, ...]:
    """Which of the views that it counts are counted each for itself: of a crowd those of which it is known that nobody had a reason for them."""
    if keeps_company(flag.detector):
        return ()
    rule = Rule.of(flag)
    return (replace(rule, counted="unexplained"),) if counts_a_crowd(flag.detector) else (rule,)


def _earliest(flag: Flag, actor: Actor) -> tuple[int, str, str, str]:
    """Whose turn it is: the flag that could be told first, and of those of one instant by what they are about."""
    return flag.raised_at, flag.detector.id, flag.clause.id, actor.digest


def _actors(session: Session, flags: Sequence[Flag], digests: Digests) -> list[Actor]:
    """Who each flag is about, with a digest that does not depend on other actors."""
    found: dict[int, Actor] = {}
    for table, members in by_table(flags):
        by = flags[members[0]].clause.group_by
        asked = pa.table({
            "hit": pa.array(members, pa.int64()),
            "actor": pa.array([flags[at].actor for at in members], pa.int64()),
        })  # fmt: skip
        numbers = ", ".join(f"any_value({quote_name(each)}) AS {quote_name(each)}" for each in by)
        columns = ", ".join(
            _TEXT_OF.get(each, f"n.{quote_name(each)}") + f" AS {quote_name(each)}" for each in by
        )
        rows = session.query(
            f"SELECT hit, {columns} FROM (SELECT hit, {numbers} FROM asked JOIN {table.of('detect_clients')} USING (actor) "
            "GROUP BY hit) AS n ORDER BY hit",
            asked=asked,
        )
        shown = {each: _texts(each, rows[each], digests) for each in by}
        for at, row in enumerate(rows.to_pylist()):
            found[row["hit"]] = Actor(
                by=by,
                values=tuple(row[each] for each in by),
                digest=actor_digest(by, [shown[each][at] for each in by]),
            )
    return [found[at] for at in range(len(flags))]


def _texts(column: str, values: pa.ChunkedArray, digests: Digests) -> list[str | None]:
    array = values.combine_chunks()
    texts = digests(column, array) if column in client.NUMBERED else array
    return cast("list[str | None]", texts.to_pylist())
