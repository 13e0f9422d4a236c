"""The shop and the breach as a person writes them: two TOML items, checked in full before use."""

from __future__ import annotations

import re
from dataclasses import MISSING, dataclass, fields, is_dataclass
from datetime import date
from ipaddress import ip_network
from pathlib import Path
from types import UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from whosaw.core.errors import Fault, FaultsError
from whosaw.packs.toml_file import TomlFile, load_toml

from .breach_item import Breach
from .shop_item import Shop

__all__ = ["SHIPPED", "load_breach", "load_shop"]

SHIPPED = Path(__file__).parents[1] / "data" / "replay"
_CODE = "replay-item.invalid"
T = TypeVar("T")
_Path = tuple[str | int, ...]


@dataclass(slots=True)
class _Reading:
    """One file being turned into dataclasses; faults gather, nothing is raised before the end."""

    file: TomlFile
    faults: list[Fault]

    def wrong(self, message: str, path: _Path, hint: str = "") -> None:
        item = str(self.file.data.get("id", "")) or None
        self.faults.append(self.file.fault(_CODE, message, *path, item=item, hint=hint))

    def table(self, kind: type[T], value: object, path: _Path) -> T | None:
        if not isinstance(value, dict):
            self.wrong(f"{_dotted(path)} must be a table", path)
            return None
        hints = get_type_hints(kind)
        known = {field.name for field in fields(kind)}  # type: ignore[arg-type]  # callers pass dataclasses only
        for key in value:
            if key not in known:
                hint = f"Known: {', '.join(sorted(known))}"
                self.wrong(f"{_dotted((*path, key))} is not known", (*path, key), hint)
        filled: dict[str, Any] = {}
        before = len(self.faults)
        for field in fields(kind):  # type: ignore[arg-type]  # as above
            if field.name in value:
                filled[field.name] = self.value(hints[field.name], value[field.name], (*path, field.name))
            elif field.default is MISSING and field.default_factory is MISSING:
                self.wrong(f"{_dotted((*path, field.name))} is missing", path)
        return kind(**filled) if len(self.faults) == before else None

    def value(self, kind: Any, value: object, path: _Path) -> Any:
        origin, inner = get_origin(kind), get_args(kind)
        if origin is UnionType:
            return self.value(inner[0], value, path)
        if origin is tuple:
            if not isinstance(value, list):
                return self.wrong(f"{_dotted(path)} must be a list", path)
            return tuple(self.value(inner[0], entry, (*path, at)) for at, entry in enumerate(value))
        if origin is dict:
            if not isinstance(value, dict):
                return self.wrong(f"{_dotted(path)} must be a table", path)
            return {key: self.value(inner[1], entry, (*path, key)) for key, entry in value.items()}
        if is_dataclass(kind):
            return self.table(kind, value, path)  # type: ignore[arg-type]  # is_dataclass also covers instances
        if kind is float and type(value) is int:
            return float(value)
        if type(value) is not kind:
            names = {int: "a whole number", float: "a number", str: "a text", date: "a date (2025-03-03)"}
            return self.wrong(f"{_dotted(path)} must be {names.get(kind, kind.__name__)}", path)
        return value


def _dotted(path: _Path) -> str:
    return ".".join(str(part) for part in path) or "the file"


def _read(kind: type[T], path: Path) -> tuple[T | None, _Reading]:
    file = load_toml(path, name=path.name)
    reading = _Reading(file, [])
    return reading.table(kind, file.data, ()), reading


def _finish(item: T | None, reading: _Reading) -> T:
    if item is None or reading.faults:
        raise FaultsError(_CODE, reading.faults)
    return item


def load_shop(path: Path = SHIPPED / "shop.toml") -> Shop:
    """The shop item, or `FaultsError` with every fault and its line."""
    shop, reading = _read(Shop, path)
    if shop is not None:
        _check_shop(shop, reading)
    return _finish(shop, reading)


def load_breach(shop: Shop, path: Path = SHIPPED / "forged-token.toml") -> Breach:
    """A breach item that fits this shop, or `FaultsError` with every fault and its line."""
    breach, reading = _read(Breach, path)
    if breach is not None:
        _check_breach(breach, shop, reading)
    return _finish(breach, reading)


def _share(reading: _Reading, value: float, *path: str | int) -> None:
    if not 0 <= value <= 1:
        reading.wrong(f"{_dotted(path)} is {value}, a share lies between 0 and 1", path)


def _rising(reading: _Reading, values: tuple[int, ...], *path: str | int) -> None:
    if not values or min(values) < 0 or list(values) != sorted(values):
        reading.wrong(f"{_dotted(path)} must hold quantiles: rising, not below 0, at least one", path)


def _weights(reading: _Reading, values: tuple[float, ...], length: int | None, *path: str | int) -> None:
    if (length is not None and len(values) != length) or not values or min(values) < 0 or sum(values) <= 0:
        many = f"{length} weights" if length else "weights"
        reading.wrong(f"{_dotted(path)} must hold {many}, none below 0 and not all 0", path)


