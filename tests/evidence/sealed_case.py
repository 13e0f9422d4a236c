"""A small scanned workspace with a case of two versions, and bundles made of it: whole ones and forged ones."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from pyroaring import BitMap

from whosaw.app.scan import scan
from whosaw.core.canonical_json import canonical_json
from whosaw.core.counts import Count, Reason
from whosaw.evidence import verify
from whosaw.evidence.bundle import Seal, Signer, Stamper, seal
from whosaw.store.repositories.cases import CaseStore
from whosaw.store.workspace import Workspace

__all__ = ["CASE", "NOW", "SALT", "Forger", "document", "make_logs", "make_workspace", "raw_identifiers"]

CASE = "spring"
NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
SALT = bytes(range(32))
FIRST = datetime(2025, 3, 3, 12, 0, tzinfo=UTC)
PERSONS = 40
MAP = """\
[[route]]
id = "customer"
match = { method = "GET", path = "/customers/{id}" }
subject = { from = "path", name = "id" }
categories = ["identity.name", "contact.address"]
"""


def raw_identifiers() -> list[str]:
    """Every customer number and address in the logs."""
    return [*(str(871_000 + at) for at in range(PERSONS)), "198.51.100.213", "203.0.113.219"]


def make_logs(folder: Path) -> Path:
    """Two logs: one address reads 40 customers in order, another one customer twice; and a map."""
    logs = folder / "logs"
    logs.mkdir(parents=True)
    lines = []
    for at in range(PERSONS):
        shown = (FIRST + timedelta(seconds=at)).strftime("%d/%b/%Y:%H:%M:%S +0000")
        lines.append(
            f'198.51.100.213 - - [{shown}] "GET /customers/{871_000 + at} HTTP/1.1" 200 700 "-" "agent/1"\n'
        )
    (logs / "a.log").write_text("".join(lines), encoding="utf-8")
    other = [
        f'203.0.113.219 - - [0{day}/Mar/2025:10:00:00 +0000] "GET /customers/871003 HTTP/1.1" 200 700 "-" "agent/2"\n'
        for day in (4, 5)
    ]
    (logs / "b.log").write_text("".join(other), encoding="utf-8")
    (folder / "map.toml").write_text(MAP, encoding="utf-8")
    return logs


def _counts(views: int, persons: int, more: int = 0) -> list[dict[str, Any]]:
    reasons = (Reason(code="coverage-gap", adds_upper=more),) if more else ()
    return [
        Count(unit=unit, lower=lower, upper=lower + more, reasons=reasons).as_json()
        for unit, lower in (("views", views), ("accounts", persons), ("persons", persons))
    ]


def document(clues: list[dict[str, str]], views: int, more: int = 0) -> dict[str, Any]:
    """A version as the scope writes them, of so many views of as many people."""
    row = {each["unit"]: each for each in _counts(views, views, more)}
    span = {"first": "2025-03-03T12:00:00Z", "last": "2025-03-03T12:00:39Z"}
    rows = [{"name": "customer", **row, **span}]
    return {
        "case": CASE,
        "format": 1,
        "clues": clues,
        "actor": {"clients": 1, "parts": [], "links": [], "refused": [], "ambiguous": []},
        "window": {"first_view": span["first"], "last_view": span["last"]},
        "counts": _counts(views, views, more),
        "estimate": None,
        "by": {
            "category": [{**rows[0], "name": "identity.name"}],
            "route": rows,
            "day": [{**rows[0], "name": "2025-03-03"}],
        },
        "groups": [{"categories": ["contact.address", "identity.name"], "accounts": views}],
        "categories_held": [
            {"category": "identity.name", "answer": "seen", "why": [], "routes": ["customer"]},
            {"category": "financial.card", "answer": "not seen", "why": [], "routes": []},
        ],
        "open": [],
        "final": None,
    }


def make_workspace(folder: Path) -> Path:
    """Scan the logs and add two versions of the case; returns the workspace."""
    logs, root = make_logs(folder), folder / "ledger"
    scan([str(logs)], root, now=NOW - timedelta(hours=2), map_path=folder / "map.toml")
    workspace = Workspace.open(root)
    try:
        store = CaseStore(workspace)
        address = {"kind": "address", "value": workspace.vault.digest("address", "198.51.100.213").hex()}
        agent = {"kind": "agent", "value": "agent/1"}
        for views, clues in ((30, [agent]), (40, [agent, address])):
            sets = {"held": BitMap(range(views)), "possible": BitMap()}
            store.add(canonical_json(document(clues, views, more=5)), sets, now=NOW - timedelta(hours=1))
    finally:
        workspace.close()
    return root


class _Forged:
    """An entry as somebody who does not keep to the format writes it."""

    def __init__(self, row: dict[str, Any]) -> None:
        self.row, self.hash = row, row["hash"]

    def as_json(self) -> dict[str, Any]:
        return self.row


class Forger:
    """Takes a bundle apart and puts it together again with something else in it."""

    def __init__(self, data: bytes) -> None:
        self.parts, _ = verify.unpack(data)

    def manifest(self) -> dict[str, Any]:
        value: dict[str, Any] = json.loads(self.parts[verify.MANIFEST])
        return value

    def with_manifest(self, change: Callable[[dict[str, Any]], None]) -> bytes:
        """The bundle with another manifest, everything else as it is."""
        told = self.manifest()
        change(told)
        return verify.pack({**self.parts, verify.MANIFEST: canonical_json(told)})

    def with_part(self, name: str, data: bytes) -> bytes:
        """The bundle with other bytes in one part, and with the checksum of the container put right."""
        return verify.pack({**self.parts, name: data})

    def redigested(self, changed: Mapping[str, bytes]) -> bytes:
        """Other parts, with their digests in the manifest put right too, under the old signature."""

        def change(told: dict[str, Any]) -> None:
            for row in told["parts"]:
                if row["name"] in changed:
                    data = changed[row["name"]]
                    row.update(size=len(data), sha256=hashlib.sha256(data).hexdigest())

        told = self.manifest()
        change(told)
        return verify.pack({**self.parts, **changed, verify.MANIFEST: canonical_json(told)})

    def sealed_again(
        self, changed: Mapping[str, bytes], signer: Signer | None, stamper: Stamper | None = None
    ) -> bytes:
        """A bundle that its own sealer made of other parts: every digest and the signature are right."""
        told = self.manifest()
        parts = {
            name: data
            for name, data in self.parts.items()
            if name not in (verify.MANIFEST, verify.SIGNATURE, verify.STAMP, verify.CLOSING)
        }
        parts.update(changed)
        entries = [_Forged(json.loads(line)) for line in parts[verify.JOURNAL].splitlines()]
        about = Seal(
            case=told["case"],
            versions=told["versions"],
            sealed=datetime.fromisoformat(told["sealed"]),
            salt=bytes.fromhex(told["salt"]),
            tool=told["tool"]["version"],
            identifiers=told["identifiers"],
            entries=entries,  # type: ignore[arg-type]  # no sealer would, a forger may
        )
        return seal(about, parts, signer=signer, stamper=stamper)
