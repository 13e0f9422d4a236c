"""The bench of the console: what it tells of what it measured, and that its bare page is one."""

from __future__ import annotations

from pathlib import Path

import httpx
from bench.console import bare, ninety_fifth, ninety_ninth, told
from tests.e2e.servers import free_port


def test_percentiles_are_times_that_were_measured() -> None:
    times = [float(each) for each in range(1, 101)]
    assert (ninety_fifth(times), ninety_ninth(times)) == (95.0, 99.0)
    assert (ninety_fifth([3.0]), ninety_ninth([3.0])) == (3.0, 3.0)
    assert ninety_fifth([1.0, 2.0]) == 2.0


def test_each_page_is_told_in_milliseconds_and_in_times_the_bare_one() -> None:
    found = told({"bare": [0.001, 0.002, 0.003], "page": [0.010, 0.020, 0.090]}, "bare")
    assert found["bare"] == {"median_ms": 2.0, "p95_ms": 3.0, "times_bare_median": 1.0, "times_bare_p95": 1.0}
    assert found["page"] == {
        "median_ms": 20.0,
        "p95_ms": 90.0,
        "times_bare_median": 10.0,
        "times_bare_p95": 30.0,
    }


def test_the_bare_page_has_fifty_rows(tmp_path: Path) -> None:
    with bare(tmp_path, free_port()) as address:
        assert httpx.get(address).text.count("<tr>") == 50
