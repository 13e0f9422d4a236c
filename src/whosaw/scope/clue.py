"""What a case starts from: a finding, or one thing that was seen of somebody."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from whosaw.core.client import COLUMNS
from whosaw.core.scope_version import ToldClue
from whosaw.store.sql import quote_name

__all__ = ["ACTOR", "CANNOT_TELL", "ITSELF", "POSSIBLE", "Clue"]

# How a clue leads to the actor: a finding or a link counts its views; it cannot be told whether they are the actor's; no finding
# counts them and a record has no reason for them, so that they begin an actor of their own; nothing ties them to anybody.
ACTOR, POSSIBLE, ITSELF, CANNOT_TELL = "actor", "possible", "itself", "cannot tell"


@dataclass(frozen=True, slots=True, kw_only=True)
class Clue:
    """`asked` is how the ledger knows it: a number, a text, a finding's id, or (content, line). `value` is how it may be
    written down: a keyed digest where it singles somebody out. `leads` is known once it was followed."""

    kind: str
    asked: int | str | tuple[int, int]
    value: str
    leads: str = ""

    @property
    def told(self) -> ToldClue:
        """As a version of a case says it."""
        return ToldClue(kind=self.kind, value=self.value, leads=self.leads)

    def term(self) -> tuple[str, list[Any]]:
        """An SQL condition on views `v` with their clients `c`, and its values. A finding has none."""
        if self.kind in COLUMNS:
            return f"c.{quote_name(self.kind)} = ?", [self.asked]
        if self.kind == "person":
            return "v.person = ?", [self.asked]
        assert isinstance(self.asked, tuple)
        return "v.content = ? AND v.line = ?", list(self.asked)
