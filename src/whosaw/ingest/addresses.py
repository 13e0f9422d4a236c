"""One spelling for client addresses."""

from __future__ import annotations

import re
from functools import lru_cache
from socket import AF_INET6, inet_ntop, inet_pton

__all__ = ["address_and_port", "plain_address"]

_PORT = re.compile(r"(?:\[([^\]]*)\]|([^:\[\]]*)):(\d{1,5})\Z")


@lru_cache(maxsize=1 << 16)
def plain_address(text: str) -> str:
    """IPv6 in lower case and shortest form with its zone kept; anything else as it is.

    An IPv4 address inside IPv6 keeps its dots (RFC 5952 section 5).
    """
    if ":" not in text:
        return text
    bare = text[1:-1] if text.startswith("[") and text.endswith("]") else text
    address, percent, zone = bare.partition("%")
    try:
        # the C library's own, 30 times faster than the ipaddress module
        shown = inet_ntop(AF_INET6, inet_pton(AF_INET6, address))
    except (OSError, ValueError):  # a host name with a port, a socket path: shown as the log has it
        return text
    return f"{shown}{percent}{zone}"


def address_and_port(text: str) -> str:
    """The address of `192.0.2.1:443` or `[2001:db8::1]:443`; without a port the whole text is the address."""
    match = _PORT.match(text)
    if match is None:
        return plain_address(text)
    return plain_address(match[1] if match[1] is not None else match[2])
