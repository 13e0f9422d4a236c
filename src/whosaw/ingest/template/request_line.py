"""Takes request lines apart: `GET /path?query HTTP/1.1`.

Servers take any run of blanks around the target (RFC 9112 section 3), so any run is read. The target is kept as
sent, a fragment with it; of an absolute target (`GET https://host/path`, RFC 9112 section 3.2.2) the host is taken
off. A request of HTTP/0.9 has no protocol. What is no request at all (bytes of TLS on a plain port, say) has neither
method nor path; its text is handed back so that it can be kept among the fields."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from whosaw.ingest.text_columns import as_dictionary

__all__ = ["RequestParts", "split_requests", "split_target"]

_WORD = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_METHOD = re.compile(_WORD)
_PROTOCOL = re.compile(r"HTTP/[0-9A-Za-z.]*", re.IGNORECASE)
_OLD_METHOD = re.compile(r"[A-Za-z]{3,20}")
_OLD_TARGET = re.compile(r"/|\*|[A-Za-z][A-Za-z0-9+.-]*://")
_PATH = re.compile(r"[/?\\%]")  # stands in no host and port
_BLANKS = " \t"
_BLANK = re.compile(f"[{_BLANKS}]")
# a target of the fast path holds neither: a question mark behind # begins no query, and \t parts as a space does
_ODD_TARGET = "[#\t]"
_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://([^/?#]*)(.*)\Z", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestParts:
    """Columns of the same length. `other` holds the text of what was no request."""

    method: pa.Array
    host: pa.Array
    path: pa.Array
    query: pa.Array
    protocol: pa.Array
    other: pa.Array


def split_target(target: str) -> tuple[str | None, str, str | None]:
    """Host (of an absolute target only), path, and query (None without a question mark). A fragment stays where it stands."""
    host = None
    if not target.startswith("/") and (absolute := _ABSOLUTE.match(target)):
        host, target = absolute[1] or None, absolute[2]
        if not target.startswith("/"):
            target = "/" + target
    path, mark, query = target.partition("?")
    if "#" in path:  # what follows # is no query, whatever stands in it
        return host, target, None
    return host, path, query if mark else None


def split_requests(texts: pa.Array) -> RequestParts:
    """The parts of unescaped request lines; `-` and nothing give only nulls."""
    pieces = pc.split_pattern(texts, " ")
    lengths = pc.list_value_length(pieces).to_numpy(zero_copy_only=False)
    usual = lengths == 3
    flat = (pieces if usual.all() else pieces.filter(pa.array(usual))).flatten()
    every = pa.array(np.arange(0, len(flat), 3))
    method = flat.take(every).dictionary_encode()
    target = flat.take(pc.add(every, 1))
    protocol = flat.take(pc.add(every, 2)).dictionary_encode()
    good = pc.starts_with(target, "/")
    if pc.any(odd := pc.match_substring_regex(target, _ODD_TARGET), min_count=0).as_py():
        good = pc.and_not(good, odd)
    for column, shape in ((method, rf"^{_WORD}$"), (protocol, r"^HTTP/\d(\.\d)?$")):
        fits = pc.match_substring_regex(column.dictionary, shape)
        if not pc.all(fits, min_count=0).as_py():
            good = pc.and_(good, fits.take(column.indices))
    mask = good.to_numpy(zero_copy_only=False).astype(bool)
    if usual.all() and mask.all():
        return _regular(method, target, protocol)
    if not mask.all():
        keep = pa.array(mask)
        method, target, protocol = method.filter(keep), target.filter(keep), protocol.filter(keep)
    regular = np.flatnonzero(usual)[mask]
    rest = np.setdiff1d(np.arange(len(texts)), regular, assume_unique=True)
    return _merged(_regular(method, target, protocol), _one_by_one(texts.take(pa.array(rest))), regular, rest)


def _regular(method: pa.Array, target: pa.Array, protocol: pa.Array) -> RequestParts:
    halves = pc.split_pattern(target, "?", max_splits=1)
    offsets = halves.offsets.to_numpy()
    has = np.diff(offsets) == 2
    flat = halves.values
    path = flat.take(pa.array(offsets[:-1]))
    query = flat.take(pa.array(offsets[:-1] + 1, mask=~has))
    none = pa.nulls(len(target), pa.string())
    return RequestParts(method=method, host=none, path=path, query=query, protocol=protocol, other=none)


_Row = tuple[str | None, str | None, str | None, str | None, str | None, str | None]


def _one(text: str | None) -> _Row:
    if text is None or text in ("", "-"):
        return None, None, None, None, None, None
    parts = _parts(text)
    if parts is None:
        return None, None, None, None, None, text
    method, target, protocol = parts
    if method == "-" and target == "-":  # a proxy that could not read the request, but names the protocol
        return None, None, None, None, protocol, None
    if method == "CONNECT" and not _PATH.search(target):
        return method, None, target, None, protocol, None
    host, path, query = split_target(target)
    return method, host, path, query, protocol, None


def _parts(text: str) -> tuple[str, str, str | None] | None:
    """Method, target and protocol; None for what is no request."""
    pair = _BLANK.split(text.strip(_BLANKS + "\r\n"), maxsplit=1)
    if len(pair) < 2 or not _METHOD.fullmatch(pair[0]):
        return None
    method, rest = pair[0], pair[1].lstrip(_BLANKS)
    last = max(rest.rfind(blank) for blank in _BLANKS)
    if last > 0 and _PROTOCOL.fullmatch(rest, last + 1):
        return method, rest[:last].rstrip(_BLANKS), rest[last + 1 :]
    if _OLD_METHOD.fullmatch(method) and _OLD_TARGET.match(rest):
        return method, rest, None
    return None


def _one_by_one(texts: pa.Array) -> RequestParts:
    rows = [_one(text) for text in texts.to_pylist()]
    columns = [pa.array(column, pa.string()) for column in zip(*rows, strict=True)]
    if not rows:
        columns = [pa.array([], pa.string())] * 6
    names = ("method", "host", "path", "query", "protocol", "other")
    return RequestParts(**dict(zip(names, columns, strict=True)))


def _merged(first: RequestParts, second: RequestParts, at: np.ndarray, others: np.ndarray) -> RequestParts:
    order = pa.array(np.argsort(np.concatenate([at, others])))

    def join(name: str) -> pa.Array:
        one, two = getattr(first, name), getattr(second, name)
        if pa.types.is_dictionary(one.type):
            return as_dictionary(pa.concat_arrays([one.dictionary_decode(), two])).take(order)
        return pa.concat_arrays([one, two]).take(order)

    return RequestParts(
        method=join("method"), host=join("host"), path=join("path"), query=join("query"),
        protocol=join("protocol"), other=join("other"),
    )  # fmt: skip
