"""A replay written by hand: one account of the staff reads 120 customers in two minutes, one a second."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

__all__ = ["FIRST", "PERSONS", "write_replay"]

FIRST = datetime(2025, 3, 3, 12, 0, tzinfo=UTC)
PERSONS = 120
_HONEST = 10
_MAP = """\
[[route]]
id = "customer"
match = { method = "GET", path = "/customers/{id}" }
subject = { from = "path", name = "id" }
categories = ["identity.name", "contact.address"]
secondary = { at_most = 2, categories = ["identity.name"] }
"""


def _line(at: datetime, principal: str, address: str, number: int) -> str:
    shown = at.strftime("%d/%b/%Y:%H:%M:%S +0000")
    return f'{address} - {principal} [{shown}] "GET /customers/{number} HTTP/1.1" 200 700 "-" "agent/1"\n'


def write_replay(folder: Path) -> Path:
    """web/access.log, map.toml, truth.json, truth.parquet and truth/lines-web.parquet, as `whosaw replay make` would."""
    lines, rows, seen = [], [], []
    for at in range(_HONEST):  # customers who read their own data, an hour before
        time = FIRST - timedelta(hours=1) + timedelta(seconds=at)
        lines.append(_line(time, str(1_000 + at), f"198.51.100.{at}", 1_000 + at))
        rows.append((time, None))
    for at in range(PERSONS):
        time = FIRST + timedelta(seconds=at)
        lines.append(_line(time, "s-9", "192.0.2.77", 1_000 + at))
        rows.append((time, "insider"))
        seen += [
            ("insider", "look", 1_000 + at, each, 1, time) for each in ("contact.address", "identity.name")
        ]
    (folder / "web").mkdir(parents=True)
    (folder / "truth").mkdir()
    (folder / "web" / "access.log").write_text("".join(lines), encoding="utf-8")
    (folder / "map.toml").write_text(_MAP, encoding="utf-8")
    times = pa.array([int(time.timestamp() * 1000) for time, _ in rows], pa.int64())
    marks = {
        "file": pa.array(["access.log"] * len(rows)),
        "line": pa.array(range(1, len(rows) + 1), pa.int64()),
        "time_ms": times,
        "part": pa.array([part for _, part in rows], pa.string()),
    }
    pq.write_table(pa.table(marks), folder / "truth" / "lines-web.parquet")
    names = ("actor", "step", "person", "category", "views", "first")
    columns = dict(zip(names, (list(each) for each in zip(*seen, strict=True)), strict=True))
    columns["first"] = [int(time.timestamp() * 1000) for time in columns["first"]]
    pq.write_table(pa.table({**columns, "last": columns["first"]}), folder / "truth.parquet")
    truth = {
        "breach": "insider",
        "seed": 1,
        "scale": 1.0,
        "days": 2,
        "customers": 500,
        "customers_per_day": 50.0,
        "services": {"web": {"folder": "web", "format": "combined"}},
        "actors": [
            {"id": "insider", "kind": "breach", "views": PERSONS, "accounts": PERSONS, "persons": 150}
        ],
    }
    (folder / "truth.json").write_text(json.dumps(truth), encoding="utf-8")
    return folder
