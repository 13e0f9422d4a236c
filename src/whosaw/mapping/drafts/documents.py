"""Which kind of document a file is, and what its operations answer with."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from whosaw.core.errors import Where, WhosawError

from .answer import Answer
from .har import answers_of_har
from .openapi import answers_of_openapi, read_document

__all__ = ["answers_of_document"]


def answers_of_document(path: Path) -> Iterator[Answer]:
    """Every operation of an OpenAPI 3 document or a HAR file. Raises `WhosawError` for a file that is neither."""
    document = read_document(path)
    if isinstance(document, dict) and ("openapi" in document or "swagger" in document):
        return answers_of_openapi(document, name=str(path))
    if isinstance(document, dict) and "log" in document:
        return answers_of_har(document, name=str(path))
    raise WhosawError(
        "suggest.unknown-document",
        "is no OpenAPI document and no HAR file",
        hint="Give an OpenAPI 3 document (JSON or YAML) or a HAR file",
        where=Where(file=str(path)),
    )
