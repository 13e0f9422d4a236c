"""The `log_format` strings of nginx.

Variables: nginx documentation, "Alphabetical index of variables" and ngx_http_log_module.
"""

from __future__ import annotations

import re

from whosaw.core.errors import WhosawError

from .tokens import Slot, Token, slot

__all__ = ["parse_nginx"]

_VARIABLE = re.compile(r"\$(?:\{([A-Za-z0-9_]+)\}|([A-Za-z0-9_]+))")
_KNOWN: dict[str, tuple[str, str]] = {
    "remote_addr": ("address", ""),
    "remote_user": ("principal", ""),
    "time_local": ("time", "clf"),
    "time_iso8601": ("time", "iso"),
    "msec": ("time", "epoch"),
    "request": ("request", ""),
    "request_method": ("method", ""),
    "request_uri": ("uri", ""),
    "uri": ("path", ""),
    "document_uri": ("path", ""),
    "args": ("query", ""),
    "query_string": ("query", ""),
    "server_protocol": ("protocol", ""),
    "status": ("status", ""),
    "body_bytes_sent": ("bytes", ""),
    "bytes_sent": ("bytes", ""),
    "http_referer": ("referer", ""),
    "http_user_agent": ("agent", ""),
    "host": ("host", ""),
    "http_host": ("host", ""),
    "server_name": ("host", ""),
    "request_id": ("request_id", ""),  # made by nginx itself, 16 random bytes
    "request_time": ("duration", "s"),
}
# where a format has several variables of one column, the earlier in this list fills it, the others are fields
_RANK = (
    "http_host", "host", "server_name", "request", "request_uri", "uri", "document_uri", "args",
    "query_string",
    "body_bytes_sent", "bytes_sent", "msec", "time_iso8601", "time_local", "remote_addr",
)  # fmt: skip


def parse_nginx(text: str) -> tuple[Token, ...]:
    """The tokens of a log_format. Any variable is allowed; one that whosaw has no column for becomes a field.

    Refuses a format without a time and two variables with nothing between them, which cannot be told apart.
    """
    names = [match[1] or match[2] for match in _VARIABLE.finditer(text)]
    first: dict[str, str] = {}
    for name in sorted(names, key=lambda name: _RANK.index(name) if name in _RANK else len(_RANK)):
        if name in _KNOWN:
            first.setdefault(_KNOWN[name][0], name)
    seen: set[str] = set()
    tokens: list[Token] = []
    at = 0
    for match in _VARIABLE.finditer(text):
        name = match[1] or match[2]
        if match.start() > at:
            tokens.append(text[at : match.start()])
        elif tokens and isinstance(tokens[-1], Slot):
            raise WhosawError(
                "template.unclear", f"${name} follows another variable with nothing between them",
                hint="Such a log cannot be split; put a space or a quote between the two in log_format",
            )  # fmt: skip
        kind, argument = _KNOWN.get(name, ("field", name))
        if name not in first.values() or name in seen:
            kind, argument = "field", name
        seen.add(name)
        tokens.append(slot(kind, argument))
        at = match.end()
    if at < len(text):
        tokens.append(text[at:])
    if "time" not in first:
        raise WhosawError(
            "template.no-time",
            "the log_format has no time",
            hint="It needs $time_local, $time_iso8601 or $msec",
        )
    return tuple(tokens)
