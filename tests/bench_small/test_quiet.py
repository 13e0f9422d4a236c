"""A quiet shop over daily steps: what the bench makes of its counts, and the smallest one."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from bench.quiet import a_year, measure, mornings
from tools.quiet_section import quiet_section


@pytest.mark.parametrize(
    # exact limits of a Poisson mean at 95 %: Garwood, Biometrika 28 (1936), table of fiducial limits
    ("false", "low", "high"), [(0, 0.0, 3.689), (1, 0.0253, 5.572), (3, 0.619, 8.767), (10, 4.795, 18.39)],
)  # fmt: skip
def test_a_rate_has_the_limits_of_a_poisson_mean(false: int, low: float, high: float) -> None:
    rate = a_year([{"false": false, "days": 365.25}])
    assert rate == (false, pytest.approx(low, rel=1e-3), pytest.approx(high, rel=1e-3))
    assert a_year([{"false": false, "days": 365.25}] * 2)[0] == false


def test_the_oldest_logs_come_first_and_the_rest_at_once(tmp_path: Path) -> None:
    for name in ("app.log", "app.log.1", "app.log.2.gz", "app.log.3.gz"):
        (tmp_path / name).touch()
    told = [[each.name for each in logs] for logs in mornings([tmp_path], 4, 2)]
    assert told == [["app.log.3.gz"], ["app.log.2.gz"], ["app.log", "app.log.1"]]


def test_the_page_adds_shops_of_one_size_up() -> None:
    row = {"customers": 60, "days": 365, "daily": 30, "false": 1, "by_detector": {"number-walk": 1}}
    text = quiet_section([row, {**row, "false": 0, "by_detector": {}}])
    assert "| 60 | 365 | the first 30 | 2 | 1 | number-walk 1 | 0.50 | 0.01 and 2.79 |" in text
    assert quiet_section([]).startswith("Nothing was measured yet")


@pytest.mark.slow
@pytest.mark.skipif(
    not os.environ.get("WHOSAW_WIDE"), reason="WHOSAW_WIDE runs it; late logins are held always"
)
def test_a_quiet_shop_of_sixty_customers_is_quiet_on_each_of_its_first_mornings(tmp_path: Path) -> None:
    assert measure(0.003, 1, 45, tmp_path / "shop", daily=5)["false"] == 0
