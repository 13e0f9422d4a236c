"""What stands in logs and names of files is shown as it stands."""

from __future__ import annotations

import io

import pytest

from whosaw.cli import console
from whosaw.cli.console import print_table, row, say, table
from whosaw.cli.progress import bars, steps

NAME = "[/x] :key: [red]a.log"


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_line_is_shown_as_it_stands(capsys: pytest.CaptureFixture[str]) -> None:
    say(NAME)
    assert capsys.readouterr().out == f"{NAME}\n"


LONG = "  note: logs/web/access.log.1 and 1 more: the address is that of the connection"


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """Standard output that is a terminal of forty columns."""
    shown = _Terminal()
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setattr(console, "_out", console.Console(file=shown, highlight=False, emoji=False))
    return shown


def test_a_long_line_is_broken_between_words_on_a_terminal(terminal: io.StringIO) -> None:
    say(LONG)
    assert terminal.getvalue() == (
        "  note: logs/web/access.log.1 and 1\n    more: the address is that of the\n    connection\n"
    )


def test_what_fits_and_a_word_that_is_too_long_stay_as_they_are(terminal: io.StringIO) -> None:
    say("x" * 40)
    say("see " + "y" * 60)
    say("a  b")
    assert terminal.getvalue().splitlines() == ["x" * 40, "see", "  " + "y" * 60, "a  b"]


def test_where_a_program_reads_no_line_is_broken(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    say(LONG)
    assert capsys.readouterr().out == f"{LONG}\n"


def test_a_marked_piece_has_its_colour_and_nothing_else_has(
    terminal: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    say("f-1  [high]  [red]x", marks={"[high]": "bold red"})
    assert terminal.getvalue() == "f-1  \x1b[1m[high]\x1b[0m  [red]x\n"  # without colours it is bold alone


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


def test_a_question_is_broken_between_words_and_answered_on_its_last_line(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shown, asked = io.StringIO(), []
    monkeypatch.setattr(
        console, "_out", console.Console(file=shown, width=40, force_terminal=True, color_system=None)
    )

    def prompt(text: str, **given: object) -> str:
        asked.append((text, given["default"]))
        return "18:00-07:00"

    monkeypatch.setattr("typer.prompt", prompt)
    assert console.ask("Hours without traffic in mobile, such as 23:00-06:00; or none") == "18:00-07:00"
    assert console.ask("Name of the source a.log", "web", show_default=True) == "18:00-07:00"
    assert shown.getvalue().splitlines() == ["Hours without traffic in mobile, such"]
    assert asked == [("  as 23:00-06:00; or none: ", ""), ("Name of the source a.log [web]: ", "web")]
