"""Turns one `[[route]]` table into a Route, or into every fault it has."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, tzinfo
from typing import cast

from .categories import Category, unknown_category
from .path_template import Template, TemplateError, parse_template
from .route import (
    RECORD_SOURCES,
    SUBJECT_SOURCES,
    Match,
    Records,
    RecordSource,
    Route,
    Secondary,
    Subject,
    SubjectSource,
)
from .subject_form import FORMS, Form, pattern_fault
from .table_reader import TableReader

__all__ = ["read_route", "spans_overlap"]

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")
_KIND = re.compile(r"[a-z][a-z0-9-]{0,31}")
_METHOD = re.compile(r"[A-Za-z][A-Za-z-]{0,31}")
_HOST = re.compile(r"(?:\*\.)?[a-z0-9_.:\[\]-]{1,253}")
_POINTER = re.compile(r"(?:/(?:[^~/]|~[01])*)+")
_NAMED = ("path", "query", "header", "field", "body", "object", "statement")
_COLUMN = re.compile(r"[A-Za-z_][A-Za-z0-9_$]{0,62}")


def read_route(reader: TableReader, known: Mapping[str, Category], zone: tzinfo) -> Route | None:
    """The route, or None when `reader.faults` grew."""
    before = len(reader.faults)
    identity = reader.text("id", needed=True)
    if identity is not None and not _ID.fullmatch(identity):
        reader.wrong("id", f"{identity!r} is no id: letters, digits, dot, - and _, at most 128")
    match = _match(reader)
    subject = _subject(reader, match)
    categories = _categories(reader, known, needed=True)
    secondary = _secondary(reader, known)
    records = _records(reader)
    since, until = reader.instant("since", zone), reader.instant("until", zone)
    if since is not None and until is not None and until <= since:
        reader.wrong("until", "until is not after since")
    draft, why = reader.flag("draft"), reader.text("why") or ""
    reader.done()
    if len(reader.faults) > before or identity is None or match is None or subject is None:
        return None
    return Route(
        id=identity, match=match, subject=subject, categories=categories, secondary=secondary,
        records=records, since=since, until=until, draft=draft, why=why,
        line=reader.file.line_of(*reader.path, "id"),
    )  # fmt: skip


def _match(route: TableReader) -> Match | None:
    reader = route.inner("match", needed=True)
    if reader is None:
        return None
    methods = tuple(method.upper() for method in reader.texts("method", one=True))
    for method in methods:
        if not _METHOD.fullmatch(method):
            reader.wrong("method", f"{method!r} is no HTTP method")
    others = tuple(method.upper() for method in reader.texts("other_methods", one=True))
    for method in others:
        if not _METHOD.fullmatch(method):
            reader.wrong("other_methods", f"{method!r} is no HTTP method")
        elif not methods or method in methods:
            reader.wrong(
                "other_methods",
                f"{method} is a method of this route",
                hint="Name in method what shows the page",
            )
    host = reader.text("host")
    if host is not None and not _HOST.fullmatch(host := host.lower()):
        reader.wrong("host", f"{host!r} is no host name", hint="Write shop.example.org or *.example.org")
    actions = reader.texts("action", one=True)
    for action in actions:
        if "*" in action[:-1]:
            reader.wrong("action", f"{action!r}: * stands only at the end")
    path, thing = _template(reader, "path"), _template(reader, "object")
    query = _query(reader)
    if path is None and (methods or host or query):
        if not reader.has("path"):
            reader.wrong(
                "path", "path is missing; method, host and query go with it", hint='Use path = "/*" for any'
            )
    elif path is not None and (actions or thing is not None):
        reader.wrong("action", "a route matches a path, or an action and object, not both")
    elif path is None and not actions and thing is None:
        reader.wrong("match", "match is empty", hint="Give a path, an action or an object")
    ignore_case, encoded_slash = reader.flag("ignore_case"), reader.flag("encoded_slash")
    matrix = reader.flag("matrix") or not reader.has("matrix")
    tail = reader.flag("tail") if reader.has("tail") else None
    reader.done()
    return Match(
        methods=methods,
        other_methods=others,
        host=host,
        path=path,
        actions=actions,
        object=thing,
        query=query,
        ignore_case=ignore_case,
        encoded_slash=encoded_slash,
        matrix=matrix,
        tail=tail,
    )


def _template(reader: TableReader, name: str) -> Template | None:
    text = reader.text(name)
    if text is None:
        return None
    try:
        return parse_template(text, path=name == "path")
    except TemplateError as fault:
        reader.wrong(name, f"{text!r}: {fault}", code="map.bad-template")
        return None


def _query(match: TableReader) -> tuple[tuple[str, str], ...]:
    reader = match.inner("query")
    if reader is None:
        return ()
    pairs = [(name, reader.text(name)) for name in sorted(reader.table)]
    if not pairs:
        match.wrong("query", "query is an empty table")
    return tuple((name, value) for name, value in pairs if value is not None)


def _subject(route: TableReader, match: Match | None) -> Subject | None:
    reader = route.inner("subject", needed=True)
    if reader is None:
        return None
    source = cast("SubjectSource | None", reader.choice("from", SUBJECT_SOURCES, needed=True))
    name = reader.text("name", most=256)
    if source in _NAMED and name is None and not reader.has("name"):
        reader.wrong("name", f"name is missing: which part of the {source} holds the subject")
    if source in ("principal", "unknown") and name is not None:
        reader.wrong("name", f"a subject from {source} has no name")
    if match is not None and source is not None and name is not None:
        asked = route.table.get("match")
        _place(reader, source, name, match, asked if isinstance(asked, dict) else {})
    kind = reader.text("kind") or "customer"
    if not _KIND.fullmatch(kind):
        reader.wrong("kind", f"{kind!r} is no kind: lower case letters, digits and -")
    many, separator = reader.flag("many"), reader.text("separator")
    if separator is not None and not many:
        reader.wrong("separator", "separator goes with many = true")
    if separator is not None and (len(separator) != 1 or separator.isalnum() or not separator.isprintable()):
        reader.wrong("separator", "separator is one sign that is no letter or digit")
    if many and source in ("principal", "unknown", "statement"):
        reader.wrong("many", f"many does not go with a subject from {source}")
    own, strip = reader.texts("self", one=True), reader.text("strip_prefix", most=64)
    if own and source in ("principal", "unknown", "statement"):
        reader.wrong("self", f"self does not go with a subject from {source}")
    form = _form(reader)
    reader.done()
    if source is None:
        return None
    return Subject(
        source=source,
        name=name,
        kind=kind,
        many=many,
        separator=separator or ",",
        own=own,
        strip_prefix=strip or "",
        form=form,
    )


def _form(reader: TableReader) -> Form | None:
    name, pattern, country = reader.choice("form", FORMS), reader.text("pattern"), reader.text("country")
    if name is not None and pattern is not None:
        reader.wrong("pattern", "a subject has a form or a pattern of its own, not both")
    if country is not None and (name != "phone" or not re.fullmatch(r"\+[1-9][0-9]{0,3}", country)):
        reader.wrong("country", 'country goes with form = "phone" and is written like +254')
    if pattern is not None and (fault := pattern_fault(pattern)):
        reader.wrong("pattern", f"{pattern!r} is no regular expression of RE2: {fault}")
        return None
    if name is None and pattern is None:
        return None
    return Form(name=name or "", pattern=pattern or "", country=country or "")


def _place(
    reader: TableReader, source: SubjectSource, name: str, match: Match, asked: Mapping[str, object]
) -> None:
    if source in ("path", "object"):
        template = match.path if source == "path" else match.object
        if template is None and source not in asked:
            reader.wrong("from", f"match has no {source}", code="map.missing-parameter")
        elif template is not None and name not in template.names:
            has = ", ".join(template.names) or "none"
            message = f"{{{name}}} does not stand in {template.text!r}"
            reader.wrong("name", message, hint=f"Its open places: {has}", code="map.missing-parameter")
    elif source == "query" and match.path is None and (match.actions or match.object):
        reader.wrong("from", "an action or object has no query", code="map.missing-parameter")
    elif source == "body" and not _POINTER.fullmatch(name):
        reader.wrong("name", f"{name!r} is no JSON pointer", hint="Write it like /customer/id (RFC 6901)")
    elif source == "statement" and not _COLUMN.fullmatch(name):
        reader.wrong("name", f"{name!r} is no column name")


def _categories(reader: TableReader, known: Mapping[str, Category], *, needed: bool) -> tuple[str, ...]:
    keys = reader.texts("categories", needed=needed)
    for key in keys:
        if key not in known:
            message, hint = unknown_category(key, known)
            reader.wrong("categories", message, hint=hint, code="map.unknown-category")
    return keys


def _secondary(route: TableReader, known: Mapping[str, Category]) -> Secondary | None:
    reader = route.inner("secondary")
    if reader is None:
        return None
    found = Secondary(at_most=reader.count("at_most"), categories=_categories(reader, known, needed=True))
    reader.done()
    return found


def _records(route: TableReader) -> Records | None:
    reader = route.inner("records")
    if reader is None:
        return None
    source = cast("RecordSource | None", reader.choice("from", RECORD_SOURCES)) or "log"
    name, at_most = reader.text("name", most=256), reader.count("at_most")
    if source != "log" and name is None and not reader.has("name"):
        reader.wrong("name", f"name is missing: which {source} holds the number of records")
    if source == "log" and name is not None:
        reader.wrong("name", "records from the log have no name")
    reader.done()
    return Records(source=source, name=name, at_most=at_most)


def spans_overlap(a: Route, b: Route) -> bool:
    """Whether there is an instant at which both routes held."""
    return _before(a.since, b.until) and _before(b.since, a.until)


def _before(start: datetime | None, end: datetime | None) -> bool:
    return start is None or end is None or start < end
