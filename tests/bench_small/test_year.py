"""A year of days: logs are rotated each night, each morning's scan is measured, and the page and its picture follow."""

from __future__ import annotations

import gzip
from pathlib import Path

from bench import year
from bench.year import growth, measure
from tools.year_section import year_picture, year_section


def test_each_night_adds_one_to_the_numbers_and_packs_the_second(tmp_path: Path) -> None:
    logs = {"access.log": "3", "access.log.1": "2", "access.log.2.gz": "1"}
    for name, text in logs.items():
        path = tmp_path / name
        path.write_bytes(gzip.compress(text.encode()) if name.endswith(".gz") else text.encode())
    year._night(tmp_path)
    told = {
        path.name: gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        for path in tmp_path.iterdir()
    }
    assert told == {"access.log.1": b"3", "access.log.2.gz": b"2", "access.log.3.gz": b"1"}


def test_each_morning_reads_the_lines_of_the_day_before(tmp_path: Path) -> None:
    mornings, customers = measure(0.02, tmp_path, days=4)
    assert (len(mornings), customers) == (4, 400)
    made = sum(path.read_bytes().count(b"\n") if path.suffix != ".gz" else gzip.decompress(path.read_bytes()).count(b"\n")
               for folder in ("web", "api", "edge", "office", "db") for path in (tmp_path / "replay" / folder).iterdir() if path.is_file())  # fmt: skip
    assert sum(each.lines for each in mornings) == made > 0
    assert all(each.lines and each.seconds > 0 for each in mornings)


def test_the_page_tells_of_the_first_and_the_last_month() -> None:
    mornings = [
        {"day": day, "lines": 700, "seconds": 2.0 if day < 300 else 2.5, "peak_bytes": 400_000_000, "findings": 0}
        for day in range(365)
    ]  # fmt: skip
    assert growth(mornings) == (2.0, 2.5)
    told = {"measured": "2026-12-04", "scale": 0.1, "customers": 2_000, "mornings": mornings}
    assert "took 2.00 s each in the middle, the last 28 took 2.50 s, 1.25 times as long" in year_section(
        told, "year.svg"
    )
    assert year_section({}, "year.svg").startswith("Nothing was measured yet")
    picture = year_picture(told)
    assert picture.startswith("<svg")
    assert picture == year_picture(told)
