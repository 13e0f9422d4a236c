"""What differs between two versions of a scope: who came in, who went out, and why.

Numbers of people are exact: they come from the sets of persons of both versions. For the reasons a scope is taken as what it
is, a function of the logs, the data map, the context, the items and program, and the clues. `causes` are those of them that
are not the same; `how` is what the change did to the actor and to the window on its way to the count. With one cause, all of
the difference is its doing. With several, it cannot be told from the versions alone which of them brought whom.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from pyroaring import BitMap

from whosaw.core.counts import Count, Unit
from whosaw.core.scope_version import Final, OpenItem, ScopeVersion, ToldClue
from whosaw.store.live_inputs import LiveInputs

from .causes import Cause, KnownRoute, causes_of
from .document import same_scope
from .ways import Way, ways_of

__all__ = ["ChangedCount", "Moved", "MovedSet", "ScopeDiff", "differences", "moved"]

_CATEGORY = "category:"
_NOBODY = BitMap()
Sets = Mapping[str, BitMap]


class MovedSet:
    """Who came into one set of persons and who went out of it."""

    __slots__ = ("both", "came_in", "went_out")

    def __init__(self, old: BitMap, new: BitMap) -> None:
        same = old is new
        self.came_in = _NOBODY if same else new - old
        self.went_out = _NOBODY if same else old - new
        self.both = len(new) - len(self.came_in)


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """How many came into a set of persons, went out of it, and stayed."""

    came_in: int
    went_out: int
    in_both: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MovedHeld(Moved):
    """`proved`: held now and only possible before. `doubted`: the other way round."""

    proved: int
    doubted: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MovedCategory(Moved):
    """Persons of whom this category is held."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MovedEither:
    """Persons who are held or possible in one version and neither in the other."""

    came_in: int
    went_out: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MovedPersons:
    """Who moved, by how sure it is that they were seen."""

    held: MovedHeld
    possible: Moved
    either: MovedEither


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """Who made a version, when, and from which clues: what does not make another scope of it."""

    version: int
    made: datetime
    made_by: str
    clues: tuple[ToldClue, ...]
    final: Final | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedCount:
    """One count of both versions; `upper_change` is None where one of them has no upper bound."""

    unit: Unit
    old: Count
    new: Count
    lower_change: int
    upper_change: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedOpen:
    """What is open in the new version alone, and in the old one alone."""

    new: tuple[OpenItem, ...]
    settled: tuple[OpenItem, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopeDiff:
    """What differs between two versions of a case, as far as the versions alone tell."""

    case: str
    old: Occasion
    new: Occasion
    same: bool
    counts: tuple[ChangedCount, ...]
    persons: MovedPersons
    categories: tuple[MovedCategory, ...]
    causes: tuple[Cause, ...]
    how: tuple[Way, ...]
    certain: bool
    cannot_tell: str | None
    open: ChangedOpen


def moved(old: Sets, new: Sets, name: str) -> MovedSet:
    """Of the set `name`; a set that a version does not have is an empty one."""
    return MovedSet(old.get(name, _NOBODY), new.get(name, _NOBODY))


def differences(
    old: ScopeVersion,
    new: ScopeVersion,
    old_sets: Sets,
    new_sets: Sets,
    *,
    old_inputs: LiveInputs,
    new_inputs: LiveInputs,
    old_routes: Sequence[KnownRoute] | None = None,
    new_routes: Sequence[KnownRoute] | None = None,
) -> ScopeDiff:
    """Where a set is the same object in both, nobody moved in it.

    `…_routes` are the routes of the data map of each version, where they are known.
    """
    same = same_scope(old, new)
    causes = () if same else causes_of(old, new, old_inputs, new_inputs, old_routes, new_routes)
    return ScopeDiff(
        case=new.case,
        old=_occasion(old),
        new=_occasion(new),
        same=same,
        counts=tuple(map(_count, old.counts, new.counts)),
        persons=_persons(old_sets, new_sets),
        categories=_categories(old_sets, new_sets),
        causes=causes,
        how=() if same else ways_of(old, new),
        certain=same or len(causes) == 1,
        cannot_tell=None if same else _cannot_tell(causes),
        open=ChangedOpen(
            new=tuple(each for each in new.open if each not in old.open),
            settled=tuple(each for each in old.open if each not in new.open),
        ),
    )


def _occasion(version: ScopeVersion) -> Occasion:
    return Occasion(
        version=version.version,
        made=version.made,
        made_by=version.made_by,
        clues=version.clues,
        final=version.final,
    )


def _count(old: Count, new: Count) -> ChangedCount:
    return ChangedCount(
        unit=new.unit,
        old=old,
        new=new,
        lower_change=new.lower - old.lower,
        upper_change=None if old.upper is None or new.upper is None else new.upper - old.upper,
    )


def _persons(old: Sets, new: Sets) -> MovedPersons:
    held, possible = moved(old, new, "held"), moved(old, new, "possible")
    old_possible, new_possible = (sets.get("possible", _NOBODY) for sets in (old, new))
    old_held, new_held = (sets.get("held", _NOBODY) for sets in (old, new))
    proved = held.came_in.intersection_cardinality(old_possible)
    doubted = held.went_out.intersection_cardinality(new_possible)
    settled = possible.went_out.intersection_cardinality(new_held)
    loosened = possible.came_in.intersection_cardinality(old_held)
    return MovedPersons(
        held=MovedHeld(**_sizes(held), proved=proved, doubted=doubted),
        possible=Moved(**_sizes(possible)),
        either=MovedEither(
            came_in=len(held.came_in) - proved + len(possible.came_in) - loosened,
            went_out=len(held.went_out) - doubted + len(possible.went_out) - settled,
        ),
    )


def _sizes(found: MovedSet) -> dict[str, int]:
    return {"came_in": len(found.came_in), "went_out": len(found.went_out), "in_both": found.both}


def _categories(old: Sets, new: Sets) -> tuple[MovedCategory, ...]:
    names = sorted(name for name in {*old, *new} if name.startswith(_CATEGORY))
    return tuple(
        MovedCategory(name=name.removeprefix(_CATEGORY), **_sizes(moved(old, new, name))) for name in names
    )


def _cannot_tell(causes: Sequence[Cause]) -> str | None:
    if len(causes) == 1:
        return None
    if not causes:
        return "nothing that a scope is made of is known to have changed, and yet the versions differ"
    named = ", ".join(each.code.replace("-", " ") for each in causes)
    return f"which of these changes brought whom cannot be told from the versions: {named}"
