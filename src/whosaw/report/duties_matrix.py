"""Place by recipient by due by status: every duty of a case in one table, its gaps among it, for the terminal, a page and a workbook."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import astuple, dataclass, fields
from typing import Final

from whosaw.core.case_head import CaseDuties
from whosaw.core.contracts import KINDS, ContractAnswer
from whosaw.core.duties import DutyAnswer, Run
from whosaw.core.errors import WhosawError
from whosaw.core.law_items import cited
from whosaw.core.truth import Truth

from .law_wording import due_text, moment_text

__all__ = ["MatrixRow", "duties_workbook", "matrix_rows"]

_WIDTHS: Final = (22, 30, 34, 38, 13, 30, 24, 44, 14)


@dataclass(frozen=True, slots=True, kw_only=True)
class MatrixRow:
    """One line: a duty under one claimed start of its clock, an entry of the register, or a gap. All are texts as they are shown."""

    place: str
    recipient: str
    what: str
    where: str
    owed: str
    start: str
    due: str
    status: str
    sure: str


def matrix_rows(result: CaseDuties) -> tuple[MatrixRow, ...]:
    """Gaps first, then what is owed or may be, by place and recipient; what is surely not owed is left out."""
    return (
        *_gaps(result),
        *sorted(_owed(result), key=lambda row: (row.place, row.recipient)),
        *_agreed(result),
    )


def _gaps(result: CaseDuties) -> Iterator[MatrixRow]:
    for each in result.head.no_law:
        yield _gap(each.place or "country not known", each.sentence)
    for named in result.head.unchecked:
        yield _gap(named.place, named.sentence)


def _gap(place: str, sentence: str) -> MatrixRow:
    return MatrixRow(
        place=place, recipient="ask a lawyer", what="gap", where="", owed="cannot tell", start="", due="",
        status=sentence, sure="not checked",
    )  # fmt: skip


def _owed(result: CaseDuties) -> Iterator[MatrixRow]:
    for answer in result.duties:
        if answer.reached and answer.governs and answer.may_be_owed:
            for run in answer.runs or (None,):
                yield _row(answer, run, result.head.zone)


def _row(answer: DutyAnswer, run: Run | None, zone: str) -> MatrixRow:
    duty, origin = answer.duty, answer.duty.origin
    return MatrixRow(
        place=answer.area.name,
        recipient=duty.recipient,
        what=origin.title,
        where=cited(origin.statute, origin.article),
        owed=answer.state,
        start="not known when" if run is None else _start(run, zone),
        due="" if run is None else due_text(run, zone).removesuffix("; "),
        status=answer.meanwhile if run is None else run.sentence,
        sure=origin.confidence,
    )


def _start(run: Run, zone: str) -> str:
    said = f", says {run.start.claimed_by}" if run.start.claimed_by else ""
    return f"{moment_text(run.start.when, zone)} ({run.start.kind}{said})"


def _agreed(result: CaseDuties) -> Iterator[MatrixRow]:
    for answer in result.contracts:
        if answer.counts.truth is not Truth.NO:
            for run in answer.runs or (None,):
                yield _agreed_row(answer, run, result.head.zone)


def _agreed_row(answer: ContractAnswer, run: Run | None, zone: str) -> MatrixRow:
    entry = answer.contract
    people = "" if answer.people is None else f"; {answer.people} people of theirs"
    return MatrixRow(
        place="by agreement",
        recipient=f"{entry.party} ({KINDS[entry.kind]})" + (f", {entry.address}" if entry.address else ""),
        what=f"{entry.incident}{people}",
        where=entry.source,
        owed="owed" if answer.counts.truth is Truth.YES else "cannot tell",
        start="not known when" if run is None else _start(run, zone),
        due="" if run is None else due_text(run, zone).removesuffix("; "),
        status="" if run is None else run.sentence.replace("the law gives no figure", "no figure was agreed"),
        sure="",
    )


def duties_workbook(result: CaseDuties) -> bytes:
    """The table as an Excel workbook (XLSX). Raises `WhosawError` where its library is not there. No cell is a formula."""
    try:
        import xlsxwriter
    except ImportError as fault:
        raise WhosawError(
            "duties.no-library",
            "a workbook needs a library that is not installed",
            hint="pip install 'whosaw[sheets]'",
        ) from fault
    written = io.BytesIO()
    with xlsxwriter.Workbook(
        written, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    ) as book:
        book.set_properties(
            {"title": f"Duties of case {result.head.case}", "created": result.head.now.replace(tzinfo=None)}
        )
        sheet = book.add_worksheet("Duties")
        wrapped, bold = book.add_format({"text_wrap": True, "valign": "top"}), book.add_format({"bold": True})
        sheet.write_string(0, 0, f"Duties of case {result.head.case} (times in {result.head.zone})", bold)
        sheet.write_string(1, 0, result.head.not_legal_advice)
        for column, (field, width) in enumerate(zip(fields(MatrixRow), _WIDTHS, strict=True)):
            sheet.set_column(column, column, width)
            sheet.write_string(3, column, field.name.replace("_", " "), bold)
        rows = matrix_rows(result)
        for number, row in enumerate(rows, start=4):
            for column, text in enumerate(astuple(row)):
                sheet.write_string(number, column, text, wrapped)
        sheet.autofilter(3, 0, 3 + len(rows), len(_WIDTHS) - 1)
        sheet.freeze_panes(4, 1)
    return written.getvalue()
