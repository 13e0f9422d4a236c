"""Who saw one person as a file for other programs: FHIR AuditEvents, or an answer of Estonia's findUsage. Withheld views are not in it."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from whosaw.app.asking.looks import concerned, record_look
from whosaw.app.asking.questions import Ledger, open_ledger
from whosaw.app.asking.unended import require_ended
from whosaw.app.asking.withheld import withheld_clients
from whosaw.app.gating.asking import asks
from whosaw.app.gating.rights import Verb
from whosaw.core.document import object_of, told_as
from whosaw.core.errors import WhosawError
from whosaw.report.draft_files import write_all

from .audit_event import audit_events
from .find_usage import find_usage
from .settings import OwnSettings, own_settings
from .views import OwnViews, own_views

__all__ = ["EXPORTS", "Export", "WrittenExport", "export_own", "exported"]

_Writer = Callable[[OwnViews, OwnSettings, datetime], Mapping[str, Any]]
_WRITERS: Final[Mapping[str, tuple[str, str, _Writer]]] = {
    "fhir-auditevent": ("fhir.json", "application/fhir+json", audit_events),
    "find-usage": ("find-usage.json", "application/json", find_usage),
}
EXPORTS: Final = tuple(_WRITERS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """A file: its name, its media type and its bytes."""

    name: str
    media_type: str
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenExport:
    """A file that was written, of so many views of a person. `withheld`: views of them are shown later, and are not in it."""

    person: str
    views: int
    file: str
    sha256: str
    withheld: bool = field(metadata=told_as(if_any=True))


def exported(ledger: Ledger, views: OwnViews, settings: OwnSettings, kind: str, *, now: datetime) -> Export:
    """All views that are shown, as a file of this kind."""
    if kind not in _WRITERS:
        raise WhosawError(
            "own.export", f"nothing is written as {kind!r}", hint=f"Known: {', '.join(EXPORTS)}"
        )
    require_ended(ledger.workspace.journal)
    ending, media_type, writer = _WRITERS[kind]
    text = json.dumps(writer(views, settings, now), ensure_ascii=False, indent=1) + "\n"
    person = "nobody" if views.person is None else f"p{views.person}"
    return Export(
        name=f"answer-{person}.{ending}", media_type=media_type, data=text.encode("utf-8", "backslashreplace")
    )


@asks(Verb.EXPORT, "answer to a person")
def export_own(
    root: Path,
    person: str,
    folder: Path,
    kind: str,
    *,
    reason: str,
    now: datetime,
    organisation: str = "",
    key_file: Path | None = None,
    replace: bool = False,
) -> WrittenExport:
    """Write who saw a person to `folder`, as that person would be given it. The look and the file are in the custody journal first."""
    ledger = open_ledger(root, now=now, key_file=key_file)
    try:
        number = ledger.person_number(person)
        look = record_look(ledger.workspace, {"person": [number]}, what="answer", reason=reason, now=now)
        journal = ledger.workspace.journal
        settings = own_settings(journal)
        if organisation.strip():
            settings = dataclasses.replace(settings, organisation=organisation.strip())
        views = own_views(
            ledger, number, settings, now=now, raw=ledger.raw("person", [number]).get(number, "")
        )
        made = exported(ledger, views, settings, kind, now=now)
        hidden = withheld_clients(ledger, now=now)
        saw = {row["client"] for row in ledger.reader.who(number).to_pylist()}
        written = WrittenExport(
            person=f"p{number}",
            views=sum(row.views for row in views.rows),
            file=str(folder / made.name),
            sha256=hashlib.sha256(made.data).hexdigest(),
            withheld=not hidden.isdisjoint(saw),
        )
        with journal.transaction() as connection:
            body = {
                "what": f"answer as {kind}",
                **object_of(written),
                **object_of(concerned(ledger.workspace, {"person": [number]})),
                "look": look,
                "reason": reason.strip(),
            }
            journal.record(connection, "exported", body, now=now)
        write_all({folder / made.name: made.data}, folder, replace=replace)
        return written
    finally:
        ledger.close()
