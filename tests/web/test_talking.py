"""Remarks stay linked to what they are about; proposals become decisions; of two who decide at once nobody's word is lost."""

from __future__ import annotations

import json
import re
from contextlib import closing
from pathlib import Path
from threading import Barrier, Thread

import pytest
from tests.web.conftest import NOW, Opens, entries

from whosaw.app.console.gate import Role, Somebody
from whosaw.app.console.talking import TalkDesk, merged_with
from whosaw.core.errors import WhosawError
from whosaw.core.finding import Finding
from whosaw.store.repositories.findings import add_findings, stored_findings
from whosaw.store.workspace import journal_of


def desk(root: Path, name: str, *roles: Role) -> TalkDesk:
    return TalkDesk(root=root, who=Somebody(name=name, roles=frozenset(roles), purpose="x"), now=NOW)


@pytest.fixture
def two(root: Path) -> tuple[str, str]:
    """The ids of two findings: the one of the shop, and another like it."""
    from dataclasses import replace

    with closing(journal_of(root)) as journal:
        (one,) = stored_findings(journal)
        other: Finding = replace(one, id="f-0000000000000001")
        with journal.transaction() as connection:
            add_findings(connection, [other])
    return one.id, other.id


def test_a_remark_stays_with_the_version_it_spoke_of(case_root: Path, case_browser: Opens) -> None:
    ann, kim = case_browser(Role.INVESTIGATOR), case_browser(Role.OFFICER)
    sent = ann.post(
        "/remarks/cases/spring", text="too many <b>views</b>? @the-privacy-officer @nobody", version="1"
    )
    assert sent.headers["location"] == "/cases/spring#remarks"
    kim.post("/cases/spring/close", despite="x")
    page = kim.get("/cases/spring").text
    assert "too many &lt;b&gt;views&lt;/b&gt;?" in page
    assert "(of version 1)" in page
    assert "For: the-privacy-officer</p>" in page
    assert json.loads(entries(case_root, "remark")[0].body)["about"] == "cases/spring"


def test_a_remark_is_taken_back_by_its_maker_alone_and_leaves_a_trace(root: Path) -> None:
    ann, kim = desk(root, "ann", Role.INVESTIGATOR), desk(root, "kim", Role.INVESTIGATOR)
    number = ann.remark("people", "p1", "a slip", "").number
    with pytest.raises(WhosawError, match="only whoever made"):
        kim.withdraw(number)
    assert ann.withdraw(number) == "people/p1"
    (left,) = kim.remarks("people", "p1")
    assert (left.by, left.text, left.withdrawn) == ("ann", "", NOW)
    assert [each.kind for each in entries(root, "remark", "remark.withdrawn")] == [
        "remark",
        "remark.withdrawn",
    ]


@pytest.mark.parametrize(
    ("kind", "name", "text"),
    [("nothing", "x", "a"), ("cases", "a/b", "a"), ("cases", "a", " "), ("cases", "a", "x" * 4_001)],
)
def test_a_remark_is_about_something_and_says_something(root: Path, kind: str, name: str, text: str) -> None:
    with pytest.raises(WhosawError):
        desk(root, "ann", Role.OFFICER).remark(kind, name, text, "")
    assert not entries(root, "remark")


def test_an_auditor_reads_and_says_nothing(root: Path) -> None:
    auditor = desk(root, "lee", Role.AUDITOR)
    assert auditor.remarks("findings", "f-1") == ()
    with pytest.raises(WhosawError, match="may not remark"):
        auditor.remark("findings", "f-1", "hm", "")


def test_a_merge_is_counted_together_once_it_was_decided(
    root: Path, two: tuple[str, str], browser: Opens
) -> None:
    one, other = two
    ann, kim = desk(root, "ann", Role.INVESTIGATOR), browser(Role.OFFICER)
    number = ann.propose(one, "merge", other, "the same key")
    assert merged_with(ann.proposals(one), one) == ()
    with pytest.raises(WhosawError, match="may not decide"):
        ann.decide(number, "yes", "sure")
    assert kim.post(f"/proposals/{number}", answer="yes", because="I agree").status_code == 303
    assert merged_with(ann.proposals(other), other) == (one,)
    page = kim.get(f"/findings/{one}").text
    assert re.search(rf'name="finding" value="{one} {other}"', page)
    assert "I agree" in page


def test_two_who_decide_at_once_are_both_kept(root: Path, two: tuple[str, str]) -> None:
    number = desk(root, "ann", Role.INVESTIGATOR).propose(two[0], "merge", two[1], "the same key")
    together = Barrier(2)

    def decide(name: str, answer: str) -> None:
        together.wait()
        desk(root, name, Role.OFFICER).decide(number, answer, f"because of {name}")

    threads = [Thread(target=decide, args=each) for each in (("kim", "yes"), ("lee", "no"))]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    (told,) = desk(root, "ann", Role.INVESTIGATOR).proposals(two[0])
    said = [each.text for each in desk(root, "ann", Role.INVESTIGATOR).remarks("findings", two[0])]
    first, second = ("kim", "lee") if told.decided_by == "kim" else ("lee", "kim")
    assert told.because == f"because of {first}"
    assert said == [f"merge {number}, {'no' if second == 'lee' else 'yes'}: because of {second}"]
    assert [json.loads(each.body)["second"] for each in entries(root, "proposal.decided")] == [False, True]


@pytest.mark.parametrize(
    "part", ["address=192.0.2.7", "principal=kim@example.org", "network=192.0.2.0/24", "x", "session=abc"]
)
def test_no_identifier_is_kept_outside_of_the_vault(root: Path, two: tuple[str, str], part: str) -> None:
    with pytest.raises(WhosawError, match="KIND=VALUE"):
        desk(root, "ann", Role.INVESTIGATOR).propose(two[0], "split", part, "other hours")


def test_a_part_is_named_by_what_pages_show(root: Path, two: tuple[str, str]) -> None:
    for part in ("agent=agent/1", "session=s3", "token=t12"):
        assert desk(root, "ann", Role.INVESTIGATOR).propose(two[0], "split", part, "other hours")


def test_who_is_mentioned_finds_it_on_their_overview_where_they_may_see_the_thing(
    root: Path, two: tuple[str, str], browser: Opens
) -> None:
    ann = desk(root, "ann", Role.INVESTIGATOR)
    ann.remark("findings", two[0], "look at this @the-auditor, not @the-auditors", "")
    ann.remark("findings", two[0], "nothing for @the-auditors", "")
    ann.remark("people", "p1", "seen by @the-auditor?", "")
    taken = ann.remark("findings", two[0], "wrong @the-auditor", "").number
    ann.withdraw(taken)
    page = browser(Role.AUDITOR).get("/").text
    assert f'href="/findings/{two[0]}#remarks"' in page
    assert "look at this @the-auditor" in page
    assert 'href="/people/p1#remarks"' in page
    assert "nothing for" not in page
    assert "wrong @" not in page
    assert "look at this" not in browser(Role.INVESTIGATOR).get("/").text
    limited = Somebody(
        name="the-auditor", roles=frozenset({Role.AUDITOR}), purpose="x", cases=frozenset({"autumn"})
    )
    assert TalkDesk(root=root, who=limited, now=NOW).to_me() == ()
