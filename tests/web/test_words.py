"""Every word of the console is there in each language, with the same places to be filled in; numbers, times and zones are the reader's."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import get_args

import pytest
from babel.messages.catalog import Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from jinja2 import Environment
from litestar.testing import TestClient
from tests.web.conftest import HOST, NOW, Opens

import whosaw.web
from whosaw.app.cases.case_fields import FIELDS
from whosaw.app.console.gate import Role
from whosaw.app.law.decide import DECISIONS
from whosaw.core.duties import Made, Run, Start
from whosaw.core.finding import Level
from whosaw.core.instants import parse_zone
from whosaw.core.moments import Moment
from whosaw.core.truth import Truth
from whosaw.core.window_ends import BEGIN, END, NOTHING
from whosaw.law.account import ABOUT
from whosaw.store.repositories.findings import stored_findings
from whosaw.store.workspace import journal_of
from whosaw.web.app import console_app
from whosaw.web.reader import CATALOGUES, LANGUAGES, Reader, words_of
from whosaw.web.words import FILTERS, SAID_BELOW, left

PAGES = Path(whosaw.web.__file__).parent
OTHERS = [each for each in LANGUAGES if each != "en"]
RUN = Run(
    start=Start(kind="aware", when=Moment.at(NOW), claimed_by="ann"), in_force=Truth.YES, due=None, readings=(), made=None,
    status="open", taken=(60, 7_200), by=None,
)  # fmt: skip
PLACE = re.compile(r"%\(\w+\)s")


def asked_for() -> Iterator[str | tuple[str, ...]]:
    """What pages, and the program behind them, look up."""
    keywords = {"_": None, "_words": None, "gettext": None, "ngettext": (1, 2)}
    ways = ((CATALOGUES.parent / "templates", "**.html", "jinja2"), (PAGES, "**.py", "python"))
    for folder, files, how in ways:
        found = extract_from_dir(
            folder, [(files, how)], {files: {"trim_blocks": "true", "lstrip_blocks": "true"}}, keywords
        )
        for _, _, message, _, _ in found:
            yield message if isinstance(message, str) else tuple(message)
    yield from (each.asks for each in FIELDS)
    yield from ABOUT.values()


def catalogue(language: str) -> dict[str, Message]:
    with (CATALOGUES / f"{language}.po").open("rb") as text:
        return {
            each.id[0] if isinstance(each.id, tuple) else each.id: each
            for each in read_po(text, locale=language)
            if each.id
        }


@pytest.mark.parametrize("language", OTHERS)
def test_every_word_is_there_and_none_that_nobody_asks_for(language: str) -> None:
    asked = {each if isinstance(each, str) else each[0] for each in asked_for()}
    assert len(asked) > 400
    assert set(catalogue(language)) == asked


@pytest.mark.parametrize("language", OTHERS)
def test_each_says_something_with_the_same_places(language: str) -> None:
    plurals = {"ko": 1, "sw": 2}[language]
    for message in catalogue(language).values():
        one = message.id[0] if isinstance(message.id, tuple) else message.id
        said = message.string if isinstance(message.string, tuple) else (message.string,)
        assert len(said) == (plurals if isinstance(message.id, tuple) else 1), one
        for each in said:
            assert each.strip(), one
            assert sorted(PLACE.findall(each)) == sorted(PLACE.findall(one)), one
        assert not message.fuzzy


@pytest.mark.parametrize(
    ("language", "zone", "number", "instant", "many"),
    [
        ("en", "UTC", "1,234,567", "7 Mar 2026, 14:00:00 UTC", ("1 view", "2 views")),
        ("ko", "Asia/Seoul", "1,234,567", "2026. 3. 7. 오후 11:00:00 KST", ("열람 1건", "열람 2건")),
        ("sw", "Africa/Nairobi", "1,234,567", "7 Mac 2026 17:00:00 EAT", ("mwono 1", "miono 2")),
    ],
)
def test_numbers_times_and_plurals_are_those_of_the_reader(
    language: str, zone: str, number: str, instant: str, many: tuple[str, str]
) -> None:
    reader = Reader(language=language, zone_name=zone, words=words_of(language), zone=parse_zone(zone))
    assert reader.number(1_234_567) == number
    assert reader.instant(datetime(2026, 3, 7, 14, tzinfo=UTC)) == instant
    said = [
        reader.words.ngettext("%(shown)s view", "%(shown)s views", each) % {"shown": each} for each in (1, 2)
    ]
    assert tuple(said) == many


def test_what_use_cases_always_say_in_the_same_words_is_said_in_each_language() -> None:
    """The list is what they say today; countries are called as their languages call them, and no word of another place is put in."""
    said = {
        "explained",
        "unexplained",
        "cannot tell",
        *get_args(Level),
        NOTHING,
        BEGIN,
        END,
        *DECISIONS.values(),
    }
    assert said == set(SAID_BELOW)
    of = {each: Reader(language=each, words=words_of(each), zone=UTC) for each in LANGUAGES}
    assert [each.place("South Korea") for each in of.values()] == ["South Korea", "대한민국", "Korea Kusini"]
    assert {each.place("California") for each in of.values()} == {""}
    pages = Environment(autoescape=True)
    pages.filters.update(FILTERS)
    known, other = (
        pages.from_string(f"{{{{ '{each}' | said }}}}") for each in ("unexplained", "2 <unexplained>")
    )
    assert [known.render(reader=each) for each in of.values()] == [
        "unexplained",
        "설명되지 않음",
        "haujaelezwa",
    ]
    assert other.render(reader=of["en"]) == "2 &lt;unexplained&gt;"
    assert (
        other.render(reader=of["ko"]) == '<span lang="en">2 &lt;unexplained&gt;</span>'
    )  # what it is is said


@pytest.mark.parametrize("made", [None, Made(duty="ke/authority", when=Moment.at(NOW))])
@pytest.mark.parametrize(
    ("status", "by"),
    [("standing", None), ("no figure", None), ("cannot tell", None), ("in time", (50, 50)), ("late", (3_700, 7_300)),
     ("open", (400_000, 400_000)), ("overdue", (90, 3_000))],
)  # fmt: skip
def test_how_a_clock_stands_is_said_in_each_language(
    status: str, by: tuple[int, int] | None, made: Made | None
) -> None:
    run = replace(RUN, status=status, by=by, made=made)
    told = {each: left(Reader(language=each, words=words_of(each), zone=UTC), run) for each in LANGUAGES}
    assert told["en"] == run.sentence
    assert len(set(told.values())) == 3


def test_a_browser_is_answered_in_the_language_it_prefers_until_somebody_chooses(browser: Opens) -> None:
    nobody = browser(None)
    for asked, told in (("sw,en;q=0.5", "sw"), ("ko-KR", "ko"), ("fr", "en"), ("", "en")):
        page = nobody.client.get("/login", headers={"accept-language": asked})
        assert f'<html lang="{told}">' in page.text
    assert nobody.post("/reader", language="ko", zone="Asia/Seoul").status_code == 303
    page = nobody.client.get("/login", headers={"accept-language": "sw"})
    assert '<html lang="ko">' in page.text
    assert "로그인" in page.text


@pytest.mark.parametrize("zone", ["Asia/Seoul", "+09:00"])
def test_the_zone_of_the_project_is_that_of_whoever_chose_none(root: Path, zone: str) -> None:
    with TestClient(
        console_app(root, now=lambda: NOW, hosts=[HOST], zone=zone), base_url=f"http://{HOST}"
    ) as somebody:
        assert f"<option selected>{zone}</option>" in somebody.get("/reader").text
        somebody.cookies.set("whosaw-reader", "en|Africa/Nairobi")
        assert "<option selected>Africa/Nairobi</option>" in somebody.get("/reader").text


@pytest.mark.parametrize(("language", "zone"), [("xx", "UTC"), ("en", "Nowhere/Else"), ("<b>", "UTC")])
def test_a_language_or_zone_that_is_none_is_refused(browser: Opens, language: str, zone: str) -> None:
    sent = browser(None).post("/reader", language=language, zone=zone)
    assert sent.status_code == 400
    assert "set-cookie" not in {name for name in sent.headers if "whosaw-reader" in sent.headers[name]}


@pytest.mark.parametrize("cookie", ["xx|UTC", "ko|Nowhere", "|||", "ko"])
def test_a_cookie_that_somebody_wrote_by_hand_breaks_nothing(browser: Opens, cookie: str) -> None:
    somebody = browser(Role.AUDITOR)
    somebody.client.cookies.set("whosaw-reader", cookie, domain="testserver.local")
    assert somebody.get("/findings").status_code == 200


def test_the_facts_of_a_finding_are_told_on_the_clock_of_the_reader(root: Path, browser: Opens) -> None:
    with closing(journal_of(root)) as journal:
        (finding,) = stored_findings(journal)
    assert any(re.search(r"T\d\d:\d\d:\d\dZ", fact) for fact in finding.facts)
    somebody = browser(Role.INVESTIGATOR)
    for language, told in (
        ("en", r"Seen between \d+ \w+ \d{4}, \d\d:\d\d:\d\d \+0545 and"),
        ("ko", r"열람 기간: \d{4}\. \d+\. \d+\. 오\w \d+:\d\d:\d\d \+0545 ~"),
    ):
        somebody.post("/reader", language=language, zone="Asia/Kathmandu")
        page = somebody.get(f"/findings/{finding.id}").text
        facts = page[page.index("<h1") : page.index("<h2")]
        assert not re.search(r"T\d\d:\d\d:\d\dZ", facts)
        assert re.search(told, facts)


def test_what_only_looks_like_an_instant_stays_as_it_is() -> None:
    reader = Reader(language="ko", words=words_of("ko"), zone=parse_zone("Asia/Seoul"))
    pages = Environment(autoescape=True)
    pages.filters.update(FILTERS)
    told = pages.from_string("{{ text | on_clock }}")
    assert told.render(reader=reader, text="2026-02-28T23:00:00Z") == "1 Mar 2026, 08:00:00 KST"
    for other in ("2026-02-30T23:00:00Z", "2026-99-99T99:99:99Z", "9999-12-31T23:59:59Z"):
        assert told.render(reader=reader, text=other) == other


def test_pictures_are_drawn_on_the_clock_of_the_reader(root: Path, browser: Opens) -> None:
    """Each says which zone that is, and in each the hours of the table of its numbers are other ones. The person was seen eight times; p1 may be
    one who was only asked for in vain."""
    with closing(journal_of(root)) as journal:
        (finding,) = stored_findings(journal)
    somebody, told = browser(Role.INVESTIGATOR), {}
    person = somebody.post("/people", identifier="68").headers["location"]
    for zone in ("UTC", "Asia/Kathmandu"):
        somebody.post("/reader", language="en", zone=zone)
        told[zone] = {
            path: somebody.get(path).text
            for path in ("/coverage", f"/findings/{finding.id}/pictures", person)
        }
    for path, drawn in told["UTC"].items():
        far = told["Asia/Kathmandu"][path]
        assert "Asia/Kathmandu" in far.partition("<main")[2], path
        assert "UTC" in drawn.partition("<main")[2], path
        hours = [set(re.findall(r"\b\d\d:(?:00|45)\b", page.partition("<main")[2])) for page in (drawn, far)]
        assert hours[0] != hours[1], path
