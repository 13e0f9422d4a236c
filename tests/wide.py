"""Whether the wide tests run: more examples, kills and pages than `make test` has time for. `make test-wide` sets it."""

from __future__ import annotations

import os
from typing import Final

__all__ = ["WIDE"]

WIDE: Final = bool(os.environ.get("WHOSAW_WIDE"))
