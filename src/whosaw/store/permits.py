"""Whether the gate was asked before a workspace is opened. The gate itself stands above; here is what makes a door that forgot it a
closed one: a workspace that asks for accounts is opened under a permit alone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from whosaw.core.errors import WhosawError

__all__ = [
    "ACCOUNTS",
    "MARKER",
    "PASSKEYS",
    "Permit",
    "has_permit",
    "permitted",
    "refuse_unasked",
    "under_permit",
]

MARKER: Final = "whosaw-workspace.json"
"""The file by which a folder is a workspace."""
ACCOUNTS: Final = "gate.accounts"  # the setting of a workspace: "required", or nobody set it
PASSKEYS: Final = "gate.passkeys"  # the same: "required", and no password alone opens the console


@dataclass(frozen=True, slots=True, kw_only=True)
class Permit:
    """The gate let somebody into the workspace in `root`; `who` stands in the entries that are written meanwhile. `cases`: those that they
    are limited to; None: they are not. `purpose`: where it is not None, each look under masks is put on record with it."""

    root: Path
    who: str
    cases: frozenset[str] | None = None
    purpose: str | None = None


_permit: ContextVar[Permit | None] = ContextVar("permit", default=None)


@contextmanager
def under_permit(
    root: Path, who: str, *, cases: frozenset[str] | None = None, purpose: str | None = None
) -> Iterator[None]:
    """Work in the workspace as somebody whom the gate let in."""
    before = _permit.set(Permit(root=root.resolve(), who=who, cases=cases, purpose=purpose))
    try:
        yield
    finally:
        _permit.reset(before)


def permitted(root: Path) -> Permit | None:
    """The permit for this workspace, where there is one."""
    found = _permit.get()
    return found if found is not None and found.root == root.resolve() else None


def has_permit(root: Path) -> bool:
    """Whether the gate was asked for this workspace already."""
    return permitted(root) is not None


def refuse_unasked(root: Path, accounts: str | None) -> None:
    """Raise `WhosawError` where a workspace asks for accounts and nobody asked the gate."""
    if accounts and not has_permit(root):
        raise WhosawError(
            "gate.not-asked",
            f"{root} is opened with an account alone, and this way in asked for none",
            hint="Use a command, the console or the API with a token of yours",
        )
