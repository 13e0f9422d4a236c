"""Where a value of JSON ends in bytes, by its brackets and quotes alone."""

from __future__ import annotations

import re

__all__ = ["KEY", "SCALAR", "WAIT", "WRONG", "end_of", "skip"]

WAIT, WRONG = -1, -2
_SPACE = re.compile(rb"[ \t\r\n]*+")
# no text goes on over a line end, so that a quote too many spoils one record and not all that follow
_TOKEN = re.compile(rb'"[^"\\\n]*+(?:\\.[^"\\\n]*+)*+"|["{}\[\]]')
SCALAR = re.compile(rb'[^\s,"{}\[\]]++')
KEY = re.compile(rb'("[^"\\\n]*+(?:\\.[^"\\\n]*+)*+")[ \t\r\n]*+:[ \t\r\n]*+(?=[^ \t\r\n])')
_QUOTE = 0x22


def skip(data: bytes, at: int) -> int:
    """Where something stands that is no space, from `at` on."""
    found = _SPACE.match(data, at)
    return found.end() if found else at


def end_of(data: bytes, at: int, *, final: bool) -> int:
    """Where the value at `at` ends by its brackets and quotes; WAIT where the bytes end before it does, WRONG where a
    text in it has no end."""
    if data[at : at + 1] not in (b"{", b"[", b'"'):
        scalar = SCALAR.match(data, at)
        return scalar.end() if scalar is not None and (final or scalar.end() < len(data)) else WAIT
    depth = 0
    for found in _TOKEN.finditer(data, at):
        mark = data[found.start()]
        if mark == _QUOTE:
            if found.end() == found.start() + 1:
                return WAIT if data.find(b"\n", found.end()) < 0 else WRONG
        elif mark in b"{[":
            depth += 1
        else:
            depth -= 1
        if depth <= 0:
            return found.end()
    return WAIT
