"""Keys: what was read to make something, as one SHA-256. The same key means the same rows, so they are not made again."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from whosaw.core.canonical_json import canonical_json

__all__ = ["REAL_DIGITS", "items_key", "kind_key", "root", "rounded", "short", "step_key"]

REAL_DIGITS = 6  # what must be a real number is rounded to so many digits behind the point before it is compared with anything


def kind_key(days: Mapping[int, str]) -> str:
    """The key of a kind: the row digests of its days."""
    return hashlib.sha256(
        "\n".join(f"{day} {told}" for day, told in sorted(days.items())).encode()
    ).hexdigest()


def root(kinds: Mapping[str, str]) -> str:
    """One key for all that there is: the keys of the kinds."""
    return _sha256(sorted(kinds.items()))


def items_key(items: Any) -> str:
    """The key of fields of items, a document in JSON's types."""
    return _sha256(items)


def step_key(
    *,
    name: str,
    code: str,
    items: str,
    reads: Sequence[tuple[str, int, str]],
    facts: Mapping[str, Any],
) -> str:
    """The key of a step on a day: its name, the digest of its code, the key of the fields of items that it named, (kind, day, row digest) of
    each run that it reads, and the value of each fact as of the day."""
    return _sha256([name, code, items, sorted(reads), dict(facts)])


def short(value: Any) -> str:
    """A short digest of a value in JSON's types: enough to say what changed, not to key by."""
    return _sha256(value)[:16]


def rounded(value: Any) -> Any:
    """A value in JSON's types with every real number rounded, so that no key hangs on the last bits of a division."""
    if value is None or isinstance(
        value, str | int
    ):  # most are, and to ask whether they are a mapping takes longest
        return value
    if isinstance(value, float):
        return round(value, REAL_DIGITS) + 0.0  # no negative zero
    if isinstance(value, Mapping):
        return {str(name): rounded(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [rounded(each) for each in value]
    return value


def _sha256(value: Any) -> str:
    return hashlib.sha256(canonical_json(value)).hexdigest()
