"""What is told while a page is open, to whom, and to whom no longer: every stream that there is, by every role, by those who are limited to
another case, and by nobody."""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path
from threading import Thread

import httpx
import pytest
import uvicorn
from litestar.response import ServerSentEvent
from tests.web.conftest import HOST, NOW, PASSWORD, PEOPLE, Clock
from tests.web.test_gate import BY_HAND, LETTERS
from tests.web.test_work import asked

from whosaw.app.console.accounts import accept, close_account, invite, log_in
from whosaw.app.console.gate import Role, Somebody, Verb
from whosaw.app.console.judging import judge
from whosaw.app.console.talking import TalkDesk
from whosaw.store.journal import tables
from whosaw.store.repositories.accounts import end_logins
from whosaw.store.repositories.finding_ids import newest_name
from whosaw.store.repositories.findings import stored_findings
from whosaw.store.workspace import journal_of
from whosaw.web import live
from whosaw.web.app import console_app
from whosaw.web.live import Looking, Waiting


@pytest.fixture
def served(root: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A console on a free port of this machine, whose pages are told a dozen times as often: what is told hangs on no pause."""
    monkeypatch.setattr(live, "PAUSE", live.PAUSE / 12)
    listening = socket.create_server(("127.0.0.1", 0))
    address = f"127.0.0.1:{listening.getsockname()[1]}"
    app = console_app(root, now=clock, hosts=[address])
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=1))
    thread = Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    yield f"http://{address}"
    server.should_exit = True
    thread.join()
    app.state.served.worker.join()
    listening.close()


@contextmanager
def logged_in(address: str, name: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=address, timeout=None) as client:
        client.get("/login")
        form = {"_csrf_token": client.cookies["whosaw-form"], "name": name, "password": PASSWORD}
        assert client.post("/login", data=form).status_code == 303
        yield client


def events(client: httpx.Client, last: str = "", since: str = "") -> Iterator[tuple[str, str]]:
    """Kind and number of each event, as they come."""
    path = f"/events?since={since}" if since else "/events"
    with client.stream("GET", path, headers={"last-event-id": last} if last else {}) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        told: dict[str, str] = {}
        for line in answer.iter_lines():
            name, _, value = line.partition(": ")
            told[name] = value
            if not line and "event" in told:
                yield told["event"], told["id"]
                told = {}


def add_name(root: Path) -> None:
    """As a scan does that finds something new."""
    with closing(journal_of(root)) as journal, journal.transaction() as connection:
        seq = newest_name(journal) + 1
        row = tables.finding_name.insert().values(
            id=f"f-{seq:016x}", seq=seq, anchor=f"{seq:032x}", state="found", why="[]"
        )
        connection.execute(row)


def test_a_new_finding_is_told_as_it_comes_and_after_a_break(root: Path, served: str) -> None:
    with logged_in(served, "the-investigator") as client:
        stream = events(client)
        kind, number = next(stream)
        assert (kind, number) == ("hello", "1")
        add_name(root)
        assert next(stream) == ("finding", "2")
        stream.close()
        add_name(root)
        again = events(client, last="2")
        assert next(again) == ("hello", "2")
        assert next(again) == ("finding", "3")
        again.close()
        out_of_sight = events(client, since="1")
        next(out_of_sight)
        assert next(out_of_sight) == ("finding", "3")
        out_of_sight.close()


def test_what_comes_before_a_page_hears_is_told_to_it(root: Path, served: str) -> None:
    """It says how far it is, and that number is taken before anything of it is read."""
    with logged_in(served, "the-investigator") as client:
        with closing(journal_of(root)) as journal:
            (finding,) = stored_findings(journal)
        page = client.get("/findings").text
        since, news = re.findall(r'data-since="(\d+)" data-news="([-\d]+)"', page)[0]
        assert (since, news) == ("1", "1-0-0-0")
        add_name(root)
        with closing(journal_of(root)) as journal:
            judge(journal, finding.id, state="looking", assignee="", note="", seen=0, by="ann", now=NOW)
        with client.stream("GET", f"/events?since={since}") as answer:
            told: list[str] = []
            for line in answer.iter_lines():
                told.append(line)
                if line == "event: finding":
                    break
        assert "id: 1" in told
        assert "data: 0 2-1-0-0" in told  # so it draws what it shows anew
        assert 'data-since="2" data-news="2-1-0-0"' in client.get("/").text
        form = {"_csrf_token": client.cookies["whosaw-form"], "state": "none", "note": "", "seen": "0"}
        refused = client.post(
            f"/findings/{finding.id}/judgment", data=form
        )  # a page that is no answer to GET
        assert refused.status_code == 400
        assert 'data-since="2"' in refused.text


def test_what_is_said_is_told_to_whoever_may_see_what_it_is_about(root: Path, served: str) -> None:
    """A page that is open hears of the thing alone; what was said it asks for, as anybody does."""
    with closing(journal_of(root)) as journal:
        accept(
            journal,
            invite(journal, "limited", [Role.OFFICER], by="a test", now=NOW, cases=["autumn"]),
            PASSWORD,
            now=NOW,
        )
    ann = TalkDesk(root=root, who=Somebody(name="ann", roles=frozenset({Role.OFFICER}), purpose="x"), now=NOW)
    with logged_in(served, "the-auditor") as client, logged_in(served, "limited") as other:
        hears, beside = events(client), events(other)
        assert [next(hears)[0], next(beside)[0]] == ["hello", "hello"]
        ann.remark("sources", "access.log", "until when?", "")
        assert next(hears) == ("said", "1")
        with closing(journal_of(root)) as journal, journal.transaction() as connection:
            end_logins(connection, account="limited")
        add_name(root)
        assert next(beside, None) is None
        hears.close()


def test_who_sees_no_findings_is_told_of_none(root: Path, served: str) -> None:
    """An administrator is told of work alone."""
    number = asked(root)
    with logged_in(served, "the-administrator") as client:
        add_name(root)
        with client.stream("GET", f"/events?job={number}") as answer:
            told = ""
            for text in answer.iter_text():
                told += text
                if '"over": true' in told:
                    break
    assert "event: finding" not in told
    assert '"over": true' in told


def test_an_open_page_keeps_no_login_alive(root: Path, served: str, clock: Clock) -> None:
    with logged_in(served, "the-auditor") as client:
        clock.later(timedelta(minutes=59))
        stream = events(client)
        next(stream)
        stream.close()
        clock.later(timedelta(minutes=2))
        assert client.get("/").headers["location"] == "/login"


def test_nobody_is_told_anything(served: str) -> None:
    """A page that is still open where its login has ended is told so in the way of the standard: do not connect again."""
    answer = httpx.get(f"{served}/events")
    assert (answer.status_code, answer.content) == (204, b"")


def test_the_journal_is_looked_into_once_however_many_wait(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked = []
    real = Looking.now
    monkeypatch.setattr(Looking, "now", lambda self: looked.append(1) or real(self))
    looking = Looking(root, lambda: NOW)

    async def all_wait() -> None:
        await asyncio.gather(*(looking.look() for _ in range(50)))

    asyncio.run(all_wait())
    assert (len(looked), looking.news.finding) == (1, 1)


def test_it_is_asked_anew_who_somebody_is_before_they_are_told(root: Path) -> None:
    """Also where their role was taken away a moment before, between two looks at whether logins still hold."""
    with closing(journal_of(root)) as journal:
        cookie = log_in(journal, "the-investigator", PASSWORD, now=NOW)
    looking = Looking(root, lambda: NOW)
    page = Waiting(cookie=cookie, finding=1, judgments=0, remark=0)
    looking.open.add(page)
    looking.now()
    assert page.who is not None
    with closing(journal_of(root)) as journal:
        invite(journal, "the-investigator", [Role.ADMINISTRATOR], by="a test", now=NOW)
    looking.now()
    assert page.who.roles == {Role.INVESTIGATOR}  # nothing is told yet
    add_name(root)
    looking.now()
    assert page.who.roles == {Role.ADMINISTRATOR}


@pytest.mark.parametrize("taken", ["role", "cases", "account"])
def test_who_lost_the_right_in_the_middle_of_a_stream_is_told_nothing_more(
    root: Path, served: str, taken: str
) -> None:
    with logged_in(served, "the-investigator") as client, closing(journal_of(root)) as journal:
        stream = events(client)
        assert next(stream) == ("hello", "1")
        add_name(root)
        assert next(stream) == ("finding", "2")
        if taken == "account":
            close_account(journal, "the-investigator", by="a test", now=NOW)
        else:
            roles = [Role.ADMINISTRATOR] if taken == "role" else [Role.INVESTIGATOR]
            invite(
                journal,
                "the-investigator",
                roles,
                by="a test",
                now=NOW,
                cases=["autumn"] if taken == "cases" else None,
            )
        add_name(root)
        if taken != "account":
            with logged_in(served, "the-privacy-officer") as other:
                beside = events(other, last="2")
                next(beside)
                assert next(beside) == ("finding", "3")  # by then whoever may see it was told
                beside.close()
            close_account(journal, "the-investigator", by="a test", now=NOW)
        assert next(stream, None) is None  # the stream ends, and nothing was in it


def test_the_streams_that_there_are(tmp_path: Path) -> None:
    """Those that are tried here are all."""
    app = console_app(tmp_path, now=lambda: NOW, hosts=[HOST])
    assert {
        route.path
        for route in app.routes
        for handler in route.route_handlers
        if handler.parsed_fn_signature.return_type.annotation is ServerSentEvent
    } == {"/events"}


@pytest.mark.parametrize("limited", [False, True], ids=["of all cases", "of another case"])
@pytest.mark.parametrize("role", PEOPLE)
def test_each_role_is_told_what_it_may_see_and_another_cases_people_nothing(
    root: Path, served: str, role: Role, *, limited: bool
) -> None:
    number, name = asked(root), f"the-{role}"
    if limited:
        with closing(journal_of(root)) as journal:
            accept(
                journal,
                invite(journal, "limited", [role], by="a test", now=NOW, cases=["autumn"]),
                PASSWORD,
                now=NOW,
            )
        name = "limited"
    with logged_in(served, name) as client, client.stream("GET", f"/events?job={number}") as answer:
        told = answer.iter_text()
        text = next(told)
        add_name(root)
        with logged_in(served, "the-investigator") as other:
            beside = events(other, last="1")
            assert [kind for kind, _ in (next(beside), next(beside))] == ["hello", "finding"]
            beside.close()
        with closing(journal_of(root)) as journal, journal.transaction() as connection:
            end_logins(connection, account=name)
        text += "".join(told)
    assert ("event: finding" in text) == (not limited and LETTERS[role] in BY_HAND[Verb.SEE_FINDINGS])
    assert "event: job" in text
    if limited:
        assert 'data: {"over": true, "stage": "", "part": null}' in text  # as of one that there is not
