"""Documents that hold many events in a list: where each event stands in the text."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

__all__ = ["RecordSpans", "holds_records", "record_spans", "records_of"]

_SPACE = re.compile(r"[ \t\r\n]*")
_DECODER = json.JSONDecoder(strict=False, parse_int=str, parse_float=str)
WHOLE = "[]"
"""Name for a document that is itself the list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordSpans:
    """Start and end of each record in the text, and what is wrong with the rest of it, if anything."""

    spans: tuple[tuple[int, int], ...]
    fault: str | None = None
    rest: int = 0


def holds_records(head: str, names: tuple[str, ...]) -> bool:
    """Whether a text that begins so is a document with its events under one of `names`."""
    for name in names:
        start = r"\[\s*(?:\{|\]|\Z)" if name == WHOLE else r'\{\s*"' + re.escape(name) + r'"\s*:\s*\['
        if re.match(r"\ufeff?\s*" + start, head):
            return True
    return False


def records_of(text: str, names: tuple[str, ...] = ("Records", WHOLE)) -> list[tuple[int, int]]:
    """Start and end of record 1, 2, ... in the text. A text that breaks off gives the records before the
    break."""
    return list(record_spans(text, names).spans)


def record_spans(text: str, names: tuple[str, ...]) -> RecordSpans:
    """All records of all documents in the text, one after the other. An object that is no document is
    itself a record. From the first fault on, nothing more is read: `fault` says what it was and `rest`
    where."""
    spans: list[tuple[int, int]] = []
    at = _skip(text, 1 if text.startswith("\ufeff") else 0)
    while at < len(text):
        start = at
        try:
            at = _document(text, at, names, spans)
        except _BrokenError as broken:
            return RecordSpans(spans=tuple(spans), fault=broken.why, rest=broken.at)
        at = _skip(text, at)
        if at == start:
            return RecordSpans(spans=tuple(spans), fault="not JSON", rest=at)
    return RecordSpans(spans=tuple(spans))


class _BrokenError(Exception):
    def __init__(self, why: str, at: int) -> None:
        super().__init__(why)
        self.why = why
        self.at = at


def _skip(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at


def _document(text: str, at: int, names: tuple[str, ...], spans: list[tuple[int, int]]) -> int:
    if text[at] == "[" and WHOLE in names:
        return _list(text, at, spans)
    if text[at] == "{" and any(
        name != WHOLE and text.startswith(f'"{name}"', _skip(text, at + 1)) for name in names
    ):
        return _holder(text, at, names, spans)
    if text[at] != "{":
        raise _BrokenError("not a JSON object", at)
    end = _value(text, at)
    spans.append((at, end))
    return end


def _holder(text: str, at: int, names: tuple[str, ...], spans: list[tuple[int, int]]) -> int:
    """An object whose value under one of `names` is the list of records; its other values are passed over."""
    at = _skip(text, at + 1)
    while True:
        if text[at : at + 1] != '"':
            raise _BrokenError("the document breaks off", at)
        name, colon = _text(text, at)
        colon = _skip(text, colon)
        if text[colon : colon + 1] != ":":
            raise _BrokenError("the document breaks off", colon)
        at = _skip(text, colon + 1)
        held = name in names and text[at : at + 1] == "["
        at = _list(text, at, spans) if held else _value(text, at)
        at = _skip(text, at)
        mark = text[at : at + 1]
        at = _skip(text, at + 1)
        if mark == "}":
            return at
        if mark != ",":
            raise _BrokenError("the document breaks off", at)


def _list(text: str, at: int, spans: list[tuple[int, int]]) -> int:
    at = _skip(text, at + 1)
    if text[at : at + 1] == "]":
        return at + 1
    while True:
        end = _value(text, at)
        spans.append((at, end))
        at = _skip(text, end)
        mark = text[at : at + 1]
        if mark == "]":
            return at + 1
        if mark != ",":
            raise _BrokenError("the document breaks off", at)
        at = _skip(text, at + 1)


def _text(text: str, at: int) -> tuple[str, int]:
    try:
        value, end = _DECODER.raw_decode(text, at)
    except ValueError as wrong:
        raise _BrokenError("the document breaks off", at) from wrong
    return str(value), end


def _value(text: str, at: int) -> int:
    try:
        return _DECODER.raw_decode(text, at)[1]
    except ValueError as wrong:
        raise _BrokenError("a record is not JSON or breaks off", at) from wrong
    except RecursionError as deep:
        raise _BrokenError("a record is nested too deeply", at) from deep
