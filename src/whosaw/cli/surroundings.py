"""What a command takes from its surroundings: the folder of its ledger, the time, and secrets."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, cast

__all__ = ["DEFAULT_WORKSPACE", "WORKSPACE", "now", "secret"]

DEFAULT_WORKSPACE: Final = Path("whosaw-data")  # the ledger of a command for which nothing names one
# none was named: `fail_clearly` fills in that of the project file, or the one above
WORKSPACE: Final = cast("Path", None)


def now() -> datetime:
    """The clock, read here and nowhere below."""
    return datetime.now(UTC)


def secret(variable: str, file: Path | None) -> str | None:
    """A secret from a file, or from the environment: never from an argument, which every user of the machine can list."""
    from whosaw.core.errors import WhosawError

    if file is None:
        return os.environ.get(variable)
    try:
        return file.read_text(encoding="utf-8").splitlines()[0].strip()
    except (OSError, UnicodeDecodeError, IndexError) as fault:
        raise WhosawError(
            "alert.secret-file",
            f"{file} cannot be read as a secret ({getattr(fault, 'strerror', None) or 'it is empty or no text'})",
            hint=f"Put the secret on its first line, or into {variable}",
        ) from fault
