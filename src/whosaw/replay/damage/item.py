"""A damage item: what happens to the logs of a replay, in which order, as a person writes it, and every kind by name."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from whosaw.core.errors import WhosawError
from whosaw.packs.toml_file import load_toml
from whosaw.replay.reading import Reading, finish

from .deleted_after_hold import DeletedAfterHold
from .delivered_again import DeliveredAgain
from .duplicated_lines import DuplicatedLines
from .lost_hours import LostHours
from .lost_month import LostMonth
from .missing_source import MissingSource
from .plan import Damage
from .rotated_field import RotatedField
from .skewed_clock import SkewedClock
from .torn_lines import TornLines

__all__ = ["KINDS", "DamageItem", "damage_names", "load_damage"]

_SHIPPED = Path(__file__).parents[2] / "data" / "replay" / "damage"
KINDS: dict[str, type[Damage]] = {
    kind.kind: kind
    for kind in (
        DeletedAfterHold,
        DeliveredAgain,
        DuplicatedLines,
        LostHours,
        LostMonth,
        MissingSource,
        RotatedField,
        SkewedClock,
        TornLines,
    )
}


@dataclass(frozen=True, slots=True, kw_only=True)
class DamageItem:
    """The whole item. Its damages befall the logs one after another: each meets what those before it left."""

    id: str
    title: str
    about: str
    damage: tuple[Damage, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Written:
    """The item before its kinds are known."""

    id: str
    title: str
    about: str
    damage: tuple[object, ...]


def damage_names() -> list[str]:
    """The ids of the shipped damages."""
    return sorted(path.stem for path in _SHIPPED.glob("*.toml"))


def load_damage(damage: str | Path) -> DamageItem:
    """A damage item, by shipped id or path, or `FaultsError` with every fault and its line."""
    if isinstance(damage, str) and damage not in damage_names():
        hint = f"Known: {', '.join(damage_names())}"
        raise WhosawError("replay.unknown-name", f"no damage is named {damage!r}", hint=hint)
    path = damage if isinstance(damage, Path) else _SHIPPED / f"{damage}.toml"
    reading = Reading(load_toml(path, name=path.name))
    written = reading.table(_Written, reading.data)
    entries = reading.data.get("damage")
    read = [
        _damage(reading, entry, at) for at, entry in enumerate(entries if isinstance(entries, list) else [])
    ]
    if isinstance(entries, list) and not entries:
        reading.wrong("damage must hold at least one", ("damage",))
    if written is None:
        return finish(None, reading)
    item = DamageItem(
        id=written.id,
        title=written.title,
        about=written.about,
        damage=tuple(each for each in read if each is not None),
    )
    return finish(item, reading)


def _damage(reading: Reading, entry: object, at: int) -> Damage | None:
    path = ("damage", at)
    if not isinstance(entry, dict) or not isinstance(entry.get("kind"), str):
        reading.wrong(f"damage.{at} must be a table that names its kind", path, _known())
        return None
    kind = KINDS.get(entry["kind"])
    if kind is None:
        reading.wrong(f"damage.{at}.kind names {entry['kind']!r}", (*path, "kind"), _known())
        return None
    settings = {name: value for name, value in entry.items() if name != "kind"}
    damage = reading.table(kind, settings, path)
    if damage is not None:
        for name, message in damage.faults():
            reading.wrong(f"damage.{at}: {message}", (*path, name))
    return damage


def _known() -> str:
    return f"Known: {', '.join(sorted(KINDS))}"
