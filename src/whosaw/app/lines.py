"""From a locator back to the original text of a line, and the list of rejects."""

from __future__ import annotations

import re
from datetime import UTC
from typing import Any

import pyarrow.parquet as pq

from whosaw.core.errors import WhosawError
from whosaw.ingest.build_parser import build_parser
from whosaw.ingest.event_rows import EVENTS, print_row
from whosaw.ingest.files.print_line import print_line, read_verified
from whosaw.ingest.structured.json_records import record_text
from whosaw.logs.coverage.hours import require_source
from whosaw.store.segments import live_segments, segments_with_digest
from whosaw.store.workspace import Workspace

from .content import restore
from .formats import item_named, reads_as_document
from .settings import load_settings

__all__ = ["open_line", "rejects_of"]

_LOCATOR = re.compile(r"([0-9a-f]{6,64}):([1-9][0-9]{0,17})\Z")


def open_line(workspace: Workspace, locator: str) -> tuple[dict[str, Any], bytes]:
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
    place = restore(row.place)
    names = _document_names(row.format) if not row.terminated else ()
    if row.format == EVENTS.id:
        text = print_row(place, row.digest, line)
    elif (
        names
        and (document := read_verified(place, row.end, row.digest))
        and reads_as_document(document, names)
    ):
        text = record_text(document, line, names)
    else:
        text = print_line(place, row.end, row.digest, line)
    where = {
        "file": row.name,
        "line": line,
        "format": row.format,
        "digest": row.digest,
        "bytes": row.end,
    }
    return where, text


def _document_names(format_name: str) -> tuple[str, ...]:
    item = item_named(format_name, load_settings())
    if item is None or item.kind != "json":
        return ()
    return build_parser(item, UTC, None).documents


def rejects_of(workspace: Workspace, *, source: str | None = None, limit: int = 20) -> dict[str, Any]:
    """Rejects by reason, and the first of them with their locators."""
    if source is not None:
        require_source(workspace.journal, source)
    reasons: dict[str, int] = {}
    listed: list[dict[str, Any]] = []
    total = 0
    for row in live_segments(workspace.journal, source=source):
        if not row.rejects:
            continue
        table = pq.read_table(workspace.files.path(row.file_names["rejects"]))
        total += table.num_rows
        for each in table["reason"].value_counts().to_pylist():
            reasons[each["values"]] = reasons.get(each["values"], 0) + each["counts"]
        listed.extend(
            {"file": row.name, "locator": f"{row.digest[:16]}:{each['line']}", "reason": each["reason"]}
            for each in table.slice(0, max(0, limit - len(listed))).to_pylist()
        )
    ordered = sorted(reasons.items(), key=lambda item: (-item[1], item[0]))
    return {
        "total": total,
        "reasons": [{"reason": name, "lines": count} for name, count in ordered],
        "rejects": listed,
    }
