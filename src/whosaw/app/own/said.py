"""What people said of views of themselves, for the team that looks into it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from whosaw.app.console.gate import Verb
from whosaw.app.console.talking import TalkDesk
from whosaw.core.instants import from_micros
from whosaw.store.repositories.own import own_remarks

__all__ = ["Said", "SaidDesk"]

_MOST: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One of them: about which page of the console, by whom (the number of a person)."""

    number: int
    about: str
    by: str
    time: datetime
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SaidDesk(TalkDesk):
    """Somebody who reads it."""

    def said(self) -> tuple[Said, ...]:
        """The last of them, the last first; of those alone whom one may see."""
        self._allow_some(Verb.SEE_PERSON, "what people said")
        with self._journal() as journal:
            found = own_remarks(journal, _MOST)
        return tuple(
            Said(
                number=each.id,
                about=each.about,
                by=each.who.removeprefix("own:"),
                time=from_micros(each.time),
                text=each.text,
            )
            for each in found
            if self.may_see(each.about)
        )
