"""One spelling for a path, so that `/a/%62/../c//` cannot slip past a route for `/a/c`.

RFC 3986 section 6.2.2 (percent-encoding, dot segments) and what common servers do besides: slashes merged, a closing
slash dropped, a fragment cut off, the host of the absolute form too, and of each segment all from `;` on, before dot
segments are resolved (`/x/..;/a` is `/a` for a servlet container).
An encoded slash does not split a segment: it stays in it as `ENCODED_SLASH`.
"""

from __future__ import annotations

import re
from urllib.parse import unquote_to_bytes

__all__ = ["ENCODED_SLASH", "NOT_ONLY_ENCODED", "ODD", "normal_path"]

ENCODED_SLASH = "\x01"
# a path that this does not find is already normal
ODD = r"[%;#\x01]|//|/\.|./$|^[^/]|^$"
# an odd path that this does not find only has to be decoded: no encoded slash, dot or control character in it
NOT_ONLY_ENCODED = r"[;#\x01]|//|/\.|./$|^[^/]|^$|%2[eEfF]|%[01][0-9a-fA-F]"
_ABSOLUTE = re.compile(r"^[A-Za-z][A-Za-z0-9+.-]*://[^/]*")
_SLASH = re.compile(r"%2f", re.IGNORECASE)


def normal_path(path: str, *, encoded_slash: bool = False, matrix: bool = True) -> str:
    """The normal spelling. A segment that does not decode to UTF-8 stays as it was sent.

    `encoded_slash` is for servers that take an encoded slash for one, `matrix=False` for those to which `;` means nothing.
    """
    path = _ABSOLUTE.sub("", path.partition("#")[0])
    if encoded_slash:
        path = _SLASH.sub("/", path)
    segments: list[str] = []
    for raw in path.split("/"):
        part = _decoded(raw.partition(";")[0] if matrix and ";" in raw else raw)
        if part == "..":
            if segments:
                segments.pop()
        elif part not in ("", "."):
            segments.append(part)
    return "/" + "/".join(segments)


def _decoded(segment: str) -> str:
    if ENCODED_SLASH in segment:
        segment = segment.replace(ENCODED_SLASH, "%01")
    if "%" not in segment:
        return segment
    pieces = []
    for piece in _SLASH.split(segment):
        try:
            text = unquote_to_bytes(piece).decode("utf-8")
        except UnicodeDecodeError:
            text = piece
        # a control character that was sent encoded stays encoded, so that it is not taken for a slash
        pieces.append(text.replace(ENCODED_SLASH, "%01"))
    return ENCODED_SLASH.join(pieces)
