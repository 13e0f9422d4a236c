"""Shares of a replay put together: who made them, and how often, makes no difference to what comes out."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from .context_tables import ContextTables
from .logs import ServiceFile
from .people import People
from .setting import Setting
from .shares import SHARES, DaysShare, Hands, LinesShare, Plan, Share, checked
from .truth.count import TruthAccount
from .truth.parts import take
from .write.rotation import LogFile

__all__ = ["gather"]

_MOST_DAYS = 7  # of a share: each makes the day before its own besides
_SHARES_A_HAND = 4


def gather(
    plan: Plan,
    setting: Setting,
    people: People,
    hands: Hands,
    account: TruthAccount,
    told: Callable[[int], None],
) -> list[ServiceFile]:
    """Have all days made, count them in `account`, and put their files where they belong; `told` hears how many days are there.

    What is held at once grows with customers and days, not with requests.
    """
    folder = plan.folder / SHARES
    folder.mkdir()
    shares = _shares(setting.calendar.days, hands.many)
    made = []
    for share, each in zip(shares, hands.make(plan, shares), strict=True):
        made.append(each)
        told(share.end)
    if again := _too_late(shares, made, setting):
        for at, each in zip(again, hands.make(plan, list(again.values())), strict=True):
            made[at] = each
    lines = [
        LinesShare(service=at, pieces=tuple(_pieces(made, at))) for at in range(len(setting.shop.service))
    ]
    for service, each in zip(setting.shop.service, hands.make(plan, lines), strict=True):
        checked(folder, each["kept"]).replace(plan.folder / "truth" / f"lines-{service.id}.parquet")
    files: list[ServiceFile] = []
    with ContextTables(setting, people, plan.folder / "context") as context:
        for each in made:
            take(account, checked(folder, each["account"]).read_bytes())
            for name, handle in (("logins", context.logins), ("tickets", context.tickets)):
                with checked(folder, each[name]).open("rb") as rows:
                    shutil.copyfileobj(rows, handle)
            files += [_placed(plan.folder, folder, file) for file in each["files"]]
        context.finish()
    shutil.rmtree(folder)
    return files


def _shares(days: int, hands: int) -> list[DaysShare]:
    many = max(1, min(_MOST_DAYS, days // (_SHARES_A_HAND * hands)))
    edges = [*range(0, days, many), days]
    return [DaysShare(first=first, end=end, back=min(1, first)) for first, end in pairwise(edges)]


def _too_late(
    shares: Sequence[DaysShare], made: Sequence[Mapping[str, Any]], setting: Setting
) -> dict[int, Share]:
    """By position, shares into which a day runs that was not made with them, with all days that do."""
    reach = {day: moment for each in made for day, moment in each["reach"]}
    again: dict[int, Share] = {}
    for at, share in enumerate(shares):
        start = setting.calendar.day_start(share.first)
        since = min((day for day in range(share.first) if reach[day] >= start), default=share.first)
        if since < share.first - share.back:
            again[at] = DaysShare(first=share.first, end=share.end, back=share.first - since)
    return again


def _pieces(
    made: Sequence[Mapping[str, Any]], service: int
) -> Iterator[tuple[str, tuple[tuple[str, int], ...]]]:
    for each in made:
        if (piece := each["lines"][service]) is not None:
            yield piece["kept"], tuple((name, many) for name, many in piece["files"])


def _placed(folder: Path, shares: Path, told: Mapping[str, Any]) -> ServiceFile:
    place = folder / told["folder"] / told["file"]["name"]
    place.parent.mkdir(exist_ok=True)
    os.replace(checked(shares, told["kept"]), place)
    return ServiceFile(service=told["service"], folder=told["folder"], file=LogFile(**told["file"]))
