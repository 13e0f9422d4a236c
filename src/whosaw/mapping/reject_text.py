"""Whether the text of a line that could not be read may hold a request for a page of the map.

Only what is sure is told: a whole JSON object, or a line that begins like no line of its log and shows no sign of a request,
in which the words of no mapped path stand one after the other, however they are spelled. All else may hold one.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from .path_template import Template
from .route import Route
from .squeezed import decoded_once

__all__ = ["RejectTexts"]

_ROUNDS = 8
_ESCAPED = re.compile(r"\\x([0-9A-Fa-f]{2})|\\u([0-9A-Fa-f]{4})")
_PACKED = re.compile(r"[A-Za-z0-9+/_-]{64}")  # what may be packed text, in which nothing can be read
_CODED = re.compile(r"%[0-9A-Fa-f]{2}|%u[0-9A-Fa-f]{4}|\\x[0-9A-Fa-f]{2}|\\u[0-9A-Fa-f]{4}")
# of an address, and what may be its beginning at the end of a line that was cut
_ADDRESS = re.compile(r"\d\.\d{1,3}\.|[0-9A-Fa-f]:[0-9A-Fa-f:]*:|::|[\d.:]$|[0-9A-Fa-f]:[0-9A-Fa-f]*$")
_REQUEST = re.compile(r"HTTP/|(?:GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS)\b", re.IGNORECASE)
# what a container's runtime and syslog write before a line
_HEADERS = (
    re.compile(rb"\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d) (?:stdout|stderr) F(?::[^ \n]*)? "),
    re.compile(
        rb"(?:<\d{1,3}>)?(?:[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d|\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)) "
        rb"[^ \n]+ [^ :\[\]\n]+(?:\[[^\] \n]*\])?: ?"
    ),
)
_NUMBERS = re.compile(r"[0-9A-Fa-f:.,\[\]-]*")
_LETTER, _BLANK = re.compile(r"[A-Za-z]"), re.compile(r"[ \t]+[A-Za-z.]")


class RejectTexts:
    """The words of the paths of a map, looked for in lines that could not be read."""

    def __init__(self, routes: Sequence[Route]) -> None:
        told = [_words(route.match.path) if route.match.path is not None else () for route in routes]
        # what is told apart by no path, or by one without a word, may be in any text
        self._find = re.compile("|".join(sorted(set(map(_in_order, told)))), re.DOTALL) if all(told) else None

    def harmless(
        self, data: bytes, starts: npt.NDArray[np.int64], events: npt.NDArray[np.int64], rejects: npt.NDArray[np.int64]
    ) -> npt.NDArray[np.int64]:  # fmt: skip
        """Those of the lines `rejects` that surely hold no request for a page of the map; `events` are those that were read.
        Lines are counted from 0."""
        if self._find is None or not len(rejects):
            return rejects[:0]
        header, begins = _messages(data, starts[events])
        by_number = _begin_with_numbers(data, begins)
        sure = []
        for row in rejects.tolist():
            line = data[starts[row] : starts[row + 1]]
            if header is not None:
                found = header.match(line)
                line = line[found.end() :] if found else b""
            if row and self._is_sure(line, by_number=by_number):
                sure.append(row)
        return np.array(sure, np.int64)

    def _is_sure(self, line: bytes, *, by_number: bool) -> bool:
        if not line.endswith(b"\n"):
            return False
        try:
            text = line.decode("utf-8").rstrip("\r\n")
        except UnicodeDecodeError:
            return False
        if not text.replace("\t", " ").isprintable() or _PACKED.search(text):
            return False
        return (_is_object(text) or (by_number and _is_message(text))) and not self._may_hold(text)

    def _may_hold(self, text: str) -> bool:
        assert self._find is not None
        for _ in range(_ROUNDS):
            seen = "".join(filter(str.isprintable, text)).casefold()
            if self._find.search(seen):
                return True
            before, text = text, decoded_once(_ESCAPED.sub(_letter, text))
            if text == before:
                return _CODED.search(text) is not None
        return True


def _words(template: Template) -> tuple[str, ...]:
    """What every spelling of the path shows, in this order."""
    return tuple(
        part
        for literal in template.literals
        for part in re.split(r"[/\\%;.\s]", unicodedata.normalize("NFKC", literal).casefold())
        if part and part.isascii()
    )


def _in_order(words: Sequence[str]) -> str:
    return ".*?".join(map(re.escape, words))


def _messages(
    data: bytes, starts: npt.NDArray[np.int64]
) -> tuple[re.Pattern[bytes] | None, npt.NDArray[np.int64]]:
    """The header that all lines that were read begin with, if they do, and where they go on."""
    for header in _HEADERS:
        found = [header.match(data, at) for at in starts[:1].tolist()]
        if not found or found[0] is None:
            continue
        found = [header.match(data, at) for at in starts.tolist()]
        ends = [each.end() for each in found if each is not None]
        if len(ends) == len(found):
            return header, np.array(ends, np.int64)
    return None, starts


def _begin_with_numbers(data: bytes, starts: npt.NDArray[np.int64]) -> bool:
    """Whether the lines that were read begin with an address or a time, all of them."""
    if not len(starts):
        return False
    first = np.frombuffer(data, np.uint8)[starts]
    return bool(np.all(np.isin(first, np.frombuffer(b"0123456789[:", np.uint8))))


def _is_object(text: str) -> bool:
    """Whether the line is one JSON object from its first sign to its last."""
    if not text.startswith("{") or not text.endswith("}"):
        return False
    try:
        return isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        return False


def _is_message(text: str) -> bool:
    """Whether the line is no part of one that begins with an address or a time, cut or run together."""
    if not (_LETTER.match(text) or _BLANK.match(text)) or _NUMBERS.fullmatch(text.split(maxsplit=1)[0]):
        return False
    return text.count('"') % 2 == 0 and not _ADDRESS.search(text) and not _REQUEST.search(text)


def _letter(found: re.Match[str]) -> str:
    return chr(int(found[1] or found[2], 16))
