"""What the page on several machines shows is run on a server and an object store, under the names that it gives them."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.chain.shop_log import MAP, shop_lines
from tests.objects import s3_server
from tests.objects.conftest import bucket, store
from tests.store.postgres_server import PASSWORD, Server
from tests.store.test_team_page import done
from tools import console

__all__ = ["bucket", "store"]  # fixtures
PAGE = console.ROOT / "docs" / "howto" / "machines.md"


def test_the_steps_do_what_they_show(
    tmp_path: Path, server: Server, bucket: s3_server.Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = [
        each
        for each in console.blocks(PAGE.read_text(encoding="utf-8"))
        if "a server and a store" in each.mark
    ]
    steps = [step for each in shown for step in console.commands(each.text)]
    assert len(steps) == 8
    bucket.client.create_bucket(Bucket="whosaw-ledger")
    for sql in (
        "DROP DATABASE IF EXISTS whosaw",
        "DROP ROLE IF EXISTS whosaw",
        f"CREATE ROLE whosaw LOGIN PASSWORD '{PASSWORD}'",
        "CREATE DATABASE whosaw OWNER whosaw",
    ):
        server.ask("postgres", sql)
    (tmp_path / "access.log").write_text("".join(f"{line}\n" for line in shop_lines(60)))
    (tmp_path / "map.toml").write_text(MAP)
    monkeypatch.chdir(tmp_path)
    around = console.environment(str(tmp_path), in_tree=False)
    for name, value in {
        **around,
        "PGHOSTADDR": "127.0.0.1",
        "PGPORT": str(server.port),
        "PGPASSWORD": PASSWORD,
    }.items():
        monkeypatch.setenv(name, value)
    for command, expected in [("whosaw scan access.log --map map.toml", "...\n"), *steps]:
        code, printed = done(command)
        assert code == 0, f"{command}\n{printed}"
        assert console.matches(expected, printed), f"{command}\n{printed}"
    assert (tmp_path / "desk" / "objects.json").is_file()
    for sql in ("DROP DATABASE whosaw WITH (FORCE)", "DROP ROLE whosaw"):  # another page names them, too
        server.ask("postgres", sql)
