"""Writes records out of the ledger to a file, whole or not at all. Both that identifiers are revealed and what is given out
are journalled before the file has its name: an export that nobody can find out about does not happen."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pyroaring import BitMap

from whosaw.app.gating.asking import asks
from whosaw.app.gating.rights import Verb
from whosaw.app.gating.two import second_person
from whosaw.core.document import JsonObject, object_of
from whosaw.core.errors import WhosawError
from whosaw.store.files import held_back

from .access_record import access_record, as_csv
from .looks import concerned
from .questions import Ledger, open_ledger

__all__ = ["ExportedRecord", "export_record"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedRecord:
    """A file of records that was written; `revealed`: whether it names people."""

    file: str
    records: int
    sha256: str
    revealed: bool


@asks(Verb.EXPORT, "access record")
def export_record(
    root: Path,
    output: Path,
    *,
    now: datetime,
    key_file: Path | None = None,
    reveal: bool = False,
    reason: str = "",
) -> ExportedRecord:
    """Write the access record to `output` (.csv or .json)."""
    if output.suffix not in (".csv", ".json"):
        raise WhosawError(
            "export.kind",
            f"{output.name} ends in neither .csv nor .json",
            hint="Name the file record.csv or record.json",
        )
    ledger = open_ledger(root, now=now, key_file=key_file, reveal=reveal, reason=reason)
    try:
        shown = _shown(ledger)
        second_person(
            ledger.workspace.journal,
            "export",
            "access record",
            {"kind": output.suffix, "revealed": reveal},
            persons=len(shown["person"]),
            reason=reason,
            now=now,
        )
        look = ledger.put_on_record(shown, what="export access-record")
        counted = _Counted(access_record(ledger))
        pieces = as_csv(iter(counted)) if output.suffix == ".csv" else _as_json(iter(counted))
        data = (piece.encode("utf-8", "backslashreplace") for piece in pieces)
        with held_back(output, data, code="export.write-failed") as digest:
            answer = ExportedRecord(file=str(output), records=counted.records, sha256=digest, revealed=reveal)
            whom: JsonObject = (
                {"look": look} if look is not None else object_of(concerned(ledger.workspace, shown))
            )
            _journal(ledger, {**object_of(answer), **whom, "reason": reason.strip()}, now)
        return answer
    finally:
        ledger.close()


def _shown(ledger: Ledger) -> dict[str, BitMap]:
    """Whom the record concerns: numbers of the persons, addresses and principals in it."""
    session = ledger.reader.session
    found = {"person": "SELECT DISTINCT person AS n FROM views WHERE NOT duplicate AND person IS NOT NULL"}
    for kind in ("address", "principal"):
        found[kind] = (
            f"SELECT DISTINCT c.{kind} AS n FROM clients c SEMI JOIN (SELECT client FROM views WHERE NOT duplicate) USING (client) "
            f"WHERE c.{kind} IS NOT NULL"
        )
    return {kind: BitMap(session.query(sql)["n"].to_numpy().astype("uint32")) for kind, sql in found.items()}


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


def _journal(ledger: Ledger, body: JsonObject, now: datetime) -> None:
    journal = ledger.workspace.journal
    with journal.transaction() as connection:
        journal.record(connection, "exported", {"what": "export access-record", **body}, now=now)
