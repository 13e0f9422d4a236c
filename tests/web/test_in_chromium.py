"""The whole story in a browser: from a one-time link to a finding that is judged, a person, and who looked. No network."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Thread

import pytest
import uvicorn
from litestar import Litestar
from tests.waiting import wait_until
from tests.web.conftest import NOW, entries
from tests.web.own_shop import ME
from tests.web.story import CHROMIUM
from tests.wide import WIDE

from whosaw.app.asking.questions import Ledger
from whosaw.app.console.gate import Role
from whosaw.app.console.serving import invite_on_terminal
from whosaw.app.demo import run_demo
from whosaw.app.own.settings import set_own
from whosaw.app.own.subjects import let_in
from whosaw.app.progress import Silent
from whosaw.app.scan import scan
from whosaw.store.numbers.raws import Identities
from whosaw.store.repositories.findings import stored_findings
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
    with open_console(root) as (at, _):
        yield at


@contextmanager
def open_console(root: Path) -> Iterator[tuple[str, Litestar]]:
    """The same, and the application itself."""
    listening = socket.create_server(("127.0.0.1", 0))
    port = listening.getsockname()[1]
    app = console_app(root, now=lambda: NOW, hosts=[f"127.0.0.1:{port}"])
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="on"))
    thread = Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        yield f"http://127.0.0.1:{port}", app
    finally:  # also where the walk failed: a server that goes on would keep the whole run from ending
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
    assert done.returncode == 0, done.stderr[-4_000:]


@wide
@pytest.mark.parametrize(("width", "scheme"), SCREENS)
def test_from_a_link_to_a_judged_finding(root: Path, address: str, width: str, scheme: str) -> None:
    token = invite_on_terminal(root, "kim", [Role.INVESTIGATOR, Role.OFFICER], now=NOW)
    walk("from_a_link_to_a_judged_finding", address, token, width, scheme)
    kinds = {each.kind for each in entries(root)}
    assert {"judged", "seen", "reidentified", "line.read", "account.login"} <= kinds


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The workspace of the demo."""
    folder = tmp_path_factory.mktemp("demo") / "whosaw-demo"
    run_demo(folder, seed=1, now=NOW, progress=Silent(), making=lambda *_: None)
    return folder / "whosaw-data"


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """An identifier of somebody whom the first finding is about, and an address that saw them."""

    person: str
    network: str

    @classmethod
    def of(cls, root: Path) -> Known:
        with closing(Workspace.open(root)) as workspace:
            ledger = Ledger(workspace, now=NOW)
            try:
                finding = stored_findings(workspace.journal)[0].id
                (seen,) = ledger.reader.session.query(
                    "SELECT person, address FROM views SEMI JOIN (SELECT content, line FROM counted WHERE finding = ?) USING (content, line) "
                    "WHERE person IS NOT NULL AND address IS NOT NULL ORDER BY micros, content, line LIMIT 1",
                    [finding],
                ).to_pylist()
                raw = Identities(ledger.reader).raw(
                    {"person": [seen["person"]], "address": [seen["address"]]}
                )
            finally:
                ledger.reader.close()
        _, _, person = raw["person"][seen["person"]].partition("\x1f")  # behind the kind of person
        return cls(person=person, network=raw["address"][seen["address"]])


DONE = {"judged", "job.asked", "scope.version", "case.answered", "exported", "reconciled", "evidence.seal", "evidence.verified", "remark", "seen", "line.read"}  # fmt: skip


def screens(folder: str, *of: str) -> str:
    """Where pictures of this walk go: nowhere, but where WHOSAW_PICTURES names a folder. Those of docs/howto/console.md are three of them."""
    if not (chosen := os.environ.get("WHOSAW_PICTURES")):
        return ""
    made = Path(chosen) / "-".join((folder, *of))
    made.mkdir(parents=True, exist_ok=True)
    return str(made)


