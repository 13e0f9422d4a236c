"""Operations of GraphQL in a request and its answer: by name, so that not all of them are one `POST /graphql`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

__all__ = ["Operation", "operations_of"]

_NAMED = re.compile(r"\b(?:query|mutation)\s+([A-Za-z_]\w*)")
_FIRST = re.compile(r"\{\s*(?:[A-Za-z_]\w*\s*:\s*)?([A-Za-z_]\w*)")
_NAME = re.compile(r"[A-Za-z_]\w{0,127}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """The name that the client gave, else the first field it asks for; the names of its variables; what came back."""

    name: str
    arguments: tuple[str, ...]
    data: Any


def operations_of(sent: Any, answer: Any) -> tuple[Operation, ...]:
    """The operations of one request, which may be a batch; none where it is no GraphQL."""
    many = sent if isinstance(sent, list) else [sent]
    answers = answer if isinstance(sent, list) and isinstance(answer, list) else [answer]
    return tuple(_operations(many, answers))


def _operations(many: list[Any], answers: list[Any]) -> Iterator[Operation]:
    for call, told in zip(many, answers, strict=False):
        if not isinstance(call, dict) or not isinstance(told, dict) or "data" not in told:
            continue
        query, name, variables = call.get("query"), call.get("operationName"), call.get("variables")
        text = query if isinstance(query, str) else ""
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            found = _NAMED.search(text) or _FIRST.search(text)
            if found is None:
                continue
            name = found.group(1)
        names = variables if isinstance(variables, dict) else {}
        yield Operation(name=name, arguments=tuple(sorted(map(str, names))), data=told["data"])
