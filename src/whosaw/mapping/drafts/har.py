"""Answers from HAR files: what a browser really got back. Names of fields are read, values are never kept."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from whosaw.core.errors import Where, WhosawError
from whosaw.mapping.path_shape import template_of_path

from .answer import Answer, Parameter
from .graphql_calls import Operation, operations_of
from .json_fields import AnswerFields, fields_of_json

__all__ = ["answers_of_har"]

_MAX_BODY = 16 << 20


def answers_of_har(document: Any, *, name: str) -> Iterator[Answer]:
    """What each method and path template answered, where that was JSON, and each operation of GraphQL; sorted."""
    log = document.get("log") if isinstance(document, dict) else None
    entries = log.get("entries") if isinstance(log, dict) else None
    if not isinstance(entries, list):
        raise WhosawError("suggest.not-har", "is no HAR file", where=Where(file=name))
    answers: dict[tuple[str, str], AnswerFields] = {}
    requests: dict[tuple[str, str], AnswerFields] = {}
    graphql: dict[str, _Named] = {}
    parameters: dict[tuple[str, str], dict[str, Parameter]] = {}
    for entry in entries:
        found = _entry(entry)
        if found is None:
            continue
        method, url, body, sent = found
        if operations := operations_of(sent, body):
            for operation in operations:
                _add_operation(graphql, operation)
            continue
        parts = urlsplit(url)
        key = (method, template_of_path(parts.path or "/"))
        fields_of_json(body, answers.setdefault(key, AnswerFields()))
        fields_of_json(sent, requests.setdefault(key, AnswerFields()))
        named = parameters.setdefault(key, {})
        for parameter, _ in parse_qsl(parts.query, keep_blank_values=True):
            named.setdefault(parameter, Parameter(place="query", name=parameter))
    for called, recorded in sorted(graphql.items()):
        yield Answer(
            name=called, action=called, fields=recorded.fields, source="HAR", frame=(called,),
            parameters=tuple(Parameter(place="argument", name=each) for each in sorted(recorded.arguments)),
        )  # fmt: skip
    for (method, path), answer in sorted(answers.items()):
        ordered = tuple(parameter for _, parameter in sorted(parameters[method, path].items()))
        yield Answer(
            method=method,
            path=path,
            parameters=ordered,
            fields=answer,
            sent=requests[method, path],
            source="HAR",
        )


@dataclass(slots=True)
class _Named:
    """What was recorded of one GraphQL operation."""

    arguments: set[str] = field(default_factory=set)
    fields: AnswerFields = field(default_factory=AnswerFields)


def _add_operation(graphql: dict[str, _Named], operation: Operation) -> None:
    held = graphql.setdefault(operation.name, _Named())
    held.arguments |= set(operation.arguments)
    fields_of_json(operation.data, held.fields)


def _entry(entry: Any) -> tuple[str, str, Any, Any] | None:
    """Method, URL and JSON body of an entry that succeeded and carried one, and what was sent for it."""
    try:
        method, url = entry["request"]["method"], entry["request"]["url"]
        status, content = entry["response"]["status"], entry["response"]["content"]
        text = content["text"]
        if content.get("encoding") == "base64":
            text = base64.b64decode(text, validate=True).decode("utf-8")
        if not (200 <= status < 300 and len(text) <= _MAX_BODY and text.lstrip()[:1] in ("{", "[")):
            return None
        urlsplit(url)
        return str(method).upper(), str(url), json.loads(text), _sent(entry["request"])
    except (KeyError, TypeError, AttributeError, ValueError, binascii.Error, RecursionError):
        # an entry without a JSON answer says nothing about fields; a HAR file is full of such
        return None


def _sent(request: Any) -> Any:
    """The JSON or the form that a request carried; None where it carried neither."""
    posted = request.get("postData")
    if not isinstance(posted, dict):
        return None
    if isinstance(posted.get("params"), list):
        return {str(each["name"]): each.get("value") for each in posted["params"] if "name" in each}
    text = posted.get("text")
    if not isinstance(text, str) or len(text) > _MAX_BODY:
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
