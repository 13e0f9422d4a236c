"""Ports that clients send from."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from whosaw.replay.traffic import Traffic

from .columns import fixed

__all__ = ["ports", "ports_of"]

_FIRST, _COUNT = 32_768, 28_232  # the range that Linux gives to clients (ip_local_port_range)
_CONNECTION_MS = 8_000  # a connection is kept about so long


@lru_cache(maxsize=8)
def ports(before: str, after: str) -> pa.StringArray:
    """The text of every port."""
    return fixed(f"{before}{_FIRST + at}{after}" for at in range(_COUNT))


def ports_of(part: Traffic) -> NDArray[np.int32]:
    """A position in `ports` for each request: the same for requests of an address that follow one another."""
    return ((part.address * 7919 + part.time // _CONNECTION_MS * 104_729) % _COUNT).astype(np.int32)
