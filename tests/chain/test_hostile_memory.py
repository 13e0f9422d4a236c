"""Files made to fill the memory: each ends with one clear answer, below one gigabyte."""

from __future__ import annotations

import copy
import gzip
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.wide import WIDE, some

WHOSAW = Path(sys.executable).parent / "whosaw"
CEILING = 1_000_000  # kB
SHORT_LINES = (16 if WIDE else 8) << 20  # an object of Python for each is more than the ceiling
# A small process starts the command: a child begins with the peak of whoever starts it, and that of the tests may be large.
MEASURE = """
import os, subprocess, sys
process = subprocess.Popen(sys.argv[1:])
_, status, usage = os.wait4(process.pid, 0)
sys.stderr.write(f"{usage.ru_maxrss}\\n")
sys.exit(os.waitstatus_to_exitcode(status))
"""
LINE = '192.0.2.1 - - [{when} +0000] "GET /customers/{id}/addresses HTTP/1.1" 200 7 "-" "a"\n'


def newlines_packed(path: Path) -> None:
    path.write_bytes(gzip.compress(b"\n" * (64 << 20)))


def newlines(path: Path) -> None:
    path.write_bytes(b"\n" * (64 << 20))


def short_lines(path: Path) -> None:
    path.write_bytes(b"x\n" * SHORT_LINES)


def wide_table(path: Path) -> None:
    more = 50_000 - 3
    head = ",".join(["time", "address", "path", *(f"c{n}" for n in range(more))])
    rows = [f"2025-04-14T00:00:{n % 60:02}Z,192.0.2.1,/x" + ",v" * more for n in range(200)]
    path.write_text("\n".join([head, *rows]) + "\n")


def widest_table_that_is_read(path: Path) -> None:
    more = 1_024 - 3
    head = ",".join(["time", "address", "path", *(f"c{n}" for n in range(more))])
    rows = [f"2025-04-14T00:00:{n % 60:02}Z,192.0.2.1,/x" + "," * more for n in range(20_000)]
    path.write_text("\n".join([head, *rows]) + "\n")


def many_names(path: Path) -> None:
    more = {f"k{n}": n for n in range(10_000)}
    line = json.dumps({"time": "2025-04-14T00:00:01Z", "address": "192.0.2.1", "path": "/x", **more})
    path.write_text(f"{line}\n" * 200)


def one_member_under_many_names(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("access.log", LINE.format(when="14/Apr/2025:00:00:00", id=1) * 1_000)
        for number in range(4_999):
            again = copy.copy(made.filelist[0])
            again.filename = again.orig_filename = f"m{number}.log"
            made.filelist.append(again)
        made._didModify = True  # type: ignore[attr-defined]  # so that the directory is written


def year(number: int) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        lines = [LINE.format(when=f"14/Apr/2025:{n // 60:02}:{n % 60:02}:00", id=n) for n in range(1_400)]
        lines.insert(700, LINE.format(when=f"14/Apr/{number}:00:00:00", id=7))
        path.write_text("".join(lines))

    return write


@pytest.mark.parametrize(
    ("name", "write", "code", "rejects"),
    some(
        [
            ("newlines.log.gz", newlines_packed, 0, 0),
            ("newlines.log", newlines, 0, 0),
            ("short.log", short_lines, 2, SHORT_LINES),
            ("wide.csv", wide_table, 2, 201),
            ("widest.csv", widest_table_that_is_read, 0, 0),
            ("names.jsonl", many_names, 2, 200),
            ("bomb.zip", one_member_under_many_names, 2, None),
            ("year-9999.log", year(9999), 0, 1),
            ("year-1999.log", year(1999), 0, 1),
        ],
        of=4,
    ),
    ids=lambda each: each if isinstance(each, str) else " ",
)
def test_memory_stays_below_a_gigabyte(
    tmp_path: Path, name: str, write: Callable[[Path], None], code: int, rejects: int | None
) -> None:
    path = tmp_path / name
    write(path)
    said, told = tmp_path / "out.json", tmp_path / "told"
    arguments = [str(WHOSAW), "scan", str(path), "-w", str(tmp_path / "w"), "--json"]
    with said.open("w") as out, told.open("w") as error:
        measured = subprocess.run(
            [sys.executable, "-c", MEASURE, *arguments], stdout=out, stderr=error, check=False
        )
    *errors, most = told.read_text().splitlines()
    assert (measured.returncode, len(errors)) == (code, 1 if code else 0)
    assert int(most) < CEILING
    if rejects is None:
        return
    report = json.loads(said.read_text())
    (content,) = report["contents"]
    assert content["rejects"] == rejects
    assert content["lines"] == sum(content[key] for key in ("events", "rejects", "comments", "continued"))
    (source,) = report["coverage"]
    assert len(source["hours"]) < 48
