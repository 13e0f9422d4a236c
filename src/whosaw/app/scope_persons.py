"""The people of a version of a case, one by one."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from whosaw.store.cases import CaseStore
from whosaw.store.workspace import Workspace

from .questions import Ledger
from .scope import show_version

__all__ = ["show_persons"]


def show_persons(
    root: Path,
    case: str | None,
    version: int | None = None,
    *,
    now: datetime,
    key_file: Path | None = None,
    reveal: bool = False,
    reason: str = "",
) -> dict[str, Any]:
    """The document of a version with `persons`: by number, how each is shown, and whether a view of theirs is held. Masked, unless
    `reveal`, which is one look in the journal."""
    document = show_version(root, case, version, key_file=key_file)
    workspace = Workspace.open(root, key_file=key_file)
    sets = CaseStore(workspace).sets(document["case"], document["version"])
    ledger = Ledger(workspace, now=now, reveal=reveal, reason=reason)
    try:
        held, possible = sets["held"], sets["possible"]
        everybody = [int(each) for each in held | possible]
        shown = ledger.show(everybody, []).persons if everybody else {}
        persons = [
            {"number": f"p{each}", "shown": shown.get(each, "***"), "held": each in held}
            for each in everybody
        ]
        return {**document, "persons": persons}
    finally:
        ledger.close()
