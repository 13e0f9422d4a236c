"""The command that serves: what it says where something is missing, and the links it prints."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

import pytest
from tests.unit.cli.conftest import call
from tests.web.conftest import PASSWORD

from whosaw.app.console.accounts import accept, list_accounts
from whosaw.app.console.jobs import _LATER
from whosaw.store.workspace import journal_of


def test_without_the_extra_it_says_what_to_install(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "litestar", None)
    done = call("serve", "-w", str(root))
    assert (done.exit_code, done.stdout) == (2, "")
    assert "pip install 'whosaw[web]'" in done.stderr


def test_a_port_that_is_in_use_is_said(root: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        done = call("serve", "-w", str(root), "--port", str(port))
    assert done.exit_code == 2
    assert f"port {port} of this machine cannot be used" in done.stderr


def test_times_are_told_in_the_zone_of_the_project(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Until somebody chooses another one. A zone that there is not is refused before anything is served."""
    served: list[object] = []
    monkeypatch.setattr("whosaw.web.serve.serve", lambda *_, zone, **__: served.append(zone))
    monkeypatch.chdir(root.parent)
    Path("whosaw.toml").write_text('workspace = "ws"\nzone = "Asia/Seoul"\n')
    for more in ((), ("--tz", "Africa/Nairobi")):
        assert call("serve", "--port", "0", *more).exit_code == 0
    Path("whosaw.toml").unlink()
    assert call("serve", "-w", "ws").exit_code == 0
    assert served == ["Asia/Seoul", "Africa/Nairobi", "UTC"]
    done = call("serve", "-w", "ws", "--tz", "Nowhere/Else")
    assert (done.exit_code, len(served)) == (2, 3)
    assert "Nowhere/Else" in done.stderr


def test_a_folder_that_is_no_workspace_is_refused(tmp_path: Path) -> None:
    done = call("serve", "-w", str(tmp_path), "--port", "0")
    assert done.exit_code == 2
    assert "no whosaw workspace" in done.stderr


def test_a_link_for_somebody_else(root: Path) -> None:
    done = call("serve", "-w", str(root), "--invite", "ann", "--role", "auditor")
    assert done.exit_code == 0
    journal = journal_of(root)
    try:
        token = done.stdout.splitlines()[0].removeprefix("/enter/")
        (ann,) = [each for each in list_accounts(journal) if each.name == "ann"]
        assert accept(journal, token, PASSWORD, now=ann.made) == "ann"
        assert ann.roles == ("auditor",)
    finally:
        journal.close()


@pytest.mark.parametrize(("roles", "said"), [((), "needs a role"), (("--role", "boss"), "'boss' is no role")])
def test_a_link_needs_a_role(root: Path, roles: tuple[str, ...], said: str) -> None:
    done = call("serve", "-w", str(root), "--invite", "ann", *roles)
    assert done.exit_code == 2
    assert said in done.stderr


def test_a_console_begins_without_what_only_some_pages_need() -> None:
    """They are loaded on the thread of long work, while the first page is answered already."""
    told = "import sys, whosaw.web.app; print(*sorted(each for each in sys.modules if each.startswith('whosaw.')))"
    there = set(
        subprocess.run(
            [sys.executable, "-c", told], capture_output=True, text=True, check=True
        ).stdout.split()
    )
    assert "whosaw.app.console.desk" in there
    late = {
        "whosaw.app.scan",
        "whosaw.app.cases.making",
        "whosaw.actors",
        "whosaw.app.evidence.bundle",
        "whosaw.law.checking",
        *_LATER,
    }
    assert not late & there
