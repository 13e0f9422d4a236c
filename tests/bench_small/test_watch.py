"""The measurement of `whosaw watch`, small: it runs, and every finding arrives. How fast, `make bench` says."""

from __future__ import annotations

from pathlib import Path

import pytest
from bench import promises
from bench.promises import Size
from tests.wide import wide


@wide
@pytest.mark.slow
def test_every_finding_comes(tmp_path: Path) -> None:
    result = promises.watch(tmp_path, Size(watch_seconds=9, watch_rate=2_000))
    assert (
        int(result.parts["findings"]) >= 1
    )  # two, unless the machine stood still for the last seconds of writing
    assert result.value is not None, result.why
    assert result.value > 0
