"""The measurement of `whosaw watch`, small: it runs, every finding arrives, and within reach of the promise."""

from __future__ import annotations

from pathlib import Path

import pytest
from bench import promises
from bench.promises import Size


@pytest.mark.slow
def test_findings_come_within_seconds_of_their_line(tmp_path: Path) -> None:
    result = promises.watch(tmp_path, Size(watch_seconds=15, watch_rate=5_000))
    assert int(result.parts["findings"]) >= 4
    assert result.value is not None, result.why
    # the processors are shared with other tests here; `make bench` holds the real limit of 5 s
    assert result.value < 20
