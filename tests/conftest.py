"""In which order tests come."""

from __future__ import annotations

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Those that take long come first, so that at the end no worker waits while another one has one of them left."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)
