"""Writes the report page of a ledger."""

from __future__ import annotations

import gzip
import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Any

from whosaw.app.gating.asking import asks
from whosaw.app.gating.rights import Verb
from whosaw.report.page import page_html
from whosaw.store.files import write_atomically

from .asking.questions import Ledger, open_ledger
from .summary import GivenTable, summarise

__all__ = ["context_tables_given", "write_page", "write_report"]


def context_tables_given(ledger: Ledger) -> dict[str, GivenTable]:
    """The tables of the context that the last scan used, by name; those that came out of logs have no file of their own."""
    journal = ledger.workspace.journal
    folder = journal.setting("context")
    if folder is None or not Path(folder).is_dir():
        return {}
    files = sorted(path for path in Path(folder).iterdir() if path.is_file())
    given = {path.name.partition(".")[0]: _given(path) for path in files}
    checked = json.loads(journal.setting("context-checked") or "{}").get("rows")
    if checked is None:
        return given
    without = GivenTable(file="", rows=0, digest="")
    return {name: replace(given.get(name, without), rows=rows) for name, rows in checked.items()}


def _given(path: Path) -> GivenTable:
    """Its rows are lines that are not blank, less the header where there is one."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    opened: Any = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rb") as file:
        lines = sum(1 for line in file if line.strip())
    headed = ".jsonl" not in path.name and ".ndjson" not in path.name
    return GivenTable(file=path.name, rows=max(0, lines - headed), digest=digest)


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


@asks(Verb.EXPORT, "report")
def write_report(
    root: Path,
    output: Path,
    *,
    now: datetime,
    key_file: Path | None = None,
    notes: tuple[str, ...] = (),
    zone: tzinfo = UTC,
    zone_name: str = "UTC",
) -> None:
    """The report page of the ledger in `root`."""
    ledger = open_ledger(root, now=now, key_file=key_file)
    try:
        write_page(ledger, output, title="Who saw whose data", notes=notes, zone=zone, zone_name=zone_name)
    finally:
        ledger.close()
