"""Where the project file of a folder is: asked by every command, of which few have one to read."""

from __future__ import annotations

from pathlib import Path
from typing import Final

__all__ = ["NAME", "find_project"]

NAME: Final = "whosaw.toml"


def find_project(start: Path) -> Path | None:
    """The project file of the folder `start` (absolute), or of the nearest folder above that has one."""
    return next((found for each in (start, *start.parents) if (found := each / NAME).is_file()), None)