def _network(reading: _Reading, text: str, addresses: int, *path: str | int) -> None:
    try:
        network = ip_network(text)
    except ValueError as fault:
        reading.wrong(f"{_dotted(path)} is no network: {fault}", path)
        return
    if addresses < 1 or addresses > network.num_addresses - 2:
        reading.wrong(f"{_dotted(path)}: {addresses:,} addresses do not fit in {text}", path)


def _known(reading: _Reading, value: str, known: set[str], *path: str | int) -> None:
    if value not in known:
        reading.wrong(f"{_dotted(path)} names {value!r}", path, f"Known: {', '.join(sorted(known))}")


def _check_shop(shop: Shop, reading: _Reading) -> None:
    pages, keys = {page.id for page in shop.page}, {key.id for key in shop.key}
    groups = {agent.group for agent in shop.agent}
    if shop.span.days < 1 or shop.customers.count < 1 or shop.sessions.count < 1:
        reading.wrong("days, customers and sessions must be at least 1", ("span", "days"))
    if shop.customers.holes_per_customer < 0 or shop.customers.canaries < 0:
        reading.wrong("holes and canaries cannot be below 0", ("customers",))
    if not 0 < shop.sessions.remembered_days <= shop.sessions.logins_kept_days:
        reading.wrong(
            "logins must be kept at least as long as they are remembered", ("sessions", "logins_kept_days")
        )
    _weights(reading, shop.rhythm.hours, 24, "rhythm", "hours")
    _weights(reading, shop.rhythm.weekdays, 7, "rhythm", "weekdays")
    _weights(reading, shop.customers.household_shares, None, "customers", "household_shares")
    _weights(reading, shop.customers.others_in_book_shares, None, "customers", "others_in_book_shares")
    _weights(reading, tuple(shop.customers.jurisdictions.values()), None, "customers", "jurisdictions")
    for name in ("v6_share", "office_share", "changes_network_share"):
        _share(reading, getattr(shop.network, name), "network", name)
    for name in ("fresh_login_share", "wrong_password_share", "expired_share", "not_found_share"):
        _share(reading, getattr(shop.sessions, name), "sessions", name)
    _network(reading, shop.network.homes, 1, "network", "homes")
    _network(reading, shop.network.homes_v6, 1, "network", "homes_v6")
    _network(reading, shop.network.carrier, shop.network.carrier_addresses, "network", "carrier")
    _network(reading, shop.network.offices, 1, "network", "offices")
    for at, device in enumerate(shop.device):
        _share(reading, device.signed_in_share, "device", at, "signed_in_share")
        _share(reading, device.home_share, "device", at, "home_share")
        _rising(reading, device.pages, "device", at, "pages")
        _rising(reading, device.static_per_page, "device", at, "static_per_page")
        _rising(reading, device.think_ms, "device", at, "think_ms")
        _known(reading, device.key, keys, "device", at, "key")
        _known(reading, device.id, groups, "device", at, "id")
        _weights(reading, tuple(device.weights.values()), None, "device", at, "weights")
        for page in device.weights:
            _known(reading, page, pages, "device", at, "weights")
    for name in ("home", "product", "static", "login", "health", "support-customer"):
        _known(reading, name, pages, "page")
    _known(reading, shop.support.key, keys, "support", "key")
    _known(reading, "support", groups, "agent")
    if shop.log.torn_lines < 0 or shop.log.plain_files < 1:
        reading.wrong("torn_lines is not below 0, plain_files at least 1", ("log",))
    for name in ("folder", "name"):
        if not re.fullmatch(r"[A-Za-z0-9_-][A-Za-z0-9_.-]*", getattr(shop.log, name)):
            reading.wrong(f"log.{name} must be a plain file name", ("log", name))


def _check_breach(breach: Breach, shop: Shop, reading: _Reading) -> None:
    pools, pages = {pool.id for pool in breach.pool}, {page.id for page in shop.page}
    _known(reading, breach.key, {key.id for key in shop.key}, "key")
    for at, pool in enumerate(breach.pool):
        _network(reading, pool.network, pool.addresses, "pool", at, "network")
    for at, step in enumerate(breach.step):
        _known(reading, step.pool, pools, "step", at, "pool")
        _known(reading, step.walk, {"every-number", "customers"}, "step", at, "walk")
        for page in (step.page, *step.then):
            _known(reading, page, pages, "step", at, "page")
        for ratio in step.then.values():
            _share(reading, ratio, "step", at, "then")
        _share(reading, step.share, "step", at, "share")
        _share(reading, step.start, "step", at, "start")
        _rising(reading, step.pause_ms, "step", at, "pause_ms")
        _weights(reading, step.hours, 24, "step", at, "hours")
        if not 0 <= step.from_day < step.to_day <= shop.span.days:
            days = f"days {step.from_day} to {step.to_day}"
            reading.wrong(f"{days} lie outside the shop's", ("step", at, "from_day"))
        if step.block < 1 or step.rounds < 1 or step.at_most < 0:
            reading.wrong("block and rounds are at least 1, at_most is not below 0", ("step", at))
