"""The whole story in a browser: from a one-time link to a finding that is judged, a person, and who looked. No network."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from threading import Thread

import pytest
import uvicorn
from tests.web.conftest import NOW, entries
from tests.web.own_shop import ME
from tests.web.story import CHROMIUM
from tests.wide import WIDE

from whosaw.app.asking.questions import Ledger
from whosaw.app.console.gate import Role
from whosaw.app.console.serving import invite_on_terminal
from whosaw.app.own.settings import set_own
from whosaw.app.own.subjects import let_in
from whosaw.store.workspace import Workspace
from whosaw.web.app import console_app
from whosaw.web.reader import LANGUAGES

SCREENS = [("375", "dark"), ("1024", "light"), ("1920", "light")]
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not Path(CHROMIUM).exists(), reason="Chromium is not installed (apt-get install chromium)"
    ),
]

wide = pytest.mark.skipif(not WIDE, reason="a story of many pages: WHOSAW_WIDE tells it")


@pytest.fixture
def address(root: Path) -> Iterator[str]:
    """A console that is served on a free port of this machine."""
    yield from served(root)


def served(root: Path) -> Iterator[str]:
    """The address of a console of this workspace."""
    listening = socket.create_server(("127.0.0.1", 0))
    port = listening.getsockname()[1]
    app = console_app(root, now=lambda: NOW, hosts=[f"127.0.0.1:{port}"])
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="on"))
    thread = Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join()
    listening.close()


def walk(*asked: str) -> None:
    """One story, in a process of its own: the browser's are gone with it."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.web.story", *asked],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2_000:]


@wide
@pytest.mark.parametrize(("width", "scheme"), SCREENS)
def test_from_a_link_to_a_judged_finding(root: Path, address: str, width: str, scheme: str) -> None:
    token = invite_on_terminal(root, "kim", [Role.INVESTIGATOR, Role.OFFICER], now=NOW)
    walk("from_a_link_to_a_judged_finding", address, token, width, scheme)
    kinds = {each.kind for each in entries(root)}
    assert {"judged", "seen", "reidentified", "line.read", "account.login"} <= kinds


@wide
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("width", "scheme"), SCREENS)
def test_from_a_finding_to_a_sealed_case(
    root: Path, address: str, width: str, scheme: str, language: str
) -> None:
    """And what an auditor sees of it then."""
    token = invite_on_terminal(root, "kim", [Role.INVESTIGATOR, Role.OFFICER], now=NOW)
    walk("from_a_finding_to_a_sealed_case", address, token, width, scheme, language)
    kinds = {each.kind for each in entries(root)}
    assert {"job.asked", "scope.version", "case.answered", "exported", "decision", "reconciled"} <= kinds
    assert {"evidence.seal", "evidence.verified", "reidentified", "remark", "seen"} <= kinds
    token = invite_on_terminal(root, "lee", [Role.AUDITOR], now=NOW)
    walk("what_an_auditor_sees", address, token, width, scheme, language)


@wide
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("width", ["320", "375"])
def test_who_saw_me(own_shop: Path, tmp_path: Path, width: str, language: str) -> None:
    shutil.copytree(own_shop, tmp_path / "ws")
    for at in served(tmp_path / "ws"):
        with closing(Workspace.open(tmp_path / "ws")) as workspace:
            ledger = Ledger(workspace, now=NOW)
            token = let_in(ledger, ME, now=NOW).token
            set_own(tmp_path / "ws", now=NOW, portals=["http://localhost:8999"])
            ledger.reader.close()
        walk("who_saw_me", at, token, width, "dark" if width == "375" else "light", language)
    assert {"own.seen", "own.reported", "exported", "own.left"} <= {
        each.kind for each in entries(tmp_path / "ws")
    }


def test_by_keyboard_alone(address: str) -> None:
    """From a login to a judged finding, a counted case, its duties, a draft, a check, a decision and a sealed bundle, without a mouse."""
    walk("by_keyboard_alone", address, "the-privacy-officer", "1024", "light")
