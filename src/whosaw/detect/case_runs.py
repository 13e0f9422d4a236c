"""Runs the cases that items hold, as `packs check` and the tests do."""

from __future__ import annotations

from collections.abc import Mapping

from whosaw.core.instants import format_instant
from whosaw.store.sql import Session, quote_name

from .cases import Case, CaseTables
from .detectors import Detector
from .explanation import ANSWERS, Explanation, answered, prepare
from .run import Detected, run

__all__ = ["detector_case_fault", "explanation_case_fault", "run_case"]


def _open(tables: CaseTables, session: Session) -> None:
    for name, table in tables.relations.items():
        session.register(name, table)
    prepare(session, tables.context)


def run_case(detector: Detector, tables: CaseTables, explanations: Mapping[str, Explanation]) -> Detected:
    """What `detector` says about the views of one case."""
    with Session() as session:
        _open(tables, session)
        return run(session, tables.context, {detector.id: detector}, explanations)


def detector_case_fault(
    detector: Detector, case: Case, explanations: Mapping[str, Explanation], tables: CaseTables | None = None
) -> str | None:
    """How the outcome differs from what the case expects; None when it does not."""
    detected = run_case(detector, tables or case.tables(), explanations)
    outcome = "cannot tell" if detected.untold else "finding" if detected.findings else "none"
    if outcome != case.expect:
        return f"expected {case.expect}, got {outcome}"
    if outcome != "finding":
        return None
    if len(detected.findings) > 1:
        return f"expected one finding, got {len(detected.findings)}"
    (finding,) = detected.findings
    if case.raised_at is not None and finding.raised_at != case.raised_at:
        raised = format_instant(finding.raised_at)
        return f"expected it raised at {format_instant(case.raised_at)}, was at {raised}"
    if case.persons_before is not None and finding.persons_before != case.persons_before:
        return f"expected {case.persons_before} persons before, got {finding.persons_before}"
    if case.persons is not None and finding.persons.lower != case.persons:
        return f"expected {case.persons} persons, got {finding.persons.lower}"
    return None


def explanation_case_fault(explanation: Explanation, case: Case) -> str | None:
    """How the answers differ from the one the case expects for all its views; None when they do not."""
    with Session() as session:
        _open(case.tables(), session)
        sql, values = answered("base", [explanation])
        rows = session.query(f"SELECT DISTINCT {quote_name(explanation.id)} AS answer FROM ({sql})", values)
    got = sorted(rows["answer"].to_pylist())
    if got == [ANSWERS[case.expect]]:
        return None
    words = {code: word for word, code in ANSWERS.items()}
    return f"expected {case.expect}, got {', '.join(words[code] for code in got) or 'no views'}"
