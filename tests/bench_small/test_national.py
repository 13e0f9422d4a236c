"""Growth and extrapolation follow from what was measured, by arithmetic that can be done by hand."""

from __future__ import annotations

from typing import Any

import pytest
from bench.national import ARCHIVE_BYTES, document, extrapolated, growth
from tools.national_section import national_picture, national_section


def _size(scale: float, lines: int, *, text: bool = False, per_line: float = 1e-5) -> dict[str, Any]:
    found = {"seconds": lines * per_line / 8, "cpu_seconds": lines * per_line / 4, "peak_bytes": 2e9}
    read = {"seconds": lines * per_line / 2, "cpu_seconds": lines * per_line, "peak_bytes": 1e9}
    rest = {"seconds": lines * per_line / 8, "cpu_seconds": lines * per_line / 8, "peak_bytes": 2e9}
    return {
        "scale": scale,
        "text": text,
        "lines": lines,
        "seconds": lines * per_line,
        "seconds_per_million_lines": per_line * 1e6,
        "making_seconds": lines / 2e6,
        "making_cpu_seconds": lines / 1e6,
        "peak_bytes": 2_000_000_000,
        "log_bytes": lines * 10,
        "unpacked_bytes": lines * 100,
        "ledger_bytes": lines * 50,
        "phases": {"read": read, "index": rest, "counts": rest, "findings": found},
    }


def test_the_slope_of_a_power_is_its_exponent() -> None:
    assert growth([{"lines": 10, "seconds": 1.0}, {"lines": 1000, "seconds": 100.0}]) == pytest.approx(1)
    sizes = [{"lines": n, "seconds": n**1.5} for n in (10, 100, 5000)]
    assert growth(sizes) == pytest.approx(1.5)
    assert growth(sizes[:1]) is None


def test_an_archive_is_extrapolated_from_the_rate_of_one_core() -> None:
    far = extrapolated(_size(0.01, 1_000_000, text=True), 100.0, 2)
    # a line of 100 bytes at 10 µs of processor time: 100,000 lines a core second, 256 billion lines
    assert far["archive_lines"] == ARCHIVE_BYTES / 100
    assert far["lines_per_core_second"] == pytest.approx(100_000)
    assert far["core_seconds"] == pytest.approx(2_560_000)
    assert far["hours_by_cores"]["64"] == pytest.approx(2_560_000 / 64 / 3600)
    # the other half of the seconds of a line, 5 µs, on this machine
    assert far["brought_together_hours_on_this_machine"] == pytest.approx(5e-6 * 256e9 / 3600)


def test_the_section_says_what_was_reached_and_draws_it_the_same_way_twice() -> None:
    sizes = [
        _size(0.01, 4_000_000),
        _size(1.0, 400_000_000, per_line=1.2e-5),
        _size(0.01, 4_000_000, text=True),
    ]
    told = document(sizes)
    assert told["largest_per_line_against_hundredth"] == {
        "seconds": pytest.approx(1.2),
        "cpu_seconds": pytest.approx(1.2),
    }
    text = national_section(told, "national.svg")
    assert "takes 1.200 times as long as one at 0.01" in text
    assert "1.200 times the processor time" in text
    tables = [part for part in text.split("\n\n") if part.startswith("| scale")]
    assert all(len({row.count("|") for row in table.splitlines()}) == 1 for table in tables)
    # index and counts: an eighth of 4,800 s each
    assert "**not reached**; they took 1,200 s after 2,400 s of reading" in text
    # findings: an eighth of the seconds over half of them; a quarter of the processor seconds over all of them
    assert "0.25 (0.25)" in text
    assert "of their own" not in text
    told["sizes"][1]["apart"] = ["findings"]
    assert "At scale 1, findings ran in a process of their own" in national_section(told, "national.svg")
    assert "2,000,000 (1,000,000)" in text  # made in so many lines a second
    assert "![Seconds over lines, both in powers of ten](national.svg)" in text
    assert national_picture(told) == national_picture(told)


def test_one_size_says_nothing_about_growth() -> None:
    told = document([_size(0.001, 400_000)])
    assert "One size alone says nothing about growth." in national_section(told, "national.svg")
    assert "extrapolation" not in told


def test_a_size_without_findings_is_left_out_of_growth_and_compared_without_them() -> None:
    large = _size(1.0, 400_000_000)
    del large["phases"]["findings"]
    large["seconds"] = sum(each["seconds"] for each in large["phases"].values())
    told = document([_size(0.01, 4_000_000), large])
    assert told["slope"]["seconds"] is None
    assert told["largest_per_line_against_hundredth"]["seconds"] is None
    # 3/4 of the seconds of a line are those of reading, index and counts, at either size
    assert told["largest_per_line_against_hundredth_without_findings"]["seconds"] == pytest.approx(1)
    told = document([_size(0.001, 400_000), _size(0.01, 4_000_000), large])
    text = national_section(told, "national.svg")
    assert "At scale 1 looking for findings did not come to its end" in text
    assert "one of its lines takes 1.00 times as long as one at 0.01" in text
