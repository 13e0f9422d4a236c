"""Makes a replay: a shop's logs and tables, with or without a breach, and the truth beside them.

Days are made one after another and written while the next one is made, so memory holds a few days at most, whatever
the size. The calling thread counts the truth, one thread makes days, two write. Or other hands make shares of some days
each; the bytes are the same.
"""

from __future__ import annotations

import errno
import shutil
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from threading import Event
from typing import Any

from whosaw.core.canonical_json import pretty_json
from whosaw.core.errors import WhosawError
from whosaw.core.instants import parse_instant

from .breach_item import Breach
from .context_tables import ContextTables
from .days import Days
from .disk_room import check_room, room_needed
from .gather import gather
from .logs import Logs, ServiceFile
from .map_text import map_text
from .people import People, make_people
from .setting import Setting, make_setting
from .shares import Hands, Plan
from .shop_item import Shop
from .truth.count import TruthAccount
from .truth.tables import LinesTable, write_seen
from .write.writers import formats_of

__all__ = ["Made", "make_replay"]

Progress = Callable[[str, int, int], None]
_WRITERS = 2
_PACKED_LINES = (
    1_000_000  # of more than so many no log is packed: packing takes several times as long as writing
)
_ORIGIN = "Made by whosaw replay. Every person, number, address, token and page in this folder is invented.\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """Where everything is. `truth` is what truth.json holds; the times are those of the breach's views, if any."""

    folder: Path
    logs: tuple[Path, ...]  # the folder of each service that has a log
    context: Path
    map: Path
    truth_path: Path
    truth: dict[str, Any]
    lines: int  # or events
    bytes: int  # of text before packing, or of Parquet
    customers: int
    first_view: datetime | None
    last_view: datetime | None


def _quiet(what: str, done: int, total: int) -> None:
    """Shows no progress."""


