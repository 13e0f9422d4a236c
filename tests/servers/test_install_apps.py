"""The script that installs what the applications are written with: what it says, how it ends, and what it asks for."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from tests.waiting import HANG

ROOT = Path(__file__).resolve().parents[2]
LISTS = {"python": "flask==1\n", "python-wide": "django==2\n", "node": "express@3\n", "node-wide": "koa@4\n"}


class Folder:
    """A copy of the script and its lists, with stand-ins for python and npm that write down what they are asked for."""

    def __init__(self, root: Path) -> None:
        self.root, self.path, self.calls = root, root / "path", root / "calls"
        for each in ("path", "tools", "tests/servers", ".build/servers"):
            (root / each).mkdir(parents=True)
        shutil.copy(ROOT / "tools" / "install_apps.sh", root / "tools")
        for name, text in LISTS.items():
            (root / "tests" / "servers" / f"{name}.txt").write_text(text)
        for name in ("sh", "cmp", "cp", "cat", "rm", "mkdir", "tail", "dirname", "chmod"):
            (self.path / name).symlink_to(shutil.which(name) or name)
        (root / "tools" / "find_python.sh").write_text("echo python\n")
        made = 'mkdir -p "$3/bin"; cp "$PATH/pip" "$3/bin/python"'
        self.program("python", f'case "$*" in "-m venv"*) {made} ;; esac')
        self.program("pip", 'echo "pip $*" >>calls')

    def program(self, name: str, body: str) -> None:
        (self.path / name).write_text(f"#!/bin/sh\n{body}\n")
        (self.path / name).chmod(0o755)

    def run(self, *words: str, ci: bool = False) -> tuple[int, str]:
        env = {"PATH": str(self.path), "CI": "true" if ci else "", "HOME": os.environ.get("HOME", "")}
        done = subprocess.run(
            ["sh", "tools/install_apps.sh", *words], env=env, cwd=self.root, capture_output=True, text=True,
            timeout=HANG, check=False,
        )  # fmt: skip
        return done.returncode, done.stdout + done.stderr

    def asked(self) -> list[str]:
        return self.calls.read_text().splitlines() if self.calls.exists() else []


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


def test_it_installs_once_and_then_says_nothing(folder: Folder) -> None:
    folder.program("npm", 'echo "npm $*" >>calls')
    assert folder.run(ci=True)[0] == 0
    pip, npm = folder.asked()
    assert pip.endswith("--requirement tests/servers/python.txt")
    assert npm.endswith(" express@3")
    assert folder.run(ci=True) == (0, "")
    assert len(folder.asked()) == 2


def test_the_wide_run_asks_for_more_and_keeps_what_is_there(folder: Folder) -> None:
    folder.program("npm", 'echo "npm $*" >>calls')
    assert folder.run()[0] == 0
    assert folder.run("wide")[0] == 0
    assert folder.asked()[-1].endswith(" express@3 koa@4")
    assert folder.asked()[-2].endswith("--requirement tests/servers/python-wide.txt")
    assert folder.run() == folder.run("wide") == (0, "")


@pytest.mark.parametrize(("ci", "code"), [(False, 0), (True, 1)])
def test_without_npm_it_says_so(folder: Folder, ci: bool, code: int) -> None:
    ended, said = folder.run(ci=ci)
    assert ended == code
    assert said.splitlines()[-1].startswith("install_apps: there is no npm here")
    assert ("will be skipped" in said) is not ci


@pytest.mark.parametrize(("ci", "code"), [(False, 0), (True, 1)])
def test_what_cannot_be_had_is_named_with_the_reason(folder: Folder, ci: bool, code: int) -> None:
    folder.program("npm", 'echo "npm error no such version" >&2; exit 1')
    ended, said = folder.run(ci=ci)
    assert ended == code
    assert "packages of node cannot be installed: npm error no such version" in said
