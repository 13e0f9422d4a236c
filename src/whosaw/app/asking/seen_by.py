"""Who saw one person, by role or organisation and never by name: what a person who asks may be told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

from whosaw.core import client
from whosaw.core.counts import Count
from whosaw.logs.coverage.hours import coverage_of
from whosaw.mapping.resolver import Resolver
from whosaw.mapping.untold import UntoldSource
from whosaw.store.ledger import LedgerClient
from whosaw.store.repositories.segments import live_segments

from .questions import Ledger
from .untold import untold
from .withheld import count_shown

if TYPE_CHECKING:
    from whosaw.actors import Context

__all__ = ["Gap", "SeenBy", "SeenRow", "Viewer", "ViewerKind", "Viewers", "seen_by", "viewers_of"]

ViewerKind = Literal["self", "staff", "service", "claimed", "perhaps", "unknown"]
_HOUR: Final = 3_600_000_000
_TRAITS: Final = client.picked(
    "app.asking.seen_by",
    "principal",
    "address",
    "network",
    "key",
    why="the table of services has no other trait",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewer:
    """Who it was, as far as the records tell: `name` is the role of a member of staff or the name of a service, where one is known."""

    kind: ViewerKind
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenRow:
    """What one kind of viewer saw through one route: first and last view in microseconds, views with those that are only possible among
    them, and for how many a reason is on record, for how many none, and of how many that cannot be told."""

    viewer: Viewer
    route: str
    categories: tuple[str, ...]
    first: int
    last: int
    views: int
    possible: int
    explained: int
    unexplained: int
    cannot_tell: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Hours of a source that are missing or partial: how many, the first and the end of the last in microseconds."""

    source: str
    hours: int
    first: int
    last: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenBy:
    """Everything that the letter says. `since` and `until` are the ends of the records; `id` is the identifier as the logs have it.
    `withheld`: views of an actor are left out, because an investigation comes first."""

    id: str = field(repr=False)
    number: int
    count: Count
    rows: tuple[SeenRow, ...]
    since: int | None
    until: int | None
    gaps: tuple[Gap, ...]
    views_of_unknown_persons: int
    untold: tuple[UntoldSource, ...] = ()
    withheld: bool


def seen_by(ledger: Ledger, person: int, *, hidden: frozenset[int] = frozenset()) -> SeenBy:
    """The answer for one person, without what `hidden` clients saw. The identifier leaves the vault: the caller has journalled that."""
    answer = ledger.seen_of_person(person)
    rows = [row for row in answer.rows if row["client"] not in hidden]
    clients = {each.number: each for each in ledger.reader.clients(sorted({row["client"] for row in rows}))}
    raw = ledger.raw("person", [person]).get(person, "")
    viewers = viewers_of(ledger, raw)
    segments = live_segments(ledger.workspace.journal)
    return SeenBy(
        id=raw.partition("\x1f")[2],
        number=person,
        count=answer.views if len(rows) == len(answer.rows) else count_shown(ledger, person, hidden),
        rows=_rows(ledger, rows, answer.explained, clients, viewers),
        since=min((each.first_time for each in segments if each.first_time is not None), default=None),
        until=max((each.last_time for each in segments if each.last_time is not None), default=None),
        gaps=_gaps(ledger),
        views_of_unknown_persons=answer.views_of_unknown_persons,
        untold=untold(ledger.reader),
        withheld=len(rows) < len(answer.rows),
    )


def viewers_of(ledger: Ledger, raw: str) -> Viewers:
    """Tells who the clients were that saw this person, whose identifier is as the vault has it."""
    return Viewers(_known(ledger), ledger.reader.number_of("principal", raw.partition("\x1f")[2]))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """What the context says of those who look: roles of staff by number, and services with their names by number."""

    roles: Mapping[int, str]
    services: list[Mapping[str, Any]]
    names: Mapping[int, str] = field(repr=False)


_kept: dict[
    tuple[object, ...], _Known
] = {}  # of the context that was asked for last, by what it was read from


def _known(ledger: Ledger) -> _Known:
    """Read once for a scan and a state of the context's files: a server that answers many people would read all logins for each."""
    journal = ledger.workspace.journal
    folder = journal.setting("context")
    files = sorted(Path(folder).rglob("*")) if folder is not None else []
    stamps = []
    for each in files:
        stat = each.stat()
        stamps.append((str(each), stat.st_size, stat.st_mtime_ns))
    segments = tuple(each.id for each in live_segments(journal))
    key = (str(ledger.workspace.root.resolve()), folder, tuple(stamps), segments)
    found = _kept.get(key)
    if found is None:
        found = _read(ledger)
        _kept.clear()
        _kept[key] = found
    return found


