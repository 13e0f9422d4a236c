"""Every address and method, asked by every role and by nobody: the table is held against the routes that there are."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from tests.web.conftest import HOST, NOW, PASSWORD, Browser, entries
from tests.web.test_gate import BY_HAND, LETTERS, OF_NO_CASE

from whosaw.app.cases.making import make_version
from whosaw.app.console.accounts import accept, invite
from whosaw.app.console.gate import Role, Verb
from whosaw.store.repositories.findings import stored_findings
from whosaw.store.workspace import journal_of
from whosaw.web.app import console_app
from whosaw.web.served import PUBLIC

# by address and method what it needs, and how a test asks it
TABLE: dict[tuple[str, str], tuple[Verb | str, str]] = {
    ("/", "GET"): (Verb.SEE_OVERVIEW, "/"),
    ("/coverage", "GET"): (Verb.SEE_COVERAGE, "/coverage"),
    ("/findings", "GET"): (Verb.SEE_FINDINGS, "/findings"),
    ("/findings/{name:str}", "GET"): (Verb.SEE_FINDINGS, "/findings/f-0"),
    ("/findings/{name:str}/pictures", "GET"): (Verb.SEE_FINDINGS, "/findings/f-0/pictures"),
    ("/pictures.css", "GET"): (PUBLIC, "/pictures.css"),
    ("/findings/{name:str}/reveal", "POST"): (Verb.REVEAL, "/findings/f-0/reveal"),
    ("/findings/{name:str}/judgment", "POST"): (Verb.JUDGE, "/findings/f-0/judgment"),
    ("/people", "GET"): (Verb.SEE_PERSON, "/people"),
    ("/people", "POST"): (Verb.SEE_PERSON, "/people"),
    ("/people/{number:str}", "GET"): (Verb.SEE_PERSON, "/people/p1"),
    ("/people/{number:str}/reveal", "POST"): (Verb.REVEAL, "/people/p1/reveal"),
    ("/lines/{content:str}/{number:int}", "GET"): (Verb.SEE_LINE, "/lines/0123456789abcdef/1"),
    ("/purpose", "GET"): (Verb.SAY_PURPOSE, "/purpose"),
    ("/purpose", "POST"): (Verb.SAY_PURPOSE, "/purpose"),
    ("/looks", "GET"): (Verb.SEE_LOOKS, "/looks"),
    ("/accounts", "GET"): (Verb.SEE_ACCOUNTS, "/accounts"),
    ("/accounts", "POST"): (Verb.CHANGE_ACCOUNTS, "/accounts"),
    ("/accounts/{name:str}/close", "POST"): (Verb.CHANGE_ACCOUNTS, "/accounts/nobody/close"),
    ("/accounts/tokens", "POST"): (Verb.CHANGE_ACCOUNTS, "/accounts/tokens"),
    ("/accounts/tokens/{token:str}/end", "POST"): (Verb.CHANGE_ACCOUNTS, "/accounts/tokens/0/end"),
    ("/requests", "GET"): (Verb.CONSENT, "/requests"),
    ("/requests/{number:int}", "POST"): (Verb.CONSENT, "/requests/1"),
    ("/enter/{token:str}", "GET"): (PUBLIC, "/enter/0"),
    ("/enter/{token:str}", "POST"): (PUBLIC, "/enter/0"),
    ("/login", "GET"): (PUBLIC, "/login"),
    ("/login", "POST"): (PUBLIC, "/login"),
    ("/logout", "POST"): (PUBLIC, "/logout"),
    ("/home", "GET"): (PUBLIC, "/home"),
    ("/static/{file_path:path}", "GET"): (PUBLIC, "/static/console.css"),
    ("/static/{file_path:path}", "HEAD"): (PUBLIC, "/static/console.css"),
}


def test_the_table_holds_every_address_that_there_is(tmp_path: Path) -> None:
    app = console_app(tmp_path, now=lambda: NOW, hosts=[HOST])
    there = {
        (route.path, method): handler.opt.get("verb")
        for route in app.routes
        for handler in route.route_handlers
        for method in handler.http_methods
        if method != "OPTIONS" and not route.path.startswith("/api/")  # test_api.py has those
    }
    assert there == {key: verb for key, (verb, _) in TABLE.items()}


@pytest.mark.parametrize("role", Role)
def test_a_role_is_answered_what_it_may_see_and_refused_the_rest(
    root: Path, browser: Callable[..., Browser], role: Role
) -> None:
    somebody = browser(role)
    refused = 0
    for (_, method), (verb, path) in TABLE.items():
        if path in ("/logout", "/login"):
            continue  # it would be another one who asks after that
        answer = somebody.post(path) if method == "POST" else somebody.get(path)
        allowed = verb == PUBLIC or LETTERS[role] in BY_HAND[Verb(verb)]
        assert (answer.status_code == 403) == (not allowed), (path, method, answer.status_code)
        assert answer.status_code < 500
        refused += not allowed
    told = [json.loads(each.body) for each in entries(root, "refused")]
    assert len(told) == refused
    assert {each.who for each in entries(root, "refused")} <= {f"console:the-{role}"}


def test_nobody_is_sent_to_log_in(root: Path, browser: Callable[..., Browser]) -> None:
    nobody = browser()
    for (_, method), (verb, path) in TABLE.items():
        answer = nobody.post(path) if method == "POST" else nobody.get(path)
        if verb != PUBLIC:
            assert (answer.status_code, answer.headers.get("location")) == (302, "/login"), path
    assert not entries(root, "seen", "reidentified", "judged", "account.invited")[4:]  # four of the fixture


def test_without_a_purpose_one_is_asked_for_it(root: Path, browser: Callable[..., Browser]) -> None:
    somebody = browser()
    somebody.post("/login", name="the-investigator", password="four words that differ")
    for path in ("/people", "/people/p1", "/lines/0123456789abcdef/1"):
        answer = somebody.get(path)
        assert (answer.status_code, answer.headers["location"]) == (302, "/purpose")
    assert not entries(root, "seen")


# what is narrowed to one's cases, or shows nothing of anybody
NARROWED = {("/", "GET"), ("/findings", "GET"), ("/people", "GET"), ("/purpose", "GET"), ("/purpose", "POST")}


def test_another_cases_people_see_nothing_of_what_is_not_theirs(
    root: Path, browser: Callable[..., Browser]
) -> None:
    with closing(journal_of(root)) as journal:
        findings = [each.id for each in stored_findings(journal)]
        token = invite(journal, "limited", Role, by="a test", now=NOW, cases=["autumn"])
        accept(journal, token, PASSWORD, now=NOW)
    make_version(root, "spring", findings=findings, now=NOW)
    somebody = browser()
    somebody.post("/login", name="limited", password=PASSWORD)
    somebody.post("/purpose", purpose="incident 12")
    for key, (verb, path) in TABLE.items():
        if path in ("/logout", "/login"):
            continue  # it would be another one who asks after that
        asked = path.replace("f-0", findings[0])
        answer = (
            somebody.post(asked, identifier="7", seen="0", state="looking", answer="consent")
            if key[1] == "POST"
            else somebody.get(asked)
        )
        told = verb == PUBLIC or verb in OF_NO_CASE or key in NARROWED
        assert (answer.status_code == 403) == (not told), (key, answer.status_code)
        assert answer.status_code < 500
        assert findings[0] not in answer.text.replace(asked, "")
    assert not entries(root, "seen", "reidentified", "line.read")
