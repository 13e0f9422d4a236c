"""Whether the ledger holds all that the last scan was asked to read."""

from __future__ import annotations

from typing import Final

from whosaw.core.errors import WhosawError
from whosaw.store.journal import Journal
from whosaw.store.repositories.entries import last_kind
from whosaw.store.repositories.findings import stored_findings

__all__ = ["WATCH_CAUGHT_UP", "require_ended", "require_looked_for", "sentence_of", "unended"]

WATCH_CAUGHT_UP: Final = "watch.caught-up"  # a watch has read what lay there when it began
_SCANS: Final = ("scan.begin", "scan.end", WATCH_CAUGHT_UP)
_AGAIN: Final = "run the same `whosaw scan` again, it goes on where it stopped"


def unended(journal: Journal) -> str:
    """Why an answer may lack what lies in the logs; empty where the last scan came to its end."""
    if last_kind(journal, _SCANS) != "scan.begin":
        return ""
    return f"the last scan has not ended, so what it had not read yet is missing here; {_AGAIN}"


def require_ended(journal: Journal) -> None:
    """Raise `WhosawError` where the last scan did not come to its end, for what leaves the house must not lack anything."""
    if unended(journal):
        raise WhosawError(
            "ledger.not-ended",
            "the last scan has not ended, so what it had not read yet would be missing",
            hint=sentence_of(_AGAIN),
        )


def require_looked_for(journal: Journal) -> None:
    """Raise `WhosawError` where no scan or watch ever looked for findings: that there are none is then not known."""
    if journal.setting("detected") is None and not stored_findings(journal):
        raise WhosawError(
            "findings.not-looked-for",
            "findings were never looked for in this ledger",
            hint="Run `whosaw scan` on the logs, to its end",
        )


def sentence_of(text: str) -> str:
    """The text as one that stands by itself."""
    return text[:1].upper() + text[1:]
