"""The whole matrix of formats in pieces: what was kept is not done again, unless code or formats are others now."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from bench import format_matrix


def test_the_next_call_goes_on_where_one_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    keep = tmp_path / "kept.jsonl"
    done: list[str] = []

    def judged(name: str) -> dict[str, object]:
        done.append(name)
        wrong = (
            [{"odd": "caddy", "at": "end", "format": "jsonl", "confidence": 0.5}] if name == "okta" else []
        )
        return {"kind": name, "cases": 3, "wrong": wrong, "cpu_seconds": 1.0}

    monkeypatch.setattr(format_matrix, "judged", judged)
    monkeypatch.setattr(format_matrix, "ALL", {"caddy": None, "shop": None, "okta": None})
    monkeypatch.setattr("sys.argv", ["", "--keep", str(keep), "--minutes", "0"])
    assert format_matrix.main() == 3
    assert "0 of 18 done, 0 of 3 kinds" in capsys.readouterr().out

    row = {"room": format_matrix.room(), "kind": "caddy", "cases": 3, "wrong": [], "cpu_seconds": 1.0}
    other = {**row, "kind": "shop", "room": "of other code"}
    keep.write_text(f'{json.dumps(row)}\n{json.dumps(other)}\n{{"room": "cut', "utf-8")
    monkeypatch.setattr("sys.argv", ["", "--keep", str(keep)])
    assert format_matrix.main() == 1
    assert done == ["shop", "okta"]
    out = capsys.readouterr().out
    assert "okta with a line of caddy at the end: jsonl, understood 50%" in out
    assert "8 of 9 right; 9 of 18 done, 3 of 3 kinds" in out
    assert format_matrix.main() == 1
    assert done == ["shop", "okta"]
