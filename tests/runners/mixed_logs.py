"""Logs of every way in which a scan reads: many small files, several chunks, records over lines, documents, archives, copies, and damage."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

__all__ = ["MAP", "more_of", "write_logs"]

MAP = """
[[route]]
id = "customer"
match = { path = "/customers/{id}" }
subject = { from = "path", name = "id" }
categories = ["contact.email"]
"""
_START = datetime(2025, 3, 3, tzinfo=UTC)


def _web(first: int, count: int) -> bytes:
    lines = []
    for number in range(first, first + count):
        at = (_START + timedelta(seconds=7 * number)).strftime("%d/%b/%Y:%H:%M:%S +0000")
        user = f"wanjiru{number % 5}" if number % 3 else "-"
        lines.append(
            f'192.0.2.{number % 200} - {user} [{at}] "GET /customers/{number % 97} HTTP/1.1" 200 51 "-" "mbuni/{number % 3}"\n'
        )
    return "".join(lines).encode()


def _through_an_edge(lines: bytes) -> bytes:
    return lines.replace(b"192.0.2.", b"172.68.10.")


def _audit(first: int, count: int) -> bytes:
    """PostgreSQL's log: a record goes over lines, so that a chunk needs what the one before left."""
    rows = []
    for number in range(first, first + count):
        at = (_START + timedelta(seconds=11 * number)).strftime("%Y-%m-%d %H:%M:%S.000 UTC")
        rows.append(
            f'{at},"karani{number % 4}","shop",4{number % 9},"192.0.2.9:5000",65a.{number},1,"SELECT",{at},3/1,0,LOG,00000,'
            f'"statement: select *\n  from customers\n where id = {number % 97}",,,,,,,,,"psql","client backend",,0\n'
        )
    return "".join(rows).encode()


def _document(count: int) -> bytes:
    events = [
        {
            "time": (_START + timedelta(minutes=number)).isoformat(),
            "user": f"staff{number % 5}",
            "client_ip": f"192.0.2.{number}",
            "method": "GET",
            "path": f"/customers/{number}",
            "status": 200,
        }
        for number in range(count)
    ]
    return json.dumps(events, indent=1).encode()


def write_logs(folder: Path) -> Path:
    """Logs below `folder`, of which some are damaged, each in a way of its own."""
    web, db, api = (folder / name for name in ("web", "db", "api"))
    for each in (web, db, api):
        each.mkdir(parents=True)
    for number in range(1, 9):  # small ones, which are read together
        (web / f"access.log.{9 - number}.gz").write_bytes(gzip.compress(_web(300 * number, 300), mtime=0))
    (web / "access.log").write_bytes(_web(3000, 3000))  # several chunks
    whole = _through_an_edge(_web(6000, 900))
    damaged = folder / "damaged"
    damaged.mkdir()
    (damaged / "cut.log.gz").write_bytes(gzip.compress(whole, mtime=0)[:-2000])
    (damaged / "torn.log").write_bytes(_through_an_edge(_web(7000, 700))[:-31])
    (damaged / "zeros.log").write_bytes(_web(8000, 200) + b"\0" * 4096 + b"\n" + _web(8200, 200))
    old = _web(9000, 400).replace(b"03/Mar/2025:00", b"03/Mar/1999:00").replace(b"2025:19:3", b"2014:19:3")
    (damaged / "clock.log").write_bytes(old)
    # a huge one for these chunks, in whose middle stand years that are far and none at all
    wrong = _web(10_000, 1500), _web(11_500, 4), _web(11_504, 2), _web(11_506, 1500)
    wrong = (wrong[0], wrong[1].replace(b"2025:", b"2012:"), wrong[2].replace(b"2025:", b"1971:"), wrong[3])
    (damaged / "years.log").write_bytes(_through_an_edge(b"".join(wrong)))
    (damaged / "long.log").write_bytes(_web(9500, 50) + b"x" * 200_000 + b"\n" + _web(9550, 50))
    (damaged / "empty.log").write_bytes(b"")
    (db / "postgresql.csv").write_bytes(_audit(0, 900))
    (db / "postgresql.csv.1").write_bytes(_audit(900, 60)[:-40])  # ends inside a record
    (api / "export.json").write_bytes(_document(60))
    (api / "copy-of-access.log").write_bytes((web / "access.log").read_bytes())
    with tarfile.open(api / "older.tar.gz", "w:gz") as archive:
        for number in range(3):
            body = _web(12_000 + 300 * number, 300)
            member = tarfile.TarInfo(f"older-{number}.log")
            member.size = len(body)
            archive.addfile(member, io.BytesIO(body))
    (folder / "map.toml").write_text(MAP, encoding="utf-8")
    return folder


def more_of(folder: Path) -> None:
    """Some of the logs go on."""
    with (folder / "web" / "access.log").open("ab") as handle:
        handle.write(_web(20_000, 500))
    with (folder / "db" / "postgresql.csv").open("ab") as handle:
        handle.write(_audit(2000, 100))
    (folder / "web" / "access.log.0.gz").write_bytes(gzip.compress(_web(21_000, 200), mtime=0))
