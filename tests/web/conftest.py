"""A scanned shop, its console without a network, and somebody of each role who is logged in."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import argon2
import pytest
from litestar.testing import TestClient
from litestar.utils.signature import ParsedSignature
from tests.chain.shop_log import MAP, shop_lines
from tests.waiting import wait_until

from whosaw.app.asking.looks import Look, looks
from whosaw.app.cases.making import make_version
from whosaw.app.console import accounts
from whosaw.app.console.case_files import save_case
from whosaw.app.console.gate import Role
from whosaw.app.scan import scan
from whosaw.core.custody import Entry
from whosaw.store.repositories.findings import stored_findings
from whosaw.store.workspace import Workspace, journal_of
from whosaw.web.app import console_app

HOST = "testserver.local"
PASSWORD = "four words that differ"  # of nobody
NOW = datetime(2026, 11, 28, 9, tzinfo=UTC)
ANSWERS = {
    "zone": "Africa/Nairobi",
    "organisation.name": "Duka la Mfano",
    "organisation.roles": "controller",
    "organisation.sectors": "online-services",
    "organisation.established": "KE",
    "people.unplaced": "KE",
    "people.because": "inside Kenya alone",
    "aware.at": "2026-11-27 17:00",
    "scope|1": "yes",
}


@dataclass(slots=True)
class Clock:
    """What time it is."""

    now: datetime = field(default=NOW)

    def __call__(self) -> datetime:
        return self.now

    def later(self, by: timedelta) -> None:
        self.now += by


class Browser:
    """Somebody's browser: keeps cookies, and sends forms as pages have them."""

    def __init__(self, client: TestClient[object]) -> None:
        self.client = client

    def get(self, path: str) -> object:
        return self.client.get(path, follow_redirects=False)

    def post(self, path: str, files: Mapping[str, Any] | None = None, **form: str) -> object:
        """With the token that pages carry for forms."""
        page = self.client.get("/login").text
        (token,) = re.findall(r'name="_csrf_token" value="([^"]+)"', page)[:1]
        return self.client.post(
            path, data={"_csrf_token": token, **form}, files=files, follow_redirects=False
        )


Opens = Callable[[Role | None], Browser]
PEOPLE = tuple(each for each in Role if each.of_people)


@pytest.fixture(scope="session", autouse=True)
def _quick_passwords() -> Iterator[None]:
    """As little work as Argon2 can be asked for: what costs is not what is tried here."""
    cheap = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(accounts, "_hasher", lambda: cheap)
        yield


@pytest.fixture(scope="session", autouse=True)
def _signatures_once() -> Iterator[None]:
    """Every console reads the signatures of the same hundreds of handlers: they are read once."""
    read, known = ParsedSignature.from_fn, dict[Any, ParsedSignature]()

    def once(fn: Callable[..., Any], signature_namespace: dict[str, Any]) -> ParsedSignature:
        if fn not in known:
            known[fn] = read(fn, signature_namespace)
        return known[fn]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ParsedSignature, "from_fn", staticmethod(once))
        yield


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """access.log, map.toml, and the workspace `ws`, with one finding. Some user agents are no friends of pages."""
    folder = tmp_path_factory.mktemp("console")
    lines = [each.replace("agent/2", "<script>x</script><a hx-get=/x>") for each in shop_lines(600)]
    (folder / "access.log").write_text("".join(f"{line}\n" for line in lines))
    (folder / "map.toml").write_text(MAP)
    (folder / "context").mkdir()
    (folder / "context" / "canaries.csv").write_text("id\n7\n")
    scan(
        [str(folder / "access.log")],
        folder / "ws",
        now=NOW,
        map_path=folder / "map.toml",
        context=folder / "context",
    )
    with closing(Workspace.open(folder / "ws")) as workspace:
        workspace.journal.create()
        for role in PEOPLE:
            token = accounts.invite(workspace.journal, f"the-{role}", [role], by="a test", now=NOW)
            accounts.accept(workspace.journal, token, PASSWORD, now=NOW)
    return folder


@pytest.fixture(scope="session")
def made_own_shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace in which each kind of viewer saw one person, to be copied and never written to."""
    from tests.web.own_shop import make_shop

    return make_shop(tmp_path_factory.mktemp("own"))


@pytest.fixture
def own_shop(made_own_shop: Path, tmp_path: Path) -> Path:
    """The same of one test alone."""
    return Path(shutil.copytree(made_own_shop, tmp_path / "own" / "ws"))


@pytest.fixture
def root(shop: Path, tmp_path: Path) -> Path:
    """A workspace of one test alone."""
    shutil.copytree(shop / "ws", tmp_path / "ws")
    return tmp_path / "ws"


@pytest.fixture(scope="session")
def counted(shop: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same with the case `spring`, counted from the finding and answered so far that the law of Kenya is reached."""
    root = tmp_path_factory.mktemp("counted") / "ws"
    shutil.copytree(shop / "ws", root)
    with closing(journal_of(root)) as journal:
        (finding,) = stored_findings(journal)
    make_version(root, "spring", findings=[finding.id], now=NOW)
    save_case(root, "spring", dict(ANSWERS), seen=0, keep_mine=False, by="kim", now=NOW)
    return root


@pytest.fixture
def case_root(counted: Path, tmp_path: Path) -> Path:
    """Such a workspace of one test alone."""
    shutil.copytree(counted, tmp_path / "case-ws")
    return tmp_path / "case-ws"


@pytest.fixture
def case_browser(case_root: Path, clock: Clock) -> Iterator[Opens]:
    """The same browsers, of a workspace with a case."""
    yield from _browsers(case_root, clock)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def browser(root: Path, clock: Clock) -> Iterator[Opens]:
    """Opens a browser: of somebody of a role who is logged in and said what for, or of nobody."""
    yield from _browsers(root, clock)


def _browsers(root: Path, clock: Clock) -> Iterator[Opens]:
    app = console_app(root, now=clock, hosts=[HOST])
    with TestClient(app) as first:

        def opened(role: Role | None = None) -> Browser:
            client: TestClient[object] = TestClient(app, base_url=str(first.base_url))
            client.blocking_portal = first.blocking_portal
            found = Browser(client)
            if role is not None:
                assert found.post("/login", name=f"the-{role}", password=PASSWORD).status_code == 303
                if role not in (Role.ADMINISTRATOR, Role.PORTAL):
                    assert found.post("/purpose", purpose="incident 12").status_code == 303
            return found

        yield opened
    app.state.served.worker.join()  # what a test asked for ends with it


def over(somebody: Browser, job: str) -> str:
    """The page of a job, once it is over; the thread of the console does it."""
    wait_until(lambda: 'data-over="yes"' in somebody.get(job).text, what=job)
    return str(somebody.get(job).text)


def entries(root: Path, *kinds: str) -> list[Entry]:
    """Entries of the custody journal."""
    with closing(journal_of(root, unasked=True)) as journal:
        return journal.entries(*kinds)


def all_looks(root: Path) -> tuple[Look, ...]:
    with closing(Workspace.open(root)) as workspace:
        return looks(workspace)
