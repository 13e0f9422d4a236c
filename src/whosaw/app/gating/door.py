"""Through which door somebody comes. The door says it once; the use cases that are called behind it ask the gate with it."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from .rights import Somebody

if TYPE_CHECKING:
    from whosaw.store.journal import Journal

__all__ = ["Coming", "coming"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Coming:
    """Who comes through which door: asked of the journal of the workspace that they come to. `door` stands before their name in
    entries; `records`: what is looked at through it is put on record by the ledger, for the door does not do so."""

    door: str
    tell: Callable[[Journal], Somebody | None]
    now: Callable[[], datetime]
    records: bool = False


coming: ContextVar[Coming | None] = ContextVar("coming", default=None)
