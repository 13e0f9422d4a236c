"""How far the logs reach around the views of a scope, as its documents say it."""

from __future__ import annotations

from typing import Final

__all__ = ["BEGIN", "END", "NOTHING"]

NOTHING: Final = "nothing further found"
BEGIN: Final = "the logs begin here"
END: Final = "the logs end here"
