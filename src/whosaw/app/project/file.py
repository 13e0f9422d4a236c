"""`whosaw.toml`, read: what a project says once so that no command has to be told it again.

It lies at the top of a folder, and each command finds it from there or from any folder below. What it names is relative to it.
Keys that can be judged by themselves are judged here; what needs items, a map or logs is judged where these are loaded, with
the line that `Project.where` knows.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from whosaw.core.errors import Fault, FaultsError, Where, WhosawError
from whosaw.core.instants import parse_zone
from whosaw.packs.table import Table
from whosaw.packs.toml_file import load_toml
from whosaw.store.objects.address import is_object

__all__ = ["KeepRule", "Logs", "Project", "TwinsWith", "load_project"]

KEPT: Final = ("identifiers", "addresses")
_CODE, _UNKNOWN = "project.invalid", "project.unknown-key"
_TWINS_BY = ("request_id", "client-path-time")
_LENGTH = re.compile(r"\d{1,7}(?:ms|s|m|h)\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class TwinsWith:
    """The other source that logs the same acts, behind this one, and what two lines of one act share."""

    source: str
    by: str
    within: str | None = None
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Logs:
    """Files of one kind: `files` are patterns, the rest says how they are read. What is None is found by content, or told by the
    name of the file."""

    files: tuple[str, ...]
    format: str | None = None
    zone: str | None = None
    source: str | None = None
    quiet: tuple[str, ...] = ()
    twins: TwinsWith | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepRule:
    """How many days something is kept (`identifiers`: after the last view of a person; `addresses`: after recipients were frozen), and the
    ground on which it goes then."""

    what: str
    days: int
    ground: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """A project file. Paths are joined with its folder; `lines` has the line of each key, by its dotted path (`logs.0.format`)."""

    path: Path
    workspace: Path | None = None
    map: Path | None = None
    context: Path | None = None
    none: tuple[str, ...] = ()  # tables of the context that there are none of
    accounts: bool = False  # its workspace is opened with an account alone
    language: str | None = None
    zone: str | None = None
    runner: str | None = None  # who reads the logs of a scan, counts a scope and makes a replay
    formats: tuple[Path, ...] = ()
    logs: tuple[Logs, ...] = ()
    keeping: tuple[KeepRule, ...] = ()
    lines: Mapping[str, int] = field(default_factory=dict)

    @property
    def folder(self) -> Path:
        return self.path.parent

    @property
    def patterns(self) -> tuple[str, ...]:
        """The paths of all logs, as a scan takes them."""
        return tuple(dict.fromkeys(_joined(self.folder, each) for logs in self.logs for each in logs.files))

    def where(self, key: str) -> Where:
        """The place of a key."""
        return Where(file=str(self.path), line=self.lines.get(key))

    def fault(self, key: str, message: str, *, hint: str = "", code: str = _CODE) -> Fault:
        """Something wrong with the value of a key."""
        return Fault(code=code, message=f"{key}: {message}", where=self.where(key), hint=hint)


def load_project(path: Path) -> Project:
    """Read and check a project file. Raises `FaultsError` with all faults, each with its line."""
    file = load_toml(path)
    faults: list[Fault] = []
    top = Table.top(file, faults, code=_CODE, unknown_code=_UNKNOWN)
    folder = path.parent
    workspace, map_ = top.optional_text("workspace"), top.optional_text("map")
    context, none = _context(top)
    project = Project(
        path=path,
        workspace=folder / workspace if workspace else None,
        map=folder / map_ if map_ else None,
        context=folder / context if context else None,
        none=none,
        accounts=_accounts(top),
        language=top.optional_text("language"),
        zone=_zone(top),
        runner=top.optional_text("runner"),
        formats=tuple(folder / each for each in top.texts("formats", required=False, or_one=True)),
        logs=tuple(_logs(top)),
        keeping=tuple(_keeping(top)),
        lines={_key(each): line for each in _paths(file.data) if (line := file.line_of(*each)) is not None},
    )
    if project.map is None:
        for number, logs in enumerate(project.logs):
            if logs.twins is not None:
                top.fault(
                    "twins are joined by what a map says",
                    "logs",
                    number,
                    "twins",
                    hint='Name it: map = "map.toml"',
                )
    top.rest_unknown()
    if faults:
        raise FaultsError("project.invalid", faults)
    return project


def _joined(folder: Path, pattern: str) -> str:
    return pattern if folder == Path() or is_object(pattern) else os.path.join(folder, pattern)


def _context(top: Table) -> tuple[str | None, tuple[str, ...]]:
    """The folder, and the tables that there are none of: `context = "FOLDER"`, or a table with both."""
    if not isinstance(top.values.get("context"), dict):
        return top.optional_text("context"), ()
    table = top.table("context")
    found = table.optional_text("folder"), table.texts("none", required=False)
    table.rest_unknown()
    return found


def _keeping(top: Table) -> Iterator[KeepRule]:
    """The rules of `[keeping.identifiers]` and `[keeping.addresses]`."""
    keeping = top.table("keeping")
    for what in KEPT:
        rule = keeping.optional_table(what)
        if rule is not None:
            yield KeepRule(what=what, days=rule.integer("days"), ground=rule.text("ground"))
            rule.rest_unknown()
    keeping.rest_unknown()


def _accounts(top: Table) -> bool:
    text = top.optional_text("accounts")
    if text not in (None, "required"):
        top.fault(
            f"{text!r} is none of its values", "accounts", hint='Write accounts = "required", or leave it out'
        )
    return text is not None


def _zone(table: Table) -> str | None:
    text = table.optional_text("zone")
    try:
        if text is not None:
            parse_zone(text)
    except WhosawError as fault:
        table.fault(fault.message, "zone", hint=fault.hint)
    return text


def _logs(top: Table) -> Iterator[Logs]:
    named: dict[str, int] = {}
    pairs: list[tuple[Table, TwinsWith]] = []
    for number, table in enumerate(top.tables("logs")):
        files = table.texts("files", some=True, or_one=True)
        if "-" in files:
            table.fault("standard input is no file of a project", "files", hint="Name files, or patterns")
        logs = Logs(
            files=files,
            format=table.optional_text("format"),
            zone=_zone(table),
            source=table.optional_text("source"),
            quiet=table.texts("quiet", required=False, or_one=True),
            twins=_twins(table),
        )
        table.rest_unknown()
        for key, given in (("quiet", logs.quiet), ("twins", logs.twins)):
            if given and logs.source is None:
                table.fault(f"{key} needs a source", key, hint='Name it: source = "web"')
        if logs.source is not None:
            named.setdefault(logs.source, number)
        if logs.twins is not None:
            pairs.append((table, logs.twins))
        yield logs
    for table, twins in pairs:
        if twins.source not in named:
            known = ", ".join(sorted(named)) or "none"
            table.fault(
                f"no logs have the source {twins.source!r}",
                "twins",
                "with",
                hint=f"Sources named here: {known}",
            )


def _twins(table: Table) -> TwinsWith | None:
    inner = table.optional_table("twins")
    if inner is None:
        return None
    found = TwinsWith(
        source=inner.text("with"),
        by=inner.text("by", one_of=_TWINS_BY),
        within=inner.optional_text("within"),
        fields=inner.texts("field", required=False, or_one=True),
    )
    if found.within is not None and not _LENGTH.match(found.within):
        inner.fault(
            f"{found.within!r} is no length of time", "within", hint='Write it like "500ms", "2s" or "5m"'
        )
    inner.rest_unknown()
    return found


def _paths(value: object, at: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Every key of a document, from the top."""
    inner: list[tuple[str | int, object]] = []
    if isinstance(value, dict):
        inner = [*value.items()]
    elif isinstance(value, list) and any(isinstance(each, dict) for each in value):
        inner = [*enumerate(value)]
    for key, below in inner:
        yield (*at, key)
        yield from _paths(below, (*at, key))


def _key(path: tuple[str | int, ...]) -> str:
    return ".".join(str(each) for each in path)
