"""The shop, the breach and what they are like, as a person writes them: TOML items, checked in full before use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from whosaw.core.errors import WhosawError
from whosaw.packs.toml_file import load_toml

from .breach_checks import check_breach
from .breach_item import Breach
from .reading import Reading, finish, flat, parse_overrides
from .shop_checks import check_shop
from .shop_item import Shop

__all__ = [
    "SHIPPED",
    "Like",
    "breach_names",
    "breach_path",
    "like_names",
    "load_breach",
    "load_like",
    "load_replay",
    "load_shop",
    "parse_overrides",
]

SHIPPED = Path(__file__).parents[1] / "data" / "replay"
_BREACHES, _LIKES = SHIPPED / "breach", SHIPPED / "like"
Overrides = Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Like:
    """A published case or a habit of records: what differs from the shop item, and which breach goes with it.

    `shop` holds values by dotted name. `breach` is empty where any breach will do. `step` holds values of its
    breach's steps, by the step's id and dotted name.
    """

    id: str
    title: str
    about: str
    breach: str = ""
    shop: dict[str, object] = field(default_factory=dict)
    step: dict[str, dict[str, object]] = field(default_factory=dict)


def load_shop(overrides: Overrides | None = None, *, path: Path = SHIPPED / "shop.toml") -> Shop:
    """The shop item with those values changed, or `FaultsError` with every fault and its line or name."""
    shop, reading = _read_shop(overrides or {}, path)
    return finish(shop, reading)


def load_breach(
    shop: Shop, breach: str | Path = "forged-token", *, steps: Mapping[str, Overrides] | None = None
) -> Breach:
    """A breach item, by shipped id or path, that fits this shop, or `FaultsError` with every fault and its line."""
    item, reading = _read_breach(breach, steps or {})
    if item is not None:
        check_breach(item, shop, reading)
    return finish(item, reading)


def load_like(like: str | Path) -> Like:
    """What a shipped name or a file says the shop should be like; faults as in `load_shop`."""
    path = like if isinstance(like, Path) else _named(like, _LIKES, like_names(), "likeness")
    reading = Reading(load_toml(path, name=path.name))
    if isinstance(reading.file.data.get("shop"), dict):
        reading.file.data["shop"] = flat(reading.file.data["shop"])
    if isinstance(steps := reading.file.data.get("step"), dict):
        reading.file.data["step"] = {
            key: flat(value) for key, value in steps.items() if isinstance(value, dict)
        }
    item = reading.whole(Like)
    if item is not None and item.breach:
        reading.known(item.breach, breach_names(), "breach")
    return finish(item, reading)


def load_replay(
    *, breach: str | Path | None = None, like: str | Path | None = None, overrides: Overrides | None = None
) -> tuple[Shop, Breach | None]:
    """Shop and breach that fit one another, with every fault of both items and of all overrides at once.

    Later ones win: the shop item, the likeness, the breach's own shop values, `overrides`. Without a breach named,
    it is the likeness's; where that names none too, there is no breach.
    """
    likeness = load_like(like) if like is not None else None
    chosen: str | Path | None = (
        breach if breach is not None else (likeness.breach or None) if likeness else None
    )
    steps = likeness.step if likeness and chosen == likeness.breach else {}
    values: dict[str, object] = dict(likeness.shop) if likeness else {}
    if chosen is None:
        return load_shop(values | dict(overrides or {})), None
    item, breach_reading = _read_breach(chosen, steps)
    values |= item.shop if item is not None else {}
    shop, reading = _read_shop(values | dict(overrides or {}), SHIPPED / "shop.toml")
    if item is not None and shop is not None:
        check_breach(item, shop, breach_reading)
    return finish(shop, reading, breach_reading), item


def breach_names() -> list[str]:
    """The ids of the shipped breaches."""
    return sorted(path.stem for path in _BREACHES.glob("*.toml"))


def like_names() -> list[str]:
    """The ids of the shipped likenesses."""
    return sorted(path.stem for path in _LIKES.glob("*.toml"))


def breach_path(name: str) -> Path:
    """Where a shipped breach stands; `WhosawError` with the known names where there is none of that name."""
    return _named(name, _BREACHES, breach_names(), "breach")


def _named(name: str, folder: Path, known: list[str], what: str) -> Path:
    if name not in known:
        hint = f"Known: {', '.join(known)}"
        raise WhosawError("replay.unknown-name", f"no {what} is named {name!r}", hint=hint)
    return folder / f"{name}.toml"


def _read_shop(overrides: Overrides, path: Path) -> tuple[Shop | None, Reading]:
    reading = Reading(load_toml(path, name=path.name))
    for name, value in overrides.items():
        reading.override(name, value)
    shop = reading.whole(Shop)
    if shop is not None:
        check_shop(shop, reading)
    elif wrong := {fault.where.item for fault in reading.faults} & set(overrides):
        # what is of the wrong type is put aside, so that values out of range elsewhere are told in the same breath
        rest = {name: value for name, value in overrides.items() if name not in wrong}
        reading.faults += _read_shop(rest, path)[1].faults
    return shop, reading


def _read_breach(breach: str | Path, steps: Mapping[str, Overrides]) -> tuple[Breach | None, Reading]:
    path = breach if isinstance(breach, Path) else breach_path(breach)
    reading = Reading(load_toml(path, name=path.name))
    if isinstance(reading.file.data.get("shop"), dict):
        reading.file.data["shop"] = flat(reading.file.data["shop"])
    for step, values in steps.items():
        for name, value in values.items():
            reading.override(f"step.{step}.{name}", value)
    return reading.whole(Breach), reading
