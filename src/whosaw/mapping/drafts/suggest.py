"""Drafts a data map as TOML text from documents and logs. Each drafted route says that it is one, and why."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from whosaw.mapping.route import Records, Secondary, Subject

from .documents import answers_of_document
from .draft import Draft, DraftField, LeftOut, draft_of_answer, merge_drafts, told_requests
from .field_hints import load_hints
from .from_logs import PathCounts, drafts_of_paths

__all__ = ["Suggestion", "suggest_from_documents", "suggest_from_logs", "suggest_map"]

_LEFT_OUT_SHOWN = 50
_FIELDS_SHOWN = 100
_OPEN = re.compile(r"\{[^{}]*\}")
_VERSION = re.compile(r"v[0-9]+(?:\.[0-9]+)*")
_HEAD = """# A draft of a data map. Nothing in it has been checked by a person: go through each route, correct
# what it returned and since when, then take its draft line out. Counts made with drafts are drafts too.
"""
_NONE = """
# No route was drafted: nothing that was read says which pages are about a person. A scan without a map still counts
# lines, clients and coverage. To know whose data a page carried, write its route by hand, like this, or draft from an
# API document, a HAR file, a GraphQL schema, a FHIR resource or a schema in SQL (--document):
#
# [[route]]
# id = "customer"
# match = { method = "GET", path = "/customers/{id}" }
# subject = { from = "path", name = "id" }
# categories = ["identity.name", "contact.email"]
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """Drafted routes in the order of a map, what was looked at and not drafted, and the map as text."""

    drafts: tuple[Draft, ...]
    left_out: tuple[LeftOut, ...]
    text: str = field(repr=False)


def suggest_from_documents(paths: Sequence[Path]) -> tuple[Draft | LeftOut, ...]:
    """Drafts from OpenAPI 3 documents and HAR files. Raises `WhosawError` for a file that is neither."""
    hints = load_hints()
    return tuple(draft_of_answer(answer, hints) for path in paths for answer in answers_of_document(path))


def suggest_from_logs(counts: PathCounts) -> tuple[Draft | LeftOut, ...]:
    """Drafts from counts of paths."""
    return tuple(drafts_of_paths(counts, load_hints()))


def suggest_map(found: Iterable[Draft | LeftOut], notes: Sequence[str] = ()) -> Suggestion:
    """One map from all drafts, the same text for the same drafts; the first of a route names its subject.

    `notes` say what could not be used; they stand at the head.
    """
    entries = list(found)
    drafts = merge_drafts(entry for entry in entries if isinstance(entry, Draft))
    drafted = {(draft.methods, draft.path or draft.action) for draft in drafts if not draft.query}
    rest = {
        (entry.methods, entry.path): entry
        for entry in reversed(entries)
        if isinstance(entry, LeftOut) and (entry.methods, entry.path) not in drafted
    }
    left_out = tuple(sorted(rest.values(), key=lambda entry: (-entry.requests, entry.path, entry.methods)))
    return Suggestion(drafts=drafts, left_out=left_out, text=_text(drafts, left_out, notes))


def _text(drafts: tuple[Draft, ...], left_out: tuple[LeftOut, ...], notes: Sequence[str]) -> str:
    out = [_HEAD, *(f"# Note: {note}\n" for note in notes)]
    out += [] if drafts else [_NONE]
    taken: set[str] = set()
    out.extend(_route(draft, _identity(draft, taken)) for draft in drafts)
    if left_out:
        out.append(f"# Looked at and not drafted ({len(left_out):,}):")
        out += [f"#   {_comment(entry)}" for entry in left_out[:_LEFT_OUT_SHOWN]]
        if len(left_out) > _LEFT_OUT_SHOWN:
            out.append(f"#   and {len(left_out) - _LEFT_OUT_SHOWN:,} more")
        out.append("")
    return "\n".join(out)


