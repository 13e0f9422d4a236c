"""Which kind of document a file is, and what its operations answer with."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from whosaw.core.errors import Where, WhosawError

from .answer import Answer
from .fhir import answers_of_fhir, is_fhir
from .graphql import answers_of_graphql, is_graphql, types_of_graphql
from .har import answers_of_har
from .json_lines import answers_of_json_lines, is_json_lines
from .openapi import answers_of_openapi
from .reading import parsed, text_of
from .tables import answers_of_tables, is_tables

__all__ = ["answers_of_document", "parts_of_document"]


def answers_of_document(path: Path) -> Iterator[Answer]:
    """What each operation of a document answers with. Raises `WhosawError` for a file of no known kind."""
    return _answers(path, whole=True)


def parts_of_document(path: Path) -> Iterator[Answer]:
    """The same, and of a GraphQL schema each type by itself, so that every field stands once."""
    return _answers(path, whole=False)


def _answers(path: Path, *, whole: bool) -> Iterator[Answer]:
    text = text_of(path)
    first = text.lstrip()[:1]
    if first not in ("{", "["):
        if is_tables(text):
            return answers_of_tables(text)
        if is_graphql(text):
            return answers_of_graphql(text) if whole else types_of_graphql(text)
    if not whole and first == "{" and is_json_lines(text):
        return answers_of_json_lines(text)
    document = parsed(text, path)
    if is_fhir(document):
        return answers_of_fhir(document)
    if isinstance(document, dict) and ("openapi" in document or "swagger" in document):
        return answers_of_openapi(document, name=str(path))
    if isinstance(document, dict) and "log" in document:
        return answers_of_har(document, name=str(path))
    raise WhosawError(
        "suggest.unknown-document",
        "is no document that a map can be drafted from",
        hint="Give an OpenAPI or Swagger document (JSON or YAML), a HAR file, a GraphQL schema, a FHIR resource or a schema in SQL",
        where=Where(file=str(path)),
    )
