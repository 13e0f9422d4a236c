"""Passkeys: made and used in a real browser, and everything that is not quite an answer to this console's question is refused."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread
from types import SimpleNamespace

import pytest
import uvicorn
import webauthn
from tests.web.conftest import NOW, PASSWORD, Browser, Clock, entries
from tests.web.provider import CLIENT, SECRET, provider
from tests.web.story import CHROMIUM
from tests.wide import WIDE

from whosaw.app.console import passkeys
from whosaw.app.console.accounts import accept, close_account, invite, log_in, new_login, who_is
from whosaw.app.console.gate import Role
from whosaw.app.console.passkeys import Challenges, Site
from whosaw.app.console.sign_on import SignOn, set_sign_on
from whosaw.app.gating.running import set_gate
from whosaw.core.errors import WhosawError
from whosaw.core.instants import to_micros
from whosaw.store.journal import Journal
from whosaw.store.repositories.passkeys import PasskeyRow, add_passkey, passkeys_of
from whosaw.store.workspace import journal_of
from whosaw.web.app import console_app

SITE = Site(host="localhost", origin="http://localhost:8477")
needs_chromium = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not Path(CHROMIUM).exists(), reason="Chromium is not installed (apt-get install chromium)"
    ),
]


@pytest.fixture
def address(root: Path) -> Iterator[str]:
    """A console that is served under the name of this machine, whose clock is everybody's."""
    listening = socket.create_server(("127.0.0.1", 0))
    port = listening.getsockname()[1]
    app = console_app(root, now=lambda: datetime.now(UTC), hosts=[f"localhost:{port}"])
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="on"))
    thread = Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    yield f"http://localhost:{port}"
    server.should_exit = True
    thread.join()
    listening.close()


