"""Who saw one person, view by view, the newest first: what that person may be told themself. The letter (`app.asking.letter`) says the same
in sums."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final, Literal

import pyarrow as pa

from whosaw.app.asking.questions import Ledger
from whosaw.app.asking.seen_by import Viewer, viewers_of
from whosaw.app.asking.withheld import count_shown, withheld_clients
from whosaw.core.counts import Count
from whosaw.core.instants import from_micros
from whosaw.logs.coverage.hours import coverage_of
from whosaw.report.gaps import gaps_of
from whosaw.store.ledger import Locator
from whosaw.store.repositories.segments import live_segments

from .settings import OwnSettings

__all__ = ["OwnReason", "OwnRow", "OwnViews", "Who", "own_views"]

OwnReason = Literal["explained", "unexplained", "cannot tell", "mixed", ""]
_DAY: Final = 86_400_000_000
_OWN: Final = ("self", "perhaps")  # folded: the person's own account, as far as the records tell


@dataclass(frozen=True, slots=True, kw_only=True)
class Who:
    """Who it was: of staff the role, and the `name` only where the organisation decided to name them."""

    kind: str
    role: str = ""
    name: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnRow:
    """A view of the person; views with their own account of a day, folded (`own`); or hours of the logs that are missing (`gap`). `time` is
    the last moment of it and `since` the first. `reason`: whether a record explains it; `mixed`: some such views and others not.
    `key` finds it again, and tells nothing."""

    key: str
    kind: Literal["view", "own", "gap"]
    time: datetime
    since: datetime
    who: Who | None = None
    route: str = ""
    purpose: str = ""
    categories: tuple[str, ...] = ()
    reason: OwnReason = ""
    views: int = 0
    possible: int = 0
    source: str = ""
    places: tuple[tuple[int, int], ...] = field(default=(), repr=False)  # content, line


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnViews:
    """All rows, the newest first, without those that are withheld, of which `known` has the keys; and how many views they are. `since` and
    `until` are the ends of the records. `id`: the person's identifier as the logs have it."""

    person: int | None
    id: str = field(repr=False)
    rows: tuple[OwnRow, ...]
    known: Mapping[str, OwnRow] = field(repr=False)
    count: Count
    unnamed: int
    since: datetime | None
    until: datetime | None
    staff: frozenset[int]  # numbers of those who are named


def own_views(
    ledger: Ledger, person: int | None, settings: OwnSettings, *, now: datetime, raw: str = ""
) -> OwnViews:
    """What is told to one person (None: whom the ledger never met), by numbers. Raw identifiers leave the vault: the caller has
    journalled that."""
    told = _Told(ledger, person, raw, settings) if person is not None else None
    every = told.rows() if told is not None else []
    hidden = withheld_clients(ledger, now=now)
    shown = [row for row, clients in every if hidden.isdisjoint(clients)]
    gaps = list(_gaps(ledger))
    segments = live_segments(ledger.workspace.journal)
    return OwnViews(
        person=person,
        id=raw.partition("\x1f")[2],
        rows=tuple(sorted((*shown, *gaps), key=lambda row: (row.time, row.since, row.key), reverse=True)),
        known={row.key: row for row in (*(row for row, _ in every), *gaps)},
        count=count_shown(ledger, person, hidden),
        unnamed=ledger.reader.session.query("SELECT count(*) AS n FROM views WHERE person IS NULL AND NOT duplicate")["n"][0].as_py(),
        since=_at(min((each.first_time for each in segments if each.first_time is not None), default=None)),
        until=_at(max((each.last_time for each in segments if each.last_time is not None), default=None)),
        staff=frozenset() if told is None else frozenset(told.named),
    )  # fmt: skip


def _at(micros: int | None) -> datetime | None:
    return None if micros is None else from_micros(micros)


