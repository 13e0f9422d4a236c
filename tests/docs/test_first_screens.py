"""What somebody sees first stands whole on a terminal of any usual width: no line is too long, no number is cut, every colour is one that
can be read on light and on dark."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from tests.forked import WARM, forking
from tests.wide import WIDE as EVERY
from tools import console
from tools.first_screens import FIRST, WIDE, WIDTHS, First, faults, prepare, shown
from tools.terminal import DARK, LIGHT, drawn

PROGRAM = (
    """
import os, sys, time
os.environ.clear()
os.environ.update({around!r})
time.tzset()
"""
    + WARM
    + """
from whosaw.cli import start

def run(arguments, folder, columns):
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.chdir(folder)
    os.environ["COLUMNS"] = str(columns)
    sys.argv = ["whosaw", *arguments]
    code = 0
    try:
        start.main()
    except SystemExit as end:
        code = end.code or 0
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
"""
)
# help is drawn by its library alone at any width; so is the narrowest one for every screen
SOME = WIDTHS if EVERY else WIDTHS[:1]
Run = Callable[[Sequence[str], Path, int], str]


@pytest.fixture(scope="module")
def run() -> Iterator[Run]:
    around = console.environment("/nowhere", in_tree=False) | {"TERM": "xterm-256color", "FORCE_COLOR": "1"}
    del around["NO_COLOR"], around["COLUMNS"]
    with forking(PROGRAM.format(around=around)) as process:
        yield lambda arguments, folder, columns: process.run(list(arguments), str(folder), columns).shown


@pytest.fixture(scope="module")
def shop(run: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("screens")
    prepare(folder, run)
    return folder


@pytest.mark.parametrize("first", FIRST, ids=lambda each: each.name)
def test_no_line_is_too_long_and_no_number_cut(first: First, shop: Path, run: Run) -> None:
    wide = shown(first, shop, WIDE, run)
    assert "Traceback" not in wide
    assert re.search(r"\w", wide)
    for columns in SOME:
        told = shown(first, shop, columns, run)
        assert list(faults(told, wide, columns)) == [], columns
        for scheme in (LIGHT, DARK):
            colours = set(re.findall(r'fill="(#[0-9a-f]{6})"', drawn(told, scheme, title=first.name)))
            assert colours <= {scheme.ground, scheme.ink, scheme.faint, *scheme.named.values()}


def test_what_is_cut_or_too_long_is_found() -> None:
    wide = "lines  11,034 of 2025-03-03\n"
    assert list(faults("lines\n  11,034 of 2025-03-03\n", wide, 22)) == []
    assert list(faults("lines  11,03 of 2025-03-03\n", wide, 40)) == [
        "no number of the wide screen: 11,03",
        "missing or cut: 11,034",
    ]
    assert list(faults("lines of 2025-03-03\n", wide, 40)) == ["missing or cut: 11,034"]
    assert list(faults("lines  11,034 of 2025-03-03\n", wide, 26)) == [
        "27 columns of 26: 'lines  11,034 of 2025-03-03'"
    ]
    assert list(faults("lines  11,\n034 of 2025-03-03\n", wide, 40)) == [
        "no number of the wide screen: 034", "no number of the wide screen: 11", "missing or cut: 11,034"
    ]  # fmt: skip
    assert list(faults("no login\ngiven 1\n", "no logins given 1\n", 40)) == ["missing or cut: logins"]
    assert list(faults("duplicates: 3\n", "dupl.\n3\n", 40)) == []
    assert list(faults("/a/word/without/any/blank\n", "/a/word/without/any/blank\n", 10)) == []
