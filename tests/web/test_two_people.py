"""What takes two people: one asks, another one consents, both are on record; on the command line and in the console alike."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from tests.web.conftest import NOW, Browser, Clock, entries

from whosaw.app.asking.export import export_record
from whosaw.app.asking.questions import open_ledger
from whosaw.app.cases.making import make_version
from whosaw.app.cases.versions import close_case
from whosaw.app.gating.rights import Role, Somebody
from whosaw.app.gating.running import set_gate
from whosaw.app.gating.two import Rules, answer_request, list_requests
from whosaw.core.errors import WhosawError
from whosaw.store.permits import under_permit
from whosaw.store.repositories.findings import stored_findings
from whosaw.store.workspace import journal_of

ANN = Somebody(name="ann", roles=frozenset({Role.OFFICER}))


def code(act: Callable[[], object]) -> str:
    with pytest.raises(WhosawError) as caught:
        act()
    return caught.value.code


def answer(root: Path, number: int, said: str, who: Somebody = ANN, now: object = NOW) -> None:
    with closing(journal_of(root)) as journal:
        journal.who = f"console:{who.name}"
        answer_request(journal, number, said, who=who, now=now)  # type: ignore[arg-type]


def test_an_export_waits_for_a_second_person_and_goes_once_they_consent(root: Path, tmp_path: Path) -> None:
    set_gate(root, now=NOW, rules=Rules(export=True))
    file = tmp_path / "record.csv"
    assert code(lambda: export_record(root, file, now=NOW)) == "gate.second-person"
    assert code(lambda: export_record(root, file, now=NOW)) == "gate.second-person"  # the same request waits
    assert not file.exists()
    assert len(entries(root, "request.asked")) == 1
    answer(root, 1, "consent")
    export_record(root, file, now=NOW + timedelta(hours=1))
    assert file.exists()
    kinds = [each.kind for each in entries(root) if each.kind.startswith(("request", "exported"))]
    assert kinds == ["request.asked", "request.answered", "request.used", "exported"]
    told = [
        json.loads(each.body) for each in entries(root, "request.asked", "request.answered", "request.used")
    ]
    assert told[0]["about"] == told[1]["about"]
    assert told[2]["consent"] == "console:ann"


def test_a_consent_is_to_exactly_what_was_asked_for(root: Path, tmp_path: Path) -> None:
    set_gate(root, now=NOW, rules=Rules(export=True))
    assert code(lambda: export_record(root, tmp_path / "a.csv", now=NOW)) == "gate.second-person"
    answer(root, 1, "consent")
    raw = lambda: export_record(root, tmp_path / "b.csv", now=NOW, reveal=True, reason="x")  # noqa: E731
    assert code(raw) == "gate.second-person"
    with under_permit(root, "console:lee"):  # the consent was to another one
        assert code(lambda: export_record(root, tmp_path / "c.csv", now=NOW)) == "gate.second-person"
    assert not list(tmp_path.glob("*.csv"))


def test_a_consent_ends_after_a_day_and_a_refusal_is_one(root: Path, tmp_path: Path) -> None:
    set_gate(root, now=NOW, rules=Rules(export=True))
    ask = lambda now: code(lambda: export_record(root, tmp_path / "a.csv", now=now))  # noqa: E731
    assert ask(NOW) == "gate.second-person"
    answer(root, 1, "refusal")
    assert ask(NOW) == "gate.second-person"
    answer(root, 2, "consent")
    assert ask(NOW + timedelta(hours=24)) == "gate.second-person"
    with closing(journal_of(root)) as journal:
        states = [each.state for each in list_requests(journal, now=NOW + timedelta(hours=24))]
    assert states == ["waits", "ended", "refused"]


def test_nobody_consents_to_their_own_request_and_no_program_does(root: Path, tmp_path: Path) -> None:
    set_gate(root, now=NOW, rules=Rules(export=True))
    with under_permit(root, "console:kim"):
        assert code(lambda: export_record(root, tmp_path / "a.csv", now=NOW)) == "gate.second-person"
    kim = Somebody(name="kim", roles=frozenset({Role.OFFICER}))
    assert code(lambda: answer(root, 1, "consent", kim)) == "request.own"
    program = Somebody(name="siem", roles=frozenset({Role.OFFICER}), service=True)
    assert code(lambda: answer(root, 1, "consent", program)) == "request.service"
    assert code(lambda: answer(root, 1, "consent", now=NOW + timedelta(hours=24))) == "request.over"
    assert code(lambda: answer(root, 9, "consent")) == "request.unknown"
    answer(root, 1, "consent")
    assert code(lambda: answer(root, 1, "consent")) == "request.over"


def test_many_people_unmasked_take_two_also_where_they_are_asked_for_one_by_one(root: Path) -> None:
    set_gate(root, now=NOW, rules=Rules(reveal_more_than=2))

    def reveal(number: int, now: object = NOW) -> None:
        with closing(open_ledger(root, now=now, reveal=True, reason="x")) as ledger:  # type: ignore[arg-type]
            ledger.who(f"p{number}")

    reveal(1)
    reveal(2)
    reveal(1)  # who was seen already counts once
    assert code(lambda: reveal(3)) == "gate.second-person"
    assert len(entries(root, "reidentified")) == 3
    with closing(journal_of(root)) as journal:
        (asked,) = list_requests(journal, now=NOW)
    assert (asked.persons, asked.act, asked.what) == (3, "reveal", "who p3")
    reveal(4, NOW + timedelta(days=1, seconds=1))  # another day


def test_a_case_is_closed_by_two(root: Path) -> None:
    with closing(journal_of(root)) as journal:
        finding = stored_findings(journal)[0].id
    make_version(root, "spring", findings=[finding], now=NOW)
    set_gate(root, now=NOW, rules=Rules(close_final=True))
    assert code(lambda: close_case(root, "spring", despite="x", now=NOW)) == "gate.second-person"
    answer(root, 1, "consent")
    assert code(lambda: close_case(root, "spring", despite="another reason", now=NOW)) == "gate.second-person"
    assert close_case(root, "spring", despite="x", now=NOW).version == 2


def test_in_the_console_one_asks_and_another_one_consents(
    root: Path, browser: Callable[..., Browser], clock: Clock
) -> None:
    set_gate(root, now=NOW, rules=Rules(reveal_more_than=0))
    investigator, officer, auditor = browser(Role.INVESTIGATOR), browser(Role.OFFICER), browser(Role.AUDITOR)
    person = investigator.post("/people", identifier="7").headers["location"]
    waits = investigator.post(f"{person}/reveal", reason="the person asked")
    assert waits.status_code == 409
    assert "request 1 waits" in waits.text
    assert "192.0.2." not in waits.text
    assert "the person asked" in officer.get("/requests").text
    assert investigator.post("/requests/1", answer="consent").status_code == 400  # their own
    assert auditor.post("/requests/1", answer="consent").status_code == 403
    assert officer.post("/requests/1", answer="perhaps").status_code == 400
    assert officer.post("/requests/1", answer="consent").status_code == 303
    shown = investigator.post(f"{person}/reveal", reason="the person asked")
    assert (shown.status_code, "192.0.2." in shown.text) == (200, True)
    assert [each.who for each in entries(root, "request.asked", "request.answered")] == [
        "console:the-investigator",
        "console:the-privacy-officer",
    ]


def test_tokens_are_made_and_ended_on_the_page(root: Path, browser: Callable[..., Browser]) -> None:
    admin = browser(Role.ADMINISTRATOR)
    made = admin.post("/accounts/tokens", name="siem", auditor="yes", days="30", cases="")
    assert made.status_code == 200
    (secret,) = {word.strip("</code>") for word in made.text.split() if "whosaw_" in word} or {""}
    assert "whosaw_" not in admin.get("/accounts").text  # it is shown once
    (entry,) = entries(root, "token.made")
    token = json.loads(entry.body)["token"]
    assert secret.partition("whosaw_")[2].strip("</code>p")[:10] not in entry.body
    assert admin.post(f"/accounts/tokens/{token}/end").status_code == 303
    assert len(entries(root, "token.revoked")) == 1
    assert browser(Role.AUDITOR).post("/accounts/tokens", name="x", auditor="yes").status_code == 403


def test_the_console_of_a_workspace_that_asks_for_accounts_is_opened_by_a_login(
    root: Path, browser: Callable[..., Browser]
) -> None:
    set_gate(root, now=NOW, accounts_required=True)
    officer = browser(Role.OFFICER)
    person = officer.post("/people", identifier="7").headers["location"]
    for path in ("/", "/findings", "/coverage", "/looks", "/requests", person):
        assert officer.get(path).status_code == 200, path
    assert entries(root, "seen")[-1].who == "console:the-privacy-officer"
    assert browser().get("/").status_code == 302
