"""Every address and method, asked by every role and by nobody: the table is held against the routes that there are."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from tests.web.conftest import HOST, NOW, PASSWORD, PEOPLE, Browser, entries
from tests.web.test_gate import BY_HAND, LETTERS, OF_NO_CASE

from whosaw.app.cases.making import make_version
from whosaw.app.console.accounts import accept, invite
from whosaw.app.console.gate import Role, Verb
from whosaw.store.repositories.findings import stored_findings
from whosaw.store.workspace import journal_of
from whosaw.web.app import console_app
from whosaw.web.served import OWN, PUBLIC

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
    ("/cases", "GET"): (Verb.SEE_CASES, "/cases"),
    ("/cases", "POST"): (Verb.COUNT_CASE, "/cases"),
    ("/cases/{name:str}", "GET"): (Verb.SEE_CASES, "/cases/none"),
    ("/cases/{name:str}/versions", "GET"): (Verb.SEE_CASES, "/cases/none/versions"),
    ("/cases/{name:str}/telling", "GET"): (Verb.SEE_CASES, "/cases/none/telling"),
    ("/cases/{name:str}/close", "POST"): (Verb.CLOSE_CASE, "/cases/none/close"),
    ("/cases/{name:str}/claim", "GET"): (Verb.SEE_CASES, "/cases/none/claim"),
    ("/cases/{name:str}/claim", "POST"): (Verb.COUNT_CASE, "/cases/none/claim"),
    ("/cases/{name:str}/answers", "GET"): (Verb.SEE_CASES, "/cases/none/answers"),
    ("/cases/{name:str}/answers", "POST"): (Verb.ANSWER_CASE, "/cases/none/answers"),
    ("/cases/{name:str}/duties", "GET"): (Verb.SEE_CASES, "/cases/none/duties"),
    ("/cases/{name:str}/made", "POST"): (Verb.DECIDE, "/cases/none/made"),
    ("/cases/{name:str}/drafts", "GET"): (Verb.SEE_CASES, "/cases/none/drafts"),
    ("/cases/{name:str}/drafts/{draft:str}", "GET"): (Verb.SEE_CASES, "/cases/none/drafts/none"),
    ("/cases/{name:str}/drafts/{draft:str}", "POST"): (Verb.EXPORT, "/cases/none/drafts/none"),
    ("/cases/{name:str}/check", "GET"): (Verb.SEE_CASES, "/cases/none/check"),
    ("/cases/{name:str}/check", "POST"): (Verb.SEE_CASES, "/cases/none/check"),
    ("/cases/{name:str}/decisions", "GET"): (Verb.SEE_CASES, "/cases/none/decisions"),
    ("/cases/{name:str}/decisions", "POST"): (Verb.DECIDE, "/cases/none/decisions"),
    ("/talk/{kind:str}/{name:str}", "GET"): (Verb.SEE_OVERVIEW, "/talk/findings/f-0"),
    ("/remarks/{kind:str}/{name:str}", "POST"): (Verb.REMARK, "/remarks/findings/f-0"),
    ("/withdrawn/{number:int}", "POST"): (Verb.REMARK, "/withdrawn/1"),
    ("/findings/{name:str}/proposals", "POST"): (Verb.JUDGE, "/findings/f-0/proposals"),
    ("/proposals/{number:int}", "POST"): (Verb.DECIDE, "/proposals/1"),
    ("/evidence", "GET"): (Verb.VERIFY, "/evidence"),
    ("/evidence/seal", "POST"): (Verb.SEAL, "/evidence/seal"),
    ("/evidence/verify", "POST"): (Verb.VERIFY, "/evidence/verify"),
    ("/evidence/bundles/{name:str}", "POST"): (Verb.EXPORT, "/evidence/bundles/none"),
    ("/search", "GET"): (Verb.SEE_PERSON, "/search"),
    ("/search", "POST"): (Verb.SEE_PERSON, "/search"),
    ("/clients/{number:int}", "GET"): (Verb.SEE_PERSON, "/clients/1"),
    ("/people/{number:int}/letter", "GET"): (Verb.EXPORT, "/people/1/letter"),
    ("/people/{number:int}/letter", "POST"): (Verb.EXPORT, "/people/1/letter"),
    ("/jobs", "GET"): (Verb.SEE_JOBS, "/jobs"),
    ("/jobs/{number:int}", "GET"): (Verb.SEE_JOBS, "/jobs/1"),
    ("/jobs/scan", "POST"): (Verb.START_SCAN, "/jobs/scan"),
    ("/map", "GET"): (Verb.SEE_COVERAGE, "/map"),
    ("/map", "POST"): (Verb.START_SCAN, "/map"),
    ("/due", "GET"): (Verb.SEE_CASES, "/due"),
    ("/formats", "GET"): (Verb.SEE_COVERAGE, "/formats"),
    ("/formats", "POST"): (Verb.START_SCAN, "/formats"),
    ("/formats/{name:str}", "GET"): (Verb.SEE_COVERAGE, "/formats/none"),
    ("/map/file", "GET"): (Verb.SEE_COVERAGE, "/map/file"),
    ("/events", "GET"): (Verb.SEE_JOBS, "/events"),
    ("/reader", "GET"): (PUBLIC, "/reader"),
    ("/reader", "POST"): (PUBLIC, "/reader"),
    ("/looks", "GET"): (Verb.SEE_LOOKS, "/looks"),
    ("/accounts", "GET"): (Verb.SEE_ACCOUNTS, "/accounts"),
    ("/accounts", "POST"): (Verb.CHANGE_ACCOUNTS, "/accounts"),
    ("/accounts/{name:str}/close", "POST"): (Verb.CHANGE_ACCOUNTS, "/accounts/nobody/close"),
    ("/accounts/tokens", "POST"): (Verb.CHANGE_ACCOUNTS, "/accounts/tokens"),
    ("/accounts/tokens/{token:str}/end", "POST"): (Verb.CHANGE_ACCOUNTS, "/accounts/tokens/0/end"),
    ("/metrics", "GET"): (Verb.SEE_METRICS, "/metrics"),
    ("/sign-on", "GET"): (PUBLIC, "/sign-on"),
    ("/sign-on/back", "GET"): (PUBLIC, "/sign-on/back"),
    ("/sign-on/out", "POST"): (PUBLIC, "/sign-on/out"),
    ("/passkeys", "GET"): (Verb.OWN_ACCOUNT, "/passkeys"),
    ("/passkeys", "POST"): (Verb.OWN_ACCOUNT, "/passkeys"),
    ("/passkeys/begin", "POST"): (Verb.OWN_ACCOUNT, "/passkeys/begin"),
    ("/passkeys/{passkey:str}/end", "POST"): (Verb.OWN_ACCOUNT, "/passkeys/none/end"),
    ("/login/passkey/begin", "POST"): (PUBLIC, "/login/passkey/begin"),
    ("/login/passkey", "POST"): (PUBLIC, "/login/passkey"),
    ("/healthz", "GET"): (PUBLIC, "/healthz"),
    ("/requests", "GET"): (Verb.CONSENT, "/requests"),
    ("/requests/{number:int}", "POST"): (Verb.CONSENT, "/requests/1"),
    ("/enter/{token:str}", "GET"): (PUBLIC, "/enter/0"),
    ("/enter/{token:str}", "POST"): (PUBLIC, "/enter/0"),
    ("/login", "GET"): (PUBLIC, "/login"),
    ("/login", "POST"): (PUBLIC, "/login"),
    ("/logout", "POST"): (PUBLIC, "/logout"),
    ("/home", "GET"): (PUBLIC, "/home"),
    ("/said", "GET"): (Verb.SEE_PERSON, "/said"),
    ("/me", "GET"): (OWN, "/me"),
    ("/me/views", "GET"): (OWN, "/me/views"),
    ("/me/reports", "POST"): (OWN, "/me/reports"),
    ("/me/file", "POST"): (OWN, "/me/file"),
    ("/me/reader", "POST"): (OWN, "/me/reader"),
    ("/me/leave", "POST"): (OWN, "/me/leave"),
    ("/me/enter", "POST"): (PUBLIC, "/me/enter"),
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


@pytest.mark.parametrize("role", PEOPLE)
def test_a_role_is_answered_what_it_may_see_and_refused_the_rest(
    root: Path, browser: Callable[..., Browser], role: Role
) -> None:
    somebody = browser(role)
    refused = 0
    for (_, method), (verb, path) in TABLE.items():
        if path in ("/logout", "/login"):
            continue  # it would be another one who asks after that
        if path == "/events" and LETTERS[role] in BY_HAND[Verb.SEE_JOBS]:
            continue  # an answer without an end: test_live.py asks for it
        answer = somebody.post(path, purpose="incident 12") if method == "POST" else somebody.get(path)
        if f"{path}/".startswith("/me/"):
            assert answer.status_code == 401, (
                path
            )  # whoever they are, these pages are of a person with their own token
            continue
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
        if verb == OWN:
            assert answer.status_code == 401, path
        elif path == "/events":
            assert answer.status_code == 204, path
        elif verb != PUBLIC:
            assert (answer.status_code, answer.headers.get("location")) == (302, "/login"), path
    assert not entries(root, "seen", "reidentified", "judged", "account.invited")[
        len(PEOPLE) :
    ]  # those of the fixture


def test_without_a_purpose_one_is_asked_for_it(root: Path, browser: Callable[..., Browser]) -> None:
    somebody = browser()
    somebody.post("/login", name="the-investigator", password="four words that differ")
    for path in ("/people", "/people/p1", "/search", "/lines/0123456789abcdef/1"):
        answer = somebody.get(path)
        assert (answer.status_code, answer.headers["location"]) == (302, f"/purpose?then={path}")
    answer = somebody.post("/people/1/letter", kind="pdf")
    assert (answer.status_code, answer.headers["location"]) == (302, "/purpose")
    assert not entries(root, "exported")
    assert not entries(root, "seen")


# what is narrowed to one's cases, or shows nothing of anybody
NARROWED = {
    ("/", "GET"),
    ("/findings", "GET"),
    ("/people", "GET"),
    ("/purpose", "GET"),
    ("/purpose", "POST"),
    ("/search", "GET"),
    ("/search", "POST"),
    ("/said", "GET"),
    ("/cases", "GET"),
    ("/due", "GET"),
    ("/people/{number:int}/letter", "GET"),
    ("/jobs", "GET"),
}


def test_another_cases_people_see_nothing_of_what_is_not_theirs(
    root: Path, browser: Callable[..., Browser]
) -> None:
    with closing(journal_of(root)) as journal:
        findings = [each.id for each in stored_findings(journal)]
        token = invite(journal, "limited", PEOPLE, by="a test", now=NOW, cases=["autumn"])
        accept(journal, token, PASSWORD, now=NOW)
    make_version(root, "spring", findings=findings, now=NOW)
    somebody = browser()
    somebody.post("/login", name="limited", password=PASSWORD)
    somebody.post("/purpose", purpose="incident 12")
    for key, (verb, path) in TABLE.items():
        if path in ("/logout", "/login"):
            continue  # it would be another one who asks after that
        if path == "/events" or f"{path}/".startswith("/me/"):
            continue  # an answer without an end; and what is of a person with their own token
        asked = path.replace("f-0", findings[0])
        answer = (
            somebody.post(
                asked, purpose="incident 12", identifier="7", seen="0", state="looking", answer="consent"
            )
            if key[1] == "POST"
            else somebody.get(asked)
        )
        told = verb == PUBLIC or verb in OF_NO_CASE or key in NARROWED
        assert (answer.status_code == 403) == (not told), (key, answer.status_code)
        assert answer.status_code < 500
        assert findings[0] not in answer.text.replace(asked, "")
    assert not entries(root, "seen", "reidentified", "line.read")
