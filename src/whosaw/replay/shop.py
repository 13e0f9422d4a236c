"""Makes the demo: a shop's logs and tables with a planted breach, and the truth beside them."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from whosaw.core.canonical_json import pretty_json
from whosaw.core.errors import WhosawError
from whosaw.core.instants import parse_instant

from .breach import make_breach
from .context_tables import map_text, write_context
from .items import load_breach, load_shop
from .log_text import torn_rows, write_logs
from .machines import make_machines, make_support
from .people import make_people
from .requests import Requests
from .setting import Calendar, Setting
from .truth import truth_of
from .visits import make_earlier_logins, make_visits

__all__ = ["MOST_SCALE", "Made", "make_demo"]

Progress = Callable[[str, int, int], None]
MOST_SCALE = 3.0  # above it the home network of the shop item has fewer addresses than there are households
_ORIGIN = "Made by whosaw demo. Every person, number, address, token and page in this folder is invented.\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """Where everything is. `truth` is what truth.json holds."""

    folder: Path
    logs: Path
    context: Path
    map: Path
    truth_path: Path
    truth: dict[str, Any]
    lines: int
    bytes: int  # of text, before packing
    customers: int
    first_view: datetime  # by the breach
    last_view: datetime


def _quiet(what: str, done: int, total: int) -> None:
    """Shows no progress."""


def make_demo(folder: Path, seed: int = 1, scale: float = 1.0, progress: Progress = _quiet) -> Made:
    """Write web/, context/, map.toml and truth.json into `folder`, which must not exist yet or be empty.

    The same seed and scale give the same bytes. `progress` is told (what, done, total). The folder appears
    under its name only when it is complete; on any failure nothing is left.
    """
    if not 0 < scale <= MOST_SCALE:
        hint = f"Use a number above 0, up to {MOST_SCALE:g}"
        raise WhosawError("replay.bad-scale", f"scale {scale:g} is out of range", hint=hint)
    if not 0 <= seed < 2**63:
        raise WhosawError("replay.bad-seed", "the seed is out of range", hint="Use a whole number from 0 up")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        hint = "Name a folder that does not exist, or remove this one"
        raise WhosawError("replay.exists", f"{folder} is there already", hint=hint)
    folder.parent.mkdir(parents=True, exist_ok=True)
    unfinished = folder.parent / f".{folder.name}.unfinished"
    # left behind when an earlier run was killed; never a finished folder
    shutil.rmtree(unfinished, ignore_errors=True)
    try:
        truth = _write_all(unfinished, seed, scale, progress)
        unfinished.rename(folder)
    except BaseException:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise
    return Made(
        folder=folder,
        logs=folder / load_shop().log.folder,
        context=folder / "context",
        map=folder / "map.toml",
        truth_path=folder / "truth.json",
        truth=truth,
        lines=truth["lines"]["total"],
        bytes=sum(file["bytes"] for file in truth["lines"]["files"]),
        customers=truth["shop"]["customers"],
        first_view=parse_instant(truth["breach"]["first_view"]),
        last_view=parse_instant(truth["breach"]["last_view"]),
    )


def _write_all(folder: Path, seed: int, scale: float, progress: Progress) -> dict[str, Any]:
    shop = load_shop()
    breach = load_breach(shop)
    setting = Setting(shop=shop, seed=seed, scale=scale, calendar=Calendar.of(shop))
    progress("customers", 0, 4)
    people = make_people(setting)
    progress("visitors", 1, 4)
    visits, logins = make_visits(setting, people)
    support, tickets, shifts = make_support(setting, people)
    progress("machines", 2, 4)
    machines = make_machines(setting)
    progress("breach", 3, 4)
    attack = make_breach(setting, breach, people)
    calendar = setting.calendar
    requests = Requests.joined([*visits, support, *machines, *attack], calendar.start, calendar.end)
    torn = torn_rows(setting, requests)
    files = write_logs(setting, requests, torn, folder / shop.log.folder, progress)
    earlier = make_earlier_logins(setting, people)
    write_context(setting, people, (earlier, logins, shifts), tickets, folder / "context")
    truth = truth_of(setting, breach, people, requests, torn=len(torn), files=files)
    (folder / "map.toml").write_text(map_text(shop), encoding="utf-8")
    (folder / "truth.json").write_text(pretty_json(truth) + "\n", encoding="utf-8")
    (folder / "ORIGIN").write_text(_ORIGIN, encoding="utf-8")
    return truth
