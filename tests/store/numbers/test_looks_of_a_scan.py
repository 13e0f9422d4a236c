"""A scan looks at the identifiers of people who are new, and at no others."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from typer.testing import CliRunner

from whosaw.cli.main import app
from whosaw.store.vault import Vault

KEPT = Path(__file__).parents[1] / "old_workspaces"


def write(log: Path, day: int, patients: range) -> None:
    log.write_text(
        "".join(
            f"192.0.2.{patient % 200} - p{patient} [{day:02d}/Nov/2026:08:{at % 60:02d}:00 +0000] "
            f'"GET /patients/{patient}/record HTTP/1.1" 200 900 "-" "Mozilla/5.0"\n'
            for at, patient in enumerate(patients)
        )
    )


def scan(root: Path, logs: Path) -> dict[str, Any]:
    words = ("--map", str(KEPT / "map.toml"), "--workspace", str(root), "--json")
    done = CliRunner().invoke(app, ["scan", str(logs), *words])
    assert done.exit_code == 0, done.output
    return dict(json.loads(done.stdout))


def test_ten_new_lines_open_the_block_of_their_own_segment_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    logs, root = tmp_path / "logs", tmp_path / "ws"
    logs.mkdir()
    for day in range(1, 8):
        write(logs / f"access-{day}.log", day, range(day * 100, day * 100 + 40))
    looks: list[int] = []
    whole = Vault.open

    def open_(self: Vault, block: bytes) -> pa.Table:
        rows = whole(self, block)
        if "raw" in rows.column_names:
            looks.append(int((rows["kind"].to_numpy() == 0).sum()))
        return rows

    monkeypatch.setattr(Vault, "open", open_)
    scan(root, logs)
    # everybody is new, and sealed under their number; what they look like is asked there
    assert sum(looks) == 7 * 40
    looks.clear()
    write(logs / "access-8.log", 8, range(800, 810))
    scan(root, logs)
    assert looks == [10]
    looks.clear()
    write(logs / "access-9.log", 9, range(100, 110))  # everybody was seen before
    scan(root, logs)
    assert looks == []
