"""What use cases say is told in the language of whoever reads it; what stays English is marked, and is of few kinds."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from jinja2 import Environment
from tests.web.conftest import HOST, Opens
from tests.web.marked import Page

import whosaw
from whosaw.app.console.gate import Role
from whosaw.core.instants import parse_zone
from whosaw.packs.item_words import SPEAKING, words_of
from whosaw.packs.items import shipped
from whosaw.web.reader import LANGUAGES, Reader
from whosaw.web.reader import words_of as catalogue_of
from whosaw.web.sentences import FORMS, PLACE, sentence
from whosaw.web.words import FILTERS

OTHERS = [each for each in LANGUAGES if each != "en"]
READERS = {
    each: Reader(language=each, zone_name=zone, words=catalogue_of(each), zone=parse_zone(zone))
    for each, zone in (("en", "UTC"), ("ko", "Asia/Seoul"), ("sw", "Africa/Nairobi"))
}
FAULTS = ("/findings/f-none", "/cases/none", "/people/p999999", "/jobs/77", "/lines/0123456789abcdef/1")
BEGIN = (*FAULTS, "/", "/people", "/purpose", "/reader")  # no link leads to /people
# pages about law, whose sentences come from the items of law and are held to their languages there
OF_LAW = re.compile(r"/cases/[^/]+/(duties|drafts|decisions|answers|check|claim).*|/due|/talk/duties/.*")
# what stays as it is: a language that may be chosen, by its own name. Log lines, names of files and programs stand in code, which is not
# looked at; nobody wrote anything here
STAYS = {"English"}
IN_A_ROW = re.compile(r"(?:\b[a-z]+ ){2}[a-z]+\b")  # a sentence that nobody marked
BY_THE_WAY = re.compile(r"`[^`]*`|whosaw [a-z -]+|--[a-z]+")  # what is typed on a terminal


def forms() -> dict[str, dict[str, str]]:
    with FORMS.open("rb") as file:
        return tomllib.load(file)


def items() -> Iterator[Path]:
    for kind in SPEAKING:
        yield from sorted(shipped(kind).glob("*.toml"))


def test_on_a_page_in_korean_nothing_stays_english_but_what_nobody_says(case_browser: Opens) -> None:
    """One page of every route that links lead a privacy officer to, and faults; then a bundle that is none. Swahili has the same forms."""
    somebody = case_browser(Role.OFFICER)
    somebody.client.cookies.set("whosaw-reader", "ko|Asia/Seoul", domain=HOST)
    found, seen, waiting = [], set(), list(BEGIN)
    while waiting:
        path = waiting.pop(0)
        route = re.sub(r"/[^/]*\d[^/]*", "/N", re.sub(r"^/talk/.*", "/talk", path))
        if route in seen or OF_LAW.fullmatch(path) or path == "/map/file":
            continue
        if path not in FAULTS:
            seen.add(route)
        page = Page(somebody.get(path).text)
        assert page.plain, path
        found += [(path, each) for each in page.english if each not in STAYS]
        found += [(path, each) for each in page.plain if IN_A_ROW.search(BY_THE_WAY.sub("", each))]
        waiting += page.links
    assert found == []
    assert len(seen) > 20
    page = Page(somebody.post("/evidence/verify", files={"bundle": ("a.wse", b"no bundle")}).text)
    assert page.english == []


@pytest.mark.parametrize("language", OTHERS)
def test_each_form_has_the_same_places_in_each_language(language: str) -> None:
    for english, told in forms().items():
        assert set(told) == set(OTHERS), english
        places = [sorted({each[0] for each in PLACE.findall(text)}) for text in (english, told[language])]
        assert places[0] == places[1], english
        assert told[language].strip(), english


def test_each_form_is_one_that_the_program_says() -> None:
    """Every word of it is one of the program's, and three of them stand there in a row: many forms are put together of parts."""
    source = " ".join(each.read_text(encoding="utf-8") for each in Path(whosaw.__file__).parent.rglob("*.py"))
    source = re.sub(r'"\s*\n\s*f?"', "", source).lower().replace("-", " ")
    known = {each.rstrip("s") for each in re.findall(r"[a-z]+", source)}
    for english in forms():
        runs = re.findall(r"[a-z`']+(?: [a-z`']+)*", PLACE.sub("\n", english).lower().replace("-", " "))
        assert {each.rstrip("s") for run in runs for each in re.findall(r"[a-z]+", run)} <= known, english
        words = max(runs, key=len, default="").split()
        if len(words) > 4:
            assert any(" ".join(words[at : at + 3]) in source for at in range(len(words) - 2)), english


