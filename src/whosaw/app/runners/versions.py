"""What decides the bytes of a segment besides its lines: the versions of whosaw and of the libraries that write it."""

from __future__ import annotations

import hashlib
import pickle
import sys
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from whosaw.core.errors import WhosawError
from whosaw.core.version import __version__

__all__ = ["check_versions", "unpickled", "versions"]

_LIBRARIES = ("duckdb", "pyarrow", "numpy", "backports.zstd")


@cache
def versions() -> dict[str, str]:
    """By name, the versions of this process. That of whosaw goes with a digest of its code, which a version alone does not tell."""
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    own = f"{__version__} ({_code()})"
    return {"python": python, "whosaw": own, **{name: version(name) for name in _LIBRARIES}}


def _code() -> str:
    top = Path(__file__).parents[2]
    digest = hashlib.sha256()
    for path in sorted(top.rglob("*.py")):
        digest.update(f"{path.relative_to(top)}\0".encode() + path.read_bytes())
    return digest.hexdigest()[:12]


def check_versions(wanted: dict[str, str], found: dict[str, str]) -> None:
    """Raise `WhosawError` where an executor has other ones than who sent the task."""
    other = [
        f"{name} {found.get(name, 'none')} instead of {here}"
        for name, here in wanted.items()
        if found.get(name) != here
    ]
    if other:
        raise WhosawError(
            "runner.versions",
            f"an executor has {', '.join(other)}",
            hint="Give the executors the same environment: other versions may write other bytes",
        )


def unpickled(data: bytes) -> Any:
    """What who sent the task packed. Raises `WhosawError` where its classes are others here."""
    try:
        return pickle.loads(data)  # noqa: S301  # from the driver, as the task itself
    except (AttributeError, ImportError) as fault:
        raise WhosawError(
            "runner.versions",
            "an executor has another whosaw than this machine",
            hint="Give the executors the same environment: other versions may write other bytes",
        ) from fault
