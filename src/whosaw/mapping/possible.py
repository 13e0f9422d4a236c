"""Possible views: requests that succeeded and are a route's in a reading that is not the strict one.

Each answer depends on its row alone. What is found is a view with a mark (`Unsure`): it belongs into upper bounds, never
into lower ones. docs/why/spelling.md states the rules.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import IntFlag
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from whosaw.store.sql import Session

from .normal_path import ENCODED_SLASH, normal_path
from .route import Match, Route
from .route_sql import NO_CONTENT_METHODS, needed_columns, route_statement
from .squeezed import PathRoute, Squeezer, path_pattern, text_readings

__all__ = ["Possible", "PossibleRows", "Unsure", "option_for", "reads"]

_NO = pa.scalar(value=False)
_REQUEST = "request"  # the field that keeps the text of what was no request line
_MOST_PATHS = 16
# two dots after one another, some of them encoded: twice, overlong, wide
_DOTTED = r"(?i)(?:\.|%(?:25)*2e|%u..2e){2}|%(?:25)*(?:c0|e0|ef)|[^\x20-\x7e]"
Rows = npt.NDArray[np.int64]
Columns = Callable[[Sequence[str]], dict[str, pa.Array | pa.ChunkedArray]]


class Unsure(IntFlag):
    """Why a view is only possible; 0 for one that is sure."""

    SPELLING = 1  # of the path
    METHOD = 2  # another than the route names
    PLACE = 4  # host or query fields are the route's only once they are squeezed
    TEXT = 8  # in what was no request line
    PERSON = 64  # the view is as sure as the other bits say; whose id it is depends on who reads it


@dataclass(frozen=True, slots=True, kw_only=True)
class PossibleRows:
    """Rows and what they are: columns of the same length."""

    rows: Rows
    route: npt.NDArray[np.int16]
    value: pa.Array
    view: pa.Array
    undecided: pa.Array
    unsure: npt.NDArray[np.int8]


class Possible:
    """The routes of a map, made ready to be looked for in what fits none of them strictly."""

    def __init__(self, routes: tuple[Route, ...]) -> None:
        self._routes = routes
        paths = [path_route(route.match) for route in routes if route.match.path is not None]
        self._squeezer = Squeezer([each for each in paths if each is not None])
        self._any = bool(paths)
        self._lax, self._strict = route_statement(routes, lax=True), route_statement(routes)
        self.columns = tuple(sorted({*needed_columns(routes), "bytes"}))

    def find(
        self, columns: Columns, normal: pa.Array, found: pa.Table, session: Session
    ) -> PossibleRows | None:
        """`normal` are the paths as the strict reading spells them, `found` its answers; None where nothing is possible."""
        if not self._any:
            return None
        # also what is a route's, but by its method no view in the strict reading
        told_of = pc.or_(found["view"], found["undecided"]).combine_chunks()
        left = pc.invert(pc.or_(told_of, found["failed"].combine_chunks()))
        hint = self._squeezer.hint
        hinted = pc.match_substring_regex(normal, hint) if hint else pc.is_valid(normal)
        if hint:  # a name that the strict reading let `..` take away may still stand in another one
            sent = columns(["path"])["path"].cast(pa.string()).combine_chunks()
            hinted = pc.or_kleene(hinted, pc.match_substring_regex(sent, _DOTTED))
        wanted = pc.and_(left, pc.fill_null(hinted, _NO))
        told: dict[int, tuple[str, ...]] = {}
        rows = np.flatnonzero(wanted.to_numpy(zero_copy_only=False))
        if len(rows):
            told.update(self._of_paths(rows, columns(["path"])["path"]))
        texts = pc.and_(left, pc.is_null(normal)).to_numpy(zero_copy_only=False)
        in_text = self._of_texts(np.flatnonzero(texts), columns(["fields"])["fields"]) if texts.any() else {}
        told.update(in_text)
        return self._settled(told, in_text, columns, normal, session) if told else None

    def _of_paths(self, rows: Rows, path: pa.ChunkedArray) -> dict[int, tuple[str, ...]]:
        taken = path.take(pa.array(rows)).cast(pa.string()).combine_chunks().dictionary_encode()
        paths = [self._squeezer.paths(each) for each in taken.dictionary.to_pylist()]
        codes = taken.indices.to_numpy()
        return {int(row): paths[code] for row, code in zip(rows, codes, strict=True) if paths[code]}

    def _of_texts(self, rows: Rows, fields: pa.ChunkedArray) -> dict[int, tuple[str, ...]]:
        taken = fields.take(pa.array(rows)).cast(pa.string()).combine_chunks()
        holds = pc.fill_null(pc.match_substring(taken, f'"{_REQUEST}"'), _NO).to_numpy(zero_copy_only=False)
        found = {}
        for row, text in zip(rows[holds], taken.filter(pa.array(holds)).to_pylist(), strict=True):
            request = json.loads(text).get(_REQUEST)
            if isinstance(request, str) and (paths := self._in_text(request)):
                found[int(row)] = paths
        return found

    def _in_text(self, text: str) -> tuple[str, ...]:
        paths = [
            path for each in text_readings(text) for path in self._squeezer.paths(each.partition("?")[0])
        ]
        return tuple(dict.fromkeys(paths))[:_MOST_PATHS]

    def _settled(
        self, told: dict[int, tuple[str, ...]], in_text: dict[int, tuple[str, ...]], columns: Columns, normal: pa.Array,
        session: Session,
    ) -> PossibleRows | None:  # fmt: skip
        """The first of the paths of each row that makes it some route's."""
        given = columns(self.columns)
        left = np.array(sorted(told), np.int64)
        parts: list[tuple[Rows, pa.Table, pa.Table]] = []
        for nth in range(max(map(len, told.values()))):
            left = left[[nth < len(told[row]) for row in left.tolist()]]
            if not len(left):
                break
            taken = {name: column.take(pa.array(left)) for name, column in given.items()}
            taken["path"] = pa.array([told[row][nth] for row in left.tolist()], pa.string())
            table = pa.table(taken)
            found = session.query(self._lax, e=table)
            some = pc.or_(found["view"], found["undecided"]).combine_chunks()
            mask = some.to_numpy(zero_copy_only=False)
            parts.append((left[mask], table.filter(some), found.filter(some)))
            left = left[~mask]
        rows = np.concatenate([part for part, _, _ in parts])
        if not len(rows):
            return None
        table = pa.concat_tables([part.unify_dictionaries() for _, part, _ in parts]).unify_dictionaries()
        found = pa.concat_tables([part for _, _, part in parts])
        route = found["route"].combine_chunks().to_numpy()
        return PossibleRows(
            rows=rows,
            route=route,
            value=pc.replace_substring(found["value"].combine_chunks(), ENCODED_SLASH, "/"),
            view=found["view"].combine_chunks(),
            undecided=found["undecided"].combine_chunks(),
            unsure=self._why(rows, route, table, in_text, columns, normal, session),
        )

    def _why(
        self, rows: Rows, route: npt.NDArray[np.int16], table: pa.Table, in_text: dict[int, tuple[str, ...]],
        columns: Columns, normal: pa.Array, session: Session,
    ) -> npt.NDArray[np.int8]:  # fmt: skip
        """The marks of rows whose path `table` spells as the map does. None is left where an option of the route says that its
        server reads the path so."""
        taken = pa.array(rows)
        sent = columns(["path"])["path"].take(taken).cast(pa.string()).to_pylist()
        spelled, strictly = table["path"].to_pylist(), normal.take(taken).to_pylist()
        methods = table["method"].cast(pa.string()).to_pylist()
        strict = session.query(self._strict, e=table)["route"].combine_chunks().to_numpy()
        marks = np.zeros(len(rows), np.int8)
        wanted: list[str | None] = []
        for at, number in enumerate(route.tolist()):
            match = self._routes[number].match
            if int(rows[at]) in in_text:
                marks[at] |= Unsure.TEXT
            elif spelled[at] != strictly[at] and not reads(match, sent[at]):
                marks[at] |= Unsure.SPELLING
            other = match.methods and methods[at] not in match.methods
            if (other or methods[at] in NO_CONTENT_METHODS) and not marks[at] & Unsure.TEXT:
                marks[at] |= Unsure.METHOD
            wanted.append(match.methods[0] if match.methods else methods[at])
        other = np.flatnonzero(strict != route)
        if len(other):
            place = table.column_names.index("method")
            asked = table.set_column(place, "method", pa.array(wanted, pa.string())).take(pa.array(other))
            same = session.query(self._strict, e=asked)["route"].combine_chunks().to_numpy()
            marks[other[same != route[other]]] |= Unsure.PLACE
        return marks


def path_route(match: Match) -> PathRoute | None:
    """What the squeezed form asks of a match; None where it is of no path."""
    return None if match.path is None else PathRoute(template=match.path, tail=match.tail)


def option_for(match: Match, sent: str) -> str:
    """The fewest options under which the route's server reads the path strictly, as a map writes them; empty where none does."""
    told = {
        "ignore_case = true": replace(match, ignore_case=True),
        "encoded_slash = true": replace(match, encoded_slash=True),
        "tail = true": replace(match, tail=True),
        "encoded_slash = true, ignore_case = true": replace(match, encoded_slash=True, ignore_case=True),
    }
    return next((text for text, other in told.items() if reads(other, sent)), "")


def reads(match: Match, sent: Any) -> bool:
    """Whether the options of a route say that its server reads the path so."""
    route = path_route(match)
    if route is None or not isinstance(sent, str):
        return False
    path = normal_path(sent, encoded_slash=match.encoded_slash, matrix=match.matrix)
    return path_pattern(route, ignore_case=match.ignore_case).fullmatch(path) is not None
