"""Cases in the console: counted, answered by several at once, drafted, checked, decided; and what stands in the journal of it."""

from __future__ import annotations

import json
import re
from contextlib import closing
from pathlib import Path

import pytest
from tests.web.conftest import ANSWERS, NOW, Browser, Opens, entries, over

from whosaw.app.cases.making import make_version
from whosaw.app.console.case_files import case_path, read_case_texts, save_case
from whosaw.app.console.gate import Role
from whosaw.core.errors import FaultsError
from whosaw.store.repositories.case_texts import case_texts
from whosaw.store.repositories.findings import stored_findings
from whosaw.store.workspace import journal_of

FORM = {**ANSWERS, "scopes": "1"}


def answers(root: Path) -> dict[str, str]:
    return read_case_texts(root, "spring", now=NOW)[-1].values


def test_a_case_is_one_click_from_its_finding(root: Path, browser: Opens) -> None:
    ann = browser(Role.INVESTIGATOR)
    page = ann.get("/findings").text
    finding = re.findall(r'href="(/findings/f-[0-9a-f]+)"', page)[0]
    shown = ann.get(finding).text
    named = dict(re.findall(r'name="(finding|case)"[^>]* value="([^"]+)"', shown))
    asked = ann.post("/cases", every="no", **named)
    assert asked.status_code == 303
    assert asked.headers["location"] == "/jobs/1"
    assert f'href="/cases/{named["case"]}"' in over(ann, "/jobs/1")
    assert ann.get(f"/cases/{named['case']}").status_code == 200
    (made,) = entries(root, "scope.version")
    assert made.who == "console:the-investigator"


def test_what_two_write_at_once_in_different_places_both_stands(case_root: Path, case_browser: Opens) -> None:
    ann, kim = case_browser(Role.INVESTIGATOR), case_browser(Role.OFFICER)
    for somebody, change in (
        (ann, {"contact.email": "privacy@example.org"}),
        (kim, {"contact.telephone": "+254 20 000 0000"}),
    ):
        sent = somebody.post("/cases/spring/answers", seen="1", **{**FORM, **change})
        assert sent.headers["location"] == "/cases/spring/duties"
    standing = answers(case_root)
    assert standing["contact.email"] == "privacy@example.org"
    assert standing["contact.telephone"] == "+254 20 000 0000"


def test_where_two_write_the_same_thing_the_second_is_shown_both_and_loses_nothing(
    case_root: Path, case_browser: Opens
) -> None:
    ann, kim = case_browser(Role.INVESTIGATOR), case_browser(Role.OFFICER)
    ann.post("/cases/spring/answers", seen="1", **{**FORM, "organisation.name": "Duka A"})
    mine = {**FORM, "organisation.name": "Duka B", "contact.email": "b@example.org"}
    second = kim.post("/cases/spring/answers", seen="1", **mine)
    assert second.status_code == 409
    assert "<td>Duka A</td><td>Duka B</td>" in second.text
    assert 'value="b@example.org"' in second.text  # what else was written is still in the form
    assert answers(case_root)["organisation.name"] == "Duka A"
    (seen,) = re.findall(r'name="seen" value="(\d+)"', second.text)
    kept = kim.post("/cases/spring/answers", seen="1", keep="yes", **mine)
    assert (seen, kept.status_code) == ("2", 303)
    assert answers(case_root)["organisation.name"] == "Duka B"
    with closing(journal_of(case_root)) as journal:
        texts = case_texts(journal, "spring")
    assert [each.who for each in texts] == ["kim", "the-investigator", "the-privacy-officer"]
    assert "Duka A" in texts[1].text


def test_what_somebody_changes_in_the_file_by_hand_is_taken_in(case_root: Path) -> None:
    path = case_path(case_root, "spring")
    path.write_text(
        path.read_text()
        + '\n[[turnover]]\nyear = 2025\nplace = "world"\ncurrency = "KES"\namount = 5\nsource = "x"\n'
    )
    texts = read_case_texts(case_root, "spring", now=NOW)
    assert [each.by for each in texts] == ["kim", "by hand"]
    save_case(
        case_root,
        "spring",
        {**answers(case_root), "contact.email": "a@example.org"},
        seen=2,
        keep_mine=False,
        by="kim",
        now=NOW,
    )
    document = read_case_texts(case_root, "spring", now=NOW)[-1].document
    assert document["turnover"] == [
        {"year": 2025, "place": "world", "currency": "KES", "amount": 5, "source": "x"}
    ]


