"""How long recipients are frozen for, and how long `notice status` takes, as they get many."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
from tests.sending.shop import NOW, PEOPLE, Shop, make_shop

from whosaw.app.cases.making import make_version
from whosaw.app.findings.detection import load_detection
from whosaw.app.law.notices import plan_notices
from whosaw.app.scan import scan
from whosaw.app.sending.status import notice_status
from whosaw.report.draft_files import write_notices
from whosaw.store.sending.sending_store import SendingStore

__all__ = ["frozen", "status"]

_OTHERS: Final = 4_330_000 / 37_550_000  # who had no account in the largest case
_FIRST: Final = 1_000  # number of the first of many
_CHUNK: Final = 1 << 20
_VERSION: Final = 3
_SIGN: Final = "canary-hit"


def frozen(folder: Path, people: int) -> dict[str, Any]:
    """Processor seconds and memory of freezing so many, of whom the share of the largest case stands in address books alone."""
    (folder / "shop").mkdir()
    made = make_shop(folder / "shop")
    others = round(people * _OTHERS)
    _more_people(made, people - others)
    _book(made / "book.csv", people - others, others)
    done = subprocess.run(
        [sys.executable, "-m", "bench.telling_frozen", str(made)], check=True, capture_output=True, text=True
    )
    told: dict[str, Any] = json.loads(done.stdout)
    if not people <= told["recipients"] <= people + 2 * PEOPLE:
        raise SystemExit(f"{told['recipients']:,} recipients of {people:,} people")
    return {"people": people, "without_account": others, **told}


def _more_people(made: Path, many: int) -> None:
    """Version 3 of the case: the shop's own people and so many more, each seen once."""
    with open(made / "access.log", "ab") as log:
        for start in range(0, many, _CHUNK):
            at = np.arange(start, min(start + _CHUNK, many))
            second = (12 * 3600 + at * 40_000 // many).astype(np.int64)
            clock = [pc.utf8_lpad(pa.array(each).cast(pa.string()), 2, "0") for each in (second // 3600, second // 60 % 60, second % 60)]  # fmt: skip
            lines = pc.binary_join_element_wise(
                "192.0.2.77 - - [01/Oct/2026:", pc.binary_join_element_wise(*clock, ":"), ' +0000] "GET /customers/',
                pa.array(at + _FIRST).cast(pa.string()), ' HTTP/1.1" 200 7 "-" "okhttp"\n', "",
            )  # fmt: skip
            log.write(_bytes(lines))
    # the address is given: looking for more than the sign it bears would take most of the time of this measure
    whole = load_detection()
    few = replace(whole, detectors={name: each for name, each in whole.detectors.items() if name == _SIGN})
    with patch("whosaw.app.scan.load_detection", lambda: few):
        scan(
            [str(made / "access.log")],
            made / "ws",
            now=NOW,
            map_path=made / "map.toml",
            context=made / "context",
        )
    make_version(made / "ws", "spring", indicators=["address=192.0.2.77"], now=NOW)
    with open(made / "case.toml", "a", encoding="utf-8") as case:
        case.write(f"[[scope]]\nversion = {_VERSION}\n\n")
    plan = plan_notices(
        made / "case.toml",
        workspace=made / "ws",
        now=NOW,
        languages=["en", "sw"],
        places=["ke"],
        version=_VERSION,
    )
    write_notices(plan.drafts, made / "notices-3", ["eml", "txt"])


def _bytes(lines: pa.StringArray) -> bytes:
    """The strings behind each other."""
    _, offsets, values = lines.buffers()
    ends = np.frombuffer(offsets, np.int32)
    return memoryview(values)[ends[lines.offset] : ends[lines.offset + len(lines)]].tobytes()


def _book(path: Path, accounts: int, others: int) -> None:
    with open(path, "wb") as book:
        names = ("subject", "email", "language", "saved_by")
        writer = pa_csv.CSVWriter(book, pa.schema([(name, pa.string()) for name in names]))
        for start in range(0, accounts + others, _CHUNK):
            at = np.arange(start, min(start + _CHUNK, accounts + others))
            known = at < accounts
            number = pa.array(at + _FIRST).cast(pa.string())
            writer.write(
                pa.table(
                    {
                        "subject": pc.if_else(pa.array(known), number, None),
                        "email": pc.binary_join_element_wise("q", number, "@mail.example.org", ""),
                        "language": pc.if_else(pa.array(at % 7 == 0), "sw", "en"),
                        "saved_by": pc.if_else(pa.array(known), None, "1"),
                    }
                )
            )
        writer.close()


def _freeze(made: Path) -> dict[str, Any]:
    """Run in a process of its own, whose memory is that of freezing."""
    from whosaw.app.sending.freeze import freeze

    began, worked = time.perf_counter(), time.process_time()
    done = freeze(
        made / "case.toml",
        workspace=made / "ws",
        texts=made / "notices-3",
        books=[made / "book.csv"],
        channels=["e-mail", "letter"],
        minor_under=14,
        now=NOW,
        places=["ke"],
        languages=["en", "sw"],
        version=_VERSION,
    )
    seconds, processor = time.perf_counter() - began, time.process_time() - worked
    asked = time.perf_counter()
    (found,) = notice_status("spring", workspace=made / "ws", version=_VERSION)
    return {
        "recipients": done.manifest.recipients,
        "seconds": round(seconds, 1),
        "processor_seconds": round(processor, 1),
        "processor_microseconds_each": round(1e6 * processor / done.manifest.recipients, 2),
        "peak_megabytes": _peak_kilobytes() // 1024,
        "megabytes_on_disk": round(
            sum(each.stat().st_size for name in ("recipients", "addresses") for each in (made / "ws").rglob(f"*.{name}")) / 1e6, 1
        ),
        "status_seconds": round(time.perf_counter() - asked, 3),
        "adds_up": found.adds_up,
    }  # fmt: skip


def _peak_kilobytes() -> int:
    """Of this process alone: what `getrusage` tells begins with what the process had that started it."""
    told = Path("/proc/self/status").read_text(encoding="ascii")
    return int(re.findall(r"^VmHWM:\s*(\d+) kB$", told, re.MULTILINE)[0])


def status(folder: Path, people: int) -> dict[str, Any]:
    """Seconds that `notice status` takes over so many recipients, nine in ten of them with an attempt that was taken."""
    (folder / "shop").mkdir()
    shop = Shop(root=make_shop(folder / "shop"))
    shop.freeze()
    shop.release()
    store = SendingStore(shop.workspace)
    tried = people * 9 // 10
    driver = store._connection._driver  # noqa: SLF001  # 37 million attempts are made by the database itself
    with driver:
        (part,) = driver.execute("SELECT max(part) FROM part WHERE sending = 1").fetchone()
        driver.execute(
            'UPDATE part SET "rows" = ?, "next" = ? WHERE sending = 1 AND part = ?', (people, tried, part)
        )
        driver.execute(
            'INSERT INTO attempt (sending, part, "row", n, channel, state, handed, answered, code) '
            "WITH RECURSIVE at(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM at WHERE n + 1 < :tried) "
            "SELECT 1, :part, n, 1, 'e-mail', 'accepted', 1, 1, 250 FROM at",
            {"tried": tried, "part": part},
        )
        driver.execute("INSERT INTO tally VALUES (1, 'e-mail', 'accepted', ?)", (tried,))
    store.close()
    taken = []
    for _ in range(5):
        began, worked = time.perf_counter(), time.process_time()
        (found,) = notice_status("spring", workspace=shop.workspace)
        taken.append((time.perf_counter() - began, time.process_time() - worked))
        if found.told.sent != tried:
            raise SystemExit(f"{found.told.sent:,} sent of {tried:,}")
    return {
        "people": people,
        "attempts": tried,
        "seconds": round(max(each for each, _ in taken), 3),
        "processor_seconds": round(max(each for _, each in taken), 3),
        "gigabytes_on_disk": round((shop.workspace / "sending.sqlite").stat().st_size / 1e9, 2),
    }


if __name__ == "__main__":
    print(json.dumps(_freeze(Path(sys.argv[1]))))
