"""`whosaw penalty`: what a case can cost, as ranges with their arithmetic, beside what others were asked to pay."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

from whosaw.core.case_head import CasePenalties
from whosaw.law import answer_payments
from whosaw.law.loaded_case import case_head, load_case

__all__ = ["penalty", "write_penalty_page"]


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


def write_penalty_page(result: CasePenalties, path: Path) -> None:
    """The ranges as one HTML file. Raises `WhosawError` when it cannot be written."""
    from whosaw.report.penalty_page import penalty_page
    from whosaw.store.files import write_atomically

    write_atomically(path, penalty_page(result).encode("utf-8"))