@wide
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("width", "scheme"), SCREENS)
def test_the_story_of_the_demo(demo: Path, tmp_path: Path, width: str, scheme: str, language: str) -> None:
    """From the first finding to a sealed case with a filing and a notice by a privacy officer; and what an auditor sees of it then."""
    root = tmp_path / "ws"
    shutil.copytree(demo, root)
    known, on = Known.of(root), (width, scheme, language)
    with open_console(root) as (address, _):
        token = invite_on_terminal(root, "kim", [Role.OFFICER], now=NOW)
        walk(
            "as_a_privacy_officer", address, token, *on, known.person, known.network, screens("officer", *on)
        )
        assert {*DONE, "decision"} <= {each.kind for each in entries(root)}
        token = invite_on_terminal(root, "lee", [Role.AUDITOR], now=NOW)
        walk(
            "what_an_auditor_sees", address, token, *on, known.person, known.network, screens("auditor", *on)
        )


@wide
@pytest.mark.parametrize(("language", "screen"), list(zip(LANGUAGES, SCREENS, strict=True)))
def test_the_story_of_the_demo_by_others(
    demo: Path, tmp_path: Path, language: str, screen: tuple[str, str]
) -> None:
    """By an investigator, who decides nothing; and by an administrator, who sees nobody's data."""
    root, on = tmp_path / "ws", (*screen, language)
    shutil.copytree(demo, root)
    known = Known.of(root)
    with open_console(root) as (address, _):
        token = invite_on_terminal(root, "ann", [Role.INVESTIGATOR], now=NOW)
        walk(
            "as_an_investigator",
            address,
            token,
            *on,
            known.person,
            known.network,
            screens("investigator", *on),
        )
        assert {each.kind for each in entries(root)} >= DONE
        token = invite_on_terminal(root, "ops", [Role.ADMINISTRATOR], now=NOW)
        walk(
            "as_an_administrator",
            address,
            token,
            *on,
            known.person,
            known.network,
            screens("administrator", *on),
        )


def test_the_story_of_a_small_shop(root: Path, address: str) -> None:
    """The same on a shop of six hundred lines, by one role in one language on one screen."""
    token = invite_on_terminal(root, "kim", [Role.OFFICER], now=NOW)
    walk("as_a_privacy_officer", address, token, "375", "dark", "ko")
    assert {*DONE, "decision"} <= {each.kind for each in entries(root)}


def test_findings_are_shown_as_they_come(root: Path, shop: Path, tmp_path: Path) -> None:
    """A log is read while the list is open; what it holds is another actor's."""
    log, opened = tmp_path / "later.log", tmp_path / "opened"
    log.write_text(
        '203.0.113.9 - - [21/Apr/2025:03:00:00 +0000] "GET /customers/7/addresses HTTP/1.1" 200 7 "-" "other/1"\n'
    )
    with open_console(root) as (address, app):

        def read_it() -> None:
            wait_until(lambda: opened.exists() and len(app.state.looking.open) > 0, what="a page that waits")
            scan(
                [str(shop / "access.log"), str(log)],
                root,
                now=NOW,
                map_path=shop / "map.toml",
                context=shop / "context",
            )

        reading = Thread(target=read_it)
        reading.start()
        walk("findings_as_they_come", address, str(opened), "1024", "light")
        reading.join()


@wide
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("width", ["320", "375"])
def test_who_saw_me(own_shop: Path, width: str, language: str) -> None:
    with open_console(own_shop) as (at, _):
        with closing(Workspace.open(own_shop)) as workspace:
            ledger = Ledger(workspace, now=NOW)
            token = let_in(ledger, ME, now=NOW).token
            set_own(own_shop, now=NOW, portals=["http://localhost:8999"])
            ledger.reader.close()
        walk("who_saw_me", at, token, width, "dark" if width == "375" else "light", language)
    assert {"own.seen", "own.reported", "exported", "own.left"} <= {each.kind for each in entries(own_shop)}


@wide
def test_by_keyboard_alone(address: str) -> None:
    """From a login to a judged finding, a counted case, its duties, a draft, a check, a decision and a sealed bundle that is taken and handed in
    again, without a mouse."""
    walk("by_keyboard_alone", address, "the-privacy-officer", "1024", "light")
