"""Why two versions of a scope may differ: which of the things that a scope is made of are not the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from whosaw.core.document import told_as
from whosaw.core.scope_version import ScopeInputs, ScopeVersion
from whosaw.store.live_inputs import LiveInput, LiveInputs

__all__ = [
    "Cause",
    "ChangedClues",
    "ChangedInput",
    "ChangedLogs",
    "ChangedMap",
    "ChangedRoute",
    "ChangedRoutes",
    "Evidence",
    "KnownRoute",
    "causes_of",
]

_MOST: Final = 20  # contents that are named; how many there are is said


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownRoute:
    """A route of a data map: its categories, and all that the map says of it, in one spelling."""

    id: str
    categories: frozenset[str]
    said: bytes


Routes = Sequence[KnownRoute]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedContent:
    """A content of logs that one version counted and the other did not, or not as long."""

    source: str
    name: str
    digest: str
    lines: int
    lines_before: int
    views: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedLogs:
    """The first of the contents, and how many more there are."""

    contents: tuple[ChangedContent, ...]
    more: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """What the program calls the way in which it finds."""

    detecting: int | None = field(metadata=told_as(if_known=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedInput:
    """Digests of the context or of the items, or the program, of both versions."""

    old: str | Program
    new: str | Program


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedRoute:
    """A route of both maps that is not the same in both."""

    route: str
    categories_added: tuple[str, ...]
    categories_dropped: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedRoutes:
    """Ids of routes that came, went, or carry something else."""

    added: tuple[str, ...]
    dropped: tuple[str, ...]
    changed: tuple[ChangedRoute, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedMap:
    """Digests of both data maps, and their routes; None where one of the maps is not on record."""

    old: str
    new: str
    routes: ChangedRoutes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedClues:
    """Kind and value of the clues of one version alone."""

    added: tuple[tuple[str, str], ...]
    dropped: tuple[tuple[str, str], ...]


Evidence: TypeAlias = ChangedLogs | ChangedInput | ChangedMap | ChangedClues


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """One thing that a scope is made of and that is not the same in both versions."""

    code: str
    what: str
    evidence: Evidence


def causes_of(
    old: ScopeVersion,
    new: ScopeVersion,
    old_inputs: LiveInputs,
    new_inputs: LiveInputs,
    old_routes: Routes | None = None,
    new_routes: Routes | None = None,
) -> tuple[Cause, ...]:
    """Empty where nothing that is known of changed."""
    out = _logs(old.inputs, new.inputs, old_inputs, new_inputs)
    before, after = old.inputs, new.inputs
    if before.map != after.map:
        changed = _changed_routes(old_routes, new_routes)
        what = "the data map is another one" + (_route_words(changed) if changed else "")
        evidence = ChangedMap(old=before.map, new=after.map, routes=changed)
        out.append(Cause(code="corrected-map", what=what, evidence=evidence))
    out += _changed(
        "changed-context", "the context folder holds something else", before.context, after.context
    )
    out += _changed(
        "changed-items", "the detectors, explanations or links have changed", before.items, after.items
    )
    programs = [Program(detecting=each.detecting) for each in (before, after)]
    out += _changed("other-program", "another release of whosaw made it", *programs)
    clues = [sorted({(clue.kind, clue.value) for clue in each.clues}) for each in (old, new)]
    if clues[0] != clues[1]:
        added, dropped = (tuple(pair for pair in a if pair not in b) for a, b in (clues[::-1], clues))
        what = f"it was asked with other clues: {len(added)} more, {len(dropped)} fewer"
        out.append(Cause(code="other-clues", what=what, evidence=ChangedClues(added=added, dropped=dropped)))
    return tuple(out)


def _changed(code: str, what: str, old: str | Program, new: str | Program) -> list[Cause]:
    return [] if old == new else [Cause(code=code, what=what, evidence=ChangedInput(old=old, new=new))]


def _logs(old: ScopeInputs, new: ScopeInputs, old_inputs: LiveInputs, new_inputs: LiveInputs) -> list[Cause]:
    came, gone = new_inputs.beyond(old_inputs), old_inputs.beyond(new_inputs)
    if not came and not gone:
        if old.segments == new.segments:
            return []
        what = "other logs were read; which ones is not on record"
        return [Cause(code="new-logs", what=what, evidence=ChangedLogs(contents=(), more=0))]
    earlier = {(each.source, each.name): each.lines for each in gone}
    later = {(each.source, each.name): each.lines for each in came}
    grown = {name for name, lines in later.items() if lines >= earlier.get(name, lines + 1)}
    out = []
    if came:
        whole = len(came) - len(grown)
        words = [f"{whole:,} more read" if whole else "", f"{len(grown):,} grew" if grown else ""]
        what = "contents of logs: " + ", ".join(word for word in words if word)
        out.append(Cause(code="new-logs", what=what, evidence=_listed(came, earlier)))
    lost = [each for each in gone if (each.source, each.name) not in grown]
    if lost:
        what = f"contents of logs: {len(lost):,} no longer there as they were"
        out.append(Cause(code="lost-logs", what=what, evidence=_listed(lost, {})))
    return out


def _listed(contents: Sequence[LiveInput], earlier: Mapping[tuple[str, str], int]) -> ChangedLogs:
    ordered = sorted(contents, key=lambda each: (each.source, each.name, each.digest))
    return ChangedLogs(
        contents=tuple(
            ChangedContent(
                source=each.source,
                name=each.name,
                digest=each.digest,
                lines=each.lines,
                lines_before=earlier.get((each.source, each.name), 0),
                views=each.views,
            )
            for each in ordered[:_MOST]
        ),
        more=max(0, len(ordered) - _MOST),
    )


def _changed_routes(old: Routes | None, new: Routes | None) -> ChangedRoutes | None:
    """None where one of the maps is not on record."""
    if old is None or new is None:
        return None
    before, after = (_by_id(each) for each in (old, new))
    both = sorted(before.keys() & after.keys())
    return ChangedRoutes(
        added=tuple(sorted(after.keys() - before.keys())),
        dropped=tuple(sorted(before.keys() - after.keys())),
        changed=tuple(
            ChangedRoute(
                route=name,
                categories_added=tuple(sorted(_carried(after[name]) - _carried(before[name]))),
                categories_dropped=tuple(sorted(_carried(before[name]) - _carried(after[name]))),
            )
            for name in both
            if before[name] != after[name]
        ),
    )


def _by_id(routes: Routes) -> dict[str, list[KnownRoute]]:
    # one id may stand for several spans of time
    out: dict[str, list[KnownRoute]] = {}
    for each in routes:
        out.setdefault(each.id, []).append(each)
    return out


def _carried(versions: Routes) -> set[str]:
    return {category for each in versions for category in each.categories}


def _route_words(changed: ChangedRoutes) -> str:
    words = [
        f"{len(named)} routes {name}"
        for name, named in (
            ("added", changed.added),
            ("dropped", changed.dropped),
            ("changed", changed.changed),
        )
        if named
    ]
    return f": {', '.join(words)}" if words else ": the same routes, found by other patterns"
