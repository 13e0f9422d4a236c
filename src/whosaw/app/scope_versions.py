"""Versions of a case: what differs between two, and closing one as final."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyroaring import BitMap

from whosaw.core.errors import WhosawError
from whosaw.core.instants import format_instant
from whosaw.scope.differences import Moved, differences, moved
from whosaw.scope.document import body_digest
from whosaw.scope.open_items import StillOpenError
from whosaw.store import statements as sa
from whosaw.store.cases import CaseStore
from whosaw.store.journal import Journal, tables
from whosaw.store.live_inputs import LiveInputs, counted_by_then, live_inputs
from whosaw.store.workspace import Workspace

from .questions import Ledger

__all__ = ["close_case", "diff_versions"]

# Above so many views the ledger is asked who was named in earlier logs only where that was wished: it takes more than seconds.
_TRACED = 5_000_000


def diff_versions(
    root: Path,
    case: str,
    old: int | None = None,
    new: int | None = None,
    *,
    now: datetime,
    key_file: Path | None = None,
    sample: int = 3,
    trace: bool | None = None,
    reveal: bool = False,
    reason: str = "",
) -> dict[str, Any]:
    """What differs between two versions, by default the last two. Both numbers or none must be given.

    `sample` persons of each set that moved are shown, masked. With `trace` (or without it in a small ledger) the ledger is asked
    which of those who came could only have come with the new logs, and which of those who went only with lost ones.
    """
    workspace = Workspace.open(root, key_file=key_file)
    ledger = None
    try:
        store = CaseStore(workspace)
        first, second = _chosen(store, case, old, new)
        opened: dict[str, BitMap] = {}
        documents = [store.get(case, each) for each in (first, second)]
        sets = [store.sets(case, each, opened=opened) for each in (first, second)]
        inputs = [store.inputs(case, each) for each in (first, second)]
        routes = [_routes_of(workspace.journal, each["inputs"]["map"]) for each in documents]
        answer = differences(
            *documents,
            *sets,
            old_inputs=inputs[0],
            new_inputs=inputs[1],
            old_routes=routes[0],
            new_routes=routes[1],
        )
        held = moved(sets[0], sets[1], "held")
        possible = moved(sets[0], sets[1], "possible")
        answer["traced"] = None
        answer["sample"] = {}
        if sample or _worth_tracing(answer, workspace.journal, trace):
            ledger = Ledger(workspace, now=now, reveal=reveal, reason=reason)
            if _worth_tracing(answer, workspace.journal, trace):
                maps = [each["inputs"]["map"] for each in documents]
                answer["traced"] = _traced(ledger, held, inputs, same_map=maps[0] == maps[1])
            named = {
                "held_came_in": held.came_in,
                "held_went_out": held.went_out,
                "possible_came_in": possible.came_in,
                "possible_went_out": possible.went_out,
            }
            answer["sample"] = _sample(ledger, named, sample)
        return answer
    finally:
        if ledger is not None:
            ledger.close()
        else:
            workspace.close()


def close_case(
    root: Path, case: str, *, despite: str | None, now: datetime, key_file: Path | None = None
) -> dict[str, Any]:
    """Make a final version of the last one. Raises `StillOpenError` with everything that is open, unless `despite` gives a reason.

    A ledger that holds something else by now than when the version was made is open, too.
    """
    if despite is not None and not despite.strip():
        raise WhosawError(
            "scope.no-reason",
            "--despite needs a reason",
            hint="Say why the number is final though something is open; it is kept with your name",
        )
    workspace = Workspace.open(root, key_file=key_file)
    try:
        store = CaseStore(workspace)
        row = store.row(case)
        document = store.get(case, row.version)
        if row.final:
            raise WhosawError(
                "scope.already-final",
                f"{case} {row.version} is final already",
                hint="`whosaw scope new` makes a further version, which can be closed in its turn",
            )
        held = store.inputs(case, row.version)
        items = [*document["open"], *_ledger_moved(held, live_inputs(workspace.journal), row.version)]
        if items and despite is None:
            raise StillOpenError(case, row.version, items)
        final = {"by": workspace.journal.who, "at": format_instant(now), "despite": despite}
        closed = {**document, "open": items, "final": final}
        version = store.add(closed, store.sets(case, row.version), now=now, inputs=held)
        return {
            "case": case,
            "version": version,
            "of": row.version,
            "final": final,
            "open": items,
            "counts": document["counts"],
            "scope": body_digest(document),
        }
    finally:
        workspace.close()


def _chosen(store: CaseStore, case: str, old: int | None, new: int | None) -> tuple[int, int]:
    rows = store.versions(case)
    if (old is None) != (new is None):
        raise WhosawError(
            "case.two-versions",
            "a difference is between two versions, and one is named",
            hint="Name both, as in `whosaw scope diff CASE 1 2`, or none for the last two",
        )
    if old is not None and new is not None:
        return store.row(case, old).version, store.row(case, new).version
    if len(rows) < 2:
        raise WhosawError(
            "case.one-version",
            f"case {case!r} has one version",
            hint="`whosaw scope new` makes the next one, when there is something new to count",
        )
    return rows[-2].version, rows[-1].version


def _routes_of(journal: Journal, digest: str | None) -> list[dict[str, Any]] | None:
    """The routes of a data map as the ledger keeps them; None where it does not."""
    route = tables.route
    rows = journal.rows(sa.select(route.c.body).where(route.c.map == digest).order_by(route.c.position))
    return [json.loads(row["body"]) for row in rows] or None


def _ledger_moved(held: LiveInputs, now: LiveInputs, version: int) -> list[dict[str, Any]]:
    came, gone = len(now.beyond(held)), len(held.beyond(now))
    if not came and not gone:
        return []
    what = f"the ledger changed since version {version} was made: {came:,} contents more or longer, {gone:,} gone or shorter"
    return [{"code": "ledger-moved", "what": what}]


def _worth_tracing(answer: dict[str, Any], journal: Journal, trace: bool | None) -> bool:
    """Whether the ledger can say more than the versions: several causes, and logs among them."""
    codes = {cause["code"] for cause in answer["causes"]}
    if trace is False or len(codes) < 2 or not codes & {"new-logs", "lost-logs"}:
        return False
    index = tables.index
    (row,) = journal.rows(
        sa.select(sa.func.sum(index.c.rows).label("rows")).where(index.c.kind == "views", index.c.live)
    )
    return trace is True or int(row["rows"] or 0) <= _TRACED


def _traced(ledger: Ledger, held: Moved, inputs: list[LiveInputs], *, same_map: bool) -> dict[str, Any]:
    """Who among those who came or went is named by no view in the logs of the other version.

    None where it cannot be told: the ledger is not the one of the new version, a content of the other version is not in
    it any more as it was, or, for those who went, another map may have named them.
    """
    unchanged = live_inputs(ledger.workspace.journal) == inputs[1]
    asked = (
        ("only_by_new_logs", held.came_in, inputs[0], unchanged),
        ("only_by_lost_logs", held.went_out, inputs[1], unchanged and same_map),
    )
    return {name: _unnamed(ledger, persons, then) if sound else None for name, persons, then, sound in asked}


def _unnamed(ledger: Ledger, persons: BitMap, then: LiveInputs) -> int | None:
    """How many of `persons` no view in the contents `then` names; None where these are not in the ledger as they were."""
    segments, whole = counted_by_then(ledger.workspace.journal, then.rows)
    if not whole:
        return None
    found = ledger.reader.session.query(
        "SELECT count(DISTINCT person) AS n FROM views SEMI JOIN asked USING (person) SEMI JOIN earlier USING (content)",
        asked=pa.table({"person": pa.array(persons, pa.int32())}),
        earlier=pa.table({"content": pa.array(segments, pa.int32())}),
    )
    return len(persons) - int(found["n"][0].as_py())


def _sample(ledger: Ledger, named: dict[str, BitMap], size: int) -> dict[str, list[dict[str, str]]]:
    """The first persons of each set, by number."""
    chosen = {name: list(persons[:size]) for name, persons in named.items() if persons}
    everybody = sorted({person for persons in chosen.values() for person in persons})
    shown = ledger.show(everybody, []) if everybody else None
    return {
        name: [
            {"number": f"p{each}", "shown": shown.persons.get(each, "***") if shown else "***"}
            for each in persons
        ]
        for name, persons in chosen.items()
    }
