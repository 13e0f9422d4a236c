"""What the pages of the first hour say of their time is what was measured, command by command."""

from __future__ import annotations

import json

from bench.first_hour import PAGES, lines_of
from tools import console
from tools.first_hour_section import first_hour_section
from tools.generated import ROOT

TOLD = {
    "machine": {"cores": 4, "processor": "Made Up", "python": "3.12.1"},
    "measured": "2026-01-02",
    "rounds": 3,
    "pages": {
        "one": {
            "lines": 1_234,
            "commands": [
                {"command": "whosaw init logs", "seconds": 1.26, "cpu_seconds": 0.94},
                {"command": "a | b", "seconds": 0.5, "cpu_seconds": 0.11},
            ],
        }
    },
}


def test_each_command_and_all_together_are_told() -> None:
    told = first_hour_section(TOLD, "one")
    assert "2 commands and 1,234 lines of logs. Followed 3 times" in told
    assert "on 4 cores (Made Up), Python 3.12.1, 2026-01-02" in told
    assert (
        "| `whosaw init logs` | 1.3 s | 0.9 s |\n| `a \\| b` | 0.5 s | 0.1 s |\n| all | 1.8 s | 1.1 s |"
        in told
    )


def test_the_commands_that_are_measured_are_those_of_the_pages() -> None:

    kept = json.loads((ROOT / "docs" / "performance" / "first-hour.json").read_text("utf-8"))["pages"]
    assert tuple(kept) == PAGES
    for page, told in kept.items():
        blocks = list(console.blocks((ROOT / "docs" / f"{page}.md").read_text("utf-8")))
        commands = [
            command.strip()
            for block in blocks
            if block.mark.startswith("run")
            for command, _ in console.commands(block.text)
        ]
        assert [each["command"] for each in told["commands"]] == commands
        assert len(commands) == 5
        assert told["lines"] == lines_of(page) > 5
