"""What a ledger keeps of requests that showed nobody."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from whosaw.app.scan import scan
from whosaw.store.ledger import LedgerReader
from whosaw.store.workspace import Workspace

MAP = """\
[[route]]
id = "profile"
match = { path = "/members/{id}" }
subject = { from = "path", name = "id" }
categories = ["identity.name"]
"""
LINE = '192.0.2.7 - - [03/Mar/2025:09:00:{at:02} +0000] "{request} HTTP/1.1" {status} 120 "-" "script/1"\n'
ASKED = (
    ("GET /members/1", 200),
    ("GET /members/2", 404),  # a page of a person: kept with whom it names
    ("GET /members/1", 401),
    ("POST /login", 401),  # refused: kept, and names nobody
    ("POST /login", 302),
    ("GET /gone", 404),  # neither
)


def test_failed_pages_of_people_and_refused_requests_are_kept_as_tries(tmp_path: Path) -> None:
    log, data_map = tmp_path / "access.log", tmp_path / "map.toml"
    log.write_text("".join(LINE.format(at=at, request=r, status=s) for at, (r, s) in enumerate(ASKED)))
    data_map.write_text(MAP)
    scan([str(log)], tmp_path / "w", now=datetime(2025, 4, 1, tzinfo=UTC), map_path=data_map)
    workspace = Workspace.open(tmp_path / "w")
    reader = LedgerReader(workspace)
    rows = reader.session.query("SELECT line, person, status FROM tries ORDER BY line").to_pylist()
    one, two = (reader.number_of("person", f"customer\x1f{each}") for each in ("1", "2"))
    told = reader.session.query(
        "SELECT sum(events)::INTEGER AS events, sum(views)::INTEGER AS views FROM activity"
    )
    reader.close()
    workspace.close()
    assert [(row["line"], row["person"], row["status"]) for row in rows] == [
        (2, two, 404), (3, one, 401), (4, None, 401),
    ]  # fmt: skip
    assert told.to_pylist() == [{"events": 6, "views": 1}]
