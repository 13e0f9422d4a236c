"""A terminal that is too narrow for a table cuts no number: each row is told line by line."""

from __future__ import annotations

import io
import re

import pytest
from rich.console import Console

from whosaw.cli.console import row, table
from whosaw.report.fitting import Fitting
from whosaw.report.tables import files_table
from whosaw.report.view_model import FileView

FILES = [
    FileView(
        name=f"var/log/shop/access-{n}.log.gz", source="shop", lines=11_034 + n, events=9_150, rejects=1_884 + n,
        comments=0, continued=0, format="combined 100%",
    )
    for n in range(3)
]  # fmt: skip


def shown(what: object, width: int) -> str:
    out = io.StringIO()
    Console(file=out, width=width, color_system=None, legacy_windows=False).print(what)
    return out.getvalue()


@pytest.mark.parametrize("width", range(16, 101, 4))
def test_no_number_is_cut_at_any_width(width: int) -> None:
    text = shown(files_table(FILES), width)
    numbers = re.findall(r"(?<![\w,.-])\d[\d,]*(?![\w,.%-])", text)
    for file in FILES:
        for number in (file.lines, file.events, file.rejects):
            assert f"{number:,}" in numbers
    assert {"lines", "events", "rejects"} <= set(re.findall(r"[a-z]+", text))


def test_a_wide_terminal_shows_the_table_as_it_is() -> None:
    made = table("route", "views", numbers=("views",))
    row(made, "member", 11_034)
    assert shown(Fitting(made), 80) == shown(made, 80)


def test_bounds_are_numbers_too() -> None:
    made = table("category", "accounts", "views")
    row(made, "identity.name", "27 to 24,718", "at least 11,034")
    assert {"24,718", "11,034"} <= set(shown(Fitting(made), 20).split())
