"""Holds what whosaw says of a server's log against what the server did.

The log is scanned once, with the map that a user would write for the three pages and no option for what the server does. Then each line of the log is
looked up in the ledger, by the address in it (see `wire`). A request that was **served** with a page and stands in the log must
be a view, a possible view, or in a line that could not be read and says so. What became of it otherwise is a **fault**.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
from tests.servers.wire import number

from whosaw.app.asking.questions import Ledger
from whosaw.app.scan import ScanReport, scan
from whosaw.ingest.lines import line_starts
from whosaw.mapping.data_map import load_map
from whosaw.mapping.reject_text import RejectTexts
from whosaw.store import statements as sa
from whosaw.store.journal import tables
from whosaw.store.schemas import UNSURE_VIEW
from whosaw.store.workspace import Workspace

__all__ = ["COUNTED", "NUMBERED", "Fate", "Read", "read_log"]

_OWN = """\
[[route]]
id = "my-info"
match = { method = "GET", path = "/my/info" }
subject = { from = "principal" }
categories = ["identity.name", "contact.email"]
"""
_NUMBERED = """\
[[route]]
id = "customer"
match = { method = "GET", path = "/customers/{id}" }
subject = { from = "path", name = "id", form = "integer" }
categories = ["identity.name", "contact.email"]

[[route]]
id = "account"
match = { method = "GET", path = "/account" }
subject = { from = "query", name = "id", form = "integer" }
categories = ["identity.name", "contact.email"]
"""
NUMBERED = ("customer", "account")  # pages whose subject is a number
FORMATS = (
    Path(__file__).parent / "formats"
)  # of logs that have no format of their own until somebody writes one
# what a line can become that keeps a view from escaping; a reject that is said to hold surely no view, a message, does not
COUNTED = ("view", "possible", "undecided", "reject")
_ADDRESS = re.compile(rb"127\.\d{1,3}\.\d{1,3}\.\d{1,3}(?!\d)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fate:
    """What whosaw made of one line."""

    kind: str  # view, possible, undecided, event, reject, message, comment
    text: str  # the line
    route: str | None = None
    reason: str | None = None  # of a reject


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """A log as whosaw read it: by number of spelling, the fates of its lines."""

    fates: Mapping[int, Sequence[Fate]]
    lines: int
    rejects: int
    format: str | None
    views: tuple[int, int | None]  # lower and upper bound
    accounts: tuple[int, int | None]  # the same of whose data the pages with a number were


def read_log(
    log: Path, folder: Path, *, format_name: str | None = None, zone: str | None = None, tail: bool = False
) -> Read:
    """Scan `log` into `folder` and join its lines to spellings. Accounts are asked of a ledger without the page whose subject is
    whoever the server took the client for."""
    own, numbered = folder / "ledger", folder / "numbered"
    both = [_OWN, _NUMBERED]
    if tail:
        both = [each.replace('method = "GET", ', 'method = "GET", tail = true, ') for each in both]
    report = _scan(log, own, "\n".join(both), format_name, zone)
    _scan(log, numbered, both[1], format_name, zone)
    known = dict(_rows(own))
    for at in _messages(log.read_bytes(), known, own.with_suffix(".toml")):
        known[at] = ("message", None, known[at][2])
    fates: dict[int, list[Fate]] = {}
    owner: int | None = None
    lines = log.read_bytes().split(b"\n")
    if lines and not lines[-1]:
        lines.pop()
    for at, line in enumerate(lines, start=1):
        owner = _owner(line, owner)
        kind, route, reason = known.get(at, ("comment", None, None))
        if owner is not None:
            fate = Fate(kind=kind, text=line.decode("utf-8", "backslashreplace"), route=route, reason=reason)
            fates.setdefault(owner, []).append(fate)
    (content,) = report.contents
    return Read(
        fates=fates, lines=len(lines), rejects=content.rejects, format=content.format,
        views=_bounds(own, "views"), accounts=_bounds(numbered, "accounts"),
    )  # fmt: skip


def _scan(log: Path, root: Path, text: str, format_name: str | None, zone: str | None) -> ScanReport:
    map_path = root.with_suffix(".toml")
    map_path.write_text(text)
    return scan(
        [str(log)], root, now=datetime.now(UTC), map_path=map_path, format_name=format_name, zone=zone,
        own_formats=[FORMATS],
    )  # fmt: skip


class _Everybody(Ledger):
    """The ledger, asked about all of its clients together."""

    def client_numbers(self, text: str) -> list[int]:
        found = self.reader.session.query("SELECT client FROM clients ORDER BY client")
        return [int(each) for each in found["client"].to_pylist()]


def _bounds(root: Path, unit: str) -> tuple[int, int | None]:
    """Bounds on what all clients together saw, as `what` tells them."""
    ledger = _Everybody(Workspace.open(root), now=datetime.now(UTC))
    try:
        (count,) = (count for count in ledger.what("").counts if count.unit == unit)
        return count.lower, count.upper
    finally:
        ledger.close()


def _owner(line: bytes, before: int | None) -> int | None:
    """The spelling of the address in it. What holds none goes on from the line before."""
    for found in _ADDRESS.findall(line):
        if (owner := number(found.decode())) is not None:
            return owner
    return before


def _rows(root: Path) -> Iterator[tuple[int, tuple[str, str | None, str | None]]]:
    """Line number and what it became, of the one log of a workspace."""
    workspace = Workspace.open(root)
    try:
        journal = workspace.journal
        names = {
            row["position"]: row["id"]
            for row in journal.rows(sa.select(tables.route.c.position, tables.route.c.id))
        }
        files = [
            row["files"]
            for row in journal.rows(sa.select(tables.segment.c.files).where(tables.segment.c.live))
        ]
        for each in files:
            named: dict[str, str] = json.loads(each)
            for row in _table(workspace, named, "events"):
                route = names.get(row["route"])
                yield row["line"], (_kind(row), route, None)
            for row in _table(workspace, named, "rejects"):
                yield row["line"], ("reject", None, row["reason"])
    finally:
        workspace.close()


def _messages(
    data: bytes, known: Mapping[int, tuple[str, str | None, str | None]], map_path: Path
) -> list[int]:
    """The rejects whose text is said to hold no request for a page of the map, by line from 1."""
    kinds = {at: kind for at, (kind, _, _) in known.items() if kind != "comment"}
    rejects = np.array(sorted(at - 1 for at, kind in kinds.items() if kind == "reject"), np.int64)
    events = np.array(sorted(at - 1 for at, kind in kinds.items() if kind != "reject"), np.int64)
    texts = RejectTexts(load_map(map_path).routes)
    return [int(row) + 1 for row in texts.harmless(data, line_starts(data), events, rejects)]


def _table(workspace: Workspace, named: Mapping[str, str], kind: str) -> list[dict[str, Any]]:
    if kind not in named:
        return []
    rows: list[dict[str, Any]] = pq.read_table(
        io.BytesIO(workspace.files.path(named[kind]).read_bytes())
    ).to_pylist()
    return rows


def _kind(row: Mapping[str, Any]) -> str:
    if row["view"]:
        return "possible" if row["unsure"] & UNSURE_VIEW else "view"
    return "undecided" if row["undecided"] else "event"
