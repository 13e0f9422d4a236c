"""A PostgreSQL cluster with pgaudit in a folder of its own, and psql to speak to it."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.e2e.servers import free_port, needed, running
from tests.waiting import HANG, wait_until

__all__ = ["Cluster", "cluster"]

_LIBRARY = Path("/usr/lib/postgresql/17")
_LAST = "nothing more to log"
_SETTINGS = """
listen_addresses = '127.0.0.1'
port = {port}
unix_socket_directories = ''
fsync = off
logging_collector = on
log_directory = 'log'
log_filename = 'postgresql'
log_destination = 'csvlog,stderr'
log_line_prefix = '%m [%p] %u@%d '
log_timezone = 'UTC'
shared_preload_libraries = 'pgaudit'
pgaudit.log = 'read, write'
pgaudit.log_catalog = off
pgaudit.log_parameter = on
pgaudit.log_relation = on
pgaudit.log_rows = on
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """A running cluster."""

    port: int
    folder: Path

    def run(self, role: str, script: str, *, fails: bool = False) -> list[str]:
        """The rows that psql gives for a script. A script that `fails` must fail."""
        command = [
            str(needed(_LIBRARY / "bin/psql", "postgresql-17")),
            *("--no-psqlrc", "--quiet", "--no-align", "--tuples-only", "--set=ON_ERROR_STOP=1"),
            *("--host=127.0.0.1", f"--port={self.port}", f"--username={role}", "--dbname=postgres"),
        ]
        done = subprocess.run(
            command, input=script, capture_output=True, text=True, timeout=HANG, check=False
        )
        assert (done.returncode != 0) is fails, done.stderr
        return done.stdout.splitlines()

    def copy_logs(self, target: Path) -> tuple[Path, Path]:
        """The csvlog and the plain log with all that was logged before this call."""
        self.run("owner", f"DO $$ BEGIN RAISE LOG '{_LAST}'; END $$;\n")
        copies = []
        for name, kept in (("postgresql.csv", "postgresql.csv"), ("postgresql", "postgresql.log")):
            log = self.folder / "log" / name
            wait_until(lambda log=log: _LAST in log.read_text(), what=f"the end of {name}")  # type: ignore[misc]  # mypy takes the default for an argument
            text = log.read_text()
            (target / kept).write_text(text[: text.rindex("\n") + 1])
            copies.append(target / kept)
        return copies[0], copies[1]


@contextmanager
def cluster() -> Iterator[Cluster]:
    """A fresh cluster for as long as the block lasts; its folder is gone afterwards, so copy what is to stay."""
    initdb = needed(_LIBRARY / "bin/initdb", "postgresql-17")
    needed(_LIBRARY / "lib/pgaudit.so", "postgresql-17-pgaudit")
    # pytest's own folders are closed to other users, and PostgreSQL refuses to be root
    folder = Path(tempfile.mkdtemp(prefix="whosaw-postgres-"))
    try:
        data = folder / "data"
        if prefix := _as_user():
            shutil.chown(folder, "postgres", "postgres")
        command = [*prefix, str(initdb), f"--pgdata={data}", "--username=owner", "--auth=trust", "--no-sync"]
        done = subprocess.run(
            [*command, "--encoding=UTF8", "--locale=C.UTF-8"],
            capture_output=True, text=True, timeout=HANG, check=False, cwd=folder,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        port = free_port()
        with (data / "postgresql.conf").open("a") as settings:
            settings.write(_SETTINGS.format(port=port))
        ready = [str(_LIBRARY / "bin/pg_isready"), "--quiet", "--host=127.0.0.1", f"--port={port}"]
        with running(
            [*prefix, str(_LIBRARY / "bin/postgres"), "-D", str(data)],
            ready=lambda: subprocess.run(ready, check=False, timeout=HANG).returncode == 0,
            output=folder / "server.out",
            stop=signal.SIGINT,  # a fast shutdown: sessions are ended, the log is written out
        ):
            yield Cluster(port=port, folder=data)
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
