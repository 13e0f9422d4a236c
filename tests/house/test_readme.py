"""The description of the package: its links and pictures hold where nothing lies beside it."""

from __future__ import annotations

import importlib.metadata
import os
import re
from pathlib import Path

import pytest
from tools.readme_hook import for_an_index

ROOT = Path(__file__).resolve().parents[2]
ADDRESS = re.compile(r'\]\(([^)]+)\)|src(?:set)?="([^"]+)"')


def test_every_link_and_picture_is_a_whole_address_of_a_file_that_is_there() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    told = for_an_index(readme)
    addresses = [one or other for one, other in ADDRESS.findall(told)]
    assert len(addresses) == len(ADDRESS.findall(readme)) >= 10
    for address in addresses:
        docs, source = (
            address.removeprefix(start)
            for start in (
                "https://whosaw.readthedocs.io/en/latest/",
                "https://github.com/whosaw/whosaw/blob/main/",
            )
        )
        if docs != address:
            assert (ROOT / "docs" / re.sub(r"\.html$", ".md", docs)).is_file(), address
        else:
            assert source != address
            assert (ROOT / source).is_file(), address


def test_other_addresses_are_left_as_they_are() -> None:
    assert (
        for_an_index("[a](https://example.org/docs/a.md) (b.md)")
        == "[a](https://example.org/docs/a.md) (b.md)"
    )


@pytest.mark.skipif(
    "WHOSAW_INSTALLED" not in os.environ, reason="what is installed here was not built from this tree"
)
def test_the_built_wheel_carries_that_text() -> None:
    told = importlib.metadata.metadata("whosaw")
    assert told["Description-Content-Type"] == "text/markdown"
    readme = for_an_index((ROOT / "README.md").read_text(encoding="utf-8"))
    assert str(told.get_payload()).strip() == readme.strip()
