"""Somebody who tries numbers from many addresses: how many answers leave before the brake holds, and when the warning comes."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import numpy as np

from bench.lookup_table import made_table
from whosaw.app.lookup.answering import Answering, FolderWay, Ways
from whosaw.core.instants import to_micros
from whosaw.lookup.limits import Limits
from whosaw.lookup.page_warnings import WarningFile
from whosaw.lookup.table import LookupTable
from whosaw.packs.contacts import Contact
from whosaw.store.lookup.lookup_store import ANSWERED, LookupStore

__all__ = ["Attack", "attacked", "harvest"]

START: Final = datetime(2026, 11, 25, 12, tzinfo=UTC)
NUMBERS: Final = 100_000_000  # of the kind 010-0000-0000


@dataclass(frozen=True, slots=True, kw_only=True)
class Attack:
    """So many numbers from so many addresses at so many a second; `known` is the share of numbers that are in the table. `browsers`: each
    request comes from a browser that opened the page before, and not from a program that only sends the form."""

    name: str
    numbers: int
    addresses: int
    a_second: float
    known: float
    browsers: bool = False


def attacked(folder: Path, attack: Attack, *, seconds: float | None = None) -> dict[str, Any]:
    """Let an attack happen on a clock of its own, for `seconds` (None: until all was asked)."""
    folder.mkdir(parents=True)
    dice = np.random.default_rng(1)
    asked = dice.choice(NUMBERS, attack.numbers, replace=False)
    known = asked[dice.random(attack.numbers) < attack.known]
    path, key = made_table(folder, [f"phone:+8210{each:08d}" for each in known.tolist()])
    table, store = LookupTable(path, key.read_bytes()), LookupStore(folder / "kept")
    at = START
    messages = folder / "messages"
    answering = Answering(
        table, store, folder / "kept", Ways(phone=FolderWay(messages)), Limits(), now=lambda: at
    )
    began = time.process_time()
    warning: float | None = None
    for second, batch in _seconds(asked.tolist(), attack.a_second):
        if seconds is not None and second > seconds:
            break
        at = START + timedelta(seconds=second)
        store.add(
            [
                answering.sealing.asked(
                    Contact(kind="phone", text=f"+8210{number:08d}"), address=_address(place % attack.addresses),
                    device=f"browser {place}" if attack.browsers else "", language="ko",
                    now=to_micros(at),
                )
                for place, number in batch
            ]
        )  # fmt: skip
        done = asyncio.run(answering.round())
        if done.warnings and warning is None:
            warning = (done.warnings[0].at - START).total_seconds()
    states = store.states()
    reported = WarningFile(folder / "kept", table.keys.secret("warnings")).read()
    told = {
        "numbers": attack.numbers,
        "addresses": attack.addresses,
        "a_second": attack.a_second,
        "known_share": attack.known,
        "browsers": attack.browsers,
        "answers": states.get(ANSWERED, 0),
        "messages": sum(1 for _ in messages.glob("*.json")),
        "warning_after_seconds": warning,
        "warnings": sorted({each.kind for each in reported}),
        "processor_seconds": round(time.process_time() - began, 1),
    }
    store.close()
    table.close()
    return told


def _seconds(numbers: list[int], a_second: float) -> Iterator[tuple[int, list[tuple[int, int]]]]:
    """What is asked in each second in which anything is."""
    start, second = 0, 0
    while start < len(numbers):
        second += 1
        stop = min(len(numbers), int(second * a_second))
        if stop > start:
            yield second, list(enumerate(numbers[start:stop], start))
        start = stop


def _address(number: int) -> str:
    """Each of a network of its own."""
    return f"{11 + number // 65_536}.{number // 256 % 256}.{number % 256}.7"


def harvest(folder: Path) -> dict[str, Any]:
    """A million numbers from 10,000 addresses: guessed at a thousand a second, and from a list that is all real; and slowly, for two hours."""
    attacks = (
        Attack(name="guessed", numbers=1_000_000, addresses=10_000, a_second=1_000, known=0.3755),
        Attack(name="all-real", numbers=1_000_000, addresses=10_000, a_second=1_000, known=1.0),
        Attack(name="slow-guessed", numbers=1_000_000, addresses=10_000, a_second=0.4, known=0.3755),
        Attack(
            name="slow-by-browsers",
            numbers=1_000_000,
            addresses=10_000,
            a_second=0.4,
            known=0.3755,
            browsers=True,
        ),
    )
    told = {}
    for each in attacks:
        most = (
            86_400 if each.a_second < 1 else None
        )  # a day of the slow one: the brake holds from its first minutes on
        told[each.name] = attacked(folder / each.name, each, seconds=most)
    return told
