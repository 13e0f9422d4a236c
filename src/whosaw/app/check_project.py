"""Whether all that a project names is there and can be read: every fault at once, each with its line."""

from __future__ import annotations

import glob
from collections.abc import Iterator

from whosaw.actors.context_file import stem_and_ending
from whosaw.actors.context_schema import folded, table_schemas
from whosaw.core.errors import Fault, FaultsError, WhosawError
from whosaw.packs.languages import language_codes
from whosaw.packs.suggestion import did_you_mean

from .project.file import Project
from .project.rules import quiet_rules_of
from .runners.session import check_runner
from .settings import load_settings

__all__ = ["check_project"]


def check_project(project: Project, *, drafts_map: bool = False) -> None:
    """Raise one `FaultsError` with every fault of what the project names: formats, map, context, files, quiet hours, language, runner. Where a map
    is drafted, the one that it names need not be there yet."""
    faults: list[Fault] = [*_files(project), *_context(project), *_language(project), *_runner(project)]
    try:
        quiet_rules_of(project, project.zone)
    except FaultsError as fault:
        faults += fault.faults
    absent = {number: each for number, each in enumerate(project.formats) if not each.is_dir()}
    faults += [project.fault("formats", f"{each} is no folder") for each in absent.values()]
    known_map = project.map is not None and project.map.is_file()
    if project.map is not None and not known_map and not (drafts_map and not project.map.exists()):
        faults.append(
            project.fault(
                "map", f"there is no file {project.map}", hint="Draft one with `whosaw map suggest LOGS`"
            )
        )
    try:
        if not absent:
            load_settings(
                map_path=project.map if known_map else None, own_formats=project.formats, project=project
            )
    except FaultsError as fault:
        faults += fault.faults
    if faults:
        raise FaultsError("project.invalid", faults)


def _files(project: Project) -> Iterator[Fault]:
    for number, logs in enumerate(project.logs):
        for pattern in logs.files:
            if not glob.glob(str(project.folder / pattern), recursive=True):
                hint = "Correct the pattern, or take these logs out while there are none"
                yield project.fault(f"logs.{number}.files", f"no file is {pattern}", hint=hint)


def _context(project: Project) -> Iterator[Fault]:
    if project.context is not None and not project.context.is_dir():
        yield project.fault("context", f"{project.context} is no folder")
    tables = table_schemas()
    stems = {folded(name): schema.name for schema in tables.values() for name in schema.files}
    there: dict[str, str] = {}
    if project.context is not None and project.context.is_dir():
        for path in sorted(project.context.iterdir()):
            named = stem_and_ending(path.name)
            if named is not None and (table := stems.get(folded(named[0]))) is not None:
                there[table] = path.name
    for name in project.none:
        if name not in tables:
            hint = did_you_mean(name, tables) or f"Known: {', '.join(sorted(tables))}"
            yield project.fault("context.none", f"{name!r} is no table of the context", hint=hint)
        elif name in there:
            yield project.fault(
                "context.none",
                f"there is none of {name}, it says, and {there[name]} is one",
                hint="Keep one of the two",
            )


def _language(project: Project) -> Iterator[Fault]:
    if project.language is not None and project.language not in (known := language_codes()):
        hint = f"Known: {', '.join(known)}"
        yield project.fault("language", f"{project.language!r} is no language that whosaw has", hint=hint)


def _runner(project: Project) -> Iterator[Fault]:
    if project.runner is not None:
        try:
            check_runner(project.runner)
        except WhosawError as fault:
            yield project.fault("runner", fault.message, hint=fault.hint)
