"""What one operation of a document answers with: its parameters and the fields of the answer."""

from __future__ import annotations

from dataclasses import dataclass

from .json_fields import AnswerFields

__all__ = ["Answer", "Parameter"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """A parameter beside the path: of the query or a header."""

    place: str  # "query" or "header"
    name: str
    at_most: int | None = None  # a maximum that is stated for it
    many: bool = False  # it takes a list


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An operation of a document; `source` is the kind of document."""

    method: str
    path: str
    parameters: tuple[Parameter, ...] = ()
    fields: AnswerFields
    source: str
