"""Long work outlives the browser and the server; new findings are told as they come, also after a break; bundles are taken as bytes alone."""

from __future__ import annotations

import json
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
from tests.web.conftest import NOW, PASSWORD, Clock, Opens, entries, over

from whosaw.app.cases.listing import list_cases
from whosaw.app.console.gate import Role, Somebody
from whosaw.app.console.jobs import JobDesk, Worker
from whosaw.store.journal import Journal, tables
from whosaw.store.repositories.findings import stored_findings
from whosaw.store.repositories.jobs import change_job, job_of
from whosaw.store.workspace import journal_of
from whosaw.web.app import console_app
from whosaw.web.live import Newest

ANN = Somebody(name="ann", roles=frozenset({Role.INVESTIGATOR}), purpose="incident 12")


def asked(root: Path, case: str = "spring") -> int:
    """A count of the one finding, asked for by ann."""
    with closing(journal_of(root)) as journal:
        (finding,) = stored_findings(journal)
    return JobDesk(root=root, who=ANN, now=NOW).count(case, (finding.id,), (), every=False)


def state(root: Path, number: int) -> str:
    with closing(journal_of(root)) as journal:
        found = job_of(journal, number)
    assert found is not None
    return found.state


def runs(root: Path, number: int) -> None:
    """As a server leaves it that is killed in the midst of the work."""
    with closing(journal_of(root)) as journal, journal.transaction() as connection:
        change_job(connection, number, state="runs", answer="", ended=None)


def versions(root: Path) -> int:
    return sum(len(each.versions) for each in list_cases(root).cases)


def test_what_was_asked_for_is_done_after_a_restart(root: Path) -> None:
    number = asked(root)
    runs(root, number)  # it was begun, and came to nothing
    assert Worker(root, now=lambda: NOW).one()
    assert (state(root, number), versions(root)) == ("done", 1)
    assert not Worker(root, now=lambda: NOW).one()


def test_what_was_done_and_not_told_is_not_done_twice(root: Path) -> None:
    number = asked(root)
    Worker(root, now=lambda: NOW).one()
    runs(root, number)  # killed between the version and the word of it
    assert Worker(root, now=lambda: NOW).one()
    assert (state(root, number), versions(root)) == ("done", 1)


def test_work_that_fails_says_why_and_does_not_end_the_rest(root: Path) -> None:
    desk = JobDesk(root=root, who=ANN, now=NOW)
    bad = desk.count("lost", ("f-none",), (), every=False)
    good = asked(root)
    worker = Worker(root, now=lambda: NOW)
    while worker.one():
        pass
    assert (state(root, bad), state(root, good)) == ("failed", "done")
    assert "f-none" in desk.job(bad).fault


def test_a_scan_names_no_place_that_was_not_read_before(root: Path, shop: Path) -> None:
    number = JobDesk(root=root, who=ANN, now=NOW).scan()
    Worker(root, now=lambda: NOW).one()
    assert state(root, number) == "done"
    begun = [json.loads(each.body)["paths"] for each in entries(root, "scan.begin")]
    assert begun == [[str(shop / "access.log")]] * 2
    assert entries(root, "scan.begin")[-1].who == "console:ann"


def test_work_that_is_stopped_is_taken_up_again(root: Path) -> None:
    number = JobDesk(root=root, who=ANN, now=NOW).scan()
    worker = Worker(root, now=lambda: NOW)
    real = worker._do

    def stopped(*given: object, **named: object) -> str:
        worker.stop()
        return real(*given, **named)  # type: ignore[arg-type]

    worker._do = stopped  # type: ignore[method-assign]
    assert not worker.one()
    assert state(root, number) == "runs"
    assert Worker(root, now=lambda: NOW).one()
    assert state(root, number) == "done"


def test_two_consoles_do_not_do_the_same_work(root: Path) -> None:
    asked(root)
    first, second = (Worker(root, now=lambda: NOW) for _ in range(2))
    real, also = first._do, []

    def meanwhile(*given: object, **named: object) -> str:
        also.append(second.one())
        return real(*given, **named)  # type: ignore[arg-type]

    first._do = meanwhile  # type: ignore[method-assign]
    assert first.one()
    assert also == [False]
    assert (versions(root), second.one()) == (1, False)


# -- bundles


def test_a_bundle_is_sealed_given_out_and_holds(case_root: Path, case_browser: Opens) -> None:
    somebody = case_browser(Role.INVESTIGATOR)
    job = somebody.post("/evidence/seal", case="spring").headers["location"]
    over(somebody, job)
    (action,) = re.findall(r'action="(/evidence/bundles/[^"]+)"', somebody.get("/evidence").text)
    given = somebody.post(action)
    (record,) = entries(case_root, "exported")
    assert json.loads(record.body)["what"] == f"bundle {action.rpartition('/')[2]}"
    whole = somebody.post("/evidence/verify", files={"bundle": ("x", given.content)}).text
    assert whole.count(">holds<") > 5
    assert ">broken<" not in whole
    torn = bytearray(given.content)
    torn[len(torn) // 2] ^= 1
    assert ">broken<" in somebody.post("/evidence/verify", files={"bundle": ("x", bytes(torn))}).text
    assert [json.loads(each.body)["answer"] for each in entries(case_root, "evidence.verified")] == [
        "cannot tell",  # nobody signed it
        "broken",
    ]


@pytest.mark.parametrize("data", [b"PK\x05\x06" + b"\0" * 18, b"<script>", b"\x00" * 1_000, b"{}"])
def test_what_is_no_bundle_is_said_to_be_none(browser: Opens, data: bytes) -> None:
    told = browser(Role.AUDITOR).post("/evidence/verify", files={"bundle": ("../../x.evidence", data)})
    assert told.status_code == 200
    (answer,) = re.findall(r'The bundle: <span class="state (\w+)"', told.text)
    assert answer in ("new", "looking")  # broken, or cannot tell
    assert "<script>" not in told.text


@pytest.mark.parametrize(
    "name", ["..%2f..%2fvault.key", "%2e%2e", "vault.key", "..%5cvault.key", "x.evidence"]
)
def test_a_bundle_is_named_and_never_a_path(root: Path, browser: Opens, name: str) -> None:
    answer = browser(Role.INVESTIGATOR).post(f"/evidence/bundles/{name}")
    assert answer.status_code in (400, 404)
    assert (root / "vault.key").read_bytes() not in answer.content


@pytest.mark.parametrize("path", ["/cases/spring/claim", "/cases/spring/check"])
def test_a_file_that_is_too_large_is_refused(
    case_browser: Opens, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("whosaw.web.case_pages._CLAIM_MOST", 1_000)
    monkeypatch.setattr("whosaw.web.law_pages._TEXT_MOST", 1_000)
    sent = case_browser(Role.INVESTIGATOR).post(path, files={"file": ("x.csv", b"x" * 1_001)}, form="notice")
    assert sent.status_code == 413


# -- live


@pytest.fixture
def served(root: Path, clock: Clock) -> Iterator[str]:
    """A console on a free port of this machine."""
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
        seq = Newest(root)() + 1
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
    answer = httpx.get(f"{served}/events")
    assert (answer.status_code, answer.headers["location"]) == (302, "/login")


def test_the_journal_is_asked_once_however_many_wait(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked_for = []
    real = Journal.rows
    monkeypatch.setattr(Journal, "rows", lambda self, *a, **k: asked_for.append(1) or real(self, *a, **k))
    newest = Newest(root)
    assert [newest() for _ in range(50)] == [1] * 50
    assert len(asked_for) < 50
