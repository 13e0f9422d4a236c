"""A workspace in PostgreSQL, for tests that ask for one."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.chain.shop_log import MAP, shop_lines
from tests.store.postgres_server import PASSWORD, Server, make_cluster
from tests.store.postgres_server import server as serving

from whosaw.app.database import move_journal
from whosaw.app.scan import scan
from whosaw.store.postgres import close_kept

NOW = datetime(2026, 11, 28, 9, tzinfo=UTC)


@pytest.fixture(scope="session")
def cluster() -> Iterator[Path]:
    """What servers begin with."""
    folder = Path(
        tempfile.mkdtemp(prefix="whosaw-cluster-")
    )  # pytest's own folders are closed to other users
    try:
        make_cluster(folder)
        yield folder
    finally:
        shutil.rmtree(folder)


@pytest.fixture(scope="session")
def server(cluster: Path) -> Iterator[Server]:
    """The one of all tests that leave it running; its password is where libpq looks for it."""
    with serving(cluster) as made, pytest.MonkeyPatch.context() as patch:
        patch.setenv("PGPASSWORD", PASSWORD)
        yield made


@pytest.fixture(autouse=True)
def _no_kept_connections() -> Iterator[None]:
    """Each test has a database of its own: what is kept for the next question would fill the server, and keep it from being dropped."""
    yield
    close_kept()


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """access.log, map.toml, and a scanned workspace `ws` in SQLite."""
    folder = tmp_path_factory.mktemp("shop")
    (folder / "access.log").write_text("".join(f"{line}\n" for line in shop_lines(600)))
    (folder / "map.toml").write_text(MAP)
    scan([str(folder / "access.log")], folder / "ws", now=NOW, map_path=folder / "map.toml")
    return folder


@pytest.fixture
def in_sqlite(shop: Path, tmp_path: Path) -> Path:
    """A copy of that workspace."""
    return shutil.copytree(shop / "ws", tmp_path / "ws")


@pytest.fixture
def root(in_sqlite: Path, server: Server) -> Path:
    """The same in a database of its own on the server."""
    move_journal(in_sqlite, server.url(server.database()), now=NOW)
    return in_sqlite
