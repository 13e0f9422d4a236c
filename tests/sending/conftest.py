"""The shop of `shop.py`, made once and copied for each test."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from tests.sending.shop import Shop, make_shop


@pytest.fixture(scope="session")
def made_shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_shop(tmp_path_factory.mktemp("shop"))


@pytest.fixture
def shop(tmp_path: Path, made_shop: Path) -> Shop:
    shutil.copytree(made_shop, tmp_path / "shop")
    return Shop(root=tmp_path / "shop")


@pytest.fixture(scope="session")
def frozen_shop(tmp_path_factory: pytest.TempPathFactory, made_shop: Path) -> Path:
    folder = tmp_path_factory.mktemp("frozen") / "shop"
    shutil.copytree(made_shop, folder)
    shop = Shop(root=folder)
    shop.freeze()
    shop.release()
    return folder


@pytest.fixture
def ready(tmp_path: Path, frozen_shop: Path) -> Shop:
    """The usual book is frozen and every wave released."""
    shutil.copytree(frozen_shop, tmp_path / "shop")
    return Shop(root=tmp_path / "shop")
