"""No table is wider than the terminal, whatever its cells are: what is drawn beyond the edge is cut there."""

from __future__ import annotations

import io
import random

from rich.console import Console
from rich.segment import Segment
from rich.text import Text

from whosaw.cli.console import row, table
from whosaw.report.fitting import Fitting, hanging

WIDTHS = range(40, 121)


def _random_table(rand: random.Random) -> Fitting:
    names = [f"{'ab cdef'[: rand.randint(1, 7)]}{at}" for at in range(rand.randint(2, 8))]
    made = table(*names, numbers=[name for name in names if rand.random() < 0.4])
    for _ in range(rand.randint(1, 5)):
        row(made, *(_cell(rand) for _ in names))
    return Fitting(made)


def _cell(rand: random.Random) -> object:
    if rand.random() < 0.5:
        return rand.randint(0, 10**9)
    return " ".join("w" * rand.randint(1, 12) for _ in range(rand.randint(1, 9)))


def test_no_table_is_wider_than_the_terminal() -> None:
    for seed in range(600):
        rand = random.Random(seed)  # a test
        fitting, width = _random_table(rand), rand.choice(WIDTHS)
        console = Console(file=io.StringIO(), width=width, color_system=None)
        lines = Segment.split_lines(console.render(fitting, console.options))
        assert all(Segment.get_line_length(line) <= width for line in lines), (seed, width)


def test_a_text_that_would_run_down_a_narrow_column_is_told_in_lines_of_its_own() -> None:
    made = table("row", "Client", "First view", "Views", numbers=("Views",))
    row(
        made,
        "c47",
        "address 2***2, agent Mozilla/5.0 (X11; Linux x86_64; rv:136.0) Gecko/20100101 Firefox/136.0",
        "2025-03-03 13:03",
        4,
    )
    told = {}
    for width in (44, 120):
        console = Console(file=io.StringIO(), width=width, color_system=None)
        lines = Segment.split_lines(console.render(Fitting(made), console.options))
        told[width] = ["".join(piece.text for piece in line).rstrip() for line in lines]
    assert told[120][0].split() == ["row", "Client", "First", "view", "Views"]
    assert told[44][0] == "row: c47"
    assert told[44][1].startswith("  Client: address 2***2, agent")
    assert told[44][-1] == "  Views: 4"


def test_what_stands_in_a_second_column_goes_on_below_it() -> None:
    line = Text("  whosaw demo          a small shop with a planted breach, scanned and told")
    assert [each.plain for each in hanging(line, 60)] == [
        "  whosaw demo          a small shop with a planted breach,",
        "                       scanned and told",
    ]
    assert [each.plain for each in hanging(line, 40)] == [
        "  whosaw demo          a small shop",
        "    with a planted breach, scanned and",
        "    told",
    ]


def test_a_mask_stays_beside_its_number_and_two_words_in_brackets_together() -> None:
    told = [each.plain for each in hanging(Text("first persons: p7 (1***6), p8 (1***3), p9 (***)"), 33)]
    assert told == ["first persons: p7 (1***6),", "  p8 (1***3), p9 (***)"]
    told = [each.plain for each in hanging(Text("agent Firefox/136.0  (cannot tell)"), 30)]
    assert told == ["agent Firefox/136.0", "  (cannot tell)"]