def test_a_file_that_somebody_broke_by_hand_is_said_with_its_line(
    case_root: Path, case_browser: Opens
) -> None:
    path = case_path(case_root, "spring")
    path.write_text(path.read_text() + "\n[[answer\n")
    shown = case_browser(Role.OFFICER).get("/cases/spring/duties")
    assert shown.status_code == 400
    assert re.search(r"spring\.toml:\d+: is not valid TOML", shown.text)
    with closing(journal_of(case_root)) as journal:
        assert len(case_texts(journal, "spring")) == 1


def test_a_file_that_was_not_laid_is_laid_again(case_root: Path) -> None:
    path = case_path(case_root, "spring")
    text = path.read_text()
    path.unlink()
    assert len(read_case_texts(case_root, "spring", now=NOW)) == 1
    assert path.read_text() == text


def test_what_the_case_file_would_not_take_is_said_and_not_written(
    case_root: Path, case_browser: Opens
) -> None:
    somebody = case_browser(Role.INVESTIGATOR)
    for wrong in (
        {"organisation.established": "Kenya"},
        {"aware.at": "yesterday"},
        {"organisation.roles": "boss"},
    ):
        sent = somebody.post("/cases/spring/answers", seen="1", **{**FORM, **wrong})
        assert sent.status_code == 400
        assert 'role="alert"' in sent.text
        assert str(next(iter(wrong.values()))) in sent.text
    assert len(read_case_texts(case_root, "spring", now=NOW)) == 1
    with pytest.raises(FaultsError):
        save_case(
            case_root,
            "spring",
            {"organisation.lead_authority": "X1"},
            seen=1,
            keep_mine=False,
            by="kim",
            now=NOW,
        )
    assert sorted(each.name for each in case_path(case_root, "spring").parent.iterdir()) == ["spring.toml"]


@pytest.mark.parametrize(
    "key",
    [
        "scope|x",
        "scope|1|2",
        "answer|",
        "answer|a|b|c|d",
        "statement||",
        "contact.department.<b>",
        "|",
        "case",
        "__proto__",
    ],
)
def test_no_key_of_a_form_breaks_anything(case_root: Path, case_browser: Opens, key: str) -> None:
    sent = case_browser(Role.INVESTIGATOR).post("/cases/spring/answers", seen="1", **{**FORM, key: "yes"})
    assert sent.status_code in (303, 400)
    assert read_case_texts(case_root, "spring", now=NOW)[-1].document["case"] == "spring"


def test_duties_stand_by_place_and_recipient_and_change_with_an_answer(case_browser: Opens) -> None:
    somebody = case_browser(Role.OFFICER)
    before = somebody.get("/cases/spring/duties").text
    assert '<th scope="row">Kenya</th>' in before
    assert "cannot tell" in before
    form = somebody.get("/cases/spring/answers").text
    asked = re.findall(r'name="(answer\|[^"|]*\|[^"|]+)"', form)
    assert "answer||access.unauthorised" in asked
    given = {key: "no" if "safeguard" in key or "identity" in key else "yes" for key in asked}
    given |= {f"{key}|because": "seen in the logs" for key in asked}
    assert somebody.post("/cases/spring/answers", seen="1", **FORM, **given).status_code == 303
    after = somebody.get("/cases/spring/duties").text
    assert after.count(">owed<") > before.count(">owed<")
    assert '<time datetime="2026-11-30T17:00:00+03:00">' in after  # 72 hours after 17:00 in Nairobi
    drafts = somebody.get("/cases/spring/drafts").text
    (filing,) = re.findall(r'href="(/cases/spring/drafts/spring-ke-odpc[^"]+)"', drafts)
    made = somebody.post(filing, kind="pdf")
    assert made.content.startswith(b"%PDF")
    assert re.search(r"/drafts/spring-notice-ke-en-seen-1-letter", drafts)


