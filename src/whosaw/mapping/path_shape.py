"""The shape of a path: `/customers/42/orders` is `/customers/{number}/orders`, and so is that of 43; and its template."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from whosaw.core.masked import mask
from whosaw.packs.path_words import may_be_somebody

from .normal_path import ENCODED_SLASH, normal_path
from .query_text import decoded

__all__ = [
    "ASSET_SQL",
    "COLLAPSED_PATH",
    "COLLAPSED_QUERY",
    "PathShape",
    "masked_shape",
    "masked_text",
    "part_kind",
    "path_shape",
    "template_of_path",
    "template_of_shape",
]

# SQL that turns numbers into one spelling before rows are grouped, so that few distinct shapes reach Python;
# twice, since two numbers in a row share the slash between them
_NUMBERS = "'/[0-9]+(/|$|\\.[A-Za-z][A-Za-z0-9]{0,5}$)', '/{number}\\1', 'g'"
COLLAPSED_PATH = f"regexp_replace(regexp_replace(path, {_NUMBERS}), {_NUMBERS})"
COLLAPSED_QUERY = "regexp_replace(query, '=[0-9]+(&|$)', '=1\\1', 'g')"
_ASSET_ENDINGS = r"\.(?:js|mjs|css|map|woff2?|ttf|eot|ico|png|jpe?g|gif|svg|webp|avif|mp4|webm)$"
ASSET_SQL = f"regexp_matches(path, '(?i){_ASSET_ENDINGS}')"
_UUID = re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")
_MAIL = re.compile(r"[^@/\s]+@[^@/\s]+\.[^@/\s]+")
_PHONE = re.compile(r"\+[0-9]{8,15}")
_HEX = re.compile(r"(?=.*[0-9])[0-9a-fA-F]{12,}")
_TOKEN = re.compile(r"(?=.*[0-9])(?=.*[A-Za-z])[A-Za-z0-9_-]{16,}={0,2}")
_DATE = re.compile(r"(?:19|20)[0-9]{2}(?:-[0-9]{2}){1,2}")
_VERSION = re.compile(r"[vV][0-9]+(?:\.[0-9]+)*")
_INNER = re.compile(r"^([A-Za-z]{0,20}[_.-]?)([0-9]+)((?:\.[A-Za-z][A-Za-z0-9]{0,5})?)$")
_ASSET = re.compile(_ASSET_ENDINGS, re.IGNORECASE)
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.\[\]-]{0,40}")
# parameters that number pages, sizes and versions, not persons
_NOT_IDS = frozenset({
    "_", "cb", "count", "h", "height", "limit", "offset", "p", "page", "page_no", "pageno", "pagesize",
    "page_size", "per_page", "perpage", "q", "rev", "size", "skip", "start", "t", "time", "timestamp",
    "ts", "v", "ver", "version", "w", "width", "year", "month", "day"
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class PathShape:
    """`text` with a place for every part that looks like an id, `parts` the kinds of those places."""

    text: str
    parts: tuple[str, ...]
    asset: bool  # a picture, script or the like by its ending


def part_kind(text: str) -> str | None:
    """What kind of id a part of a path or a value looks like; None for a word."""
    if text.isascii() and text.isdigit():
        return "number"
    if _UUID.fullmatch(text):
        return "uuid"
    if "@" in text and _MAIL.fullmatch(text):
        return "mail"
    if _PHONE.fullmatch(text):
        return "phone"
    if _HEX.fullmatch(text):
        return "hex"
    if _TOKEN.fullmatch(text):
        return "token"
    return None


@lru_cache(maxsize=4096)
def _segment(text: str) -> tuple[str, str | None]:
    """The segment's shape and the kind of id in it."""
    if text == "{number}" or text.startswith("{number}."):
        return text, "number"
    if _DATE.fullmatch(text) or _VERSION.fullmatch(text):
        return text if _VERSION.fullmatch(text) else "{date}", None
    if kind := part_kind(text):
        return "{" + kind + "}", kind
    inner = _INNER.match(text)
    if inner and (len(inner[2]) > 1 or inner[1][-1:] in ("", "_", ".", "-")):
        return f"{inner[1]}{{number}}{inner[3]}", "number"
    return text, None


