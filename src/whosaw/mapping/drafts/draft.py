"""A route that a program proposes: whose data it is held to return, and why it is thought so."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from whosaw.core.name_words import words_of
from whosaw.mapping.path_template import TemplateError, parse_template
from whosaw.mapping.route import Records, Secondary, Subject
from whosaw.packs.path_words import names_owner, script_of, words_of_page

from .answer import Answer, Parameter
from .field_hints import Hints
from .judge import Confidence, frame_of_path
from .judging import JudgedField, judge_answer, judge_open_place

__all__ = [
    "Draft",
    "DraftField",
    "LeftOut",
    "choose_subject",
    "draft_of_answer",
    "merge_drafts",
    "told_requests",
]

_OPEN = re.compile(r"\{([^{}]*)\}")
_COLUMN = re.compile(r"[A-Za-z_][A-Za-z0-9_$]{0,62}")
# an entry of a list that holds one of these may be about another person than the one asked for
_OF_OTHERS = frozenset({"identity.name", "contact.phone", "contact.email", "contact.address"})
_SHOWN = 3
_SUREST: tuple[Confidence, ...] = ("high", "medium", "low")


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftField:
    """A field that is held to be personal data, and how sure that is."""

    at: str
    category: str
    confidence: Confidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A proposed route. `why` holds one reason a sentence; `requests` is how many were seen, 0 for none.

    It matches a path, or for what is no HTTP an action and an object. `fields` are those that it was drafted from.
    """

    methods: tuple[str, ...] = ()
    path: str = ""
    query: tuple[tuple[str, str], ...] = ()  # parameters of which the page is one of several of its program
    action: str = ""
    object: str = ""
    subject: Subject
    categories: tuple[str, ...]
    secondary: Secondary | None = None
    records: Records | None = None
    why: tuple[str, ...] = ()
    requests: int = 0
    fields: tuple[DraftField, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """A request pattern that was looked at and not drafted, with the reason."""

    methods: tuple[str, ...]
    path: str
    why: str
    requests: int = 0


def told_requests(many: int) -> str:
    """1 request, 1,200 requests."""
    return f"{many:,} request{'' if many == 1 else 's'}"


def choose_subject(
    path: str, parameters: Sequence[Parameter], hints: Hints, *, is_list: bool, page: str | None = None
) -> tuple[Subject, Records | None, str]:
    """Where a request for `path` says whose data it is after, else the list's bound; and the reason. `page`: what a program is asked for,
    where the name of the program does not say it."""
    segments = path.split("/")[1:]
    open_places = 0
    for place, segment in enumerate(segments):
        for name in _OPEN.findall(segment):
            open_places += 1
            before = frame_of_path(segments[:place])
            if judge_open_place(name, before, hints).subject or _numbers_people(name, segments, place, hints):
                kind = hints.subject_kind(name) or (hints.subject_kind(before[-1]) if before else None)
                told = f"{{{name}}} stands behind {before[-1]!r}" if before else f"{{{name}}} names it"
                return Subject(source="path", name=name, kind=kind or "customer"), None, f"subject: {told}"
    if len(segments) > 1 and names_owner(segments[1]):  # /{username}/profile
        for name in _OPEN.findall(segments[0]):
            if hints.is_thing(name):
                continue
            told = f"{{{name}}} stands before {segments[1]!r}"
            return Subject(source="path", name=name, kind="customer"), None, f"subject: {told}"
    own = next((s for s in segments if hints.is_own(s)), None)
    if own is not None and not open_places:
        return Subject(source="principal"), None, f"subject: {own!r} in the path means whoever asks"
    for parameter in parameters:
        if judge_open_place(parameter.name, (), hints).subject:
            subject = Subject(
                source="header" if parameter.place == "header" else "query", name=parameter.name,
                kind=hints.subject_kind(parameter.name) or "customer", many=parameter.many,
            )  # fmt: skip
            return subject, None, f"subject: the {parameter.place} parameter {parameter.name!r}"
    about = _people_of_page(path, page, hints)
    asked = [each for each in parameters if each.place == "query" and _is_key(each.name, hints)]
    if about is not None:
        for parameter in asked or [each for each in parameters if hints.names_subject(each.name)]:
            kind = hints.subject_kind(parameter.name) or hints.subject_kind(about) or "customer"
            told = f"subject: the query parameter {parameter.name!r} of a page about {about!r}"
            return Subject(source="query", name=parameter.name, kind=kind, many=parameter.many), None, told
    if is_list:
        return (
            Subject(source="unknown"),
            _records(parameters, hints),
            "subject: a list, and nothing names who is in it",
        )
    if open_places or (asked and (page is not None or script_of(path) is not None)):
        why = "subject: one record, of somebody whom the request does not name"
        return Subject(source="unknown"), Records(source="log", at_most=1), why
    return Subject(source="principal"), None, "subject: one record and no id: held to be about whoever asks"


def _people_of_page(path: str, page: str | None, hints: Hints) -> str | None:
    """Whom a program's page is about, so that an id in its query is theirs as one behind `/customers/` is: `customer` of
    `/customer.php`, `/customers/edit.asp` and `/admin/showCustomer.jsp`. None for other paths, and for pages about things."""
    names = [page] if page is not None else [script_of(path), *path.split("/")[-2:-1]]
    if names[0] is None:
        return None
    for name in names:
        if name and (words := words_of_page(name)):
            own = hints.owner_of(words)
            return name if own is not None and own.row.role == "person" and own.end == len(words) else None
    return None


def _is_key(name: str, hints: Hints) -> bool:
    """Whether a name says that a number of something stands here: `id`, `customer_no`."""
    found = hints.bare.whole(words_of(name)[-1:])
    return found is not None and found.key


def _numbers_people(name: str, segments: Sequence[str], place: int, hints: Hints) -> bool:
    """Whether an open place right behind a word for people holds their number, whatever that is called: `/policyholders/{policyNo}`,
    `/patients/{mrn}`."""
    words = words_of(name)
    before = segments[place - 1] if place else ""
    if not words or "{" in before or hints.subject_kind(before) is None or hints.is_thing(name):
        return False
    own = hints.owner_of(words_of(before))
    if own is None or own.row.role != "person" or own.end < len(words_of(before)):
        return False
    bare = hints.bare.whole(words[-1:])
    return (bare is not None and bare.key) or (len(words) == 1 and hints.strong.whole(words) is not None)


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
        key = (draft.methods, f"{_OPEN.sub('{}', draft.path)} {draft.query} {draft.action} {draft.object}")
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
            fields=tuple(sorted({*held.fields, *draft.fields}, key=lambda each: (each.at, each.category))),
        )
    return tuple(sorted(merged.values(), key=_order))


