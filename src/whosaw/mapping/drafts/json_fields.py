"""The fields of a JSON answer or schema: their names and kinds, never their values."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from whosaw.mapping.path_shape import part_kind

from .field_hints import Hints

__all__ = ["AnswerFields", "fields_of_json", "suggest_categories"]

_MAX_DEPTH = 12
_MAX_FIELDS = 5_000
_FORM_OF_KIND = {"mail": "email", "phone": "phone"}


@dataclass(slots=True)
class AnswerFields:
    """What an answer is made of.

    `listed` says that its records stand in a list; `fields` holds, by the names on the way to a
    field, its format and whether it stands inside a list.
    """

    listed: bool = False
    fields: dict[tuple[str, ...], tuple[str | None, bool]] = field(default_factory=dict)
    list_at_most: int | None = None
    notes: set[str] = field(default_factory=set)

    @property
    def full(self) -> bool:
        return len(self.fields) >= _MAX_FIELDS

    def add(self, path: tuple[str, ...], form: str | None, *, in_list: bool) -> None:
        if self.full:
            self.notes.add(f"only the first {_MAX_FIELDS:,} fields were looked at")
        elif path:
            held = self.fields.get(path, (None, False))
            self.fields[path] = (held[0] or form, held[1] or in_list)


def fields_of_json(document: Any, into: AnswerFields) -> None:
    """Add the field names of one JSON answer."""
    into.listed = into.listed or is_list_document(document)
    for path, value, in_list in _walk(document, (), in_list=False, depth=0):
        kind = part_kind(value) if isinstance(value, str) else None
        into.add(path, _FORM_OF_KIND.get(kind or ""), in_list=in_list)


def is_list_document(document: Any) -> bool:
    """A list, or an object that is a wrapper around one list and holds no other object."""
    if isinstance(document, list):
        return True
    if not isinstance(document, dict):
        return False
    lists = [value for value in document.values() if isinstance(value, list)]
    objects = [value for value in document.values() if isinstance(value, dict)]
    return (
        len(lists) == 1
        and all(not isinstance(v, dict | list) for o in objects for v in o.values())
        and (bool(lists[0]) and isinstance(lists[0][0], dict))
    )


def _walk(
    value: Any, path: tuple[str, ...], *, in_list: bool, depth: int
) -> Iterator[tuple[tuple[str, ...], Any, bool]]:
    if depth > _MAX_DEPTH:
        return
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _walk(inner, (*path, str(name)), in_list=in_list, depth=depth + 1)
    elif isinstance(value, list):
        for inner in value[:50]:
            yield from _walk(inner, path, in_list=True, depth=depth + 1)
    else:
        yield path, value, in_list


def suggest_categories(
    answer: AnswerFields, hints: Hints
) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """Categories with the fields that suggest them: of the whole answer, and of entries in lists."""
    whole: dict[str, list[str]] = {}
    listed: dict[str, list[str]] = {}
    for path, (form, in_list) in sorted(answer.fields.items()):
        category = hints.field_category(path[-1], form=form, under=path[:-1])
        if category is None:
            continue
        whole.setdefault(category, []).append(".".join(path))
        if in_list:
            listed.setdefault(category, []).append(".".join(path))
    return whole, listed