@lru_cache(maxsize=65536)
def path_shape(path: str, query: str | None = None) -> PathShape:
    """The shape of a path as sent; of the query only parameters whose values look like ids stay."""
    out: list[str] = []
    parts: list[str] = []
    normal = normal_path(path)
    for segment in normal.split("/")[1:]:
        text, kind = _segment(segment.replace(ENCODED_SLASH, "%2F"))
        out.append(text)
        parts += [kind] if kind else []
    found = {}
    for pair in (query or "").split("&"):
        name, _, value = pair.partition("=")
        kind = part_kind(decoded(value))
        if kind and name.lower() not in _NOT_IDS and len(name) <= 64:
            found[decoded(name)] = kind
    tail = "&".join(f"{name}={{{kind}}}" for name, kind in sorted(found.items()))
    parts += [kind for _, kind in sorted(found.items())]
    text = "/" + "/".join(out) + (f"?{tail}" if tail else "")
    return PathShape(text, tuple(parts), _ASSET.search(normal) is not None)


def masked_text(path: str, query: str | None = None, keep: frozenset[str] = frozenset()) -> str:
    """A path that can be shown: what may be an id or somebody's name and is not in `keep` is masked, and so is each value. A path that
    holds its query itself shows it once."""
    path, _, inner = path.partition("?")
    query = query or inner
    segments = normal_path(path).replace(ENCODED_SLASH, "%2F").split("/")
    pairs = [pair.partition("=") for pair in query.split("&")] if query else []
    tail = "&".join(
        _word(decoded(name)) + (f"={mask(decoded(value))}" if value else "") for name, _, value in pairs
    )
    return "/".join(_segments(segments, keep)) + (f"?{tail}" if tail else "")


def _segments(segments: list[str], keep: frozenset[str]) -> Iterator[str]:
    for before, part, after in zip(["", *segments], segments, [*segments[1:], ""], strict=False):
        hidden = not part.isascii() or _segment(part)[1] is not None or may_be_somebody(part, before, after)
        yield mask(part) if hidden and part not in keep else part


def masked_shape(shape: str) -> str:
    """A shape, or a template of one, that can be shown: its places as they stand, and what may be somebody's name masked."""
    path, mark, tail = shape.partition("?")
    told, parts = [], path.split("/")
    for before, part, after in zip(["", *parts], parts, [*parts[1:], ""], strict=False):
        hidden = "{" not in part and (not part.isascii() or may_be_somebody(part, before, after))
        told.append(mask(part) if hidden else part)
    return "/".join(told) + mark + tail


def _word(name: str) -> str:
    """The name of a parameter; `?42` and `?a@example.org` are values that only look like names."""
    return name if _NAME.fullmatch(name) and part_kind(name) is None else mask(name)


def template_of_path(path: str) -> str:
    """The template of one path."""
    return template_of_shape(path_shape(path).text)


def template_of_shape(shape: str) -> str:
    """Places such as `{number}` renamed so that each name stands once (id, id2); mail and phone stay.

    Literal braces and stars, which a template cannot spell, become open places too.
    """
    out: list[str] = []
    seen: dict[str, int] = {}
    for segment in shape.split("/")[1:]:
        place = _place(segment)
        if place is None:
            out.append(segment)
            continue
        before, name, after = place
        seen[name] = seen.get(name, 0) + 1
        out.append(f"{before}{{{name}{seen[name] if seen[name] > 1 else ''}}}{after}")
    return "/" + "/".join(out)


def _place(segment: str) -> tuple[str, str, str] | None:
    before, opened, rest = segment.partition("{")
    kind, closed, after = rest.partition("}")
    if (
        opened
        and closed
        and kind in ("mail", "phone", "date")
        and not any(sign in after + before for sign in "{}*")
    ):
        return before, kind, after
    if opened and closed and kind in ("number", "uuid", "hex", "token", "word") and not _odd(before + after):
        return before, "id" if kind != "word" else "word", after
    if _odd(segment):
        return "", "id", ""
    return None


def _odd(text: str) -> bool:
    return any(sign in text for sign in "{}*%?#") or any(ord(sign) < 32 or ord(sign) == 127 for sign in text)
