"""The sets of people that a version counts."""

from __future__ import annotations

import struct
from collections.abc import Mapping

from .answers import Guard, Told
from .canonical_json import Json, load_json
from .digests import sha256

__all__ = ["check_sets", "roaring_size"]


def check_sets(told: Told, number: int, parts: Mapping[str, bytes], recorded: Json | None) -> dict[str, int]:
    """How many people each set of a version holds, after its digest was held against the list and the journal."""
    name = f"scope/{number:04d}.sets.json"
    sizes: dict[str, int] = {}
    if name not in parts:
        return sizes
    with Guard(told, name):
        listed = load_json(parts[name])
        if recorded is not None and {key: row["sha256"] for key, row in listed.items()} != recorded["sets"]:
            told.broken(name, "its sets are not those that the journal records")
        for key, row in listed.items():
            data = parts.get(f"persons/{row['sha256']}")
            if data is None or sha256(data) != row["sha256"]:
                told.broken(name, f"the set {key} is missing or was changed")
                continue
            sizes[key] = roaring_size(data)
            if sizes[key] != row["persons"]:
                told.broken(name, f"the set {key} holds {sizes[key]} people, not {row['persons']}")
    return sizes


def roaring_size(data: bytes) -> int:
    """How many numbers a set holds, from its table of containers (the portable format of Roaring bitmaps)."""
    (cookie,) = struct.unpack_from("<I", data)
    count: int
    if cookie & 0xFFFF == 12347:
        count = (cookie >> 16) + 1
        at = 4 + (count + 7) // 8
    elif cookie == 12346:
        (count,) = struct.unpack_from("<I", data, 4)
        at = 8
    else:
        raise ValueError("a set of people is no Roaring bitmap")
    sizes: tuple[int, ...] = struct.unpack_from(f"<{2 * count}H", data, at)[1::2]
    return sum(sizes) + count  # each is stored as one less than it is
