"""`whosaw duties`: what a case obliges an organisation to do, to whom and until when."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

from whosaw.law import answer_duties
from whosaw.law.loaded_case import case_head, load_case

__all__ = ["duties", "write_calendar", "write_duties_page"]


def duties(path: Path, *, workspace: Path, now: datetime, law_of: date | None = None) -> dict[str, Any]:
    """Every duty of the case as one document. `now` stands in for what is not done yet.

    `law_of` asks what the law of that day would say, whatever the times of the case.
    """
    loaded = load_case(path, workspace=workspace)
    answers = answer_duties(loaded.law, loaded.case.facts, now=now, law_of=law_of)
    return {
        **case_head(loaded, now=now, law_of=law_of),
        "questions": {
            key: loaded.law.questions[key]
            for answer in answers
            for key in answer.owed.needs
            if key in loaded.law.questions
        },
        "duties": [answer.as_json() for answer in answers],
    }


def write_duties_page(document: dict[str, Any], path: Path) -> None:
    """The duties as one HTML file with a timeline. Raises `WhosawError` when it cannot be written."""
    from whosaw.report.duties_page import duties_page

    _write(path, duties_page(document))


def write_calendar(document: dict[str, Any], path: Path) -> None:
    """The deadlines as an iCalendar file (RFC 5545)."""
    from whosaw.report.duties_calendar import duties_calendar

    _write(path, duties_calendar(document))


def _write(path: Path, text: str) -> None:
    from whosaw.store.files import write_atomically

    write_atomically(path, text.encode("utf-8"))
