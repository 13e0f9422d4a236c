"""The data map: what each route returned, about whom, and when that was so."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, tzinfo
from pathlib import Path
from typing import Any

from whosaw.core.canonical_json import canonical_json
from whosaw.core.errors import Fault, FaultsError, WhosawError
from whosaw.core.instants import parse_zone
from whosaw.packs.table import Table
from whosaw.packs.toml_file import TomlFile, load_toml

from .caller import Caller, read_caller
from .categories import Category, load_categories
from .path_template import STAR
from .route import Route
from .route_faults import read_route, spans_overlap
from .twins import Twins, read_apart, read_twins

__all__ = ["MAX_ROUTES", "DataMap", "load_map", "page_patterns", "read_map"]

MAX_ROUTES = 5_000  # a route number is 16 bits wide in the ledger
_MOST_CHARACTERS = 1_000  # of a text


@dataclass(frozen=True, slots=True, kw_only=True)
class DataMap:
    """Routes in file order; the first that fits an event is its route. `digest` follows the meaning."""

    routes: tuple[Route, ...]
    digest: str
    proven: bool = True  # whether the server asks for a proof before it logs a principal
    proof_stated: bool = False  # whether the map says so or not
    caller: Caller | None = None  # who called, where a log names nobody
    twins: tuple[Twins, ...] = ()  # sources of which two log one act
    apart: tuple[tuple[str, str], ...] = ()  # sources that look like it and do not

    @classmethod
    def of(
        cls,
        routes: tuple[Route, ...],
        *,
        proven: bool = True,
        caller: Caller | None = None,
        twins: tuple[Twins, ...] = (),
    ) -> DataMap:
        """A map made in memory."""
        digest = _digest(routes, proven=proven, caller=caller, twins=twins)
        return cls(routes=routes, digest=digest, proven=proven, caller=caller, twins=twins)


def load_map(path: Path, *, categories: Mapping[str, Category] | None = None) -> DataMap:
    """Read and check a map.

    Raises `FaultsError` with every fault: unknown keys and categories, bad templates, a subject that the
    template does not name, versions of one id that overlap, a route that an earlier one hides.
    """
    return read_map(load_toml(path), categories=categories)


def read_map(file: TomlFile, *, categories: Mapping[str, Category] | None = None) -> DataMap:
    """The same of a map that was opened."""
    known = load_categories() if categories is None else categories
    faults: list[Fault] = []
    top = Table.top(file, faults, code="map.invalid", unknown_code="map.unknown-key", most=_MOST_CHARACTERS)
    zone = _zone(top)
    said = top.optional_text("principal", one_of=("proven", "unproven"))
    caller = read_caller(top)
    twins = read_twins(top)
    apart = read_apart(top)
    tables = _route_tables(top)
    top.rest_unknown()
    routes: list[Route] = []
    places: list[int] = []
    for position, table in enumerate(tables):
        label = table.values.get("id")
        table.item = label if isinstance(label, str) and label else f"route {position + 1}"
        if (route := read_route(table, known, zone)) is not None:
            routes.append(route)
            places.append(position)
    _between(file, routes, places, faults)
    if faults:
        raise FaultsError("map.invalid", faults)
    whole = DataMap.of(tuple(routes), proven=said != "unproven", caller=caller, twins=twins)
    return replace(whole, proof_stated=said is not None, apart=apart)


def _route_tables(top: Table) -> Sequence[Table]:
    given = top.raw("route")
    if not isinstance(given, list) or not all(isinstance(each, dict) for each in given):
        top.fault(
            "holds no [[route]]",
            "route",
            hint="Write one by hand, draft one from OpenAPI or HAR with whosaw map suggest, or scan without a map",
            code="map.no-routes",
        )
        return ()
    if len(given) > MAX_ROUTES:
        top.fault(f"holds more than {MAX_ROUTES:,} routes", "route", code="map.too-many")
        return ()
    return top.tables("route")


def _zone(top: Table) -> tzinfo:
    text = top.optional_text("zone")
    if text is None:
        return UTC
    try:
        return parse_zone(text)
    except WhosawError as fault:
        top.fault(fault.message, "zone", hint=fault.hint)
        return UTC


def _between(file: TomlFile, routes: list[Route], places: list[int], faults: list[Fault]) -> None:
    """Faults that only show when two routes are held side by side."""
    by_id: dict[str, list[Route]] = {}
    by_match: dict[object, list[Route]] = {}
    for route, place in zip(routes, places, strict=True):
        for other in by_id.get(route.id, ()):
            if spans_overlap(other, route):
                message = f"overlaps in time with the {route.id} on line {other.line}"
                hint = "Give the earlier one an until, or this one another id"
                at = ("route", place, "since" if route.since else "id")
                faults.append(file.fault("map.overlap", message, *at, item=route.id, hint=hint))
        for other in by_match.get(route.match, ()):
            if other.id != route.id and _covers(other, route):
                message = (
                    f"can never match: {other.id} on line {other.line} matches the same and stands before it"
                )
                faults.append(file.fault("map.hidden", message, "route", place, "match", item=route.id))
        by_id.setdefault(route.id, []).append(route)
        by_match.setdefault(route.match, []).append(route)


def _covers(outer: Route, inner: Route) -> bool:
    starts = outer.since is None or (inner.since is not None and outer.since <= inner.since)
    ends = outer.until is None or (inner.until is not None and inner.until <= outer.until)
    return starts and ends


def _digest(
    routes: tuple[Route, ...], *, proven: bool, caller: Caller | None, twins: tuple[Twins, ...]
) -> str:
    told: list[Any] = [_meaning(route) for route in routes]
    if not proven:
        told.append("principal unproven")
    if caller is not None:
        told.append({"caller": {"from": caller.source, "name": caller.name}})
    if twins:
        told.append({"twins": [[each.rule.as_json(), list(each.fields)] for each in twins]})
    return hashlib.sha256(canonical_json(told)).hexdigest()


def _meaning(route: Route) -> dict[str, Any]:
    """All that changes what an event is mapped to; not the line, nor `why`."""
    match, subject = route.match, route.subject
    return {
        "id": route.id,
        "match": {
            "methods": sorted(match.methods),
            "host": match.host,
            "path": match.path.text if match.path else None,
            "actions": sorted(match.actions),
            "object": match.object.text if match.object else None,
            "query": [list(pair) for pair in match.query],
            "ignore_case": match.ignore_case,
            "encoded_slash": match.encoded_slash,
            "matrix": match.matrix,
            "tail": match.tail,
            **({"other_methods": sorted(match.other_methods)} if match.other_methods else {}),
        },
        "subject": {
            "from": subject.source, "name": subject.name, "kind": subject.kind, "many": subject.many,
            "separator": subject.separator, "self": sorted(subject.own), "strip_prefix": subject.strip_prefix,
            "form": subject.form and [subject.form.name, subject.form.pattern, subject.form.country],
        },
        "categories": sorted(route.categories),
        "secondary": route.secondary
        and {"at_most": route.secondary.at_most, "categories": sorted(route.secondary.categories)},
        "records": route.records
        and {"from": route.records.source, "name": route.records.name, "at_most": route.records.at_most},
        "since": route.since,
        "until": route.until,
        "draft": route.draft,
    }  # fmt: skip


def page_patterns(data_map: DataMap | None) -> tuple[str, ...]:
    """Paths of a map as Sigma patterns: what a rule set calls personal pages where it does not say itself."""
    found: set[str] = set()
    for route in data_map.routes if data_map else ():
        template = route.match.path
        if template is None:
            continue
        found.add(STAR.join(_literal(each) for each in template.literals))
        if template.bare_end:
            found.add(STAR.join(_literal(each) for each in template.literals[:-1]).removesuffix("/"))
    return tuple(sorted(each for each in found if each))


def _literal(text: str) -> str:
    return "".join(f"\\{letter}" if letter in "\\*?" else letter for letter in text)
