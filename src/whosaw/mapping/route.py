"""What a data map says about one kind of request."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from .path_template import Template
from .subject_form import Form

__all__ = [
    "CONFIDENCES",
    "RECORD_SOURCES",
    "SUBJECT_SOURCES",
    "DraftedField",
    "Match",
    "RecordSource",
    "Records",
    "Route",
    "Secondary",
    "Subject",
    "SubjectSource",
]

SubjectSource = Literal[
    "principal", "path", "query", "header", "field", "body", "object", "statement", "unknown"
]
RecordSource = Literal["query", "header", "field", "log"]
SUBJECT_SOURCES: tuple[SubjectSource, ...] = (
    "principal", "path", "query", "header", "field", "body", "object", "statement", "unknown",
)  # fmt: skip
CONFIDENCES: tuple[str, ...] = ("high", "medium", "low")
RECORD_SOURCES: tuple[RecordSource, ...] = ("query", "header", "field", "log")


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """Which events belong to a route; what is empty or None is not asked for."""

    methods: tuple[str, ...] = ()
    other_methods: tuple[str, ...] = ()  # what these do at this path shows nobody: never even possibly a view
    host: str | None = None  # lower case; a leading `*.` stands for any host below
    path: Template | None = None
    actions: tuple[str, ...] = ()  # each exact, or with a closing *
    object: Template | None = None
    query: tuple[tuple[str, str], ...] = ()  # name and decoded value; the value * asks for presence only
    ignore_case: bool = False  # of the path
    encoded_slash: bool = False  # %2F in a path parts segments as / does
    matrix: bool = True  # what follows ; in a segment is a parameter, no part of the path
    tail: bool | None = None  # further segments are the page's own; None: it may be so where they name a file


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """Where an event says whose data it carried."""

    source: SubjectSource
    name: str | None = None
    kind: str = "customer"
    many: bool = False  # several values name several persons
    separator: str = ","  # between values in one text, where `many`
    own: tuple[str, ...] = ()  # values such as "me" that mean the principal
    strip_prefix: str = ""  # cut off, so that "u42" and "42" are one person
    form: Form | None = None  # how the server reads the id; None: as it was sent


@dataclass(frozen=True, slots=True, kw_only=True)
class Secondary:
    """Further persons shown beside each subject. `at_most` is None where no bound is known."""

    at_most: int | None
    categories: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    """How many records one response holds: what the event says, never more than `at_most`."""

    source: RecordSource
    name: str | None = None
    at_most: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftedField:
    """A field that a draft was made from, and how sure it is that it holds what is said."""

    at: str
    category: str
    confidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """A request pattern, with what it returned about whom, from `since` (in) to `until` (out)."""

    id: str
    match: Match
    subject: Subject
    categories: tuple[str, ...]
    secondary: Secondary | None = None
    records: Records | None = None
    since: datetime | None = None
    until: datetime | None = None
    draft: bool = False
    why: str = ""
    fields: tuple[DraftedField, ...] = ()  # of a draft; nothing is counted by them
    line: int | None = None

    def all_categories(self) -> tuple[str, ...]:
        """Of the subject and of secondary subjects, sorted, each once."""
        more = self.secondary.categories if self.secondary else ()
        return tuple(sorted({*self.categories, *more}))