def make_replay(
    folder: Path,
    *,
    shop: Shop,
    breach: Breach | None,
    seed: int = 1,
    scale: float = 1.0,
    events: bool = False,
    formats: Mapping[str, str] | None = None,
    hands: Hands | None = None,
    progress: Progress = _quiet,
) -> Made:
    """Write a folder for each service's log, context/, map.toml, truth.json, truth.parquet and truth/lines-*.parquet.

    `folder` must not exist yet or be empty. `formats` says how services (by id) write in place of what the item says;
    `events` writes canonical events as Parquet in place of text. `hands` make it in place of threads of this process, and see `folder`
    under the same path. The same arguments give the same bytes. `progress` is
    told (what, done, total). The folder appears under its name only when it is complete; on any failure nothing is
    left. Raises `WhosawError` for a bad scale, seed, format or folder, and `replay.no-room`, before writing, where the
    plan does not fit the disk.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        hint = "Name a folder that does not exist, or remove this one"
        raise WhosawError("replay.exists", f"{folder} is there already", hint=hint)
    chosen = formats_of(shop, formats or {})
    setting = make_setting(shop, breach, seed, scale)
    progress("customers", 0, 1)
    people = make_people(setting)
    progress("customers", 1, 1)
    missing = _missing(folder.parent)
    folder.parent.mkdir(parents=True, exist_ok=True)
    unfinished = folder.parent / f".{folder.name}.unfinished"
    # left behind when an earlier run was killed; never a finished folder
    shutil.rmtree(unfinished, ignore_errors=True)
    try:
        packed = sum(room_needed(setting, people, chosen, events=events, packed=True).requests.values())
        is_packed = not events and packed <= _PACKED_LINES
        check_room(folder.parent, room_needed(setting, people, chosen, events=events, packed=is_packed))
        unfinished.mkdir()
        plan = Plan(
            folder=unfinished.resolve(), shop=shop, breach=breach, seed=seed, scale=scale, formats=chosen,
            events=events, packed=is_packed,
        )  # fmt: skip
        truth = _write_all(plan, setting, people, hands, progress)
        unfinished.rename(folder)
    except BaseException as fault:
        shutil.rmtree(unfinished, ignore_errors=True)
        for made in missing:
            made.rmdir()
        if isinstance(fault, OSError) and fault.errno == errno.ENOSPC:
            hint = "Free some space or use a smaller --scale; nothing was left behind"
            raise WhosawError("replay.no-room", "the disk is full", hint=hint) from fault
        raise
    return _made(folder, truth)


def _missing(folder: Path) -> list[Path]:
    """Folders that have to be made for this one, itself first."""
    return [each for each in (folder, *folder.parents) if not each.exists()]


def _write_all(
    plan: Plan, setting: Setting, people: People, hands: Hands | None, progress: Progress
) -> dict[str, Any]:
    folder, account, total = plan.folder, TruthAccount(setting, people), setting.calendar.days
    (folder / "truth").mkdir()
    if hands is None:
        files = _write_days(plan, setting, people, account, progress)
    else:
        files = gather(plan, setting, people, hands, account, lambda done: progress("writing", done, total))
    progress("truth", 0, 1)
    write_seen(folder / "truth.parquet", setting, people, account.actors.values())
    truth = account.told()
    truth["services"] = {
        service.id: {"folder": service.folder, "format": "events" if plan.events else name}
        for service, name in zip(setting.shop.service, plan.formats, strict=True)
    }
    truth["lines"] = {
        "total": account.requests,
        "attack": sum(actor["requests"] for actor in truth["actors"]),
        "files": [{"service": each.service, **asdict(each.file)} for each in files],
    }
    (folder / "map.toml").write_text(map_text(setting.shop, setting.breach), encoding="utf-8")
    (folder / "truth.json").write_text(pretty_json(truth) + "\n", encoding="utf-8")
    (folder / "ORIGIN").write_text(_ORIGIN, encoding="utf-8")
    progress("truth", 1, 1)
    return truth


def _write_days(
    plan: Plan, setting: Setting, people: People, account: TruthAccount, progress: Progress
) -> list[ServiceFile]:
    """All logs and the tables that grow with the days."""
    folder, files = plan.folder, list[ServiceFile]()
    days, stop = Days(setting, people), Event()
    total = setting.calendar.days
    with ExitStack() as stack:
        maker = stack.enter_context(ThreadPoolExecutor(1))
        writers = stack.enter_context(ThreadPoolExecutor(_WRITERS))
        stack.callback(stop.set)  # before the executors wait for what is under way
        logs = Logs(
            setting, folder, plan.formats, events=plan.events, packed=plan.packed, executor=writers, stop=stop
        )
        tables = tuple(
            stack.enter_context(LinesTable(folder / "truth" / f"lines-{service.id}.parquet"))
            for service in setting.shop.service
        )
        context = stack.enter_context(ContextTables(setting, people, folder / "context"))
        context.add("before", days.before)
        coming = maker.submit(days.next)
        writing: list[list[Future[ServiceFile]]] = []
        for day in range(total):
            whole = coming.result()
            if day + 1 < total:
                coming = maker.submit(days.next)
            carries = account.add(whole.traffic)
            writing.append(logs.write(whole, carries, tables))
            context.add(f"day {day}", whole.issued, whole.tickets)
            if len(writing) > 1:  # two days at most are being written
                files.extend(future.result() for future in writing.pop(0))
            progress("writing", day + 1, total)
        files.extend(future.result() for rest in writing for future in rest)
        context.finish()
    return files


def _made(folder: Path, truth: dict[str, Any]) -> Made:
    breach = [actor for actor in truth["actors"] if actor["kind"] == "breach" and actor["first_view"]]
    folders = dict.fromkeys(truth["services"][file["service"]]["folder"] for file in truth["lines"]["files"])
    return Made(
        folder=folder,
        logs=tuple(folder / name for name in folders),
        context=folder / "context",
        map=folder / "map.toml",
        truth_path=folder / "truth.json",
        truth=truth,
        lines=truth["lines"]["total"],
        bytes=sum(file["bytes"] for file in truth["lines"]["files"]),
        customers=truth["customers"],
        first_view=min((parse_instant(actor["first_view"]) for actor in breach), default=None),
        last_view=max((parse_instant(actor["last_view"]) for actor in breach), default=None),
    )
