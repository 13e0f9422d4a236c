"""The page `first-hour.md` leads from logs that nobody described to the right answer in five commands, followed in this process."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from tools import console
from typer.testing import CliRunner

from whosaw.cli.main import app

PAGE = Path(__file__).resolve().parents[2] / "docs" / "first-hour.md"
# by hand, from the logs that the page shows: nginx twice (+09:00), the program in Seoul's time, the load balancer and the database
SEEN = {
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


def test_five_commands_lead_to_the_right_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    called: list[str] = []
    for block in console.blocks(PAGE.read_text("utf-8")):
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
    assert called[-1] == "whosaw who 10002"
    answer = json.loads(CliRunner().invoke(app, ["who", "10002", "--json"]).stdout)
    assert (answer["views"]["lower"], answer["views"]["upper"], answer["views"]["exact"]) == (5, 5, True)
    assert {(each["category"], each["first"]) for each in answer["exposures"]} == SEEN
    assert len({each["actor"]["client"] for each in answer["exposures"]}) == 5
