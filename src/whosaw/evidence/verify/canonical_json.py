"""JSON in its one spelling, so that one meaning has one digest."""

from __future__ import annotations

import json
from typing import Any

__all__ = ["Json", "canonical", "load_json"]

Json = dict[str, Any]


def canonical(value: object) -> bytes:
    """JSON with one spelling: sorted keys, no spaces, UTF-8."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return text.encode("utf-8", "surrogatepass")


def load_json(data: bytes) -> Any:
    """Read canonical JSON; `ValueError` for any other spelling, so that one meaning has one digest."""

    def once(pairs: list[tuple[str, Any]]) -> Json:
        found = dict(pairs)
        if len(found) != len(pairs):
            raise ValueError("a key stands there twice")
        return found

    value = json.loads(data.decode("utf-8", "surrogatepass"), object_pairs_hook=once)
    if canonical(value) != data:
        raise ValueError("it is not in the canonical spelling")
    return value
