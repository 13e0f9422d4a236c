"""A file tried: what format it has, how its lines are understood, and a draft where that is not enough."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, tzinfo
from pathlib import Path

from whosaw.app.project.file import Project
from whosaw.app.settings import load_settings
from whosaw.core.document import told_as
from whosaw.core.errors import WhosawError
from whosaw.ingest.build_parser import build_parser
from whosaw.ingest.drafts.propose import FormatDraft, propose
from whosaw.ingest.event_file import holds_rows
from whosaw.ingest.files.content import Content
from whosaw.ingest.files.discover import discover
from whosaw.ingest.format_item import FormatItem
from whosaw.ingest.lines import count_lines
from whosaw.ingest.meaning import Meaning
from whosaw.ingest.parser import Piece
from whosaw.ingest.shared_addresses import SharedAddresses
from whosaw.ingest.structured.json_records import OBJECTS, WHOLE, holds_records
from whosaw.ingest.text_wrapper import PROSE, is_prose
from whosaw.ingest.understood import FieldLeft, Understood, UnderstoodColumn, likely_who, understand
from whosaw.ingest.unknown import UNKNOWN
from whosaw.mapping.path_shape import masked_text

from .drafts import head_of
from .formats import pick_format, written_at

__all__ = ["TriedFile", "try_file"]

_MOST_LINES = 1_000
_SHOWN = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class TriedFile:
    """How a file is understood. `format` is what a scan would read it with, `option` the same for `--format` with the field of
    each column spelled out where the format found them by their names; empty where only an item can say it. `missing` is what
    next to no event says: who, from where, what. `draft` is there where nothing knows the layout, where something is missing, or
    where it was asked for. `likely` is the
    format with who did it from a field that no column takes, where none says who and the values of one look like it. `needs_zone`: no time has an offset and no zone was given, so the times of `columns` are shown as if in UTC."""

    file: str
    format: str
    title: str
    confidence: float | None
    lines: int
    events: int
    rejects: int
    reasons: Mapping[str, int]
    shown: tuple[int, ...]
    columns: tuple[UnderstoodColumn, ...]
    unused: tuple[FieldLeft, ...]
    missing: tuple[str, ...]
    needs_zone: bool
    assumes: str
    option: str
    draft: FormatDraft | None
    likely: str = field(default="", metadata=told_as(if_any=True))
    # what is to be known of its addresses, where those are an edge's or a proxy's
    shared: str = field(default="", metadata=told_as(if_any=True))
    # why no draft can be made, where that is plain
    no_draft: str = field(default="", metadata=told_as(if_any=True))


def try_file(
    path: str,
    *,
    format_name: str | None = None,
    zone: str | None = None,
    own_formats: Sequence[Path] = (),
    draft: bool = False,
    id_: str = "own",
    day: date,
    project: Project | None = None,
) -> TriedFile:
    """The first lines of a file, 1,000 at most, as a scan would understand them, by what the project says of it where nothing else is
    given; nothing is kept. `day` is today's date, for a draft. Raises `WhosawError` where there is no such file, or no line in it."""
    content = _content(path)
    if project is not None:  # a draft may be the first that goes into a folder
        absent = {each for each in project.formats if not each.exists()}
        project = replace(project, formats=tuple(each for each in project.formats if each not in absent))
        own_formats = [each for each in own_formats if each not in absent]
    settings = load_settings(format_name=format_name, zone=zone, own_formats=own_formats, project=project).of(
        content
    )
    head = head_of(content)
    if not head.strip():
        raise WhosawError(
            "formats.empty", f"{path} has no lines", hint="Name a file that holds some lines of the log"
        )
    item, confidence = pick_format(content, head, settings)
    found: Understood | None = None
    needs_zone = False
    if item.id != UNKNOWN.id:
        lines, hint = _lines(head), written_at(content)
        try:
            found = understand(
                lines, item, zone=settings.zone, year_hint=hint, shown_path=masked_text, most=_SHOWN
            )
        except WhosawError as fault:
            if fault.code != "time.no-zone":
                raise
            needs_zone = True
            found = understand(lines, item, zone=UTC, year_hint=hint, shown_path=masked_text, most=_SHOWN)
    found = _but_cut(found, content, head)
    missing = _missing(found.says) if found is not None and found.events else ("who", "from where", "what")
    generic = found is None or item.generic
    drafted = propose([head], day=day, id_=id_) if draft or (generic and missing) else None
    return TriedFile(
        file=content.name,
        format=item.id,
        title=item.title,
        confidence=confidence,
        lines=found.units if found is not None else count_lines(_lines(head)),
        events=found.events if found is not None else 0,
        rejects=found.rejects if found is not None else count_lines(_lines(head)),
        reasons=found.reasons if found is not None else {"no known format": count_lines(_lines(head))},
        shown=found.shown if found is not None else (),
        columns=found.columns if found is not None else (),
        unused=found.left if found is not None else (),
        missing=missing,
        needs_zone=needs_zone,
        assumes=str(item.table.get("assumes", "")),
        shared=_shared(_lines(head), item, settings.zone or UTC, written_at(content))
        if found is not None
        else "",
        no_draft=PROSE if found is None and drafted is None and is_prose(_lines(head)) else "",
        option=_option(item, found),
        draft=drafted,
        likely=likely_who(_lines(head), item)
        if found is not None and "who" in missing and drafted is None
        else "",
    )


