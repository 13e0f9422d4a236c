"""The pages of the first hour lead from logs that nobody described to the right answer in five commands, followed in this process."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from tools import console
from typer.testing import CliRunner

from whosaw.cli.main import app

DOCS = Path(__file__).resolve().parents[2] / "docs"
# by hand, from the logs that each page shows: category and first view, and how many clients with what explains them
# nginx twice (+09:00), the program in Seoul's time, the load balancer and the database
SHOP = {
    ("contact.address", "2025-03-02T23:59:40Z"),
    ("identity.name", "2025-03-02T23:59:40Z"),
    ("contact.address", "2025-03-03T00:05:01Z"),
    ("identity.name", "2025-03-03T00:05:01Z"),
    ("identity.name", "2025-03-03T01:00:04.120000Z"),
    ("commerce.orders", "2025-03-03T01:20:00.186641Z"),
    ("identity.name", "2025-03-03T01:20:00.186641Z"),
    ("contact.email", "2025-03-03T01:30:00.123000Z"),
    ("identity.name", "2025-03-03T01:30:00.123000Z"),
}
# the physician twice and the nurse once with a case, the clerk without one; who was refused saw nothing
WARD = {
    (category, first)
    for category in ("health.record", "identity.name")
    for first in ("2025-03-02T23:10:00Z", "2025-03-02T23:30:12Z", "2025-03-03T03:41:09Z")
}
# two tellers (Nairobi is three hours ahead), and one customer who asked for a balance and transactions
BANK = {
    ("identity.name", "2025-03-03T06:02:40Z"),
    ("identity.name", "2025-03-03T06:07:59Z"),
    ("financial.balance", "2025-03-03T06:10:00.120000Z"),
    ("financial.transactions", "2025-03-03T06:10:04.777000Z"),
}


@pytest.mark.parametrize(
    ("page", "person", "views", "seen", "explained"),
    [
        ("first-hour", "10002", 5, SHOP, ["cannot tell"] * 5),
        ("first-hour-hospital", "4711", 4, WARD, ["explained", "explained", "unexplained"]),
        ("first-hour-bank", "0100200302", 4, BANK, ["cannot tell"] * 3),
    ],
)
def test_five_commands_lead_to_the_right_answer(
    page: str,
    person: str,
    views: int,
    seen: set[tuple[str, str]],
    explained: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    called: list[str] = []
    for block in console.blocks((DOCS / f"{page}.md").read_text("utf-8")):
        if block.mark.startswith("file: "):
            path = tmp_path / block.mark.removeprefix("file: ")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block.text, encoding="utf-8")
        for line in block.text.splitlines() if block.mark == "run" else ():
            if not line.startswith("$ "):
                continue
            called.append(line.removeprefix("$ "))
            if called[-1].startswith("whosaw "):
                done = CliRunner().invoke(app, called[-1].split()[1:])
                assert done.exit_code == 0, done.output
            else:
                subprocess.run(["/bin/sh", "-c", called[-1]], check=True)
    assert len(called) == 5
    assert called[-1].startswith(f"whosaw who {person}")
    answer = json.loads(CliRunner().invoke(app, ["who", person, "--json"]).stdout)
    assert (answer["views"]["lower"], answer["views"]["upper"], answer["views"]["exact"]) == (
        views,
        views,
        True,
    )
    assert {(each["category"], each["first"]) for each in answer["exposures"]} == seen
    clients = {each["actor"]["client"]: each["explanation"] for each in answer["exposures"]}
    assert sorted(clients.values()) == explained
