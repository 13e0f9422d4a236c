"""Somebody at work on the map that is in force: which drafts wait, and a decision on each, which puts another map in force."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from whosaw.app.map_review import Decision, WaitingRoute, decide_on_map, told_route, waiting_drafts
from whosaw.core.errors import WhosawError
from whosaw.store.files import ContentStore
from whosaw.store.journal import Connection, Journal

from .desk import Desk
from .gate import Verb

__all__ = ["Draft", "MapDesk", "SeenMap"]

_SETTING: Final = "map"
_WHAT: Final = ("accept", "reject", "edit")
_FIELDS_SHOWN: Final = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A draft that waits. `fields` are what it was drafted from, the least sure first (category, confidence, where it stood); `more` have
    no room."""

    route: WaitingRoute
    fields: tuple[Mapping[str, str], ...]
    more: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenMap:
    """The map in force: `digest` of its text, which a decision names, the drafts that wait, how many routes it has in all, and their ids."""

    digest: str
    waiting: tuple[Draft, ...]
    routes: int
    ids: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class MapDesk(Desk):
    """The map."""

    def map(self) -> SeenMap | None:
        """The map in force; None where there is none."""
        from whosaw.mapping.data_map import load_map

        self.allow(Verb.SEE_COVERAGE, "map")
        name, text = self._in_force()
        if text is None:
            return None
        with _as_file(text) as file:
            waiting = [
                Draft(
                    route=told_route(each),
                    fields=each.fields[:_FIELDS_SHOWN],
                    more=max(0, len(each.fields) - _FIELDS_SHOWN),
                )
                for each in waiting_drafts(file)
            ]
            routes = load_map(file).routes if b"[[route]]" in text else ()
        return SeenMap(
            digest=name.partition(".")[0],
            waiting=tuple(waiting),
            routes=len(routes),
            ids=frozenset(each.id for each in routes),
        )

    def map_file(self) -> bytes:
        """Its text, to be put in the place of the one that was given on the terminal."""
        self.allow(Verb.SEE_COVERAGE, "map")
        text = self._in_force()[1]
        if text is None:
            raise WhosawError("map.none-in-force", "no map is in force here", hint="Scan once with --map")
        return text

    def decide(self, decision: Decision, *, seen: str) -> None:
        """Take a decision on a draft of the map with the digest `seen`. What is read from here on is read by the map that it makes. Raises
        `WhosawError` where somebody decided on the same draft meanwhile; on another one both stand."""
        from whosaw.app.in_force import put_map  # readers of every format come with it
        from whosaw.mapping.data_map import load_map

        who = self.allow(Verb.START_SCAN, "map")
        if decision.what not in _WHAT:
            raise WhosawError("map.form", "this form does not say what becomes of the draft")
        with self._workspace() as workspace, workspace.journal.transaction() as connection:
            name, text = self._in_force(workspace.journal, connection)
            if text is None:
                raise WhosawError("map.none-in-force", "no map is in force here", hint="Scan once with --map")
            with _as_file(text) as file:
                decide_on_map(file, [decision])
                after = file.read_bytes()
                put_map(workspace, connection, load_map(file), after)
            body = {
                "route": decision.id,
                "what": decision.what,
                "field": decision.name,
                "by": who.name,
                "seen": seen,
                "before": name.partition(".")[0],
            }
            workspace.journal.record(connection, "map.decided", body, now=self.now)

    def _in_force(
        self, journal: Journal | None = None, connection: Connection | None = None
    ) -> tuple[str, bytes | None]:
        if journal is None:
            with self._journal() as own:
                return self._in_force(own)
        name = journal.setting(_SETTING, connection)
        return (name, ContentStore.of(self.root).read(name)) if name is not None else ("", None)


@contextmanager
def _as_file(text: bytes) -> Iterator[Path]:
    """The text as a file, for those who read and change one."""
    with tempfile.TemporaryDirectory(prefix="whosaw-map-") as folder:
        path = Path(folder) / "map.toml"
        path.write_bytes(text)
        yield path
