"""What the page for a team shows with a PostgreSQL server is run on one, under the name that the page gives it."""

from __future__ import annotations

import os
import shlex
import subprocess
from pathlib import Path

import pytest
from tests.chain.shop_log import MAP, shop_lines
from tests.store.postgres_server import PASSWORD, Server
from tests.unit.cli.conftest import call
from tests.waiting import HANG
from tools import console

PAGE = console.ROOT / "docs" / "howto" / "team.md"


def done(command: str) -> tuple[int, str]:
    """A plain command of whosaw in this process, every other one by the shell."""
    words = shlex.split(command)
    if words[0] == "whosaw":
        told = call(*words[1:])
        return told.exit_code, told.output
    ran = subprocess.run(
        ["/bin/sh", "-c", command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        timeout=HANG, text=True, check=False,
    )  # fmt: skip
    return ran.returncode, ran.stdout


def test_the_steps_with_a_server_do_what_they_show(
    tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = [
        each for each in console.blocks(PAGE.read_text(encoding="utf-8")) if "needs a server" in each.mark
    ]
    steps = [step for each in shown for step in console.commands(each.text)]
    assert len(steps) == 7
    (tmp_path / "access.log").write_text("".join(f"{line}\n" for line in shop_lines(60)))
    (tmp_path / "map.toml").write_text(MAP)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PGPASSWORD")
    around = console.environment(str(tmp_path), in_tree=False)
    around["PATH"] += f":{server.programs}"
    around |= {"PGHOSTADDR": "127.0.0.1", "PGPORT": str(server.port), "PASSWORD": PASSWORD}
    for name, value in around.items():
        monkeypatch.setenv(name, value)
    for command, expected in [("whosaw scan access.log --map map.toml", "...\n"), *steps]:
        code, printed = done(command)
        assert code == 0, f"{command}\n{printed}"
        assert console.matches(expected, printed), f"{command}\n{printed}"
    assert (tmp_path / "monday.tar").is_file()
    assert PASSWORD not in os.linesep.join(
        each.read_text(errors="replace") for each in (tmp_path / "whosaw-data").rglob("*") if each.is_file()
    )
