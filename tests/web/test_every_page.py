"""Every page that links lead to: at 200 % zoom, at 320 pixels, and on paper. The pages are those of the routes, so that one that comes later is
looked at, too."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from tests.web.conftest import NOW, PEOPLE
from tests.web.own_shop import ME
from tests.web.story import CHROMIUM
from tests.web.test_in_chromium import open_console
from tests.wide import WIDE

from whosaw.app.asking.questions import Ledger
from whosaw.app.cases.making import make_version
from whosaw.app.console.accounts import invite
from whosaw.app.console.gate import Role
from whosaw.app.own.settings import set_own
from whosaw.app.own.subjects import let_in
from whosaw.core.instants import to_micros
from whosaw.store.repositories.findings import stored_findings
from whosaw.store.repositories.jobs import add_job
from whosaw.store.workspace import Workspace, journal_of
from whosaw.web.app import console_app
from whosaw.web.reader import LANGUAGES

# what a browser is answered with that is no page of its own: a file, a style sheet, a stream, a way on to another page
NO_PAGE = {
    "/events", "/formats/{name:str}", "/healthz", "/home", "/map/file", "/me/views", "/metrics", "/pictures.css", "/sign-on",
    "/sign-on/back",
}  # fmt: skip
SOME = (Role.OFFICER, Role.ADMINISTRATOR)  # between them they see every page
MENU = ("/", "/passkeys", "/people", "/purpose", "/reader")  # no link leads to /people
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not Path(CHROMIUM).exists(), reason="Chromium is not installed (apt-get install chromium)"
    ),
]


def routes(root: Path) -> list[str]:
    """Of every page; those without a part that varies come first."""
    app = console_app(root, now=lambda: NOW, hosts=["localhost"])
    found = {
        route.path
        for route in app.routes
        for handler in route.route_handlers
        if "GET" in handler.http_methods and not route.path.startswith(("/api", "/static"))
    }
    assert found >= NO_PAGE
    return sorted(found - NO_PAGE, key=lambda path: (path.count("{"), path))


def filled(root: Path) -> str:
    """A second version of the case, and work; returns the token of a link to a password."""
    with closing(journal_of(root)) as journal:
        (finding,) = stored_findings(journal)
        with journal.transaction() as connection:
            add_job(
                connection, kind="scan", asked="{}", who="console:the-privacy-officer", made=to_micros(NOW)
            )
        token = invite(journal, "newcomer", [Role.AUDITOR], by="a test", now=NOW)
    make_version(root, "spring", findings=[finding.id], now=NOW)
    return token


@contextmanager
def at(root: Path) -> Iterator[str]:
    with open_console(root) as (address, _):
        yield address


def asked(role: Role, address: str, language: str, scheme: str) -> dict[str, Any]:
    return {
        "who": str(role), "name": f"the-{role}", "address": address, "language": language, "scheme": scheme,
        "begin": ("/jobs", "/passkeys", "/reader") if role is Role.ADMINISTRATOR else MENU,
    }  # fmt: skip


def test_zoomed_narrow_and_on_paper(case_root: Path, own_shop: Path, tmp_path: Path) -> None:
    """By everybody in English; in `make test-wide` in each language."""
    token = filled(case_root)
    with closing(Workspace.open(own_shop)) as workspace:
        ledger = Ledger(workspace, now=NOW)
        own = let_in(ledger, ME, now=NOW).token
        set_own(own_shop, now=NOW, portals=["http://localhost:8999"])
        ledger.reader.close()
    languages = LANGUAGES if WIDE else ["en"]
    with ExitStack() as stack:
        console, portal = stack.enter_context(at(case_root)), stack.enter_context(at(own_shop))
        visits = [
            {"who": "nobody", "address": console, "begin": ["/login", "/reader", f"/enter/{token}"]},
            *(asked(role, console, each, "dark") for each in languages for role in (PEOPLE if WIDE else SOME)),
            *({"who": "own", "address": portal, "begin": ["/me"], "token": own, "language": each} for each in languages),
        ]  # fmt: skip
        plan = tmp_path / "plan.json"
        plan.write_text(json.dumps({"routes": routes(case_root), "visits": visits, "again": WIDE}))
        done = subprocess.run(
            [sys.executable, "-m", "tests.web.every_page", str(plan), os.environ.get("WHOSAW_PICTURES", "")],
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 0, done.stderr[-2_000:]
    told = json.loads(done.stdout)
    assert told["wrong"] == [], "\n".join(told["wrong"])
    assert set(told["seen"]) == set(routes(case_root))
