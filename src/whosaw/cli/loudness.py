"""How much a command says beside its answer: `--quiet` nothing, `--verbose` what it went by."""

from __future__ import annotations

import os
import sys
from typing import Any, Final

__all__ = ["ERRORS", "is_quiet", "is_verbose", "set_quiet", "set_verbose", "where_to_read"]

ERRORS: Final = "https://whosaw.readthedocs.io/en/latest/reference/errors.html"
_said: dict[str, bool] = {"quiet": False, "verbose": False}


def is_quiet() -> bool:
    """Whether nothing but the answer and errors is wanted."""
    return _said["quiet"]


def is_verbose() -> bool:
    """Whether it is to be said what a command went by, and where an internal error came from."""
    return _said["verbose"] or bool(os.environ.get("WHOSAW_TRACEBACK"))


def set_quiet(_ctx: Any, _option: Any, value: bool) -> bool:
    """Taken in as the command line is read."""
    _said["quiet"] = bool(value)
    return value


def set_verbose(_ctx: Any, _option: Any, value: bool) -> bool:
    """Taken in as the command line is read."""
    _said["verbose"] = bool(value)
    return value


def where_to_read(code: str) -> str:
    """The page that says more of an error, for a person; nothing where a program reads."""
    wanted = is_verbose() or (sys.stderr.isatty() and not is_quiet())
    return f"{ERRORS}#{code}" if wanted else ""
