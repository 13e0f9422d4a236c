"""Whether the wide tests run: more examples, kills and pages than `make test` has time for. `make test-wide` sets it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Final, TypeVar

__all__ = ["WIDE", "examples", "some"]

T = TypeVar("T")
WIDE: Final = bool(os.environ.get("WHOSAW_WIDE"))


def some(each: Sequence[T], *, of: int) -> Sequence[T]:
    """All in the wide tests; otherwise one of so many, the first among them."""
    return each if WIDE else each[::of]


def examples(wide: int) -> int:
    """How many examples a property is tried with, of so many in the wide tests: otherwise a third, and twelve at least."""
    return wide if WIDE else max(min(wide, 12), wide // 3)
