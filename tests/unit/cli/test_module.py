"""`python -m whosaw` is the command, wherever its script is not on the path."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from tests.waiting import HANG

SCRIPT = (str(Path(sys.executable).parent / "whosaw"),)
MODULE = (sys.executable, "-m", "whosaw")


def ended(command: tuple[str, ...], folder: Path, *args: str) -> tuple[int, bytes, bytes]:
    done = subprocess.run([*command, *args], cwd=folder, capture_output=True, check=False, timeout=HANG)
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize(
    ("args", "code"),
    [
        (("--version",), 0),
        (("findings", "--json"), 0),
        (("findings", "--exit-code"), 1),
        (("who", "no-such-person", "--workspace", "nowhere"), 2),
    ],
    ids=["version", "done", "found", "failed"],
)
def test_it_says_and_ends_as_the_script_does(args: tuple[str, ...], code: int, made: Path) -> None:
    by_module = ended(MODULE, made, *args)
    assert by_module[0] == code, by_module
    assert by_module[1] or by_module[2]
    assert by_module == ended(SCRIPT, made, *args)


def test_usage_names_what_was_typed(made: Path) -> None:
    code, _, said = ended(MODULE, made, "who")
    assert code == 2
    assert b"python -m whosaw who" in said
