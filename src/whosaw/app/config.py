"""What holds for commands in a folder, and why: a flag, the environment, the project file with its line, or what is usual."""

from __future__ import annotations

import glob
from collections.abc import Mapping
from dataclasses import dataclass

from .project.file import Logs, Project
from .runners.session import shown

__all__ = ["Config", "LogsConfig", "Setting", "config_of"]

_KEYS = ("workspace", "map", "context", "none", "language", "zone", "runner", "formats")


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One value: `why` is flag, environment, file or default; `line` is that of the file. An empty value says that there is none."""

    key: str
    value: tuple[str, ...]
    why: str
    line: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LogsConfig:
    """One `[[logs]]`: how many files or folders fit its patterns now, and how they are read."""

    line: int | None
    found: int
    settings: tuple[Setting, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """The project file, if there is one, and what holds."""

    file: str | None
    settings: tuple[Setting, ...]
    logs: tuple[LogsConfig, ...]


def config_of(
    project: Project | None, given: Mapping[str, tuple[str, tuple[str, ...]]], usual: Mapping[str, str]
) -> Config:
    """`given` has by key why something was given and what; `usual` what holds where nothing says anything."""
    settings = []
    for key in _KEYS:
        value = _of(project, key)
        line = None
        if key in given:
            why, value = given[key]
        elif value and project is not None:
            why, line = (
                "file",
                project.lines.get("context.none" if key == "none" else _line_key(project, key)),
            )
        else:
            why, value = "default", (usual[key],) if key in usual else ()
        if key == "runner":
            value = tuple(map(shown, value))  # an address may carry a token
        settings.append(Setting(key=key, value=value, why=why, line=line))
    return Config(
        file=str(project.path) if project is not None else None,
        settings=tuple(settings),
        logs=tuple(_logs(project, number, each, given) for number, each in enumerate(project.logs))
        if project
        else (),
    )


def _line_key(project: Project, key: str) -> str:
    return "context.folder" if key == "context" and "context.folder" in project.lines else key


def _of(project: Project | None, key: str) -> tuple[str, ...]:
    value = getattr(project, key) if project is not None else None
    if isinstance(value, tuple):
        return tuple(str(each) for each in value)
    return () if value is None else (str(value),)


def _logs(
    project: Project, number: int, logs: Logs, given: Mapping[str, tuple[str, tuple[str, ...]]]
) -> LogsConfig:
    told: dict[str, tuple[str, ...]] = {
        "files": logs.files,
        "source": (logs.source,) if logs.source else (),
        "format": (logs.format,) if logs.format else (),
        "zone": (logs.zone,) if logs.zone else (),
        "quiet": logs.quiet,
        "twins": (f"{logs.twins.source} by {logs.twins.by}",) if logs.twins else (),
    }
    settings = []
    for key, said in told.items():
        value = said
        why, line = ("file", project.lines.get(f"logs.{number}.{key}")) if value else ("default", None)
        if key in given and key in ("format", "zone"):
            why, value, line = given[key][0], given[key][1], None
        elif key == "zone" and not value and project.zone:
            why, value, line = "file", (project.zone,), project.lines.get("zone")
        settings.append(Setting(key=key, value=value, why=why, line=line))
    found = {
        each for pattern in logs.files for each in glob.glob(str(project.folder / pattern), recursive=True)
    }
    return LogsConfig(line=project.lines.get(f"logs.{number}"), found=len(found), settings=tuple(settings))
