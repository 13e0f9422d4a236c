"""What the page for a team shows with a PostgreSQL server is run on one, under the name that the page gives it."""

from __future__ import annotations

import os
import subprocess
import tempfile
from pathlib import Path

from tests.chain.shop_log import MAP, shop_lines
from tests.store.postgres_server import PASSWORD, make_cluster, server
from tests.waiting import HANG
from tools import console

PAGE = console.ROOT / "docs" / "howto" / "team.md"
PROGRAMS = "/usr/lib/postgresql/17/bin"


def test_the_steps_with_a_server_do_what_they_show(tmp_path: Path) -> None:
    shown = [
        each for each in console.blocks(PAGE.read_text(encoding="utf-8")) if "needs a server" in each.mark
    ]
    steps = [step for each in shown for step in console.commands(each.text)]
    assert len(steps) == 7
    (tmp_path / "access.log").write_text("".join(f"{line}\n" for line in shop_lines(60)))
    (tmp_path / "map.toml").write_text(MAP)
    with tempfile.TemporaryDirectory() as cluster:
        make_cluster(Path(cluster))
        with server(Path(cluster)) as made:
            around = console.environment(str(tmp_path), in_tree=False)
            around["PATH"] += f":{PROGRAMS}"
            around |= {"PGHOSTADDR": "127.0.0.1", "PGPORT": str(made.port), "PASSWORD": PASSWORD}
            around |= {name: os.environ[name] for name in ("PYTHONPATH",) if name in os.environ}
            steps.insert(0, ("whosaw scan access.log --map map.toml > /dev/null 2>&1", ""))
            for command, expected in steps:
                done = subprocess.run(
                    ["/bin/sh", "-c", command], cwd=tmp_path, env=around, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                    stderr=subprocess.STDOUT, timeout=HANG, text=True, check=False,
                )  # fmt: skip
                assert done.returncode == 0, f"{command}\n{done.stdout}"
                assert console.matches(expected, done.stdout), f"{command}\n{done.stdout}"
    assert (tmp_path / "monday.tar").is_file()
