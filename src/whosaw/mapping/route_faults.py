"""Turns one `[[route]]` table into a Route, or into every fault it has."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, tzinfo
from typing import cast

from whosaw.packs.table import Table

from .categories import Category, unknown_category
from .path_template import Template, TemplateError, parse_template
from .route import (
    CONFIDENCES,
    RECORD_SOURCES,
    SUBJECT_SOURCES,
    DraftedField,
    Match,
    Records,
    RecordSource,
    Route,
    Secondary,
    Subject,
    SubjectSource,
)
from .subject_form import FORMS, Form, pattern_fault

__all__ = ["read_route", "spans_overlap"]

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")
_KIND = re.compile(r"[a-z][a-z0-9-]{0,31}")
_METHOD = re.compile(r"[A-Za-z][A-Za-z-]{0,31}")
_HOST = re.compile(r"(?:\*\.)?[a-z0-9_.:\[\]-]{1,253}")
_POINTER = re.compile(r"(?:/(?:[^~/]|~[01])*)+")
_NAMED = ("path", "query", "header", "field", "body", "object", "statement")
_COLUMN = re.compile(r"[A-Za-z_][A-Za-z0-9_$]{0,62}")


def read_route(reader: Table, known: Mapping[str, Category], zone: tzinfo) -> Route | None:
    """The route, or None when `reader.faults` grew."""
    before = len(reader.faults)
    identity = reader.text("id")
    if identity and not _ID.fullmatch(identity):
        reader.fault(f"{identity!r} is no id: letters, digits, dot, - and _, at most 128", "id")
    match = _match(reader)
    subject = _subject(reader, match)
    categories = _categories(reader, known, required=True)
    secondary = _secondary(reader, known)
    records = _records(reader)
    since, until = (
        reader.instant("since", required=False, zone=zone),
        reader.instant("until", required=False, zone=zone),
    )
    if since is not None and until is not None and until <= since:
        reader.fault("until is not after since", "until")
    draft, why = reader.flag("draft"), reader.text("why", required=False)
    fields = _drafted_fields(reader, known)
    reader.rest_unknown()
    if len(reader.faults) > before or not identity or match is None or subject is None:
        return None
    return Route(
        id=identity, match=match, subject=subject, categories=categories, secondary=secondary,
        records=records, since=since, until=until, draft=draft, why=why, fields=fields,
        line=reader.file.line_of(*reader.at, "id"),
    )  # fmt: skip


def _match(route: Table) -> Match | None:
    reader = route.optional_table("match", required=True)
    if reader is None:
        return None
    methods = tuple(
        method.upper() for method in reader.texts("method", required=False, some=True, or_one=True)
    )
    for method in methods:
        if not _METHOD.fullmatch(method):
            reader.fault(f"{method!r} is no HTTP method", "method")
    others = tuple(
        method.upper() for method in reader.texts("other_methods", required=False, some=True, or_one=True)
    )
    for method in others:
        if not _METHOD.fullmatch(method):
            reader.fault(f"{method!r} is no HTTP method", "other_methods")
        elif not methods or method in methods:
            reader.fault(
                f"{method} is a method of this route",
                "other_methods",
                hint="Name in method what shows the page",
            )
    host = reader.optional_text("host")
    if host is not None and not _HOST.fullmatch(host := host.lower()):
        reader.fault(f"{host!r} is no host name", "host", hint="Write shop.example.org or *.example.org")
    actions = reader.texts("action", required=False, some=True, or_one=True)
    for action in actions:
        if "*" in action[:-1]:
            reader.fault(f"{action!r}: * stands only at the end", "action")
    path, thing = _template(reader, "path"), _template(reader, "object")
    query = _query(reader)
    if path is None and (methods or host or query):
        if not reader.has("path"):
            reader.fault(
                "path is missing; method, host and query go with it", "path", hint='Use path = "/*" for any'
            )
    elif path is not None and (actions or thing is not None):
        reader.fault("a route matches a path, or an action and object, not both", "action")
    elif path is None and not actions and thing is None:
        reader.fault("match is empty", "match", hint="Give a path, an action or an object")
    ignore_case, encoded_slash = reader.flag("ignore_case"), reader.flag("encoded_slash")
    matrix = reader.flag("matrix") or not reader.has("matrix")
    tail = reader.flag("tail") if reader.has("tail") else None
    reader.rest_unknown()
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


def _template(reader: Table, name: str) -> Template | None:
    text = reader.optional_text(name)
    if text is None:
        return None
    try:
        return parse_template(text, path=name == "path")
    except TemplateError as fault:
        reader.fault(f"{text!r}: {fault}", name, code="map.bad-template")
        return None


def _query(match: Table) -> tuple[tuple[str, str], ...]:
    reader = match.optional_table("query")
    if reader is None:
        return ()
    pairs = [(name, reader.optional_text(name, blank=True)) for name in sorted(reader.values)]
    if not pairs:
        match.fault("query is an empty table", "query")
    return tuple((name, value) for name, value in pairs if value is not None)


def _subject(route: Table, match: Match | None) -> Subject | None:
    reader = route.optional_table("subject", required=True)
    if reader is None:
        return None
    source = cast("SubjectSource | None", reader.text("from", one_of=SUBJECT_SOURCES) or None)
    name = reader.optional_text("name", most=256)
    if source in _NAMED and name is None and not reader.has("name"):
        reader.fault(f"name is missing: which part of the {source} holds the subject", "name")
    if source in ("principal", "unknown") and name is not None:
        reader.fault(f"a subject from {source} has no name", "name")
    if match is not None and source is not None and name is not None:
        asked = route.values.get("match")
        _place(reader, source, name, match, asked if isinstance(asked, dict) else {})
    kind = reader.optional_text("kind") or "customer"
    if not _KIND.fullmatch(kind):
        reader.fault(f"{kind!r} is no kind: lower case letters, digits and -", "kind")
    many, separator = reader.flag("many"), reader.optional_text("separator", blank=True)
    if separator is not None and not many:
        reader.fault("separator goes with many = true", "separator")
    if separator is not None and (len(separator) != 1 or separator.isalnum() or not separator.isprintable()):
        reader.fault("separator is one sign that is no letter or digit", "separator")
    if many and source in ("principal", "unknown", "statement"):
        reader.fault(f"many does not go with a subject from {source}", "many")
    own, strip = (
        reader.texts("self", required=False, some=True, or_one=True),
        reader.optional_text("strip_prefix", most=64, blank=True),
    )
    if own and source in ("principal", "unknown", "statement"):
        reader.fault(f"self does not go with a subject from {source}", "self")
    form = _form(reader)
    reader.rest_unknown()
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


def _form(reader: Table) -> Form | None:
    name, pattern, country = (
        reader.optional_text("form", one_of=FORMS),
        reader.optional_text("pattern"),
        reader.optional_text("country"),
    )
    if name is not None and pattern is not None:
        reader.fault("a subject has a form or a pattern of its own, not both", "pattern")
    if country is not None and (name != "phone" or not re.fullmatch(r"\+[1-9][0-9]{0,3}", country)):
        reader.fault('country goes with form = "phone" and is written like +254', "country")
    if pattern is not None and (fault := pattern_fault(pattern)):
        reader.fault(f"{pattern!r} is no regular expression of RE2: {fault}", "pattern")
        return None
    if name is None and pattern is None:
        return None
    return Form(name=name or "", pattern=pattern or "", country=country or "")


def _place(
    reader: Table, source: SubjectSource, name: str, match: Match, asked: Mapping[str, object]
) -> None:
    if source in ("path", "object"):
        template = match.path if source == "path" else match.object
        if template is None and source not in asked:
            reader.fault(f"match has no {source}", "from", code="map.missing-parameter")
        elif template is not None and name not in template.names:
            has = ", ".join(template.names) or "none"
            message = f"{{{name}}} does not stand in {template.text!r}"
            reader.fault(message, "name", hint=f"Its open places: {has}", code="map.missing-parameter")
    elif source == "query" and match.path is None and (match.actions or match.object):
        reader.fault("an action or object has no query", "from", code="map.missing-parameter")
    elif source == "body" and not _POINTER.fullmatch(name):
        reader.fault(f"{name!r} is no JSON pointer", "name", hint="Write it like /customer/id (RFC 6901)")
    elif source == "statement" and not _COLUMN.fullmatch(name):
        reader.fault(f"{name!r} is no column name", "name")


def _categories(reader: Table, known: Mapping[str, Category], *, required: bool) -> tuple[str, ...]:
    keys = reader.texts("categories", some=True, required=required)
    for key in keys:
        if key not in known:
            message, hint = unknown_category(key, known)
            reader.fault(message, "categories", hint=hint, code="map.unknown-category")
    return keys


def _secondary(route: Table, known: Mapping[str, Category]) -> Secondary | None:
    reader = route.optional_table("secondary")
    if reader is None:
        return None
    found = Secondary(
        at_most=reader.integer("at_most", least=0, default=None),
        categories=_categories(reader, known, required=True),
    )
    reader.rest_unknown()
    return found


def _drafted_fields(route: Table, known: Mapping[str, Category]) -> tuple[DraftedField, ...]:
    found = []
    for reader in route.tables("fields"):
        found.append(
            DraftedField(
                at=reader.text("at"),
                category=reader.text("category", one_of=known),
                confidence=reader.text("confidence", one_of=CONFIDENCES),
            )
        )
        reader.rest_unknown()
    return tuple(found)


def _records(route: Table) -> Records | None:
    reader = route.optional_table("records")
    if reader is None:
        return None
    source = cast("RecordSource | None", reader.optional_text("from", one_of=RECORD_SOURCES)) or "log"
    name, at_most = reader.optional_text("name", most=256), reader.integer("at_most", least=0, default=None)
    if source != "log" and name is None and not reader.has("name"):
        reader.fault(f"name is missing: which {source} holds the number of records", "name")
    if source == "log" and name is not None:
        reader.fault("records from the log have no name", "name")
    reader.rest_unknown()
    return Records(source=source, name=name, at_most=at_most)


def spans_overlap(a: Route, b: Route) -> bool:
    """Whether there is an instant at which both routes held."""
    return _before(a.since, b.until) and _before(b.since, a.until)


def _before(start: datetime | None, end: datetime | None) -> bool:
    return start is None or end is None or start < end