def walk(*asked: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.web.ways_in", *asked], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2_000:]


class TestInABrowser:
    pytestmark = needs_chromium

    def test_a_passkey_is_made_used_and_ended(self, root: Path, address: str) -> None:
        walk("by_passkey", address)
        told = [
            (each.kind, json.loads(each.body))
            for each in entries(root, "account.passkey", "account.login", "account.refused")
        ]
        assert [body["added"] for kind, body in told if kind == "account.passkey"] == [True, False]
        assert [body["by"] for kind, body in told if kind == "account.login"].count("passkey") == 1
        assert (
            sum(kind == "account.refused" for kind, _ in told) == 2
        )  # a wrong password, and a copied passkey

    @pytest.mark.skipif(not WIDE, reason="a second story in a browser: WHOSAW_WIDE tells it")
    def test_a_login_by_a_provider_holds_on_the_next_page(
        self, root: Path, address: str, tmp_path: Path
    ) -> None:
        (tmp_path / "secret").write_text(SECRET)
        (tmp_path / "secret").chmod(0o600)
        with provider() as made:
            how = SignOn(
                issuer=made.issuer,
                client_id=CLIENT,
                secret_file=tmp_path / "secret",
                roles={"auditor": ("dpo",)},
            )
            set_sign_on(root, how, now=NOW)
            walk("by_provider", address)


@pytest.fixture
def journal(root: Path) -> Iterator[Journal]:
    with closing(journal_of(root)) as found:
        found.create()
        yield found


def kept(journal: Journal, account: str = "the-auditor") -> str:
    """The id of a passkey that is kept for an account; what it signs does not matter here."""
    row = PasskeyRow(
        id="AAAA", account=account, key="a0", count=0, name="laptop", made=to_micros(NOW), used=None
    )
    with journal.transaction() as connection:
        add_passkey(connection, row)
    return row.id


def test_where_passkeys_are_required_no_password_alone_opens_anything(
    root: Path, journal: Journal, browser: Callable[..., Browser]
) -> None:
    before = browser(Role.AUDITOR)
    assert before.get("/").status_code == 200
    state = set_gate(root, now=NOW, passkeys_required=True)
    assert (state.passkeys, before.get("/").headers["location"]) == (True, "/login")
    lee = browser()
    assert lee.post("/login", name="the-auditor", password=PASSWORD).status_code == 303
    assert lee.get("/home").headers["location"] == "/passkeys"
    for path in ("/", "/findings", "/looks", "/purpose"):
        assert (lee.get(path).status_code, lee.get(path).headers["location"]) == (302, "/passkeys"), path
    assert lee.get("/events").status_code == 204
    page = lee.get("/passkeys").text
    assert "A password alone is not enough here." in page
    assert "live.js" not in page
    kept(journal)
    again = browser().post("/login", name="the-auditor", password=PASSWORD)
    assert again.status_code == 403
    assert "here a password alone is not enough" in again.text
    with closing(journal_of(root)) as other:
        token = log_in_with(other, "the-auditor")
        who = who_is(other, token, now=NOW)
        assert who is not None
        assert not who.enrols
    set_gate(root, now=NOW, passkeys_required=False)
    assert browser().post("/login", name="the-auditor", password=PASSWORD).status_code == 303
    assert [json.loads(each.body)["passkeys"] for each in entries(root, "gate.set")] == [True, False]


def log_in_with(journal: Journal, account: str) -> str:
    """The cookie of a login that a passkey opened."""
    with journal.transaction() as connection:
        return new_login(journal, connection, account, now=NOW, by="passkey")[0]


def test_a_passkey_that_was_required_ends_the_login_that_made_it(
    journal: Journal, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else whoever had the password would be in by it alone as soon as its owner made one."""
    set_gate(root, now=NOW, passkeys_required=True)
    stolen = log_in(journal, "the-auditor", PASSWORD, now=NOW)
    made = SimpleNamespace(credential_id=b"id", credential_public_key=b"key", sign_count=0)
    monkeypatch.setattr(webauthn, "verify_registration_response", lambda **_: made)
    challenges = Challenges()
    cookie, _ = passkeys.ask_to_add(journal, challenges, SITE, "the-auditor", PASSWORD, now=NOW)
    passkeys.add(journal, challenges, cookie, "the-auditor", "laptop", "{}", now=NOW)
    assert who_is(journal, stolen, now=NOW) is None


def test_who_adds_a_way_in_says_their_password_once_more(journal: Journal) -> None:
    for _ in range(6):
        with pytest.raises(WhosawError, match="password is wrong"):
            passkeys.ask_to_add(journal, Challenges(), SITE, "the-auditor", "another password", now=NOW)
    with pytest.raises(
        WhosawError, match="password is wrong"
    ):  # wrong ones cost ever more time, as at the login
        passkeys.ask_to_add(journal, Challenges(), SITE, "the-auditor", PASSWORD, now=NOW)
    later = NOW + timedelta(minutes=20)
    cookie, options = passkeys.ask_to_add(journal, Challenges(), SITE, "the-auditor", PASSWORD, now=later)
    told = json.loads(options)
    assert told["authenticatorSelection"]["userVerification"] == "required"
    assert told["rp"]["id"] == "localhost"
    assert cookie not in options


def test_a_question_is_answered_once_soon_and_by_whom_it_was_put_to(journal: Journal) -> None:
    challenges = Challenges()
    cookie, _ = challenges.ask(SITE, "the-auditor", now=NOW)
    with pytest.raises(WhosawError, match="not asked here"):
        challenges.take(cookie, "the-investigator", now=NOW)
    with pytest.raises(WhosawError, match="not asked here"):
        challenges.take(cookie, "the-auditor", now=NOW)  # it is forgotten by the wrong answer, too
    cookie, _ = challenges.ask(SITE, None, now=NOW)
    with pytest.raises(WhosawError, match="not asked here"):
        challenges.take(cookie, None, now=NOW + timedelta(minutes=6))
    first, _ = challenges.ask(SITE, None, now=NOW)
    for _ in range(1_000):
        challenges.ask(SITE, None, now=NOW)
    with pytest.raises(WhosawError, match="not asked here"):
        challenges.take(first, None, now=NOW)
    one, another = (challenges.ask(SITE, None, now=NOW)[1] for _ in range(2))
    assert one != another


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "{}",
        "[]",
        "x",
        '{"id": "AAAA"}',
        '{"id": "BBBB"}',
        '{"id": ["AAAA"]}',
        '{"id": "AAAA", "rawId": "AAAA", "type": "public-key", "response": {}}',
        "{" * 70_000,
    ],
)
def test_what_is_no_answer_is_told_the_same_whether_there_is_such_a_passkey_or_not(
    journal: Journal, answer: str
) -> None:
    kept(journal)
    challenges = Challenges()
    cookie, _ = passkeys.ask_to_log_in(challenges, SITE, now=NOW)
    with pytest.raises(WhosawError) as caught:
        passkeys.log_in_by(journal, challenges, cookie, answer, now=NOW)
    assert caught.value.code == "passkey.refused"
    assert caught.value.message in ("this passkey opens nothing here", "the browser sent no answer")
    asked, _ = passkeys.ask_to_add(journal, challenges, SITE, "the-auditor", PASSWORD, now=NOW)
    with pytest.raises(WhosawError, match=r"does not hold|no answer"):
        passkeys.add(journal, challenges, asked, "the-auditor", "x", answer, now=NOW)


def test_a_closed_account_and_a_new_password_end_passkeys(journal: Journal) -> None:
    passkey = kept(journal)
    accept(journal, invite(journal, "the-auditor", [Role.AUDITOR], by="a test", now=NOW), PASSWORD, now=NOW)
    assert not passkeys_of(journal, "the-auditor")
    kept(journal)
    close_account(journal, "the-auditor", by="a test", now=NOW)
    challenges = Challenges()
    cookie, _ = passkeys.ask_to_log_in(challenges, SITE, now=NOW)
    with pytest.raises(WhosawError, match="opens nothing here"):
        passkeys.log_in_by(journal, challenges, cookie, json.dumps({"id": passkey}), now=NOW)


def test_nobody_ends_a_passkey_of_somebody_else(journal: Journal) -> None:
    passkey = kept(journal)
    with pytest.raises(WhosawError, match="no such passkey of yours"):
        passkeys.end(journal, "the-investigator", passkey, now=NOW)
    assert passkeys_of(journal, "the-auditor")


def test_an_account_has_so_many_and_no_more(journal: Journal) -> None:
    with journal.transaction() as connection:
        for number in range(20):
            add_passkey(
                connection,
                PasskeyRow(
                    id=f"A{number}",
                    account="the-auditor",
                    key="a0",
                    count=0,
                    name="x",
                    made=number,
                    used=None,
                ),
            )
    with pytest.raises(WhosawError, match="at most 20"):
        passkeys.ask_to_add(journal, Challenges(), SITE, "the-auditor", PASSWORD, now=NOW)


def test_pages_say_what_does_not_work(root: Path, browser: Callable[..., Browser], clock: Clock) -> None:
    somebody = browser(Role.AUDITOR)
    assert "There is none." in somebody.get("/passkeys").text
    assert somebody.post("/passkeys", name="x", answer="{}").status_code == 400
    assert (
        somebody.post("/passkeys/begin", password="wrong").json()["fault"].startswith("the password is wrong")
    )
    nobody = browser()
    assert "opens nothing here" in _answered(nobody, '{"id": "AAAA"}')
    assert "not asked here" in nobody.post("/login/passkey", answer="{}").text
    there = nobody.client
    there.base_url = "http://127.0.0.1:8477"
    assert there.get("/login").status_code == 400  # no host of this console


def _answered(nobody: Browser, answer: str) -> str:
    asked = nobody.post("/login/passkey/begin")
    assert asked.status_code == 200
    assert asked.json()["userVerification"] == "required"
    assert asked.json()["allowCredentials"] == []
    return str(nobody.post("/login/passkey", answer=answer).text)


def test_without_the_library_no_page_offers_them(
    browser: Callable[..., Browser], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "webauthn", None)
    nobody = browser()
    assert "passkey" not in nobody.get("/login").text
    assert "pip install 'whosaw[passkeys]'" in nobody.post("/login/passkey/begin").json()["fault"]
