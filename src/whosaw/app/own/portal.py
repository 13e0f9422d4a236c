"""The desk of a program of the organisation that signs people in: it lets them in, and sees nothing itself."""

from __future__ import annotations

from dataclasses import dataclass

from whosaw.app.console.desk import Desk
from whosaw.app.console.gate import Verb

from .subjects import MINUTES, LetIn, let_in

__all__ = ["PortalDesk"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PortalDesk(Desk):
    """A program at work."""

    def let_in(self, subject: str, *, kind: str | None = None, minutes: int = MINUTES) -> LetIn:
        """A token for one person."""
        self.allow(Verb.LET_IN, "a person")
        with self._ledger() as ledger:
            return let_in(ledger, subject, kind=kind, minutes=minutes, now=self.now)
