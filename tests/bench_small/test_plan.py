"""The plan for an archive: its arithmetic, done the other way round."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from bench.plan import HOUR, NATIONAL, WEIGHED, Prices, Rates, cost, measured, plan, weighed

RATES = Rates(
    bytes_a_line=200.0, read_seconds=1e-5, together_seconds=2e-6, written_bytes=80.0, shared_bytes=50.0, kept_bytes=160.0,
    spark=1.25,
)  # fmt: skip


def test_hours_of_all_cores_are_the_seconds_of_all_lines() -> None:
    few, many = plan(2e12, 10, RATES), plan(2e12, 40, RATES)
    assert few.lines == many.lines == 1e10
    assert few.reading * 10 * HOUR == pytest.approx(1e10 * 1e-5 * 1.25) == many.reading * 40 * HOUR
    assert few.together == many.together == pytest.approx(1e10 * 2e-6 / HOUR)  # more readers do not help it
    assert (few.written_bytes, few.shared_bytes, few.kept_bytes) == (8e11, 5e11, 1.6e12)


def test_each_price_is_paid_for_what_it_is_for() -> None:
    planned = plan(2e12, 10, RATES)

    def paid(**prices: float) -> float:
        return cost(planned, Prices(**prices), machine_cores=4, months=3, requests=5_000)

    assert paid() == 0
    assert paid(core_hour=1.0) == pytest.approx(planned.core_hours + 4 * (planned.reading + planned.together))
    assert paid(terabyte_month=1.0) == pytest.approx(1.6 * 3)
    assert paid(thousand_requests=1.0) == 5


def test_the_rates_are_those_that_were_measured() -> None:
    rates = measured()
    assert NATIONAL.is_file()
    assert WEIGHED.is_file()
    assert 0 < rates.shared_bytes < rates.written_bytes < rates.kept_bytes
    done = subprocess.run(
        [sys.executable, "-m", "bench.plan", "--cores", "8", "--core-hour", "1"], check=True, capture_output=True, text=True
    )  # fmt: skip
    assert '"cores": 8' in done.stdout


def test_what_reading_wrote_is_weighed(tmp_path: Path) -> None:
    log = tmp_path / "access.log"
    log.write_text(
        '192.0.2.7 - - [02/Nov/2026:10:00:00 +0000] "GET /members/4711 HTTP/1.1" 200 57 "-" "curl/8"\n' * 3
    )
    told = weighed(tmp_path / "w", [str(log)])
    files = sum(each.stat().st_size for each in (tmp_path / "w" / "files").rglob("*") if each.is_file())
    assert told["lines"] == 3
    assert set(told["bytes"]) == {"clients", "events", "identities", "vault"}
    assert 0 < sum(told["bytes"].values()) < files
