"""Looks at a folder of logs that nobody has described, and drafts the project file and the map for them."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from itertools import chain
from pathlib import Path

import pyarrow as pa

from whosaw.actors.context_file import stem_and_ending
from whosaw.actors.context_schema import folded, table_schemas
from whosaw.app.maps import suggest_map
from whosaw.app.progress import Progress, Silent
from whosaw.app.project.file import Logs, Project
from whosaw.app.project.place import NAME
from whosaw.app.reading.drafts import head_of
from whosaw.app.settings import ScanSettings, load_settings
from whosaw.core.errors import Where, WhosawError
from whosaw.ingest.files.content import Content
from whosaw.ingest.files.discover import discover
from whosaw.ingest.shared_addresses import SharedAddress, SharedAddresses
from whosaw.ingest.text_wrapper import PROSE, is_prose
from whosaw.store.files import write_atomically
from whosaw.store.objects.address import is_object

from .context_logs import ContextLog, context_logs, context_text
from .draft import draft_text
from .found import Found, Group, Written
from .groups import FileGroup, grouped
from .proposing import Proposal, drafted, propose, sampled, whole
from .quiet import proposed_quiet
from .twin_groups import TwinGroups, twin_groups

__all__ = ["as_project", "look", "write_draft"]

MAP, FORMATS = "map.toml", "formats"
_NO_ID = re.compile(r"[^a-z0-9]+")
_CONTEXT, _CONTEXT_FILE = "context", "context.toml"
_DOCUMENTS = (".har", ".yaml", ".yml")
_HEAD_BYTES = 4096


def look(
    paths: Sequence[str],
    *,
    here: Path,
    day: date,
    zone: str | None = None,
    progress: Progress | None = None,
) -> Found:
    """Look at the logs below `paths`. Reads the head of some files of each group, and writes nothing. `day` stands in formats that
    are drafted."""
    if (here / NAME).exists():
        raise WhosawError(
            "init.exists",
            "there is a project file here already, and init writes over nothing",
            hint="Change it by hand, see what holds with `whosaw config`, or move it away",
            where=Where(file=NAME),
        )
    own = here / FORMATS
    settings = load_settings(zone=zone, own_formats=[own] if own.is_dir() else [])
    progress = progress or Silent()
    found = discover(paths)
    folder, tables = _context_in([*paths, _CONTEXT])
    documents = tuple(each.name for each in found.contents if _is_document(each))
    logs = [
        each
        for each in found.contents
        if each.name not in documents
        and not _below(each.name, FORMATS)
        and (folder is None or not _below(each.name, folder))
        and not _is_ours(each)
    ]
    if not logs:
        raise WhosawError(
            "init.no-logs",
            "there is no log in " + ", ".join(paths),
            hint="Name the folder that holds the logs",
        )
    filled, empty = _with_lines(grouped(logs))
    if not filled:
        raise WhosawError(
            "init.no-logs",
            "all files are empty in " + ", ".join(paths),
            hint="Name the folder that holds the logs",
        )
    progress.begin(len(filled), 0)
    understood = list(_understood(filled, settings, zone, progress))
    explains = {
        id(group): each
        for group, proposal, _ in understood
        if (each := _explains(group, proposal, settings, zone))
    }
    # what is no log of a product and fills a table of the context is read for that alone
    aside = {key for key, each in explains.items() if not each[0].also_log}
    logs_alone = [each for each in understood if id(each[0]) not in aside]
    if not logs_alone:
        raise WhosawError(
            "init.no-logs",
            "there are only exports that explain views, and no log, in " + ", ".join(paths),
            hint="Name the folder that holds the logs as well",
        )
    groups = tuple(group for group, _, _ in logs_alone)
    named = list(_drafted(_named(iter(logs_alone)), settings, here, day))
    events = [
        sampled(files.contents, settings, each.proposal) for files, each in zip(groups, named, strict=True)
    ]
    told = tuple(
        _behind(
            replace(
                each,
                quiet_proposed=_quiet(files, each, some, zone),
                shared=_shared(some),
                no_draft=_prose(files, each.proposal),
            )
        )
        for files, each, some in zip(groups, named, events, strict=True)
    )
    return Found(
        groups=told,
        context_logs=tuple(chain.from_iterable(explains.values())),
        context=folder,
        tables=tables,
        documents=documents,
        skipped=(*((each.name, each.reason) for each in found.skipped), *((name, "empty") for name in empty)),
        twins=_twins(told, events),
    )


def _with_lines(groups: Sequence[FileGroup]) -> tuple[list[FileGroup], list[str]]:
    """The groups with anything in them, and the names of the files of the others."""
    bare = [each for each in groups if all(content.size == 0 for content in each.contents)]
    names = [content.name for each in bare for content in each.contents]
    return [each for each in groups if each not in bare], names


def _explains(
    group: FileGroup, proposal: Proposal, settings: ScanSettings, zone: str | None
) -> tuple[ContextLog, ...]:
    """What the files of a group fill of the context; where most lines are read by the format of a product, they are logs as well."""
    item = settings.formats.get(proposal.format) if proposal.format is not None else None
    return context_logs(
        group, of_a_product=item is not None and not item.generic and not proposal.time_only, zone=zone
    )


def _quiet(files: FileGroup, group: Group, events: pa.Table | None, zone: str | None) -> str | None:
    """When its source seems to have no traffic, where it has a name and its files are small enough to be looked at whole."""
    if group.source is None or events is None or not whole(files.contents):
        return None
    return proposed_quiet(events, group.zone or zone or "UTC")


def _shared(events: pa.Table | None) -> SharedAddress | None:
    """Whether its addresses are those of an edge or a proxy."""
    seen = SharedAddresses()
    if events is not None:
        seen.add(events)
    return seen.found


def _prose(files: FileGroup, proposal: Proposal) -> str:
    """Why no format can be drafted of lines that are sentences; empty for others."""
    head = head_of(files.contents[0]) if proposal.format is None else b""
    return PROSE if head and is_prose(head) else ""


def _behind(group: Group) -> Group:
    """The same; behind an edge whose networks are published it is read so where the lines say who asked it, for nobody else can be taken at
    their word there."""
    shared, proposal = group.shared, group.proposal
    if shared is None or not shared.edge or not shared.field or proposal.draft is not None or proposal.differ:
        return group
    return replace(
        group, proposal=replace(proposal, format=f"behind:{shared.edge}={shared.field}:{proposal.format}")
    )


def _twins(groups: Sequence[Group], events: Sequence[pa.Table | None]) -> tuple[TwinGroups, ...]:
    """Groups that log the same requests, of those whose source has a name and whose lines name a page."""
    samples = {
        str(group.source): some
        for group, some in zip(groups, events, strict=True)
        if some is not None and group.source is not None and "path" in group.proposal.line
    }
    return twin_groups(samples) if len(samples) > 1 else ()


def write_draft(
    found: Found,
    *,
    here: Path,
    zone: str | None = None,
    language: str | None = None,
    progress: Progress | None = None,
) -> Written:
    """Draft the map from the logs as they were understood, and write both files; nothing that is there is written over."""
    found, context_file = _with_context(found, here)
    project = as_project(found, here, zone)
    for id_, text in _items(found):
        (here / FORMATS).mkdir(exist_ok=True)
        write_atomically(here / FORMATS / f"{id_}.toml", text.encode(), mode=0o644)
    kept = (here / MAP).exists()
    text = "" if kept else _map_of(found, project, progress or Silent())
    routes = text.count("\n[[route]]\n")
    has_map = kept or routes > 0
    project = replace(project, map=here / MAP if has_map else None, language=language or found.language)
    if not kept and routes:
        write_atomically(here / MAP, text.encode(), mode=0o644)
    if context_file is not None:
        context_file.parent.mkdir(exist_ok=True)
        text = context_text(found.context_logs, context_file.parent.relative_to(here))
        write_atomically(context_file, text.encode(), mode=0o644)
    write_atomically(here / NAME, draft_text(found, project).encode(), mode=0o644)
    still = tuple(_open(found, has_map=has_map, has_context=context_file is not None))
    return Written(
        found=found,
        project=NAME,
        formats=tuple(f"{FORMATS}/{id_}.toml" for id_, _ in _items(found)),
        context=os.path.relpath(context_file, here) if context_file is not None else None,
        map=MAP if has_map else None,
        map_is_new=has_map and not kept,
        routes=routes,
        open=still,
        next="whosaw scan" if not still else f"say what is open in {NAME}, then: whosaw scan",
    )


def _with_context(found: Found, here: Path) -> tuple[Found, Path | None]:
    """The same with the folder of the context, and the file in it that is to be written: none where nothing fills it, or it is there."""
    if not found.context_logs:
        return found, None
    folder = found.context or _CONTEXT
    path = here / folder / _CONTEXT_FILE
    told = dict.fromkeys((*found.tables, *(table for each in found.context_logs for table in each.tables)))
    found = replace(found, context=folder, tables=tuple(told))
    return found, None if path.exists() else path


def as_project(found: Found, here: Path, zone: str | None) -> Project:
    """The project that is proposed, as if its file had been read."""
    return Project(
        path=here / NAME,
        context=here / found.context if found.context else None,
        none=found.none,
        zone=zone,
        formats=(here / FORMATS,) if any(_items(found)) or (here / FORMATS).is_dir() else (),
        logs=tuple(
            Logs(
                files=each.files,
                format=each.proposal.format,
                zone=each.zone,
                source=each.source,
                quiet=each.quiet,
            )
            for each in found.groups
        ),
    )


def _map_of(found: Found, project: Project, progress: Progress) -> str:
    """A drafted map, from what can be read already."""
    known = [each.files for each in found.groups if each.proposal.format is not None]
    paths = [each if is_object(each) else str(project.folder / each) for files in known for each in files]
    # which page it was does not hang on the zone of a clock
    logs = tuple(replace(each, zone=each.zone or project.zone or "UTC") for each in project.logs)
    project = replace(project, logs=logs)
    openapi = [Path(each) for each in found.documents]
    if not paths and not openapi:
        return ""
    return suggest_map(
        paths, documents=openapi, own_formats=project.formats, project=project, progress=progress
    )


def _open(found: Found, *, has_map: bool, has_context: bool) -> Iterator[str]:
    if found.context_logs and not has_context:
        files = ", ".join(name for each in found.context_logs for name in each.files)
        yield f"{found.context}/{_CONTEXT_FILE} is there already; name these under [[from]] in it: {files}"
    for each in found.groups:
        name = ", ".join(each.files)
        if each.proposal.doubted:
            yield (
                f'{name}: in its times the day may stand first, or the month: format = "{each.proposal.doubted}" says the day, '
                "mdy in the place of dmy the month"
            )
        elif each.proposal.format is None:
            yield f"{name}: no known format" + (f"; {each.no_draft}" if each.no_draft else "")
        elif each.proposal.time_only:
            yield f"{name}: says when, and neither who nor what"
        if each.proposal.needs_zone and each.zone is None:
            yield f"{name}: its times have no offset; which zone are they in?"
    for name, reason in found.unopened:
        yield f"{name}: {reason}"
    if not has_map:
        yield "no map: which page carried whose data"


def _understood(
    groups: Sequence[FileGroup], settings: ScanSettings, zone: str | None, progress: Progress
) -> Iterator[tuple[FileGroup, Proposal, str | None]]:
    for group in groups:
        progress.reading(group.patterns[0], None)
        yield group, propose(group.contents, settings), zone


def _drafted(
    groups: Iterable[tuple[FileGroup, Group]], settings: ScanSettings, here: Path, day: date
) -> Iterator[Group]:
    """Each group; one that no format of a product reads with the draft of a format of its own, where its values tell one."""
    taken = set(settings.formats)
    for files, group in groups:
        base = files.sources[0].rpartition("/")[2].split(".")[0]
        stem = _NO_ID.sub("-", (group.source or base).lower()).strip("-") or "own"
        ids = (stem, *(f"{stem}-{number}" for number in range(2, 100)))
        id_ = next(
            each for each in ids if each not in taken and not (here / FORMATS / f"{each}.toml").exists()
        )
        proposal = drafted(files.contents, settings, group.proposal, id_=id_, day=day)
        if proposal.draft is not None:
            taken.add(id_)
        yield replace(group, proposal=proposal)


def _items(found: Found) -> Iterator[tuple[str, str]]:
    """The drafted formats, each by its id."""
    for each in found.groups:
        if each.proposal.draft is not None and each.proposal.format is not None:
            yield each.proposal.format, each.proposal.draft


def _named(found: Iterator[tuple[FileGroup, Proposal, str | None]]) -> Iterator[tuple[FileGroup, Group]]:
    """Each group with a name for its source, where its files are one stream."""
    every = list(found)
    folders = Counter(_folder_of(group) for group, _, _ in every)
    taken: set[str] = set()
    for group, proposal, zone in every:
        name = _source_name(group, folders, taken) if len(group.sources) == 1 else None
        if name is not None:
            taken.add(name)
        files = {each.path: each.size or 0 for each in group.contents}
        yield (
            group,
            Group(
                files=group.patterns,
                count=len(files),
                bytes=sum(files.values()),
                source=name,
                zone=zone if proposal.needs_zone else None,
                proposal=proposal,
            ),
        )


def _folder_of(group: FileGroup) -> str:
    return group.sources[0].rpartition("/")[0]


def _source_name(group: FileGroup, folders: Counter[str], taken: set[str]) -> str | None:
    """The name of the folder where nothing else is in it, or else that of the stream without endings."""
    folder, _, base = group.sources[0].rpartition("/")
    last, stem = folder.rpartition("/")[2], base.split(".")[0] or base
    own = [last] if folders[folder] == 1 else []
    for name in (*own, stem, f"{last}-{stem}" if last else stem, group.sources[0]):
        if name and name not in taken:
            return name
    return None


def _context_in(paths: Sequence[str]) -> tuple[str | None, tuple[str, ...]]:
    """The first folder among or below these all of whose files are tables of the context, and the tables."""
    names = {folded(name): schema.name for schema in table_schemas().values() for name in schema.files}
    for top in paths:
        for at, folders, files in os.walk(top):
            folders.sort()
            told = [stem_and_ending(each) for each in sorted(files) if each != "context.toml"]
            tables = [names.get(folded(each[0])) if each else None for each in told]
            if tables and all(tables):
                return os.path.relpath(at), tuple(str(each) for each in tables)
    return None, ()


def _below(name: str, folder: str) -> bool:
    return os.path.relpath(name).startswith(folder + os.sep)


def _is_ours(content: Content) -> bool:
    return content.name.rpartition("/")[2].endswith(".toml")


def _is_document(content: Content) -> bool:
    """Whether this is an API document or a recording of a browser, and no log."""
    if content.path is None or content.packing:
        return False
    name = content.path.name.lower()
    if name.endswith(_DOCUMENTS):
        return True
    if not name.endswith(".json"):
        return False
    try:
        with content.path.open("rb") as opened:
            head = opened.read(_HEAD_BYTES)
    except OSError:
        return False
    return head.lstrip().startswith(b"{") and any(word in head for word in (b'"openapi"', b'"swagger"'))
