"""A draft of a map gone through route by route: accepted, edited or rejected. What was not yet decided stays a draft in the file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from whosaw.core.errors import FaultsError, WhosawError
from whosaw.packs.toml_file import parse_toml

__all__ = ["Waiting", "accepted", "edited", "rejected", "waiting_in"]

EDITABLE = ("match", "subject", "categories", "secondary", "records", "since", "until")
_START = re.compile(r"^\[\[route\]\][ \t]*(?:#.*)?$", re.MULTILINE)
_KEY = re.compile(r"^([A-Za-z_]+)[ \t]*=", re.MULTILINE)
_OF_DRAFTS = ("draft", "why", "fields")


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A drafted route that nobody has decided on. `values` are those of its table, `text` how it stands in the file."""

    id: str
    values: dict[str, Any]
    text: str

    @property
    def fields(self) -> tuple[dict[str, str], ...]:
        """The fields it was drafted from, the least sure first."""
        order = {"low": 0, "medium": 1, "high": 2}
        told = [each for each in self.values.get("fields", ()) if isinstance(each, dict)]
        return tuple(sorted(told, key=lambda each: order.get(str(each.get("confidence")), 0)))

    @property
    def confidence(self) -> str:
        """That of its least sure field; low where none is known."""
        return str(self.fields[0].get("confidence", "low")) if self.fields else "low"


def waiting_in(text: str) -> tuple[Waiting, ...]:
    """The drafts of a map that wait, in file order."""
    return tuple(
        Waiting(id=str(values.get("id")), values=values, text=text[start:end])
        for start, end, values in _routes(text)
        if values.get("draft") is True
    )


def accepted(text: str, identity: str) -> str:
    """The map with this draft made a route: what marks it as one is taken out."""
    start, end, _ = _draft(text, identity)
    block = text[start:end]
    for name in _OF_DRAFTS:
        block = _without(block, name)
    return text[:start] + block + text[end:]


def rejected(text: str, identity: str) -> str:
    """The map without this draft; a comment says that it was looked at."""
    start, end, values = _draft(text, identity)
    match = values.get("match", {})
    method, place = (
        match.get("method", ""),
        match.get("path") or match.get("object") or match.get("action", ""),
    )
    told = "".join(sign if sign.isprintable() else "?" for sign in f"{identity}: {method} {place}")
    return f"{text[:start]}# rejected: {' '.join(told.split())}\n{_after(text[start:end])}{text[end:]}"


def edited(text: str, identity: str, name: str, value: str) -> str:
    """The map with `name = value` in this draft, where `value` is TOML; an empty value takes the key out."""
    if name not in EDITABLE:
        raise WhosawError(
            "review.not-editable", f"{name!r} cannot be edited here", hint=f"One of: {', '.join(EDITABLE)}"
        )
    value = " ".join(value.split())
    try:
        told = _values(f"{name} = {value}") if value else {}
    except FaultsError as fault:
        raise WhosawError(
            "review.not-toml",
            f"{value!r} {fault.faults[0].message}",
            hint='Write texts in quotes: ["identity.name", "contact.email"]',
        ) from fault
    if value and list(told) != [name]:
        raise WhosawError("review.not-toml", f"{value!r} is more than one value")
    start, end, _ = _draft(text, identity)
    block = text[start:end]
    span = _span(block, name)
    line = f"{name} = {value}\n" if value else ""
    if span is not None:
        block = block[: span[0]] + line + block[span[1] :]
    elif line:
        at = (_span(block, "categories") or _span(block, "id") or (0, block.index("\n") + 1))[1]
        block = block[:at] + line + block[at:]
    return text[:start] + block + text[end:]


def _values(text: str) -> dict[str, Any]:
    return parse_toml(text, name="draft").data


def _routes(text: str) -> Iterator[tuple[int, int, dict[str, Any]]]:
    """Where each route stands, and the values of its table."""
    starts = [found.start() for found in _START.finditer(text)]
    for start, end in zip(starts, [*starts[1:], len(text)], strict=False):
        try:
            values = _values(text[start:end])["route"][0]
        except (FaultsError, KeyError, IndexError, TypeError) as fault:
            raise WhosawError(
                "review.unreadable",
                "holds a route that cannot be taken apart",
                hint="Start each route with [[route]] on its own line",
            ) from fault
        yield start, end, values


def _draft(text: str, identity: str) -> tuple[int, int, dict[str, Any]]:
    found = [each for each in _routes(text) if each[2].get("id") == identity]
    drafts = [each for each in found if each[2].get("draft") is True]
    if not drafts:
        told = "was decided on already" if found else "is no route of this map"
        waiting = ", ".join(each.id for each in waiting_in(text)[:10]) or "nothing"
        raise WhosawError("review.no-draft", f"{identity!r} {told}", hint=f"What waits: {waiting}")
    return drafts[0]


def _span(block: str, name: str) -> tuple[int, int] | None:
    """Where a key with its value stands, whole lines; a value may run over several."""
    for found in _KEY.finditer(block):
        if found.group(1) != name:
            continue
        end = found.start()
        while end < len(block):
            line = block.find("\n", end)
            end = len(block) if line < 0 else line + 1
            try:
                _values(block[found.start() : end])
            except FaultsError:
                continue
            return found.start(), end
    return None


def _without(block: str, name: str) -> str:
    span = _span(block, name)
    return block if span is None else block[: span[0]] + block[span[1] :]


def _after(block: str) -> str:
    """The comments and blank lines behind the last key of a block, which belong to the file."""
    spans = [span for found in _KEY.finditer(block) if (span := _span(block, found.group(1))) is not None]
    return block[max((end for _, end in spans), default=len(block)) :]
