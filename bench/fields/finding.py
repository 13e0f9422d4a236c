"""Finds the field that a verdict is about among those that `map suggest` judged in the document."""

from __future__ import annotations

import re
from collections.abc import Iterable

from whosaw.mapping.drafts.judging import JudgedField

from .truth import Truth

__all__ = ["field_of"]

_OPEN = re.compile(r"\{[^{}]*\}")
_ITEM = re.compile(r"\[\d*\]")


def field_of(truth: Truth, fields: Iterable[JudgedField]) -> JudgedField | None:
    """The judged field that stands where the verdict says, None where the document was not read so far."""
    here = [each for each in fields if _same_operation(truth.operation, each.operation)]
    exact = [each for each in here if each.at == _place(truth, each)]
    if exact:
        return exact[0]
    bare = [each for each in here if _bare(each.at) == _bare(_place(truth, each))]
    return bare[0] if bare else None


def _bare(at: str) -> str:
    return _ITEM.sub("", at).removeprefix("$").removeprefix(".")


def _same_operation(wanted: str, have: str) -> bool:
    """Same method, and one path with open places where the other has values; the document may put a base before it."""
    if " " not in wanted or " " not in have:
        return wanted == have or not wanted
    method, _, path = wanted.partition(" ")
    other, _, whole = have.partition(" ")
    ours, theirs = path.split("/")[1:], whole.partition("?")[0].split("/")[1:]
    tail = theirs[len(theirs) - len(ours) :] if len(theirs) >= len(ours) else []
    return (
        method == other
        and len(tail) == len(ours)
        and all(a == b or _OPEN.search(a) or _OPEN.search(b) for a, b in zip(ours, tail, strict=True))
    )


def _place(truth: Truth, field: JudgedField) -> str:
    """Where the verdict says the field stands; an open place of a path has the name that the document gave it."""
    if not (truth.at.startswith("{") and " " in truth.operation):
        return truth.at
    ours = truth.operation.partition(" ")[2].split("/")
    theirs = field.operation.partition(" ")[2].split("/")
    place = next((at for at, part in enumerate(ours) if truth.at in part), None)
    if place is None or len(theirs) < len(ours):
        return truth.at
    found = _OPEN.search(theirs[len(theirs) - len(ours) + place])
    return found.group() if found else truth.at