def _content(path: str) -> Content:
    """The one content of a file; of several, such as the members of an archive, the first that is lines."""
    contents = [each for each in discover([path]).contents if not holds_rows(each)]
    if not contents:
        raise WhosawError(
            "formats.rows",
            f"{path} holds rows with types and no lines",
            hint="`whosaw scan` reads it as it is",
        )
    return contents[0]


def _but_cut(found: Understood | None, content: Content, head: bytes) -> Understood | None:
    """The same without the record of a document that only the end of what was looked at breaks off."""
    whole = content.packing == () and content.member is None and (content.size or 0) <= len(head)
    cut = [reason for reason in found.reasons if reason.endswith("breaks off")] if found is not None else []
    if found is None or whole or not cut:
        return found
    left = Counter(found.reasons)
    left[cut[-1]] -= 1
    return replace(found, units=found.units - 1, rejects=found.rejects - 1, reasons=dict(+left))


def _lines(head: bytes) -> bytes:
    """As many whole lines as are looked at; a document that is one long line stays whole."""
    if holds_records(head, (WHOLE, OBJECTS)):
        return head
    lines = head.split(b"\n", _MOST_LINES)
    return head if len(lines) <= _MOST_LINES else b"\n".join(lines[:_MOST_LINES]) + b"\n"


def _shared(lines: bytes, item: FormatItem, zone: tzinfo, year_hint: datetime | None) -> str:
    seen = SharedAddresses()
    seen.add(build_parser(item, zone, year_hint).parse(Piece(data=lines, lines=count_lines(lines))).events)
    return seen.found.note(item.id) if seen.found is not None else ""


def _missing(says: Meaning) -> tuple[str, ...]:
    told = {"who": says.who, "from where": says.where, "what": says.what}
    return tuple(what for what, count in told.items() if count <= says.events * 0.05)


_SPELLED = {"jsonl": "json", "csv": "csv", "tsv": "tsv", "logfmt": "pairs"}


def _option(item: FormatItem, found: Understood | None) -> str:
    if found is None:
        return ""
    kind = _SPELLED.get(item.id)
    if kind is None:
        return item.id
    named = [
        (each.name, each.sources[0])
        for each in found.columns
        if each.sources and each.name not in ("fields", "ok")
    ]
    if any("," in source or "=" in source for _, source in named):
        return item.id
    return f"{kind}:" + ",".join(f"{name}={source}" for name, source in named)
