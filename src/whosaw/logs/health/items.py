"""Items of log health: what is looked for, from which numbers on, and the cases that hold it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from whosaw.core.errors import Fault, FaultsError
from whosaw.packs.items import item_files, shipped
from whosaw.packs.table import Table

from .cases import Case, read_cases

__all__ = ["THRESHOLDS", "Check", "load_checks", "shipped_checks"]

THRESHOLDS: Final[Mapping[str, tuple[str, ...]]] = {
    "edited-after-intake": (),
    "file-lost": (),
    "gone-quiet": (
        "least_silence_minutes",
        "rarer_than",
        "times_before",
        "pause_times",
        "least_known_hours",
        "weeks_known",
        "days_known",
        "window_weeks",
    ),
    "out-of-order": ("least_step_seconds", "high_step_seconds"),
    "shrinking": ("below_percent", "rarer_than", "least_weeks", "window_weeks", "lasting_days"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One item. `thresholds` are whole numbers whose names say their unit; `rarer_than` is a power of ten."""

    id: str
    title: str
    why: str
    thresholds: Mapping[str, int]
    blind_spots: tuple[str, ...]
    cases: tuple[Case, ...]


def shipped_checks() -> Path:
    """The folder of the items that come with whosaw."""
    return shipped("log_health")


def load_checks(folders: Sequence[Path] | None = None) -> dict[str, Check]:
    """The items of `folders` by id, with their cases. None: those shipped, read once in a process, without. Raises `FaultsError` with every fault."""
    return dict(_shipped() if folders is None else _load(folders))


@cache
def _shipped() -> Mapping[str, Check]:
    return _load([shipped_checks()], cases=False)


def _load(folders: Sequence[Path], *, cases: bool = True) -> dict[str, Check]:
    faults: list[Fault] = []
    read = [_read(Table.of_item(file, faults), cases) for file in item_files(folders, faults, cases=cases)]
    if faults:
        raise FaultsError("health.invalid", faults)
    return {check.id: check for check in read}


def _read(table: Table, cases: bool) -> Check:
    if table.name not in THRESHOLDS:
        table.fault(f"id must be one of {', '.join(THRESHOLDS)}", "id")
    found = Check(
        id=table.name,
        title=table.text("title"),
        why=table.text("why"),
        thresholds=_thresholds(table.table("thresholds"), THRESHOLDS.get(table.name, ())),
        blind_spots=table.texts("blind_spots", some=True),
        cases=read_cases(table) if cases else (),
    )
    table.rest_unknown()
    return found


def _thresholds(table: Table, names: Sequence[str]) -> dict[str, int]:
    found = {name: table.integer(name) for name in names}
    table.rest_unknown()
    return found
