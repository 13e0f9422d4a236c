"""What the page on clusters shows is run: with Spark's own threads, a server of Spark Connect that its own script starts, and a cluster on loopback."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyspark
import pytest
from tests.chain.test_by_days import OLD
from tests.e2e.servers import free_port, needed
from tests.runners import spark_cluster
from tests.waiting import HANG, wait_until
from tests.wide import wide
from tools import console

PAGE = console.ROOT / "docs" / "howto" / "spark.md"
# those in a list stand three spaces in
BLOCKS = list(
    console.blocks(re.sub(r"^ {3}(?=\S)", "", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE))
)
HERE = "not run: it needs Java, so tests/runners/test_page.py runs it"
INSTALLS = ("pip install", "apt-get install")
SPARK = Path(pyspark.__file__).parent
SHOWN = [step for each in BLOCKS if each.mark == HERE for step in console.commands(each.text)]


def shown(words: str) -> tuple[str, str]:
    """The one command with these words that the page shows, and what it says it prints."""
    (found,) = [(command.strip(), expected) for command, expected in SHOWN if words in command]
    return found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the log of the page."""
    needed(Path("/usr/bin/java"), "default-jre-headless")
    (log,) = [each.text for each in BLOCKS if each.mark == "file: access.log"]
    (tmp_path / "access.log").write_text(log, encoding="utf-8")
    return tmp_path


def environment(folder: Path) -> dict[str, str]:
    return {
        **os.environ,
        "SPARK_LOCAL_DIRS": str(folder),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "JDK_JAVA_OPTIONS": f"-Djava.io.tmpdir={folder} -XX:-UsePerfData",
    }


def run(command: str, folder: Path, **more: str) -> str:
    """What a command of whosaw prints in a folder."""
    done = subprocess.run(
        [sys.executable, "-m", *shlex.split(command)],
        cwd=folder,
        env={**environment(folder), **more},
        capture_output=True,
        text=True,
        check=False,
        timeout=HANG,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_every_command_of_the_page_is_run() -> None:
    """By `tools.console`, or here; what installs something is not."""
    apart = [
        command.strip()
        for each in BLOCKS
        if each.language == "console" and each.mark not in ("run", HERE)
        for command, _ in console.commands(each.text)
    ]
    assert [each for each in apart if not each.startswith(INSTALLS)] == []
    assert len(SHOWN) == len(RUN_HERE)
    for words in RUN_HERE:
        shown(words)


RUN_HERE = (
    "--runner 'local[2]'",
    "start-connect-server.sh",
    "--runner sc://127.0.0.1:15002",
    "vault reading-key",
    "replay make",
    "scope new",
)


@wide
def test_two_threads_of_spark_and_a_reading_key(folder: Path) -> None:
    command, expected = shown("--runner 'local[2]'")
    printed = run(command, folder)
    assert console.matches(expected, printed), printed
    run(shown("vault reading-key")[0], folder)
    assert (folder / "reading.key").stat().st_mode & 0o777 == 0o600
    with (folder / "access.log").open("a", encoding="utf-8") as log:
        log.write(
            '192.0.2.9 - - [02/Nov/2026:10:00:02 +0000] "GET /members/4713 HTTP/1.1" 200 57 "-" "curl/8"\n'
        )
    assert "1 line = 1 event" in run(command, folder, WHOSAW_READING_KEY=str(folder / "reading.key"))


@wide
def test_a_connect_server_by_its_own_script(folder: Path) -> None:
    with server(folder) as port:
        command = shown("--runner sc://")[0].replace("15002", str(port))
        printed = run(command, folder)
    assert console.matches(shown("--runner 'local[2]'")[1], printed), printed


@contextmanager
def server(folder: Path) -> Iterator[int]:
    """The port of a server that the page's command started, on loopback alone; ended by Spark's own script."""
    port, logs = free_port(), folder / "spark-logs"
    around = {
        **environment(folder), "SPARK_HOME": str(SPARK), "SPARK_LOG_DIR": str(logs), "SPARK_PID_DIR": str(folder),
    }  # fmt: skip
    settings = {
        "connect.grpc.binding.port": port,
        "connect.grpc.binding.address": "127.0.0.1",
        "driver.host": "127.0.0.1",
        "driver.bindAddress": "127.0.0.1",
        "ui.enabled": "false",
    }
    more = " ".join(f"--conf spark.{name}={value}" for name, value in settings.items())
    command = shown("start-connect-server.sh")[0].replace("/opt/whosaw/bin/python", sys.executable)
    subprocess.run(f"{command} {more}", shell=True, cwd=folder, env=around, check=True, timeout=HANG)
    try:
        wait_until(
            lambda: any(b"Spark Connect server started at" in each.read_bytes() for each in logs.glob("*.out"))
        )  # fmt: skip
        yield port
    finally:
        subprocess.run(
            [SPARK / "sbin" / "stop-connect-server.sh"], cwd=folder, env=around, check=True, timeout=HANG
        )


@wide
def test_a_replay_and_a_scope_by_a_cluster(folder: Path) -> None:
    """As the page shows them, but for where the cluster and the folder are, of a smaller shop, and by the name of a finding that is there."""
    (folder / "spark").mkdir()
    (folder / "conf").mkdir()
    settings = "spark.driver.host 127.0.0.1\nspark.driver.bindAddress 127.0.0.1\nspark.ui.enabled false\n"
    (folder / "conf" / "spark-defaults.conf").write_text(settings, encoding="ascii")
    told = json.loads(
        run(
            f"whosaw scan {OLD / 'access.log'} --map {OLD / 'map.toml'} --context {OLD / 'context'} --json",
            folder,
        )
    )
    with spark_cluster.started(folder / "spark") as cluster:

        def there(words: str) -> str:
            return shown(words)[0].replace("spark://spark.example.org:7077", cluster.address)

        command = there("replay make").replace("/shared/drill", str(folder / "drill"))
        run(f"{command} --scale 0.01", folder, SPARK_CONF_DIR=str(folder / "conf"))
        command = there("scope new").replace("w3f9", told["findings"][0]["id"])
        counted = json.loads(run(f"{command} --json", folder, SPARK_CONF_DIR=str(folder / "conf")))
    assert (folder / "drill" / "truth.json").is_file()
    assert counted["runner"] == cluster.address
