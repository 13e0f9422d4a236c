"""Drafts from the logs alone: path templates by how many different values stand at a place, and objects where there is no path."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise

import pyarrow as pa

from whosaw.mapping.path_shape import (
    ASSET_SQL,
    COLLAPSED_PATH,
    COLLAPSED_QUERY,
    masked_shape,
    path_shape,
    template_of_shape,
)
from whosaw.mapping.path_template import TemplateError, parse_template
from whosaw.mapping.query_text import decoded
from whosaw.mapping.route import Subject
from whosaw.packs.path_words import (
    may_be_somebody,
    names_owner,
    names_people,
    only_known_words,
    script_of,
    words_of_page,
)
from whosaw.store.sql import Session

from .answer import Parameter
from .draft import Draft, LeftOut, choose_subject, told_requests
from .field_hints import Hints
from .from_objects import ObjectCounts, drafts_of_objects

__all__ = ["PathCounts", "drafts_of_paths"]

# with more different words than this at one place, the words are values and not names; fewer do where names of people may stand
MANY_WORDS = 40
_MANY_NAMES = 4
_MAX_PATHS = 200_000
_MAX_NAMES = 200
_MAX_PAGES = 500  # of one program
_TAKEN = frozenset({"GET", "POST", ""})


@dataclass(slots=True)
class _Seen:
    requests: int = 0
    with_principal: int = 0
    ids: dict[str, int] = field(default_factory=dict)  # query parameters with values that look like ids
    names: set[str] = field(default_factory=set)  # all query parameters
    # of a program whose name says nothing, such as index.php: its pages, by a parameter of words alone
    pages: dict[tuple[str, str], _Seen] = field(default_factory=dict)

    def count(self, requests: int, named: int, ids: Iterable[str], names: Iterable[str]) -> None:
        self.requests += requests
        self.with_principal += named
        for name in ids:
            if name in self.ids or len(self.ids) < _MAX_NAMES:
                self.ids[name] = self.ids.get(name, 0) + requests
        for name in names:
            if name and len(name) <= 64 and len(self.names) < _MAX_NAMES:
                self.names.add(name)

    def join(self, other: _Seen) -> None:
        self.requests += other.requests
        self.with_principal += other.with_principal
        self.names |= other.names
        for name, count in other.ids.items():
            self.ids[name] = self.ids.get(name, 0) + count
        for page, seen in other.pages.items():
            self.pages.setdefault(page, _Seen()).join(seen)


class PathCounts:
    """Counts requests that succeeded by method and shape of path. Raw values are dropped at once."""

    def __init__(self) -> None:
        self.seen: dict[tuple[str, str], _Seen] = {}
        self.left_out = 0
        self.events = 0
        self.no_path = 0
        self.no_outcome = 0  # nothing says whether these succeeded
        self.with_query = 0  # the path holds the query as well
        self.objects = ObjectCounts()

    def notes(self) -> tuple[str, ...]:
        """Why events were of no use here, and what to do about it."""
        told = []
        if self.no_outcome:
            told.append(
                f"of {self.no_outcome:,} of {self.events:,} events it is not known whether they succeeded, so that they drafted no route: "
                "name the field with the status in --format (status=FIELD)"
            )
        if (no_path := self.no_path - self.objects.events) > 0:
            told.append(
                f"{no_path:,} of {self.events:,} events have no path: name its field in --format (path=FIELD), or write routes by action and object"
            )
        if self.with_query:
            told.append(
                f"{self.with_query:,} paths hold the query as well, and no route matches such a path: write path={{FIELD|path}},query={{FIELD|query}} in --format"
            )
        return tuple(told)

    def add(self, events: pa.Table, session: Session, object_name: str = "") -> None:
        """Count one table of canonical events; the order of tables does not matter. `object_name` is what its format calls the object."""
        names = ("method", "path", "query", "principal", "ok")
        kinds = {"ok": pa.bool_()}
        table = pa.table(
            {
                name: events[name]
                if name in events.column_names
                else pa.nulls(events.num_rows, kinds.get(name, pa.string()))
                for name in names
            }
        )
        unused = session.query(
            """
            SELECT count(*) AS events, count(*) FILTER (path IS NULL AND ok IS NOT false) AS no_path,
                   count(*) FILTER (ok IS NULL AND path IS NOT NULL) AS no_outcome,
                   count(*) FILTER (contains(path, '?')) AS with_query
            FROM t
            """,
            t=table,
        ).to_pylist()[0]
        self.events += unused["events"]
        self.no_path += unused["no_path"]
        self.no_outcome += unused["no_outcome"]
        self.with_query += unused["with_query"]
        if unused["no_path"]:
            self.objects.add(events, session, object_name)
        grouped = session.query(
            f"""
            WITH split AS (
                SELECT * REPLACE (split_part(path, '?', 1) AS path, CASE WHEN contains(path, '?')
                    THEN substr(path, instr(path, '?') + 1) ELSE query END AS query) FROM t
            )
            SELECT coalesce(method, '') AS method, {COLLAPSED_PATH} AS path, {COLLAPSED_QUERY} AS query,
                   count(*) AS requests, count(principal) AS named
            FROM split WHERE ok AND path IS NOT NULL AND NOT {ASSET_SQL} GROUP BY ALL ORDER BY ALL
            """,
            t=table,
        )
        for row in grouped.to_pylist():
            self._row(row["method"], row["path"], row["query"] or "", row["requests"], row["named"])

    def _row(self, method: str, path: str, query: str, requests: int, named: int) -> None:
        shape = path_shape(path, query)
        text, _, tail = shape.text.partition("?")
        if (method, text) not in self.seen and len(self.seen) >= _MAX_PATHS:
            self.left_out += requests
            return
        seen = self.seen.setdefault((method, text), _Seen())
        ids = [pair.rpartition("={")[0] for pair in tail.split("&")] if tail else []
        pairs = [pair.partition("=")[::2] for pair in query.split("&")] if query else []
        names = [decoded(name) for name, _ in pairs]
        seen.count(requests, named, ids, names)
        script = script_of(text)
        if script is None or words_of_page(script):
            return
        for name, value in zip(names, (decoded(value) for _, value in pairs), strict=True):
            page = (name, value)
            if page not in seen.pages and len(seen.pages) >= _MAX_PAGES:
                continue
            if len(value) <= 64 and only_known_words(name) and only_known_words(value):
                seen.pages.setdefault(page, _Seen()).count(requests, named, ids, names)


def drafts_of_paths(counts: PathCounts, hints: Hints) -> Iterator[Draft | LeftOut]:
    """A draft for each template whose words speak of persons, and a reason for others with ids."""
    yield from drafts_of_objects(counts.objects, hints)
    shapes = _by_cardinality(counts.seen)
    drafted = {key: draft for key, seen in shapes.items() if (draft := _draft(key, seen, hints)) is not None}
    at_root = _names_at_root(shapes)
    for key, seen in sorted(shapes.items()):
        if key not in drafted:
            yield from _drafts_of_pages(key, seen, hints)
    for (method, shape), seen in sorted(shapes.items()):
        path = template_of_shape(shape)
        methods = (method,) if method else ()
        if (method, shape) in drafted and (_may_name_somebody(path) or shape in at_root):
            why = "logs: a word of it may be somebody's name: write the route with a place there, such as {username}"
            yield LeftOut(methods=methods, path=masked_shape(path), why=why, requests=seen.requests)
        elif (method, shape) in drafted:
            yield drafted[method, shape]
        elif method not in _TAKEN:
            continue
        elif _fault(path):
            why = f"logs: no template: {_fault(path)}"
            yield LeftOut(methods=methods, path=masked_shape(path[:200]), why=why, requests=seen.requests)
        elif _looks_like_an_id(method, shape, drafted):
            why = f"logs: {told_requests(seen.requests)}; apart, or a word of it would be taken for an id"
            yield Draft(
                methods=methods, path=path, subject=Subject(source="unknown"),
                requests=seen.requests, why=(why,),
                categories=hints.path_categories(_words(shape)) or ("identity.number",),
            )  # fmt: skip
        elif "{" in shape or seen.ids:
            why = "logs: nothing says that this is about a person"
            shown = masked_shape(path) + ("?" + "&".join(sorted(seen.ids)) if seen.ids else "")
            yield LeftOut(methods=methods, path=shown, why=why, requests=seen.requests)


def _words(shape: str) -> list[str]:
    return [segment for segment in shape.split("/")[1:] if "{" not in segment]


def _fault(path: str) -> str:
    try:
        parse_template(path, path=True)
    except TemplateError as fault:
        return str(fault)
    return ""


def _draft(key: tuple[str, str], seen: _Seen, hints: Hints) -> Draft | None:
    method, shape = key
    path, words = template_of_shape(shape), _words(shape)
    if method not in _TAKEN or _fault(path):
        return None
    parameters, sizes = _parameters(path, seen, hints)
    subject, records, reason = choose_subject(
        path, parameters, hints, is_list="{" not in path and bool(sizes)
    )
    categories = hints.path_categories(words)
    if subject.source in ("path", "query") and not categories:
        categories = ("identity.number",)
    told = subject.source != "unknown"
    if not categories or (subject.source == "principal" and "held to be" in reason):
        return None
    # a thing's page that happens to stand under a word such as "info" is no person's
    if not told and any(hints.is_thing(word) for word in words):
        return None
    if subject.source == "principal" and seen.with_principal * 2 < seen.requests:
        reason += "; but most requests in the log name no principal, so persons stay unknown there"
    why = (
        f"logs: {told_requests(seen.requests)} succeeded; what they returned is guessed from words of the path",
        reason,
    )
    return Draft(
        methods=(method,) if method else (), path=path, subject=subject, categories=categories,
        records=records, why=why, requests=seen.requests,
    )  # fmt: skip


def _parameters(path: str, seen: _Seen, hints: Hints) -> tuple[list[Parameter], list[str]]:
    """The parameters of the query that may say whose data it is, those that hold ids first, and those that say how many records. Of a
    program also one that is called as a person is: `user.php?login=anna`."""
    often = [name for name, count in sorted(seen.ids.items()) if count * 2 >= seen.requests]
    sizes = sorted(name for name in seen.names if hints.is_size(name))
    called = sorted(name for name in seen.names if hints.names_subject(name)) if script_of(path) else []
    names = dict.fromkeys((*often, *called, *sizes))
    return [Parameter(place="query", name=name) for name in names], sizes


def _drafts_of_pages(key: tuple[str, str], seen: _Seen, hints: Hints) -> Iterator[Draft]:
    """Of a program whose name says nothing, one for each of its pages that is about somebody: `/index.php?page=customer&id=42`."""
    method, shape = key
    path = template_of_shape(shape)
    if method not in _TAKEN or _fault(path):
        return
    for (name, value), page in sorted(seen.pages.items()):
        parameters, _ = _parameters(path, page, hints)
        parameters = [each for each in parameters if each.name != name]
        subject, records, reason = choose_subject(path, parameters, hints, is_list=False, page=value)
        if subject.source != "query":
            continue
        why = f"logs: {told_requests(page.requests)} succeeded; what they returned is guessed from words of the query"
        yield Draft(
            methods=(method,) if method else (), path=path, query=((name, value),), subject=subject, records=records,
            categories=hints.path_categories([value]) or ("identity.number",), why=(why, reason), requests=page.requests,
        )  # fmt: skip


def _looks_like_an_id(method: str, shape: str, shapes: Container[tuple[str, str]]) -> bool:
    """Whether one of `shapes` has an open place where this one has a word."""
    parts = shape.split("/")
    return any(
        (method, "/".join([*parts[:place], "{" + kind + "}", *parts[place + 1 :]])) in shapes
        for place, part in enumerate(parts)
        if part and "{" not in part
        for kind in ("number", "uuid", "hex", "token", "mail", "phone", "word")
    )


def _may_name_somebody(path: str) -> bool:
    parts = path.split("/")
    return any("{" not in part and may_be_somebody(part, before) for before, part in pairwise(parts))


def _names_at_root(shapes: Iterable[tuple[str, str]]) -> set[str]:
    """Shapes that differ in nothing but a word at the root that may be somebody's name: of one alone it may as well be the application's."""
    alike: dict[str, set[str]] = {}
    for _, shape in shapes:
        _, first, *rest = shape.split("/")
        if "{" not in first and may_be_somebody(first, after=rest[0] if rest else ""):
            alike.setdefault("/".join(rest), set()).add(shape)
    return {shape for each in alike.values() if len(each) > 1 for shape in each}


def _values(words: set[str], before: tuple[str, ...]) -> Iterable[str]:
    """Which of the words that stand at one place are values."""
    if len(words) > MANY_WORDS:
        return words
    names = {each for each in words if may_be_somebody(each, before[-1])} if before else ()
    return names if len(names) > _MANY_NAMES and names_people(before[-1]) else ()


def _add_names_at_root(
    values: dict[tuple[str, int, tuple[str, ...]], frozenset[str]],
    rows: Iterable[tuple[str, list[str], _Seen]],
) -> None:
    """Words at the root that stand before what only people have, where there are several: `/anna/profile`, `/ben/profile`."""
    found: dict[tuple[str, int, tuple[str, ...]], set[str]] = {}
    for method, parts, _ in rows:
        if (
            len(parts) > 1
            and "{" not in parts[0]
            and names_owner(parts[1])
            and may_be_somebody(parts[0], after=parts[1])
        ):
            found.setdefault((method, len(parts), ()), set()).add(parts[0])
    for key, names in found.items():
        if len(names) > _MANY_NAMES:
            values[key] |= names


def _by_cardinality(seen: dict[tuple[str, str], _Seen]) -> dict[tuple[str, str], _Seen]:
    """Places where more than `MANY_WORDS` words stand after the same beginning become `{word}`, as do names behind a word for people."""
    rows = [(method, shape.split("/")[1:], entry) for (method, shape), entry in sorted(seen.items())]
    longest = max((len(parts) for _, parts, _ in rows), default=0)
    for place in range(longest):
        words: dict[tuple[str, int, tuple[str, ...]], set[str]] = {}
        for method, parts, _ in rows:
            if place < len(parts) and "{" not in parts[place]:
                words.setdefault((method, len(parts), tuple(parts[:place])), set()).add(parts[place])
        values = {key: frozenset(_values(words[key], key[2])) for key in words}
        if not place:
            _add_names_at_root(values, rows)
        for method, parts, _ in rows:
            key = (method, len(parts), tuple(parts[:place]))
            if place < len(parts) and parts[place] in values.get(key, ()):
                parts[place] = "{word}"
    out: dict[tuple[str, str], _Seen] = {}
    for method, parts, entry in rows:
        out.setdefault((method, "/" + "/".join(parts)), _Seen()).join(entry)
    return out
