"""The text of a drafted project file: what is proposed, and in comments why, and what else may be said."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence

from whosaw.app.project.file import Project
from whosaw.packs.languages import language_codes

from .asking import missing_tables
from .found import Found, Group
from .groups import plain_pattern
from .twin_groups import TwinGroups

__all__ = ["draft_text"]

_MOST_FIELDS = 12
_WIDTH = 110


def draft_text(found: Found, project: Project) -> str:
    """The whole file. The same groups give the same text."""
    return (
        "\n".join(
            [
                *_head(found, project),
                *(line for each in found.groups for line in _logs(each, project, found.twins)),
                *_unopened(found),
            ]
        )
        + "\n"
    )


def _head(found: Found, project: Project) -> Iterator[str]:
    yield "# What whosaw is told of these logs. Drafted; nobody has checked it yet. Every command reads it from this folder and all"
    yield "# below; `whosaw config` shows what holds and why."
    yield ""
    yield 'workspace = "whosaw-data"'
    if project.map is not None:
        yield f"map = {_text(os.path.relpath(project.map, project.folder))}  # which page carried whose data: drafted, read it before you trust it"
    else:
        yield '# map = "map.toml"  # which page carried whose data: draft it with `whosaw map suggest`, or write it by hand'
    if project.context is not None:
        tables = ", ".join(found.tables)
        folder = _text(os.path.relpath(project.context, project.folder))
        if project.none:
            yield f"context = {{ folder = {folder}, none = {_list(project.none)} }}  # {tables}"
        else:
            yield f"context = {folder}  # {tables}"
    elif project.none:
        yield f"context = {{ none = {_list(project.none)} }}"
    else:
        yield '# context = "context"  # a folder with logins, staff, tickets and so on, which explain views'
    if not project.none and (missing := missing_tables(found)):
        folder = _text(os.path.relpath(project.context, project.folder)) if project.context else '"context"'
        yield "# What there is none of here can be said as well, which is another answer than not given:"
        yield from _comment(
            "",
            [f"context = {{ folder = {folder}, none = {_list(missing[:1])} }}  #", "of", ", ".join(missing)],
        )
    if project.formats:
        own = [os.path.relpath(each, project.folder) for each in project.formats]
        yield f"formats = {_list(own)}  # formats of your own"
    if project.zone is not None:
        yield f"zone = {_text(project.zone)}"
    else:
        yield '# zone = "Africa/Nairobi"  # of times without an offset, where nothing below says otherwise'
    if project.language is not None:
        yield f"language = {_text(project.language)}"
    else:
        yield f'# language = "en"  # of letters and drafts: {", ".join(language_codes())}'


def _logs(group: Group, project: Project, twins: Sequence[TwinGroups]) -> Iterator[str]:
    found = group.proposal
    yield ""
    files = f"{group.count:,} file{'' if group.count == 1 else 's'}, {group.bytes:,} bytes"
    share = f"; {found.share:.0%} of the lines looked at were read" if found.format is not None else ""
    yield f"# {files}{share}"
    if found.line:
        yield from _comment("one line: ", [f"{name}={value}" for name, value in found.line.items()])
    if found.unused:
        more = [f"and {len(found.unused) - _MOST_FIELDS:,} more"] if len(found.unused) > _MOST_FIELDS else []
        yield from _comment("not used: ", [*found.unused[:_MOST_FIELDS], *more])
    for name in found.differ:
        yield f"# another format than the rest: {_safe(name)}"
    if found.draft is not None:
        yield "# The format was drafted from the values: read it before you trust it."
    for each in found.perhaps:
        yield f"# not sure enough: {_safe(each)}"
    if group.shared is not None:
        yield from _comment("", group.shared.note(found.format).split(" "))
    if found.time_only:
        yield '# TIME ONLY: these lines say when, and neither who nor what. Say which fields do: format = "json:principal=…"'
    yield "[[logs]]"
    yield f"files = {_list(group.files)}"
    yield from _how_read(group, project)
    if group.source is not None:
        yield _quiet(group)
    for pair in twins:
        if group.source is not None and pair.sources[0] == group.source:
            yield from _twins(pair, has_map=project.map is not None)


def _how_read(group: Group, project: Project) -> Iterator[str]:
    """Source, format and zone."""
    found = group.proposal
    if group.source is not None:
        yield f"source = {_text(group.source)}"
    if found.doubted:
        yield f"# format = {_text(found.doubted)}  # if the day stands first in its times; mdy for dmy if the month does"
    elif found.format is None:
        yield '# format = "…"  # no known format: see `whosaw formats`'
    elif found.differ:
        yield f"# format = {_text(found.format)}  # left out: not all files are so, and each is looked at by itself"
    else:
        yield f"format = {_text(found.format)}"
    if group.zone is not None and group.zone != project.zone:
        yield f"zone = {_text(group.zone)}"
    elif found.needs_zone and project.zone is None:
        yield '# zone = "Africa/Nairobi"  # its times have no offset: say where their clock is'


def _quiet(group: Group) -> str:
    """When it has no traffic; in a comment where nobody has said so."""
    if group.quiet:
        return f"quiet = {_list(group.quiet)}"
    if group.quiet_proposed is not None:
        said = "no event stands in these hours on any day; take the sign away where that is usual"
        return f"# quiet = {_list([group.quiet_proposed])}  # {said}"
    return '# quiet = ["23:00-06:00"]  # hours in which it has no traffic'


def _unopened(found: Found) -> Iterator[str]:
    """Files that nobody could look into, so that a scan says so as long as they cannot be read."""
    if found.unopened:
        yield ""
        yield "# These could not be opened, so nothing is known of them. A scan says so and ends with 2 until they can be read, or are"
        yield "# taken out here."
        yield from (f"#   {_safe(name)}: {_safe(reason)}" for name, reason in found.unopened)
        yield "[[logs]]"
        yield f"files = {_list([plain_pattern(name) for name, _ in found.unopened])}"


def _twins(each: TwinGroups, *, has_map: bool) -> Iterator[str]:
    """Twins as lines that hold nothing until somebody takes the sign of a comment away, or who was asked has said that they are."""
    behind = _safe(each.sources[1])
    yield (
        f"# {behind} seems to log the same requests, so each counts twice: {each.shared:,} of {each.lines:,} looked at stand in both "
        f"({'request id' if each.by == 'request_id' else 'client, page and time' if each.by else 'page and time'})."
    )
    if each.by is None:
        yield "# Neither the client nor a request id says which line is which: hand a request id on, and log it in both."
        return
    rule = f"twins = {{ with = {_text(each.sources[1])}, by = {_text(each.by)}, within = {_text(each.within or '2s')} }}"
    if each.declared and has_map:
        yield rule
        return
    yield "# If this one passes requests on to it, take the sign away (twins need a map):"
    yield f"# {rule}"


def _comment(head: str, words: Sequence[str]) -> Iterator[str]:
    """Words in lines of a comment."""
    line = f"# {head}"
    begun = False
    for word in words:
        text = _safe(word)
        if begun and len(line) + len(text) + 1 > _WIDTH:
            yield line.rstrip()
            line = "#   "
        line += f"{text} "
        begun = True
    yield line.rstrip()


def _safe(text: str) -> str:
    """A text that ends no comment: without what a terminal or TOML takes for something else."""
    return "".join(each if each.isprintable() else "?" for each in text)


def _text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _list(texts: Sequence[str]) -> str:
    return f"[{', '.join(_text(each) for each in texts)}]"
