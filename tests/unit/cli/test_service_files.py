"""The unit of systemd and the recipe of the image call commands that there are, with options that they take."""

from __future__ import annotations

import configparser
import json
import re
import shutil
import subprocess
from fnmatch import fnmatch
from pathlib import Path

import pytest
from typer.main import get_command

from whosaw.cli.main import app

SERVICE = Path(__file__).resolve().parents[3] / "examples" / "service"


def parses(words: list[str]) -> None:
    whole = get_command(app)
    context = whole.make_context("whosaw", list(words))
    name, command, rest = whole.resolve_command(context, list(words))
    command.make_context(name, rest, parent=context)


def test_the_unit_starts_a_watch_that_may_write_its_own_folder_alone() -> None:
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment]
    unit.read_string((SERVICE / "whosaw-watch.service").read_text("utf-8"))
    service = dict(unit["Service"])
    program, *words = service["ExecStart"].split()
    assert program.endswith("/whosaw")
    assert words[0] == "watch"
    parses(words)
    assert service["Environment"] == f"WHOSAW_WORKSPACE=/var/lib/{service['StateDirectory']}/ledger"
    assert (service["ProtectSystem"], service["NoNewPrivileges"], service["UMask"]) == (
        "strict",
        "yes",
        "0077",
    )
    assert service["KillSignal"] == "SIGTERM"


def test_the_console_is_started_behind_a_proxy_and_talks_to_this_machine_alone() -> None:
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment]
    unit.read_string((SERVICE / "whosaw-serve.service").read_text("utf-8"))
    service = dict(unit["Service"])
    program, *words = service["ExecStart"].split()
    assert program.endswith("/whosaw")
    assert (words[0], words[1]) == ("serve", "--behind-proxy")
    parses(words)
    assert (service["IPAddressDeny"], service["IPAddressAllow"]) == ("any", "localhost")
    assert service["Environment"] == f"WHOSAW_WORKSPACE=/var/lib/{service['StateDirectory']}/ledger"
    conf = (SERVICE / "nginx.conf").read_text("utf-8")
    assert f"server_name {words[2].removeprefix('https://')};" in conf
    assert "proxy_set_header X-Forwarded-Proto $scheme;" in conf


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not on this machine")
@pytest.mark.parametrize("unit", ["whosaw-watch.service", "whosaw-serve.service"])
def test_systemd_finds_no_fault_in_the_unit(unit: str, tmp_path: Path) -> None:
    """With a program where the unit names one, and without its pages of the manual, which are where the program is installed."""
    program = tmp_path / "whosaw"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    text = (SERVICE / unit).read_text("utf-8").replace("/opt/whosaw/bin/whosaw", str(program))
    (tmp_path / unit).write_text(text, "utf-8")
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", "--generators=no", str(tmp_path / unit)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_the_recipe_calls_the_console_with_options_that_it_takes() -> None:
    text = (SERVICE / "Containerfile").read_text("utf-8")
    found = re.search(r"whosaw-web (serve .*)$", text, re.MULTILINE)
    assert found is not None
    parses(found[1].split())


def test_the_image_runs_a_command_as_somebody_without_rights() -> None:
    text = (SERVICE / "Containerfile").read_text("utf-8")
    entry, command = (
        json.loads(re.search(rf"^{key} (\[.*\])$", text, re.MULTILINE)[1]) for key in ("ENTRYPOINT", "CMD")
    )  # type: ignore[index]
    assert entry == ["whosaw"]
    parses(command)
    assert re.search(r"^USER whosaw$", text, re.MULTILINE)
    assert text.index("USER whosaw") < text.index("ENTRYPOINT")


def test_the_image_is_made_of_what_the_wheel_needs_and_of_no_log_or_key() -> None:
    """What `COPY . /source` takes, by `.dockerignore`: the last pattern that a path or a folder above it fits decides."""
    root = SERVICE.parents[1]
    lines = (root / ".dockerignore").read_text("utf-8").splitlines()
    patterns = [line for line in lines if line and not line.startswith("#")]

    def taken(path: str) -> bool:
        kept = True
        parts = Path(path).parts
        names = ["/".join(parts[:end]) for end in range(1, len(parts) + 1)]
        for pattern in patterns:
            bare = pattern.removeprefix("!")
            if bare.startswith("**/"):
                fits = any(fnmatch(part, bare[3:]) for part in parts)
            else:
                fits = any(fnmatch(name, bare) and name.count("/") == bare.count("/") for name in names)
            if fits:
                kept = pattern.startswith("!")
        return kept

    makefile = (root / "Makefile").read_text("utf-8")
    sources = re.search(r"^SOURCES := \$\(shell find (.*?) -type f.*?\) (.*)$", makefile, re.MULTILINE)
    assert sources is not None
    folders, files = sources[1].split(), [*sources[2].split(), "constraints.txt"]
    needed = [
        *files,
        *(
            f"{each}/{name}"
            for each, name in zip(folders, ("whosaw/data/lock.json", "whosaw.1"), strict=True)
        ),
    ]
    assert len(needed) > 6
    assert [each for each in needed if not taken(each) or not (root / each).exists()] == []
    refused = [
        "whosaw-data/vault.key",
        "logs/access.log",
        ".git/config",
        "whosaw.toml",
        "tests/conftest.py",
        "src/whosaw/__pycache__/a.pyc",
        "tools/lock.py",
        ".build/venv/x",
    ]
    assert [each for each in refused if taken(each)] == []
