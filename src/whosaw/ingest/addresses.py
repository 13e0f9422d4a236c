"""One spelling for client addresses."""

from __future__ import annotations

import re
from ipaddress import AddressValueError, IPv6Address

__all__ = ["address_and_port", "plain_address"]

_PORT = re.compile(r"(?:\[([^\]]*)\]|([^:\[\]]*)):(\d{1,5})\Z")


def plain_address(text: str) -> str:
    """IPv6 in lower case and shortest form with its zone kept; anything else as it is.

    An IPv4 address inside IPv6 keeps its dots (RFC 5952 section 5).
    """
    if ":" not in text:
        return text
    bare = text[1:-1] if text.startswith("[") and text.endswith("]") else text
    address, percent, zone = bare.partition("%")
    try:
        parsed = IPv6Address(address)
    except AddressValueError:  # a host name with a port, a socket path: shown as the log has it
        return text
    mapped = parsed.ipv4_mapped
    shown = f"::ffff:{mapped}" if mapped is not None else parsed.compressed
    return f"{shown}{percent}{zone}"


def address_and_port(text: str) -> str:
    """The address of `192.0.2.1:443` or `[2001:db8::1]:443`; without a port the whole text is the address."""
    match = _PORT.match(text)
    if match is None:
        return plain_address(text)
    return plain_address(match[1] if match[1] is not None else match[2])
