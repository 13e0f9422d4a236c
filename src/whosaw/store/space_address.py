"""Where the files of a workspace are: in its folder, unless a file there names a prefix of an object store. That file holds no secret."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from whosaw.core.canonical_json import canonical_json
from whosaw.core.errors import WhosawError

if TYPE_CHECKING:  # who has all files in the folder loads nothing of it
    from .objects.space import Space

__all__ = [
    "CACHE_BYTES",
    "MOVING",
    "NOWHERE_ELSE",
    "SPACE",
    "SpaceAddress",
    "moving_to",
    "space_in",
    "space_of",
]

SPACE: Final = "objects.json"
MOVING: Final = "objects.moving.json"
"""Where files are being moved to, from before the journal says so until the folder does."""
NOWHERE_ELSE: Final = b"{}"  # what stands there for the folder itself
CACHE_BYTES: Final = 20 << 30


@dataclass(frozen=True, slots=True, kw_only=True)
class SpaceAddress:
    """A prefix of an object store. `copy` is a number drawn when the files came there, which stands there too. `cache_bytes`: how much of
    it is kept on this machine, at most, between commands."""

    address: str
    copy: str
    cache_bytes: int = CACHE_BYTES

    def as_bytes(self) -> bytes:
        """As it stands in the folder."""
        return canonical_json(asdict(self))

    @property
    def of_all(self) -> str:
        """What all machines say alike, as the journal has it."""
        return canonical_json({"address": self.address, "copy": self.copy}).decode()


def space_in(root: Path) -> SpaceAddress | None:
    """Where the files of the workspace in `root` are; None for the folder itself."""
    return _read(root / SPACE)


def moving_to(root: Path) -> SpaceAddress | None:
    """What was written down of a move; None for the folder itself. There has to be one."""
    return None if (root / MOVING).read_bytes() == NOWHERE_ELSE else _read(root / MOVING)


def _read(path: Path) -> SpaceAddress | None:
    try:
        told = json.loads(path.read_bytes())
        return SpaceAddress(
            address=str(told["address"]), copy=str(told["copy"]), cache_bytes=int(told["cache_bytes"])
        )
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as fault:
        raise WhosawError(
            "workspace.damaged",
            f"{path} cannot be read, which says where the files are",
            hint="Restore it from a backup of this folder",
        ) from fault


@lru_cache(maxsize=8)
def space_of(address: str, copy: str) -> Space:
    """That prefix, opened once in a process."""
    from .objects.space import Space

    return Space(address, copy)
