"""Installs the contenders that this project does not depend on: from PyPI into an environment of their own,
from Debian where the machine has apt-get and the caller may use it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

__all__ = ["install", "python_of"]

FROM_PYPI = ("polars==2.1.0", "chdb==4.4.0")  # named exactly: a figure is of one version
FROM_DEBIAN = ("lnav", "goaccess", "mawk")


def python_of(folder: Path) -> Path:
    """The Python of the environment in `folder`, whether it is there or not."""
    return folder / "bin" / "python"


def install(folder: Path) -> None:
    """Bring the environment in `folder` and the Debian packages up to what is named above.

    A registry that cannot be reached is said on stderr; the contender is then missing from the comparison.
    """
    mark = folder / "installed.txt"
    wanted = "\n".join((*FROM_PYPI, sys.version))
    if not mark.exists() or mark.read_text(encoding="utf-8") != wanted:
        print(f"installing {', '.join(FROM_PYPI)} into {folder}", flush=True)
        _run([sys.executable, "-m", "venv", "--clear", str(folder)])
        pip = [str(python_of(folder)), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        # one by one: a platform that has no build of one may have the other
        done = [_run([*pip, package]) for package in FROM_PYPI]
        if all(done):
            mark.write_text(wanted, encoding="utf-8")
    missing = [name for name in FROM_DEBIAN if shutil.which(name) is None]
    if missing and shutil.which("apt-get") and os.geteuid() == 0:
        print(f"installing {', '.join(missing)} with apt-get", flush=True)
        _run(["apt-get", "update", "--quiet", "--quiet"])
        _run(["apt-get", "install", "--quiet", "--quiet", "--yes", "--no-install-recommends", *missing])


def _run(command: list[str]) -> bool:
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    done = subprocess.run(command, check=False, stdout=subprocess.DEVNULL, env=env)
    if done.returncode != 0:
        print(f"bench.peers: {' '.join(command)} ended with {done.returncode}", file=sys.stderr)
    return done.returncode == 0
