"""What an attacker would try: other pages' forms, other hosts, markup in logs, paths out of the folder, pages in frames."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from tests.web.conftest import Browser

from whosaw.app.console.gate import Role

HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
    "cross-origin-opener-policy": "same-origin",
}


def person(somebody: Browser) -> str:
    return str(somebody.post("/people", identifier="7").headers["location"])


@pytest.mark.parametrize(
    "path", ["/", "/login", "/nothing", "/static/console.css", "/people/p99999999", "/static/x"]
)
def test_every_answer_says_what_a_browser_may_do_with_it(browser: Callable[..., Browser], path: str) -> None:
    answer = browser(Role.INVESTIGATOR).get(path)
    assert HEADERS.items() <= dict(answer.headers).items()
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy  # the one script of the console, and none in a page
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy


def test_a_form_of_another_page_changes_nothing(browser: Callable[..., Browser]) -> None:
    somebody = browser(Role.ADMINISTRATOR)
    for form in ({}, {"_csrf_token": "0" * 128}):
        answer = somebody.client.post("/accounts", data={"name": "thief", "auditor": "yes", **form})
        assert answer.status_code == 403
    assert "thief" not in somebody.get("/accounts").text


@pytest.mark.parametrize("host", ["evil.example", "testserver.local.evil.example", "127.0.0.1", ""])
def test_under_another_name_nothing_is_answered(browser: Callable[..., Browser], host: str) -> None:
    answer = browser().client.get("/login", headers={"host": host})
    assert answer.status_code == 400
    assert "Log in" not in answer.text


def test_markup_in_a_log_is_text_on_a_page(browser: Callable[..., Browser]) -> None:
    somebody = browser(Role.INVESTIGATOR)
    pages = [somebody.get(f"/people/p{number}").text for number in range(9)]
    assert any("&lt;script&gt;x&lt;/script&gt;&lt;a hx-get=/x&gt;" in page for page in pages)
    for page in pages:
        assert re.findall(r"<script[^>]*>", page) == ['<script src="/static/live.js" defer>']
        assert "<a hx-get" not in page


@pytest.mark.parametrize(
    "path",
    [
        "/static/../templates/base.html", "/static/%2e%2e/templates/base.html", "/static/..%2ftemplates%2fbase.html",
        "/static//etc/passwd", "/static/console.css/../../../../core/errors.py",
    ],
)  # fmt: skip
def test_no_path_leads_out_of_the_folder(browser: Callable[..., Browser], path: str) -> None:
    answer = browser().client.get(path)
    assert answer.status_code in (400, 404)
    for inside in ("{% block", "root:x:0", "class WhosawError"):
        assert inside not in answer.text


@pytest.mark.parametrize(
    "text", ["p1'; DROP TABLE account", "<script>", "p1\r\nSet-Cookie: a=b", "\u202ep1", "x" * 5_000]
)
def test_whatever_is_asked_for_is_answered_or_refused(browser: Callable[..., Browser], text: str) -> None:
    answer = browser(Role.INVESTIGATOR).post("/people", identifier=text)
    assert 400 <= answer.status_code < 500
    assert "<script>" not in answer.text
    assert "set-cookie" not in {name for name in answer.headers if "a=b" in answer.headers[name]}


@pytest.mark.parametrize("path", ["/people/7", "/people/p1x", "/people/kim@example.org", "/people/p-1"])
def test_an_address_names_a_person_by_number_alone(browser: Callable[..., Browser], path: str) -> None:
    assert browser(Role.INVESTIGATOR).get(path).status_code == 404


def test_a_large_form_is_refused(browser: Callable[..., Browser]) -> None:
    assert browser(Role.INVESTIGATOR).post("/people", identifier="x" * 200_000).status_code == 413


def test_cookies_are_not_for_scripts_nor_for_other_pages(browser: Callable[..., Browser]) -> None:
    somebody = browser()
    given = somebody.post("/login", name="the-auditor", password="four words that differ")
    cookie = given.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie


@pytest.mark.parametrize(
    "to",
    [
        "//evil.example",
        "https://evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "/a\r\nSet-Cookie: a=b",
        "evil.example",
    ],
)
def test_no_address_that_somebody_says_is_gone_to(browser: Callable[..., Browser], to: str) -> None:
    somebody = browser(Role.INVESTIGATOR)
    sent = somebody.post("/purpose", purpose="incident 12", then=to)
    assert (sent.status_code, sent.headers["location"]) == (303, "/search")
    assert "evil.example" not in somebody.client.get("/purpose", params={"then": to}).text
    assert (
        somebody.post("/purpose", purpose="incident 12", then="/people/p1").headers["location"]
        == "/people/p1"
    )
