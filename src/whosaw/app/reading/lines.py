"""From a locator back to the original text of a line, and the list of rejects."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC

import pyarrow.parquet as pq

from whosaw.app.settings import load_settings
from whosaw.core.document import told_as
from whosaw.core.errors import WhosawError
from whosaw.ingest.build_parser import build_parser
from whosaw.ingest.event_rows import EVENTS, print_row
from whosaw.ingest.files.print_line import print_line, read_verified
from whosaw.ingest.structured.documents import record_at
from whosaw.logs.coverage.hours import require_source
from whosaw.store.repositories.segments import live_segments, segments_with_digest
from whosaw.store.workspace import Workspace

from .content import restore
from .formats import item_named, reads_as_document

__all__ = ["OriginalLine", "ReasonLines", "RejectedLine", "Rejects", "open_line", "rejects_of"]

_LOCATOR = re.compile(r"([0-9a-f]{6,64}):([1-9][0-9]{0,17})\Z")


_Text = bytes  # a line counts "bytes"


def _as_text(line: _Text) -> str:
    return line.decode("utf-8", "backslashreplace")


@dataclass(frozen=True, slots=True, kw_only=True)
class OriginalLine:
    """A line as it stands in the log, and where. `bytes` is how far into its content its segment reaches. Of an event out of a line
    that holds several, `line` counts the events, `line_of_file` the lines, and the other events are left out of `text`."""

    file: str
    line: int
    format: str
    digest: str
    bytes: int
    line_of_file: int | None = field(default=None, metadata=told_as(if_known=True))
    version: str | None = field(default=None, metadata=told_as(if_known=True))
    etag: str | None = field(default=None, metadata=told_as(if_known=True))
    text: _Text = field(repr=False, metadata=told_as(form=_as_text))


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasonLines:
    """How many lines were rejected for one reason."""

    reason: str
    lines: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectedLine:
    """One line that could not be read."""

    file: str
    locator: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejects:
    """The lines that could not be read, by reason, and the first of them."""

    total: int
    reasons: tuple[ReasonLines, ...]
    rejects: tuple[RejectedLine, ...]


def open_line(workspace: Workspace, locator: str) -> OriginalLine:
    """Where a locator points to, and the original bytes there, after checking that they are still what was read."""
    found = _LOCATOR.match(locator)
    if not found:
        raise WhosawError(
            "line.bad-locator",
            f"{locator!r} is no locator",
            hint="A locator is a digest, a colon and a number, as `whosaw who` prints it",
        )
    line = int(found[2])
    rows = segments_with_digest(workspace.journal, found[1])
    if not rows:
        raise WhosawError(
            "line.unknown",
            f"nothing that was read has the digest {found[1]}",
            hint="Is it a locator of another workspace?",
        )
    if len({row.digest for row in rows}) > 1:
        raise WhosawError(
            "line.ambiguous",
            f"more than one content begins with the digest {found[1]}",
            hint="Give more of the digest",
        )
    row = rows[0]
    place, inside = restore(row.place), None
    names = _document_names(row.format) if not row.terminated else ()
    if row.format == EVENTS.id:
        text = print_row(place, row.digest, line)
    elif (
        names
        and (document := read_verified(place, row.end, row.digest))
        and reads_as_document(document, names)
    ):
        record = record_at(document, line, names)
        text, inside = record.line, record.place
    else:
        text = print_line(place, row.end, row.digest, line)
    return OriginalLine(
        file=row.name, line=line, format=row.format, digest=row.digest, bytes=row.end, text=text,
        line_of_file=inside,
        version=place.stored.version if place.stored is not None else None,
        etag=place.stored.etag if place.stored is not None else None,
    )  # fmt: skip


def _document_names(format_name: str) -> tuple[str, ...]:
    item = item_named(format_name, load_settings())
    if item is None or item.kind not in ("json", "xml"):
        return ()
    return build_parser(item, UTC, None).documents


def rejects_of(workspace: Workspace, *, source: str | None = None, limit: int = 20) -> Rejects:
    """Rejects by reason, and the first of them with their locators."""
    if source is not None:
        require_source(workspace.journal, source)
    reasons: Counter[str] = Counter()
    listed: list[RejectedLine] = []
    total = 0
    for row in live_segments(workspace.journal, source=source):
        if not row.rejects:
            continue
        table = pq.read_table(workspace.files.path(row.file_names["rejects"]))
        total += table.num_rows
        for each in table["reason"].value_counts().to_pylist():
            reasons[each["values"]] += each["counts"]
        listed.extend(
            RejectedLine(file=row.name, locator=f"{row.digest[:16]}:{each['line']}", reason=each["reason"])
            for each in table.slice(0, max(0, limit - len(listed))).to_pylist()
        )
    ordered = sorted(reasons.items(), key=lambda item: (-item[1], item[0]))
    return Rejects(
        total=total,
        reasons=tuple(ReasonLines(reason=name, lines=count) for name, count in ordered),
        rejects=tuple(listed),
    )