def _order(
    draft: Draft,
) -> tuple[list[tuple[int, str]], bool, tuple[tuple[str, str], ...], tuple[str, ...], str, str]:
    """By path, with literal parts before open ones and one page of a program before all of it, so that the first route that fits is
    the closest."""
    parts = draft.path.split("/")[1:]
    return (
        [(2 if part == "*" else 1 if _OPEN.search(part) else 0, part) for part in parts],
        not draft.query,
        draft.query,
        draft.methods,
        draft.action,
        draft.object,
    )


def draft_of_answer(asked: Answer, hints: Hints) -> Draft | LeftOut:
    """A draft where a field of the answer is personal data, else the reason why there is none."""
    path, answer, source = asked.path, asked.fields, asked.source
    methods = (asked.method,) if path else ()
    try:
        if path:
            parse_template(path, path=True)
    except TemplateError as fault:
        return LeftOut(methods=methods, path=path, why=f"{source}: no template: {fault}")
    judged = [
        each
        for each in judge_answer(asked, hints)
        if each.names and not each.sent and each.category is not None
    ]
    if not judged:
        known = "no field looks like personal data" if answer.fields else "no fields are known"
        return LeftOut(methods=methods, path=path or asked.name, why=f"{source}: {known}")
    whole = _by_category(judged)
    subject, records, reason = _subject_of(asked, judged, hints)
    why = [f"{source}: {_told(category, found)}" for category, found in whole.items()]
    why.append(reason)
    secondary = None
    others = tuple(sorted(_OF_OTHERS & {str(each.category) for each in judged if each.in_list}))
    if subject.source not in ("unknown", "statement") and others:
        secondary = Secondary(at_most=answer.list_at_most, categories=others)
        bound = "" if answer.list_at_most is not None else ", and nothing says how many: give at_most"
        why.append(f"secondary: entries of a list may be about other people{bound}")
    why += sorted(answer.notes)
    return Draft(
        methods=methods, path=path, action=asked.action, object=asked.object, subject=subject,
        categories=tuple(whole), secondary=secondary, records=records, why=tuple(why),
        fields=tuple(
            DraftField(at=each.at, category=str(each.category), confidence=each.verdict.confidence) for each in judged
        ),
    )  # fmt: skip


def _by_category(judged: Sequence[JudgedField]) -> dict[str, list[JudgedField]]:
    whole: dict[str, list[JudgedField]] = {}
    for each in sorted(judged, key=lambda each: (str(each.category), each.names)):
        whole.setdefault(str(each.category), []).append(each)
    return whole


def _subject_of(
    asked: Answer, judged: Sequence[JudgedField], hints: Hints
) -> tuple[Subject, Records | None, str]:
    """The subject: of a request by its path and parameters; of a statement by the column that names the person."""
    if asked.path:
        return choose_subject(asked.path, asked.parameters, hints, is_list=asked.fields.listed)
    if asked.object:
        key = next(
            (each.names[-1] for each in judged if each.subject and _COLUMN.fullmatch(each.names[-1])), None
        )
        if key is None:
            return Subject(source="unknown"), None, "subject: no column says whose row it is"
        kind = hints.subject_kind(key) or hints.subject_kind(asked.name) or "customer"
        return Subject(source="statement", name=key, kind=kind), None, f"subject: the column {key!r}"
    for parameter in asked.parameters:
        if judge_open_place(parameter.name, asked.frame, hints).subject:
            kind = hints.subject_kind(parameter.name) or hints.subject_kind(asked.name) or "customer"
            why = f"subject: the argument {parameter.name!r}, which the log has to name as a field"
            return Subject(source="field", name=parameter.name, kind=kind, many=parameter.many), None, why
    if any(hints.is_own(each) for each in asked.frame):
        return Subject(source="principal"), None, f"subject: {asked.name!r} answers about whoever asks"
    return Subject(source="unknown"), None, "subject: no argument names a person"


def _told(category: str, found: Sequence[JudgedField]) -> str:
    """A category with the fields that suggest it and how sure the surest of them is."""
    names = [".".join(each.names) for each in found]
    sure = min((each.verdict.confidence for each in found), key=_SUREST.index)
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return f"{category} from {', '.join(names[:_SHOWN])}{more} ({sure})"
