"""What is said beside an answer: nothing with --quiet, more with --verbose, and long answers page by page."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from tests.unit.cli.conftest import call

from whosaw.cli import loudness
from whosaw.cli.pager import paged, pager


def test_quiet_says_nothing_but_the_answer(fresh: Path) -> None:
    quiet = call("scan", "access.log", "--map", "map.toml", "--quiet")
    assert (quiet.exit_code, quiet.stderr) == (0, "")
    assert "60 lines = " in quiet.stdout
    assert "custody head" in call("scan", "access.log", "--map", "map.toml").stderr


def test_verbose_leads_to_the_row_of_an_error(fresh: Path) -> None:
    plain, loud = call("who", "7"), call("who", "7", "-v")
    assert len(plain.stderr.splitlines()) == 1
    assert loud.stderr.startswith(plain.stderr)
    assert loud.stderr.splitlines()[-1].startswith(f"whosaw: more: {loudness.ERRORS}#")
    page = (Path(__file__).resolve().parents[3] / "docs" / "reference" / "errors.md").read_text("utf-8")
    code = loud.stderr.splitlines()[-1].rpartition("#")[2]
    assert f'<span id="{code}"></span>`{code}`' in page


def test_what_one_command_was_told_does_not_hold_for_the_next(fresh: Path) -> None:
    call("who", "7", "-q", "-v")
    assert call("who", "7").stderr.count("\n") == 1
    assert not loudness.is_quiet()


@pytest.mark.parametrize(
    ("environment", "program"),
    [
        ({"WHOSAW_PAGER": "cat"}, None),
        ({"WHOSAW_PAGER": ""}, None),
        ({"PAGER": "no-such-program"}, None),
        ({"WHOSAW_PAGER": f"{sys.executable} -c pass", "PAGER": "cat"}, [sys.executable, "-c", "pass"]),
        ({"PAGER": f"'{sys.executable}'"}, [sys.executable]),
    ],
)
def test_the_pager_is_the_one_that_was_named(
    environment: dict[str, str], program: list[str] | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("WHOSAW_PAGER", "PAGER"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert pager() == program


def test_a_long_answer_goes_through_the_pager_on_a_terminal_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    read = tmp_path / "read"
    monkeypatch.setenv("WHOSAW_PAGER", f"sh -c 'cat > {read}'")
    for name in ("FORCE_COLOR", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    with capfd.disabled():
        stream = open(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")  # noqa: SIM115  # closed below
        monkeypatch.setattr(sys, "stdout", stream)
        monkeypatch.setattr(stream, "isatty", lambda: False, raising=False)
        with paged(wanted=True):
            assert not read.exists()
        monkeypatch.setattr(stream, "isatty", lambda: True, raising=False)
        with paged(wanted=True):
            os.write(stream.fileno(), b"an answer\n")
            assert os.environ["FORCE_COLOR"] == "1"  # what a pager shows is for a person, on a terminal
        assert "FORCE_COLOR" not in os.environ
        monkeypatch.setenv("NO_COLOR", "1")
        with paged(wanted=True):
            os.write(stream.fileno(), b"an answer\n")
            assert "FORCE_COLOR" not in os.environ
        with paged(wanted=False):
            pass
        stream.close()
    assert read.read_text() == "an answer\n"
