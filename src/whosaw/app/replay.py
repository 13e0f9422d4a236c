"""Replays: listed, made, damaged, scored."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from whosaw.core.document import told_as
from whosaw.core.errors import WhosawError
from whosaw.packs.toml_file import load_toml
from whosaw.replay.damage.item import DamageItem, damage_names, load_damage
from whosaw.replay.damage.plan import Damage
from whosaw.replay.damage.replay_folder import read_replay
from whosaw.replay.damage.twin import make_twin
from whosaw.replay.items import breach_names, breach_path, like_names, load_like, load_replay, parse_overrides
from whosaw.replay.make import make_replay

from .runners.replays import ExecutorHands
from .runners.session import LOCAL

__all__ = ["Known", "KnownReplays", "MadeReplay", "Order", "damage_replay", "list_replays", "make"]

Told = Callable[[str, int, int], None]


def _quiet(what: str, done: int, total: int) -> None:
    """Shows no progress."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What replay somebody wants. Breach, likeness and damages are names of shipped items, or files."""

    breach: str | None = None
    like: str | None = None
    scale: float = 1.0
    seed: int = 1
    settings: Sequence[str] = ()  # KEY=VALUE, in place of what the shop item says
    events: bool = False
    formats: Mapping[str, str] = field(default_factory=dict)  # by service
    damages: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeReplay:
    """Where a replay is, and what a scan of it needs. Counts are of what is there now, after any damage."""

    folder: Path = field(metadata=told_as(form=str))
    breach: str | None
    seed: int
    scale: float
    customers: int
    days: int
    lines: int
    logs: tuple[Path, ...] = field(metadata=told_as(form=lambda logs: [str(each) for each in logs]))
    map: Path = field(metadata=told_as(form=str))
    context: Path = field(metadata=told_as(form=str))
    damages: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A shipped item of replays, as it is chosen by name."""

    id: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownReplays:
    """What a replay can be made of."""

    breaches: tuple[Known, ...]
    damages: tuple[Known, ...]
    likes: tuple[Known, ...]


def list_replays() -> KnownReplays:
    """The shipped breaches, damages and likenesses."""
    return KnownReplays(
        breaches=tuple(
            Known(id=name, title=str(load_toml(breach_path(name)).data["title"])) for name in breach_names()
        ),
        damages=tuple(Known(id=name, title=load_damage(name).title) for name in damage_names()),
        likes=tuple(Known(id=name, title=load_like(name).title) for name in like_names()),
    )


def make(folder: Path, order: Order, *, runner: str = LOCAL, progress: Told = _quiet) -> MadeReplay:
    """Make that replay in `folder`, which must not exist yet or be empty; with damages, the damaged twin alone.

    The same order gives the same texts. `runner` makes its days: threads of this process, or the executors of a Spark cluster that see
    `folder` under the same path; the bytes are the same. Damage is done here. Every fault of an item or setting is told before anything is written.
    """
    shop, breach = load_replay(
        breach=named(order.breach) if order.breach is not None else None,
        like=named(order.like) if order.like is not None else None,
        overrides=parse_overrides(order.settings),
    )
    damages, hands = [load_damage(named(each)) for each in order.damages], ExecutorHands.of(runner)
    whole = folder if not damages else folder.parent / f".{folder.name}.undamaged"
    if damages:
        _refuse_full(folder)
        shutil.rmtree(whole, ignore_errors=True)  # left behind when an earlier run was killed
    try:
        make_replay(
            whole,
            shop=shop,
            breach=breach,
            seed=order.seed,
            scale=order.scale,
            events=order.events,
            formats=order.formats,
            hands=hands,
            progress=progress,
        )
        if damages:
            make_twin(whole, folder, _together(damages), order.seed, progress)
    finally:
        if hands is not None:
            hands.close()
        if damages:
            shutil.rmtree(whole, ignore_errors=True)
    return made_at(folder)


def damage_replay(
    replay: Path, twin: Path, damages: Sequence[str], *, seed: int, progress: Told = _quiet
) -> MadeReplay:
    """Copy the replay into `twin`, which must not exist yet or be empty, and damage its logs."""
    if not damages:
        raise WhosawError(
            "replay.no-damage",
            "no damage was named",
            hint="Name one or more with --damage; `whosaw replay list`",
        )
    make_twin(replay, twin, _together([load_damage(named(each)) for each in damages]), seed, progress)
    return made_at(twin)


def named(text: str) -> str | Path:
    """A name of a shipped item, or the file that holds one."""
    return Path(text) if text.endswith(".toml") or "/" in text else text


def _together(items: Sequence[DamageItem]) -> list[Damage]:
    return [damage for item in items for damage in item.damage]


def _refuse_full(folder: Path) -> None:
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        hint = "Name a folder that does not exist, or remove this one"
        raise WhosawError("replay.exists", f"{folder} is there already", hint=hint)


def made_at(folder: Path) -> MadeReplay:
    """What stands in a finished replay."""
    found = read_replay(folder)
    told = found.truth
    account = folder / "damage.json"
    kinds = [each["kind"] for each in json.loads(account.read_bytes())["damage"]] if account.exists() else []
    folders = sorted({folder / service.folder for service in found.services})
    return MadeReplay(
        folder=folder,
        breach=told["breach"],
        seed=told["seed"],
        scale=told["scale"],
        customers=told["customers"],
        days=told["days"],
        lines=sum(file.lines for service in found.services for file in service.files),
        logs=tuple(each for each in folders if each.is_dir()),
        map=folder / "map.toml",
        context=folder / "context",
        damages=tuple(kinds),
    )
