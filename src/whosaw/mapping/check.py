"""What a map matches and what it misses, counted over events."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from whosaw.core.document import told_as
from whosaw.core.masked import mask
from whosaw.store.segment import Mapped
from whosaw.store.sql import Session

from .apply import Mapper
from .data_map import DataMap
from .method_use import MethodUse, OtherMethod
from .path_shape import COLLAPSED_PATH, COLLAPSED_QUERY, masked_shape, masked_text, path_shape
from .persons import KIND_SEPARATOR, UNKNOWN_WHY
from .possible import Unsure, option_for
from .route import Route
from .squeezed import readings
from .subject_form import Form, proposed_form

__all__ = ["BusyPath", "MapCheck", "MapChecker", "RouteCheck", "VersionGap"]

_EXAMPLES = 3
_MAX_SHAPES = 20_000
_MAX_DISTINCT = 10_000
_COMPACT_AT = 2_000_000
_TEXT = ("path", "query", "method", "action", "object")
_GROUPED = ("method", "path_key", "query_key", "events", "succeeded", "example")
_BUSY = r"[0-9@]|%40|[^/]{16}"


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteCheck:
    """One version of a route. `persons` counts distinct persons named in views, exactly."""

    number: int = field(metadata=told_as(never=True))
    id: str
    since: datetime | None
    until: datetime | None
    draft: bool
    matched: int = field(metadata=told_as("events"))
    views: int
    undecided: int
    persons: int
    subject_unknown: tuple[tuple[str, int], ...] = field(metadata=told_as(never=True))  # why, matched events
    possible: int  # views that are only possible, beside `views`
    possible_examples: tuple[str, ...]  # with every id masked
    # what nearly all ids of a route without one look like; empty where nothing is plain
    form: str = field(metadata=told_as(form=lambda form: form or None))
    collapsed: int  # how many of the persons are spellings of another one, in that form
    other_methods: tuple[
        OtherMethod, ...
    ]  # by which the page was asked for, beside those that the route names
    # which of the route's options would make how many of them sure
    options: tuple[tuple[str, int], ...] = field(metadata=told_as(form=dict))
    examples: tuple[str, ...]  # with every id masked


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionGap:
    """A time in which no version of a route held. `start` or `end` None: before the first, after the last."""

    id: str
    start: datetime | None
    end: datetime | None
    events: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BusyPath:
    """Requests that carry something like an id and that no route covers."""

    method: str
    shape: str = field(metadata=told_as("template"))
    parts: tuple[str, ...] = field(metadata=told_as("looks_like", form=", ".join))
    asset: bool
    events: int
    succeeded: int
    distinct: int  # different paths; a lower bound where `distinct_exact` is false
    distinct_exact: bool
    example: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MapCheck:
    """The whole answer. matched + in_gaps + uncovered = events."""

    events: int
    matched: int
    in_gaps: int
    uncovered: int
    views: int
    routes: tuple[RouteCheck, ...]
    gaps: tuple[VersionGap, ...]
    busy: tuple[BusyPath, ...]  # busiest first, assets last
    busy_left_out: int  # events of further shapes, beyond the number that is kept apart

    @property
    def never_matched(self) -> tuple[RouteCheck, ...]:
        return tuple(route for route in self.routes if not route.matched)


@dataclass(slots=True)
class _Shape:
    events: int
    succeeded: int
    paths: set[tuple[str, str]]
    parts: tuple[str, ...]
    asset: bool
    example: tuple[str, str]  # the first in text order, as sent; masked when it is shown


class MapChecker:
    """Takes events table by table; `result` may be asked at any time. The order of tables does not matter."""

    def __init__(self, data_map: DataMap) -> None:
        self._routes = data_map.routes
        self._gaps = _gaps(data_map.routes)
        # behind all routes stand the gaps between their versions, as routes of their own
        self._mapper = Mapper(
            DataMap.of(
                (*data_map.routes, *(gap for gap, _ in self._gaps)),
                proven=data_map.proven,
                caller=data_map.caller,
            )
        )
        self._counts = np.zeros((len(self._mapper.data_map.routes), 3), np.int64)
        self._possible = np.zeros(len(self._counts), np.int64)
        self._options: Counter[tuple[int, str]] = Counter()
        self._spellings: dict[int, set[tuple[str, str]]] = {}
        self._why: Counter[tuple[int, str]] = Counter()
        self._persons: list[pa.Table] = []
        self._person_rows = 0
        self._examples: dict[
            int, set[tuple[str, ...]]
        ] = {}  # first in text order, as sent; masked when shown
        self._shapes: dict[tuple[str, str], _Shape] = {}
        self._methods = MethodUse(data_map.routes)
        self._events = self._left_out = 0

    def add(self, events: pa.Table, session: Session) -> npt.NDArray[np.int64]:
        """Count one table of canonical events; returns the number of the route of each (-1: none; from the number of routes
        on: a time in which no version held)."""
        mapped = self._mapper.apply(events, session)
        self._events += events.num_rows
        self._count(mapped)
        self._keep_persons(mapped)
        self._keep_possible(mapped, events)
        self._methods.add(mapped.rows, events, session)
        columns = {
            name: events[name] if name in events.column_names else pa.nulls(events.num_rows, pa.string())
            for name in _TEXT
        }
        table = pa.table({**columns, "route": mapped.rows["route"], "ok": _succeeded(events)})
        self._keep_examples(table, session)
        self._keep_shapes(table, session)
        routes: npt.NDArray[np.int64] = mapped.rows["route"].to_numpy().astype(np.int64)
        return routes

    def result(self) -> MapCheck:
        distinct = self._distinct()
        matched = int(self._counts[: len(self._routes), 0].sum())
        in_gaps = int(self._counts[len(self._routes) :, 0].sum())
        return MapCheck(
            events=self._events, matched=matched, in_gaps=in_gaps, uncovered=self._events - matched - in_gaps,
            views=int(self._counts[: len(self._routes), 1].sum()),
            routes=tuple(self._route(number, route, distinct) for number, route in enumerate(self._routes)),
            gaps=self._gap_answers(), busy=self._busy(), busy_left_out=self._left_out,
        )  # fmt: skip

    def _count(self, mapped: Mapped) -> None:
        route = mapped.rows["route"].to_numpy()
        possible = _possible(mapped)
        for column, name in enumerate(("", "view", "undecided")):
            kept = route >= 0
            if name:
                kept &= mapped.rows[name].to_numpy()
            kept &= ~(possible if name == "view" else np.zeros(len(route), bool))
            self._counts[:, column] += np.bincount(route[kept], minlength=len(self._counts))[
                : len(self._counts)
            ]
        self._possible += np.bincount(route[possible], minlength=len(self._counts))
        why = mapped.rows["unknown_why"].combine_chunks().indices.to_numpy(zero_copy_only=False)
        unknown = mapped.rows["subject_unknown"].to_numpy()
        pairs, counts = np.unique(np.stack([route[unknown], why[unknown]]), axis=1, return_counts=True)
        for (number, code), count in zip(pairs.T.tolist(), counts.tolist(), strict=True):
            self._why[number, UNKNOWN_WHY[code]] += count

    def _keep_possible(self, mapped: Mapped, events: pa.Table) -> None:
        """Spellings of possible views, and which options would make them sure."""
        rows = np.flatnonzero(_possible(mapped))
        if not len(rows):
            return
        taken = pa.table({
            "route": mapped.rows["route"].take(pa.array(rows)),
            **{
                name: events[name].take(pa.array(rows)).cast(pa.string())
                for name in ("method", "path")
                if name in events.column_names
            },
        })  # fmt: skip
        counted = taken.group_by(taken.column_names).aggregate([([], "count_all")])
        for row in counted.to_pylist():
            number, path = row["route"], row.get("path")
            if path is None or number >= len(self._routes):
                continue
            if option := option_for(self._routes[number].match, path):
                self._options[number, option] += row["count_all"]
            kept = self._spellings.get(number, set()) | {(row.get("method") or "", path)}
            self._spellings[number] = set(sorted(kept)[:_EXAMPLES])

    def _keep_persons(self, mapped: Mapped) -> None:
        rows = mapped.rows.select(["route", "person", "view"])
        further = pa.table(
            {
                "route": rows["route"].take(mapped.more["row"]),
                "person": mapped.more["person"],
                "view": rows["view"].take(mapped.more["row"]),
            }
        )
        both = pa.concat_tables([rows, further])
        seen = both.filter(pc.and_(both["view"], pc.is_valid(both["person"]))).select(["route", "person"])
        self._persons.append(seen.group_by(["route", "person"]).aggregate([]))
        self._person_rows += self._persons[-1].num_rows
        if self._person_rows > _COMPACT_AT and len(self._persons) > 1:
            self._persons = [pa.concat_tables(self._persons).group_by(["route", "person"]).aggregate([])]
            self._person_rows = self._persons[0].num_rows // 2

    def _distinct(self) -> dict[int, int]:
        if not self._persons:
            return {}
        self._persons = [pa.concat_tables(self._persons).group_by(["route", "person"]).aggregate([])]
        counted = self._persons[0].group_by("route").aggregate([("person", "count")])
        return dict(zip(counted["route"].to_pylist(), counted["person_count"].to_pylist(), strict=True))

    def _keep_examples(self, table: pa.Table, session: Session) -> None:
        texts = ", ".join(f"coalesce({name}, '') AS {name}" for name in _TEXT)
        fields = ", ".join(f"'{name}': {name}" for name in _TEXT)
        least = session.query(
            f"""
            SELECT route, min({{{fields}}}, {_EXAMPLES}) AS examples
            FROM (SELECT DISTINCT route, {texts} FROM t WHERE route >= 0 AND route < {len(self._routes)})
            GROUP BY route
            """,
            t=table,
        )
        for row in least.to_pylist():
            found = {tuple(example[name] for name in _TEXT) for example in row["examples"]}
            kept = self._examples.get(row["route"], set())
            self._examples[row["route"]] = set(sorted(kept | found)[:_EXAMPLES])

    def _keep_shapes(self, table: pa.Table, session: Session) -> None:
        grouped = session.query(
            f"""
            SELECT method, path_key, query_key, count(*) AS events, count(*) FILTER (ok) AS succeeded,
                   min({{'path': path, 'query': query}}) AS example,
                   list(DISTINCT {{'path': path, 'query': query}})[:{_MAX_DISTINCT + 1}] AS paths
            FROM (SELECT coalesce(method, '') AS method, path, coalesce(query, '') AS query, ok,
                         {COLLAPSED_PATH} AS path_key, {COLLAPSED_QUERY} AS query_key
                  FROM t
                  WHERE route = -1 AND path IS NOT NULL
                    AND (regexp_matches(path, '{_BUSY}') OR regexp_matches(query, '{_BUSY}')))
            GROUP BY ALL ORDER BY method, path_key, query_key
            """,
            t=table,
        )
        for row in range(grouped.num_rows):
            method, path, query, events, succeeded, first = (grouped[name][row].as_py() for name in _GROUPED)
            shape = path_shape(path, query)
            if not shape.parts:
                continue
            held = self._shapes.get((method, shape.text))
            if held is None and len(self._shapes) >= _MAX_SHAPES:
                self._left_out += events
                continue
            example = (first["path"], first["query"])
            if held is None:
                held = _Shape(0, 0, set(), shape.parts, shape.asset, example)
                self._shapes[method, shape.text] = held
            held.events += events
            held.succeeded += succeeded
            held.example = min(held.example, example)
            if len(held.paths) <= _MAX_DISTINCT:
                held.paths.update((p["path"], p["query"]) for p in grouped["paths"][row].as_py())

    def _busy(self) -> tuple[BusyPath, ...]:
        found = [
            BusyPath(
                method=method, shape=masked_shape(text), parts=held.parts, asset=held.asset, events=held.events,
                succeeded=held.succeeded, distinct=min(len(held.paths), _MAX_DISTINCT),
                distinct_exact=len(held.paths) <= _MAX_DISTINCT, example=masked_text(*held.example),
            )
            for (method, text), held in self._shapes.items()
        ]  # fmt: skip
        return tuple(sorted(found, key=lambda b: (b.asset, -b.events, b.shape, b.method)))

    def _route(self, number: int, route: Route, distinct: dict[int, int]) -> RouteCheck:
        matched, views, undecided = self._counts[number].tolist()
        why = {reason: count for (at, reason), count in self._why.items() if at == number}
        return RouteCheck(
            number=number, id=route.id, since=route.since, until=route.until, draft=route.draft,
            matched=matched, views=views, undecided=undecided, persons=distinct.get(number, 0),
            subject_unknown=tuple(sorted(why.items())),
            examples=tuple(sorted({_example(route, event) for event in self._examples.get(number, ())})),
            **self._form(number, route),
            possible=int(self._possible[number]),
            possible_examples=tuple(
                sorted({f"{method} {masked_spelling(route, path)}".strip() for method, path in self._spellings.get(number, ())})
            ),
            other_methods=self._methods.of(number),
            options=tuple(sorted((name, many) for (at, name), many in self._options.items() if at == number)),
        )  # fmt: skip

    def _form(self, number: int, route: Route) -> dict[str, Any]:
        """The form to propose for the ids of a route that states none, and how many of its persons it makes one with others."""
        if route.subject.form is not None or not self._persons:
            return {"form": "", "collapsed": 0}
        found = (
            self._persons[0].filter(pc.equal(self._persons[0]["route"], number))["person"].combine_chunks()
        )
        ids = pc.replace_substring_regex(found, f"^[^{KIND_SEPARATOR}]*{KIND_SEPARATOR}", "")
        name = proposed_form(ids)
        if not name:
            return {"form": "", "collapsed": 0}
        read, _ = Form(name=name).read(ids)
        return {"form": name, "collapsed": len(read) - pc.count_distinct(read).as_py()}

    def _gap_answers(self) -> tuple[VersionGap, ...]:
        counts = self._counts[len(self._routes) :, 0].tolist()
        return tuple(
            VersionGap(id=gap.id, start=gap.since, end=gap.until, events=events)
            for (gap, between), events in zip(self._gaps, counts, strict=True)
            if between or events
        )


def _gaps(routes: tuple[Route, ...]) -> list[tuple[Route, bool]]:
    """Each time in which no version of an id held, as a route; and whether it lies between two versions."""
    by_id: dict[str, list[Route]] = {}
    for route in routes:
        by_id.setdefault(route.id, []).append(route)
    out: list[tuple[Route, bool]] = []
    for versions in by_id.values():
        # versions of one id do not overlap, so they stand in one order; None is the earliest start
        ordered = sorted(
            versions, key=lambda r: (r.since is not None, r.since.timestamp() if r.since else 0.0)
        )
        if ordered[0].since is not None:
            out.append((replace(ordered[0], since=None, until=ordered[0].since), False))
        for one, two in pairwise(ordered):
            if one.until is not None and two.since is not None and one.until < two.since:
                out.append((replace(one, since=one.until, until=two.since), True))
        if ordered[-1].until is not None:
            out.append((replace(ordered[-1], since=ordered[-1].until, until=None), False))
    return out


def _possible(mapped: Mapped) -> npt.NDArray[np.bool_]:
    unsure = mapped.rows["unsure"].to_numpy() & ~np.int8(Unsure.PERSON)
    found: npt.NDArray[np.bool_] = mapped.rows["view"].to_numpy() & (unsure != 0)
    return found


def masked_spelling(route: Route, path: str) -> str:
    """Of a path in any spelling, only what the template spells out stays readable."""
    words = {each.casefold() for each in (route.match.path.text if route.match.path else "").split("/")}

    def shown(part: str) -> bool:
        return all(
            all(each.casefold() in words for each in found) for found, cut in readings("/" + part) if not cut
        )

    return "/".join(part if not part or shown(part) else _hide(part) for part in path.split("/"))


def _succeeded(events: pa.Table) -> pa.ChunkedArray | pa.Array:
    if "ok" in events.column_names:
        return pc.fill_null(events["ok"], pa.scalar(value=False))
    return pa.nulls(events.num_rows, pa.bool_())


def _example(route: Route, event: tuple[str, ...]) -> str:
    """One matched event as it can be shown."""
    path, query, method, action, thing = event
    if route.match.path is not None:
        return f"{method} {_masked_path(route, path, query or None)}".strip()
    if route.match.object is not None:
        words = route.match.object.text.split("/")
        thing = "/".join(part if part in words else mask(part) for part in thing.split("/"))
    elif thing:
        thing = mask(thing)
    return f"{action} {thing}".strip()


def _masked_path(route: Route, path: str, query: str | None) -> str:
    """Of a path only what the template spells out stays."""
    template = route.match.path
    words = frozenset(template.text.split("/")) if template else frozenset()
    head, mark, tail = masked_text(path, query, words).partition("?")
    return "/".join(part if part in words else _hide(part) for part in head.split("/")) + mark + tail


def _hide(part: str) -> str:
    return part if "***" in part or not part else mask(part)
