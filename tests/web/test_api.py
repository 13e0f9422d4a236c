"""The API: every address and method by every role, by another case's people and by nobody; pages by key; errors as problems; no 500."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from litestar.testing import TestClient
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from tests.web.conftest import HOST, NOW, Clock, entries
from tests.web.test_gate import BY_HAND, LETTERS, OF_NO_CASE
from tests.wide import WIDE

from whosaw.app.cases.making import make_version
from whosaw.app.gating import tokens
from whosaw.app.gating.rights import Role, Verb
from whosaw.app.scan import scan
from whosaw.store.repositories.findings import stored_findings
from whosaw.store.workspace import journal_of
from whosaw.web.app import console_app
from whosaw.web.served import PUBLIC

# by address and method what it needs, how a test asks it, with what, and whether it is of the case `spring`
TABLE: dict[tuple[str, str], tuple[Verb | str, str, Any, bool]] = {
    ("/api/v1/findings", "GET"): (Verb.SEE_FINDINGS, "/api/v1/findings", None, True),  # narrowed
    ("/api/v1/findings/{finding:str}", "GET"): (Verb.SEE_FINDINGS, "/api/v1/findings/{f}", None, True),
    ("/api/v1/findings/{finding:str}/judgments", "POST"): (
        Verb.JUDGE,
        "/api/v1/findings/{f}/judgments",
        {"state": "looking", "seen": 0},
        True,
    ),
    ("/api/v1/people", "POST"): (Verb.SEE_PERSON, "/api/v1/people", {"identifier": "7"}, True),
    ("/api/v1/people/{person:str}", "GET"): (Verb.SEE_PERSON, "/api/v1/people/{p}", None, True),
    ("/api/v1/actors", "POST"): (Verb.SEE_PERSON, "/api/v1/actors", {"actor": "{f}"}, True),
    ("/api/v1/cases", "GET"): (Verb.SEE_CASES, "/api/v1/cases", None, True),  # narrowed
    ("/api/v1/cases/{case:str}/versions/{version:int}", "GET"): (
        Verb.SEE_CASES,
        "/api/v1/cases/spring/versions/1",
        None,
        True,
    ),
    ("/api/v1/cases/{case:str}/versions/{version:int}/people", "GET"): (
        Verb.SEE_PERSON,
        "/api/v1/cases/spring/versions/1/people",
        None,
        True,
    ),
    ("/api/v1/remarks/{kind:str}/{key:str}", "GET"): (
        Verb.SEE_OVERVIEW,
        "/api/v1/remarks/cases/spring",
        None,
        True,
    ),
    ("/api/v1/remarks/{kind:str}/{key:str}", "POST"): (
        Verb.REMARK,
        "/api/v1/remarks/cases/spring",
        {"text": "counted twice?"},
        True,
    ),
    ("/api/v1/withdrawn/{number:int}", "POST"): (Verb.REMARK, "/api/v1/withdrawn/1", None, True),
    ("/api/v1/coverage", "GET"): (Verb.SEE_COVERAGE, "/api/v1/coverage", None, False),
    ("/api/v1/looks", "GET"): (Verb.SEE_LOOKS, "/api/v1/looks", None, False),
    ("/api/v1/journal", "GET"): (Verb.SEE_LOOKS, "/api/v1/journal", None, False),
    ("/api/v1/subjects", "POST"): (Verb.LET_IN, "/api/v1/subjects", {"subject": "7"}, False),
    ("/api/schema", "GET"): (PUBLIC, "/api/schema/openapi.json", None, False),
    ("/api/schema/openapi.json", "GET"): (PUBLIC, "/api/schema/openapi.json", None, False),
    ("/api/schema/{path:str}", "GET"): (PUBLIC, "/api/schema/openapi.json", None, False),
}
NARROWED = {("/api/v1/findings", "GET"), ("/api/v1/cases", "GET")}


class Api:
    """The API of a workspace with one case, `spring`, and tokens for it."""

    def __init__(self, root: Path, client: TestClient[Any]) -> None:
        self.root, self.client = root, client
        with closing(journal_of(root)) as journal:
            self.finding = stored_findings(journal)[0].id

    def token(self, name: str, *roles: Role, cases: list[str] | None = None) -> str:
        with closing(journal_of(self.root)) as journal:
            return tokens.make_token(journal, name, roles, by="a test", now=NOW, cases=cases)[1]

    def ask(
        self, method: str, path: str, token: str | None, body: Any = None, purpose: str = "incident 12"
    ) -> Any:
        headers = {} if token is None else {"Authorization": f"Bearer {token}", "Whosaw-Purpose": purpose}
        told = json.loads(json.dumps(body).replace("{f}", self.finding)) if body is not None else None
        path = path.replace("{f}", self.finding).replace("{p}", self.person)
        return self.client.request(method, path, headers=headers, json=told, follow_redirects=False)

    person = "p1"


@pytest.fixture(scope="module")
def cased(shop: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    import shutil

    root = tmp_path_factory.mktemp("cased") / "ws"
    shutil.copytree(shop / "ws", root)
    with closing(journal_of(root)) as journal:
        finding = stored_findings(journal)[0].id
    make_version(root, "spring", findings=[finding], now=NOW)
    return root


@pytest.fixture
def api(cased: Path, tmp_path: Path, clock: Clock) -> Iterator[Api]:
    import shutil

    shutil.copytree(cased, tmp_path / "cased")
    with TestClient(console_app(tmp_path / "cased", now=clock, hosts=[HOST], per_minute=100_000)) as client:
        made = Api(tmp_path / "cased", client)
        token = made.token("first", Role.AUDITOR)
        page = made.ask("GET", "/api/v1/cases/spring/versions/1/people?limit=1", token).json()
        made.person = page["items"][0]["person"]
        yield made


def test_the_table_holds_every_address_that_there_is(api: Api) -> None:
    app: Any = api.client.app
    there = {
        (route.path, method): handler.opt.get("verb")
        for route in app.routes
        for handler in route.route_handlers
        for method in handler.http_methods
        if method != "OPTIONS" and route.path.startswith("/api/")
    }
    assert there == {key: verb for key, (verb, *_) in TABLE.items()}


@pytest.mark.parametrize("role", [*Role, None])
def test_every_address_by_every_role_and_by_nobody(api: Api, role: Role | None) -> None:
    token = None if role is None else api.token("siem", role)
    refused = 0
    for (_, method), (verb, path, body, _) in TABLE.items():
        answer = api.ask(method, path, token, body)
        allowed = verb == PUBLIC or (role is not None and LETTERS[role] in BY_HAND[Verb(verb)])
        expected = (
            answer.status_code in (200, 201)
            if allowed
            else answer.status_code == (401 if role is None else 403)
        )
        assert expected, (path, answer.status_code, answer.text)
        if not allowed:
            assert answer.headers["content-type"].startswith("application/problem+json")
            assert set(answer.json()) == {"type", "title", "status", "detail", "code", "hint"}
            refused += role is not None
    assert len(entries(api.root, "refused")) == refused


@pytest.mark.parametrize(("cases", "inside"), [(["spring"], True), (["autumn"], False)])
def test_every_address_by_those_who_are_limited_to_a_case(api: Api, cases: list[str], inside: bool) -> None:
    token = api.token("limited", *Role, cases=cases)
    api.person = next(
        each["person"]
        for each in api.ask(
            "GET", "/api/v1/cases/spring/versions/1/people", api.token("x", Role.AUDITOR)
        ).json()["items"]
    )
    for (address, method), (verb, path, body, of_case) in TABLE.items():
        asked = {"identifier": api.person} if address == "/api/v1/people" else body
        answer = api.ask(method, path, token, asked)
        may = verb in (PUBLIC, *OF_NO_CASE) or (address, method) in NARROWED or (of_case and inside)
        assert (answer.status_code in (200, 201)) == may, (address, answer.status_code, answer.text)
        assert may or answer.status_code == 403
    for narrowed in ("findings", "cases"):
        assert len(api.ask("GET", f"/api/v1/{narrowed}", token).json()["items"]) == int(inside)


def test_a_look_is_on_record_with_the_purpose_that_the_program_said(api: Api) -> None:
    token = api.token("siem", Role.INVESTIGATOR)
    before = len(entries(api.root, "seen"))
    refused = api.ask("GET", "/api/v1/people/{p}", token, purpose=" ")
    assert (refused.status_code, refused.json()["code"]) == (403, "gate.no-purpose")
    assert len(entries(api.root, "seen")) == before
    assert api.ask("GET", "/api/v1/people/{p}", token).status_code == 200
    last = entries(api.root, "seen")[-1]
    assert (last.who, json.loads(last.body)["reason"]) == ("api:siem", "incident 12")


def test_answers_name_sources_that_no_route_tells(api: Api, tmp_path: Path) -> None:
    token = api.token("siem", Role.INVESTIGATOR)
    asked = (("GET", "/api/v1/people/{p}", None), ("POST", "/api/v1/actors", {"actor": "{f}"}))
    assert [api.ask(method, path, token, body).json()["not_told"] for method, path, body in asked] == [[], []]
    (tmp_path / "desk.log").write_text(
        '192.0.2.7 - - [24/Nov/2025:10:00:00 +0000] "GET /desk/7 HTTP/1.1" 200 1\n' * 2
    )
    scan([str(tmp_path / "desk.log")], root=api.root, now=NOW)
    untold = [{"source": "desk.log", "events": 2}]
    assert [api.ask(method, path, token, body).json()["not_told"] for method, path, body in asked] == [
        untold
    ] * 2


def test_pages_by_key_give_everybody_once(api: Api) -> None:
    token = api.token("siem", Role.AUDITOR)
    whole = api.ask("GET", "/api/v1/cases/spring/versions/1/people?limit=200", token).json()
    path, met = "/api/v1/cases/spring/versions/1/people?limit=7", []
    while path:
        page = api.ask("GET", path, token).json()
        assert len(page["items"]) <= 7
        met += page["items"]
        path = page["next"]
    assert met == whole["items"]
    assert len({each["person"] for each in met}) == len(met) > 7
    path, entries_met = "/api/v1/journal?limit=3", []
    while path:
        page = api.ask("GET", path, token).json()
        entries_met += [each["entry"] for each in page["items"]]
        path = page["next"]
    assert entries_met == list(range(1, len(entries_met) + 1))


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/api/v1/findings/f-none", 404, "finding.unknown"),
        ("/api/v1/people/x", 404, "person.unknown"),
        ("/api/v1/people/p99999999", 404, "person.unknown"),
        ("/api/v1/cases/none/versions/1", 404, "case.unknown"),
        ("/api/v1/cases/spring/versions/9", 404, "case.no-version"),
        ("/api/v1/nothing", 404, "http.404"),
        ("/api/v1/findings?limit=0", 400, "http.400"),
        ("/api/v1/findings?limit=x", 400, "http.400"),
        ("/api/v1/journal?after=x", 400, "api.key"),
    ],
)
def test_errors_are_problems(api: Api, path: str, status: int, code: str) -> None:
    answer = api.ask("GET", path, api.token("siem", Role.AUDITOR))
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"].startswith("application/problem+json")


def test_no_cookie_opens_the_api_and_no_token_opens_a_page(api: Api, browser: Callable[..., Any]) -> None:
    person = browser(Role.INVESTIGATOR)
    assert person.client.get("/api/v1/findings").status_code == 401
    assert person.client.post("/api/v1/people", json={"identifier": "7"}).status_code == 401
    token = api.token("siem", Role.INVESTIGATOR)
    assert api.ask("GET", "/findings", token).headers["location"] == "/login"


def test_a_token_ends_at_its_end(api: Api, clock: Clock) -> None:
    token = api.token("siem", Role.AUDITOR)
    clock.later(timedelta(days=90) - timedelta(seconds=1))
    assert api.ask("GET", "/api/v1/findings", token).status_code == 200
    clock.later(timedelta(seconds=1))
    assert api.ask("GET", "/api/v1/findings", token).status_code == 401


def test_a_program_that_asks_too_often_is_told_when_to_come_again(cased: Path, clock: Clock) -> None:
    with TestClient(console_app(cased, now=clock, hosts=[HOST], per_minute=3)) as client:
        api = Api(cased, client)
        mine, another = api.token("often", Role.AUDITOR), api.token("seldom", Role.AUDITOR)
        told = [api.ask("GET", "/api/v1/findings", mine) for _ in range(4)]
        assert [each.status_code for each in told] == [200, 200, 200, 429]
        assert told[-1].json()["code"] == "http.429"
        assert int(told[-1].headers["ratelimit-reset"]) <= 60
        assert api.ask("GET", "/api/v1/findings", another).status_code == 200


ASKED = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
)


@pytest.mark.parametrize("mode", GenerationMode)
def test_whatever_is_asked_is_answered_as_the_document_says(api: Api, mode: GenerationMode) -> None:
    """Schemathesis asks what fits the OpenAPI document, and what does not: never a 500, and every answer is as the document has it. Half of
    what is asked names things that are there."""
    document = api.ask("GET", "/api/schema/openapi.json", None).json()
    token = api.token("fuzz", *Role)
    good = {
        "person": api.person, "finding": api.finding, "case": "spring", "version": 1, "kind": "cases", "key": "spring", "number": 1,
    }  # fmt: skip
    headers = {"Authorization": f"Bearer {token}", "Whosaw-Purpose": "incident 12"}
    answered: dict[str, set[int]] = {}

    def ask_of(operation: Any) -> None:
        @settings(
            max_examples=250 if WIDE else 3,
            deadline=None,
            database=None,
            derandomize=True,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(operation.as_strategy(generation_mode=mode), st.booleans())
        def ask(case: schemathesis.Case, there: bool) -> None:
            if there:
                case.path_parameters = {name: good[name] for name in case.path_parameters or {}}
            told = case.as_transport_kwargs(base_url=f"http://{HOST}")
            sent = {name: told[name] for name in ("params", "json") if told.get(name) is not None}
            if told.get("data") is not None:
                sent["content"] = told["data"]
            own = {name: str(value) for name, value in (told.get("headers") or {}).items()}
            answer = api.client.request(
                told["method"], told["url"], headers={**own, **headers}, follow_redirects=False, **sent
            )
            answered.setdefault(operation.label, set()).add(answer.status_code)
            case.validate_response(answer, checks=list(ASKED))

        ask()

    for operation in schemathesis.openapi.from_dict(document).get_all_operations():
        if operation.ok().path.startswith("/api/v1/"):
            ask_of(operation.ok())
    assert len(answered) == sum("/api/v1/" in path for path, _ in TABLE)
    assert any(each & {200, 201} for each in answered.values())


def test_a_fault_of_the_program_shows_nothing_of_its_inside(
    api: Api, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from whosaw.app.console.desk import Desk

    def broken(self: Desk) -> object:
        raise RuntimeError("the inside of it")

    monkeypatch.setattr(Desk, "findings", broken)
    answer = api.ask("GET", "/api/v1/findings", api.token("siem", Role.AUDITOR))
    assert (answer.status_code, answer.json()["code"]) == (500, "http.500")
    assert "the inside of it" not in answer.text
    assert "the inside of it" in capsys.readouterr().err  # the terminal says it
