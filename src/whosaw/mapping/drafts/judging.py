"""What is thought of each field of a document: the same that drafts are made from, field by field."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .documents import answers_of_document
from .draft import choose_subject
from .field_hints import Hints

__all__ = ["JudgedField", "judged_fields"]


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedField:
    """A field and what it is held to be. `operation` is method and path; `at` is `$.a.b` in an answer, `{x}` in a path."""

    operation: str
    at: str
    category: str | None  # None: not personal
    subject: bool  # it says whose data the record is


def judged_fields(path: Path, hints: Hints) -> Iterator[JudgedField]:
    """Every field of a document. Raises `WhosawError` where the document is of no known kind."""
    for answer in answers_of_document(path):
        operation = f"{answer.method} {answer.path}"
        subject, _, _ = choose_subject(answer.path, answer.parameters, hints, is_list=answer.fields.listed)
        if subject.source == "path":
            yield JudgedField(
                operation=operation, at=f"{{{subject.name}}}", category="identity.number", subject=True
            )
        for names, (form, _) in sorted(answer.fields.fields.items()):
            category = hints.field_category(names[-1], form=form, under=names[:-1])
            yield JudgedField(
                operation=operation, at="$." + ".".join(names), category=category, subject=False
            )
