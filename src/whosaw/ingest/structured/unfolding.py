"""Objects that hold several events each, and the events one a line.

A path such as `resourceLogs[].scopeLogs[].logRecords[]` names lists within lists; each member of the last one is an event. As a
line it is the whole object in which each of these lists gives way to one member of it, so that what stands around an event is
told with it: `{"user":"a","seen":[{"id":1},{"id":2}]}` is `{"user":"a","seen":{"id":1}}` and `{"user":"a","seen":{"id":2}}`.
Members are told apart by their brackets alone.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from .json_spans import KEY, WAIT, end_of, skip

__all__ = ["MANY_LISTS", "TOO_MUCH_AROUND", "Path", "Unfolded", "is_path", "may_unfold", "paths_in", "unfold"]

Path = tuple[tuple[str, ...], ...]
"""For each list the names on the way to it."""
_MARK = "[]"
_BREAKS_OFF = "a list of events breaks off"
TOO_MUCH_AROUND = "too much stands around the events of one line"
MANY_LISTS = "more than one list of events in one line"
_MOST_TIMES = 64  # as long as the line may all its events together be; batches of telemetry come to about 10
_FREE = 16 << 20  # bytes that any line may come to
_NAMES = r"[^\s\[\]{}\"|.]+(?:\.[^\s\[\]{}\"|.]+)*\[\]"
_PATH = re.compile(rf"{_NAMES}(?:\.{_NAMES})*\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Unfolded:
    """One event: what stands before it in its line, itself, and what stands behind it; and why it can be none, if so."""

    head: bytes
    text: bytes
    tail: bytes
    why: str = ""

    @property
    def line(self) -> bytes:
        return self.head + self.text + self.tail


def is_path(name: str) -> bool:
    """Whether the name of a document is such a path."""
    return name != _MARK and name.endswith(_MARK)


@lru_cache(maxsize=256)
def paths_in(names: tuple[str, ...]) -> tuple[Path, ...]:
    """The paths among the names of documents. Raises `ValueError` for one that cannot be read."""
    found = []
    for name in names:
        if is_path(name):
            if not _PATH.match(name):
                raise ValueError(name)
            found.append(tuple(tuple(each.strip(".").split(".")) for each in name.split(_MARK)[:-1]))
    return tuple(found)


def may_unfold(head: bytes, paths: Sequence[Path]) -> bool:
    """Whether bytes that begin so may hold a list under the first name of one of the paths."""
    return any(
        re.search(rb'"' + re.escape(path[0][0].encode()) + rb'"\s*:\s*[\[{]', head) is not None
        for path in paths
    )


def unfold(text: bytes, paths: Sequence[Path]) -> list[Unfolded] | None:
    """The events of one object; None where it holds none of the lists, and is an event itself. Of one that breaks off those that
    are whole, and then one that says so."""
    start = skip(text, 0)
    if text[start : start + 1] != b"{":
        return None
    found: list[tuple[list[_Span], int]] = []
    try:
        for path in paths:
            if may_unfold(text, (path,)):
                spans, end = _object(text, start, _steps(path))
                found += [] if spans is None else [(spans, end)]
    except _TwiceError:
        return [Unfolded(head=b"", text=text, tail=b"", why=MANY_LISTS)]
    if len(found) > 1:
        return [Unfolded(head=b"", text=text, tail=b"", why=MANY_LISTS)]
    if not found or (found[0][1] >= 0 and text[found[0][1] :].strip()):
        return None
    spans, end = found[0]
    if sum(len(head) + to - at + len(tail) for head, at, to, tail in spans) > _FREE + _MOST_TIMES * len(text):
        return [Unfolded(head=b"", text=text, tail=b"", why=TOO_MUCH_AROUND)]
    events = [Unfolded(head=head, text=text[at:to], tail=tail) for head, at, to, tail in spans]
    return events if end >= 0 else [*events, Unfolded(head=b"", text=text, tail=b"", why=_BREAKS_OFF)]


_Span = tuple[bytes, int, int, bytes]
_Step = tuple[bytes, bool]


class _TwiceError(Exception):
    """A list stands twice under one name."""


@lru_cache(maxsize=256)
def _steps(path: Path) -> tuple[_Step, ...]:
    """Each name as it is written, and whether a list stands under it."""
    return tuple(
        (b'"' + name.encode() + b'"', at == len(names)) for names in path for at, name in enumerate(names, 1)
    )


def _object(data: bytes, start: int, steps: tuple[_Step, ...]) -> tuple[list[_Span] | None, int]:
    """Each event below the value at `start`, with what stands before and behind it from there on, and where the value ends, below
    0 where it breaks off; None where the list is not there. What breaks off is closed."""
    if data[start : start + 1] != b"{":
        return None, end_of(data, start, final=True)
    (name, is_list), rest = steps[0], steps[1:]
    found: list[_Span] | None = None
    low = high = whole = 0
    at, end = skip(data, start + 1), WAIT
    while (key := KEY.match(data, at)) is not None:
        if key[1] != name:
            after = end_of(data, key.end(), final=True)
        elif found is not None:
            raise _TwiceError
        else:
            low = key.end()
            found, after = (_list if is_list else _object)(data, low, rest)
            high = after if after >= 0 else len(data)
        if after < 0:
            break
        whole, at = after, skip(data, after)
        if data[at : at + 1] != b",":
            end = at + 1 if data[at : at + 1] == b"}" else WAIT
            break
        at = skip(data, at + 1)
    if found is None:
        return None, end
    head, tail = data[start:low], data[high:end] if end >= 0 else data[high:whole] + b"}"
    return [(head + before, one, to, behind + tail) for before, one, to, behind in found], end


def _list(data: bytes, start: int, steps: tuple[_Step, ...]) -> tuple[list[_Span] | None, int]:
    """The same of the members of the list at `start`; each is an event where no step is left."""
    if data[start : start + 1] != b"[":
        return None, end_of(data, start, final=True)
    found: list[_Span] = []
    at = skip(data, start + 1)
    while at < len(data) and data[at : at + 1] != b"]":
        if steps:
            inner, end = _object(data, at, steps)
            found += inner or []
        else:
            end = end_of(data, at, final=True)
            found += [(b"", at, end, b"")] if end >= 0 else []
        if end < 0:
            return found, WAIT
        at = skip(data, end)
        if data[at : at + 1] == b",":
            at = skip(data, at + 1)
        elif data[at : at + 1] != b"]":
            return found, WAIT
    return found, at + 1 if at < len(data) else WAIT
