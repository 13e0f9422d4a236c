"""What holds for the tests of the build: none waits for the disk."""

from __future__ import annotations

import pytest
from tests.build import toys


@pytest.fixture(autouse=True)
def _in_haste(monkeypatch: pytest.MonkeyPatch) -> None:
    toys.in_haste(monkeypatch.setattr)
