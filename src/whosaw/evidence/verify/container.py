"""A zip file of one spelling: nothing compressed, no time, nothing between the parts."""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterable, Mapping

from .canonical_json import Json, load_json
from .names import CLOSING, MANIFEST, SIGNATURE, STAMP

__all__ = ["in_order", "open_bundle", "pack", "unpack"]

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*(/[A-Za-z0-9_][A-Za-z0-9_.-]*){0,3}\Z")
_MOST_PARTS = 60_000
_LOCAL, _CENTRAL, _END = "<4s5H3I2H", "<4s6H3I5H2I", "<4s4H2IH"
_DATE = (1 << 5) | 1  # 1980-01-01, the first day that a zip file can say


def pack(parts: Mapping[str, bytes], checksums: Mapping[str, int] | None = None) -> bytes:
    """The bytes of a bundle. Parts stand in the order given. `ValueError` where a plain zip cannot hold them."""
    body, directory = bytearray(), bytearray()
    for name, data in parts.items():
        spelled = name.encode("ascii")
        crc = zlib.crc32(data) if checksums is None else checksums[name]
        common = (0, 0, 0, _DATE, crc, len(data), len(data), len(spelled))
        if len(body) + len(data) >= 0xFFFF_0000:
            raise ValueError("more than 4 GiB do not fit into a bundle")
        directory += struct.pack(
            _CENTRAL,
            b"PK\x01\x02",
            (3 << 8) | 20,
            20,
            *common[:4],
            *common[4:],
            0,
            0,
            0,
            0,
            0o100644 << 16,
            len(body),
        )
        directory += spelled
        body += struct.pack(_LOCAL, b"PK\x03\x04", 20, *common, 0) + spelled + data
    end = struct.pack(_END, b"PK\x05\x06", 0, 0, len(parts), len(parts), len(directory), len(body), 0)
    return bytes(body + directory + end)


def unpack(data: bytes) -> tuple[dict[str, bytes], list[str]]:
    """The parts of a bundle, and those whose checksum is wrong. Nothing is ever unpacked to disk.

    `ValueError` says why it is no bundle: cut short, a name that leads elsewhere, compressed, bytes that belong to no part.
    """
    size = struct.calcsize(_END)
    if len(data) < size or data[-size:][:4] != b"PK\x05\x06":
        raise ValueError("it is cut short, has something behind its end, or is no bundle at all")
    _, _, _, _, count, length, start, _ = struct.unpack(_END, data[-size:])
    if start + length != len(data) - size:
        raise ValueError("it is cut short, or its table of parts is not where it must be")
    if count > _MOST_PARTS:
        raise ValueError(f"it has more than {_MOST_PARTS:,} parts")
    parts: dict[str, bytes] = {}
    checksums: dict[str, int] = {}
    wrong: list[str] = []
    at = start
    for _ in range(count):
        name, crc, offset, packed, at = _entry(data, at)
        if name in parts:
            raise ValueError(f"{name} stands in it twice")
        begin = offset + struct.calcsize(_LOCAL) + len(name)
        if begin + packed > start:
            raise ValueError(f"{name} reaches beyond the parts: it is cut short or overlaps")
        parts[name], checksums[name] = data[begin : begin + packed], crc
        if zlib.crc32(parts[name]) != crc:
            wrong.append(name)
    if pack(parts, checksums) != data:
        raise ValueError("there are bytes in it that belong to no part")
    return parts, wrong


def _entry(data: bytes, at: int) -> tuple[str, int, int, int, int]:
    """Name, checksum, offset, size and the place behind of one row of the table."""
    head = struct.calcsize(_CENTRAL)
    fields = struct.unpack(_CENTRAL, data[at : at + head])
    method, crc, packed, plain, named, offset = (
        fields[4],
        fields[7],
        fields[8],
        fields[9],
        fields[10],
        fields[16],
    )
    name = data[at + head : at + head + named].decode("ascii", "backslashreplace")
    if fields[0] != b"PK\x01\x02":
        raise ValueError("its table of parts is damaged")
    if not _NAME.match(name) or len(name) != named:
        raise ValueError(f"a part has the name {name[:60]!r}, which no part may have")
    if method != 0 or packed != plain:
        raise ValueError(f"{name} is compressed; in a bundle nothing is, so that nothing can swell")
    return name, crc, offset, packed, at + head + named


def in_order(names: Iterable[str]) -> list[str]:
    """The one order of parts: manifest, signature, time stamp, closing signature, then all others by name."""
    first = {name: place for place, name in enumerate((MANIFEST, SIGNATURE, STAMP, CLOSING))}
    return sorted(names, key=lambda name: (first.get(name, len(first)), name))


def open_bundle(data: bytes) -> tuple[Json, dict[str, bytes]]:
    """The manifest and the parts of a bundle that was verified before. `ValueError` where it is none."""
    parts, _ = unpack(data)
    if MANIFEST not in parts:
        raise ValueError(f"it has no {MANIFEST}")
    return load_json(parts[MANIFEST]), parts
