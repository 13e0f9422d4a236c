"""The words of notices in a language: `languages/LANGUAGE/notice.toml`. All faults of a file are told at once."""

from __future__ import annotations

import string
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from whosaw.core.errors import Fault, FaultsError

from .notice_shape import ENCODINGS, OPTIONAL, Wanted, shape
from .table import Table
from .toml_file import load_toml

__all__ = ["NoticeWords", "filled", "load_notice_words"]

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
        return tuple(filled(each, values) for each in self.sentences[key])

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


def filled(sentence: str, values: Mapping[str, str]) -> str:
    """A sentence with its places filled in; after a value that ends with a full stop, such as Inc., none follows."""
    text = sentence.format_map(values)
    for value in values.values():
        if value.endswith("."):
            text = text.replace(f"{value}.", value)
    return text


def load_notice_words(code: str, path: Path) -> NoticeWords:
    """Read one file. Raises `FaultsError` with every fault: a key that is missing or unknown, a place that is not filled, and so on."""
    faults: list[Fault] = []
    top = Table.top(load_toml(path), faults, code=_CODE)
    parts: dict[str, Table] = {}

    def part(name: str) -> Table:
        if name not in parts:
            parts[name] = top.table(name)
        return parts[name]

    top.day("reviewed")
    part("text-message").text("source")  # where the length is from
    months = part("date").texts("months")
    if months and len(months) != _MONTHS:
        part("date").fault(f"date.months holds {len(months)} names, and a year has {_MONTHS}", "months")
    words = NoticeWords(
        language=code,
        encoding=part("text-message").text("encoding", one_of=ENCODINGS),
        most=part("text-message").integer("most"),
        months=months,
        thousands=part("number").take("thousands", str, 'a text, such as "" or "."') or "",
        sentences={
            key: _sentences(part, key, wanted)
            for key, wanted in (
                *shape().items(),
                *((each, Wanted()) for each in OPTIONAL if _given(part, each)),
            )
        },
    )
    for each in (*parts.values(), top):
        each.rest_unknown()
    if faults:
        raise FaultsError(_CODE, faults)
    return words


def _given(part: Callable[[str], Table], key: str) -> bool:
    name, _, last = key.partition(".")
    return part(name).has(last)


def _sentences(part: Callable[[str], Table], key: str, wanted: Wanted) -> tuple[str, ...]:
    """The sentences of one key, whose places are those that are filled in there."""
    name, _, last = key.partition(".")
    table = part(name)
    texts = table.texts(last, some=True) if wanted.several else tuple(filter(None, [table.text(last)]))
    found: set[str] = set()
    for each in texts:
        places = _places(each)
        if places is None:
            table.fault(f"{key} has a brace that opens or closes no place", last)
            return texts
        found |= places
    if not texts:
        return ()
    for place in sorted(wanted.places - found):
        table.fault(f"{key} does not hold {{{place}}}", last)
    for place in sorted(found - wanted.places):
        hint = f"Known: {', '.join(sorted(wanted.places))}" if wanted.places else "Nothing is filled in here"
        table.fault(f"{key} holds {{{place}}}, which is not known there", last, hint=hint)
    return texts


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
