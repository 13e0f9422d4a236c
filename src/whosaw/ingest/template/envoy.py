"""The format strings of Envoy's access log (envoyproxy.io, "Access logging", "Command operators")."""

from __future__ import annotations

import re

from whosaw.core.errors import WhosawError

from .tokens import Slot, Token, slot

__all__ = ["parse_envoy"]

_OPERATOR = re.compile(r"%([A-Z_]+)(?:\(([^)]*)\))?(?::(\d+))?%")
_KNOWN: dict[str, tuple[str, str]] = {
    "PROTOCOL": ("protocol", ""),
    "RESPONSE_CODE": ("status", ""),
    "BYTES_SENT": ("bytes", ""),
    "DURATION": ("duration", "ms"),
    "DOWNSTREAM_REMOTE_ADDRESS": ("peer", ""),
    "DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT": ("peer", ""),
    "REQUESTED_SERVER_NAME": ("field", "requested_server_name"),
}
_REQUEST_HEADERS: dict[str, tuple[str, str]] = {
    ":METHOD": ("method", ""),
    ":PATH": ("uri", ""),
    "X-ENVOY-ORIGINAL-PATH?:PATH": ("uri", ""),
    ":AUTHORITY": ("host", ""),
    "X-FORWARDED-FOR": ("forwarded", ""),
    "USER-AGENT": ("agent", ""),
    "REFERER": ("referer", ""),
    "X-REQUEST-ID": ("request_id", ""),
}


def parse_envoy(text: str) -> tuple[Token, ...]:
    """The tokens of a format string. An operator without a column of its own becomes a field."""
    tokens: list[Token] = []
    at = 0
    for match in _OPERATOR.finditer(text):
        if match.start() > at:
            tokens.append(text[at : match.start()])
        tokens.append(_operator(match[1], match[2]))
        at = match.end()
    if at < len(text):
        tokens.append(text[at:])
    if any("%" in token for token in tokens if isinstance(token, str)):
        raise WhosawError(
            "template.unknown", "a % in the format string starts no operator", hint="Write %START_TIME%"
        )
    return tuple(_fold_request(tokens))


def _operator(name: str, argument: str | None) -> Slot:
    if name == "START_TIME":
        return slot("time", argument or "iso")
    if name == "REQ" and argument and argument.upper() in _REQUEST_HEADERS:
        return slot(*_REQUEST_HEADERS[argument.upper()])
    if name in _KNOWN and argument is None:
        return slot(*_KNOWN[name])
    shown = name if argument is None else f"{name}_{argument}"
    return slot("field", re.sub(r"[^a-z0-9]+", "_", shown.lower()).strip("_"))


def _fold_request(tokens: list[Token]) -> list[Token]:
    """`METHOD PATH PROTOCOL` in one pair of quotes is a request line, which may hold further spaces."""
    wanted: list[Token] = [slot("method"), " ", slot("uri"), " ", slot("protocol")]
    for at in range(len(tokens) - len(wanted) + 1):
        if tokens[at : at + len(wanted)] == wanted:
            return [*tokens[:at], slot("request"), *tokens[at + len(wanted) :]]
    return tokens
