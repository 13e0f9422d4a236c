"""Writes the report page of a ledger."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from pathlib import Path

from whosaw.report.page import page_html
from whosaw.store.files import write_atomically

from .questions import Ledger, open_ledger
from .summary import summarise

__all__ = ["context_tables_given", "write_page", "write_report"]


def context_tables_given(ledger: Ledger) -> tuple[str, ...]:
    """Names of the tables in the context folder that the last scan used."""
    folder = ledger.workspace.journal.setting("context")
    if folder is None or not Path(folder).is_dir():
        return ()
    return tuple(sorted({path.name.partition(".")[0] for path in Path(folder).iterdir() if path.is_file()}))


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
