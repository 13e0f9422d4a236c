"""The payload that pgaudit writes into a PostgreSQL log message.

`AUDIT:
TYPE,STATEMENT_ID,SUBSTATEMENT_ID,CLASS,COMMAND,OBJECT_TYPE,OBJECT_NAME,STATEMENT,PARAMETER[,ROWS]`, as CSV
(https://github.com/pgaudit/pgaudit#format). ROWS is there with `pgaudit.log_rows`; it is a number, never
which rows. Values that were not logged read `<not logged>` or `<none>`. Rows are counted where a plan ran to
its end. For COPY of a table, DECLARE CURSOR and every other command without a plan the entry says 0 whatever was
returned (seen with pgaudit 17.1), so there the number says nothing.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass

__all__ = [
    "COUNTED",
    "MARK",
    "NOT_THERE",
    "PAYLOAD_NAMES",
    "TYPES",
    "AuditEntry",
    "parse_payload",
    "read_payload",
]

MARK = "AUDIT: "
PAYLOAD_NAMES = (
    "type",
    "statement_id",
    "substatement_id",
    "class",
    "command",
    "object_type",
    "object_name",
    "statement",
    "parameter",
    "rows",
)
NOT_THERE = frozenset({"", "<none>", "<not logged>", "<previously logged>"})
TYPES = frozenset({"SESSION", "OBJECT"})
COUNTED = frozenset({"SELECT", "INSERT", "UPDATE", "DELETE", "MERGE"})
_FIELDS = {
    "audit_type": "type",
    "statement_id": "statement_id",
    "substatement_id": "substatement_id",
    "class": "class",
    "object_type": "object_type",
    "parameter": "parameter",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """What one entry says. `rows` is None where the log does not say it."""

    action: str
    object: str | None
    statement: str | None
    rows: int | None
    fields: tuple[tuple[str, str], ...]


def parse_payload(text: str) -> dict[str, str]:
    """The named parts of a payload, with or without its `AUDIT: ` before it. Parts that were not logged
    are left out. A text that is no payload, or one that breaks off, gives an empty dictionary."""
    try:
        rows = list(csv.reader(io.StringIO(text.removeprefix(MARK), newline=""), strict=True))
    except csv.Error:  # a quote that is not closed: cut off
        return {}
    parts = rows[0] if len(rows) == 1 else []
    if len(parts) not in (len(PAYLOAD_NAMES) - 1, len(PAYLOAD_NAMES)) or parts[0] not in TYPES:
        return {}
    named = dict(zip(PAYLOAD_NAMES, parts, strict=False))
    if named["command"] not in COUNTED:
        named.pop("rows", None)
    return {name: part for name, part in named.items() if part not in NOT_THERE}


def read_payload(text: str) -> AuditEntry | None:
    """The entry, or None when the text is none."""
    parts = parse_payload(text)
    if not parts:
        return None
    rows = parts.get("rows", "")
    return AuditEntry(
        action=parts.get("command", ""),
        object=parts.get("object_name"),
        statement=parts.get("statement"),
        rows=int(rows) if rows.isdecimal() and len(rows) <= 18 else None,
        fields=tuple((name, parts[part]) for name, part in _FIELDS.items() if part in parts),
    )
