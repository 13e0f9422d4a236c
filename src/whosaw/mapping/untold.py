"""Sources of a ledger of which no route of the map says whose data they show: whoever was shown there is in no answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from whosaw.core.document import told_as
from whosaw.store.journal import Journal
from whosaw.store.repositories.segments import events_without_views

from .data_map import DataMap

__all__ = ["UntoldSource", "sentence_of", "untold_sources"]


@dataclass(frozen=True, slots=True, kw_only=True)
class UntoldSource:
    """A source with so many events, none of which is a view by any route. `undecided` of them fit a route, but say neither a status nor
    whether they succeeded."""

    source: str
    events: int
    undecided: int = field(default=0, metadata=told_as(if_any=True))


def untold_sources(
    journal: Journal, data_map: DataMap | None, *, since: int | None = None, until: int | None = None
) -> tuple[UntoldSource, ...]:
    """By name, with the events of all times, or of the hours (since 1970) from `since` to `until`, both of them in. One of two twin
    sources is not among them where the other holds the views of both."""
    bare = events_without_views(journal)
    twins = (each.rule.sources for each in data_map.twins) if data_map is not None else ()
    told = {source for pair in twins for source in pair if any(each not in bare for each in pair)}
    events = events_without_views(journal, since=since, until=until)
    return tuple(
        UntoldSource(source=source, events=number) for source, number in events.items() if source not in told
    )


def sentence_of(untold: Sequence[UntoldSource]) -> str:
    """What is not told, in words; nothing where there is none."""
    if not untold:
        return ""
    unmapped = [each for each in untold if not each.undecided]
    told = [
        f"lines of {each.source} ({_events(each.undecided)}) fit a route and say neither a status nor whether they succeeded, so whether they "
        "showed anything cannot be told: name that field in their format (status or ok)"
        for each in untold
        if each.undecided
    ]
    if unmapped:
        named = ", ".join(f"{each.source} ({_events(each.events)})" for each in unmapped)
        told.append(f"lines of {named}, of which no route of the map says whose data they show")
    return f"not told: {'; '.join(told)}"


def _events(number: int) -> str:
    return f"{number:,} event{'' if number == 1 else 's'}"
