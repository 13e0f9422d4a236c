"""A talk on every kind of thing that the console shows: one table over all of them, by page, by API and live, by every role and by those who are
limited to another case."""

from __future__ import annotations

import json
import re
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from tests.web.conftest import ANSWERS, NOW, Clock, Opens, entries

from whosaw.app.console.case_desk import CaseDesk
from whosaw.app.console.case_form import answer_key
from whosaw.app.console.evidence_desk import SEALED
from whosaw.app.console.gate import Role, Somebody
from whosaw.app.console.reading_desk import ReadingDesk
from whosaw.app.console.talked_of import KINDS, WHOLE_MAP, could_be, key_of, key_of_duty
from whosaw.app.console.talking import TalkDesk, address_of
from whosaw.app.gating.tokens import make_token
from whosaw.app.in_force import keep_format_texts
from whosaw.core.errors import WhosawError
from whosaw.store.repositories.findings import stored_findings
from whosaw.store.workspace import journal_of
from whosaw.web.live import Looking, Waiting

DECIDING = {  # whether the law of Kenya asks for a notice
    "access.unauthorised": "yes",
    "risk.real-harm": "yes",
    "identity.unknown": "no",
    "safeguard.unintelligible": "no",
}
BUNDLE = "spring-20261128T090000-abc123.evidence"
ANN = Somebody(name="ann", roles=frozenset({Role.OFFICER}), purpose="incident 12")
# by kind, how its versions look, and the page that leads to its talk or shows it
EXPECTED = {
    "findings": (r"e\d+", "/findings/{}"),
    "people": (r"e\d+", "/people/{}"),
    "clients": (r"e\d+", "/clients/1"),
    "cases": (r"1", "/cases/{}"),
    "duties": (r"a1", "/cases/spring/duties"),
    "drafts": (r"a1", "/cases/spring/drafts"),
    "decisions": (r"e\d+", "/cases/spring/decisions"),
    "sources": (r"e\d+", "/coverage"),
    "map": (r"[0-9a-f]{12}", "/map"),
    "formats": (r"[0-9a-f]{12}", "/formats"),
    "bundles": (r"[0-9a-f]{12}", "/evidence"),
}
OF_CASE = {"findings", "people", "cases", "duties", "drafts", "decisions", "bundles"}  # of the case `spring`


def things(root: Path) -> dict[str, str]:
    """One thing of each kind, all in a workspace with the case `spring`."""
    case = CaseDesk(root=root, who=ANN, now=NOW)
    duty = next(each for each in case.duties("spring").told.duties if each.state == "owed")
    decided = case.decide("spring", "notify", duty.duty.of, "people were seen")
    (root / SEALED).mkdir(exist_ok=True)
    (root / SEALED / BUNDLE).write_bytes(b"a bundle")
    with closing(journal_of(root)) as journal:
        (finding,) = stored_findings(journal)
        with journal.transaction() as connection:
            keep_format_texts(journal, connection, {"own-desk": "id = 'own-desk'\n"})
    people = ReadingDesk(root=root, who=ANN, now=NOW).people_of("spring", 1, after=-1, limit=1).people
    return {
        "findings": finding.id,
        "people": people[0][0].number,
        "clients": "c1",
        "cases": "spring",
        "duties": f"spring:{key_of_duty(duty)}",
        "drafts": f"spring:{case.filings('spring').drafts[0].id}",
        "decisions": f"spring:{decided.entry}",
        "sources": "access.log",
        "map": WHOLE_MAP,
        "formats": "own-desk",
        "bundles": BUNDLE,
    }


