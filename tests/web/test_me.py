"""Who saw me: one person sees what is theirs, and whatever else is asked for is not there, in the same bytes, whether it exists or not."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from litestar.testing import TestClient
from tests.web import test_api, test_every_address
from tests.web.conftest import NOW, PASSWORD, Browser, Clock, all_looks, entries
from tests.web.own_shop import FRONT, HOST, ME, NEVER, ONLY_WALKED, OTHER, Portal

from whosaw.app.asking.questions import Ledger
from whosaw.app.asking.seen_by import seen_by
from whosaw.app.asking.withheld import withheld_clients
from whosaw.app.console.accounts import accept, invite
from whosaw.app.gating.rights import Role
from whosaw.app.gating.tokens import whose_token
from whosaw.app.own.desk import REPORTS_A_DAY
from whosaw.app.own.settings import set_own
from whosaw.app.own.subjects import MOST_MINUTES
from whosaw.app.own.withholding import release, withhold
from whosaw.core.errors import WhosawError
from whosaw.store.journal import Journal
from whosaw.store.repositories.findings import stored_findings
from whosaw.store.repositories.remarks import remarks
from whosaw.store.workspace import Workspace, journal_of
from whosaw.web.app import console_app


@pytest.fixture
def portal(own_shop: Path, clock: Clock) -> Iterator[Portal]:
    app = console_app(own_shop, now=clock, hosts=[HOST], per_minute=100_000)
    with TestClient(app) as client:
        yield Portal(own_shop, client)


def rows(told: dict[str, Any]) -> list[dict[str, Any]]:
    return [each for each in told["items"] if each["kind"] != "gap"]


def by_kind(told: dict[str, Any]) -> list[tuple[str, str, int]]:
    return [(each["kind"], each["who"]["kind"], each["views"]) for each in rows(told)]


# -- what is told


def test_each_view_by_whom_what_for_and_why_the_newest_first(portal: Portal) -> None:
    set_own(portal.root, now=NOW, purposes={"desk": "answering your call"})
    told = portal.ask(portal.let_in(ME)).json()
    assert by_kind(told) == [
        ("view", "unknown", 1),
        ("view", "claimed", 1),
        ("own", "self", 3),
        ("view", "service", 1),
        ("view", "staff", 1),
        ("own", "self", 3),
    ]
    times = [each["time"] for each in told["items"]]
    assert times == sorted(times, reverse=True)
    staff = next(each for each in rows(told) if each["who"]["kind"] == "staff")
    assert (staff["who"]["role"], staff["who"]["name"], staff["purpose"]) == (
        "support desk",
        None,
        "answering your call",
    )
    assert staff["categories"] == ["identity.name", "contact.phone"]
    assert {each["reason"] for each in rows(told) if each["kind"] == "own"} == {"explained"}
    assert next(each["reason"] for each in rows(told) if each["who"]["kind"] == "claimed") == "unexplained"
    gaps = [each for each in told["items"] if each["kind"] == "gap"]
    assert gaps
    assert all(each["source"] == "app.jsonl" and each["since"] < each["time"] for each in gaps)
    assert told["views"] == {"unit": "views", "lower": 10, "upper": 10, "exact": True, "reasons": []}
    assert told["unnamed_views"] == 1
    assert "s-7" not in json.dumps(told)


def test_it_says_what_the_letter_says(portal: Portal) -> None:
    told = portal.ask(portal.let_in(ME)).json()
    with closing(Workspace.open(portal.root)) as workspace:
        ledger = Ledger(workspace, now=NOW)
        letter = seen_by(ledger, ledger.person_number(ME))
        ledger.reader.close()
    assert told["views"]["lower"] == letter.count.lower == sum(each["views"] for each in rows(told))
    assert told["views"]["upper"] == letter.count.upper
    of_letter: dict[tuple[str, str | None], int] = {}
    for each in letter.rows:
        key = (each.viewer.kind, each.viewer.name or None)
        of_letter[key] = of_letter.get(key, 0) + each.views
    of_page: dict[tuple[str, str | None], int] = {}
    for row in rows(told):
        key = (row["who"]["kind"], row["who"]["role"])
        of_page[key] = of_page.get(key, 0) + row["views"]
    assert of_page == of_letter


def test_staff_are_named_only_where_the_organisation_says_so(portal: Portal) -> None:
    token = portal.let_in(ME)
    assert "s-7" not in portal.ask(token).text
    set_own(portal.root, now=NOW, names=True)
    assert [each["who"]["name"] for each in rows(portal.ask(token).json()) if each["who"]["name"]] == ["s-7"]
    assert json.loads(entries(portal.root, "own.seen")[-1].body)["staff_named"]
    set_own(portal.root, now=NOW, names=False)
    assert "s-7" not in portal.ask(token).text


def test_pages_by_key_give_every_row_once(portal: Portal) -> None:
    token = portal.let_in(ME)
    whole = portal.ask(token, "/me/views?limit=200").json()
    path, met = "/me/views?limit=4", []
    while path:
        page = portal.ask(token, path).json()
        assert len(page["items"]) <= 4
        met += page["items"]
        path = page["next"]
    assert met == whole["items"]
    assert len({each["key"] for each in met}) == len(met) > 6


def test_every_look_is_on_record_as_the_persons_own_before_it_is_answered(portal: Portal) -> None:
    token = portal.let_in(ME)
    assert portal.ask(token).status_code == 200
    last = entries(portal.root)[-1]
    body = json.loads(last.body)
    assert (last.kind, body["what"], last.who[:4]) == ("own.seen", "looked at own", "own:")
    with closing(Workspace.open(portal.root)) as workspace:
        ledger = Ledger(workspace, now=NOW)
        number = ledger.person_number(ME)
        ledger.reader.close()
    assert body["numbers"] == {"person": [number]}
    assert all_looks(portal.root)[-1].what == "looked at own"
    assert ME not in "".join(
        each.body + each.who for each in entries(portal.root)
    )  # no identifier, in no entry


# -- and nothing else


def same(answers: list[Any]) -> bytes:
    """The one body of them all, each with status 404 and the same headers, but for the token of forms and limits of rate."""
    told = {
        (
            each.status_code,
            each.content,
            tuple(
                sorted(
                    (k, v)
                    for k, v in each.headers.items()
                    if k != "set-cookie" and not k.startswith("ratelimit")
                )
            ),
        )
        for each in answers
    }
    ((status, body, _),) = told
    assert status == 404
    return bytes(body)


def test_another_persons_id_is_never_there_in_the_same_bytes(portal: Portal) -> None:
    token, other = portal.let_in(ME), portal.let_in(OTHER)
    foreign = portal.ask(other).json()["items"]
    keys = [each["key"] for each in foreign if each["kind"] != "gap"]
    ids = [OTHER, NEVER, ME, "p1", "p2", "p999999999", "customer:4712", "../4712", "0"]
    asked = [f"/me/views/{each}" for each in ids]
    asked += [f"/me/views?{name}={each}" for each in ids for name in ("person", "subject", "id", "userCode")]
    asked += [f"/me/views?after={each}" for each in (*keys, OTHER, "p1", "0" * 32)]
    asked += [f"/me?person={each}" for each in ids] + [f"/me?after={each}" for each in keys]
    asked.append("/me/nothing")
    body = same([portal.ask(token, each) for each in asked])
    assert json.loads(body)["code"] == "own.nowhere"
    assert same([portal.ask(token, "/me/views", method=each) for each in ("DELETE", "PUT", "PATCH")]) == body
    assert not entries(portal.root, "refused")


def test_every_other_address_and_operation_is_not_there_in_the_same_bytes(portal: Portal) -> None:
    token = portal.let_in(ME)
    with closing(journal_of(portal.root)) as journal:
        finding = stored_findings(journal)[0].id
    pages = [
        (path.replace("f-0", finding), method)
        for (_, method), (_, path) in test_every_address.TABLE.items()
        if not f"{path}/".startswith("/me/") and method != "HEAD"
    ]
    operations = [
        (path.replace("{f}", finding).replace("{p}", "p1"), method)
        for (_, method), (_, path, *_) in test_api.TABLE.items()
    ]
    assert len(pages) > 60
    answers = [portal.ask(token, path, method=method) for path, method in (*pages, *operations)]
    answers += [
        portal.ask(token, each)
        for each in ("/nothing", "/people/p1", "/people/p999999999", "/api/v1/nothing")
    ]
    body = same(answers)
    # the cookie of the browser, sent elsewhere by hand, opens nothing either
    portal.client.cookies.set("whosaw-me", token, domain=HOST)
    by_cookie = [portal.client.get(path, follow_redirects=False) for path, method in pages if method == "GET"]
    assert same(by_cookie) == body
    portal.client.cookies.clear()
    document = portal.ask(None, "/api/schema/openapi.json").json()["paths"]
    assert set(document) == {
        re.sub(r":\w+}", "}", path) for path, _ in test_api.TABLE if not path.startswith("/api/schema")
    } | {"/me/views"}


def test_no_role_and_no_ended_token_sees_them(portal: Portal, clock: Clock) -> None:
    token = portal.let_in(ME, minutes=10)
    refused = [
        portal.ask(None),
        portal.ask(portal.token),
        portal.ask("whosaw_me_guess"),
        portal.ask(f"{token}x"),
    ]
    clock.later(timedelta(minutes=10))
    refused.append(portal.ask(token))
    assert {(each.status_code, each.content) for each in refused} == {(401, refused[0].content)}
    assert not entries(portal.root, "own.seen")
    with closing(journal_of(portal.root)) as journal:
        assert whose_token(journal, portal.let_in(ME), now=NOW) is None  # nor does it open the command line


def test_where_the_look_cannot_be_put_on_record_nothing_is_told(
    portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    token, record = portal.let_in(ME), Journal.record

    def full(self: Journal, connection: Any, kind: str, body: object, *, now: datetime) -> int:
        if kind.startswith("own."):
            raise WhosawError("journal.full", "the disk is full")
        return record(self, connection, kind, body, now=now)

    monkeypatch.setattr(Journal, "record", full)
    for answer in (portal.ask(token), portal.ask(token, "/me")):
        assert answer.status_code >= 400
        assert not any(told in answer.text for told in ("items", "AuditEvent", "support desk"))


def test_a_portal_lets_people_in_and_sees_nothing(portal: Portal) -> None:
    headers = {"Authorization": f"Bearer {portal.token}", "Whosaw-Purpose": "x"}
    answers = {
        subject: portal.client.post("/api/v1/subjects", headers=headers, json={"subject": subject})
        for subject in (ME, NEVER)
    }
    assert {each.status_code for each in answers.values()} == {201}
    assert {tuple(each.json()) for each in answers.values()} == {("id", "token", "ends")}
    for wrong in ({"subject": ""}, {"subject": ME, "minutes": MOST_MINUTES + 1}, {"subject": "x\x1fy"}):
        assert portal.client.post("/api/v1/subjects", headers=headers, json=wrong).status_code == 400
    assert portal.client.get("/api/v1/people/p1", headers=headers).status_code == 403
    said = entries(portal.root, "own.let-in")
    assert [each.who for each in said] == ["api:front", "api:front"]
    kept = "".join(each.body for each in said)
    assert not any(text in kept for text in (ME, NEVER, *(each.json()["token"] for each in answers.values())))


def test_a_form_of_another_site_signs_nobody_in(portal: Portal) -> None:
    token = portal.let_in(OTHER)  # of somebody who wants another to take their page for one's own

    def came(origin: str | None) -> Any:
        headers = {} if origin is None else {"Origin": origin}
        return portal.client.post("/me/enter", data={"token": token}, headers=headers, follow_redirects=False)

    strange = (
        "https://evil.example",
        f"{FRONT}.evil.example",
        f"{FRONT}:444",
        FRONT.replace("https", "http"),
        "null",
        "",
        None,
    )
    for origin in (*strange, f"https://{HOST}"):
        told = came(origin)
        assert told.status_code == 403, origin
        assert "set-cookie" not in told.headers
    assert came(FRONT).status_code == 303
    set_own(portal.root, now=NOW, portals=[""])
    assert came(FRONT).status_code == 403, "nobody may until somebody is named"
    set_own(portal.root, now=NOW, portals=["https://My.Example.org:443/", "http://localhost:8080"])
    assert [came(each).status_code for each in ("https://my.example.org", "http://localhost:8080")] == [
        303,
        303,
    ]
    for wrong in (
        "my.example.org",
        "http://my.example.org",
        "https://my.example.org/sign-in",
        "https://",
        "https://x:port",
    ):
        with pytest.raises(WhosawError, match="is no https address of a site"):
            set_own(portal.root, now=NOW, portals=[wrong])


def test_whoever_leaves_is_gone(portal: Portal) -> None:
    browser = portal.enter(ME)
    assert send(browser, "/me/leave").status_code == 200
    assert browser.get("/me").status_code == 401
    assert entries(portal.root, "own.left")


# -- shown later


def test_withheld_views_leave_no_trace_and_are_shown_afterwards(portal: Portal, clock: Clock) -> None:
    walked, never, me = (portal.let_in(each, minutes=MOST_MINUTES) for each in (ONLY_WALKED, NEVER, ME))
    before = portal.ask(me).json()
    assert portal.ask(walked).content != portal.ask(never).content
    end = NOW + timedelta(hours=2)
    told = withhold(portal.root, "203.0.113.9", until=end, ground="Art. 23, police request 12", now=NOW)
    assert (told.state, told.clients) == ("withheld", 1)
    assert portal.ask(walked).content == portal.ask(never).content  # as somebody whom nobody ever saw
    page = portal.ask(me).json()
    assert by_kind(page) == by_kind(before)[1:]
    assert page["views"]["upper"] == before["views"]["upper"] - 1
    assert page["may_be_later"] is before["may_be_later"] is True
    hidden = rows(before)[0]["key"]
    assert portal.ask(me, f"/me/views?after={hidden}").status_code == 200  # a page that was open goes on
    taken = portal.enter(ME)
    assert "203.0.113" not in taken.get("/me").text
    assert hidden not in send(taken, "/me/file", kind="fhir-auditevent").text
    with closing(Workspace.open(portal.root)) as workspace:
        ledger = Ledger(workspace, now=NOW)
        letter = seen_by(ledger, ledger.person_number(ME), hidden=withheld_clients(ledger, now=NOW))
        ledger.reader.close()
    assert (letter.withheld, letter.count.upper) == (True, page["views"]["upper"])
    assert "unknown" not in {each.viewer.kind for each in letter.rows}
    clock.later(timedelta(hours=2))
    assert portal.ask(me).json()["items"] == before["items"]
    body = json.loads(entries(portal.root, "own.withheld")[-1].body)
    assert (body["ground"], body["clients"], body["ends"]) == (
        "Art. 23, police request 12",
        1,
        "2026-11-28T11:00:00Z",
    )


def test_withholding_ends_before_its_end_where_somebody_ends_it(portal: Portal) -> None:
    me = portal.let_in(ME)
    before = portal.ask(me).json()
    with closing(journal_of(portal.root)) as journal:
        finding = stored_findings(journal)[0].id
    told = withhold(portal.root, finding, until=NOW + timedelta(days=30), ground="x", now=NOW)
    assert by_kind(portal.ask(me).json()) == by_kind(before)[1:]
    assert release(portal.root, told.number, now=NOW).state == "ended"
    assert portal.ask(me).json() == before
    assert entries(portal.root, "own.released")
    with pytest.raises(WhosawError) as again:
        release(portal.root, told.number, now=NOW)
    assert again.value.code == "withhold.unknown"


@pytest.mark.parametrize(
    ("days", "ground", "code"),
    [(30, " ", "withhold.no-ground"), (0, "x", "withhold.end"), (181, "x", "withhold.end")],
)
def test_nothing_is_withheld_without_a_ground_or_without_an_end(
    portal: Portal, days: int, ground: str, code: str
) -> None:
    with pytest.raises(WhosawError) as refused:
        withhold(portal.root, "203.0.113.9", until=NOW + timedelta(days=days), ground=ground, now=NOW)
    assert refused.value.code == code
    assert not entries(portal.root, "own.withheld")


# -- that was not me


def send(browser: TestClient[Any], path: str, **form: str) -> Any:
    """A form with the token that pages carry, which is the same on all of them as long as the browser keeps its cookie."""
    if "whosaw-form" not in browser.cookies:
        browser.get("/login")
    return browser.post(
        path, data={"_csrf_token": browser.cookies["whosaw-form"], **form}, follow_redirects=False
    )


def test_that_was_not_me_opens_a_thread_with_the_person_by_number(portal: Portal) -> None:
    browser, token = portal.enter(ME), portal.let_in(ME)
    mine = rows(portal.ask(token).json())
    own, walked = next(each for each in mine if each["kind"] == "own"), mine[0]
    done = send(browser, "/me/reports", key=own["key"], what="not-me", text="I was abroad.\u202e")
    assert (done.status_code, done.headers["location"]) == (303, "/me?said=yes")
    send(browser, "/me/reports", key=walked["key"], what="unknown", text="")
    first, second = (json.loads(each.body) for each in entries(portal.root, "own.reported"))
    person = f"p{first['numbers']['person'][0]}"
    assert (first["about"], first["what"]) == (f"people/{person}", "not-me")
    assert second["about"].startswith("findings/f-")
    with closing(journal_of(portal.root)) as journal:
        (said,) = remarks(journal, first["about"])
        (of_finding,) = remarks(journal, second["about"])
    assert said.who == of_finding.who == f"own:{person}"
    assert said.text.startswith(f"That was not me. ({person}, 3 views, line ")
    assert said.text.endswith("I was abroad.")
    assert ME not in said.text + of_finding.text
    with closing(Workspace.open(portal.root)) as workspace:
        for name, cases in (("kim", None), ("lee", ["autumn"])):
            link = invite(workspace.journal, name, [Role.INVESTIGATOR], by="a test", now=NOW, cases=cases)
            accept(workspace.journal, link, PASSWORD, now=NOW)
    for name, sees in (("kim", True), ("lee", False)):
        team = Browser(TestClient(portal.client.app, base_url=str(portal.client.base_url)))
        team.client.blocking_portal = portal.client.blocking_portal
        team.post("/login", name=name, password=PASSWORD)
        team.post("/purpose", purpose="incident 12")
        page = team.get("/said").text
        assert (said.text.splitlines()[0] in page) == (f"/{first['about']}#remarks" in page) == sees


def test_reports_are_limited_and_of_ones_own_views_alone(portal: Portal, clock: Clock) -> None:
    browser = portal.enter(ME)
    foreign = rows(portal.ask(portal.let_in(OTHER)).json())[0]["key"]
    mine = rows(portal.ask(portal.let_in(ME)).json())[0]["key"]
    gap = next(each["key"] for each in portal.ask(portal.let_in(ME)).json()["items"] if each["kind"] == "gap")
    refused = [send(browser, "/me/reports", key=each, what="unknown") for each in (foreign, gap, "0", "")]
    same(refused)
    assert send(browser, "/me/reports", key=mine, what="other").status_code == 400
    assert (
        browser.post("/me/reports", data={"key": mine, "what": "unknown"}).status_code == 403
    )  # no token of the form
    told = [
        send(browser, "/me/reports", key=mine, what="unknown").status_code for _ in range(REPORTS_A_DAY + 1)
    ]
    assert told == [303] * REPORTS_A_DAY + [429]
    clock.later(timedelta(days=1, seconds=1))
    assert send(portal.enter(ME), "/me/reports", key=mine, what="unknown").status_code == 303


def test_whoever_asks_too_often_is_told_to_come_later(portal: Portal) -> None:
    token, other = portal.let_in(ME), portal.let_in(OTHER)
    told = [portal.ask(token, "/me/views?limit=x").status_code for _ in range(61)]
    assert told == [400] * 60 + [429]
    assert portal.ask(other).status_code == 200
