"""Runs the cases that items hold, as `packs check` and the tests do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from whosaw.core.instants import format_instant
from whosaw.store.sql import Session, quote_name

from .cases import Case, CaseTables
from .context import Context
from .detectors import Clause, Detector
from .explanation import ANSWERS, Explanation, answered, prepare
from .flags import Flag, Memory, clause_flags, show_views
from .run import Detected, Untold, asks_manners, needed, signs_of, tell, why_untold
from .signs import Sign, make_views

__all__ = ["CaseRun", "detector_case_fault", "explanation_case_fault"]


def _open(tables: CaseTables, session: Session) -> Context:
    for name, table in tables.relations.items():
        session.register(name, table)
    return prepare(session, tables.context).context


class CaseRun:
    """One case in a session that stays open, so that many variants of a detector can be asked about it.

    What a variant shares with those asked before is not found again: views as long as it tries the same explanations and
    looks for the same signs, the flags of each clause, and what the same flags come to.
    """

    def __init__(self, case: Case, explanations: Mapping[str, Explanation]) -> None:
        self._case, self._explanations = case, explanations
        tables = case.tables()
        self._session = Session()
        self._context = _open(tables, self._session)
        self._shown: tuple[str, tuple[str, ...], bool] | None = None
        self._signs: dict[str, Sign] = {}
        self._memory = Memory()
        self._flags: dict[Clause, list[Flag]] = {}
        self._told: dict[Detector, Detected] = {}

    def close(self) -> None:
        self._session.close()

    def detected(self, detector: Detector) -> Detected:
        """The same as `run` gives for this detector alone over the views of the case."""
        if why := why_untold(detector, self._context):
            nothing = tell(self._session, (), self._explanations, self._context)
            return replace(nothing, untold=(Untold(detector=detector.id, why=why),))
        self._show(detector)
        for clause in detector.clauses:
            if clause not in self._flags:
                self._flags[clause] = clause_flags(self._session, detector, clause, self._memory)
        flagging = tuple(clause for clause in detector.clauses if self._flags[clause])
        # what a detector says hangs on those of its clauses that flag somebody, and on no case
        telling = replace(detector, clauses=flagging, cases=())
        if telling not in self._told:
            flagged = [replace(flag, detector=telling) for clause in flagging for flag in self._flags[clause]]
            self._told[telling] = tell(self._session, flagged, self._explanations, self._context)
        return self._told[telling]

    def fault(self, detector: Detector) -> str | None:
        """How the outcome differs from what the case expects; None when it does not."""
        return _fault(self._case, self.detected(detector))

    def _show(self, detector: Detector) -> None:
        """Make the views for the detector, unless those of the last one do for it too."""
        signs = {each.column: each for each in signs_of([detector])}
        shown = (detector.kind, detector.explanations, asks_manners(detector))
        if shown == self._shown and signs.keys() <= self._signs.keys():
            return
        if shown != self._shown:
            self._memory, self._flags, self._told, self._signs = Memory(), {}, {}, {}
        self._shown, self._signs = shown, {**self._signs, **signs}
        tried = needed([detector], self._explanations)
        make_views(
            self._session, self._context, tried, list(self._signs.values()), manners=asks_manners(detector)
        )
        show_views(self._session, detector, [self._explanations[each] for each in detector.explanations])


def detector_case_fault(
    detector: Detector, case: Case, explanations: Mapping[str, Explanation]
) -> str | None:
    """How the outcome differs from what the case expects; None when it does not."""
    run = CaseRun(case, explanations)
    try:
        return run.fault(detector)
    finally:
        run.close()


def _fault(case: Case, detected: Detected) -> str | None:
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
        sql, values = answered([explanation])
        rows = session.query(f"SELECT DISTINCT {quote_name(explanation.id)} AS answer FROM ({sql})", values)
    got = sorted(rows["answer"].to_pylist())
    if got == [ANSWERS[case.expect]]:
        return None
    words = {code: word for word, code in ANSWERS.items()}
    return f"expected {case.expect}, got {', '.join(words[code] for code in got) or 'no views'}"
