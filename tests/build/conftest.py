"""What holds for the tests of the build: none waits for the disk, and in toys, of few rows, a day is asked for where it is stale and nowhere else."""

from __future__ import annotations

import pytest
from tests.build import toys

from whosaw.build import pieces


@pytest.fixture(autouse=True)
def _in_haste(monkeypatch: pytest.MonkeyPatch) -> None:
    toys.in_haste(monkeypatch.setattr)
    monkeypatch.setattr(pieces, "_FEW_BETWEEN", -1)
