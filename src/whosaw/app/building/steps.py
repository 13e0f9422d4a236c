"""The steps of the ledger, and the digest of the code of each."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Final

from whosaw.build.fact import Fact
from whosaw.build.step import Step
from whosaw.core.errors import WhosawError
from whosaw.packs.items import shipped
from whosaw.packs.toml_file import load_toml

from . import days, explaining, findings, sums

__all__ = ["STEPS", "codes"]

STEPS: Final[tuple[Step | Fact, ...]] = (
    *days.MAKERS,
    *explaining.MAKERS,
    *sums.MAKERS,
    *findings.MAKERS,
)


def codes(
    makers: Sequence[Step | Fact], lock: Path | None = None, installed: Callable[[str], str] = version
) -> Mapping[str, str]:
    """The digest of the code of each, from `steps.lock`; another one where a library that decides its rows has another version here
    than the lock was made with."""
    entries = load_toml(lock or shipped("steps.lock")).data
    found = {}
    for maker in makers:
        entry = entries.get(maker.name)
        if entry is None:
            raise WhosawError(
                "build.no-code",
                f"steps.lock says nothing of the step {maker.name}",
                hint="Install whosaw anew",
            )
        here = [f"{name} {installed(name)}" for name in (each.split()[0] for each in entry["libraries"])]
        told = "\n".join([entry["digest"], *sorted({*here} - {*entry["libraries"]})])
        found[maker.name] = (
            entry["digest"] if here == entry["libraries"] else hashlib.sha256(told.encode()).hexdigest()
        )
    return found
