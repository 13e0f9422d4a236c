"""The shop of `tests/sending` with a look-up table made once, and its page without a network."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from litestar.testing import TestClient
from tests.lookup.page import Page, open_page
from tests.sending.shop import NOW, Shop, make_shop

from whosaw.app.lookup.build import Built, build_table

BOOK = """\
subject,email,phone,post,born,guardian_email,deceased,saved_by
1,P1@Example.org,0712 345 678,,,,,
2,p2@example.org,,,,,,
3,,,Box 3 Nairobi,,,,
4,child@example.org,,,2016-01-01,parent@example.org,,
5,p5@example.org,,,,,yes,
6,p1@example.org,,,,,,
7,p7@example.org,,,,,,
9999,other@example.org,,,,,,
,aunt@example.org,,,,,,1
,Aunt@example.org,,,,,,9999
,uncle@example.org,,,,,,9999
"""


@pytest.fixture(scope="session")
def counted_shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = make_shop(tmp_path_factory.mktemp("lookup"))
    (folder / "people.csv").write_text(BOOK)
    (folder / "canaries.txt").write_text("canary@example.org\n+254 799 999 999\n")
    return folder


def built(folder: Path, **asked: object) -> Built:
    wanted = {
        "books": [folder / "people.csv"],
        "canaries": folder / "canaries.txt",
        "codes": folder / "codes.csv",
        **asked,
    }
    return build_table(
        folder / "case.toml",
        1,
        folder / "t.lookup",
        workspace=folder / "ws",
        now=NOW,
        table_key=folder / "t.lookup.key",
        **wanted,
    )  # type: ignore[arg-type]  # of a test


@pytest.fixture(scope="session")
def table_folder(counted_shop: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A shop with its table `t.lookup`."""
    folder = tmp_path_factory.mktemp("table") / "shop"
    shutil.copytree(counted_shop, folder)
    built(folder)
    return folder


@pytest.fixture
def shop(tmp_path: Path, counted_shop: Path) -> Shop:
    shutil.copytree(counted_shop, tmp_path / "shop")
    return Shop(root=tmp_path / "shop")


@pytest.fixture
def page(tmp_path: Path, table_folder: Path) -> Iterator[Page]:
    """The page of that table, with a folder for messages to telephones, and mail to nobody."""
    opened = open_page(table_folder, tmp_path)
    with TestClient(opened.app, base_url="http://leak.example.org") as client:
        yield opened.asked_by(client)
    opened.close()
