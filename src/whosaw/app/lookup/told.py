"""By which version of a case people are told in notices: a look-up page has to go by none that is older."""

from __future__ import annotations

from pathlib import Path

from whosaw.core.errors import WhosawError
from whosaw.store.sending.sending_store import SendingStore

__all__ = ["refuse_behind", "told_by"]


def told_by(root: Path, case: str) -> int | None:
    """The newest version whose recipients were frozen; None where none was."""
    if not SendingStore.there(root):
        return None
    store = SendingStore(root)
    try:
        return max((each.version for each in store.sendings(case)), default=None)
    finally:
        store.close()


def refuse_behind(root: Path, case: str, version: int) -> None:
    """Raise `WhosawError` where people are told by a newer version."""
    told = told_by(root, case)
    if told is not None and told > version:
        raise WhosawError(
            "lookup.behind",
            f"people are told by version {told} of {case}, and a page of version {version} could tell one of them something else",
            hint=f"Make the table from version {told}",
        )
