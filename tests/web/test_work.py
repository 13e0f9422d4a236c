"""Long work outlives the browser and the server; new findings are told as they come, also after a break; bundles are taken as bytes alone."""

from __future__ import annotations

import json
import re
from contextlib import closing
from pathlib import Path

import pytest
from tests.web.conftest import NOW, Opens, entries, over

from whosaw.app.cases.listing import list_cases
from whosaw.app.console.gate import Role, Somebody
from whosaw.app.console.jobs import JobDesk, Worker
from whosaw.store.repositories.findings import stored_findings
from whosaw.store.repositories.jobs import change_job, job_of
from whosaw.store.workspace import journal_of

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
