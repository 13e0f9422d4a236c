"""Looks for findings by the steps over days: what was made of a day is made again only where what it was made of changed.

Readers still read the index. So what is told by day is written as the index says it: a line by its segment, and of clients those alone that
it has rows of.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from whosaw.actors.explaining.kept_context import KeptContext
from whosaw.actors.finding_of import by_weight
from whosaw.actors.run import of_findings, untold_of
from whosaw.actors.summing.who import column
from whosaw.actors.telling.find import Party
from whosaw.actors.telling.kept import Kept
from whosaw.actors.telling.standing import held_by
from whosaw.app.building.believing import canary_questions
from whosaw.app.building.bring_up import Ledger, setup_of
from whosaw.app.building.context import OfPeople, canaries_with_logins, context_of, kept_last, of_people
from whosaw.app.building.step_tasks import Elsewhere
from whosaw.app.building.usual import learnt_by
from whosaw.build.recheck import Rechecked
from whosaw.build.state import Runs
from whosaw.core.finding import Finding, Place
from whosaw.mapping.data_map import load_map
from whosaw.mapping.twin_reports import twin_rules
from whosaw.store.distinct import distinct
from whosaw.store.ledger import LedgerReader
from whosaw.store.live_files import rows_of
from whosaw.store.numbers.history import load_history
from whosaw.store.numbers.migrate import migrate_numbers
from whosaw.store.person_sets import unpack_rows
from whosaw.store.repositories.segments import live_segments
from whosaw.store.schemas import ANSWERS
from whosaw.store.workspace import Workspace

from .added_up import answers_of, each_once, proven_of
from .found import Found, finished, located
from .given import ContextFolder, DetectionSetup

__all__ = ["find_by_days", "recheck_days", "waiting_days"]

Ints = npt.NDArray[np.int64]
_AT_ONCE: Final = 31  # days whose views are in hand
_LINE_BITS: Final = 40  # of the place of a line: lines of one content are fewer
_COUNTED: Final = pa.schema([
    ("story", pa.int32()), ("client", pa.int64()), ("content", pa.int32()), ("line", pa.int64()), ("standing", pa.int8()),
    ("counted", pa.bool_()),
])  # fmt: skip


def _ledger(
    workspace: Workspace,
    setup: DetectionSetup,
    context: KeptContext,
    *,
    threads: int,
    memory_bytes: int,
    people: OfPeople | None = None,
    elsewhere: Elsewhere | None = None,
) -> Ledger:
    known = workspace.journal.setting("map")
    days = setup_of(
        workspace,
        twins=() if known is None else twin_rules(load_map(workspace.files.path(known))),
        detectors=setup.detectors,
        explanations=setup.explanations,
        context=context,
    )
    return Ledger(
        workspace,
        days,
        context=context,
        threads=threads,
        memory_bytes=memory_bytes,
        people=people,
        elsewhere=elsewhere,
    )


def recheck_days(
    workspace: Workspace,
    setup: DetectionSetup,
    *,
    most: int | None,
    draw: str,
    threads: int = 1,
    memory_bytes: int = 1 << 30,
) -> Rechecked:
    """Make days of steps again under the context that they were made with (at most so many, which `draw` draws), and say which differ from
    what is kept. Nothing is made that waits. Only for the one who holds the workspace for writing."""
    ledger = _ledger(workspace, setup, kept_last(workspace), threads=threads, memory_bytes=memory_bytes)
    return ledger.recheck(most=most, draw=draw)


def waiting_days(
    workspace: Workspace, folder: ContextFolder, setup: DetectionSetup, zone: tzinfo | None
) -> dict[str, dict[str, int]]:
    """By step, on how many days it is stale under the context as it is now, by what changed; of segments that are counted. Only for the one
    who holds the workspace for writing."""
    context = context_of(workspace, folder.path, zone=zone, none=folder.none, digest=folder.digest)
    return _ledger(workspace, setup, context, threads=1, memory_bytes=1 << 30).waiting()


def find_by_days(
    workspace: Workspace,
    folder: ContextFolder,
    setup: DetectionSetup,
    zone: tzinfo | None,
    *,
    with_rules: bool,
    now: datetime,
    threads: int,
    memory_bytes: int,
    elsewhere: Elsewhere | None = None,
) -> Found:
    """Bring the days up to date, and tell what they come to. With `elsewhere` executors make days of steps."""
    migrate_numbers(workspace, threads=threads)
    people = of_people(workspace)
    context = context_of(
        workspace, folder.path, zone=zone, none=folder.none, digest=folder.digest, told=people
    )
    with workspace.numbering:  # else a round of a watch could count more before the one than before the other
        reader = LedgerReader(workspace, threads=threads, memory_bytes=memory_bytes)
        nobody_came = people.people == load_history(workspace.journal, workspace.files).given("person")
        ledger = _ledger(
            workspace,
            setup,
            context,
            threads=threads,
            memory_bytes=memory_bytes,
            people=people.without_claims,
            elsewhere=elsewhere,
        )
        ledger.stand()
    try:
        ledger.bring_up_to_date(now=now)
        telling = ledger.telling()
        kept, parties = telling.found()
        segments = _Segments.of(workspace)
        views = _of_the_index(reader, _counted(kept, parties, telling.runs, segments))
        del kept  # the marks of all days
        findings = [located(reader, segments.placed(each.finding)) for each in parties]
        members, counted = (
            of_findings(each_once(views, names), findings)
            for names in (("story", "client"), ("story", "content", "line"))
        )
        mixed = [at for at, each in enumerate(parties) if each.mixed]
        proofs = of_findings(proven_of(views, mixed), findings)
        answers: tuple[str | None, int] = (None, 0)
        if context.stated.given:  # without any context nothing can be told of any exposure
            answers = _answers(workspace, reader, telling.runs)
        believed = telling.believed
        untold = [one.note for detector in setup.detectors.values() if (one := untold_of(detector, believed))]
        planted = canaries_with_logins(workspace, context, telling.people.planted)
        return finished(
            reader,
            sorted(findings, key=by_weight),
            untold=(*untold, *canary_questions(telling.runs, planted), *believed.questions),
            usual=[each.baseline() for each in learnt_by(ledger.setup, telling.runs)],
            answers=answers,
            members=members,
            counted=counted,
            proofs=proofs,
            with_rules=with_rules,
            spellings=people.spellings if nobody_came else None,
        )
    finally:
        reader.close()


class _Segments:
    """Which segment holds a line of a content."""

    def __init__(self, places: Ints, numbers: Ints) -> None:
        self._places, self._numbers = places, numbers

    @classmethod
    def of(cls, workspace: Workspace) -> _Segments:
        rows = sorted(
            ((each.content << _LINE_BITS) + each.first_line, each.id)
            for each in live_segments(workspace.journal)
        )
        places, numbers = np.array(rows, np.int64).reshape(-1, 2).T
        return cls(places, numbers)

    def at(self, content: Ints, line: Ints) -> Ints:
        """The segments of lines that were read."""
        found: Ints = self._numbers[
            np.searchsorted(self._places, (content << _LINE_BITS) + line, side="right") - 1
        ]
        return found

    def placed(self, finding: Finding) -> Finding:
        """The finding with places as the index has them."""
        content = np.array([each.content for each in finding.places], np.int64)
        line = np.array([each.line for each in finding.places], np.int64)
        places = zip(self.at(content, line).tolist(), line.tolist(), strict=True)
        return replace(finding, places=tuple(Place(content=at, line=each) for at, each in places))


def _counted(kept: Kept, parties: Sequence[Party], runs: Runs, segments: _Segments) -> pa.Table:
    """The counted views of all parties, with their standing where it may differ from view to view."""
    told = _Told.of(kept, parties)
    lines = kept.runs["lines"].select(["day", "mark", "positions"])
    days = column(lines, "day")
    every = distinct(days).tolist()
    parts = [_COUNTED.empty_table()]
    for at in range(0, len(every), _AT_ONCE):
        some = every[at : at + _AT_ONCE]
        start, end = np.searchsorted(days, [some[0], some[-1] + 1]).tolist()
        views = runs.rows("views", some, ["content", "line", "client"])
        parts.append(_counted_on(lines.slice(start, end - start), views, told, segments))
    return pa.concat_tables(parts).combine_chunks()


@dataclass(frozen=True, slots=True)
class _Told:
    """The marks of which parties count views; and of each, one mark behind the other from `starts` on, the parties, with the standing of these
    views where it may differ from view to view (-1: none)."""

    marks: pa.Array
    starts: Ints
    stories: Ints
    standing: Ints

    @classmethod
    def of(cls, kept: Kept, parties: Sequence[Party]) -> _Told:
        held = [each for each in held_by(kept, [party.flags for party in parties]) if each.counted]
        marks = [each.mark for each in held]
        starts = [at for at, mark in enumerate(marks) if not at or marks[at - 1] != mark]
        mixed = [each.standing if parties[each.party].mixed else None for each in held]
        return cls(
            marks=pa.array([marks[at] for at in starts], pa.binary(16)),
            starts=np.array([*starts, len(marks)], np.int64),
            stories=np.array([each.party for each in held], np.int64),
            standing=np.array([-1 if each is None else each for each in mixed], np.int64),
        )


def _counted_on(rows: pa.Table, views: pa.Table, told: _Told, segments: _Segments) -> pa.Table:
    """Of days whose views are in hand."""
    mark = pc.fill_null(pc.index_in(rows["mark"], told.marks), -1).to_numpy()
    own = np.flatnonzero(mark >= 0)
    first = told.starts[mark[own]]
    row, which = _each_of(told.starts[mark[own] + 1] - first)
    entry, row = first[row] + which, own[row]  # each party that counts the views of a row
    positions, of = unpack_rows(rows["positions"])
    starts, ends = (np.searchsorted(of, np.arange(rows.num_rows), side) for side in ("left", "right"))
    by, which = _each_of((ends - starts)[row])
    begins = np.searchsorted(column(views, "day"), column(rows, "day"))
    at = begins[row[by]] + positions[starts[row[by]] + which]
    content, line, client = (column(views, name)[at] for name in ("content", "line", "client"))
    standing = told.standing[entry[by]]
    columns = {
        "story": told.stories[entry[by]],
        "client": client,
        "content": segments.at(content, line),
        "line": line,
        "standing": pa.array(standing, mask=standing < 0),
        "counted": np.ones(len(at), np.bool_),
    }
    return pa.table(columns).select(_COUNTED.names).cast(_COUNTED)


def _each_of(many: Ints) -> tuple[Ints, Ints]:
    """Of things of which there are so many each: which one each is of, and its place among those of it."""
    of = np.repeat(np.arange(len(many)), many)
    return of, np.arange(len(of)) - np.repeat(np.cumsum(many) - many, many)


def _of_the_index(reader: LedgerReader, views: pa.Table) -> pa.Table:
    """The same with clients of whom the index has a row. One that steps joined of two sources, and that the index did not join in the same way,
    is the client of the line."""
    if not len(_foreign(reader, views)):
        return views
    told = reader.session.query(
        "SELECT story, CASE WHEN c.client IS NULL THEN l.client ELSE t.client END AS client, content, line, standing, counted "
        "FROM told AS t LEFT JOIN (SELECT client FROM clients) AS c USING (client) "
        "LEFT JOIN (SELECT DISTINCT content, line, client FROM views) AS l USING (content, line) ",
        told=views,
    )
    return told.cast(_COUNTED)


def _foreign(reader: LedgerReader, rows: pa.Table) -> pa.Array:
    """Clients of rows of whom the index has none. None are where it has a row of every number that was given: then no row is looked at."""
    given = load_history(reader.workspace.journal, reader.workspace.files).given("client")
    if rows_of(reader.workspace.journal, "clients") == given:
        return pa.array([], pa.int64())
    clients = pa.table({"client": pc.unique(rows["client"])})
    found = reader.session.query("SELECT client FROM asked ANTI JOIN clients USING (client)", asked=clients)
    return found["client"].combine_chunks()


def _answers(workspace: Workspace, reader: LedgerReader, runs: Runs) -> tuple[str | None, int]:
    """What the explanations say of each exposure, in a file that is not in the journal yet. Of a client that the index does not have
    nothing is said: that cannot be told of its exposures."""
    names = ["person", "client", "route", "explained", "unexplained", "cannot_tell"]
    rows = runs.rows("exposures", runs.days("exposures"), names)
    foreign = _foreign(reader, rows)
    if len(foreign):
        rows = rows.filter(pc.invert(pc.is_in(rows["client"], foreign)))
    rows = answers_of(rows)
    return workspace.files.put_batches("answers", ANSWERS, rows.to_batches()), rows.num_rows
