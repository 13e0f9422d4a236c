"""What a look-up page says of itself: its address, and the digest of its text by language."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from whosaw.core.errors import WhosawError

__all__ = ["Statement", "read_statement"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """A signed statement as it stands in its file; whether the signature holds is another question."""

    raw: bytes = field(repr=False)
    body: Mapping[str, Any]
    signature: Mapping[str, Any]

    @property
    def address(self) -> str:
        return str(self.body["address"])

    @property
    def mark(self) -> str:
        return str(self.body["mark"])

    @property
    def kinds(self) -> tuple[str, ...]:
        return tuple(map(str, self.body["kinds"]))

    @property
    def pages(self) -> Mapping[str, str]:
        """SHA-256 of the page, unpacked, by language."""
        pages: Mapping[str, str] = self.body["pages"]
        return pages


def read_statement(path: Path) -> Statement:
    """The statement of a file. Raises `WhosawError` where it is none."""
    try:
        raw = path.read_bytes()
        told = json.loads(raw)
        found = Statement(raw=raw, body=dict(told["body"]), signature=dict(told["signature"]))
        if not (found.address and found.mark and found.kinds and dict(found.pages)):
            raise ValueError  # noqa: TRY301  # one answer for all that is no statement
    except OSError as fault:
        raise WhosawError(
            "lookup.statement",
            f"{path} cannot be read ({fault.strerror})",
            hint="`whosaw lookup sign` writes one",
        ) from fault
    except (ValueError, KeyError, TypeError) as fault:
        raise WhosawError(
            "lookup.statement",
            f"{path} is no statement of a look-up page",
            hint="`whosaw lookup sign` writes one",
        ) from fault
    return found
