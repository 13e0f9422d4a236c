"""What of ASN.1 time stamps need: values in DER (X.690)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

__all__ = ["GENERALIZED_TIME", "INTEGER", "OCTETS", "OID", "SEQUENCE", "SET", "Value", "oid", "one"]

INTEGER, OCTETS, OID, SEQUENCE, SET, GENERALIZED_TIME = 0x02, 0x04, 0x06, 0x30, 0x31, 0x18


@dataclass(frozen=True, slots=True)
class Value:
    """One DER value: its tag, its content, and all its bytes."""

    tag: int
    content: bytes
    whole: bytes

    def inside(self) -> list[Value]:
        return list(_values(self.content))


def _values(data: bytes) -> Iterator[Value]:
    """The values that stand one after another (X.690, definite lengths only)."""
    at = 0
    while at < len(data):
        tag, length, begin = data[at], data[at + 1], at + 2
        if tag & 0x1F == 0x1F or length == 0x80:
            raise ValueError("it is not in DER")
        if length > 0x80:
            width = length & 0x7F
            length, begin = int.from_bytes(data[begin : begin + width], "big"), begin + width
        if begin + length > len(data):
            raise ValueError("it is cut short")
        yield Value(tag, data[begin : begin + length], data[at : begin + length])
        at = begin + length


def one(data: bytes, tag: int = SEQUENCE) -> Value:
    """The one value that stands there, of this tag."""
    found = list(_values(data))
    if len(found) != 1 or found[0].tag != tag:
        raise ValueError("it is not in the form of RFC 3161")
    return found[0]


def oid(value: Value) -> str:
    """An object identifier as numbers with dots."""
    if value.tag != OID or not value.content:
        raise ValueError("it is not in the form of RFC 3161")
    numbers, current = [], 0
    for byte in value.content:
        current = (current << 7) | (byte & 0x7F)
        if not byte & 0x80:
            numbers.append(current)
            current = 0
    first = min(numbers[0] // 40, 2)
    return ".".join(str(each) for each in (first, numbers[0] - 40 * first, *numbers[1:]))
