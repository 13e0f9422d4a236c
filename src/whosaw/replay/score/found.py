"""What a ledger holds about its findings, in the form that a score needs.

Members of the truth are looked up in the ledger by keyed digest. No raw identifier leaves the vault for that.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from whosaw.core.errors import WhosawError
from whosaw.core.finding import Finding
from whosaw.core.instants import to_micros
from whosaw.store.ledger import LedgerReader
from whosaw.store.repositories.entries import last_kind
from whosaw.store.repositories.findings import stored_findings
from whosaw.store.repositories.segments import all_segments

from .input import Found, Said
from .truth_lines import TruthLines

__all__ = ["found_in"]

_NOWHERE = -1
_SEGMENT_BITS = 40  # of a view's own number: more lines than one content can have


def found_in(
    reader: LedgerReader, members: pa.Array, lines: TruthLines, findings: Sequence[Finding] | None = None
) -> Found:
    """Everything the findings of this ledger count. `members` are the truth's, as they stand in the logs; `findings`, where they are
    given, stand in place of those that the ledger keeps, and the relation `counted` has their lines.

    Raises `WhosawError` when none of the files that were read is one that the truth knows, or the last scan did not end.
    """
    _check_ended(reader)
    starts, ends = _spans(reader, lines)
    if findings is None:
        findings = stored_findings(reader.workspace.journal)
    known = reader.workspace.journal.setting("detected")
    notes = tuple(json.loads(known)["notes"]) if known is not None else ()
    groups = _groups(reader)
    positions = {finding.id: at for at, finding in enumerate(findings)}
    return Found(
        findings=tuple(_said(reader, finding, starts, lines) for finding in findings),
        groups=tuple(tuple(sorted(positions[each] for each in group.split(","))) for group in groups),
        views=_views(reader, starts, ends),
        routes={number: _categories(body) for number, body in reader.routes.items()},
        numbers=_numbers(reader, members),
        notes=notes,
    )


def _check_ended(reader: LedgerReader) -> None:
    """Refuse a ledger whose last scan did not end: no finding says nothing there."""
    if last_kind(reader.workspace.journal, ("scan.begin", "scan.end")) != "scan.end":
        raise WhosawError(
            "score.scan-unfinished",
            f"the last scan of {reader.workspace.root} did not end",
            hint="Run it again, then score",
        )


def _categories(body: dict[str, Any]) -> tuple[str, ...]:
    return tuple(body["categories"])


def _spans(reader: LedgerReader, lines: TruthLines) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """By number of a segment: where the lines of its content stand among the truth's, half open; or nowhere."""
    rows = all_segments(reader.workspace.journal)
    starts = np.full(max((row.id for row in rows), default=0) + 1, _NOWHERE, np.int64)
    ends = starts.copy()
    for row in rows:
        if (span := lines.span_of(row.name)) is not None:
            starts[row.id], ends[row.id] = span
    if rows and (starts == _NOWHERE).all():
        raise WhosawError(
            "score.other-logs",
            "none of the files that were read is one of this replay",
            hint="Name the replay whose logs were scanned",
        )
    return starts, ends


def _groups(reader: LedgerReader) -> list[str]:
    """Make the temporary table of lines and the group of findings that count each; returns the findings of each group, by
    comma."""
    session = reader.session
    session.execute(
        "CREATE TEMP TABLE score_lines AS SELECT content, line, string_agg(finding, ',' ORDER BY finding) AS findings "
        "FROM counted GROUP BY content, line"
    )
    groups = session.query("SELECT DISTINCT findings FROM score_lines ORDER BY findings")
    session.register(
        "score_groups",
        pa.table({"findings": groups["findings"], "position": pa.array(range(groups.num_rows), pa.int32())}),
    )
    return [str(each) for each in groups["findings"].to_pylist()]


def _views(reader: LedgerReader, starts: NDArray[np.int64], ends: NDArray[np.int64]) -> pa.Table:
    """The views that the findings count."""
    rows = reader.session.query(
        'SELECT g.position AS "group", v.content, v.line, v.person, v.route '
        "FROM views v JOIN score_lines l USING (content, line) JOIN score_groups g USING (findings) "
        "WHERE NOT v.duplicate ORDER BY v.content, v.line, v.person"
    )
    segment = rows["content"].to_numpy().astype(np.int64)
    line = rows["line"].to_numpy()
    view = starts[segment] + line - 1
    placed = (starts[segment] != _NOWHERE) & (view < ends[segment])
    # below 0, and one number for each line: a place that the truth does not have
    view = np.where(placed, view, -1 - ((segment << _SEGMENT_BITS) | line))
    return rows.drop_columns(["content", "line"]).append_column("view", pa.array(view, pa.int64()))


def _said(reader: LedgerReader, finding: Finding, starts: NDArray[np.int64], lines: TruthLines) -> Said:
    """The finding, with the true time of the line that raised it: a damaged log may go by another clock."""
    micros = to_micros(finding.raised_at)
    rows = reader.session.query(
        "SELECT DISTINCT content, line FROM views SEMI JOIN (SELECT content, line FROM counted WHERE finding = ?) "
        "USING (content, line) WHERE micros = ? ORDER BY content, line",
        [finding.id, micros],
    )
    raised = [
        lines.time_of(int(starts[row["content"]] + row["line"] - 1))
        for row in rows.to_pylist()
        if starts[row["content"]] != _NOWHERE
    ]
    told = [each for each in raised if each is not None]
    return Said(id=finding.id, detector=finding.detector, raised_ms=max(told) if told else micros // 1000)


def _numbers(reader: LedgerReader, members: pa.Array) -> NDArray[np.int32]:
    """The ledger's number of each member, of whichever kind of person the map says; -1 where it never met one."""
    numbers = np.full(len(members), -1, np.int32)
    kinds = sorted({body["subject"]["kind"] for body in reader.routes.values()}) or ["customer"]
    for kind in kinds:
        spelled = pc.binary_join_element_wise(pa.scalar(kind), members.cast(pa.string()), "\x1f")
        found = pc.fill_null(reader.numbers_of("person", spelled).cast(pa.int32()), -1).to_numpy()
        numbers = np.where(numbers < 0, found, numbers)
    return numbers
