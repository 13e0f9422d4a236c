"""The steps of the ledger under a setup, and the digest of the code of each.

Some steps and kinds there are once for each clause, sign or grouping. What stands before the dot in their names they have in common: it is
their family, of which `steps.lock` has one entry.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from whosaw.actors import load_detectors, load_explanations
from whosaw.actors.context_schema import table_schemas
from whosaw.build.fact import Fact
from whosaw.build.step import Step
from whosaw.core.errors import WhosawError
from whosaw.packs.items import shipped
from whosaw.packs.toml_file import load_toml
from whosaw.store.kinds import KINDS, Kind

from . import days, explaining, findings, sums
from .setup import Setup

__all__ = ["codes", "family", "kinds_of", "shipped_steps", "steps_of"]


def steps_of(setup: Setup) -> tuple[Step | Fact, ...]:
    """All steps and facts that there are under this setup."""
    return (*days.MAKERS, *explaining.MAKERS, *sums.makers_of(setup), *findings.makers_of(setup))


def kinds_of(setup: Setup) -> Mapping[str, Kind]:
    """All kinds of runs that they read and keep."""
    return {**KINDS, **sums.kinds_of(setup)}


@cache
def shipped_steps() -> tuple[Step | Fact, ...]:
    """Those of the shipped items where every table of the context is given."""
    explanations = load_explanations()
    return steps_of(
        Setup(
            detectors=load_detectors(explanations),
            explanations=explanations,
            tables=frozenset(table_schemas()),
        )
    )


def family(name: str) -> str:
    """What a step has in common with those that differ in what they are asked about."""
    return name.partition(".")[0]


_installed = cache(version)


@cache
def _locked(lock: Path) -> Mapping[str, Any]:
    return load_toml(lock).data


def codes(
    makers: Sequence[Step | Fact], lock: Path | None = None, installed: Callable[[str], str] = _installed
) -> Mapping[str, str]:
    """The digest of the code of each, from `steps.lock`; another one where a library that decides its rows has another version here
    than the lock was made with."""
    entries = _locked(shipped("steps.lock")) if lock is None else load_toml(lock).data
    found = {}
    for maker in makers:
        entry = entries.get(family(maker.name))
        if entry is None:
            raise WhosawError(
                "build.no-code",
                f"steps.lock says nothing of the step {maker.name}",
                hint="Install whosaw anew",
            )
        here = [f"{name} {installed(name)}" for name in (each.split()[0] for each in entry["libraries"])]
        told = [entry["digest"], *sorted({*here} - {*entry["libraries"]})]
        if maker.name != family(maker.name):
            told.append(repr((maker.reads, maker.facts, maker.keeps if isinstance(maker, Step) else ())))
        found[maker.name] = (
            told[0] if len(told) == 1 else hashlib.sha256("\n".join(told).encode()).hexdigest()
        )
    return found
