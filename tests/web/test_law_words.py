"""Pages of law in the language of their reader: what stays English on them is what somebody else wrote."""

from __future__ import annotations

import tomllib
from datetime import UTC
from html.parser import HTMLParser
from pathlib import Path
from typing import Final

from jinja2 import Environment
from tests.web.conftest import ANSWERS, Browser, Opens

from whosaw.app.console.gate import Role
from whosaw.core.law_items import Origin
from whosaw.law.loading import load_law
from whosaw.packs.languages import language_folder
from whosaw.web.law_words import LAW_FILTERS
from whosaw.web.reader import Reader, words_of

VOID: Final = frozenset({"br", "hr", "img", "input", "link", "meta"})
# quotes of a text that was checked, a statute by its own name, and titles of drafts in the language in which they are written
ENGLISH_STAYS: Final = frozenset({"q", "cite"})
EVERYWHERE = {
    **ANSWERS,
    "scopes": "1",
    "organisation.established": "KE, KR, DE, GB, US-NY, JP, SG, MN, AE, BR, CH",
    "organisation.listed": "US",
    "organisation.roles": "controller, processor",
    "organisation.sectors": "online-services, financial, health, critical-infrastructure, nis2, telecom, us-securities",
}
NOTICE = (
    "Dear customer, 3 people are affected. On 3 March 2026 names and phone numbers were accessed. We became aware on 27 November 2026. "
    "No misuse is known. You need not do anything. We bear no responsibility. Addresses were not seen."
)
DRAFT_TITLES: Final = tomllib.loads((language_folder("en") / "filing.toml").read_text("utf-8"))[
    "title"
].values()
CLAIM = b"id,nickname,email,when\n7,x,a@example.org,2026-03-03\n999,y,,2026-03-04\n"


class English(HTMLParser):
    """The texts of a page that stand in an element marked as English, with its name."""

    def __init__(self) -> None:
        super().__init__()
        self._inside: list[tuple[str, str]] = []
        self.found: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            before = self._inside[-1][1] if self._inside else ""
            self._inside.append((tag, dict(attrs).get("lang") or before))

    def handle_endtag(self, tag: str) -> None:
        while self._inside and self._inside.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if data.strip() and self._inside and self._inside[-1][1] == "en":
            self.found.append((self._inside[-1][0], " ".join(data.split())))


def english(page: str) -> set[tuple[str, str]]:
    parser = English()
    parser.feed(page)
    return {each for each in parser.found if each[0] not in ENGLISH_STAYS}


def pages(somebody: Browser, form: str) -> dict[str, str]:
    """Every page of law of the case, and what is found of a text of that form and of a claim."""
    found = {
        each: somebody.get(f"/cases/spring/{each}").text
        for each in ("duties", "answers", "decisions", "drafts")
    }
    found["due"] = somebody.get("/due").text
    found["check"] = somebody.post(
        "/cases/spring/check", files={"file": ("", b"")}, text=NOTICE, form=form
    ).text
    found["claim"] = somebody.post("/cases/spring/claim", files={"file": ("dump.csv", CLAIM)}).text
    return found


def test_law_is_told_in_the_language_of_whoever_reads(case_root: Path, case_browser: Opens) -> None:
    somebody = case_browser(Role.OFFICER)
    assert somebody.post("/cases/spring/answers", seen="1", **EVERYWHERE).status_code == 303
    titles = {"ko": "데이터 감독관에 대한 신고", "sw": "Taarifa kwa Kamishna wa Ulinzi wa Data"}
    for language, title in titles.items():
        somebody.post("/reader", language=language, zone="UTC")
        seen = pages(somebody, {"ko": "notice", "sw": "filing"}[language])
        drafts = {text for _, text in english(seen.pop("drafts"))}
        assert drafts <= set(DRAFT_TITLES)
        for name, page in seen.items():
            still = {text for _, text in english(page)}
            assert not still, (language, name)
        for name in ("duties", "due", "decisions"):
            assert title in seen[name], name
        assert 'lang="en">Data Protection Act 2019 (Cap 411C), 43(1)(a)</cite>' in seen["duties"]


def test_a_law_of_somebodys_own_stays_marked_as_what_it_is() -> None:
    env = Environment(autoescape=True)
    env.filters.update(LAW_FILTERS)
    shown = env.from_string("{{ text | law }} {{ text | law_text }}")
    korean = Reader(language="ko", words=words_of("ko"), zone=UTC)
    english_reader = Reader(language="en", words=words_of("en"), zone=UTC)
    assert shown.render(reader=korean, text="Ask <b>Ann</b>") == (
        '<span lang="en">Ask &lt;b&gt;Ann&lt;/b&gt;</span> Ask &lt;b&gt;Ann&lt;/b&gt;'
    )
    assert shown.render(reader=english_reader, text="a < b") == "a &lt; b a &lt; b"
    nested = "not answered: Ask <b>Ann</b>"  # none of the questions of law
    assert '<span lang="en">' in shown.render(reader=korean, text=nested)
    open_point = "The ledger cannot exclude further people (<i>an</i> open point); not spoken of"
    assert '(<span lang="en">&lt;i&gt;an&lt;/i&gt; open point</span>)' in shown.render(
        reader=korean, text=open_point
    )


def test_a_statute_is_cited_by_its_own_name_beside_what_it_is_called_here() -> None:
    env = Environment(autoescape=True)
    env.filters.update(LAW_FILTERS)
    shown = env.from_string("{{ origin | cited }}")

    def cited(language: str, duty: str) -> str:
        origin: Origin = load_law().duties[duty].origin
        return shown.render(
            reader=Reader(language=language, words=words_of(language), zone=UTC), origin=origin
        )

    assert cited("ko", "kr/pipa-report-2026") == "개인정보 보호법, 제34조제4항; 시행령 제40조"
    assert cited("ko", "ke/authority") == (
        '<span>케냐 데이터보호법</span> <cite lang="en">Data Protection Act 2019 (Cap 411C), 43(1)(a)</cite>'
    )
    assert cited("en", "ke/authority") == "Data Protection Act 2019 (Cap 411C), 43(1)(a)"
