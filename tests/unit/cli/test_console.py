"""What stands in logs and names of files is shown as it stands."""

from __future__ import annotations

import io

import pytest

from whosaw.cli.console import print_table, row, say, table
from whosaw.cli.progress import bars, steps

NAME = "[/x] :key: [red]a.log"


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_line_is_shown_as_it_stands(capsys: pytest.CaptureFixture[str]) -> None:
    say(NAME)
    assert capsys.readouterr().out == f"{NAME}\n"


def test_a_cell_is_shown_as_it_stands(capsys: pytest.CaptureFixture[str]) -> None:
    shown = table("source")
    row(shown, NAME)
    print_table(shown)
    assert NAME in capsys.readouterr().out


def test_bars_show_names_as_they_stand(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = _Terminal()
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setattr("sys.stderr", terminal)
    with bars(quiet=False) as progress:
        progress.begin(1, 10)
        progress.reading(NAME, 10)
    with steps(quiet=False) as told:
        told(NAME, 1, 2)
    assert terminal.getvalue().count(NAME) >= 2
