"""A Spark session for a scan: where Spark is found, and what is said where it is not."""

from __future__ import annotations

import os
import re
import shutil
import signal
import sys
import warnings
from dataclasses import dataclass
from pathlib import Path
from threading import current_thread, main_thread
from typing import Any, Final

from whosaw.core.errors import WhosawError
from whosaw.core.extras import load_extra
from whosaw.core.pandas_out import let_pandas_in

__all__ = ["LOCAL", "RUNNERS", "Cluster", "check_runner", "open_cluster", "open_session"]

LOCAL: Final = "local"
RUNNERS: Final = "local, spark, spark://HOST:PORT, local[N], yarn, k8s://URL or sc://HOST:PORT"
_ADDRESS = re.compile(r"(?:spark|yarn|local\[(?:\d{1,4}|\*)(?:, ?\d{1,3})?\]|(?:spark|k8s|sc)://\S+)\Z")
_MISSING = WhosawError("runner.missing", "Spark is not installed here", hint="pip install 'whosaw[spark]'")
_PANDAS = "PySpark does not yet fully support pandas"


@dataclass(frozen=True, slots=True)
class Cluster:
    """A Spark session that tasks are given to, which ends with it where it is its `own`; without a session, the threads of this process."""

    session: Any = None
    own: bool = False

    @property
    def cores(self) -> int:
        """How many tasks it runs at once, as far as it says so; 8 where it does not."""
        try:
            return max(2, int(self.session.sparkContext.defaultParallelism))
        except Exception:  # noqa: BLE001  # Spark Connect has no context, and says so in its own way
            return 8

    def close(self) -> None:
        if self.own:
            self.session.stop()


def open_cluster(name: str) -> Cluster:
    """The cluster that a runner names. Raises `WhosawError` where it is not there."""
    return Cluster() if check_runner(name) == LOCAL else Cluster(*open_session(name))


def check_runner(name: str) -> str:
    """The name of a runner. Raises `WhosawError` where it is none."""
    if name != LOCAL and not _ADDRESS.match(name):
        raise WhosawError("runner.unknown", f"there is no runner {name!r}", hint=f"One of {RUNNERS}")
    return name


def open_session(name: str) -> tuple[Any, bool]:
    """The Spark session that a runner names, and whether it was made now; `spark` is the one that is open, or what Spark's own settings
    say. Raises `WhosawError` where there is no Spark, no Java, or no cluster at its address."""
    let_pandas_in()  # PySpark asks for it before it hands out a task
    # whosaw takes no frames from Spark, so that what pandas it likes does not matter
    warnings.filterwarnings("ignore", message=_PANDAS, category=FutureWarning)
    sql = load_extra("pyspark.sql", _MISSING)
    if (active := sql.SparkSession.getActiveSession()) is not None and name in ("spark", _master(active)):
        return active, False
    if active is not None:
        raise WhosawError(
            "runner.other",
            f"a Spark session of {_master(active)} is open in this process, and {name} is asked for",
            hint="Stop it first, or take --runner spark",
        )
    builder = sql.SparkSession.builder.appName("whosaw")
    connects = name.startswith("sc://") or (name == "spark" and bool(os.environ.get("SPARK_REMOTE")))
    if not connects:
        _require_java()
        builder = _classic(builder, name)
    elif name != "spark":
        builder = builder.remote(name)
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
            hint="pip install 'pyspark[connect]'",
        ) from fault
    except Exception as fault:
        raise WhosawError(
            "runner.no-cluster",
            f"no Spark answers at {name} ({type(fault).__name__})",
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


def _master(session: Any) -> str:
    return str(session.conf.get("spark.master", "spark"))


def _require_java() -> None:
    home = os.environ.get("JAVA_HOME")
    if (Path(home) / "bin" / "java").is_file() if home else shutil.which("java"):
        return
    raise WhosawError(
        "runner.no-java",
        "Spark needs Java, and there is none here",
        hint="Install Java 17 or later (Debian: default-jre-headless), or name its folder in JAVA_HOME",
    )
