"""A Spark session for a scan: where Spark is found, and what is said where it is not."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import sys
import warnings
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from threading import current_thread, main_thread
from typing import Any, Final

from whosaw.core.errors import WhosawError
from whosaw.core.extras import load_extra
from whosaw.core.pandas_out import let_pandas_in
from whosaw.store.free_memory import keep_little

__all__ = ["LOCAL", "RUNNERS", "Cluster", "check_runner", "open_cluster", "open_session", "shown"]

LOCAL: Final = "local"
RUNNERS: Final = "local, spark, spark://HOST:PORT, local[N], yarn, k8s://URL or sc://HOST:PORT"
_ADDRESS = re.compile(r"(?:spark|yarn|local\[(?:\d{1,4}|\*)(?:, ?\d{1,3})?\]|(?:spark|k8s|sc)://\S+)\Z")
_MISSING = WhosawError("runner.missing", "Spark is not installed here", hint="pip install 'whosaw[spark]'")
_CONNECT = "sc://"
_CONNECT_PORT = 15002  # where an address names none
_ANSWER_SECONDS = 10.0  # PySpark tries for ten minutes to reach a Connect server that is not there
_PANDAS = "PySpark does not yet fully support pandas"


@dataclass(frozen=True)
class Cluster:
    """A Spark session that tasks are given to, which ends with it where it is its `own`; without a session, the threads of this process."""

    session: Any = None
    own: bool = False

    @cached_property
    def cores(self) -> int:
        """How many tasks it runs at once by its own word, at least 2."""
        if _endpoint(self.session) is None:
            return max(2, int(self.session.sparkContext.defaultParallelism))
        # Spark Connect has no context; a range of its own making has as many partitions as it would run at once
        parts = self.session.range(0, 1 << 16).selectExpr("spark_partition_id() AS part").distinct()
        return max(2, int(parts.count()))

    def close(self) -> None:
        if self.own:
            self.session.stop()


def open_cluster(name: str) -> Cluster:
    """The cluster that a runner names. Raises `WhosawError` where it is not there."""
    if check_runner(name) == LOCAL:
        return Cluster()
    keep_little()
    return Cluster(*open_session(name))


def check_runner(name: str) -> str:
    """The name of a runner. Raises `WhosawError` where it is none."""
    if name != LOCAL and not _ADDRESS.match(name):
        raise WhosawError("runner.unknown", f"there is no runner {name!r}", hint=f"One of {RUNNERS}")
    return name


def shown(name: str) -> str:
    """A runner as it may be read by others: an address of Spark Connect without what follows it, such as a token."""
    return _CONNECT + _address(name) if name.startswith(_CONNECT) else name


def open_session(name: str) -> tuple[Any, bool]:
    """The Spark session that a runner names, and whether it was made now; `spark` is the one that is open, or what Spark's own settings
    say. Raises `WhosawError` where there is no Spark, no Java, or no cluster at its address. An address of Spark Connect may carry a
    token, which no error repeats."""
    let_pandas_in()  # PySpark asks for it before it hands out a task
    # whosaw takes no frames from Spark, so that what pandas it likes does not matter
    warnings.filterwarnings("ignore", message=_PANDAS, category=FutureWarning)
    sql = load_extra("pyspark.sql", _MISSING)
    if (active := sql.SparkSession.getActiveSession()) is not None and _names(name, active):
        return active, False
    if active is not None:
        raise WhosawError(
            "runner.other",
            f"a Spark session of {_master(active)} is open in this process, and {shown(name)} is asked for",
            hint="Stop it first, or take --runner spark",
        )
    builder = sql.SparkSession.builder.appName("whosaw")
    remote = (
        os.environ.get("SPARK_REMOTE", "") if name == "spark" else name if name.startswith(_CONNECT) else ""
    )
    if remote.startswith(_CONNECT):
        _require_answer(remote)
        builder = builder.remote(remote)
    else:
        _require_java()
        if not remote:  # PySpark itself starts a server for SPARK_REMOTE=local
            builder = _classic(builder, name)
    answers = signal.getsignal(signal.SIGINT)
    try:
        session = builder.getOrCreate()
        if answers is not None and current_thread() is main_thread():
            signal.signal(
                signal.SIGINT, answers
            )  # PySpark puts its own there; what a command does then ends its jobs, too
    except ImportError as fault:  # Spark Connect needs more libraries
        raise WhosawError(
            "runner.missing",
            "Spark Connect needs libraries that are not installed",
            hint="pip install 'whosaw[spark]'",
        ) from fault
    except Exception as fault:
        raise WhosawError(
            "runner.no-cluster",
            f"no Spark answers at {shown(name)} ({type(fault).__name__})",
            hint="Look at its address and at what Spark said above",
        ) from fault
    return session, True


def _classic(builder: Any, name: str) -> Any:
    told = {"spark.ui.showConsoleProgress": "false", "spark.log.level": "ERROR"}
    if name != "spark":
        told["spark.master"] = name
    if name.startswith("local["):  # nobody else takes part
        told |= {
            "spark.ui.enabled": "false",
            "spark.driver.host": "127.0.0.1",
            "spark.driver.bindAddress": "127.0.0.1",
        }
    # PySpark looks here alone, and would else take the first python3 of the path
    os.environ["PYSPARK_PYTHON"] = os.environ.get("PYSPARK_PYTHON") or sys.executable
    for key, value in told.items():
        builder = builder.config(key, value)
    return builder


def _names(name: str, session: Any) -> bool:
    """Whether a runner of that name is the session that is open."""
    if name.startswith(_CONNECT):
        return _endpoint(session) == _address(name)
    return name in ("spark", _master(session))


def _master(session: Any) -> str:
    if (endpoint := _endpoint(session)) is not None:
        return _CONNECT + endpoint
    return str(session.conf.get("spark.master", "spark"))


def _endpoint(session: Any) -> str | None:
    """HOST:PORT of the Connect server behind a session; None where there is none."""
    client = getattr(session, "_client", None)
    # PySpark says it nowhere else
    return None if client is None else str(client._builder.endpoint)  # noqa: SLF001


def _address(name: str) -> str:
    """HOST:PORT of an address of Spark Connect."""
    bare = name.removeprefix(_CONNECT).partition("/")[0].partition(";")[0]
    return bare if re.search(r":\d+\Z", bare) else f"{bare}:{_CONNECT_PORT}"


def _require_answer(name: str) -> None:
    host, _, port = _address(name).rpartition(":")
    try:
        socket.create_connection((host.strip("[]"), int(port)), _ANSWER_SECONDS).close()
    except OSError as fault:
        raise WhosawError(
            "runner.no-cluster",
            f"no Spark Connect server answers at {shown(name)}",
            hint="Start one with sbin/start-connect-server.sh of Spark, or look at the address",
        ) from fault


def _require_java() -> None:
    home = os.environ.get("JAVA_HOME")
    if (Path(home) / "bin" / "java").is_file() if home else shutil.which("java"):
        return
    raise WhosawError(
        "runner.no-java",
        "Spark needs Java, and there is none here",
        hint="Install Java 17 or later (Debian: default-jre-headless), or name its folder in JAVA_HOME",
    )
