"""Grounds to erase on: `data/erasure/grounds.toml`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

from whosaw.core.errors import WhosawError
from whosaw.packs.toml_file import load_toml

__all__ = ["Ground", "ground_of", "load_grounds"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """A ground, what it says, where laws have it, and whether it goes before a legal hold."""

    id: str
    says: str
    law: tuple[str, ...]
    over_hold: bool


@cache
def load_grounds() -> tuple[Ground, ...]:
    """All of them, in their order."""
    path = Path(str(files("whosaw"))) / "data" / "erasure" / "grounds.toml"
    return tuple(
        Ground(
            id=row["id"],
            says=row["says"],
            law=tuple(row["law"]),
            over_hold=bool(row.get("over_hold", False)),
        )
        for row in load_toml(path).data["ground"]
    )


def ground_of(name: str) -> Ground:
    """The ground of that id. Raises `WhosawError` where there is none."""
    known = {each.id: each for each in load_grounds()}
    if name not in known:
        told = "without a ground" if not name else f"on the ground {name!r}"
        raise WhosawError(
            "erase.ground", f"nobody is erased {told}", hint=f"Say one with --ground: {', '.join(known)}"
        )
    return known[name]
