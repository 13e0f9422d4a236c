"""The fields of logs whose lines are JSON objects: what the log itself holds of people."""

from __future__ import annotations

import json
from collections.abc import Iterator

from .answer import Answer
from .json_fields import AnswerFields, fields_of_json

__all__ = ["answers_of_json_lines", "is_json_lines"]

_MOST_LINES = 1_000
_DOCUMENTS = frozenset({"openapi", "swagger", "resourceType"})


def is_json_lines(text: str) -> bool:
    """Whether the first lines are JSON objects, each its own, and not the one line of another document."""
    lines = [line for line in text[:100_000].splitlines() if line.strip()][:3]
    try:
        read = [json.loads(line) for line in lines]
        return bool(read) and all(isinstance(each, dict) and not _DOCUMENTS & each.keys() for each in read)
    except (ValueError, RecursionError):
        return False


def answers_of_json_lines(text: str) -> Iterator[Answer]:
    """One answer with the fields of all lines."""
    found = AnswerFields(listed=True)
    for line in text.splitlines()[:_MOST_LINES]:
        try:
            fields_of_json(json.loads(line), found)
        except (ValueError, RecursionError):
            continue  # a line that is no JSON has no fields
    yield Answer(fields=found, source="log", frame=("access log",))
