"""Opens a workspace for the console: makes what is missing, and the first account on the terminal."""

from __future__ import annotations

import getpass
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from whosaw.app.gating.asking import asks
from whosaw.store.permits import under_permit
from whosaw.store.workspace import Workspace

from .accounts import invite, list_accounts
from .gate import Role, Verb

__all__ = ["Opened", "invite_on_terminal", "open_console"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A workspace that can be served. `first`: the account that was made now, and what its one-time link holds."""

    root: Path
    first: tuple[str, str] | None = field(repr=False)


def open_console(root: Path, *, now: datetime, key_file: Path | None = None) -> Opened:
    """Make sure that there is somebody who can log in: where nobody can, the user of this machine is invited, with every right but an
    auditor's. Raises `WhosawError` where `root` is no workspace, cannot be written, or has another key."""
    with under_permit(root, "console"):  # it shows nothing of itself, and whoever comes is asked
        workspace = Workspace.open(root, key_file=key_file)
    try:
        workspace.journal.create()  # of a workspace that an earlier release made
        if any(each.ready and each.closed is None for each in list_accounts(workspace.journal)):
            return Opened(root=root, first=None)
        name = _name()
        roles = (Role.INVESTIGATOR, Role.OFFICER, Role.ADMINISTRATOR)
        return Opened(
            root=root, first=(name, invite(workspace.journal, name, roles, by="the terminal", now=now))
        )
    finally:
        workspace.close()


@asks(Verb.CHANGE_ACCOUNTS, "accounts")
def invite_on_terminal(
    root: Path,
    name: str,
    roles: Iterable[Role],
    *,
    now: datetime,
    cases: Iterable[str] | None = None,
    key_file: Path | None = None,
) -> str:
    """What the one-time link of somebody holds."""
    workspace = Workspace.open(root, key_file=key_file)
    try:
        workspace.journal.create()
        return invite(workspace.journal, name, roles, by="the terminal", now=now, cases=cases)
    finally:
        workspace.close()


def _name() -> str:
    try:
        return re.sub(r"[^\w.@+-]", "-", getpass.getuser())[:64] or "admin"
    except (KeyError, OSError):
        return "admin"
