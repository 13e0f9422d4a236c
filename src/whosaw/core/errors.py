"""What can go wrong, said so that a person can act on it.

Every error whosaw raises on purpose is a `WhosawError`: a stable code, one sentence, where it
happened and what to do. Only `cli` turns it into prose; a traceback that reaches a user is a bug.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

__all__ = ["Fault", "FaultsError", "Where", "WhosawError"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """A place in something a person can open. Any part may be unknown (None)."""

    file: str | None = None
    line: int | None = None
    item: str | None = None

    def __str__(self) -> str:
        place = self.file or ""
        if self.line is not None:
            place += f":{self.line}"
        if self.item:
            place += f" [{self.item}]" if place else f"[{self.item}]"
        return place


class WhosawError(Exception):
    """Root of every error that whosaw raises on purpose.

    `code` is stable (`area.reason`), `message` is one sentence without personal data,
    `hint` says what to do next.
    """

    def __init__(self, code: str, message: str, *, hint: str = "", where: Where | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint
        self.where = where

    def __str__(self) -> str:
        text = f"{self.where}: {self.message}" if self.where else self.message
        return f"{text}. {self.hint}" if self.hint else text


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing wrong in a file a person wrote."""

    code: str
    message: str
    where: Where
    hint: str = ""

    def inside(self, file: str) -> Fault:
        """The same fault with its file named."""
        return replace(self, where=replace(self.where, file=file))

    def __str__(self) -> str:
        text = f"{self.where}: {self.message}"
        return f"{text}. {self.hint}" if self.hint else text


class FaultsError(WhosawError):
    """All faults found in user files at once; nothing was written."""

    def __init__(self, code: str, faults: list[Fault]) -> None:
        ordered = sorted(
            faults, key=lambda f: (f.where.file or "", f.where.line or 0, f.where.item or "", f.message)
        )
        count = len(ordered)
        super().__init__(code, f"{count} fault{'' if count == 1 else 's'} found, nothing was written")
        self.faults = tuple(ordered)

    def __str__(self) -> str:
        return "\n".join([*(str(fault) for fault in self.faults), self.message])
