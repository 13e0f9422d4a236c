"""The fields of a JSON answer or schema: their names and kinds, never their values."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from whosaw.mapping.path_shape import part_kind

__all__ = ["AnswerFields", "Field", "fields_of_json"]

_MAX_DEPTH = 12
_MAX_FIELDS = 5_000
_MOST_APART = 20  # items of a list that are told apart
_FORM_OF_KIND = {"mail": "email", "phone": "phone"}
# what stands beside a value and says of what kind it is: of FHIR, SCIM, TM Forum; these words are kept
_TELLING = ("system", "role")


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A field of an answer. `told` is a word that the document itself writes beside it: a code system, a role."""

    form: str | None = None
    kind: str | None = None  # its type: "string", "boolean", ...
    in_list: bool = False
    told: str = ""


@dataclass(slots=True)
class AnswerFields:
    """What an answer is made of.

    `listed` says that its records stand in a list; `fields` holds each field by the names on the way to it, where
    `[1]` behind a name is one item of a list whose items are of different kinds.
    """

    listed: bool = False
    fields: dict[tuple[str, ...], Field] = field(default_factory=dict)
    list_at_most: int | None = None
    notes: set[str] = field(default_factory=set)

    @property
    def full(self) -> bool:
        return len(self.fields) >= _MAX_FIELDS

    def add(self, path: tuple[str, ...], found: Field) -> None:
        if self.full:
            self.notes.add(f"only the first {_MAX_FIELDS:,} fields were looked at")
        elif path:
            held = self.fields.get(path, found)
            self.fields[path] = Field(
                form=held.form or found.form,
                kind=held.kind if held.kind == found.kind else None,
                in_list=held.in_list or found.in_list,
                told=held.told or found.told,
            )


def fields_of_json(document: Any, into: AnswerFields) -> None:
    """Add the field names of one JSON answer."""
    into.listed = into.listed or is_list_document(document)
    for path, value, in_list, told in _walk(document, (), "", in_list=False, depth=0):
        kind = part_kind(value) if isinstance(value, str) else None
        into.add(
            path,
            Field(
                form=_FORM_OF_KIND.get(kind or ""),
                kind=_type_of(value),
                in_list=in_list,
                told=told.lower()[:200],
            ),
        )


def _type_of(value: Any) -> str | None:
    if isinstance(value, bool):
        return "boolean"
    return "string" if isinstance(value, str) else "number" if isinstance(value, int | float) else None


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
    value: Any, path: tuple[str, ...], told: str, *, in_list: bool, depth: int
) -> Iterator[tuple[tuple[str, ...], Any, bool, str]]:
    if depth > _MAX_DEPTH:
        return
    if isinstance(value, dict):
        own = next((value[name] for name in _TELLING if isinstance(value.get(name), str)), "")
        for name, inner in value.items():
            yield from _walk(inner, (*path, str(name)), own, in_list=in_list, depth=depth + 1)
    elif isinstance(value, list):
        apart = len(value) <= _MOST_APART and any(
            isinstance(inner, dict) and any(name in inner for name in _TELLING) for inner in value
        )
        for at, inner in enumerate(value[:50]):
            here = (*path[:-1], f"{path[-1]}[{at}]") if apart and path and len(value) > 1 else path
            yield from _walk(inner, here, told, in_list=True, depth=depth + 1)
    else:
        yield path, value, in_list, told
