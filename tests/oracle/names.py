"""Ids over a sequence of scans: what each party is called, and what became of every id that was ever told.

An id belongs to a flag. It goes with the party that holds this flag, or, where the flag is gone, the oldest of its other flags that is
still there. Of the ids that go with a party the oldest is its own, and the others are part of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

__all__ = ["FOUND", "GONE", "PART", "Became", "Party", "Told", "told_after"]

FOUND, PART, GONE = "found", "part", "gone"


@dataclass(frozen=True, slots=True)
class Party:
    """One party of one scan: its flag keys, the earliest first, when it was raised, and what it is called if it has no older id."""

    keys: tuple[str, ...]
    raised: int
    fresh: str


@dataclass(frozen=True, slots=True)
class Became:
    """What an id is now: found, part `of` another, or gone; and what it split from."""

    state: str
    of: str | None = None
    split_from: str | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """After some scans: every id, the oldest first, with what it is; its flag; and by flag, the first told first, under which id it was
    first told."""

    became: dict[str, Became] = field(default_factory=dict)
    flag_of: dict[str, str] = field(default_factory=dict)
    first_under: dict[str, str] = field(default_factory=dict)

    def root(self, name: str) -> str:
        """Under which id it is told now."""
        while self.became[name].state == PART:
            name = str(self.became[name].of)
        return name


def told_after(scans: Sequence[Sequence[Party]]) -> tuple[Told, list[list[str]]]:
    """What is told after these scans, and by scan the id of each party."""
    told, ids = Told(), []
    for parties in scans:
        told, named = _scan(told, parties)
        ids.append(named)
    return told, ids


def _scan(before: Told, parties: Sequence[Party]) -> tuple[Told, list[str]]:
    goes = {name: _with(before, name, parties) for name in before.became}
    after = Told(dict(before.became), dict(before.flag_of), dict(before.first_under))
    named = [""] * len(parties)
    for at in sorted(range(len(parties)), key=lambda each: (parties[each].raised, parties[each].keys[0])):
        party = parties[at]
        mine = [name for name in before.became if goes[name] == at]  # the oldest first
        name = mine[0] if mine else party.fresh
        named[at] = name
        came_from = {before.first_under[key] for key in party.keys if key in before.first_under} - {
            name,
            *mine,
        }
        split_from = after.became[name].split_from if name in after.became else None
        if name not in before.became:
            split_from = next((each for each in before.became if each in came_from), None)
            after.flag_of[name] = party.keys[0]
        elif before.became[name].state == PART:
            split_from = before.root(name)
        after.became[name] = Became(FOUND, None, split_from)
        for other in mine[1:]:
            after.became[other] = replace(after.became[other], state=PART, of=name)
        for key in party.keys:
            after.first_under.setdefault(key, name)
    for name, known in after.became.items():
        if known.state == FOUND and name not in named:
            after.became[name] = replace(known, state=GONE)
    return after, named


def _with(before: Told, name: str, parties: Sequence[Party]) -> int | None:
    """With which party an id goes."""
    flags = [before.flag_of[name], *(key for key, first in before.first_under.items() if first == name)]
    return next((at for flag in flags for at, party in enumerate(parties) if flag in party.keys), None)