def _route(draft: Draft, identity: str) -> str:
    match = [f"path = {_quoted(draft.path)}"] if draft.path else []
    if draft.query:
        match.append(
            f"query = {{ {', '.join(f'{_quoted(name)} = {_quoted(value)}' for name, value in draft.query)} }}"
        )
    match += [f"action = {_quoted(draft.action)}"] if draft.action else []
    match += [f"object = {_quoted(draft.object)}"] if draft.object else []
    if draft.methods:
        one = len(draft.methods) == 1
        methods = _quoted(draft.methods[0]) if one else _list(draft.methods)
        match.insert(0, f"method = {methods}")
    lines = [
        "[[route]]",
        f"id = {_quoted(identity)}",
        f"match = {{ {', '.join(match)} }}",
        f"subject = {{ {_subject(draft.subject)} }}",
        f"categories = {_list(draft.categories)}",
    ]
    if draft.secondary is not None:
        lines.append(f"secondary = {{ {_secondary(draft.secondary)} }}")
    if draft.records is not None:
        lines.append(f"records = {{ {_records(draft.records)} }}")
    if draft.fields:
        lines += ["fields = [", *(f"    {_field(each)}," for each in _shown(draft.fields)), "]"]
    lines += ["draft = true", f"why = {_quoted('; '.join(draft.why)[:1000])}", ""]
    return "\n".join(lines)


def _shown(fields: Sequence[DraftField]) -> Sequence[DraftField]:
    """The fields that a draft lists: each name and category once, so many at most."""
    return tuple({(each.at, each.category): each for each in fields}.values())[:_FIELDS_SHOWN]


def _field(found: DraftField) -> str:
    at, category = _quoted(found.at[:200]), _quoted(found.category)
    return f"{{ at = {at}, category = {category}, confidence = {_quoted(found.confidence)} }}"


def _subject(subject: Subject) -> str:
    parts = [f"from = {_quoted(subject.source)}"]
    if subject.name is not None:
        parts.append(f"name = {_quoted(subject.name)}")
    if subject.kind != "customer":
        parts.append(f"kind = {_quoted(subject.kind)}")
    if subject.many:
        parts.append("many = true")
    return ", ".join(parts)


def _secondary(secondary: Secondary) -> str:
    bound = f"at_most = {secondary.at_most}, " if secondary.at_most is not None else ""
    return f"{bound}categories = {_list(secondary.categories)}"


def _records(records: Records) -> str:
    parts = [] if records.source == "log" else [f"from = {_quoted(records.source)}"]
    if records.name is not None:
        parts.append(f"name = {_quoted(records.name)}")
    if records.at_most is not None:
        parts.append(f"at_most = {records.at_most}")
    return ", ".join(parts)


def _identity(draft: Draft, taken: set[str]) -> str:
    """An id from the words of the path, the method where it is not GET, a number where it is taken."""
    places = [s for s in draft.path.split("/") if "{" not in s] + [
        _OPEN.sub("", draft.object).rpartition(".")[2],
        draft.action,
        *(value for _, value in draft.query),
    ]
    words = [w for s in places for w in re.findall(r"[A-Za-z0-9]+", s)]
    words = [word.lower() for word in words if word.lower() != "api" and not _VERSION.fullmatch(word.lower())]
    if draft.methods and draft.methods != ("GET",):
        words.append(draft.methods[0].lower())
    if draft.path.endswith("}") and draft.subject.source == "path":
        words.append("one")
    base = "-".join(words)[:100].strip("-") or "root"
    identity, number = base, 1
    while identity in taken:
        number += 1
        identity = f"{base}-{number}"
    taken.add(identity)
    return identity


def _comment(entry: LeftOut) -> str:
    requests = f", {told_requests(entry.requests)}" if entry.requests else ""
    text = f"{' '.join(entry.methods)} {entry.path}{requests}: {entry.why}".strip()
    return "".join(sign if sign.isprintable() else "?" for sign in text)[:300]


def _list(texts: Iterable[str]) -> str:
    return "[" + ", ".join(_quoted(text) for text in texts) + "]"


def _quoted(text: str) -> str:
    """A TOML basic string (TOML 1.0, section String)."""
    out = []
    for sign in text:
        code = ord(sign)
        if sign in ('"', "\\"):
            out.append("\\" + sign)
        elif code < 32 or code == 127:
            out.append(f"\\u{code:04x}")
        elif 0xD800 <= code <= 0xDFFF:
            out.append("\ufffd")
        else:
            out.append(sign)
    return '"' + "".join(out) + '"'
