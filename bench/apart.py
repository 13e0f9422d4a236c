"""A measurement in a process of its own, on a cluster where it needs one. What ends before its time ends the bench with one line."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any, Final

import pytest
from tests.runners import spark_cluster

__all__ = ["cluster_of", "end_as_asked", "told_by"]

_LOOK: Final = 0.5  # seconds between two looks at the cluster
_SETTINGS: Final = {
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.ui.enabled": "false",
}


def end_as_asked() -> None:
    """Have SIGTERM end this process as an error does, so that what it started ends, too."""
    signal.signal(
        signal.SIGTERM, lambda number, _: sys.exit(f"bench: ended by {signal.Signals(number).name}")
    )


@contextmanager
def cluster_of(
    folder: Path,
    workers: int,
    pins: Sequence[int] = (),
    more: Mapping[str, str] | None = None,
    port: int | None = None,
) -> Iterator[tuple[spark_cluster.Cluster, dict[str, str]]]:
    """A standalone cluster on loopback until the block ends, and the environment in which Spark knows its settings (`more` besides the usual
    ones). Raises `SystemExit` where it does not come up, as on a `port` that is taken."""
    (folder / "conf").mkdir(parents=True)
    text = "".join(f"{name} {value}\n" for name, value in {**_SETTINGS, **(more or {})}.items())
    (folder / "conf" / "spark-defaults.conf").write_text(text, encoding="utf-8")
    environment = {**os.environ, "SPARK_CONF_DIR": str(folder / "conf"), "SPARK_LOCAL_IP": "127.0.0.1"}
    with ExitStack() as stack:
        try:
            cluster = stack.enter_context(spark_cluster.started(folder, workers, pins, port=port))
        except (AssertionError, pytest.fail.Exception, pytest.skip.Exception) as fault:
            raise SystemExit(f"bench: there is no cluster: {fault}") from None
        yield cluster, environment


def told_by(
    words: Sequence[str], environment: Mapping[str, str], cluster: spark_cluster.Cluster | None = None
) -> dict[str, Any]:
    """The JSON object in the last line that `python -m WORDS` prints. Raises `SystemExit` where it fails, and where its cluster ends meanwhile."""
    out = None
    with subprocess.Popen(
        [sys.executable, "-m", *words], stdout=subprocess.PIPE, text=True, env=environment
    ) as process:
        try:
            while out is None:
                with suppress(subprocess.TimeoutExpired):
                    out, _ = process.communicate(timeout=_LOOK)
                if out is None and cluster is not None and (ended := cluster.ended):
                    raise SystemExit(f"bench: {ended[0]} while {words[0]} ran")
        finally:
            process.kill()
    if process.returncode:
        raise SystemExit(f"bench: {' '.join(words[:3])} ended with {process.returncode}")
    told: dict[str, Any] = json.loads(out.splitlines()[-1])
    return told
