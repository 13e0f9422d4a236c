"""Whether the wide tests run: more examples, kills and pages than `make test` has time for. `make test-wide` sets it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Final, TypeVar

import pytest

__all__ = ["WIDE", "examples", "some", "wide"]

T = TypeVar("T")
WIDE: Final = bool(os.environ.get("WHOSAW_WIDE"))
wide: Final = pytest.mark.skipif(not WIDE, reason="make test-wide runs it")
"""Of a test that takes long, of which a smaller form stays in `make test`."""


def some(each: Sequence[T], *, of: int) -> Sequence[T]:
    """All in the wide tests; otherwise one of so many, the first among them."""
    return each if WIDE else each[::of]


def examples(of: int) -> int:
    """How many examples a property is tried with, of so many in the wide tests: otherwise a fifth, and eight at least."""
    return of if WIDE else max(min(of, 8), of // 5)
