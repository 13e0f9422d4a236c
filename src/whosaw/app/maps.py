"""Checks a data map against logs, and drafts one."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import ClassVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from whosaw.core.errors import WhosawError
from whosaw.core.instants import format_instant
from whosaw.ingest.files.discover import discover
from whosaw.ingest.format_item import FormatItem, shipped_formats
from whosaw.ingest.remote_users import RemoteUsers, logs_remote_user
from whosaw.mapping.check import BusyPath, MapCheck, MapChecker, RouteCheck
from whosaw.mapping.drafts.from_logs import PathCounts
from whosaw.mapping.drafts.suggest import suggest_from_documents, suggest_from_logs
from whosaw.mapping.drafts.suggest import suggest_map as draft_map
from whosaw.mapping.map_health import RouteDays, Stopped, days_of, ended_routes
from whosaw.mapping.method_use import OtherMethod
from whosaw.mapping.twin_hints import TwinHint, TwinHints
from whosaw.store.sql import Session

from .progress import Progress
from .project.file import Project
from .reading.formats import parse_all
from .settings import ScanSettings, load_settings

__all__ = ["MapReport", "check_map", "suggest_map"]

_MOST_BUSY = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class MapReport:
    """What a map matches and misses in logs. matched + in_gaps + uncovered_events = events."""

    events: int
    matched: int
    in_gaps: int
    uncovered_events: int
    views: int
    routes: tuple[RouteCheck, ...]
    uncovered: tuple[BusyPath, ...]  # the busiest
    stopped: tuple[Stopped, ...]
    twins: tuple[TwinHint, ...]  # that the map should declare
    notes: tuple[str, ...]
    ALSO: ClassVar[tuple[str, ...]] = ("matches_nothing",)

    @property
    def matches_nothing(self) -> bool:
        return bool(self.events and not self.matched + self.in_gaps)


def check_map(
    map_file: Path,
    paths: Sequence[str],
    *,
    format_name: str | None = None,
    zone: str | None = None,
    own_formats: Sequence[Path] = (),
    project: Project | None = None,
    progress: Progress,
) -> MapReport:
    """Load a map (raising all its faults) and count what it matches and misses in `paths`, without keeping anything."""
    settings = load_settings(
        format_name=format_name, zone=zone, map_path=map_file, own_formats=own_formats, project=project
    )
    if settings.map is None:
        raise WhosawError("map.none", f"{map_file} holds no map")
    checker, days, users, twins = (
        MapChecker(settings.map),
        RouteDays(),
        RemoteUsers(),
        TwinHints(settings.map.twins),
    )
    names = [route.id for route in settings.map.routes]
    with Session(threads=2) as session:
        for source, events in _events_by_source(paths, settings, progress, users):
            _count_days(days, source, events, checker.add(events, session), names)
            twins.add(source, events, session)
        checked = _checked(
            checker.result(),
            days.stopped(ended_routes(settings.map)),
            twins if paths else TwinHints(),
            asked=bool(paths),
        )
    if not settings.map.proof_stated and (unproven := users.unproven) is not None:
        return replace(checked, notes=(*checked.notes, unproven.note))
    return checked


def suggest_map(
    paths: Sequence[str],
    *,
    documents: Sequence[Path] = (),
    format_name: str | None = None,
    zone: str | None = None,
    own_formats: Sequence[Path] = (),
    project: Project | None = None,
    progress: Progress,
) -> str:
    """The text of a drafted map. The same input gives the same text."""
    if not (paths or documents):
        raise WhosawError(
            "map.nothing",
            "nothing to draft a map from",
            hint="Name logs, or give --openapi, --har or --document",
        )
    found = list(suggest_from_documents(documents))
    notes: tuple[str, ...] = ()
    if paths:
        counts = PathCounts()
        settings = load_settings(format_name=format_name, zone=zone, own_formats=own_formats, project=project)
        with Session(threads=2) as session:
            for item, events in _events_by_format(paths, settings, progress):
                counts.add(events, session, _object_name(item))
        found.extend(suggest_from_logs(counts))
        notes = counts.notes()
    return draft_map(found, notes).text


def _count_days(
    days: RouteDays, source: str, events: pa.Table, routes: npt.NDArray[np.int64], names: Sequence[str]
) -> None:
    """Take in of which day each event is, and which route matched it."""
    if not events.num_rows:
        return
    micros = np.asarray(events["time"].combine_chunks().cast(pa.int64()))
    days.add_traffic(source, days_of(micros))
    for number in np.unique(routes).tolist():
        if 0 <= number < len(names):
            days.add_matched(source, names[number], days_of(micros[routes == number]))


def _events_by_format(
    paths: Sequence[str], settings: ScanSettings, progress: Progress
) -> Iterator[tuple[FormatItem, pa.Table]]:
    items: list[FormatItem] = []
    for _, events in _events_by_source(paths, settings, progress, picked=items.append):
        yield items[-1], events


def _object_name(item: FormatItem) -> str:
    """The one field that an own layout takes for the object; empty for that of a product, whose names say nothing of persons."""
    columns = item.table.get("columns")
    source = columns.get("object") if isinstance(columns, Mapping) else None
    own = item.file is None or Path(item.file.name).parent != shipped_formats()
    return source if own and isinstance(source, str) and "{" not in source else ""


def _events_by_source(
    paths: Sequence[str],
    settings: ScanSettings,
    progress: Progress,
    users: RemoteUsers | None = None,
    picked: Callable[[FormatItem], None] | None = None,
) -> Iterator[tuple[str, pa.Table]]:
    """`users` takes in the events of formats whose names a web server wrote down; `picked` is told each format before its events."""
    if not paths:
        return
    found = discover(paths, sys.stdin.buffer if sys.stdin else None)
    progress.begin(len(found.contents), sum(content.size or 0 for content in found.contents))
    for content in found.contents:
        progress.reading(content.name, content.size)
        items: list[FormatItem] = []

        def known(item: FormatItem, items: list[FormatItem] = items) -> None:
            items.append(item)
            if picked is not None:
                picked(item)

        for parsed in parse_all(content, settings, picked=known):
            if users is not None and items and logs_remote_user(items[-1]):
                users.add(parsed.events)
            yield settings.sourced(content).source, parsed.events
        progress.done(content.size)


def _checked(check: MapCheck, stopped: Sequence[Stopped], twins: TwinHints, *, asked: bool) -> MapReport:
    hints = twins.result()
    return MapReport(
        events=check.events,
        matched=check.matched,
        in_gaps=check.in_gaps,
        uncovered_events=check.uncovered,
        views=check.views,
        routes=check.routes,
        uncovered=check.busy[:_MOST_BUSY],
        stopped=tuple(stopped),
        twins=tuple(hints),
        notes=tuple(_notes(check, [str(each) for each in (*stopped, *twins.notes(), *hints)], asked=asked)),
    )


def _notes(check: MapCheck, notes: list[str], *, asked: bool) -> list[str]:
    """Everything that a person should know of a check, the gravest first, after the `notes` on routes that stopped and on twins."""
    if check.events and not check.matched + check.in_gaps:
        notes.insert(0, f"THE MAP MATCHES NOTHING: none of {check.events:,} events is of any of its routes")
    notes += [
        f"{gap.id}: no version held from {_when(gap.start) or 'the beginning'} to {_when(gap.end) or 'the end'}; {gap.events:,} events fall there"
        for gap in check.gaps
        if gap.events
    ]
    if asked:
        notes += [
            f"{route.id} (route {route.number + 1} of the map) matched nothing"
            for route in check.never_matched
        ]
    notes += [f"{route.id} is a draft that nobody has confirmed" for route in check.routes if route.draft]
    notes += [
        f"{route.id}: the subject of {count:,} events cannot be told ({why})"
        for route in check.routes
        for why, count in route.subject_unknown
    ]
    notes += [
        f'{route.id}: ids look like form = "{route.form}"; read so, {route.collapsed:,} of {route.persons:,} persons are '
        "another spelling of somebody else. If your server reads them so, write the form into its subject"
        for route in check.routes
        if route.collapsed
    ]
    notes += [
        f"{route.id}: {route.undecided:,} events say neither a status nor whether they succeeded, so they are no views; name the field in "
        "their format (status or ok)"
        for route in check.routes
        if route.undecided
    ]
    notes += [_possible_note(route) for route in check.routes if route.possible]
    notes += [
        _method_note(route, each) for route in check.routes for each in route.other_methods if each.usual
    ]
    if check.busy_left_out:
        notes.append(f"{check.busy_left_out:,} events of further path shapes are not listed")
    return notes


def _possible_note(route: RouteCheck) -> str:
    many = "1 request was" if route.possible == 1 else f"{route.possible:,} requests were"
    told = f"{route.id}: {many} answered that some servers take for this page, in another spelling"
    if route.possible_examples:
        told += f" (such as {route.possible_examples[0]})"
    told += "; they count in upper bounds only"
    if route.options:
        options = " or ".join(f"{name} ({count:,})" for name, count in route.options)
        told += f". If your server does so, write into its match: {options}"
    return told


def _method_note(route: RouteCheck, other: OtherMethod) -> str:
    return (
        f"{route.id}: of {other.requests:,} answered requests by {other.method}, {other.own:,} came from {other.clients:,} clients "
        "that also opened the page of the same person, as with a form on it. If another program answers them and shows nobody's "
        f'data, write into its match: other_methods = ["{other.method}"]'
    )


def _when(instant: datetime | None) -> str | None:
    return None if instant is None else format_instant(instant)
