"""Findings of parties: counts, first lines and texts, from what is kept."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from whosaw.actors.actor_views import Actors, Flag
from whosaw.actors.finding_of import finding_of
from whosaw.actors.marking.flagged import Flagged
from whosaw.actors.stories import Story
from whosaw.actors.summing.who import Digests
from whosaw.core.finding import Finding, Tried

from .counts import PartyCounts, SeenUntil, count_parties
from .kept import Kept

__all__ = ["Party", "find", "party_lines"]

_KEPT: Final = Actors(table="", number="")  # what is kept by day is asked of no table


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """A finding, and the positions of its flags, the earliest first. `mixed`: its views may differ in their standing."""

    finding: Finding
    flags: tuple[int, ...]
    mixed: bool = False


def find(
    kept: Kept,
    parties: Sequence[Sequence[int]],
    *,
    explanations: Sequence[str],
    why_not: Mapping[str, str],
    pages: Mapping[int, Collection[str]],
    seen_until: SeenUntil,
    digests: Digests,
) -> list[Party]:
    """What is found of each party, in the order in which they were raised. `explanations` in the order of their bits; `why_not`: why each
    could not be told, where it could not; `pages`: the categories that each page shows."""
    found = []
    for flags, counts in zip(parties, count_parties(kept, parties, explanations), strict=True):
        ordered = tuple(sorted(flags))  # their turns
        story = Story(flags=tuple((_flag(kept.flags[at]), kept.flags[at].actor) for at in ordered))
        finding = finding_of(
            story,
            counts.numbers(seen_until),
            counts.secondary(),
            counts.categories(pages),
            counts.first_places(digests),
            _tried(story, counts, explanations, why_not),
        )
        found.append(Party(finding=finding, flags=ordered, mixed=story.mixed))
    return sorted(found, key=lambda each: kept.flags[each.flags[0]].turn)


def party_lines(kept: Kept, flags: Collection[int]) -> Iterator[tuple[int, bytes, bytes, bytes]]:
    """Day, mark, positions in the views of the day, and clients of the views that a party counts."""
    own = frozenset(flags)
    for day in kept.runs.days("lines"):
        rows = kept.runs.rows("lines", [day], ["mark", "positions", "clients"]).drop_columns(["day"])
        for mark, positions, clients in zip(*(each.to_pylist() for each in rows.columns), strict=True):
            if kept.counting(mark) & own:
                yield day, mark, positions, clients


def _flag(flag: Flagged) -> Flag:
    return Flag(
        detector=flag.detector, clause=flag.clause, actors=_KEPT, actor=flag.entity, peaks=flag.peaks,
        bar=flag.bar, way=flag.page,
    )  # fmt: skip


def _tried(
    story: Story, counts: PartyCounts, explanations: Sequence[str], why_not: Mapping[str, str]
) -> tuple[Tried, ...]:
    """What each explanation said that its detectors try."""
    told = []
    for at, name in enumerate(explanations):
        if name in story.explanations:
            said = counts.answered(at)
            reason = why_not[name] if said["cannot_tell"] else ""
            told.append(Tried(explanation=name, why_not=reason, **said))
    return tuple(told)