@pytest.mark.parametrize("path", tuple(items()), ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_each_item_says_in_each_language_what_it_says_in_english(path: Path) -> None:
    item = tomllib.loads(path.read_text(encoding="utf-8"))
    says = [item[each] for each in ("says", "title_end", "gap") if each in item]
    says += [each["why"] for each in item.get("clause", ())]
    says += [item["why"]] if path.parent.name == "links" else []
    told = dict(words_of(path))
    assert {" ".join(each.split()) for each in says} == set(told)
    assert all(set(each) == set(OTHERS) for each in told.values())
    for reader in (READERS[each] for each in OTHERS):
        if "title_end" in item:
            assert sentence(reader, f"2,313 addresses saw at least 3 people {item['title_end']}") is not None
        if "says" in item:
            assert (
                sentence(reader, f"By 2025-03-05T14:45:11Z it had seen 1 person {item['says']}.") is not None
            )


@pytest.mark.parametrize(
    ("english", "korean", "swahili"),
    [
        ("One client saw 3 people", "클라이언트 하나: 3명 열람", "Kiteja kimoja: data za watu 3 zilionwa"),
        ("Seen at 2026-02-28T23:00:00Z.", "열람 시각: 2026. 3. 1. 오전 8:00:00 KST.", "Zilionwa: 1 Mac 2026 02:00:00 EAT."),
        ("1 view is unexplained.", "열람 1건이 설명되지 않았습니다.", "Mwono 1 haujaelezwa."),
        ("1,200 views are unexplained.", "열람 1,200건이 설명되지 않았습니다.", "Miono 1,200 haijaelezwa."),
        ("14 Apr 2025, 09:10 to 14 Apr 2025, 09:11: 1 view, 0 new persons",
         "2025. 4. 14. 오전 9:10 ~ 2025. 4. 14. 오전 9:11: 열람 1건, 새로 보인 0명",
         "14 Apr 2025 09:10 hadi 14 Apr 2025 09:11: mwono 1, watu wapya 0"),
        ("access.log: 1,080 hours whole, 0 partial, 0 missing, 0 quiet. api.log: 1 hours whole, 2 partial, 3 missing, 4 quiet.",
         "access.log: 온전 1,080시간, 일부 0, 없음 0, 조용 0. api.log: 온전 1시간, 일부 2, 없음 3, 조용 4.",
         "access.log: saa kamili 1,080, za sehemu 0, zisizopo 0, za kimya 0. api.log: saa kamili 1, za sehemu 2, zisizopo 3, za kimya 4."),
        ("c7: address 1***4, agent curl/8, with a comma", "c7: 주소 1***4, 에이전트 curl/8, with a comma", "c7: anwani 1***4, programu curl/8, with a comma"),
        ("10 Mar", "3월 10일", "10 Mac"),
    ],
)  # fmt: skip
def test_what_a_place_holds_is_told_as_the_reader_writes_it(english: str, korean: str, swahili: str) -> None:
    assert [sentence(each, english) for each in READERS.values()] == [english, korean, swahili]


def test_a_sentence_that_has_no_words_is_shown_whole_and_marked_as_the_english_that_it_is() -> None:
    pages = Environment(autoescape=True)
    pages.filters.update(FILTERS)
    page = pages.from_string("{{ text | said }}|<p{{ text | english }}>{{ text | wording }}</p>")
    for unknown in (
        "Who <knows>",
        "One client saw 3 people in a way of my own",
        "1 view is unexplained. And what else",
    ):
        assert {sentence(READERS[each], unknown) for each in OTHERS} == {None}
        told = page.render(reader=READERS["ko"], text=unknown)
        shown = unknown.replace("<", "&lt;").replace(">", "&gt;")
        assert told == f'<span lang="en">{shown}</span>|<p lang="en">{shown}</p>'
    assert (
        page.render(reader=READERS["en"], text="1 view is unexplained.")
        == "1 view is unexplained.|<p>1 view is unexplained.</p>"
    )


def test_what_is_longer_than_anything_that_is_said_stays_as_it_is() -> None:
    """Whoever sends a bundle says how long its reasons are; each is read at once, however many parts it has."""
    (said, *_) = (english for english in forms() if not PLACE.search(english))
    for reader in (READERS[each] for each in OTHERS):
        assert sentence(reader, f"{said}; {said}") is not None
        assert sentence(reader, "; ".join([said] * 3_000)) is None
