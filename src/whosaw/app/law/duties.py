"""`whosaw duties` and `whosaw penalty`: what a case obliges to, to whom and until when, and what it can cost."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

from whosaw.app.gating.asking import asks
from whosaw.app.gating.rights import Verb
from whosaw.core.case_head import CaseDuties, CasePenalties
from whosaw.law import answer_duties, answer_payments
from whosaw.law.contracts import answer_contracts
from whosaw.law.loaded_case import case_head, load_case
from whosaw.law.open_points import open_points

__all__ = ["duties", "penalty", "write_calendar", "write_duties_page", "write_penalty_page", "write_workbook"]


@asks(Verb.SEE_CASES, "duties", root="workspace")
def duties(path: Path, *, workspace: Path, now: datetime, law_of: date | None = None) -> CaseDuties:
    """Every duty of the case. `now` stands in for what is not done yet.

    `law_of` asks what the law of that day would say, whatever the times of the case.
    """
    loaded = load_case(path, workspace=workspace)
    answers = answer_duties(loaded.law, loaded.case.facts, now=now, law_of=law_of)
    points = open_points(answers, loaded.law)
    case = loaded.case
    return CaseDuties(
        head=case_head(loaded, now=now, law_of=law_of),
        questions={each.key: each.asks for each in points if each.key in loaded.law.questions},
        duties=answers,
        contracts=answer_contracts(
            case.contracts, case.facts, case.scopes[-1] if case.scopes else None, zone=case.zone, now=now
        ),
        open=points,
    )


@asks(Verb.SEE_CASES, "penalties", root="workspace")
def penalty(path: Path, *, workspace: Path, now: datetime, law_of: date | None = None) -> CasePenalties:
    """Every penalty and right of the case, with the precedents of the places it touches."""
    loaded = load_case(path, workspace=workspace)
    answers = answer_payments(loaded.law, loaded.case.facts, now=now, law_of=law_of)
    places = {each.payment.origin.jurisdiction for each in answers}
    needs = {need for each in answers for need in (*each.applies.needs, *each.grounds.needs)}
    return CasePenalties(
        head=case_head(loaded, now=now, law_of=law_of),
        questions={key: asks for key, asks in loaded.law.questions.items() if key in needs},
        penalties=answers,
        precedents=tuple(
            each for each in loaded.law.precedents.values() if each.origin.jurisdiction in places
        ),
    )


def write_duties_page(result: CaseDuties, path: Path) -> None:
    """The duties as one HTML file with a timeline. Raises `WhosawError` when it cannot be written."""
    from whosaw.report.duties_page import duties_page

    _write(path, duties_page(result))


def write_calendar(result: CaseDuties, path: Path) -> None:
    """The deadlines as an iCalendar file (RFC 5545)."""
    from whosaw.report.duties_calendar import duties_calendar

    _write(path, duties_calendar(result))


def write_workbook(result: CaseDuties, path: Path) -> None:
    """The duties as a table for a spreadsheet (XLSX). Raises `WhosawError` where its library is missing or it cannot be written."""
    from whosaw.report.duties_matrix import duties_workbook
    from whosaw.store.files import write_atomically

    write_atomically(path, duties_workbook(result))


def write_penalty_page(result: CasePenalties, path: Path) -> None:
    """The ranges as one HTML file."""
    from whosaw.report.penalty_page import penalty_page

    _write(path, penalty_page(result))


def _write(path: Path, text: str) -> None:
    from whosaw.store.files import write_atomically

    write_atomically(path, text.encode("utf-8"))
