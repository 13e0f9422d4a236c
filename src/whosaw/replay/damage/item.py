"""A damage item: what happens to the logs of a replay, in which order, as a person writes it, and every kind by name."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from whosaw.core.errors import WhosawError
from whosaw.packs.table import Table, dotted
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
    table = reading.top
    named = {key: table.text(key) for key in ("id", "title", "about")}
    read = [_damage(reading, each) for each in table.tables("damage", required=True)]
    table.rest_unknown()
    return finish(DamageItem(**named, damage=tuple(each for each in read if each is not None)), reading)


def _damage(reading: Reading, table: Table) -> Damage | None:
    name = table.text("kind", one_of=sorted(KINDS))
    if not name:
        return None
    damage = reading.filled(KINDS[name], table)
    if damage is not None:
        for key, message in damage.faults():
            table.fault(f"{dotted(table.at)}: {message}", key)
    return damage
