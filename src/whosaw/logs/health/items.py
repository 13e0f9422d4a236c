"""Items of log health: what is looked for, from which numbers on, and the cases that hold it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from whosaw.core.errors import Fault, FaultsError
from whosaw.packs.toml_file import TomlFile, load_toml

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
_KNOWN: Final = ("id", "title", "why", "blind_spots", "thresholds", "case")


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
    return Path(str(files("whosaw") / "data" / "log_health"))


def load_checks(folders: Sequence[Path] | None = None) -> dict[str, Check]:
    """The items of `folders` (None: those shipped, read once in a process) by id. Raises `FaultsError` with every fault."""
    return dict(_shipped() if folders is None else _load(folders))


@cache
def _shipped() -> Mapping[str, Check]:
    return _load([shipped_checks()])


def _load(folders: Sequence[Path]) -> dict[str, Check]:
    faults: list[Fault] = []
    found: dict[str, Check] = {}
    for folder in folders:
        for path in sorted(folder.glob("*.toml")):
            try:
                file = load_toml(path)
            except FaultsError as fault:
                faults.extend(fault.faults)
                continue
            check = _read(file, path.stem, faults)
            found[check.id] = check
    if faults:
        raise FaultsError("health.invalid", faults)
    return found


def _read(file: TomlFile, stem: str, faults: list[Fault]) -> Check:
    data = file.data

    def wrong(message: str, *path: str | int) -> None:
        faults.append(file.fault("item.invalid", message, *path, item=stem))

    if data.get("id") != stem or stem not in THRESHOLDS:
        wrong(f"id must be the name of the file and one of {', '.join(THRESHOLDS)}", "id")
    for key in ("title", "why"):
        if not (isinstance(data.get(key), str) and data[key].strip()):
            wrong(f"{key} must be a text", key)
    for key in data.keys() - set(_KNOWN):
        wrong(f"{key} is not known here", key)
    spots = data.get("blind_spots")
    if not (isinstance(spots, list) and spots and all(isinstance(spot, str) for spot in spots)):
        wrong("blind_spots must be a list of texts", "blind_spots")
        spots = []
    cases = read_cases(data.get("case"), wrong)
    return Check(
        id=stem,
        title=str(data.get("title", "")),
        why=str(data.get("why", "")),
        thresholds=_thresholds(data.get("thresholds", {}), THRESHOLDS.get(stem, ()), wrong),
        blind_spots=tuple(spots),
        cases=cases,
    )


def _thresholds(given: Any, names: Sequence[str], wrong: Any) -> dict[str, int]:
    if not isinstance(given, dict) or set(given) != set(names):
        wrong(f"thresholds must be {', '.join(names) or 'left out'}", "thresholds")
        return dict.fromkeys(names, 1)
    for name, value in given.items():
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            wrong(f"{name} must be a whole number from 1 on", "thresholds", name)
    return dict(given)
