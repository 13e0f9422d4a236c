"""A route that a program proposes: whose data it is held to return, and why it is thought so."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from whosaw.mapping.path_template import TemplateError, parse_template
from whosaw.mapping.route import Records, Secondary, Subject

from .answer import Answer, Parameter
from .field_hints import Hints, words_of
from .json_fields import suggest_categories

__all__ = ["Draft", "LeftOut", "choose_subject", "draft_of_answer", "merge_drafts"]

# words of a parameter's name that say nothing about whom it stands for
_GENERIC = frozenset({
    "id", "ids", "no", "num", "number", "nr", "key", "code", "uuid", "guid", "hex", "token", "mail",
    "email", "phone", "sn", "seq", "idx", "index", "ref", "pk", "name", "word"
})  # fmt: skip
_PERSON_KINDS = frozenset({"mail", "phone"})
_OPEN = re.compile(r"\{([^{}]*)\}")
# an entry of a list that holds one of these may be about another person than the one asked for
_OF_OTHERS = frozenset({"identity.name", "contact.phone", "contact.email", "contact.address"})
_SHOWN = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A proposed route. `why` holds one reason a sentence; `requests` is how many were seen, 0 for none."""

    methods: tuple[str, ...]
    path: str
    subject: Subject
    categories: tuple[str, ...]
    secondary: Secondary | None = None
    records: Records | None = None
    why: tuple[str, ...] = ()
    requests: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """A request pattern that was looked at and not drafted, with the reason."""

    methods: tuple[str, ...]
    path: str
    why: str
    requests: int = 0


def choose_subject(
    path: str, parameters: Sequence[Parameter], hints: Hints, *, is_list: bool
) -> tuple[Subject, Records | None, str]:
    """Where a request for `path` says whose data it is after, else the list's bound; and the reason."""
    segments = path.split("/")[1:]
    open_places = 0
    for place, segment in enumerate(segments):
        for name in _OPEN.findall(segment):
            open_places += 1
            before = next((s for s in reversed(segments[:place]) if not _OPEN.search(s)), "")
            if kind := _kind_of(name, before, hints):
                told = f"{{{name}}} stands behind {before!r}" if before else f"{{{name}}} names it"
                return Subject(source="path", name=name, kind=kind), None, f"subject: {told}"
    own = next((s for s in segments if hints.is_own(s)), None)
    if own is not None and not open_places:
        return Subject(source="principal"), None, f"subject: {own!r} in the path means whoever asks"
    for parameter in parameters:
        words = [word for word in words_of(parameter.name) if word not in _GENERIC]
        kind = hints.subject_kind(parameter.name) if words or len(words_of(parameter.name)) == 1 else None
        category = hints.field_category(parameter.name)
        if kind or category in ("contact.email", "contact.phone", "identity.number", "identity.username"):
            subject = Subject(
                source="header" if parameter.place == "header" else "query", name=parameter.name,
                kind=kind or "customer", many=parameter.many,
            )  # fmt: skip
            return subject, None, f"subject: the {parameter.place} parameter {parameter.name!r}"
    if is_list:
        return (
            Subject(source="unknown"),
            _records(parameters, hints),
            "subject: a list, and nothing names who is in it",
        )
    if open_places:
        why = "subject: one record, of somebody whom the request does not name"
        return Subject(source="unknown"), Records(source="log", at_most=1), why
    return Subject(source="principal"), None, "subject: one record and no id: held to be about whoever asks"


def _kind_of(name: str, before: str, hints: Hints) -> str | None:
    """The kind of person at an open place: by its own name, else by the word before it."""
    own_words = [word for word in words_of(name) if word not in _GENERIC]
    if own_words:
        return hints.subject_kind(name)
    kind = hints.subject_kind(before) if before else None
    if kind is None and name in _PERSON_KINDS:
        return "customer"
    return kind


def _records(parameters: Sequence[Parameter], hints: Hints) -> Records | None:
    sizes = [
        parameter for parameter in parameters if parameter.place == "query" and hints.is_size(parameter.name)
    ]
    if not sizes:
        return None
    return Records(source="query", name=sizes[0].name, at_most=sizes[0].at_most)


def merge_drafts(drafts: Iterable[Draft]) -> tuple[Draft, ...]:
    """One draft for each method and shape of path: categories and reasons joined, the first subject kept."""
    merged: dict[tuple[tuple[str, ...], str], Draft] = {}
    for draft in drafts:
        key = (draft.methods, _OPEN.sub("{}", draft.path))
        held = merged.get(key)
        if held is None:
            merged[key] = draft
            continue
        merged[key] = replace(
            held,
            categories=tuple(sorted({*held.categories, *draft.categories})),
            secondary=held.secondary or draft.secondary,
            records=held.records or (draft.records if held.subject.source == "unknown" else None),
            why=tuple(dict.fromkeys((*held.why, *draft.why))),
            requests=held.requests + draft.requests,
        )
    return tuple(sorted(merged.values(), key=_order))


def _order(draft: Draft) -> tuple[list[tuple[int, str]], tuple[str, ...]]:
    """By path, with literal parts before open ones, so that the first route that fits is the closest."""
    parts = draft.path.split("/")[1:]
    return [(2 if part == "*" else 1 if _OPEN.search(part) else 0, part) for part in parts], draft.methods


def draft_of_answer(asked: Answer, hints: Hints) -> Draft | LeftOut:
    """A draft where a field of the answer is personal data, else the reason why there is none."""
    path, answer, source = asked.path, asked.fields, asked.source
    methods = (asked.method,)
    try:
        parse_template(path, path=True)
    except TemplateError as fault:
        return LeftOut(methods=methods, path=path, why=f"{source}: no template: {fault}")
    whole, listed = suggest_categories(answer, hints)
    if not whole:
        known = "no field looks like personal data" if answer.fields else "no fields are known"
        return LeftOut(methods=methods, path=path, why=f"{source}: {known}")
    subject, records, reason = choose_subject(path, asked.parameters, hints, is_list=answer.listed)
    why = [f"{source}: {_fields(category, names)}" for category, names in sorted(whole.items())]
    why.append(reason)
    secondary = None
    others = tuple(sorted(_OF_OTHERS & listed.keys()))
    if subject.source != "unknown" and others:
        secondary = Secondary(at_most=answer.list_at_most, categories=others)
        bound = "" if answer.list_at_most is not None else ", and nothing says how many: give at_most"
        why.append(f"secondary: entries of a list may be about other people{bound}")
    why += sorted(answer.notes)
    return Draft(
        methods=methods, path=path, subject=subject, categories=tuple(sorted(whole)), secondary=secondary,
        records=records, why=tuple(why),
    )  # fmt: skip


def _fields(category: str, names: Sequence[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return f"{category} from {', '.join(names[:_SHOWN])}{more}"
