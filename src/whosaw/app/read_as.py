"""How the last scan or watch was asked to read: kept, so that who asks for the next one without a terminal has the logs read as they were."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from whosaw.core.errors import WhosawError
from whosaw.store.journal import Connection, Journal
from whosaw.store.objects.address import is_object

from .check_project import check_project
from .project.file import Project, load_project

__all__ = ["ReadAs", "keep_read_as", "read_as"]

_SETTING: Final = "read-as"
_OF_PROJECT: Final = ("paths", "map", "context", "formats", "zone")  # what a project file can say


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadAs:
    """What `scan` is given. What the project file said then, it says now: it is read anew."""

    paths: tuple[str, ...]
    project: Project | None
    format_name: str | None
    zone: str | None
    map_path: Path | None
    context: Path | None
    own_formats: tuple[Path, ...]
    sources: tuple[str, ...]
    quiet: tuple[str, ...]


def keep_read_as(
    journal: Journal,
    connection: Connection,
    *,
    project: Project | None,
    paths: Sequence[str],
    format_name: str | None,
    zone: str | None,
    map_path: Path | None,
    context: Path | None,
    own_formats: Sequence[Path],
    sources: Sequence[str] = (),
    quiet: Sequence[str] = (),
) -> None:
    """Put down how a scan or a watch was asked to read. A map and a context that no project names are in force by themselves."""
    given = {"paths": list(paths), "map": _text(map_path), "context": _text(context), "zone": zone}
    given["formats"] = [str(each) for each in own_formats]
    own = _of(project)
    told = {
        "folder": str(Path.cwd()),
        "project": None if project is None else str(project.path.absolute()),
        "of_project": [key for key in _OF_PROJECT if project is not None and given[key] == own[key]],
        "format": format_name,
        "sources": list(sources),
        "quiet": list(quiet),
        **{key: given[key] for key in ("paths", "formats", "zone")},
    }
    journal.set_setting(connection, _SETTING, json.dumps(told, sort_keys=True))


def read_as(journal: Journal) -> ReadAs:
    """The same for the next one: nothing that was not read before is named from a browser.

    Raises `WhosawError` where nothing was read yet, or from where it cannot be read again, and with every fault of the project file."""
    kept = json.loads(journal.setting(_SETTING) or "null") or _of_journal(journal)
    folder = kept["folder"]
    project = None if kept["project"] is None else _project(Path(kept["project"]))
    own, of_project = _of(project), set(kept["of_project"])
    paths = (
        own["paths"]
        if "paths" in of_project
        else [_from(folder, each) for each in kept["paths"] if each != "-"]
    )
    if not paths:
        raise WhosawError(
            "scan.nothing",
            "it is not known where the logs are",
            hint="Begin with `whosaw scan PATH` on the terminal",
        )
    formats = own["formats"] if "formats" in of_project else [_from(folder, each) for each in kept["formats"]]
    return ReadAs(
        paths=tuple(paths),
        project=project,
        format_name=kept["format"],
        zone=own["zone"] if "zone" in of_project else kept["zone"],
        map_path=project.map if project is not None and "map" in of_project else None,
        context=project.context if project is not None and "context" in of_project else None,
        own_formats=tuple(map(Path, formats)),
        sources=tuple(kept["sources"]),
        quiet=tuple(kept["quiet"]),
    )


def _of(project: Project | None) -> Mapping[str, Any]:
    """What a project file says, as it is kept."""
    if project is None:
        return dict.fromkeys(_OF_PROJECT)
    return {
        "paths": list(project.patterns),
        "map": _text(project.map),
        "context": _text(project.context),
        "formats": [str(each) for each in project.formats],
        "zone": project.zone,
    }


def _project(path: Path) -> Project:
    """Named as the commands name it where that is the folder that this runs in, so that files have the same names."""
    found = load_project(Path(path.name) if path.parent == Path.cwd() else path)
    check_project(found)
    return found


def _of_journal(journal: Journal) -> dict[str, Any]:
    """What a scan of an earlier release left."""
    begun = journal.entries("scan.begin")
    asked = json.loads(begun[-1].body) if begun else {}
    return {
        "folder": str(Path.cwd()),
        "project": None,
        "of_project": [],
        "paths": asked.get("paths", []),
        "format": asked.get("format"),
        "zone": asked.get("zone"),
        "formats": [],
        "sources": [],
        "quiet": [],
    }


def _from(folder: str, path: str) -> str:
    return (
        path if folder == str(Path.cwd()) or is_object(path) or "://" in path else os.path.join(folder, path)
    )


def _text(path: Path | None) -> str | None:
    return None if path is None else str(path)
