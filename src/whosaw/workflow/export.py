"""Writes records out of the ledger to a file, whole or not at all, and journals that it did."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from whosaw.core.errors import WhosawError

from .access_record import access_record, as_csv
from .questions import Ledger, open_ledger

__all__ = ["export_record"]


def export_record(
    root: Path,
    output: Path,
    *,
    now: datetime,
    key_file: Path | None = None,
    reveal: bool = False,
    reason: str = "",
) -> dict[str, Any]:
    """Write the access record to `output` (.csv or .json). Returns file, records and SHA-256."""
    if output.suffix not in (".csv", ".json"):
        raise WhosawError(
            "export.kind",
            f"{output.name} ends in neither .csv nor .json",
            hint="Name the file record.csv or record.json",
        )
    ledger = open_ledger(root, now=now, key_file=key_file, reveal=reveal, reason=reason)
    try:
        counted = _Counted(access_record(ledger))
        pieces = as_csv(iter(counted)) if output.suffix == ".csv" else _as_json(iter(counted))
        digest = _write(output, pieces)
        answer = {"file": str(output), "records": counted.records, "sha256": digest, "revealed": reveal}
        _journal(ledger, {**answer, "reason": reason}, now)
        return answer
    finally:
        ledger.close()


class _Counted:
    """Counts records as they pass."""

    def __init__(self, records: Iterator[dict[str, str]]) -> None:
        self.records = 0
        self._inner = records

    def __iter__(self) -> Iterator[dict[str, str]]:
        for record in self._inner:
            self.records += 1
            yield record


def _as_json(records: Iterator[dict[str, str]]) -> Iterator[str]:
    yield "["
    for position, record in enumerate(records):
        yield ("," if position else "") + "\n" + json.dumps(record, ensure_ascii=False, sort_keys=True)
    yield "\n]\n"


def _write(output: Path, pieces: Iterator[str]) -> str:
    temporary = output.with_name(f".{output.name}.{os.getpid()}.part")
    digest = hashlib.sha256()
    try:
        with open(temporary, "wb") as handle:
            for piece in pieces:
                data = piece.encode("utf-8", "backslashreplace")
                digest.update(data)
                handle.write(data)
            handle.flush()
            os.fsync(handle.fileno())
        os.replace(temporary, output)
    except OSError as fault:
        raise WhosawError(
            "export.write-failed",
            f"{output} could not be written ({fault.strerror})",
            hint="Choose another file or free some space",
        ) from fault
    finally:
        temporary.unlink(missing_ok=True)
    return digest.hexdigest()


def _journal(ledger: Ledger, body: dict[str, Any], now: datetime) -> None:
    journal = ledger.workspace.journal
    with journal.transaction() as connection:
        journal.record(connection, "exported", {"what": "access-record", **body}, now=now)
