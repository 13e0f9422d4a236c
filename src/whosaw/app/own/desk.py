"""A person who looks at who saw themself. Each look is in the custody journal as theirs before anything is shown; nothing else is open to
their token, whatever it is asked for."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, Literal

from whosaw.app.asking.looks import OWN, concerned
from whosaw.app.asking.questions import Ledger
from whosaw.app.asking.unended import unended
from whosaw.core.document import object_of
from whosaw.core.errors import WhosawError
from whosaw.core.instants import to_micros
from whosaw.store.ledger import LedgerReader
from whosaw.store.permits import under_permit
from whosaw.store.repositories.own import remarks_since
from whosaw.store.repositories.remarks import add_remark
from whosaw.store.workspace import Workspace

from .export import Export, exported
from .settings import OwnSettings, own_settings
from .subjects import Oneself, end_own, person_of_subject
from .views import OwnRow, OwnViews, own_views

__all__ = ["REPORTS_A_DAY", "OwnDesk", "OwnPage", "Report"]

REPORTS_A_DAY: Final = 5  # of one person: more than that is told in a letter
_MOST: Final = 1_000
_HELD: Final = timedelta(days=1)
Report = Literal["not-me", "unknown"]
_SAID: Final[dict[str, str]] = {"not-me": "That was not me.", "unknown": "I do not know this."}


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnPage:
    """Some rows, the newest first. `more`: the key of the last one where others stand behind it. `incomplete`: the logs were not read to
    their end."""

    views: OwnViews
    rows: tuple[OwnRow, ...]
    more: str | None
    settings: OwnSettings
    incomplete: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnDesk:
    """One person, and what they may do: look, say that something is not theirs, take it along, and leave."""

    root: Path
    who: Oneself
    now: datetime
    key_file: Path | None = field(default=None, repr=False)

    def look(self, *, after: str | None = None, limit: int = 50) -> OwnPage | None:
        """The rows behind a key; None where no row of this person has it."""
        with self._looked("looked at own") as (ledger, views, settings):
            begin = 0
            if after is not None:
                last = views.known.get(after)
                if last is None:
                    return None
                begin = sum(_place(row) >= _place(last) for row in views.rows)
            rows = views.rows[begin : begin + limit]
            more = rows[-1].key if rows and begin + limit < len(views.rows) else None
            incomplete = bool(unended(ledger.workspace.journal))
            return OwnPage(views=views, rows=rows, more=more, settings=settings, incomplete=incomplete)

    def take(self, kind: str) -> Export:
        """All views as a file of some kind. That it is given out is on record first."""
        with self._looked("looked at own") as (ledger, views, settings):
            made = exported(ledger, views, settings, kind, now=self.now)
            whom = [] if views.person is None else [views.person]
            body = {
                "what": f"own views as {kind}",
                "sha256": hashlib.sha256(made.data).hexdigest(),
                **object_of(concerned(ledger.workspace, {"person": whom})),
                "reason": "",
            }
            journal = ledger.workspace.journal
            with journal.transaction() as connection:
                journal.record(connection, "exported", body, now=self.now)
            return made

    def report(self, key: str, what: str, text: str) -> bool:
        """Say of a row that it was not oneself, or that one does not know of it: a remark on the finding that counts it, else on the
        person, for the team to answer. False where no row of this person has the key."""
        said = _plain(text)
        if what not in _SAID or len(said) > _MOST:
            raise WhosawError("own.report", f"say which of the two it is, in {_MOST:,} characters at most")
        with self._looked("reported own") as (ledger, views, _):
            row = views.known.get(key)
            if row is None or row.kind == "gap" or views.person is None:
                return False
            name, journal = f"p{views.person}", ledger.workspace.journal
            line = str(ledger.reader.locators([row.places[0]])[0])
            about = _finding_of(ledger.reader, row) or f"people/{name}"
            with journal.transaction() as connection:
                since = to_micros(self.now - _HELD)
                if remarks_since(journal, f"own:{name}", since, connection) >= REPORTS_A_DAY:
                    raise WhosawError(
                        "own.too-often",
                        f"somebody says this of {REPORTS_A_DAY} views in a day at most",
                        hint="Write to the organisation, or come back tomorrow",
                    )
                number = add_remark(
                    connection,
                    about=about,
                    version="",
                    time=to_micros(self.now),
                    who=f"own:{name}",
                    text=f"{_SAID[what]} ({name}, {row.views} views, line {line})\n{said}".strip(),
                )
                body = {"remark": number, "about": about, "what": what, "numbers": {"person": [views.person]}}
                journal.record(connection, "own.reported", body, now=self.now)
            return True

    def leave(self) -> None:
        """End the token."""
        with self._workspace() as workspace:
            end_own(workspace.journal, self.who, now=self.now)

    @contextmanager
    def _workspace(self) -> Iterator[Workspace]:
        with (
            under_permit(self.root, self.who.name),
            closing(Workspace.open(self.root, key_file=self.key_file)) as workspace,
        ):
            yield workspace

    @contextmanager
    def _looked(self, what: str) -> Iterator[tuple[Ledger, OwnViews, OwnSettings]]:
        """The ledger, and what it says of this person, once that they look is on record."""
        with self._workspace() as workspace:
            ledger = Ledger(workspace, now=self.now)
            try:
                person = person_of_subject(ledger, self.who.subject)
                whom = [] if person is None else [person]
                settings = own_settings(workspace.journal)
                body = {
                    **object_of(concerned(workspace, {"person": whom})),
                    "what": what,
                    "staff_named": settings.names,
                    "reason": "",
                }
                with workspace.journal.transaction() as connection:
                    workspace.journal.record(connection, OWN, body, now=self.now)
                raw = ledger.raw("person", whom).get(whom[0], "") if whom else ""
                yield ledger, own_views(ledger, person, settings, now=self.now, raw=raw), settings
            finally:
                ledger.reader.close()


def _place(row: OwnRow) -> tuple[datetime, datetime, str]:
    return row.time, row.since, row.key


def _finding_of(reader: LedgerReader, row: OwnRow) -> str | None:
    """The finding that counts a view of the row, as remarks are about it."""
    for content, line in row.places:
        found = reader.session.query(
            "SELECT min(finding) AS finding FROM counted WHERE content = ? AND line = ?", [content, line]
        )
        if (name := found["finding"][0].as_py()) is not None:
            return f"findings/{name}"
    return None


def _plain(text: str) -> str:
    """Without characters that no one sees or that turn a line round."""
    kept = (each for each in text if each == "\n" or unicodedata.category(each)[0] != "C")
    return "".join(kept).strip()
