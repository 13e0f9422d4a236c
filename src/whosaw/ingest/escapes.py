r"""Takes back the escapes that servers write into quoted fields.

nginx (`escape=default`) writes `\xHH` for quotes, backslashes, controls and bytes above 126; Apache writes
`\"`, `\\`, `\n`, `\t` and the like, and `\xHH` for the rest. Bytes written as `\xHH` that form UTF-8 become
text again; those that do not, and NUL, stay as `\xHH`. `escape=json` adds `\uHHHH` and `\/`."""

from __future__ import annotations

import re

__all__ = ["unescape"]

_ESCAPE = re.compile(r'(?:\\x[0-9A-Fa-f]{2})+|(?:\\u[0-9A-Fa-f]{4})+|\\["\\abfnrtv/]')
_SINGLE = {
    '\\"': '"',
    "\\\\": "\\",
    "\\a": "\a",
    "\\b": "\b",
    "\\f": "\f",
    "\\n": "\n",
    "\\r": "\r",
    "\\t": "\t",
    "\\v": "\v",
    "\\/": "/",
}


def unescape(text: str) -> str:
    """The text as it was before the server escaped it."""
    return _ESCAPE.sub(_plain, text) if "\\" in text else text


def _plain(match: re.Match[str]) -> str:
    escape = match[0]
    if escape[1] == "x":
        raw = bytes(int(escape[at : at + 2], 16) for at in range(2, len(escape), 4))
        return raw.decode("utf-8", "backslashreplace").replace("\0", "\\x00")
    if escape[1] == "u":
        units = b"".join(int(escape[at : at + 4], 16).to_bytes(2, "big") for at in range(2, len(escape), 6))
        return units.decode("utf-16-be", "replace").replace("\0", "\\x00")
    return _SINGLE[escape]
