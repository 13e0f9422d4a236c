"""Spark for tests, on loopback: a session in this process, and a cluster of Spark's own classes, whose executors can be killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyspark
from tests.e2e.servers import free_port, needed
from tests.waiting import HANG, wait_until

from whosaw.app.runners.session import open_session

__all__ = ["Cluster", "command_of", "connect_server", "end_session", "local_session", "parent_of", "started"]

_JARS = Path(pyspark.__file__).parent / "jars"
_OPENED = [
    f"--add-opens=java.base/{name}=ALL-UNNAMED"
    for name in (
        "java.lang",
        "java.lang.invoke",
        "java.net",
        "java.nio",
        "java.util",
        "sun.nio.ch",
        "java.io",
    )
]  # as Spark's own scripts start it


@contextmanager
def local_session(name: str, folder: Path) -> Iterator[Any]:
    """A session of this process, with the JVM behind it ended as well."""
    needed(Path("/usr/bin/java"), "default-jre-headless")
    known = {each: os.environ.get(each) for each in ("SPARK_LOCAL_IP", "SPARK_LOCAL_DIRS")}
    os.environ |= {"SPARK_LOCAL_IP": "127.0.0.1", "SPARK_LOCAL_DIRS": str(folder)}
    try:
        session, own = open_session(name)
        assert own
        try:
            yield session
        finally:
            end_session(session)
    finally:
        for key, value in known.items():
            if value is None:
                os.environ.pop(key, None)
            else:
                os.environ[key] = value


def end_session(session: Any) -> None:
    context = pyspark.SparkContext
    gateway: Any = context._gateway
    process = gateway.proc
    session.stop()
    gateway.shutdown()
    context._gateway, context._jvm = None, None
    process.stdin.close()
    process.wait(HANG)


@contextmanager
def connect_server(folder: Path, environment: Mapping[str, str]) -> Iterator[str]:
    """The address of a server of Spark Connect with two threads, whose workers have that environment besides."""
    needed(Path("/usr/bin/java"), "default-jre-headless")
    port, out = free_port(), folder / "connect.out"
    settings = {
        "spark.master": "local[2]",
        "spark.ui.enabled": "false",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.connect.grpc.binding.address": "127.0.0.1",
        "spark.connect.grpc.binding.port": str(port),
    }
    told = [f"-D{key}={value}" for key, value in settings.items()]
    with out.open("wb") as handle:
        process = subprocess.Popen(
            ["java", "-Xmx512m", f"-Djava.io.tmpdir={folder}", *_OPENED, *told, "-cp", f"{_JARS}/*", "org.apache.spark.sql.connect.service.SparkConnectServer"],
            stdin=subprocess.DEVNULL, stdout=handle, stderr=subprocess.STDOUT, env=_environment(folder) | dict(environment), cwd=folder,
        )  # fmt: skip
    try:
        wait_until(lambda: b"Spark Connect server started at" in out.read_bytes(), of=process)
        yield f"sc://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(HANG)


def _environment(folder: Path) -> dict[str, str]:
    return {
        **os.environ,
        "SPARK_LOCAL_IP": "127.0.0.1",
        "SPARK_LOCAL_DIRS": str(folder / "local"),
        "PYSPARK_PYTHON": sys.executable,
        "SPARK_HOME": str(_JARS.parent),
        "SPARK_SCALA_VERSION": "2.13",
    }


@dataclass
class Cluster:
    """A master and its workers, of one core each."""

    address: str
    folder: Path
    _processes: list[subprocess.Popen[bytes]]

    @property
    def workers(self) -> list[int]:
        """The processes of the workers, which start executors."""
        return [each.pid for each in self._processes[1:]]

    @property
    def ended(self) -> list[str]:
        """What of it has ended, a line each."""
        names = ["the master", *(f"worker {number + 1}" for number in range(len(self.workers)))]
        return [
            f"{name} (process {each.pid}) ended with {each.returncode}"
            for name, each in zip(names, self._processes, strict=True)
            if each.poll() is not None
        ]

    def executors(self) -> list[int]:
        """The processes that run tasks."""
        return [
            each
            for each in _all()
            if b"CoarseGrainedExecutorBackend" in command_of(each) and self._is_ours(each)
        ]

    def kill_executor(self) -> bool:
        """Kill one; False where there is none."""
        for each in self.executors():
            with suppress(ProcessLookupError):
                os.kill(each, signal.SIGKILL)
                return True
        return False

    def _is_ours(self, pid: int) -> bool:
        return (
            str(self.folder).encode() in command_of(pid)
            or self.address.encode() in command_of(pid)
            or any(parent_of(pid) == each.pid for each in self._processes)
        )


@contextmanager
def started(
    folder: Path, workers: int = 2, pins: Sequence[int] = (), *, port: int | None = None
) -> Iterator[Cluster]:
    """A cluster that runs until the block ends. `pins` holds each worker, with all that it starts, to a core. Its master listens at `port`, or at
    a free one. Raises `AssertionError` where a part of it ends before all are there."""
    needed(Path("/usr/bin/java"), "default-jre-headless")
    port = port or free_port()
    address = f"spark://127.0.0.1:{port}"
    cluster = Cluster(address, folder, [])
    environment = _environment(folder)

    def run(name: str, *arguments: str, pin: int | None = None) -> None:
        held = [] if pin is None else ["taskset", "-c", str(pin)]
        with (folder / "spark.out").open("ab") as out:
            process = subprocess.Popen(
                [*held, "java", "-Xmx256m", "-Dspark.deploy.maxExecutorRetries=-1", "-Dspark.port.maxRetries=0", f"-Djava.io.tmpdir={folder}", *_OPENED, "-cp", f"{_JARS}/*", name, *arguments],
                stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT, env=environment, cwd=folder,
            )  # fmt: skip
        cluster._processes.append(process)

    def told(words: str, times: int) -> bool:
        assert not cluster.ended, f"{cluster.ended[0]} at {address}"
        return (folder / "spark.out").read_bytes().count(words.encode()) >= times

    try:
        run(
            "org.apache.spark.deploy.master.Master",
            "--host",
            "127.0.0.1",
            "--port",
            str(port),
            "--webui-port",
            "0",
        )
        wait_until(lambda: told("I have been elected leader", 1))
        for number in range(workers):
            run(
                "org.apache.spark.deploy.worker.Worker", "--host", "127.0.0.1", "--cores", "1", "--memory", "1g",
                "--webui-port", "0", "--work-dir", str(folder / f"work-{number}"), address,
                pin=pins[number] if pins else None,
            )  # fmt: skip
        wait_until(lambda: told("Registering worker", workers))
        yield cluster
    finally:
        for process in reversed(cluster._processes):
            process.terminate()
        for process in cluster._processes:
            process.wait(HANG)


def _all() -> list[int]:
    return [int(each.name) for each in Path("/proc").iterdir() if each.name.isdigit()]


def command_of(pid: int) -> bytes:
    """The command line of a process, its words parted by zero bytes; empty where there is none."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def parent_of(pid: int) -> int:
    """Who started a process; 0 where it is gone."""
    try:
        return int(
            Path(f"/proc/{pid}/stat")
            .read_text(encoding="utf-8", errors="replace")
            .rpartition(")")[2]
            .split()[1]
        )
    except OSError:
        return 0
