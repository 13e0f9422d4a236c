"""What a command takes from the project file where nothing else is given: flags and the environment go before it.

An option says with `FromProject` what it takes. A command that takes anything runs in the folder of the project file, wherever it
was called: what was named on its line is resolved before.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, get_type_hints

from .surroundings import DEFAULT_WORKSPACE

if TYPE_CHECKING:
    from whosaw.app.project.file import Project

__all__ = [
    "FromProject",
    "PathTexts",
    "in_force",
    "logs_to_read",
    "map_and_logs",
    "project_language",
    "with_project",
]

_STDIN: Final = "-"
_OTHER: Final = "://"  # as in kafka://HOST/TOPIC


@dataclass(frozen=True, slots=True)
class FromProject:
    """The key of the project file that an option has its value from."""

    key: str


@dataclass(frozen=True, slots=True)
class PathTexts:
    """Marks an argument that holds a path as a text, or several. With `names`, only a text that has a slash or ends in .toml is a path."""

    names: bool = False


_in_force: list[Project | None] = [None]


def in_force() -> Project | None:
    """The project file that holds for the command that runs; None without one."""
    return _in_force[-1]


def project_language() -> str | None:
    """The language of letters that the project file names."""
    project = in_force()
    return project.language if project is not None else None


def logs_to_read(named: Sequence[str] | None, *, drafts_map: bool = False) -> Sequence[str]:
    """The logs that were named, or else those of the project file. Raises `WhosawError` where there are none. `drafts_map`: the command
    drafts the map that the file names, so it need not be there."""
    from whosaw.app.check_project import check_project
    from whosaw.core.errors import FaultsError, WhosawError

    project = in_force()
    if named:
        return named
    if project is None:
        raise WhosawError(
            "scan.no-logs",
            "no logs are named, and there is no whosaw.toml here or in a folder above",
            hint="Name logs, or draft one: whosaw init FOLDER",
        )
    if not project.logs:
        raise FaultsError(
            "project.invalid", [project.fault("logs", "there are none", hint="Write [[logs]] with files")]
        )
    check_project(project, drafts_map=drafts_map)
    return project.patterns


def map_and_logs(map_file: Path | None, named: Sequence[str] | None) -> tuple[Path, Sequence[str]]:
    """The map that was named with the logs to try it on, or both of the project file."""
    from whosaw.core.errors import WhosawError

    if map_file is not None:
        return map_file, named or ()
    project = in_force()
    if project is None or project.map is None:
        raise WhosawError(
            "map.none-named",
            "no map is named, and no whosaw.toml names one",
            hint="Name it: whosaw map check MAP LOGS",
        )
    return project.map, logs_to_read(None)


@contextmanager
def with_project(command: Callable[..., Any], given: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The arguments of a command with what it takes from the project, while it runs in that folder."""
    hints = {
        name: each
        for name, hint in get_type_hints(command, include_extras=True).items()
        for each in getattr(hint, "__metadata__", ())
        if isinstance(each, FromProject | PathTexts)
    }
    if not any(isinstance(each, FromProject) for each in hints.values()):
        yield dict(given)
        return
    from whosaw.app.project.place import find_project

    here = Path.cwd()
    found = find_project(here)
    filled = dict(given)
    if found is not None and found.parent != here:
        filled = {name: _absolute(value, hints.get(name)) for name, value in filled.items()}
    with _inside(found.parent if found is not None else here, here):
        project = _read(found) if found is not None else None
        for name, mark in hints.items():
            if name in filled and isinstance(mark, FromProject) and not filled.get(name):
                filled[name] = _value(mark.key, project, filled.get(name))
        _in_force.append(project)
        try:
            yield filled
        finally:
            _in_force.pop()


def _read(found: Path) -> Project:
    from whosaw.app.project.file import load_project

    return load_project(Path(found.name))


def _value(key: str, project: Project | None, otherwise: Any) -> Any:
    value = getattr(project, key) if project is not None else None
    if key == "workspace":
        return value or DEFAULT_WORKSPACE
    return (list(value) if isinstance(value, tuple) else value) or otherwise


def _absolute(value: Any, mark: object) -> Any:
    if isinstance(value, Path):
        return value.absolute()
    if isinstance(value, str) and isinstance(mark, PathTexts):
        named = mark.names and not (value.endswith(".toml") or "/" in value)
        return value if named or value == _STDIN or _OTHER in value else os.path.abspath(value)
    if isinstance(value, list) and isinstance(mark, PathTexts):
        return [_absolute(each, mark) for each in value]
    if isinstance(value, list):
        return [each.absolute() if isinstance(each, Path) else each for each in value]
    return value


@contextmanager
def _inside(folder: Path, here: Path) -> Iterator[None]:
    if folder == here:
        yield
        return
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(here)
