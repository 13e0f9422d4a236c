r"""The `LogFormat` strings of Apache httpd.

Directives: Apache httpd 2.4 documentation, mod_log_config, "Custom Log Formats"; mod_logio for %I and %O.
As in the configuration file, \" is a quote, \t a tab and \\ a backslash."""

from __future__ import annotations

import re

from whosaw.core.errors import WhosawError

from .tokens import Slot, Token, slot

__all__ = ["parse_apache"]

_DIRECTIVE = re.compile(r"%(?:!?\d{3}(?:,\d{3})*)?[<>]?(?:\{([^}]*)\})?([<>]?)(%|\^[A-Z]{2}|[A-Za-z])")
_PLAIN: dict[str, tuple[str, str]] = {
    "h": ("address", ""),
    "a": ("address", ""),
    "l": ("ident", ""),
    "u": ("principal", ""),
    "t": ("time", "clf"),
    "r": ("request", ""),
    "s": ("status", ""),
    "b": ("bytes", ""),
    "B": ("bytes", ""),
    "O": ("bytes", ""),
    "I": ("field", "bytes_received"),
    "S": ("field", "bytes_transferred"),
    "D": ("duration", "us"),
    "T": ("duration", "s"),
    "v": ("host", ""),
    "V": ("host", ""),
    "p": ("field", "port"),
    "P": ("field", "pid"),
    "m": ("method", ""),
    "U": ("path", ""),
    "q": ("query", ""),
    "H": ("protocol", ""),
    "L": ("field", "log_id"),
    "X": ("field", "connection"),
    "k": ("field", "keepalives"),
    "f": ("field", "file"),
    "R": ("field", "handler"),
    "A": ("field", "local_address"),
}
_HEADERS = {"user-agent": "agent", "referer": "referer", "host": "host"}
_TIMES = {"sec": "epoch", "msec": "epoch-ms", "usec": "epoch-us"}
_UNITS = {"s": "s", "ms": "ms", "us": "us"}


def parse_apache(text: str) -> tuple[Token, ...]:
    """The tokens of a LogFormat. Refuses a directive that does not exist and a format without a time."""
    text = (
        text.replace("\\\\", "\0")
        .replace('\\"', '"')
        .replace("\\t", "\t")
        .replace("\\n", "\n")
        .replace("\0", "\\")
    )
    tokens: list[Token] = []
    literal = ""
    used: set[str] = set()
    at = 0
    while at < len(text):
        if text[at] != "%":
            literal += text[at]
            at += 1
            continue
        match = _DIRECTIVE.match(text, at)
        if match is None:
            raise WhosawError("template.unknown", f"{text[at : at + 8]!r} is not a directive of LogFormat")
        at = match.end()
        if match[3] == "%":
            literal += "%"
            continue
        found = _directive(match[3], match[1], match[0])
        if match[0] == "%s" and "%>s" in text:
            found = slot("field", "first_status")  # of the request before internal redirects
        if found.kind not in ("field", "skip", "ident") and found.kind in used:
            found = slot("field", (match[1] or match[3]).lower())
        used.add(found.kind)
        if found.kind == "time" and found.argument == "clf":
            literal += "["
        if literal:
            tokens.append(literal)
        elif tokens and isinstance(tokens[-1], Slot):
            if (tokens[-1].kind, found.kind) != ("path", "query"):
                raise WhosawError(
                    "template.unclear", f"{match[0]} follows another directive with nothing between them",
                    hint="Such a log cannot be split; put a space or a quote between the two in LogFormat",
                )  # fmt: skip
            # %U%q: the query brings its own question mark
            tokens[-1] = slot("uri")
            used.add("uri")
            continue
        tokens.append(found)
        literal = "]" if found.kind == "time" and found.argument == "clf" else ""
    if literal:
        tokens.append(literal)
    if "time" not in used:
        raise WhosawError("template.no-time", "the LogFormat has no time", hint="It needs %t")
    return tuple(tokens)


def _directive(letter: str, argument: str | None, whole: str) -> Slot:
    if argument is None or (letter == "h" and argument == "c") or (letter == "a" and argument == "c"):
        if letter in _PLAIN:
            return slot(*_PLAIN[letter])
    elif letter == "i":
        name = argument.lower()
        return slot(_HEADERS[name]) if name in _HEADERS else slot("field", name.replace("-", "_"))
    elif letter in ("o", "C", "e", "n", "x") or letter.startswith("^"):
        return slot("field", argument.lower().replace("-", "_"))
    elif letter == "t":
        form = argument.removeprefix("begin:").removeprefix("end:")
        return slot("time", _TIMES.get(form, form or "clf"))
    elif letter == "T" and argument in _UNITS:
        return slot("duration", _UNITS[argument])
    elif letter in ("p", "P"):
        return slot("field", {"p": "port", "P": "pid"}[letter])
    raise WhosawError("template.unknown", f"{whole} is not a directive of LogFormat")
