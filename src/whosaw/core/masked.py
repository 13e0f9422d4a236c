"""Values that single out a person, held so that they cannot be printed by accident."""

from __future__ import annotations

from typing import Any

__all__ = ["Masked", "mask"]


def mask(text: str) -> str:
    """First and last character with a fixed middle: enough to compare by eye, not to identify."""
    if len(text) < 4:
        return "***"
    return f"{text[0]}***{text[-1]}"


class Masked:
    """Wraps a raw identifier. `repr`, `str` and format show the mask; `reveal()` is the one way out."""

    __slots__ = ("_raw",)

    def __init__(self, raw: str) -> None:
        self._raw = raw

    def reveal(self) -> str:
        """The raw identifier. Call it at output only, and journal the call."""
        return self._raw

    def __repr__(self) -> str:
        return f"Masked({mask(self._raw)})"

    def __str__(self) -> str:
        return mask(self._raw)

    def __format__(self, spec: str) -> str:
        return format(mask(self._raw), spec)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Masked) and other._raw == self._raw

    def __hash__(self) -> int:
        return hash(self._raw)

    def __reduce__(self) -> str | tuple[Any, ...]:
        raise TypeError("a masked value is not pickled")
