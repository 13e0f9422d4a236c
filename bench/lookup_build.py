"""What a table costs for each person: made from an address book of 100,000, and reckoned to a nation."""

from __future__ import annotations

import resource
import time
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
from tests.sending.shop import NOW, make_shop

from whosaw.app.lookup.build import build_table

__all__ = ["build"]

PEOPLE: Final = 100_000
NATION: Final = 37_550_000


def build(folder: Path, people: int = PEOPLE) -> dict[str, Any]:
    """Processor seconds and bytes for each person with a mail address and a telephone number."""
    (folder / "shop").mkdir()
    shop = make_shop(folder / "shop")
    numbers = np.arange(1, people + 1)
    book = pa.table(
        {
            "subject": pa.array([str(each) for each in numbers]),
            "email": pa.array([f"Person{each}@mail{each % 7}.Example.org" for each in numbers]),
            "phone": pa.array([f"010-{each // 10_000 % 10_000:04d}-{each % 10_000:04d}" for each in numbers]),
        }
    )
    pa_csv.write_csv(book, shop / "people.csv")

    def made() -> tuple[float, float, int, int]:
        began, worked = time.perf_counter(), time.process_time()
        told = build_table(
            shop / "case.toml", 2, shop / "t.lookup", workspace=shop / "ws", books=[shop / "people.csv"], now=NOW,
            table_key=shop / "t.lookup.key", country="KR",
        )  # fmt: skip
        taken = time.perf_counter() - began, time.process_time() - worked
        return (*taken, told.contacts, (shop / "t.lookup").stat().st_size)

    seconds, processor, contacts, size = min(made() for _ in range(3))
    if contacts < 2 * people:
        raise SystemExit(f"{contacts:,} contacts of {people:,} people")
    return {
        "people": people,
        "contacts": contacts,
        "seconds": round(seconds, 2),
        "processor_seconds": round(processor, 2),
        "processor_microseconds_each": round(1e6 * processor / people, 1),
        "table_bytes_each_contact": round(size / contacts, 1),
        "peak_megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "nation_people": NATION,
        "nation_processor_minutes": round(processor / people * NATION / 60, 1),
        "nation_gigabytes": round(size / contacts * 2 * NATION / 1e9, 2),
    }
