"""JSON with one spelling: sorted keys, no spaces, UTF-8, instants in RFC 3339 UTC."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Any

from .instants import format_instant

__all__ = ["canonical_json", "pretty_json"]


def _plain(value: object) -> Any:
    if isinstance(value, datetime):
        return format_instant(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.hex()
    as_json = getattr(value, "as_json", None)
    if as_json is not None:
        return as_json()
    raise TypeError(f"{type(value).__name__} has no JSON form")


_CANONICAL = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False, default=_plain
)


def canonical_json(value: object) -> bytes:
    """The one byte form of a value. NaN and infinities are refused."""
    return _CANONICAL.encode(value).encode("utf-8", "surrogatepass")


def pretty_json(value: object) -> str:
    """For people: sorted keys, two spaces of indent."""
    return json.dumps(value, sort_keys=True, indent=2, ensure_ascii=False, allow_nan=False, default=_plain)
