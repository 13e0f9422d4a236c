"""Coming in by a provider: who it says they are, what that gives them here, and everything that is not quite that is refused."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from litestar.testing import TestClient
from tests.schemas import validate
from tests.unit.cli.conftest import call
from tests.web.conftest import HOST, PASSWORD, Clock, entries
from tests.web.provider import CLIENT, SECRET, Provider, provider

from whosaw.app.console.accounts import close_account, list_accounts
from whosaw.app.console.sign_on import Pending, SignOn, set_sign_on
from whosaw.core.errors import WhosawError
from whosaw.store.workspace import journal_of
from whosaw.web.app import console_app

Browser = TestClient[Any]


@pytest.fixture
def by_provider(tmp_path: Path, root: Path) -> Iterator[Provider]:
    """A provider whose people may come in: dpo is a privacy officer, audit and board audit."""
    (tmp_path / "secret").write_text(SECRET + "\n")
    (tmp_path / "secret").chmod(0o600)
    with provider() as made:
        how = SignOn(
            issuer=made.issuer,
            client_id=CLIENT,
            secret_file=tmp_path / "secret",
            roles={"privacy-officer": ("dpo",), "auditor": ("audit", "board")},
        )
        set_sign_on(root, how, now=datetime.now(UTC))
        yield made


@pytest.fixture
def clock() -> Clock:
    return Clock(now=datetime.now(UTC))


@pytest.fixture
def open_browser(root: Path, clock: Clock) -> Iterator[Callable[[], Browser]]:
    app = console_app(root, now=clock, hosts=[HOST])
    with TestClient(app) as first:

        def opened() -> Browser:
            client: Browser = TestClient(app, base_url=str(first.base_url))
            client.blocking_portal = first.blocking_portal
            return client

        yield opened
    app.state.served.worker.join()


def leave(browser: Browser) -> str:
    """Where the browser is sent to."""
    answer = browser.get("/sign-on", follow_redirects=False)
    assert answer.status_code == 302, answer.text
    return str(answer.headers["location"])


def come_back(browser: Browser, address: str) -> httpx.Response:
    """Through the provider, and back."""
    there = httpx.get(address)
    back = urlsplit(there.headers["location"])
    return browser.get(f"{back.path}?{back.query}", follow_redirects=False)


def sign_on(browser: Browser) -> httpx.Response:
    return come_back(browser, leave(browser))


def accounts(root: Path) -> dict[str, tuple[str, ...]]:
    with closing(journal_of(root, unasked=True)) as journal:
        return {each.name: each.roles for each in list_accounts(journal)}


def test_who_the_provider_knows_comes_in_with_the_roles_of_their_groups(
    root: Path, by_provider: Provider, open_browser: Callable[[], Browser]
) -> None:
    browser = open_browser()
    assert (
        f'<a href="/sign-on">Log in by {urlsplit(by_provider.issuer).netloc}</a>'
        in browser.get("/login").text
    )
    answer = sign_on(browser)
    assert (answer.status_code, 'content="0;url=/home"' in answer.text) == (200, True)
    assert browser.get("/findings", follow_redirects=False).status_code == 200
    assert browser.get("/accounts", follow_redirects=False).status_code == 403
    assert accounts(root)["kim"] == ("privacy-officer",)
    by_provider.user["groups"] = ["board", "dpo"]
    assert sign_on(open_browser()).status_code == 200
    assert accounts(root)["kim"] == ("auditor", "privacy-officer")
    kinds = [(each.kind, json.loads(each.body).get("account")) for each in entries(root)][-5:]
    assert [kind for kind, name in kinds if name == "kim"] == [
        "account.made",
        "account.login",
        "account.roles",
        "account.login",
    ]


def test_what_leaves_is_made_for_this_login_alone(
    by_provider: Provider, open_browser: Callable[[], Browser]
) -> None:
    first, second = (parse_qs(urlsplit(leave(open_browser())).query) for _ in range(2))
    for name in ("state", "nonce", "code_challenge"):
        assert first[name] != second[name]
        assert len(first[name][0]) >= 43
    assert first["code_challenge_method"] == ["S256"]
    assert first["redirect_uri"] == [f"http://{HOST}/sign-on/back"]
    assert SECRET not in str(first)


def test_whom_no_claim_gives_a_role_has_none(
    root: Path, by_provider: Provider, open_browser: Callable[[], Browser]
) -> None:
    before = accounts(root)
    for groups in ([], ["guests"], "guests", None, [["dpo"]], {"dpo": True}, ["DPO"], ["dpo "], 7):
        by_provider.user["groups"] = groups
        answer = sign_on(open_browser())
        assert (answer.status_code, "gives a role here" in answer.text) == (403, True), groups
        assert accounts(root) == before
        assert entries(root)[-1].kind == "account.refused"


def test_who_lost_every_role_is_out_though_they_have_an_account(
    by_provider: Provider, open_browser: Callable[[], Browser]
) -> None:
    assert sign_on(open_browser()).status_code == 200
    by_provider.user["groups"] = []
    assert sign_on(open_browser()).status_code == 403


def test_a_local_account_is_nobodys_who_has_its_name_elsewhere(
    root: Path, by_provider: Provider, open_browser: Callable[[], Browser]
) -> None:
    by_provider.user["preferred_username"] = "the-administrator"
    browser = open_browser()
    assert sign_on(browser).status_code == 403
    assert browser.get("/findings", follow_redirects=False).status_code == 302
    assert accounts(root)["the-administrator"] == ("administrator",)


def test_an_account_belongs_to_a_subject_whatever_name_they_take(
    root: Path, by_provider: Provider, open_browser: Callable[[], Browser]
) -> None:
    assert sign_on(open_browser()).status_code == 200
    by_provider.user |= {"sub": "999"}
    assert sign_on(open_browser()).status_code == 403  # somebody else took the name
    by_provider.user |= {"sub": "248", "preferred_username": "kim.new"}
    assert sign_on(open_browser()).status_code == 200
    assert "kim.new" not in accounts(root)


def test_a_closed_account_stays_closed(
    root: Path, by_provider: Provider, open_browser: Callable[[], Browser], clock: Clock
) -> None:
    browser = open_browser()
    assert sign_on(browser).status_code == 200
    with closing(journal_of(root)) as journal:
        close_account(journal, "kim", by="a test", now=clock())
    assert browser.get("/findings", follow_redirects=False).status_code == 302
    assert sign_on(open_browser()).status_code == 403


def changed(**changes: Any) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda claims: {name: value for name, value in {**claims, **changes}.items() if value is not None}


FORGED: dict[str, Callable[[Provider, dict[str, Any]], str]] = {
    "no signature": lambda _, claims: jwt.encode(claims, None, algorithm="none"),
    "the secret as a key": lambda _, claims: jwt.encode(claims, SECRET * 4, algorithm="HS256"),
    "another key": lambda made, claims: jwt.encode(
        claims, ec.generate_private_key(ec.SECP256R1()), algorithm="ES256", headers={"kid": made.key_id}
    ),
    "a key it does not publish": lambda _, claims: jwt.encode(
        claims, ec.generate_private_key(ec.SECP256R1()), algorithm="ES256", headers={"kid": "x"}
    ),
    "no token": lambda *_: "",
    "no token at all": lambda *_: "a.b.c",
    "changed behind its signature": lambda made, claims: ".".join(
        [*made.signed(claims).split(".")[:1], "e30", *made.signed(claims).split(".")[2:]]
    ),
}


def test_a_token_that_the_provider_did_not_sign_is_refused(
    by_provider: Provider, open_browser: Callable[[], Browser]
) -> None:
    for how, sign in FORGED.items():
        by_provider.sign = sign
        browser = open_browser()
        answer = sign_on(browser)
        assert (answer.status_code, "whosaw-login" in answer.headers.get("set-cookie", "")) == (403, False), (
            how
        )
        assert browser.get("/findings", follow_redirects=False).status_code == 302


def test_what_it_signed_for_another_login_client_or_time_is_refused(
    by_provider: Provider, open_browser: Callable[[], Browser]
) -> None:
    wrong: list[dict[str, Any]] = [
        {"iss": "https://evil.example"}, {"iss": None}, {"aud": "another"}, {"aud": None}, {"aud": ["another", "more"]},
        {"aud": [CLIENT, "another"], "azp": "another"}, {"exp": int(datetime.now(UTC).timestamp()) - 3600}, {"exp": None}, {"iat": int(datetime.now(UTC).timestamp()) + 3600},
        {"nonce": "another"}, {"nonce": None}, {"sub": None}, {"nbf": int(datetime.now(UTC).timestamp()) + 3600}, {"at_hash": "another"},
    ]  # fmt: skip
    for changes in wrong:
        by_provider.twist = changed(**changes)
        browser = open_browser()
        assert sign_on(browser).status_code == 403, changes
        assert browser.get("/findings", follow_redirects=False).status_code == 302


def test_a_key_that_is_new_is_asked_for(by_provider: Provider, open_browser: Callable[[], Browser]) -> None:
    assert sign_on(open_browser()).status_code == 200
    by_provider.key, by_provider.key_id = ec.generate_private_key(ec.SECP256R1()), "two"
    assert sign_on(open_browser()).status_code == 200


def test_the_way_back_is_good_once_in_the_browser_that_left(
    by_provider: Provider, open_browser: Callable[[], Browser], clock: Clock
) -> None:
    one, another = open_browser(), open_browser()
    address = leave(one)
    leave(another)
    assert come_back(another, address).status_code == 403  # a link that somebody sends to somebody
    assert come_back(one, address).status_code == 200
    assert come_back(one, address).status_code == 403
    late = leave(one)
    clock.later(timedelta(minutes=11))
    assert come_back(one, late).status_code == 403
    for query in (
        "",
        "?code=x",
        "?state=x",
        "?error=access_denied",
        "?code=x&state=",
        f"?code={'x' * 9000}&state={'y' * 9000}",
    ):
        leave(one)
        assert one.get(f"/sign-on/back{query}", follow_redirects=False).status_code == 403
    state = parse_qs(urlsplit(leave(one)).query)["state"][0]
    mixed = one.get(f"/sign-on/back?code=x&state={state}&iss=https://evil.example", follow_redirects=False)
    assert (mixed.status_code, "another provider answered" in mixed.text) == (403, True)


def test_a_code_of_somebody_else_is_of_no_use(
    by_provider: Provider, open_browser: Callable[[], Browser]
) -> None:
    thief, victim = open_browser(), open_browser()
    code = parse_qs(urlsplit(httpx.get(leave(victim)).headers["location"]).query)["code"][0]
    state = parse_qs(urlsplit(leave(thief)).query)["state"][0]
    assert thief.get(f"/sign-on/back?code={code}&state={state}", follow_redirects=False).status_code == 403


def test_no_address_that_somebody_says_is_gone_to(
    by_provider: Provider, open_browser: Callable[[], Browser]
) -> None:
    browser = open_browser()
    answer = browser.get(
        "/sign-on?then=https://evil.example&redirect_uri=https://evil.example", follow_redirects=False
    )
    assert answer.headers["location"].startswith(f"{by_provider.issuer}/authorize?")
    assert "evil" not in answer.headers["location"]
    back = urlsplit(httpx.get(answer.headers["location"]).headers["location"])
    arrived = browser.get(f"{back.path}?{back.query}&then=https://evil.example", follow_redirects=False)
    assert (arrived.status_code, "evil" in arrived.text) == (200, False)


def test_many_who_leave_and_stay_away_are_forgotten(clock: Clock) -> None:
    pending = Pending()
    first, begun = pending.begin("x", now=clock())
    for _ in range(1_000):
        pending.begin("x", now=clock())
    with pytest.raises(WhosawError, match="not begun here"):
        pending.take(first, begun.state, now=clock())


def test_who_logs_out_at_the_provider_is_out_here(
    by_provider: Provider, open_browser: Callable[[], Browser], root: Path
) -> None:
    here, elsewhere = open_browser(), open_browser()
    assert sign_on(here).status_code == 200
    by_provider.twist = changed(sid="s2")
    assert sign_on(elsewhere).status_code == 200
    outside = open_browser()
    assert outside.post("/sign-on/out", data={"logout_token": by_provider.logout_token()}).status_code == 200
    assert here.get("/findings", follow_redirects=False).status_code == 302
    assert elsewhere.get("/findings", follow_redirects=False).status_code == 200
    everywhere = outside.post("/sign-on/out", data={"logout_token": by_provider.logout_token(sid=None)})
    assert (everywhere.status_code, everywhere.headers["cache-control"]) == (200, "no-store")
    assert elsewhere.get("/findings", follow_redirects=False).status_code == 302
    assert [json.loads(each.body)["logins"] for each in entries(root, "account.logged-out")] == [1, 1]


def test_nobody_is_logged_out_by_what_is_no_token_of_it(
    by_provider: Provider, open_browser: Callable[[], Browser]
) -> None:
    browser, outside = open_browser(), open_browser()
    assert sign_on(browser).status_code == 200
    wrong: list[dict[str, Any]] = [
        {"events": None}, {"events": {"x": {}}}, {"nonce": "n"}, {"sub": None, "sid": None}, {"aud": "another"}, {"iss": "https://evil.example"},
        {"iat": int(datetime.now(UTC).timestamp()) - 86_400}, {"exp": int(datetime.now(UTC).timestamp()) - 3_600}, {"iat": None}, {"jti": None},
    ]  # fmt: skip
    for changes in wrong:
        sent = {"logout_token": by_provider.logout_token(**changes)}
        assert outside.post("/sign-on/out", data=sent).status_code == 400, changes
    assert outside.post("/sign-on/out", data={"logout_token": "x"}).status_code == 400
    assert outside.post("/sign-on/out").status_code == 400
    by_provider.sign = FORGED["another key"]
    assert outside.post("/sign-on/out", data={"logout_token": by_provider.logout_token()}).status_code == 400
    assert browser.get("/findings", follow_redirects=False).status_code == 200


def test_without_a_provider_nobody_leaves_for_one(open_browser: Callable[[], Browser]) -> None:
    browser = open_browser()
    assert "sign-on" not in browser.get("/login").text
    for path in ("/sign-on", "/sign-on/back?code=x&state=y"):
        assert browser.get(path, follow_redirects=False).status_code == 404
    assert browser.post("/sign-on/out", data={"logout_token": "x"}).status_code == 400


def test_a_provider_that_is_down_is_said_and_passwords_still_work(
    by_provider: Provider, open_browser: Callable[[], Browser], root: Path
) -> None:
    gone = SignOn(issuer=by_provider.issuer, client_id=CLIENT, roles={"auditor": ("audit",)})
    by_provider.about = lambda told: {**told, "jwks_uri": f"{by_provider.issuer}/nothing"}
    set_sign_on(root, gone, now=datetime.now(UTC))
    with closing(journal_of(root)) as journal, journal.transaction() as connection:
        kept = json.loads(journal.setting("gate.sign-on", connection) or "")
        journal.set_setting(connection, "gate.sign-on", json.dumps({**kept, "issuer": "http://127.0.0.1:1"}))
    browser = open_browser()
    answer = browser.get("/sign-on", follow_redirects=False)
    assert (answer.status_code, "cannot be asked" in answer.text) == (502, True)
    (token,) = re.findall(r'name="_csrf_token" value="([^"]+)"', browser.get("/login").text)[:1]
    form = {"_csrf_token": token, "name": "the-auditor", "password": PASSWORD}
    assert browser.post("/login", data=form, follow_redirects=False).status_code == 303


@pytest.mark.parametrize(
    ("about", "said"),
    [
        (lambda told: {**told, "issuer": "https://evil.example"}, "says that it is another issuer"),
        (lambda told: {**told, "token_endpoint": "http://login.example.org/token"}, "no https address"),
        (lambda told: {**told, "jwks_uri": "file:///etc/passwd"}, "no https address"),
        (
            lambda told: {name: value for name, value in told.items() if name != "authorization_endpoint"},
            "no https address",
        ),
    ],
)
def test_a_provider_that_is_not_what_it_says_is_not_set(root: Path, about: Any, said: str) -> None:
    with provider() as made:
        made.about = about
        with pytest.raises(WhosawError, match=said):
            set_sign_on(
                root,
                SignOn(issuer=made.issuer, client_id=CLIENT, roles={"auditor": ("a",)}),
                now=datetime.now(UTC),
            )


def test_it_is_set_and_shown_on_the_terminal(root: Path, tmp_path: Path) -> None:
    with provider() as made:
        words = ["gate", "sign-on", "-w", str(root), "--issuer", made.issuer, "--client-id", CLIENT]
        assert "no claim gives a role" in call(*words).stderr
        assert "is no role with a value" in call(*words, "--role", "boss=x").stderr
        assert (
            "no https address"
            in call(
                *words[:4], "--issuer", "http://login.example.org", "--client-id", "x", "--role", "auditor=x"
            ).stderr
        )
        done = call(
            *words, "--role", "auditor=audit", "--role", "auditor=board", "--claim", "teams", "--json"
        )
        validate("gate-sign-on", told := json.loads(done.stdout))
        assert (told["on"], told["roles"], told["claim"]) == (True, {"auditor": ["audit", "board"]}, "teams")
        assert "auditor: teams holds audit or board" in call("gate", "sign-on", "-w", str(root)).stdout
    assert "nobody comes in" in call("gate", "sign-on", "-w", str(root), "--off").stdout
    validate("gate-sign-on", json.loads(call("gate", "sign-on", "-w", str(root), "--json").stdout))


def test_a_secret_that_others_may_read_is_refused(
    by_provider: Provider, open_browser: Callable[[], Browser], tmp_path: Path
) -> None:
    (tmp_path / "secret").chmod(0o644)
    answer = sign_on_or_not(open_browser())
    assert (answer.status_code, "others may read the secret" in answer.text) == (403, True)


def sign_on_or_not(browser: Browser) -> httpx.Response:
    return browser.get("/sign-on", follow_redirects=False)


def test_no_claim_gives_people_a_role_of_programs(by_provider: Provider, root: Path) -> None:
    wanted = SignOn(issuer=by_provider.issuer, client_id=CLIENT, roles={"portal": ("dpo",)})
    with pytest.raises(WhosawError, match="no role of people"):
        set_sign_on(root, wanted, now=datetime.now(UTC))
