"""Looks for findings by the steps over days: what was made of a day is made again only where what it was made of changed.

Readers still read the index. So what is told by day is written as the index says it: a line by its segment, and of clients those alone that
it has rows of.
"""

from __future__ import annotations

from datetime import datetime, tzinfo

from whosaw.actors.explaining.kept_context import KeptContext
from whosaw.actors.finding_of import by_weight
from whosaw.actors.run import untold_of
from whosaw.app.building.believing import canary_questions
from whosaw.app.building.bring_up import Ledger, setup_of
from whosaw.app.building.context import OfPeople, canaries_with_logins, context_of, kept_last, of_people
from whosaw.app.building.step_tasks import Elsewhere
from whosaw.app.building.usual import learnt_by
from whosaw.build.recheck import Rechecked
from whosaw.mapping.data_map import load_map
from whosaw.mapping.twin_reports import twin_rules
from whosaw.store.ledger import LedgerReader
from whosaw.store.numbers.history import load_history
from whosaw.store.numbers.migrate import migrate_numbers
from whosaw.store.workspace import Workspace

from .counted_views import CountedViews, IndexClients, Segments
from .found import Files, Found, finished, located
from .given import ContextFolder, DetectionSetup
from .span_answers import put_answers
from .span_told import ToldBySpan
from .spans import spans_of

__all__ = ["find_by_days", "recheck_days", "waiting_days"]


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
    people = people.without_claims
    with workspace.numbering:  # else a round of a watch could count more before the one than before the other
        reader = LedgerReader(workspace, threads=threads, memory_bytes=memory_bytes)
        nobody_came = people.people == load_history(workspace.journal, workspace.files).given("person")
        ledger = _ledger(
            workspace,
            setup,
            context,
            threads=threads,
            memory_bytes=memory_bytes,
            people=people,
            elsewhere=elsewhere,
        )
        ledger.stand()
    try:
        ledger.bring_up_to_date(now=now)
        telling = ledger.telling()
        kept, parties = telling.found()
        segments, clients = Segments.of(workspace), IndexClients(reader)
        views = CountedViews(kept, parties, telling.runs, segments)
        del kept  # the marks of all days
        findings = [located(reader, segments.placed(each.finding)) for each in parties]
        told = ToldBySpan.of(
            workspace, clients, segments, views, [each.finding.id for each in parties], spans_of(telling.runs, ["lines"]),
        )  # fmt: skip
        answers: Files = {}
        if context.stated.given:  # without any context nothing can be told of any exposure
            answers = put_answers(workspace, clients, telling.runs)
        believed = telling.believed
        untold = [one.note for detector in setup.detectors.values() if (one := untold_of(detector, believed))]
        planted = canaries_with_logins(workspace, context, telling.people.planted)
        return finished(
            reader,
            sorted(findings, key=by_weight),
            untold=(*untold, *canary_questions(telling.runs, planted), *believed.questions),
            usual=[each.baseline() for each in learnt_by(ledger.setup, telling.runs)],
            answers=answers,
            counted=told.counted(),
            put=told.put,
            with_rules=with_rules,
            spellings=people.spellings if nobody_came else None,
        )
    finally:
        reader.close()
