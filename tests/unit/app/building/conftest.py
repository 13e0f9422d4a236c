"""What holds for steps over ledgers in hand: none waits for the disk."""

from __future__ import annotations

import pytest
from tests.unit.app.building import by_steps


@pytest.fixture(autouse=True)
def _in_haste(monkeypatch: pytest.MonkeyPatch) -> None:
    by_steps.in_haste(monkeypatch.setattr)