def test_a_place_without_a_law_on_record_comes_before_every_duty(case_browser: Opens) -> None:
    somebody = case_browser(Role.OFFICER)
    assert "No law on record" not in somebody.get("/cases/spring/duties").text
    form = {**FORM, "people.unplaced": "MN", "organisation.established": "KE, MN"}
    assert somebody.post("/cases/spring/answers", seen="1", **form).status_code == 303
    page = somebody.get("/cases/spring/duties").text
    assert "No law on record for MN" in page
    assert page.index("No law on record for MN") < page.index('aria-label="Duties by place and recipient"')


def test_a_duty_that_was_done_is_late_or_in_time(case_root: Path, case_browser: Opens) -> None:
    somebody = case_browser(Role.OFFICER)
    done = somebody.post("/cases/spring/made", duty="ke/authority", at="2026-11-28 08:00", scope="1")
    assert done.status_code == 303
    (made,) = read_case_texts(case_root, "spring", now=NOW)[-1].document["made"]
    assert (made["duty"], made["scope"], made["source"]) == ("ke/authority", 1, "the-privacy-officer")
    assert "in time" in somebody.get("/cases/spring/duties").text


def test_a_pasted_text_is_checked_and_kept_nowhere(case_root: Path, case_browser: Opens) -> None:
    somebody = case_browser(Role.AUDITOR)
    told = somebody.post(
        "/cases/spring/check",
        files={"file": ("", b"")},
        text="Dear <b>customer</b> zanzibar, nothing happened.",
        form="notice",
    )
    assert told.status_code == 200
    assert "fails" in told.text
    assert "<b>customer" not in told.text
    held = b"".join(each.read_bytes() for each in case_root.rglob("*") if each.is_file())
    assert b"zanzibar" not in held


def test_a_decision_stands_with_its_ground_under_the_name_of_who_decided(
    case_root: Path, case_browser: Opens
) -> None:
    somebody = case_browser(Role.OFFICER)
    sent = somebody.post(
        "/cases/spring/decisions", decision="notify", duty="ke/authority", because="so the law says"
    )
    assert sent.status_code == 303
    (entry,) = entries(case_root, "decision")
    assert entry.who == "console:the-privacy-officer"
    body = json.loads(entry.body)
    assert (body["by"], body["because"]) == ("the-privacy-officer", "so the law says")
    assert "so the law says" in somebody.get("/cases/spring/decisions").text
    refused = somebody.post("/cases/spring/decisions", decision="notify", duty="ke/authority", because=" ")
    assert refused.status_code == 400


def test_an_open_version_is_final_only_with_a_reason(case_root: Path, case_browser: Opens) -> None:
    somebody = case_browser(Role.OFFICER)
    page = somebody.get("/cases/spring").text
    assert "What would close it" in page
    assert somebody.post("/cases/spring/close", despite="").status_code == 400
    assert somebody.post("/cases/spring/close", despite="the court asks").status_code == 303
    shown = somebody.get("/cases/spring").text
    assert "Although something was open:" in shown
    assert "console:the-privacy-officer" in shown
    both = somebody.get("/cases/spring/versions")
    assert both.status_code == 200
    assert "Version 2" in both.text


def test_a_claim_is_held_against_the_case_and_nothing_of_it_is_kept(
    case_root: Path, case_browser: Opens
) -> None:
    somebody = case_browser(Role.INVESTIGATOR)
    sent = somebody.post(
        "/cases/spring/claim", files={"file": ("../../dump.csv", b"id,nickname\n7,zanzibar\n999,x\n")}
    )
    assert sent.status_code == 200
    assert "unknown to the ledger" in sent.text
    (entry,) = entries(case_root, "reconciled")
    assert entry.who == "console:the-investigator"
    held = b"".join(each.read_bytes() for each in case_root.rglob("*") if each.is_file())
    assert b"zanzibar" not in held
    assert not list(case_root.parent.rglob("dump.csv"))


