"""Passwords that everybody knows, or that were in a breach: some 1.4 million of twelve characters and more, asked without a network.

`data/web/known-passwords.bin` is made by `tools.known_passwords`: for each of 65,536 buckets, by the first two bytes of the SHA-256 of the
password in small letters, how many there are in one byte; then the two bytes behind these, sorted, bucket after bucket. A password that is
none of them is taken for one once in some 3,000 times.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_left
from functools import cache
from itertools import accumulate
from pathlib import Path
from typing import Final

__all__ = ["BUCKETS", "FILE", "LEAST", "is_known", "place_of"]

FILE: Final = Path(__file__).parents[2] / "data" / "web" / "known-passwords.bin"
BUCKETS: Final = 65_536
LEAST: Final = 12  # characters of a password; NIST SP 800-63B asks for eight at least, and for no mixture
_WIDTH: Final = 2


def is_known(password: str) -> bool:
    """Whether a password, large letters or small, is one of them."""
    bucket, rest = place_of(password)
    begins, data = _table()
    inside = data[begins[bucket] : begins[bucket + 1]]
    entries = [inside[at : at + _WIDTH] for at in range(0, len(inside), _WIDTH)]
    at = bisect_left(entries, rest)
    return at < len(entries) and entries[at] == rest


def place_of(password: str) -> tuple[int, bytes]:
    """In which bucket a password is, and as what."""
    digest = hashlib.sha256(password.casefold().encode()).digest()
    return int.from_bytes(digest[:2], "big"), digest[2 : 2 + _WIDTH]


@cache
def _table() -> tuple[tuple[int, ...], bytes]:
    """Where each bucket begins in the file, and the file."""
    data = FILE.read_bytes()
    return (BUCKETS, *(BUCKETS + _WIDTH * end for end in accumulate(data[:BUCKETS]))), data
