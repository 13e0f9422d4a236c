"""Writes the report page of a ledger."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Any

from whosaw.report.page import page_html
from whosaw.store.files import write_atomically

from .asking.questions import Ledger, open_ledger
from .summary import summarise

__all__ = ["context_tables_given", "write_page", "write_report"]


def context_tables_given(ledger: Ledger) -> dict[str, int]:
    """How many rows each table has in the context folder that the last scan used."""
    journal = ledger.workspace.journal
    checked = json.loads(journal.setting("context-checked") or "{}")
    if "rows" in checked:  # with those that came out of logs
        return dict(checked["rows"])
    folder = journal.setting("context")
    if folder is None or not Path(folder).is_dir():
        return {}
    files = sorted(path for path in Path(folder).iterdir() if path.is_file())
    return {path.name.partition(".")[0]: _rows(path) for path in files}


def _rows(path: Path) -> int:
    """Lines that are not blank, less the header where there is one. A row of a table is a line."""
    opened: Any = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rb") as file:
        lines = sum(1 for line in file if line.strip())
    return lines if ".jsonl" in path.name or ".ndjson" in path.name else max(0, lines - 1)


def write_page(
    ledger: Ledger,
    output: Path,
    *,
    title: str,
    notes: tuple[str, ...] = (),
    zone: tzinfo = UTC,
    zone_name: str = "UTC",
) -> None:
    """Write one self-contained HTML file, whole or not at all."""
    summary = summarise(
        ledger,
        title=title,
        notes=notes,
        given=context_tables_given(ledger),
        zone=zone,
        zone_name=zone_name,
        workspace=str(ledger.workspace.root),
    )
    write_atomically(output, page_html(summary).encode(), mode=0o644)


def write_report(
    root: Path, output: Path, *, now: datetime, key_file: Path | None = None, notes: tuple[str, ...] = ()
) -> None:
    """The report page of the ledger in `root`."""
    ledger = open_ledger(root, now=now, key_file=key_file)
    try:
        write_page(ledger, output, title="Who saw whose data", notes=notes)
    finally:
        ledger.close()
