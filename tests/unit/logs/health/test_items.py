"""A faulty item is refused with every fault and its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from whosaw.core.errors import FaultsError
from whosaw.logs.health import load_checks

BAD = """id = "out-of-order"
title = ""
why = "x"
colour = "red"
blind_spots = []

[thresholds]
least_step_seconds = 0
high_step_seconds = true

[[case]]
title = "a"
expect = "perhaps"
"""


def faults(folder: Path, name: str, text: str) -> list[str]:
    (folder / f"{name}.toml").write_text(text)
    with pytest.raises(FaultsError) as caught:
        load_checks([folder])
    assert all(fault.where.file is not None for fault in caught.value.faults)
    return sorted(fault.message for fault in caught.value.faults)


def test_every_fault_is_told_at_once(tmp_path: Path) -> None:
    assert faults(tmp_path, "out-of-order", BAD) == [
        "blind_spots is an empty list",
        "case.0.expect is 'perhaps'",
        "colour is not known here",
        "thresholds.high_step_seconds must be a whole number from 1 on, and is true",
        "thresholds.least_step_seconds must be a whole number from 1 on, and is 0",
        "title is empty",
    ]


def test_an_item_that_no_engine_knows_is_refused(tmp_path: Path) -> None:
    text = BAD.replace("out-of-order", "gone-loud")
    assert any(message.startswith("id must be one of ") for message in faults(tmp_path, "gone-loud", text))


def test_thresholds_that_are_missing_are_named(tmp_path: Path) -> None:
    text = BAD.replace("least_step_seconds = 0\n", "")
    assert "thresholds.least_step_seconds is missing" in faults(tmp_path, "out-of-order", text)
