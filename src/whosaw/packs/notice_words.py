"""The words of notices in a language: `languages/LANGUAGE/notice.toml`. All faults of a file are told at once."""

from __future__ import annotations

import string
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

from whosaw.core.errors import Fault, FaultsError

from .notice_shape import ENCODINGS, Wanted, shape
from .toml_file import TomlFile, load_toml

__all__ = ["NoticeWords", "load_notice_words"]

_CODE: Final = "language.notice"
_MONTHS: Final = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeWords:
    """Sentences by key, as in `opening.seen`. `encoding` and `most` say how long a text message may be: in characters of 7 bits
    for gsm-7, in bytes for cp949, in characters for utf-16."""

    language: str
    encoding: str
    most: int
    months: tuple[str, ...]
    thousands: str
    sentences: Mapping[str, tuple[str, ...]]

    def say(self, key: str, **values: str) -> tuple[str, ...]:
        """The sentences of a key, with its places filled in."""
        return tuple(each.format_map(values) for each in self.sentences[key])

    def one(self, key: str, **values: str) -> str:
        """The same as one text."""
        return " ".join(self.say(key, **values))

    def day(self, when: date) -> str:
        return self.one("date.day", day=str(when.day), month=self.months[when.month - 1], year=str(when.year))

    def number(self, low: int, high: int | None) -> str:
        """Bounds in words: a number, at least or at most so many, or between two."""
        first = self._digits(low)
        if high is None:
            return self.one("number.least", low=first)
        if low == high:
            return self.one("number.exactly", low=first)
        if not low:
            return self.one("number.most", high=self._digits(high))
        return self.one("number.between", low=first, high=self._digits(high))

    def _digits(self, value: int) -> str:
        return f"{value:,}".replace(",", self.thousands)


def load_notice_words(code: str, path: Path) -> NoticeWords:
    """Read one file. Raises `FaultsError` with every fault: a key that is missing or unknown, a place that is not filled, and so on."""
    file = load_toml(path)
    faults = list(_faults(file))
    if faults:
        raise FaultsError(_CODE, faults)
    data = file.data
    return NoticeWords(
        language=code,
        encoding=data["text-message"]["encoding"],
        most=data["text-message"]["most"],
        months=tuple(data["date"]["months"]),
        thousands=data["number"]["thousands"],
        sentences={
            key: (told,) if isinstance(told, str) else tuple(told)
            for key in shape()
            for told in [_at(data, key)]
        },
    )


def _at(data: Mapping[str, Any], key: str) -> Any:
    part, _, name = key.partition(".")
    table = data.get(part)
    return table.get(name) if isinstance(table, Mapping) else None


def _faults(file: TomlFile) -> Iterator[Fault]:
    data, wanted = file.data, shape()
    yield from _text_message(file)
    months = _at(data, "date.months")
    if not (isinstance(months, list) and len(months) == _MONTHS and all(_is_text(each) for each in months)):
        yield file.fault(_CODE, "date.months are not twelve names", "date", "months")
    if not isinstance(_at(data, "number.thousands"), str):
        yield file.fault(
            _CODE, "number.thousands is no text", "number", "thousands", hint='It may be "" or "."'
        )
    for key, one in wanted.items():
        told = _at(data, key)
        if told is None:
            yield file.fault(_CODE, f"{key} is missing", *key.split("."), item=key)
        else:
            yield from _sentences(file, key, one, told)
    own = {
        "date.months",
        "number.thousands",
        "text-message.encoding",
        "text-message.most",
        "text-message.source",
    }
    for part, table in data.items():
        if part == "reviewed":
            continue
        if not isinstance(table, Mapping):
            yield file.fault(_CODE, f"{part} is no known part", part)
            continue
        for name in table:
            if f"{part}.{name}" not in wanted and f"{part}.{name}" not in own:
                yield file.fault(
                    _CODE, f"{part}.{name} is not known", part, name, hint="Take it out, or mend the name"
                )
    if not isinstance(data.get("reviewed"), date):
        yield file.fault(
            _CODE, "reviewed is no day", "reviewed", hint="Say when the words were last read, as 2026-11-25"
        )


def _text_message(file: TomlFile) -> Iterator[Fault]:
    encoding, most = _at(file.data, "text-message.encoding"), _at(file.data, "text-message.most")
    if encoding not in ENCODINGS:
        hint = f"Known: {', '.join(ENCODINGS)}"
        yield file.fault(
            _CODE, f"text-message.encoding is {encoding!r}", "text-message", "encoding", hint=hint
        )
    if not isinstance(most, int) or isinstance(most, bool) or most < 1:
        yield file.fault(_CODE, "text-message.most is no whole number from 1 on", "text-message", "most")
    if not _is_text(_at(file.data, "text-message.source")):
        yield file.fault(
            _CODE, "text-message.source does not say where the length is from", "text-message", "source"
        )


def _sentences(file: TomlFile, key: str, wanted: Wanted, told: Any) -> Iterator[Fault]:
    path = key.split(".")
    texts = told if isinstance(told, list) else [told]
    if isinstance(told, list) is not wanted.several or not texts or not all(_is_text(each) for each in texts):
        yield file.fault(_CODE, f"{key} is not {'a list of texts' if wanted.several else 'a text'}", *path)
        return
    found: set[str] = set()
    for each in texts:
        places = _places(each)
        if places is None:
            yield file.fault(_CODE, f"{key} has a brace that opens or closes no place", *path)
            return
        found |= places
    for place in sorted(wanted.places - found):
        yield file.fault(_CODE, f"{key} does not hold {{{place}}}", *path)
    for place in sorted(found - wanted.places):
        hint = f"Known: {', '.join(sorted(wanted.places))}" if wanted.places else "Nothing is filled in here"
        yield file.fault(_CODE, f"{key} holds {{{place}}}, which is not known there", *path, hint=hint)


def _places(text: str) -> set[str] | None:
    try:
        parts = list(string.Formatter().parse(text))
    except ValueError:
        return None
    if any(
        name is not None and (convert or form or not name.isidentifier()) for _, name, form, convert in parts
    ):
        return None
    return {name for _, name, _, _ in parts if name is not None}


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())
