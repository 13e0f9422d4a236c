"""The script that installs the servers: what it says, how it ends, and that it leaves nothing behind."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from tests.waiting import HANG

SCRIPT = Path(__file__).resolve().parents[2] / "tools" / "install_servers.sh"
PROGRAMS = (
    "usr/sbin/nginx", "usr/sbin/apache2", "usr/lib/postgresql/17/bin/initdb",
    "usr/lib/postgresql/17/lib/pgaudit.so", "usr/bin/chromium", "usr/sbin/postfix",
    "usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc", "usr/bin/java",
)  # fmt: skip


class Machine:
    """An empty machine, whose apt-get and user are stand-ins."""

    def __init__(self, folder: Path) -> None:
        self.root, self.path = folder / "root", folder / "path"
        self.root.mkdir()
        self.path.mkdir()
        for name in ("sh", "tr", "mktemp", "rm", "mkdir", "chmod", "timeout", "tail"):
            found = next(each for each in (Path("/usr/bin", name), Path("/bin", name)) if each.exists())
            (self.path / name).symlink_to(found)

    def program(self, name: str, body: str) -> None:
        (self.path / name).write_text(f"#!/bin/sh\n{body}\n")
        (self.path / name).chmod(0o755)

    def has(self, *programs: str) -> None:
        for each in programs:
            (self.root / each).parent.mkdir(parents=True, exist_ok=True)
            (self.root / each).touch()

    def run(self, *words: str, ci: bool) -> tuple[int, str]:
        env = {**os.environ, "PATH": str(self.path), "ROOT": str(self.root), "CI": "true" if ci else ""}
        done = subprocess.run(
            ["sh", str(SCRIPT), *words], env=env, capture_output=True, text=True, timeout=HANG, check=False
        )
        return done.returncode, done.stdout + done.stderr


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


@pytest.mark.parametrize("ci", [False, True])
def test_nothing_is_said_or_done_where_all_is_there(machine: Machine, ci: bool) -> None:
    machine.has(*PROGRAMS)
    assert machine.run(ci=ci) == (0, "")


@pytest.mark.parametrize(("ci", "code"), [(False, 0), (True, 1)])
def test_machine_without_apt_is_told_so(machine: Machine, ci: bool, code: int) -> None:
    machine.has(*PROGRAMS[1:])
    ended, said = machine.run(ci=ci)
    assert ended == code
    assert said.startswith("install_servers: there is no apt-get here to install nginx")
    assert said.count("\n") == 1


@pytest.mark.parametrize(("ci", "code"), [(False, 0), (True, 1)])
def test_who_is_not_root_is_told_how(machine: Machine, ci: bool, code: int) -> None:
    machine.program("apt-get", "exit 0")
    machine.program("id", "echo 1000")
    ended, said = machine.run(ci=ci)
    assert ended == code
    assert "nginx apache2-bin postgresql-17 postgresql-17-pgaudit" in said
    assert "sudo sh tools/install_servers.sh" in said


@pytest.mark.parametrize(("ci", "code"), [(False, 0), (True, 1)])
def test_package_that_cannot_be_installed_is_named_with_the_reason(
    machine: Machine, ci: bool, code: int
) -> None:
    machine.has(*PROGRAMS[:2])
    machine.program("apt-get", 'echo "E: Unable to locate package" >&2; exit 100')
    machine.program("id", "echo 0")
    ended, said = machine.run(ci=ci)
    assert ended == code
    assert "postgresql-17 cannot be installed: E: Unable to locate package" in said
    assert ("will be skipped" in said) is not ci
    assert not (machine.root / "usr/sbin/policy-rc.d").exists()


def test_services_are_not_started_while_installing(machine: Machine) -> None:
    machine.program("apt-get", 'test -x "$ROOT/usr/sbin/policy-rc.d" && echo "$@" >>"$ROOT/calls"')
    machine.program("id", "echo 0")
    assert machine.run(ci=True)[0] == 0
    calls = (machine.root / "calls").read_text().splitlines()
    assert [call.split()[-1] for call in calls] == [
        "update", "nginx", "apache2-bin", "postgresql-17", "postgresql-17-pgaudit", "chromium", "fonts-noto-cjk",
        "postfix", "default-jre-headless"
    ]  # fmt: skip
    assert not (machine.root / "usr/sbin/policy-rc.d").exists()


def test_decision_of_the_machine_about_services_stays(machine: Machine) -> None:
    machine.has("usr/sbin/policy-rc.d")
    machine.program("apt-get", "exit 0")
    machine.program("id", "echo 0")
    assert machine.run(ci=True)[0] == 0
    assert (machine.root / "usr/sbin/policy-rc.d").exists()


def test_the_wide_run_needs_more(machine: Machine) -> None:
    machine.has(*PROGRAMS)
    machine.program("id", "echo 1000")
    machine.program("apt-get", "exit 0")
    assert machine.run(ci=True) == (0, "")
    ended, said = machine.run("wide", ci=True)
    assert ended == 1
    assert said.startswith("install_servers: installing lighttpd caddy haproxy php8.4-fpm golang-go ")
