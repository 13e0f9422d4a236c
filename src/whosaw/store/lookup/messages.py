"""A folder of messages for a program that hands them to a gateway: each whole under its name, or not there."""

from __future__ import annotations

import os
from pathlib import Path

from whosaw.core.errors import WhosawError

__all__ = ["put_message"]


def put_message(folder: Path, name: str, message: bytes) -> None:
    """Write `name`.json, flushed to disk before it has its name. What is written begins with a dot, so that no program takes a half of it."""
    temporary = folder / f".{name}.part"
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as handle:
            handle.write(message)
            handle.flush()
            os.fsync(handle.fileno())
        os.replace(temporary, folder / f"{name}.json")
    except OSError as fault:
        temporary.unlink(missing_ok=True)
        raise WhosawError(
            "lookup.messages",
            f"a message could not be put into {folder} ({fault.strerror})",
            hint="Free some space, or ask for the right to write there",
        ) from fault