def test_every_kind_of_thing_is_talked_of_with_its_version(case_root: Path, case_browser: Opens) -> None:
    of = things(case_root)
    assert set(of) == set(KINDS) == set(EXPECTED)
    ann, kim = case_browser(Role.INVESTIGATOR), case_browser(Role.OFFICER)
    with closing(journal_of(case_root)) as journal:
        token = make_token(journal, "siem", [Role.AUDITOR], by="a test", now=NOW)[1]
    headers = {"Authorization": f"Bearer {token}", "Whosaw-Purpose": "incident 12"}
    for number, (kind, key) in enumerate(of.items(), start=1):
        version, page = EXPECTED[kind]
        about, address = f"{kind}/{key}", f"/talk/{kind}/{key}"
        sent = ann.post(f"/remarks/{about}", text=f"of {kind} @the-privacy-officer")
        assert (sent.status_code, sent.headers["location"]) == (303, address_of(about)), kind
        said = kim.client.get(f"/api/v1/remarks/{about}", headers=headers).json()
        assert (said["about"], [each["text"] for each in said["items"]]) == (
            about,
            [f"of {kind} @the-privacy-officer"],
        )
        assert re.fullmatch(version, said["version"]), (kind, said["version"])
        assert said["items"][0]["version"] == said["version"]
        assert said["items"][0]["mentions"] == ["the-privacy-officer"]
        assert json.loads(entries(case_root, "remark")[-1].body) == {
            "remark": number, "about": about, "version": said["version"], "by": "the-investigator",
        }  # fmt: skip
        shown = kim.get(page.format(key))
        assert shown.status_code == 200, kind
        assert (
            f"of {kind} @" in shown.text
            or f'href="{address}#remarks"' in shown.text
            or f"{key.partition(':')[2]}#remarks" in shown.text
        ), kind
        for heard, what in (
            (kim.get(address).text, "Take back"),
            (ann.get(address).text, "Take back remark"),
        ):
            assert f"of {kind} @the-privacy-officer" in heard, kind
            assert ("Take back" in heard) == (what == "Take back remark"), kind
        for bad in ("e99999", "a99", "99", "zz", "9" * 30) if kind in ("cases", "sources", "map") else ():
            assert ann.post(f"/remarks/{about}", text="x", version=bad).status_code == 400, (kind, bad)
        assert kim.post(f"/withdrawn/{number}").status_code == 400
        assert ann.post(f"/withdrawn/{number}").status_code == 303
        (left,) = kim.client.get(f"/api/v1/remarks/{about}", headers=headers).json()["items"]
        assert (left["text"], left["by"], left["withdrawn"] is not None) == ("", "the-investigator", True)
    assert len(entries(case_root, "remark")) == len(entries(case_root, "remark.withdrawn")) == len(KINDS)


def test_who_may_not_see_a_thing_hears_nothing_of_it(case_root: Path) -> None:
    of = things(case_root)
    first = TalkDesk(root=case_root, who=ANN, now=NOW)
    for kind, key in of.items():
        first.remark(kind, key, "hm @lee", "")
    for kind, key in of.items():
        for role in (each for each in Role if each.of_people):
            desk = replace(first, who=Somebody(name="lee", roles=frozenset({role}), purpose="x"))
            if role is Role.ADMINISTRATOR:
                with pytest.raises(WhosawError, match="may not"):
                    desk.remarks(kind, key)
                assert not desk.talks(kind, [key])
            else:
                assert [each.text for each in desk.remarks(kind, key)] == ["hm @lee"]
                assert desk.talks(kind, [key]) == {key: 1}
            if role is Role.AUDITOR:
                with pytest.raises(WhosawError, match="auditor may not remark"):
                    desk.remark(kind, key, "x", "")
        for cases, inside in (({"spring"}, kind in OF_CASE), ({"autumn"}, False)):
            limited = Somebody(
                name="lee", roles=frozenset({Role.OFFICER}), purpose="x", cases=frozenset(cases)
            )
            desk = replace(first, who=limited)
            assert desk.talks(kind, [key]) == ({key: 1} if inside else {}), (kind, cases)
            if inside:
                desk.remarks(kind, key)
            else:
                with pytest.raises(WhosawError, match="limited to cases"):
                    desk.remarks(kind, key)
                with pytest.raises(WhosawError, match="limited to cases"):
                    desk.remark(kind, key, "x", "")
        purposeless = replace(first, who=replace(ANN, purpose=""))
        if kind in ("people", "clients"):
            with pytest.raises(WhosawError, match="without a purpose"):
                purposeless.remarks(kind, key)
    limited = Somebody(name="lee", roles=frozenset({Role.OFFICER}), purpose="x", cases=frozenset({"spring"}))
    assert {to for to, _ in replace(first, who=limited).to_me()} == {
        address_of(f"{kind}/{key}") for kind, key in of.items() if kind in OF_CASE
    }


