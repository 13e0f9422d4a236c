"""How much of anything is read. docs/reference/limits.md lists these figures; each says why it is no smaller."""

from __future__ import annotations

import re

import numpy as np
import numpy.typing as npt

__all__ = [
    "CHUNK_LINES",
    "MOST_COLUMNS",
    "MOST_DIRECTORY",
    "MOST_KEYS",
    "MOST_MEMBERS",
    "MOST_NESTING",
    "MOST_RATIO",
    "RATIO_FREE",
    "beyond",
    "beyond_columns",
    "beyond_json",
    "beyond_ratio",
    "too_rich",
]

CHUNK_LINES = 500_000  # lines that are worked on at once; 31 MiB of a web log hold 200,000
MOST_COLUMNS = 1_024  # of delimited text; exports of data warehouses have up to some hundred
MOST_KEYS = 4_096  # names in one JSON event, at all depths; audit events have up to some hundred
MOST_NESTING = 256  # objects and lists in one another; logs have up to about twenty
MOST_MEMBERS = 100_000  # files in one archive
MOST_DIRECTORY = 32 << 20  # bytes of a zip's directory, which is read at once
MOST_RATIO = 500  # bytes unpacked from one packed; logs come to 10 to 50, gzip ends at 1,032
RATIO_FREE = 16 << 20  # bytes that any file may unpack to

_KEYS = f"more than {MOST_KEYS:,} names in one event"
_NESTED = f"nested more than {MOST_NESTING} deep"


def beyond_columns(columns: int) -> str | None:
    """Why a record of so many columns is not read; None where it is."""
    return f"{columns:,} columns, more than {MOST_COLUMNS:,}" if columns > MOST_COLUMNS else None


def beyond(line: bytes) -> str | None:
    """Why a line of an unknown format may be none that is read; None where no limit stands in the way."""
    if line.lstrip()[:1] in (b"{", b"["):
        return beyond_json(line)
    return beyond_columns(max(line.count(mark) for mark in (b",", b"\t", b";", b"|")) + 1)


def too_rich(lengths: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """Which lines are so long that they can hold more than a JSON event may: all others need no look."""
    rich: npt.NDArray[np.bool_] = lengths > 2 * MOST_NESTING
    return rich


def beyond_json(text: bytes) -> str | None:
    """Why a JSON text is not read: it has too many names, or is nested too deep. None where it is read, or is no JSON."""
    if text.count(b"{") + text.count(b"[") > MOST_NESTING and _depth(text) > MOST_NESTING:
        return _NESTED
    if text.count(b":") <= MOST_KEYS:
        return None
    return _KEYS if _keys(text) > MOST_KEYS else None


def beyond_ratio(unpacked: int, packed: int, title: str) -> str | None:
    """Why what is packed is not unpacked further: so much came out of so little that it is no log."""
    if unpacked <= RATIO_FREE or unpacked <= MOST_RATIO * packed:
        return None
    return f"{title} unpacks to more than {MOST_RATIO} times its size and is not read on; unpack it if it is a log"


_STEPS = re.compile(rb'"(?:[^"\\]|\\.)*+"|[{}\[\]]', re.DOTALL)
_NAMES = re.compile(rb'"(?:[^"\\]|\\.)*+"(\s*+:)?', re.DOTALL)


def _depth(text: bytes) -> int:
    """How deep brackets stand in one another, texts aside; counting ends beyond the limit."""
    deepest = depth = 0
    for found in _STEPS.finditer(text):
        mark = text[found.start()]
        if mark in b"{[":
            depth += 1
            deepest = max(deepest, depth)
            if depth > MOST_NESTING:
                break
        elif mark in b"}]":
            depth -= 1
    return deepest


def _keys(text: bytes) -> int:
    """How many names stand in it; counting ends beyond the limit. Nothing is kept, for a line may have millions."""
    count = 0
    for found in _NAMES.finditer(text):
        count += found[1] is not None
        if count > MOST_KEYS:
            break
    return count
