"""A small shop log, a map, and ways to look at a ledger as bytes and as facts."""

from __future__ import annotations

import hashlib
import json
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

from whosaw.store import statements as sa
from whosaw.store.journal import tables
from whosaw.store.ledger import LedgerReader
from whosaw.store.workspace import Workspace

NOW = datetime(2025, 11, 17, 7, 0, tzinfo=UTC)
KEY = b"0123456789abcdef0123456789abcdef"
MAP = """\
[[route]]
id = "addresses"
match = { method = "GET", path = "/customers/{id}/addresses" }
subject = { from = "path", name = "id" }
categories = ["identity.name", "contact.address"]
secondary = { at_most = 20, categories = ["identity.name"] }

[[route]]
id = "export"
match = { method = "GET", path = "/export" }
subject = { from = "unknown" }
records = { from = "query", name = "size", at_most = 50 }
categories = ["commerce.orders"]
"""


def shop_lines(
    count: int, *, seed: int = 1, start: datetime = datetime(2025, 4, 14, tzinfo=UTC)
) -> list[str]:
    """Combined lines in order of time; about a third are views of persons, a few are broken or repeated."""
    dice = random.Random(seed)
    lines: list[str] = []
    for number in range(count):
        if number % 97 == 96:
            lines.append(lines[-1] if number % 2 else "torn li")
            continue
        at = start + timedelta(seconds=number * 11)
        shown = at.strftime("%d/%b/%Y:%H:%M:%S +0000")
        path = dice.choice(
            [
                f"/customers/{dice.randrange(90)}/addresses",
                f"/p/{dice.randrange(500)}",
                f"/export?size={dice.randrange(80)}",
            ]
        )
        status = 200 if dice.random() < 0.9 else 404
        lines.append(
            f'192.0.2.{dice.randrange(40)} - - [{shown}] "GET {path} HTTP/1.1" {status} 7 "-" "agent/{dice.randrange(3)}"'
        )
    return lines


def ledger_bytes(root: Path) -> dict[str, str]:
    """Every live file of a ledger with its digest, and what the manifest says of segments, without times of running."""
    workspace = Workspace.open(root)
    try:
        journal = workspace.journal
        segments = journal.rows(
            sa.select(tables.segment).where(tables.segment.c.live).order_by(tables.segment.c.id)
        )
        names = {name for row in segments for name in json.loads(row["files"]).values()}
        index = journal.rows(
            sa.select(tables.index.c.kind, tables.index.c.file, tables.index.c.rows).where(
                tables.index.c.live
            )
        )
        names.update(row["file"] for row in index)
        out = {
            name: hashlib.sha256(workspace.files.path(name).read_bytes()).hexdigest()
            for name in sorted(names)
        }
        told = [{k: v for k, v in row.items() if k != "content"} for row in segments]
        hours = journal.rows(sa.select(tables.hour).order_by(tables.hour.c.segment, tables.hour.c.hour))
        out["manifest"] = hashlib.sha256(
            json.dumps([told, sorted(row["file"] for row in index), hours]).encode()
        ).hexdigest()
        return out
    finally:
        workspace.close()


def ledger_facts(root: Path) -> dict[str, object]:
    """What a ledger says, by keyed digests, so that ledgers over differently cut files can be compared."""
    workspace = Workspace.open(root)
    reader = LedgerReader(workspace)
    try:
        exposures = reader.session.query(
            "SELECT hex(p.digest) AS person, hex(c.digest) AS client, r.id AS route, e.first, e.last, e.views, e.extra FROM exposures e "
            "JOIN identities p ON p.kind = 0 AND p.number = e.person JOIN clients c ON c.client = e.client JOIN routes r ON r.route = e.route "
            "ORDER BY ALL"
        ).to_pylist()
        unknown = reader.session.query(
            "SELECT hex(c.digest) AS client, micros, extra_at_most FROM views v JOIN clients c USING (client) "
            "WHERE person IS NULL AND NOT duplicate ORDER BY ALL"
        ).to_pylist()
        return {"exposures": exposures, "unknown": unknown}
    finally:
        reader.close()
        workspace.close()
