"""Runs detectors over the views of a session and says what was found, and what could not be told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import pyarrow as pa

from whosaw.core.finding import Finding, Place, Tried
from whosaw.store.sql import Session, quote_name

from .answers import Keep, exposure_answers
from .canary_logins import canary_questions
from .context import Asked, Context
from .detectors import Detector
from .explanation import (
    CANNOT_TELL,
    EXPLAINED,
    NEVER_ISSUED,
    NOT_APPLICABLE,
    UNEXPLAINED,
    Explanation,
    prepare,
)
from .finding_of import by_weight, finding_of
from .flags import Flag, Memory, flags
from .signs import KEPT, Sign, make_views
from .statement import statement
from .stories import Digests, Story, number_digests, stories
from .story_counts import count_stories
from .surprise import Learnt

__all__ = [
    "Detected",
    "Untold",
    "drop_tables",
    "needed",
    "of_findings",
    "run",
    "signs_of",
    "tell",
    "untold_of",
    "why_untold",
]

MOST_LOCATORS: Final = 20
_NO_LINES: Final = pa.table({name: pa.array([], pa.int64()) for name in ("story", "content", "line")})
_NO_CLIENTS: Final = pa.table({name: pa.array([], pa.int64()) for name in ("story", "client")})
_NO_PROOFS: Final = pa.table(
    {
        **{name: pa.array([], pa.int64()) for name in ("story", "client", "content", "line")},
        "standing": pa.array([], pa.int8()),
    }
)
_TOLD: Final = (
    ("explained", f"= {EXPLAINED}"),
    ("unexplained", f"IN ({UNEXPLAINED}, {NEVER_ISSUED})"),
    ("cannot_tell", f"= {CANNOT_TELL}"),
    ("does_not_apply", f"= {NOT_APPLICABLE}"),
)


_NEVER_ISSUED: Final = "never-issued"  # the sign that asks whether logins are whole


@dataclass(frozen=True, slots=True, kw_only=True)
class Untold:
    """A detector that had to say "cannot tell", and why; or, with `lacking`, that was not asked, for there is nothing that it could look into."""

    detector: str
    why: str
    lacking: bool = False

    @property
    def note(self) -> str:
        """In one line."""
        return f"{self.detector}: {'not asked' if self.lacking else 'cannot tell'}: {self.why}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Detected:
    """Findings, those about most people first; and what was asked but could not be told."""

    findings: tuple[Finding, ...]
    members: (
        pa.Table
    )  # finding (id), client, explained: the clients that made the counted views of each finding
    counted: pa.Table  # finding (id), content, line: the lines of these views
    proofs: pa.Table  # finding (id), client, content, line, standing: what is proven, company or asked
    untold: tuple[Untold, ...]
    learnt: tuple[Learnt, ...] = ()  # what was taken for usual, and from when
    questions: tuple[str, ...] = ()  # about the context, for whoever wrote it


def run(
    session: Session,
    context: Context,
    detectors: Mapping[str, Detector],
    explanations: Mapping[str, Explanation],
    *,
    digests: Digests = number_digests,
    keep_answers: Keep | None = None,
) -> Detected:
    """Run `detectors` over the relations views, clients and routes of `session`.

    `keep_answers` is handed a query that gives what all `explanations` say of each exposure. `digests` gives stable texts for ledger numbers of a kind (address, principal, session, token), from which
    the ids of findings are made. The same input gives the same findings; temporary tables are dropped.
    """
    untold: list[Untold] = []
    flagged: list[Flag] = []
    memory = Memory()
    asked: list[Detector] = []
    try:
        believed = prepare(session, context)
        context = believed.context
        for detector in detectors.values():
            if (one := untold_of(detector, context)) is None:
                asked.append(detector)
            else:
                untold.append(one)
        tried_at_all = needed(asked, explanations) if keep_answers is None else list(explanations.values())
        make_views(session, context, tried_at_all, signs_of(asked), manners=any(map(asks_manners, asked)))
        if keep_answers is not None:
            keep_answers(exposure_answers(tried_at_all))
        for detector in asked:
            tried = [explanations[each] for each in detector.explanations]
            flagged.extend(flags(session, detector, tried, memory))
        for asked_no_more in (
            "detect_entries",
            "detect_places",
        ):  # as large as the ledger, and there is more to come
            session.execute(f"DROP TABLE IF EXISTS {asked_no_more}")
        detected = tell(session, flagged, explanations, context, digests)
        learnt = _learnt(session, memory)
        questions = (*canary_questions(session), *believed.questions)
    finally:
        drop_tables(session)
    return replace(detected, untold=tuple(untold), learnt=learnt, questions=questions)


def _learnt(session: Session, memory: Memory) -> tuple[Learnt, ...]:
    if not memory.learnt:
        return ()
    row = session.query("SELECT min(time) AS first, max(time) AS last FROM detect_all").to_pylist()[0]
    return tuple(
        Learnt(detector=detector, clause=clause, usual=usual, **row)
        for (detector, clause), usual in sorted(memory.learnt.items(), key=lambda each: each[0])
    )


def why_untold(detector: Detector, context: Asked) -> str:
    """Why the detector cannot tell anything with this context; empty when it can."""
    reasons: list[str] = []
    wants = rows_wanted(detector)
    for name in detector.needs:
        reason = context.why_not(name, rows=name in wants)
        # of a table that is missing anyway, what else it could say is not missed
        if reason and not set(reason.split(" and ")) & set(reasons):
            reasons.append(reason)
    if context.partial and any(
        clause.sign and clause.sign.name == _NEVER_ISSUED for clause in detector.clauses
    ):
        reasons.append("logins may be missing")
    return "; ".join(reasons)


def untold_of(detector: Detector, context: Asked) -> Untold | None:
    """Why the detector is not asked, or cannot tell; None where it can."""
    if lacking := lacking_tables(detector, context):
        return Untold(
            detector=detector.id, why=f"there are no {' and no '.join(lacking)}, it is said", lacking=True
        )
    why = why_untold(detector, context)
    return Untold(detector=detector.id, why=why) if why else None


def lacking_tables(detector: Detector, context: Asked) -> tuple[str, ...]:
    """The tables that there are none of, as the user says, without which the detector has nothing to look into."""
    wants = rows_wanted(detector)
    parts = [
        part.partition(".")[0]
        for name in detector.needs
        if context.why_not(name, rows=name in wants)
        for part in name.split(" or ")
    ]
    return tuple(dict.fromkeys(name for name in parts if name in context.lacking))


def rows_wanted(detector: Detector) -> frozenset[str]:
    """Which of the tables that it needs are what it looks into: without rows in these there is nothing to find. The others say what is
    honest, and that there is none of it says something, too."""
    signs = {name for clause in detector.clauses if clause.sign for name in clause.sign.needs}
    return frozenset((*signs, *(("canaries",) if detector.kind == "canary" else ())))


def tell(
    session: Session,
    flagged: Sequence[Flag],
    explanations: Mapping[str, Explanation],
    context: Context,
    digests: Digests = number_digests,
) -> Detected:
    """What the flags come to: findings, their clients and their lines. Reads the tables that the flags were made from."""
    told = stories(session, flagged, explanations, digests)
    findings, lines = _findings(session, told, explanations, context)
    clients = session.query(statement("story_clients")) if told else _NO_CLIENTS
    mixed = [at for at, story in enumerate(told) if story.mixed]
    proofs = _NO_PROOFS
    if mixed:
        stories_asked = pa.table({"story": pa.array(mixed, pa.int64())})
        proofs = session.query(statement("story_proofs"), mixed_stories=stories_asked)
    members, counted, proven = (of_findings(rows, findings) for rows in (clients, lines, proofs))
    findings.sort(key=by_weight)
    return Detected(findings=tuple(findings), members=members, counted=counted, proofs=proven, untold=())


def needed(detectors: Sequence[Detector], explanations: Mapping[str, Explanation]) -> list[Explanation]:
    """The explanations that any of the detectors tries."""
    named = {name for detector in detectors for name in detector.explanations}
    return [each for each in explanations.values() if each.id in named]


def signs_of(detectors: Sequence[Detector]) -> list[Sign]:
    """The signs that any of the detectors looks for, each once."""
    found = {
        sign.column: sign
        for detector in detectors
        for clause in detector.clauses
        for sign in (clause.sign, clause.belongs)
        if sign
    }
    return [found[column] for column in sorted(found)]


def asks_manners(detector: Detector) -> bool:
    """Whether any clause puts clients together by their manner."""
    return any("manner" in clause.group_by for clause in detector.clauses)


def of_findings(rows: pa.Table, findings: Sequence[Finding]) -> pa.Table:
    """Rows with the finding's id for its story; `findings` stand in the order of their stories. An id is written once, for
    there may be as many rows as the log has lines."""
    ids = pa.array([finding.id for finding in findings], pa.string())
    named = [
        pa.DictionaryArray.from_arrays(part.cast(pa.int32()), ids) for part in rows["story"].iterchunks()
    ]
    column = pa.chunked_array(named, pa.dictionary(pa.int32(), pa.string()))
    return rows.drop_columns(["story"]).add_column(0, "finding", column)


def drop_tables(session: Session) -> None:
    """Remove the temporary tables and the view of this package."""
    for kept in ("detect_hit_views", *KEPT):
        session.forget(kept)
    left = session.query(
        "SELECT 'VIEW' AS kind, view_name AS name FROM duckdb_views() WHERE temporary AND starts_with(view_name, 'detect_') "
        "UNION ALL SELECT 'TABLE', table_name FROM duckdb_tables() WHERE temporary AND starts_with(table_name, 'detect_')"
    ).to_pylist()
    if left:
        session.run_all(f"DROP {each['kind']} IF EXISTS {quote_name(each['name'])}" for each in left)


def _findings(
    session: Session, told: Sequence[Story], explanations: Mapping[str, Explanation], context: Context
) -> tuple[list[Finding], pa.Table]:
    """The findings in the order of their stories, and all lines of their counted views (story, content, line)."""
    if not told:
        return [], _NO_LINES
    counts, categories, lines = count_stories(session, len(told))
    secondary = {
        row["story"]: (row["at_most"], row["open_views"])
        for row in session.query(statement("story_secondary")).to_pylist()
    }
    places: dict[int, list[Place]] = {}
    for row in session.query(statement("story_locators").format(most=MOST_LOCATORS)).to_pylist():
        places.setdefault(row["story"], []).append(Place(content=row["content"], line=row["line"]))
    answers = _answers(session, told, explanations, context)
    findings = [
        finding_of(
            story, counts[at], secondary.get(at, (0, 0)), categories[at], tuple(places[at]), answers.get(at, ())
        )
        for at, story in enumerate(told)
    ]  # fmt: skip
    return findings, lines


def _answers(
    session: Session, told: Sequence[Story], explanations: Mapping[str, Explanation], context: Context
) -> dict[int, tuple[Tried, ...]]:
    """By story, what each explanation said that its detectors try."""
    named = {name for story in told for name in story.explanations}
    tried = [each for each in explanations.values() if each.id in named]
    if not tried:
        return {}
    columns = ", ".join(f"{_told(each)} AS {quote_name(each.id)}" for each in tried)
    answers: dict[int, tuple[Tried, ...]] = {}
    for row in session.query(statement("story_tried").format(answers=columns)).to_pylist():
        for each in tried:
            if each.id not in told[row["story"]].explanations:
                continue
            counts = row[each.id]
            why_not = each.why_not(context) or each.gap if counts["cannot_tell"] else ""
            answer = Tried(explanation=each.id, why_not=why_not, **counts)
            answers[row["story"]] = (*answers.get(row["story"], ()), answer)
    return answers


def _told(explanation: Explanation) -> str:
    """An SQL expression: how many views it answered how, by name."""
    name = quote_name(explanation.id)
    counts = ", ".join(f"'{key}': count(*) FILTER ({name} {test})" for key, test in _TOLD)
    return f"{{{counts}}}"