class _Told:
    """The views of one person with who made each."""

    def __init__(self, ledger: Ledger, person: int, raw: str, settings: OwnSettings) -> None:
        self._ledger, self._person, self._settings = ledger, person, settings
        reader = ledger.reader
        self._views: list[dict[str, Any]] = reader.session.query(
            "SELECT micros, content, line, client, route, coalesce(unsure, 0) AS unsure FROM views "
            "WHERE person = ? AND NOT duplicate ORDER BY micros, content, line, route",
            [person],
        ).to_pylist()
        clients = reader.clients(sorted({each["client"] for each in self._views}))
        answers = reader.session.query("SELECT * FROM answers WHERE person = ?", [person]).to_pylist()
        self._answers = {
            (row["client"], row["route"]): (row["explained"], row["unexplained"], row["cannot_tell"])
            for row in answers
        }
        viewers, made = viewers_of(ledger, raw), {(each["client"], each["route"]) for each in self._views}
        by_number = {each.number: each for each in clients}
        self._viewers = {
            cell: viewers.of(by_number[cell[0]], self._answers.get(cell, (0, 0, 1))) for cell in made
        }
        principals = {each.number: each.numbers.get("principal") for each in clients}
        self.named = {
            number
            for (client, _), viewer in self._viewers.items()
            if settings.names and viewer.kind == "staff" and (number := principals[client]) is not None
        }
        names = ledger.raw("principal", sorted(self.named))
        self._names = {
            client: names.get(number, "") for client, number in principals.items() if number is not None
        }

    def rows(self) -> list[tuple[OwnRow, frozenset[int]]]:
        """All of them, each with its clients."""
        reader = self._ledger.reader
        lines = reader.locators([(each["content"], each["line"]) for each in self._views])
        segments = {each.id: each.source for each in live_segments(self._ledger.workspace.journal)}
        folds: dict[tuple[int, int, str], list[tuple[dict[str, Any], Locator]]] = {}
        found: list[tuple[OwnRow, frozenset[int]]] = []
        for view, line in zip(self._views, lines, strict=True):
            viewer = self._viewers[view["client"], view["route"]]
            if viewer.kind in _OWN:
                folds.setdefault((view["client"], view["micros"] // _DAY, viewer.kind), []).append(
                    (view, line)
                )
            else:
                row = self._row("view", [(view, line)], viewer, segments[view["content"]])
                found.append((row, frozenset({view["client"]})))
        for (client, _, _), those in folds.items():
            first = those[0][0]
            row = self._row("own", those, self._viewers[client, first["route"]], segments[first["content"]])
            found.append((row, frozenset({client})))
        keys = _keys(self._ledger, [f"{self._person}\x1f{row.key}" for row, _ in found])
        return [(replace(row, key=key), clients) for (row, clients), key in zip(found, keys, strict=True)]

    def _row(
        self,
        kind: Literal["view", "own"],
        those: Sequence[tuple[Mapping[str, Any], Locator]],
        viewer: Viewer,
        source: str,
    ) -> OwnRow:
        views = [view for view, _ in those]
        bodies = [self._ledger.reader.routes[each["route"]] for each in views]
        routes = tuple(dict.fromkeys(str(each["id"]) for each in bodies))
        first, line = those[0]
        named = self._settings.names and viewer.kind == "staff"
        at = (
            f"{line.digest}:{line.line}:{first['route']}"
            if kind == "view"
            else f"{first['client']}:{first['micros'] // _DAY}:{viewer.kind}"
        )
        return OwnRow(
            key=f"{kind}\x1f{at}",
            kind=kind,
            time=from_micros(max(each["micros"] for each in views)),
            since=from_micros(min(each["micros"] for each in views)),
            who=Who(
                kind=viewer.kind,
                role=viewer.name,
                name=self._names.get(first["client"], "") if named else "",
            ),
            route=routes[0] if len(routes) == 1 else "",
            purpose=next((text for each in routes if (text := self._settings.purposes.get(each))), "") if kind == "view" else "",
            categories=tuple(dict.fromkeys(name for each in bodies for name in each["categories"])),
            reason=_reason(self._answers.get((each["client"], each["route"]), (0, 0, 1)) for each in views),
            views=len(views),
            possible=sum(each["unsure"] != 0 for each in views),
            source=source,
            places=tuple((each["content"], each["line"]) for each in views),
        )  # fmt: skip


def _reason(told: Iterable[tuple[int, int, int]]) -> OwnReason:
    """Of views of these cells. The ledger keeps how many views of a cell are explained, and not which."""
    words: tuple[OwnReason, ...] = ("explained", "unexplained", "cannot tell")
    found = {word for cell in told for many, word in zip(cell, words, strict=True) if many}
    return found.pop() if len(found) == 1 else "mixed" if found else "cannot tell"


def _keys(ledger: Ledger, texts: Sequence[str]) -> list[str]:
    """Keyed digests: nobody makes one of their own, and none tells of lines or clients."""
    if not texts:
        return []
    found = ledger.workspace.vault.digest_all("own-row", pa.array(texts, pa.string()))
    return [bytes(each).hex() for each in found]


def _gaps(ledger: Ledger) -> Iterator[OwnRow]:
    """Hours of a source that are not whole, the same for everybody."""
    from whosaw.app.source_view import source_view

    spans = [
        (each.source, span)
        for each in map(source_view, coverage_of(ledger.workspace.journal))
        for span in gaps_of(each)
    ]
    keys = _keys(ledger, [f"gap\x1f{source}\x1f{span.start}\x1f{span.state}" for source, span in spans])
    for (source, span), key in zip(spans, keys, strict=True):
        yield OwnRow(key=key, kind="gap", time=span.end, since=span.start, source=source)
