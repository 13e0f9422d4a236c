"""A PostgreSQL server of Debian in a folder of its own, which may be stopped, killed and started again."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import pytest
from tests.e2e.servers import free_port, needed
from tests.waiting import HANG, wait_until

__all__ = ["PASSWORD", "Server", "make_cluster", "server"]

_PROGRAMS = Path("/usr/lib/postgresql/17/bin")
PASSWORD = "kx7-not-to-be-seen"  # of the user `team`
_SETTINGS = """
listen_addresses = '127.0.0.1'
port = {port}
unix_socket_directories = ''
max_connections = 60
fsync = off
shared_buffers = 16MB
"""


_TRIES = 50  # to start a server


@dataclass(slots=True)
class Server:
    """A server; `folder` holds its data."""

    folder: Path
    port: int
    _process: subprocess.Popen[bytes] | None = field(default=None)

    def start(self) -> None:
        """Start it, and wait until it answers. While it was down somebody else may have taken its port for a moment: then it is started again."""
        tries = 0

        def answers() -> bool:
            nonlocal tries
            if self._process is None or self._process.poll() is not None:
                tries += 1
                assert tries <= _TRIES, (self.folder / "server.out").read_text("utf-8", "replace")[-2000:]
                self._process = self._begun()
            return self._answers()

        wait_until(answers, what="an answer of PostgreSQL")

    def _begun(self) -> subprocess.Popen[bytes]:
        with (self.folder / "server.out").open("ab") as out:
            return subprocess.Popen(
                [*_as_user(), str(_PROGRAMS / "postgres"), "-D", str(self.folder / "data")],
                stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT, start_new_session=True, cwd=self.folder,
            )  # fmt: skip

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.url("postgres", user="owner"), connect_timeout=5).close()
        except psycopg.OperationalError:
            return False
        return True

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """End it: with SIGINT in order, with SIGKILL all its processes at once, as where the power goes."""
        process, self._process = self._process, None
        if process is None:
            return
        if how == signal.SIGKILL:
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.send_signal(how)
        process.wait(HANG)
        if how == signal.SIGKILL:  # what it started is adopted by whoever runs the tests
            # none of it may hold the memory that the next one finds, which would not start then
            wait_until(lambda: not _alive(process.pid), what="an end of all that PostgreSQL started")
            (self.folder / "data" / "postmaster.pid").unlink(missing_ok=True)

    @property
    def programs(self) -> Path:
        """Where `psql` and the others are."""
        return _PROGRAMS

    def url(self, database: str, *, user: str = "team") -> str:
        return f"postgresql://{user}@127.0.0.1:{self.port}/{database}"

    def ask(self, database: str, sql: str, *, user: str = "owner") -> list[Any]:
        """What a statement gives, for somebody who knows PostgreSQL and nothing of whosaw."""
        with psycopg.connect(self.url(database, user=user), autocommit=True) as asked:
            found = asked.execute(sql)  # type: ignore[call-overload]
            return found.fetchall() if found.description else []

    def database(self) -> str:
        """The name of a new database, which belongs to `team`."""
        name = f"d{uuid.uuid4().hex[:12]}"
        self.ask("postgres", f"CREATE DATABASE {name} OWNER team")
        return name


def _alive(group: int) -> bool:
    """Whether a process of a group has not ended."""
    for each in Path("/proc").iterdir():
        if each.name.isdigit():
            try:
                state, _, its = (each / "stat").read_text("utf-8", "replace").rpartition(")")[2].split()[:3]
            except OSError:
                continue  # it has ended meanwhile
            if int(its) == group and state not in "ZX":
                return True
    return False


def make_cluster(folder: Path) -> None:
    """A cluster without anything in it, as `data` in the folder."""
    initdb = needed(_PROGRAMS / "initdb", "postgresql-17")
    prefix = _as_user()
    if prefix:
        shutil.chown(folder, "postgres", "postgres")
    done = subprocess.run(
        [
            *prefix, str(initdb), f"--pgdata={folder / 'data'}", "--username=owner", "--auth=trust", "--no-sync",
            "--encoding=UTF8", "--locale=C.UTF-8", "--no-instructions",
        ],
        capture_output=True, text=True, timeout=HANG, check=False, cwd=folder,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


@contextmanager
def server(cluster: Path) -> Iterator[Server]:
    """A server on a copy of the cluster in this folder, for as long as the block lasts. `owner` comes in by itself, `team` with its password."""
    folder = Path(tempfile.mkdtemp(prefix="whosaw-postgres-"))
    try:
        copied = subprocess.run(
            ["cp", "-a", str(cluster / "data"), str(folder)], capture_output=True, check=False, timeout=HANG
        )
        assert copied.returncode == 0, copied.stderr
        if _as_user():
            shutil.chown(folder, "postgres", "postgres")
        made = Server(folder, free_port())
        with (folder / "data" / "postgresql.conf").open("a") as settings:
            settings.write(_SETTINGS.format(port=made.port))
        (folder / "data" / "pg_hba.conf").write_text(
            "host all owner,postgres 127.0.0.1/32 trust\nhost all all 127.0.0.1/32 scram-sha-256\n"
        )
        made.start()
        try:
            made.ask("postgres", "CREATE ROLE postgres SUPERUSER LOGIN")
            made.ask("postgres", f"CREATE ROLE team LOGIN PASSWORD '{PASSWORD}'")
            yield made
        finally:
            made.stop()
    finally:
        shutil.rmtree(folder)


def _as_user() -> list[str]:
    """How to run as the user that the package made, where we are root."""
    if os.geteuid() != 0:
        return []
    try:
        pwd.getpwnam("postgres")
    except KeyError:
        pytest.fail("there is no user postgres, though the package is installed")
    return ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", "--"]
