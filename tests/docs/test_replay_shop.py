"""Every rate, share and count of the replayed shop is argued for on its page."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from whosaw.replay.items import SHIPPED

PAGE = (Path(__file__).parents[2] / "docs" / "why" / "replay-shop.md").read_text(encoding="utf-8")
NAMED = re.compile(r"`([\w.*-]+)`")


def numbers_below(value: object, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The dotted places of numbers and of lists and tables of numbers; entries of a list stand for one another."""
    if isinstance(value, bool | str):
        return
    if isinstance(value, int | float):
        yield path
    elif isinstance(value, list):
        for each in value:
            yield from numbers_below(each, path)
    elif isinstance(value, dict):
        for key, each in value.items():
            yield from numbers_below(each, (*path, key))


def rates() -> list[tuple[str, str]]:
    item = tomllib.loads((SHIPPED / "shop.toml").read_text(encoding="utf-8"))
    return sorted({path[:2] for path in numbers_below(item)})


def argued() -> set[tuple[str, str]]:
    """The places that the first cells of the tables name; a name without a section is of the one named before it."""
    found: set[tuple[str, str]] = set()
    for line in PAGE.splitlines():
        if not line.startswith("| `"):
            continue
        section = ""
        for name in NAMED.findall(line.split("|")[1]):
            parts = name.replace("*.", "").split(".")
            section = parts[0] if len(parts) > 1 or not section else section
            found.add((section, parts[-1] if len(parts) > 1 or section != parts[0] else "*"))
    return found


@pytest.mark.parametrize(("section", "name"), rates())
def test_a_rate_of_the_shop_has_its_reason(section: str, name: str) -> None:
    assert argued() & {(section, name), (section, "*")}
