"""What people get wrong ends in one clear line and its code: the table lies beside this, and the reference shows it."""

from __future__ import annotations

import shlex
import tomllib
from pathlib import Path
from typing import Any

import pytest
from tests.unit.cli.conftest import call, files_below

TABLE: list[dict[str, Any]] = tomllib.loads(Path(__file__).with_name("wrong_inputs.toml").read_text("utf-8"))[
    "wrong"
]


@pytest.fixture(params=TABLE, ids=lambda wrong: f"{wrong['do']}-{wrong['says'][:24]}")
def wrong(request: pytest.FixtureRequest) -> dict[str, Any]:
    return dict(request.param)


def test_a_wrong_input_is_told_in_one_clear_line(
    wrong: dict[str, Any], made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = made if wrong.get("in") == "scanned" else tmp_path
    for name, text in wrong.get("files", {}).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    monkeypatch.chdir(folder)
    before = files_below(folder)
    done = call(*shlex.split(wrong["do"]))
    assert (done.exit_code, done.stdout) == (wrong.get("exit", 2), "")
    first, *rest = done.stderr.splitlines()
    assert first.startswith(f"whosaw: {wrong['says']}")
    # faults of a file are all told, and then how many there were
    faults = 1 + wrong.get("more", 0)
    assert rest in ([], [f"{faults} fault{'s' if faults > 1 else ''} found, nothing was written"]) or (
        len(rest) == faults and rest[-1] == f"{faults} faults found, nothing was written"
    )
    assert files_below(folder) == before


def test_there_are_sixty_of_them_and_none_twice() -> None:
    assert len(TABLE) >= 60
    assert len({(each["do"], each["says"]) for each in TABLE}) == len(TABLE)
