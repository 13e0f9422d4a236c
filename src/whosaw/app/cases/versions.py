"""Versions of a case: what differs between two, and closing one as final."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pyarrow as pa
from pyroaring import BitMap

from whosaw.app.asking.answers import ShownPerson
from whosaw.app.asking.questions import Ledger, shown_person
from whosaw.app.gating.asking import asks
from whosaw.app.gating.rights import Verb
from whosaw.app.gating.two import second_person
from whosaw.core.canonical_json import canonical_json
from whosaw.core.counts import Count
from whosaw.core.document import JsonObject, document, object_of
from whosaw.core.errors import WhosawError
from whosaw.core.scope_version import Final, OpenItem
from whosaw.scope.versions.causes import KnownRoute
from whosaw.scope.versions.differences import MovedSet, ScopeDiff, differences, moved
from whosaw.scope.versions.document import body_digest, closed_text
from whosaw.scope.versions.open_items import StillOpenError
from whosaw.store.journal import Journal
from whosaw.store.live_files import rows_of
from whosaw.store.live_inputs import LiveInputs, counted_by_then, live_inputs
from whosaw.store.repositories.cases import CaseStore
from whosaw.store.repositories.manifest import routes_of_map
from whosaw.store.sending.sending_store import SendingStore
from whosaw.store.workspace import Workspace

__all__ = ["ClosedCase", "VersionsDiff", "close_case", "diff_versions"]

# Above so many views the ledger is asked who was named in earlier logs only where that was wished: it takes more than seconds.
_TRACED = 5_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Traced:
    """Who among those who came or went is named by no view in the logs of the other version; None where it cannot be told."""

    only_by_new_logs: int | None
    only_by_lost_logs: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionsDiff:
    """What differs between two versions, and what the ledger says besides, where it was asked: who was traced to logs, and some of
    those who moved."""

    found: ScopeDiff
    traced: Traced | None
    sample: Mapping[str, Sequence[ShownPerson]]

    def as_json(self) -> JsonObject:
        return {
            **object_of(self.found),
            "traced": document(self.traced),
            "sample": document(self.sample),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedCase:
    """A final version and the one that it was made `of`. `scope` is the digest of what both say."""

    case: str
    version: int
    of: int
    final: Final
    open: tuple[OpenItem, ...]
    counts: tuple[Count, Count, Count]
    scope: str


@asks(Verb.SEE_CASES, "case", case="case")
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
) -> VersionsDiff:
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
        old_version, new_version = (store.get(case, each) for each in (first, second))
        maps = old_version.inputs.map, new_version.inputs.map
        sets = [store.sets(case, each, opened=opened) for each in (first, second)]
        inputs = [store.inputs(case, each) for each in (first, second)]
        routes = [_routes_of(workspace.journal, each) for each in maps]
        found = differences(
            old_version,
            new_version,
            *sets,
            old_inputs=inputs[0],
            new_inputs=inputs[1],
            old_routes=routes[0],
            new_routes=routes[1],
        )
        held = moved(sets[0], sets[1], "held")
        possible = moved(sets[0], sets[1], "possible")
        traced: Traced | None = None
        shown: Mapping[str, Sequence[ShownPerson]] = {}
        worth_tracing = _worth_tracing(found, workspace.journal, trace)
        if sample or worth_tracing:
            ledger = Ledger(workspace, now=now, reveal=reveal, reason=reason)
            if worth_tracing:
                traced = _traced(ledger, held, inputs, same_map=maps[0] == maps[1])
            named = {
                "held_came_in": held.came_in,
                "held_went_out": held.went_out,
                "possible_came_in": possible.came_in,
                "possible_went_out": possible.went_out,
            }
            shown = _sample(ledger, named, sample)
        return VersionsDiff(found=found, traced=traced, sample=shown)
    finally:
        if ledger is not None:
            ledger.close()
        else:
            workspace.close()


@asks(Verb.CLOSE_CASE, "case", case="case")
def close_case(
    root: Path, case: str, *, despite: str | None, now: datetime, key_file: Path | None = None
) -> ClosedCase:
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
        counted = store.get(case, row.version)
        if row.final:
            raise WhosawError(
                "scope.already-final",
                f"{case} {row.version} is final already",
                hint="`whosaw scope new` makes a further version, which can be closed in its turn",
            )
        held = store.inputs(case, row.version)
        more = [
            *_ledger_moved(held, live_inputs(workspace.journal), row.version),
            *_open_tellings(case, workspace),
        ]
        items = (*counted.open, *more)
        if items and despite is None:
            raise StillOpenError(case, row.version, items)
        asked_for = {"case": case, "version": row.version, "despite": despite}
        second_person(
            workspace.journal,
            "close-final",
            f"{case} {row.version}",
            asked_for,
            reason=despite or "",
            now=now,
        )
        final = Final(by=workspace.journal.who, at=now, despite=despite)
        text = closed_text(counted, more, final)
        version = store.add(text, store.sets(case, row.version), now=now, inputs=held)
        return ClosedCase(
            case=case,
            version=version,
            of=row.version,
            final=final,
            open=items,
            counts=counted.counts,
            scope=body_digest(counted.as_json()),
        )
    finally:
        workspace.close()


def _chosen(store: CaseStore, case: str, old: int | None, new: int | None) -> tuple[int, int]:
    rows = store.versions(case)
    if (old is None) != (new is None):
        raise WhosawError(
            "case.two-versions",
            "only one version is named, and a difference needs two",
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


def _routes_of(journal: Journal, digest: str) -> list[KnownRoute] | None:
    """The routes of a data map as the ledger keeps them; None where it does not."""
    found = [
        KnownRoute(
            id=str(each["id"]), categories=frozenset(each.get("categories", ())), said=canonical_json(each)
        )
        for each in routes_of_map(journal, digest)
    ]
    return found or None


def _ledger_moved(held: LiveInputs, now: LiveInputs, version: int) -> list[OpenItem]:
    came, gone = len(now.beyond(held)), len(held.beyond(now))
    if not came and not gone:
        return []
    what = f"the ledger changed since version {version} was made: {came:,} contents more or longer, {gone:,} gone or shorter"
    return [OpenItem(code="ledger-moved", what=what)]


def _open_tellings(case: str, workspace: Workspace) -> list[OpenItem]:
    if not SendingStore.there(workspace.root):
        return []
    from whosaw.app.sending.status import open_tellings  # all of law comes with it, and few cases have one

    return open_tellings(case, workspace.journal, workspace.root)


def _worth_tracing(found: ScopeDiff, journal: Journal, trace: bool | None) -> bool:
    """Whether the ledger can say more than the versions: several causes, and logs among them."""
    codes = {cause.code for cause in found.causes}
    if trace is False or len(codes) < 2 or not codes & {"new-logs", "lost-logs"}:
        return False
    return trace is True or (rows_of(journal, "views") or 0) <= _TRACED


def _traced(ledger: Ledger, held: MovedSet, inputs: Sequence[LiveInputs], *, same_map: bool) -> Traced:
    """Who among those who came or went is named by no view in the logs of the other version.

    None where it cannot be told: the ledger is not the one of the new version, a content of the other version is not in
    it any more as it was, or, for those who went, another map may have named them.
    """
    unchanged = live_inputs(ledger.workspace.journal) == inputs[1]
    return Traced(
        only_by_new_logs=_unnamed(ledger, held.came_in, inputs[0]) if unchanged else None,
        only_by_lost_logs=_unnamed(ledger, held.went_out, inputs[1]) if unchanged and same_map else None,
    )


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


def _sample(ledger: Ledger, named: Mapping[str, BitMap], size: int) -> dict[str, list[ShownPerson]]:
    """The first persons of each set, by number."""
    chosen = {name: list(persons[:size]) for name, persons in named.items() if persons}
    everybody = sorted({person for persons in chosen.values() for person in persons})
    if not everybody:
        return {name: [] for name in chosen}
    shown = ledger.show(everybody, [])
    return {name: [shown_person(each, shown) for each in persons] for name, persons in chosen.items()}
