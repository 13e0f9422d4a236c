"""Whether the wide tests run: more examples, kills and pages than `make test` has time for. `make test-wide` sets it."""

from __future__ import annotations

import os
from typing import Final

__all__ = ["WIDE", "examples"]

WIDE: Final = bool(os.environ.get("WHOSAW_WIDE"))


def examples(wide: int) -> int:
    """How many examples a property is tried with, of so many in the wide tests: otherwise a third, and twelve at least."""
    return wide if WIDE else max(min(wide, 12), wide // 3)