def test_what_is_given_out_is_on_record_first(case_root: Path, case_browser: Opens) -> None:
    somebody = case_browser(Role.INVESTIGATOR)
    person = somebody.post("/people", identifier="7").headers["location"].rpartition("/p")[2]
    letter = somebody.post(
        f"/people/{person}/letter", language="ko", kind="pdf", organisation="Duka", contact="x@example.org"
    )
    assert letter.content.startswith(b"%PDF")
    assert letter.headers["content-disposition"] == f'attachment; filename="answer-p{person}-ko.pdf"'
    (entry,) = entries(case_root, "exported")
    (look,) = entries(case_root, "reidentified")
    assert {entry.who, look.who} == {"console:the-investigator"}
    assert json.loads(look.body)["reason"] == "incident 12"


@pytest.mark.parametrize(
    "path",
    [
        "/cases/none",
        "/cases/none/duties",
        "/cases/..%2f..%2fetc",
        "/cases/spring/drafts/none",
        "/cases/spring?version=9",
        "/jobs/99",
    ],
)
def test_what_is_not_there_is_said(case_browser: Opens, path: str) -> None:
    assert case_browser(Role.OFFICER).get(path).status_code in (400, 404)


def _search(somebody: Browser, text: str) -> str:
    return str(somebody.post("/search", identifier=text).text)


def test_any_identifier_leads_to_people_clients_findings_and_cases(
    case_root: Path, case_browser: Opens
) -> None:
    somebody = case_browser(Role.INVESTIGATOR)
    assert 'href="/people/p' in _search(somebody, "7")
    assert 'href="/people/p' in _search(somebody, " 7 ")
    for client in ("192.0.2.7", "agent/1", "network=192.0.2.0/24"):
        assert 'href="/clients/' in _search(somebody, client), client
    assert 'href="/cases/spring"' in _search(somebody, "spring")
    finding = re.findall(r'href="/findings/(f-[0-9a-f]+)"', somebody.get("/findings").text)[0]
    assert f'href="/findings/{finding}"' in _search(somebody, finding[:8])
    nothing = _search(somebody, "zanzibar@example.org")
    assert "Nothing in what was read" in nothing
    assert "zanzibar" not in nothing
    assert not entries(case_root, "seen")  # whether there is such a person is no look yet
    client = re.findall(r'href="(/clients/\d+)"', _search(somebody, "192.0.2.7"))[0]
    shown = somebody.get(client).text
    assert "192.0.2.7<" not in shown
    (look,) = entries(case_root, "seen")
    assert json.loads(look.body)["what"] == "what"


def test_what_is_due_stands_on_one_page_the_next_deadline_first(case_browser: Opens) -> None:
    page = case_browser(Role.OFFICER).get("/due").text
    ends = re.findall(r'<time datetime="([^"]+)"', page)
    assert ends
    assert ends == sorted(ends)
    assert "/cases/spring/duties#" in page
    assert 'data-from="/due"' in case_browser(Role.AUDITOR).get("/").text


def test_a_case_of_which_nothing_was_said_is_not_taken_for_one_that_owes_nothing(
    root: Path, browser: Opens
) -> None:
    with closing(journal_of(root)) as journal:
        (finding,) = stored_findings(journal)
    make_version(root, "bare", findings=[finding.id], now=NOW)
    page = browser(Role.OFFICER).get("/due").text
    assert 'href="/cases/bare/answers"' in page
    assert "No clock runs in any case." not in page


def test_what_needs_the_form_leads_to_it(root: Path, browser: Opens) -> None:
    """And says why; who fills in nothing reads the same."""
    with closing(journal_of(root)) as journal:
        (finding,) = stored_findings(journal)
    make_version(root, "spring", findings=[finding.id], now=NOW)
    for role in (Role.OFFICER, Role.AUDITOR):
        somebody = browser(role)
        for page in ("duties", "drafts/filing-x", "decisions"):
            led = somebody.get(f"/cases/spring/{page}")
            assert (led.status_code, led.headers["location"]) == (302, "/cases/spring/answers"), page
        assert "so no duty can be worked out." in somebody.get("/cases/spring/answers").text
