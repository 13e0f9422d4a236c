"""Which views a question asks about: those of a time, of a source, of a route. Without any of these, all."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from difflib import get_close_matches

from whosaw.core.document import told_as
from whosaw.core.errors import WhosawError
from whosaw.core.instants import to_micros
from whosaw.store.ledger import LedgerReader
from whosaw.store.repositories.segments import live_segments

__all__ = ["EVERYTHING", "Within"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Within:
    """Views from `since` (in) to `until` (out), of lines of one source, through one route."""

    since: datetime | None = field(default=None, metadata=told_as(if_any=True))
    until: datetime | None = field(default=None, metadata=told_as(if_any=True))
    source: str | None = field(default=None, metadata=told_as(if_any=True))
    route: str | None = field(default=None, metadata=told_as(if_any=True))

    def __post_init__(self) -> None:
        if self.since is not None and self.until is not None and self.until <= self.since:
            raise WhosawError(
                "within.no-time", "--until is not after --since", hint="What is asked for lies between them"
            )

    def __bool__(self) -> bool:
        """Whether anything is left out."""
        return any(each is not None for each in (self.since, self.until, self.source, self.route))

    def condition(self, reader: LedgerReader) -> tuple[str, list[object]]:
        """An SQL condition on views and its values. Raises `WhosawError` for a source or route that the ledger does not have."""
        terms: list[str] = ["TRUE"]
        values: list[object] = []
        for instant, sign in ((self.since, ">="), (self.until, "<")):
            if instant is not None:
                terms.append(f"micros {sign} ?")
                values.append(to_micros(instant))
        if self.source is not None:
            terms.append("content IN (SELECT unnest(?))")
            values.append(_segments(reader, self.source))
        if self.route is not None:
            terms.append("route IN (SELECT unnest(?))")
            values.append(_routes(reader, self.route))
        return " AND ".join(terms), values

    def ends(self) -> tuple[int | None, int | None]:
        """In microseconds since 1970 UTC."""
        since, until = (None if each is None else to_micros(each) for each in (self.since, self.until))
        return since, until


EVERYTHING = Within()


def _segments(reader: LedgerReader, source: str) -> list[int]:
    every = live_segments(reader.workspace.journal)
    found = [each.id for each in every if each.source == source]
    if not found:
        near = _near(source, {each.source for each in every})
        raise WhosawError(
            "within.no-source",
            f"no source of this ledger is named {source!r}",
            hint=f"{near}`whosaw coverage` lists sources",
        )
    return found


def _routes(reader: LedgerReader, route: str) -> list[int]:
    found = [number for number, body in reader.routes.items() if body["id"] == route]
    if not found:
        near = _near(route, {str(body["id"]) for body in reader.routes.values()})
        raise WhosawError(
            "within.no-route",
            f"no route of this ledger is named {route!r}",
            hint=f"{near}The data map names routes",
        )
    return found


def _near(name: str, known: set[str]) -> str:
    near = get_close_matches(name, sorted(known), 1)
    return f"Did you mean {near[0]!r}? " if near else ""
