"""Memory that was used and is free: allocators keep it for what comes next, and each of them keeps its own."""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable

import pyarrow as pa

__all__ = ["give_back"]


def _trim() -> Callable[[int], int] | None:
    found: Callable[[int], int] | None = (
        getattr(ctypes.CDLL(None), "malloc_trim", None) if sys.platform == "linux" else None
    )
    return found


def give_back() -> None:
    """Give the machine what pyarrow and the C library hold and nobody uses, of this thread at least."""
    pa.default_memory_pool().release_unused()
    trim = _trim()
    if trim is not None:
        trim(0)
