"""A replay of three services and four days, written by hand, for tests of damage."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

KST = timezone(timedelta(hours=9))
START = datetime(2025, 3, 3, tzinfo=KST)
DAYS = 4
EVERY = timedelta(minutes=36)  # 40 lines a day
ATTACKER = "198.51.100.9"
SERVICES = {
    "web": ("web", "combined-kv", "access.log"),
    "api": ("app", "jsonl", "api.log"),
    "edge": ("edge", "alb", "edge.log"),
}
SCHEMA = pa.schema(
    {
        "file": pa.dictionary(pa.int32(), pa.string()),
        "line": pa.int32(),
        "time_ms": pa.int64(),
        "part": pa.dictionary(pa.int16(), pa.string()),
        "views": pa.bool_(),
    }
)


def is_attack(at: int) -> bool:
    return at % 10 == 3


def is_view(at: int) -> bool:
    return at % 5 == 3


def when(day: int, at: int) -> datetime:
    return START + timedelta(days=day) + at * EVERY + timedelta(milliseconds=250)


def line(service: str, day: int, at: int) -> str:
    time = when(day, at)
    address = ATTACKER if is_attack(at) else "192.0.2.7"
    number = 1000 + day * 100 + at
    if service == "web":
        clock = time.strftime("%d/%b/%Y:%H:%M:%S +0900")
        tail = f"sub={number} jti=00ff{number} kid=k-1"
        return f'{address} - - [{clock}] "GET /my/info HTTP/2.0" 200 51 "-" "Mozilla/5.0" {tail}\n'
    if service == "api":
        clock = time.isoformat(timespec="milliseconds")
        return f'{{"time":"{clock}","remote_addr":"{address}","request_uri":"/api/{number}","status":200,"sub":"{number}"}}\n'
    clock = time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.250000Z")
    request = f'"GET https://shop.example.org:443/login?n={number} HTTP/2.0" "curl/8"'
    return f'h2 {clock} app/edge/50 {address}:5 192.0.2.20:80 0.0 0.1 0.0 200 200 31 5 {request} TLS - "Root" "-" 0 {clock} "forward"\n'


def file_name(service: str, day: int) -> str:
    back = DAYS - 1 - day
    return SERVICES[service][2] + (f".{back}" if back else "") + (".gz" if back >= 2 else "")


def text_of(service: str, day: int) -> str:
    return "".join(line(service, day, at) for at in range(40))


def write_replay(folder: Path) -> Path:
    """The finished replay."""
    services: dict[str, Any] = {}
    for service, (place, written_as, _) in SERVICES.items():
        services[service] = {"folder": place, "format": written_as}
        (folder / place).mkdir(parents=True)
        rows: dict[str, list[Any]] = {name: [] for name in SCHEMA.names}
        for day in range(DAYS):
            name = file_name(service, day)
            content = text_of(service, day).encode()
            (folder / place / name).write_bytes(
                gzip.compress(content, mtime=0) if name.endswith(".gz") else content
            )
            for at in range(40):
                rows["file"].append(name)
                rows["line"].append(at + 1)
                rows["time_ms"].append(int(when(day, at).timestamp() * 1000))
                rows["part"].append("walker" if is_attack(at) else None)
                rows["views"].append(is_view(at))
        (folder / "truth").mkdir(exist_ok=True)
        pq.write_table(pa.table(rows, SCHEMA), folder / "truth" / f"lines-{service}.parquet")
    (folder / "context").mkdir()
    (folder / "context" / "logins.csv").write_text("time,subject\n")
    (folder / "map.toml").write_text("# a map\n")
    (folder / "truth.parquet").write_bytes(b"exposures")
    truth = {
        "services": services,
        "span": {"start": "2025-03-02T15:00:00Z", "end": "2025-03-06T15:00:00Z", "offset_minutes": 540},
    }
    (folder / "truth.json").write_text(json.dumps(truth))
    return folder


def read_text(folder: Path, path: str) -> str:
    """What a log holds, unpacked."""
    raw = (folder / path).read_bytes()
    return (gzip.decompress(raw) if path.endswith(".gz") else raw).decode()


def log_files(folder: Path, service: str) -> dict[str, list[str]]:
    """The lines of every log of a service, by name."""
    place = folder / SERVICES[service][0]
    if not place.exists():
        return {}
    return {
        path.name: read_text(place, path.name).splitlines(keepends=True) for path in sorted(place.iterdir())
    }


def marks(folder: Path, service: str) -> dict[str, list[dict[str, Any]]]:
    """The rows of a service's list of lines, by file."""
    found: dict[str, list[dict[str, Any]]] = {}
    for row in pq.read_table(folder / "truth" / f"lines-{service}.parquet").to_pylist():
        found.setdefault(row["file"], []).append(row)
    return found