@pytest.mark.parametrize(
    "about",
    ["findings/f-none", "people/p999999", "people/7", "clients/c999999", "clients/7", "cases/none", "duties/spring:none", "drafts/spring:none",
     "decisions/spring:999999", "sources/none.log", "map/none", "formats/none", "bundles/none.evidence", "nothing/x", "cases/x y"],
)  # fmt: skip
def test_of_what_is_not_there_nothing_is_said(case_root: Path, about: str) -> None:
    kind, _, key = about.partition("/")
    desk = TalkDesk(root=case_root, who=ANN, now=NOW)
    for ask in (lambda: desk.remark(kind, key, "hm", ""), lambda: desk.talk(kind, key)):
        with pytest.raises(WhosawError) as told:
            ask()
        assert told.value.code == "remark.about"
    assert not entries(case_root, "remark")


def test_what_was_said_of_a_thing_that_is_gone_stays(case_root: Path, case_browser: Opens) -> None:
    of = things(case_root)
    desk = TalkDesk(root=case_root, who=ANN, now=NOW)
    version = desk.remark("formats", "own-desk", "which desk?", "").version
    with closing(journal_of(case_root)) as journal, journal.transaction() as connection:
        keep_format_texts(journal, connection, {})
    assert desk.talk("formats", of["formats"]).version == ""
    page = case_browser(Role.AUDITOR).get("/talk/formats/own-desk").text
    assert "which desk?" in page
    assert f"(of version {version})" in page
    assert "It is no longer there." in page


def test_a_notice_in_the_language_of_its_reader_is_talked_of(case_root: Path, case_browser: Opens) -> None:
    """Where a case speaks no language of its own, the same notice has another name in each."""
    kim = case_browser(Role.OFFICER)
    kim.post("/reader", language="ko", zone="UTC")
    case = CaseDesk(root=case_root, who=ANN, now=NOW)
    given: dict[str, str] = {}
    for asked in case.form("spring").questions:
        key = answer_key(asked.act, asked.key)
        given |= {key: DECIDING.get(asked.key, ""), f"{key}|because": "seen in the logs"}
    assert kim.post("/cases/spring/answers", seen="1", **ANSWERS, scopes="1", **given).status_code == 303
    (draft,) = [each.id for each in case.notices("spring", "ko").notices][:1]
    assert kim.get(f"/cases/spring/drafts/{draft}").status_code == 200
    assert kim.post(f"/remarks/drafts/spring:{draft}", text="good?").status_code == 303
    assert "good?" in kim.get(f"/cases/spring/drafts/{draft}").text


@pytest.mark.parametrize(
    ("language", "title"),
    [("en", "Remarks on the source"), ("ko", "출처에 대한 의견"), ("sw", "Maoni kuhusu chanzo")],
)
def test_a_talk_is_headed_in_the_language_of_its_reader(
    case_browser: Opens, language: str, title: str
) -> None:
    lee = case_browser(Role.AUDITOR)
    lee.post("/reader", language=language, zone="UTC")
    assert title in lee.get("/talk/sources/access.log").text


@pytest.mark.parametrize(
    ("version", "now", "told"),
    [("1", "2", True), ("3", "2", False), ("e4", "e4", True), ("e5", "e4", False), ("4", "e4", False), ("a1", "e4", False),
     ("0123456789ab", "ba9876543210", True), ("0123", "ba9876543210", False), ("1", "ba9876543210", False), ("", "1", False)],
)  # fmt: skip
def test_which_versions_somebody_can_have_read(version: str, now: str, *, told: bool) -> None:
    assert could_be(version, now) == told


def test_a_name_with_signs_that_addresses_do_not_have_gets_another_key() -> None:
    assert key_of("access.log") == "access.log"
    assert re.fullmatch("[0-9a-f]{16}", key_of("s3://a bucket/logs"))


@pytest.fixture
def looking(root: Path, clock: Clock) -> Looking:
    found = Looking(root, clock)
    found.now()
    return found


def test_open_pages_are_told_of_what_was_said_since_and_of_nothing_before(
    root: Path, looking: Looking
) -> None:
    desk = TalkDesk(root=root, who=ANN, now=NOW)
    page = Waiting(
        cookie="", finding=looking.news.finding, judgments=looking.news.judgments, remark=looking.remark
    )
    assert not looking.has_news(page)
    number = desk.remark("people", "p1", "again?", "").number
    desk.remark("sources", "access.log", "until when?", "")
    looking.now()
    assert looking.has_news(page)
    assert looking.said_after(page.remark) == ["people/p1", "sources/access.log"]
    page.remark = looking.remark
    looking.now()
    assert not looking.has_news(page)
    desk.withdraw(number)
    looking.now()
    assert looking.said_after(page.remark) == ["people/p1"]
