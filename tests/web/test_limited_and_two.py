"""Pages of cases under the gate: an account that is limited to a case, a workspace that asks for accounts, and files that take two."""

from __future__ import annotations

import re
from contextlib import closing
from pathlib import Path

from tests.web.conftest import NOW, PASSWORD, Browser, Opens, entries, over

from whosaw.app.cases.making import make_version
from whosaw.app.console.accounts import accept, invite
from whosaw.app.console.gate import Role
from whosaw.app.gating.running import set_gate
from whosaw.app.gating.two import Rules
from whosaw.store.repositories.findings import stored_findings
from whosaw.store.workspace import journal_of


def limited(root: Path, opens: Opens, case: str) -> Browser:
    with closing(journal_of(root, unasked=True)) as journal:
        token = invite(journal, "limited", [Role.OFFICER], by="a test", now=NOW, cases=[case])
        accept(journal, token, PASSWORD, now=NOW)
    somebody = opens(None)
    somebody.post("/login", name="limited", password=PASSWORD)
    somebody.post("/purpose", purpose="incident 12")
    return somebody


def test_who_is_limited_to_a_case_works_on_it_and_finds_nothing_of_another(
    case_root: Path, case_browser: Opens
) -> None:
    with closing(journal_of(case_root)) as journal:
        (finding,) = stored_findings(journal)
    make_version(case_root, "summer", findings=[finding.id], now=NOW)
    somebody = limited(case_root, case_browser, "spring")
    told = somebody.get("/cases").text
    assert "/cases/spring" in told
    assert "summer" not in told
    for page in ("", "/answers", "/duties", "/drafts", "/decisions", "/check"):
        assert somebody.get(f"/cases/spring{page}").status_code == 200
        assert somebody.get(f"/cases/summer{page}").status_code == 403
    assert "/findings/" in somebody.post("/search", identifier=finding.id).text
    assert "summer" not in somebody.post("/search", identifier="summer").text.replace('value="summer"', "")
    assert "/clients/" not in somebody.post("/search", identifier="192.0.2.1").text
    assert somebody.post("/cases", case="spring", finding=finding.id).status_code == 403  # from any clue
    others = case_browser(Role.INVESTIGATOR).post("/evidence/seal", case="summer").headers["location"]
    assert somebody.get(others).status_code == 403
    own = somebody.post("/evidence/seal", case="spring").headers["location"]
    assert own in somebody.get("/jobs").text
    assert others not in somebody.get("/jobs").text
    said = somebody.post("/remarks/cases/spring", text="counted twice")
    assert said.status_code == 303
    assert somebody.post("/withdrawn/1").status_code == 303


def test_work_is_done_in_a_workspace_that_asks_for_accounts(case_root: Path, case_browser: Opens) -> None:
    set_gate(case_root, now=NOW, accounts_required=True)
    somebody = case_browser(Role.INVESTIGATOR)
    told = over(somebody, somebody.post("/evidence/seal", case="spring").headers["location"])
    assert 'href="/evidence#spring-' in told
    (entry,) = entries(case_root, "evidence.seal")
    assert entry.who == "console:the-investigator"


def test_a_draft_is_given_out_by_two(case_root: Path, case_browser: Opens) -> None:
    set_gate(case_root, now=NOW, rules=Rules(export=True))
    asks, consents = case_browser(Role.INVESTIGATOR), case_browser(Role.OFFICER)
    path = re.findall(r'href="(/cases/spring/drafts/[^"]+)"', asks.get("/cases/spring/drafts").text)[0]
    assert asks.post(path, kind="txt").status_code == 409
    assert not entries(case_root, "exported")
    assert consents.post("/requests/1", answer="consent").status_code == 303
    assert asks.post(path, kind="html").status_code == 409  # another file
    given = asks.post(path, kind="txt")
    assert given.status_code == 200
    assert "attachment" in given.headers["content-disposition"]
    (entry,) = entries(case_root, "exported")
    assert entry.who == "console:the-investigator"