def _read(ledger: Ledger) -> _Known:
    context = _context(ledger)
    staff = context.rows("staff").select(["staff", "role"]).to_pylist()
    services: list[Mapping[str, Any]] = context.rows("services").to_pylist()
    met = sorted({n for row in services if (n := row["principal"]) is not None and n >= 0})
    return _Known(
        roles={
            row["staff"]: row["role"] or "" for row in staff if row["staff"] is not None and row["staff"] >= 0
        },
        services=services,
        names=ledger.raw("principal", met),
    )


def _context(ledger: Ledger) -> Context:
    """The context of the last scan; none where its folder is gone, for then nobody's role is known."""
    from whosaw.actors import Context, load_context
    from whosaw.app.findings.detection import none_of, zone_of_last_scan

    journal = ledger.workspace.journal
    known = journal.setting("context")
    if known is None or not Path(known).is_dir():
        return Context.none()
    return load_context(
        Path(known), Resolver(ledger.reader), zone=zone_of_last_scan(journal), none=none_of(journal)
    )


class Viewers:
    """Tells who a client was."""

    def __init__(self, known: _Known, own: int | None) -> None:
        self._known, self._own = known, own

    def of(self, sender: LedgerClient, told: tuple[int, int, int]) -> Viewer:
        principal = sender.numbers.get("principal")
        if principal is not None and principal in self._known.roles:
            return Viewer(kind="staff", name=self._known.roles[principal])
        if (service := self._service(sender)) is not None:
            return Viewer(kind="service", name=self._known.names.get(service["principal"], ""))
        if principal is not None and principal == self._own:
            explained, unexplained, cannot_tell = told
            return Viewer(
                kind="claimed" if unexplained else "perhaps" if cannot_tell or not explained else "self"
            )
        return Viewer(kind="unknown")

    def _service(self, sender: LedgerClient) -> Mapping[str, Any] | None:
        """The first service or partner of the context all of whose traits the client has."""
        for row in self._known.services:
            have = {**sender.numbers, **sender.texts}
            asked = [name for name in _TRAITS if row[name] is not None]
            if asked and all(have.get(name) == row[name] for name in asked):
                return row
        return None


def _rows(
    ledger: Ledger,
    rows: Sequence[Mapping[str, Any]],
    explained: Mapping[tuple[int, int], tuple[int, int, int]],
    clients: Mapping[int, LedgerClient],
    viewers: Viewers,
) -> tuple[SeenRow, ...]:
    """The exposures by viewer and route, in the order of their first view."""
    found: dict[tuple[Viewer, int], SeenRow] = {}
    for row in rows:
        told = explained.get((row["client"], row["route"]), (0, 0, row["views"]))
        viewer = viewers.of(clients[row["client"]], told)
        body = ledger.reader.routes[row["route"]]
        before = found.get((viewer, row["route"]))
        found[viewer, row["route"]] = SeenRow(
            viewer=viewer,
            route=str(body["id"]),
            categories=tuple(body["categories"]),
            first=min(row["first"], before.first) if before else row["first"],
            last=max(row["last"], before.last) if before else row["last"],
            views=row["views"] + (before.views if before else 0),
            possible=row["possible"] + (before.possible if before else 0),
            explained=told[0] + (before.explained if before else 0),
            unexplained=told[1] + (before.unexplained if before else 0),
            cannot_tell=told[2] + (before.cannot_tell if before else 0),
        )
    return tuple(
        sorted(found.values(), key=lambda each: (each.first, each.viewer.kind, each.viewer.name, each.route))
    )


def _gaps(ledger: Ledger) -> tuple[Gap, ...]:
    """For each source with any, the hours that are missing or partial."""
    found = []
    for source in coverage_of(ledger.workspace.journal):
        hours = [each.hour for each in source.hours if each.state in ("missing", "partial")]
        if hours:
            first, last = min(hours) * _HOUR, (max(hours) + 1) * _HOUR
            found.append(Gap(source=source.source, hours=len(hours), first=first, last=last))
    return tuple(found)
