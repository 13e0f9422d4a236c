"""Memory that was used and is free: allocators keep it for what comes next, and each of them keeps its own; and pages of files that were read."""

from __future__ import annotations

import ctypes
import gc
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

import pyarrow as pa

from .mapped import let_go

__all__ = ["give_back", "keep_little", "looking_seldom"]

_LARGE: Final = 1 << 20  # bytes
_AREAS: Final = 2
_MMAP_THRESHOLD, _ARENA_MAX = -3, -8  # of the C library
_MADE: Final = 50_000  # objects, more than went, after which it is looked; Python's own number is 700


def _of_the_library(name: str) -> Callable[..., int] | None:
    """A function of the C library; None where it has none of that name."""
    found: Callable[..., int] | None = (
        getattr(ctypes.CDLL(None), name, None) if sys.platform == "linux" else None
    )
    return found


def give_back() -> None:
    """Give the machine what pyarrow and the C library hold and nobody uses, of this thread at least, and the pages of files that were read."""
    let_go()
    pa.default_memory_pool().release_unused()
    trim = _of_the_library("malloc_trim")
    if trim is not None:
        trim(0)


def keep_little() -> None:
    """From now on this process has each large piece from the machine by itself and gives it back as soon as it is free, where others stay with
    it in between. It takes up to a fifth more processor time: for who lets others work and waits for them."""
    option = _of_the_library("mallopt")
    if option is not None:
        option(_MMAP_THRESHOLD, _LARGE)
        option(_ARENA_MAX, _AREAS)


@contextmanager
def looking_seldom() -> Iterator[None]:
    """While this lasts, Python seldom looks for objects that hold one another and that nobody else holds: what a journal says of days is a
    hundred thousand objects that stay, and each look goes through all of them."""
    before = gc.get_threshold()
    gc.set_threshold(_MADE, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
