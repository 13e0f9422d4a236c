"""What a workspace is read by: the map and the formats that were given last, or decided on in the console since.

One rule holds for the map: what was decided stays in force until a file is given that somebody has changed since, and that replaces it only
where it is said so. A scan that gives the same file again, as one by the clock does, changes nothing.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from whosaw.actors.sigma.rules_in_force import keep_rules
from whosaw.core.canonical_json import canonical_json
from whosaw.core.errors import WhosawError
from whosaw.core.instants import format_instant
from whosaw.ingest.format_item import FormatItem, load_formats
from whosaw.mapping.data_map import DataMap, load_map, page_patterns
from whosaw.mapping.route import Route
from whosaw.store.journal import Connection, Journal
from whosaw.store.repositories.manifest import register_routes
from whosaw.store.workspace import Workspace

from .settings import ScanSettings

__all__ = [
    "MAP",
    "decided_formats",
    "format_texts",
    "formats_folder",
    "keep_format_texts",
    "put_map",
    "settings_in_force",
]

MAP: Final = "map"  # setting: the map in force
_GIVEN: Final = "map-given"  # setting: the map that a scan was given last
_FORMATS: Final = "formats-decided"  # setting: the text of each format that was accepted, by id


def settings_in_force(
    workspace: Workspace, settings: ScanSettings, *, replace_map: bool = False
) -> tuple[ScanSettings, tuple[str, ...]]:
    """Settings with the map and the formats that hold from now on, and what is to be said of them. Raises `WhosawError`, before anything is
    changed, where a map is given that would undo what was decided in the console."""
    kept = decided_formats(workspace.journal)
    if kept:
        settings = replace(settings, formats={**kept, **settings.formats})
    if settings.map is not None and settings.map_text is not None:
        decided = None if replace_map else _decided_map(workspace, settings.map_text)
        if decided is None:
            with workspace.journal.transaction() as connection:
                put_map(workspace, connection, settings.map, settings.map_text)
                given = workspace.files.put(MAP, settings.map_text)
                workspace.journal.set_setting(connection, _GIVEN, given)
            return _with_rules(workspace, settings), _draft_note(settings.map)
        note = "the map was decided on in the console since its file was given, and holds"
        return _with_rules(workspace, replace(settings, map=decided)), (*_draft_note(decided), note)
    known = workspace.journal.setting(MAP)
    if known is None:
        return _with_rules(workspace, settings), (
            "no map: whose data a page carried cannot be told; `whosaw map suggest` drafts one from these logs",
        )
    loaded = load_map(workspace.files.path(known))
    settings = _with_rules(workspace, replace(settings, map=loaded))
    return settings, (*_draft_note(loaded), "the map of the last scan was used")


def _decided_map(workspace: Workspace, text: bytes) -> DataMap | None:
    """The map that was decided on in the console, where it holds against one that is given with this text; None where the given one holds."""
    journal, name = workspace.journal, f"{hashlib.sha256(text).hexdigest()}.{MAP}"
    known = journal.setting(MAP)
    given = journal.setting(_GIVEN) or _before_decisions(journal)
    if known is None or given is None or known in (given, name):
        return None
    if name != given:
        raise WhosawError(
            "map.decided",
            "this map was changed since it was given last, and so was the one in force, in the console",
            hint="Take the one in force from the console's page of the map and put your change into it, or say --replace-map",
        )
    return load_map(workspace.files.path(known))


def _before_decisions(journal: Journal) -> str | None:
    """The map before the first decision: of a workspace whose scans did not write down yet which they were given."""
    decided = journal.entries("map.decided")
    return f"{json.loads(decided[0].body)['before']}.{MAP}" if decided else None


def put_map(workspace: Workspace, connection: Connection, data_map: DataMap, text: bytes) -> None:
    """Have a map in force from now on: what is read from here is read by it."""
    workspace.journal.set_setting(connection, MAP, workspace.files.put(MAP, text))
    register_routes(connection, data_map.digest, [_route(route) for route in data_map.routes])


def format_texts(journal: Journal, connection: Connection | None = None) -> dict[str, str]:
    """By id, the text of each format that was accepted in the console."""
    found: dict[str, str] = json.loads(journal.setting(_FORMATS, connection) or "{}")
    return found


def keep_format_texts(journal: Journal, connection: Connection, texts: Mapping[str, str]) -> None:
    """From now on these are."""
    journal.set_setting(connection, _FORMATS, canonical_json(dict(texts)).decode())


def decided_formats(journal: Journal) -> dict[str, FormatItem]:
    """The formats that were accepted in the console, ready to be read by."""
    texts = format_texts(journal)
    if not texts:
        return {}
    with formats_folder(texts) as folder:
        return load_formats([folder])


@contextmanager
def formats_folder(texts: Mapping[str, str]) -> Iterator[Path]:
    """Formats as the files of a folder, for those who read one."""
    with tempfile.TemporaryDirectory(prefix="whosaw-formats-") as name:
        for id_, text in texts.items():
            (Path(name) / f"{id_}.toml").write_text(text, encoding="utf-8")
        yield Path(name)


def _with_rules(workspace: Workspace, settings: ScanSettings) -> ScanSettings:
    """Settings with the Sigma rules given now, or else with those of the last scan."""
    rules = keep_rules(workspace, settings.sigma_texts, page_patterns(settings.map), drop=settings.sigma_drop)
    return replace(settings, sigma=rules)


def _route(route: Route) -> dict[str, Any]:
    """What the ledger keeps of a route. `categories` are those of the subject."""
    return {
        "id": route.id,
        "categories": list(route.categories),
        "subject": {
            "source": route.subject.source,
            "kind": route.subject.kind,
            **({"form": route.subject.form.as_json()} if route.subject.form else {}),
        },
        "secondary": {"at_most": route.secondary.at_most, "categories": list(route.secondary.categories)}
        if route.secondary
        else None,
        "since": format_instant(route.since) if route.since else None,
        "until": format_instant(route.until) if route.until else None,
        "draft": route.draft,
    }


def _draft_note(data_map: DataMap) -> tuple[str, ...]:
    drafts = sum(route.draft for route in data_map.routes)
    return (
        (f"{drafts} of {len(data_map.routes)} routes of the map are drafts that nobody has confirmed",)
        if drafts
        else ()
    )
