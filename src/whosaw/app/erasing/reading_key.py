"""Writes a reading key: what executors need to read logs into a workspace whose vault they cannot open, and to make steps of its ledger."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from whosaw.app.gating.asking import asks
from whosaw.app.gating.rights import Verb
from whosaw.build.row_digest import row_secrets
from whosaw.core.errors import WhosawError
from whosaw.store.kinds import KINDS
from whosaw.store.reading_key import fingerprint
from whosaw.store.reading_key import write_reading_key as write
from whosaw.store.workspace import DIGESTS_UNDER, Workspace

__all__ = ["ReadingKeyWritten", "write_reading_key"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingKeyWritten:
    """A reading key that was written. `seals_for` is the public half that it seals for; `entry` stands in the custody journal."""

    file: str
    seals_for: str
    entry: int


@asks(Verb.ROTATE, "vault")
def write_reading_key(
    root: Path, out: Path, *, reason: str, now: datetime, key_file: Path | None = None
) -> ReadingKeyWritten:
    """Write the reading key of the workspace in `root` into a file that its owner alone may read. Raises `WhosawError` without a reason, and
    where a rotation is under way or the file cannot be written."""
    if not reason.strip():
        raise WhosawError(
            "vault.no-reason", "no reading key is given out without a reason", hint="Say why with --reason"
        )
    workspace = Workspace.open(root, key_file=key_file)
    try:
        journal, vault = workspace.journal, workspace.vault
        if not journal.writable or vault.rotating:
            raise WhosawError(
                "vault.rotating",
                f"{root} can only be read, or a rotation of its vault has not come to its end",
                hint="End it with `whosaw vault rotate`",
            )
        with journal.transaction() as connection:
            body = {"reason": reason.strip(), "file": out.name, "seals-for": fingerprint(vault)}
            entry = journal.record(connection, "vault.reading-key", body, now=now)
        columns = [name for kind in KINDS.values() for name in kind.columns.names]
        write(out, vault, journal.setting(DIGESTS_UNDER), row_secrets(columns))
        return ReadingKeyWritten(file=str(out), seals_for=fingerprint(vault), entry=entry)
    finally:
        workspace.close()
