"""Values of a real log as invented ones of the same form, for what is shown or written down."""

from __future__ import annotations

import ipaddress
import re
from collections import Counter
from collections.abc import Iterable

from whosaw.core.masked import mask
from whosaw.packs.path_words import may_be_somebody

from .values import LEVELS, METHODS, STATUSES, is_address

__all__ = ["PathWords", "invented", "shown"]

_MAIL = re.compile(r"[^\s@]+@[^\s@]+")
_HEX = re.compile(r"[0-9a-fA-F-]{16,}\Z")
_QUERY = re.compile(r"([^=&;]+)(=[^&;]*)?")
_HTTP = re.compile(r"HTTP/\d(?:\.\d)?\Z")
_NUMBER = re.compile(r"-?\d{1,3}(?:\.\d{1,6})?\Z")
_OFTEN = 3


def shown(text: str) -> str:
    """A value as an example: words that can be nobody as they are, all else masked."""
    plain = text.strip()
    harmless = plain.lower() in LEVELS or plain in METHODS or plain.lower() in ("true", "false", "null")
    if harmless or _HTTP.match(plain) or (plain.isdigit() and len(plain) == 3 and int(plain) in STATUSES):
        return plain
    return plain if _NUMBER.match(plain) and len(plain) < 3 else mask(plain)


def same_form(text: str) -> str:
    """Letters as x, digits as 1, 2, 3 and so on, and all marks as they stand."""
    if _MAIL.fullmatch(text):
        return "x@example.org"
    made, digit = [], 0
    for char in text:
        if char.isdigit():
            digit = digit % 9 + 1
            made.append(str(digit))
        elif char.isalpha():
            made.append(("a" if _HEX.match(text) else "x") if char.islower() else "X")
        else:
            made.append(char)
    return "".join(made)


class PathWords:
    """Which pieces of paths are words of the application: those that stand in several different paths, hold no digit, and are no name
    behind a word for people."""

    def __init__(self, paths: Iterable[str]) -> None:
        self._often: Counter[str] = Counter()
        self._somebody: set[str] = set()
        for path in set(paths):
            pieces = re.split(r"[/?&=;]", path)
            self._often.update(set(pieces))
            self._somebody.update(
                piece
                for before, piece, after in zip(("", *pieces), pieces, (*pieces[1:], ""), strict=False)
                if may_be_somebody(piece, before, after)
            )

    def masked(self, path: str) -> str:
        """The path with its other pieces in the same form."""
        before, mark, query = path.partition("?")
        scheme, far, rest = before.partition("://")
        if far:
            _, slash, rest = rest.partition("/")
            start, before = f"{scheme}://shop.example.org{slash}", rest
        else:
            start = ""
        pieces = "/".join(self._piece(piece) for piece in before.split("/"))
        return (
            start
            + pieces
            + mark
            + _QUERY.sub(
                lambda one: self._piece(one[1]) + ("=" + same_form(one[2][1:]) if one[2] else ""), query
            )
        )

    def _piece(self, piece: str) -> str:
        known = (
            self._often[piece] >= _OFTEN
            and piece not in self._somebody
            and not any(char.isdigit() for char in piece)
        )
        return piece if known or re.fullmatch(r"v\d+|api|index\.\w+|", piece) else same_form(piece)


def invented(column: str, text: str, paths: PathWords) -> str:
    """A value of a column as one that nobody has. Times, methods, statuses, protocols and words of actions stay."""
    if column in ("time", "method", "status", "protocol", "ok", "action"):
        return text
    if column == "address":
        return ",".join(_address(one.strip()) for one in text.split(","))
    if column == "agent":
        return "Mozilla/5.0"
    if column == "host":
        return "shop.example.org"
    if column in ("path", "query", "referer"):
        return paths.masked(text)
    if column == "request":
        method, _, rest = text.partition(" ")
        target, space, protocol = rest.strip().rpartition(" ")
        if not _HTTP.match(protocol):
            target, space, protocol = rest.strip(), "", ""
        return f"{method} {paths.masked(target)}{space}{protocol}"
    return same_form(text)


def _address(text: str) -> str:
    if not is_address(text):
        return same_form(text)
    try:
        return "192.0.2.10" if ipaddress.ip_address(text).version == 4 else "2001:db8::10"
    except ValueError:  # with a port
        return "[2001:db8::10]:40000" if text.startswith("[") else "192.0.2.10:40000"
