"""Fixtures of the chain tests."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.chain.shop_log import KEY, MAP


@pytest.fixture
def map_file(tmp_path: Path) -> Path:
    path = tmp_path / "map.toml"
    path.write_text(MAP)
    return path


@pytest.fixture
def new_root(tmp_path: Path) -> Callable[[str], Path]:
    """Makes workspaces that share one key, so that their digests can be compared."""

    def make(name: str) -> Path:
        root = tmp_path / name
        root.mkdir()
        (root / "vault.key").write_bytes(KEY)
        (root / "vault.key").chmod(0o600)
        return root

    return make
