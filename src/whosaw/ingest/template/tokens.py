"""The parts of a template: literal text, and slots that hold a value of a known kind.

A slot is written `{kind}` or `{kind:argument}` in the templates of items; the log_format of nginx, the
LogFormat of Apache and the format string of Envoy are turned into the same tokens."""

from __future__ import annotations

import re
from dataclasses import dataclass

from whosaw.core import client
from whosaw.core.errors import WhosawError
from whosaw.ingest.times.read import TIME_KINDS

__all__ = ["ENDINGS", "PAIR_KEY", "SELDOM_REPEATED", "TEXT_KINDS", "Slot", "Token", "parse_plain", "slot"]

# kinds that go to the canonical column of the same name, unescaped, with "-" as null
TEXT_KINDS = frozenset(
    {
        "host",  # argument `name`: a host of digits alone is none
        "referer",
        *(each for each in client.SENT if each != "address"),  # addresses have kinds of their own
        "request_id",
        "action",
        "object",
        "statement",
        "method",
        "protocol",
    }
)
_KINDS = TEXT_KINDS | {
    "address",
    "address_port",  # 192.0.2.1:443 or [2001:db8::1]:443
    "peer",  # the other end of the connection; the client where nothing was forwarded
    "forwarded",  # X-Forwarded-For; its last entry was written by the server itself
    "time",
    "request",  # GET /path?query HTTP/1.1
    "uri",  # /path?query
    "path",
    "query",
    "status",
    "bytes",
    "rows",
    "duration",  # argument s, ms or us
    "field",  # argument: its name in `fields`
    "ident",  # the identity of RFC 1413, nearly always "-"; read over, but never an address
    "port",  # digits, in `fields`
    "object_parent",  # stands before the object, with a slash between the two
    "audit",  # a pgaudit entry to the end of the record
    "skip",  # read over
    "free",  # argument: its name in `fields`; may hold spaces
    "rest",  # values to the end of the line, kept as the fields tail_1, tail_2, ...
    "pairs",  # key=value key=value ... to the end of the line
    "tail",  # anything to the end of the line: later versions of a format add fields there
}
# values that are mostly new in every line gain nothing from being held once
SELDOM_REPEATED = frozenset(
    {
        "request",
        "uri",
        "path",
        "query",
        "request_id",
        *client.with_(lambda each: each.fleeting),
        "statement",
        "free",
        "audit",
        "object",
    }
)
ENDINGS = frozenset({"pairs", "rest", "tail"})
"""Kinds that take all that follows, and can only stand at the end."""
PAIR_KEY = r"[A-Za-z_][A-Za-z0-9_.-]*"
_DURATIONS = frozenset({"s", "ms", "us"})
_PLAIN = re.compile(r"\{([a-z_]+)(?::([A-Za-z0-9_. /%:,-]+))?\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """A place for a value."""

    kind: str
    argument: str = ""

    @property
    def open(self) -> bool:
        """Whether a text may hold spaces although it has no quotes: only its neighbours say where it ends."""
        return self.kind in TEXT_KINDS and self.argument == "open"

    @property
    def raw(self) -> bool:
        """Whether a backslash in a text is one, and escapes nothing."""
        return self.kind in TEXT_KINDS and self.argument == "raw"


Token = str | Slot


def slot(kind: str, argument: str = "") -> Slot:
    """A checked slot. Raises `WhosawError` for a kind or an argument that does not exist."""
    if kind not in _KINDS:
        raise WhosawError(
            "template.unknown",
            f"{{{kind}}} is not a kind of slot",
            hint=f"One of {', '.join(sorted(_KINDS))}",
        )
    if kind == "duration" and argument not in _DURATIONS:
        raise WhosawError(
            "template.unknown", f"{argument!r} is not a unit of duration", hint="Use s, ms or us"
        )
    if kind == "time" and argument not in TIME_KINDS and "%" not in argument:
        known = ", ".join(sorted(TIME_KINDS))
        raise WhosawError(
            "template.unknown",
            f"{argument!r} is not a kind of time",
            hint=f"One of {known}, or a strftime format",
        )
    if kind in ("field", "free") and not argument:
        raise WhosawError("template.unknown", f"{{{kind}}} needs a name", hint=f"Write {{{kind}:name}}")
    return Slot(kind=kind, argument=argument)


def parse_plain(text: str) -> tuple[Token, ...]:
    """The tokens of an item's own template."""
    tokens: list[Token] = []
    at = 0
    for match in _PLAIN.finditer(text):
        if match.start() > at:
            tokens.append(text[at : match.start()])
        tokens.append(slot(match[1], match[2] or ""))
        at = match.end()
    if at < len(text):
        tokens.append(text[at:])
    return tuple(tokens)
