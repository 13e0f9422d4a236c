"""What one operation of a document answers with: its parameters and the fields of the answer."""

from __future__ import annotations

from dataclasses import dataclass, field

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
    """An operation of a document; `source` is the kind of document.

    A table of a schema and a type of GraphQL have no method and no path: `frame` names them.
    """

    method: str = ""
    path: str = ""
    parameters: tuple[Parameter, ...] = ()
    fields: AnswerFields
    sent: AnswerFields = field(default_factory=AnswerFields)  # of the request
    source: str
    name: str = ""  # of an operation that is told by its name
    action: str = ""  # what a log calls the operation, where it is no path
    object: str = ""  # and what it is done to
    at: str = "$."  # what stands before the names of fields
    frame: tuple[str, ...] = ()  # words around the fields, the outermost first, where the path does not say
