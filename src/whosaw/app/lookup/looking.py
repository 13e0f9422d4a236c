"""Looks at look-up pages that are followed: whatever reads logs, watches them or serves the console does, so that a warning reaches its case
without a hand."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Final

from whosaw.core.errors import WhosawError
from whosaw.store.journal import Journal
from whosaw.store.workspace import journal_of

from .following import followed

__all__ = ["LOOKS_EVERY", "PageFollower", "look_at_pages"]

LOOKS_EVERY: Final = 20.0  # seconds between two looks of what stays open


def look_at_pages(journal: Journal, root: Path, *, now: datetime) -> tuple[str, ...]:
    """Take in what every page that the workspace in `root` follows reported since; what somebody should be told of it, a sentence each. A page that cannot be read is
    one of them, and does not hinder the others."""
    pages = followed(journal)
    if not pages:
        return ()
    from .reports import (  # a table and its keys are loaded where there is a page alone
        WARNING_WORDS,
        taken_in,
    )

    said: list[str] = []
    for name, key in pages.items():
        try:
            taken = taken_in(journal, root, Path(name), table_key=Path(key), now=now)
        except WhosawError as fault:
            said.append(f"look-up page {name}: {fault}")
            continue
        said += [
            f"look-up page of {each.case} {each.version}: {WARNING_WORDS[each.kind]} ({each.many:,}), {each.at:%Y-%m-%d %H:%M:%S} UTC"
            for each in taken.fresh_ones
        ]
        if taken.behind is not None:
            said.append(f"look-up page {name}: {taken.behind}")
    return tuple(said)


class PageFollower(threading.Thread):
    """Looks at the pages of a workspace again and again, beside whatever serves it. `told` gets each sentence once."""

    def __init__(
        self,
        root: Path,
        *,
        now: Callable[[], datetime],
        told: Callable[[str], None],
        every: float = LOOKS_EVERY,
    ) -> None:
        super().__init__(name="look-up pages", daemon=True)
        self._root, self._now, self._tell, self._every = root, now, told, every
        self._ending = threading.Event()
        self._said: tuple[str, ...] = ()

    def run(self) -> None:
        while True:
            try:
                with closing(journal_of(self._root, unasked=True)) as journal:
                    said = look_at_pages(journal, self._root, now=self._now())
            except WhosawError as fault:  # the workspace is busy or away: it is looked at again
                said = (str(fault),)
            for each in said:
                if each not in self._said:
                    self._tell(each)
            self._said = said
            if self._ending.wait(self._every):
                return

    def end(self) -> None:
        """Stop looking."""
        self._ending.set()
        self.join(10.0)
