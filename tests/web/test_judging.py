"""A team decides: what was said stays, and nobody's word is lost to somebody who was quicker."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from threading import Barrier, Thread

import pytest
from tests.web.conftest import NOW, Browser, entries

from whosaw.app.console.gate import Role
from whosaw.app.console.judging import judge, judgments_on
from whosaw.core.errors import WhosawError
from whosaw.store.journal import Journal
from whosaw.store.workspace import journal_of


def finding(somebody: Browser) -> str:
    return str(somebody.get("/findings").text.partition('href="/findings/')[2].partition('"')[0])


def test_two_who_judge_at_once_both_stand_and_one_is_told(
    root: Path, browser: Callable[..., Browser]
) -> None:
    ann, kim = browser(Role.INVESTIGATOR), browser(Role.OFFICER)
    name = finding(ann)
    for somebody, state, note in (
        (ann, "confirmed", "the key of a leaver"),
        (kim, "explained", "a drill of ours"),
    ):
        sent = somebody.post(f"/findings/{name}/judgment", state=state, assignee="ann", note=note, seen="0")
        assert sent.status_code == 303
    with closing(journal_of(root)) as journal:
        said = judgments_on(journal, name)
    assert [(each.by, each.state, each.unseen) for each in said] == [
        ("the-investigator", "confirmed", False),
        ("the-privacy-officer", "explained", True),
    ]
    page = ann.get(f"/findings/{name}").text
    assert "the key of a leaver" in page
    assert "a drill of ours" in page
    assert "had not seen the judgment before it" in page
    assert len(entries(root, "judged")) == 2


def test_many_who_judge_at_the_same_moment_are_all_kept(root: Path) -> None:
    together = Barrier(8)

    def say(number: int) -> None:
        with closing(journal_of(root)) as journal:
            together.wait()
            judge(
                journal,
                "f-1",
                state="looking",
                assignee="",
                note=f"n{number}",
                seen=0,
                by=f"u{number}",
                now=NOW,
            )

    threads = [Thread(target=say, args=(each,)) for each in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    with closing(journal_of(root)) as journal:
        said = judgments_on(journal, "f-1")
    assert [each.number for each in said] == list(range(1, 9))
    assert {each.note for each in said} == {f"n{each}" for each in range(8)}
    assert [each.unseen for each in said] == [False] + [True] * 7


@pytest.mark.parametrize("state", ["confirmed", "explained"])
def test_what_is_decided_has_a_reason(root: Path, state: str) -> None:
    with closing(journal_of(root)) as journal, pytest.raises(WhosawError, match="without a reason"):
        _judge(journal, state, " ")


def test_a_state_that_is_none_is_refused(root: Path) -> None:
    with closing(journal_of(root)) as journal, pytest.raises(WhosawError, match="no state"):
        _judge(journal, "closed", "x")


def _judge(journal: Journal, state: str, note: str) -> None:
    judge(journal, "f-1", state=state, assignee="", note=note, seen=0, by="ann", now=NOW)


def test_a_finding_that_is_none_is_judged_by_nobody(root: Path, browser: Callable[..., Browser]) -> None:
    sent = browser(Role.INVESTIGATOR).post("/findings/f-0/judgment", state="new", seen="0")
    assert sent.status_code == 404
    assert not entries(root, "judged")


def test_an_auditor_is_shown_no_form(browser: Callable[..., Browser]) -> None:
    auditor = browser(Role.AUDITOR)
    page = auditor.get(f"/findings/{finding(auditor)}").text
    assert "/judgment" not in page
    assert "/reveal" not in page
