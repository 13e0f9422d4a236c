"""The duties of a case as one page: a timeline of all clocks, then each duty with what decides it."""

from __future__ import annotations

from whosaw.core.case_head import CaseDuties
from whosaw.core.duties import DutyAnswer
from whosaw.core.law_items import cited

from .duties_matrix import matrix_rows
from .law_page import law_page, mark, rows
from .law_wording import (
    capital,
    clock_line,
    due_text,
    moment_text,
    places_that_may_apply,
    told_lines,
    unchecked_lines,
    unverified,
    wanted,
)
from .markup import Markup, tag
from .timeline import timeline

__all__ = ["duties_page"]


def duties_page(result: CaseDuties) -> str:
    """The whole page. The same duties give the same text."""
    head = result.head
    reached = [each for each in result.duties if each.reached]
    late = sum(run.status in ("late", "overdue") for each in reached for run in each.runs)
    clocks = sum(run.due is not None for each in reached for run in each.runs)
    lead = f"{len(reached)} duties. {clocks} clocks with a deadline, {late} of them late or overdue."
    sections: list[Markup | None] = [
        tag("h2", "Clocks"),
        timeline(reached, head.now, head.zone) or tag("p", "No clock has a deadline.", class_="none"),
    ]
    for place in sorted({each.area.name for each in reached}):
        sections.append(tag("h2", place))
        sections += [_duty(each, result) for each in reached if each.area.name == place]
    agreed = [row for row in matrix_rows(result) if row.place == "by agreement"]
    if agreed:
        sections += [
            tag("h2", "By agreement"),
            rows(
                f"{each.recipient}: {each.what}. {capital('; '.join(filter(None, (each.owed, each.due, each.status))))} ({each.where})"
                for each in agreed
            ),
        ]
    if head.unchecked:
        sections += [tag("h2", "Laws by name alone"), rows(unchecked_lines(head))]
    may = places_that_may_apply(result.duties)
    if may:
        sections += [tag("h2", "May apply too"), rows(may)]
    return law_page(f"Duties of case {head.case}", lead, head, sections)


def _duty(answer: DutyAnswer, result: CaseDuties) -> Markup:
    zone, duty, origin = result.head.zone, answer.duty, answer.duty.origin
    governed = answer.governs
    may_be_owed = governed and answer.may_be_owed
    confidence = "" if origin.confidence == "statute-read" else origin.confidence
    owed = answer.state if governed else "not law at the time of the case"
    heading = tag("h3", origin.title, mark(confidence), mark(owed))
    where = f"To {duty.recipient}. {cited(origin.statute, origin.article)} ({origin.text})."
    reasons = list(answer.owed.because or answer.threshold.because)
    reasons += [capital(wanted(need, result.questions)) for need in answer.owed.needs]
    extra = [f"May be delayed {each}" for each in duty.delays]
    extra += ["A late report must give its reasons"] if duty.late_needs_reasons else []
    extra += [f"What may come later: {duty.phasing}"] if duty.phasing else []
    extra += [f"Form: {duty.form}"] if duty.form else []
    return tag(
        "section",
        heading,
        tag("p", where),
        rows(answer.in_force.because) if not governed else None,
        tag("p", f"Clock: {clock_line(answer)}.") if may_be_owed else None,
        _runs(answer, zone) if may_be_owed else None,
        rows(reasons) if governed else None,
        tag("p", tag("strong", "Meanwhile: "), answer.meanwhile, ".")
        if answer.meanwhile and governed
        else None,
        rows([*told_lines(answer, zone), *extra, *duty.notes]),
        rows(unverified(origin.unverified)),
        tag(
            "p",
            f"Item {origin.id}, reviewed {origin.reviewed.isoformat()}. Sources: {'; '.join(origin.sources)}",
            class_="faint",
        ),
        class_="item",
    )


def _runs(answer: DutyAnswer, zone: str) -> Markup | None:
    found = []
    for run in answer.runs:
        start = run.start
        words = f"scope version {start.scope}" if start.scope else start.kind.replace("-", " ")
        readings = [f"Another reading of the rules, unverified: {each.rests_on}" for each in run.readings]
        cells = (
            tag("td", words, tag("br"), moment_text(start.when, zone)),
            tag("td", start.claimed_by, tag("br"), tag("span", start.evidence, class_="faint")),
            tag(
                "td",
                due_text(run, zone).removeprefix("due ").removesuffix("; ") or "no figure in the law",
                rows(readings),
            ),
            tag("td", mark(run.status), " ", run.sentence),
        )
        found.append(tag("tr", *cells))
    if not found:
        return None
    head = tag("tr", *(tag("th", name, scope="col") for name in ("runs from", "says who", "due", "result")))
    return tag("div", tag("table", tag("thead", head), tag("tbody", *found)), class_="scroll")
