"""The report page: complete, escaped, alone, and the same each time."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from functools import cache
from html.parser import HTMLParser
from itertools import pairwise

import pytest
from tests.unit.report.page_tree import Tree, unopened

from whosaw.core.counts import Count
from whosaw.report.page import page_html
from whosaw.report.pictures.data import CoverageOfSources, OverTime
from whosaw.report.view_model import (
    CategoryView,
    Command,
    ContextTable,
    ExplanationView,
    FileView,
    FindingView,
    HourSpan,
    RouteView,
    ScanSummary,
    Sentence,
    SourceView,
)

ATTACK = "<script>alert('x')</script>\"><img src=x onerror=alert(1)>"
VOID = {"meta", "img", "source", "br", "link"}


class Reading(HTMLParser):
    """The page as a browser sees it: elements in order, text outside style, what was not closed."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.text += data

    def of(self, name: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.elements if tag == name]


@cache
def rendered(summary: ScanSummary) -> str:
    """The page, made once for all tests that only read it."""
    return page_html(summary)


@pytest.fixture
def page(summary: ScanSummary) -> str:
    return rendered(summary)


def test_same_summary_same_bytes(summary: ScanSummary, page: str) -> None:
    assert page_html(summary) == page


def test_every_element_is_closed(page: str) -> None:
    assert Reading(page).open == []


def test_it_says_what_was_read_and_that_it_adds_up(page: str) -> None:
    text = Reading(page).text
    assert (
        "10,000 lines = 9,990 events + 7 rejects + 3 blank or comment lines. It adds up in every file."
        in text
    )
    assert "4 duplicates are among the events and are not counted as views." in text
    assert "web/access.log.1.gz: gzip ends before its end: 500 lines read before the cut" in text
    assert "web/notes.pdf was not read: no format known" in text


def test_it_says_where_lines_do_not_add_up(summary: ScanSummary) -> None:
    wrong = replace(summary.files[0], events=1)
    assert (
        "It does not add up in: web/access.log."
        in Reading(rendered(replace(summary, files=(wrong,), pictures=()))).text
    )


def test_counts_stand_with_bounds_and_reasons(page: str) -> None:
    text = Reading(page).text
    assert "9,001 views (exact)" in text
    assert "4,004 to 84,004 persons" in text
    assert "secondary subjects not named, up to 80,000 more; route my-addresses" in text


def test_explanations_keep_their_three_answers(page: str) -> None:
    text = Reading(page).text
    assert "A login issued this token to this subject" in text
    assert "tickets was not given" in text
    assert {"Explained", "Unexplained", "Cannot tell"} <= set(
        re.findall(r"Explained|Unexplained|Cannot tell", text)
    )


def test_a_category_without_a_count_cannot_be_told(page: str) -> None:
    assert "4 of 4, special: GDPR Art. 9cannot tellcannot tell" in Reading(page).text


def test_gaps_are_drawn_and_listed_with_their_rule(page: str, strip: CoverageOfSources) -> None:
    reading = Reading(page)
    assert strip.says in reading.text  # for those who cannot see it
    assert {each["aria-hidden"] for each in reading.of("svg")} == {"true"}
    states = [
        each["class"] for each in reading.of("rect") if each["class"] in ("whole", "partial", "missing")
    ]
    one = ["whole", "partial", "missing", "whole"]
    key_of = ["whole", "partial", "missing"]
    assert states == [*one, *key_of, *one, *key_of]
    assert "no line for 30 hours" in reading.text
    assert "4 Mar 2025, 18:00 to 6 Mar 2025, 00:00" in reading.text


def test_it_shows_what_is_missing_and_how_to_check(page: str, finding: FindingView) -> None:
    text = Reading(page).text
    assert "30 hours of web/access.log are missing, so every count is a lower bound." in text
    assert f"whosaw line {finding.locators[0]}" in text
    assert "not given" in text


def test_no_events_is_not_no_breach(summary: ScanSummary) -> None:
    empty = replace(summary, files=(), sources=(), findings=(), routes=(), pictures=(), cannot_tell=())
    text = Reading(rendered(empty)).text
    assert "No event was read, so nothing can be told about who saw whom." in text
    assert "so nothing can be told about gaps" in text
    assert "No gap" not in text


def test_no_finding_is_not_proof(summary: ScanSummary) -> None:
    text = Reading(rendered(replace(summary, findings=(), pictures=()))).text
    assert "It is no proof that nothing happened" in text


def test_nothing_is_fetched_and_no_script_can_run(page: str) -> None:
    reading = Reading(page)
    assert reading.of("script") == reading.of("link") == reading.of("iframe") == []
    for name in ("src", "srcset", "href"):
        for value in (each[name] for _, each in reading.elements if name in each):
            assert value is not None
            assert value.startswith("#")
    assert not any(key.startswith("on") or key == "style" for _, each in reading.elements for key in each)
    assert "url(" not in page
    assert "@import" not in page


def test_the_policy_allows_this_style_and_nothing_else(page: str) -> None:
    policy = next(each["content"] for each in Reading(page).of("meta") if "http-equiv" in each)
    style = page.split("<style>")[1].split("</style>", maxsplit=1)[0]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert policy is not None
    assert policy.startswith(f"default-src 'none'; style-src 'sha256-{digest}'; base-uri")


def test_it_can_be_read_by_ear_and_by_keyboard(page: str) -> None:
    reading = Reading(page)
    assert reading.of("html") == [{"lang": "en"}]
    assert len(reading.of("h1")) == len(reading.of("main")) == 1
    assert all(each["alt"] for each in reading.of("img"))
    assert all(each.get("scope") == "col" for each in reading.of("th"))
    anchors = {each["href"] for each in reading.of("a")}
    assert anchors <= {f"#{each['id']}" for _, each in reading.elements if "id" in each}
    levels = [int(tag[1]) for tag, _ in reading.elements if re.fullmatch("h[1-6]", tag)]
    assert all(below - above <= 1 for above, below in pairwise(levels))


def test_light_dark_print_and_small_screens_are_provided_for(page: str) -> None:
    for rule in ("@media (prefers-color-scheme: dark)", "@media print", "@media (max-width: 38rem)"):
        assert rule in page
    sizes = [each["class"] for each in Reading(page).of("svg")]
    assert sizes == ["pic wide", "pic narrow"] * 2


def test_every_picture_has_its_numbers_as_a_table_and_marks_lead_to_their_row(
    page: str, timeline: OverTime
) -> None:
    tree = Tree(page)
    (whole, *_) = [each for each in tree.every if each.name == "figure"]
    rows = [each for each in whole.below() if each.name == "tr" and "id" in each.attributes]
    assert [row.text for row in rows] == [
        "2025-03-03404" + "4" + "web/access.log:1200",
        "2025-03-052,00001,5001,504web/access.log:1202",
        "2025-03-066,99702,5004,004web/access.log:1203",
    ]
    marks = [
        each.attributes["href"]
        for each in whole.below()
        if each.name == "a" and "tabindex" in each.attributes
    ]
    assert marks == [f"#{row.attributes['id']}" for row in rows] * 2


def test_every_number_opens(page: str) -> None:
    assert unopened(page) == []


def test_a_number_that_leads_nowhere_is_noticed(page: str) -> None:
    assert unopened(page.replace('id="files"', "")) != []
    assert unopened(page.replace("</h1>", "</h1><p>7 people</p>")) == ["7 people"]


def test_whatever_a_log_holds_stays_text(
    summary: ScanSummary, finding: FindingView, timeline: OverTime, strip: CoverageOfSources
) -> None:
    bad_finding = replace(
        finding,
        id=ATTACK,
        title=ATTACK,
        facts=(ATTACK,),
        actor=ATTACK,
        locators=(ATTACK,),
        confidence=ATTACK,
        technique=ATTACK,
        detector=ATTACK,
        blind_spots=(ATTACK,),
        confidence_reasons=(ATTACK,),
        categories=(CategoryView(key=ATTACK, title=ATTACK, sensitivity=1, special=(ATTACK,)),),
        explanations=(
            ExplanationView(
                id=ATTACK, title=ATTACK, explained=0, unexplained=0, cannot_tell=1, why_not=ATTACK
            ),
        ),
    )
    file = FileView(name=ATTACK, source=ATTACK, format=ATTACK, lines=1, events=0, rejects=0, fault=ATTACK)
    span = HourSpan(start=finding.first, end=finding.last, state="missing", reason=ATTACK)
    source = SourceView(
        source=ATTACK, lines=1, events=1, rejects=0, duplicates=0, first=None, last=None, spans=(span,)
    )
    bad = replace(
        summary,
        title=ATTACK,
        version=ATTACK,
        files=(file,),
        sources=(source,),
        findings=(bad_finding,),
        routes=(RouteView(id=ATTACK, categories=(ATTACK,), views=1),),
        context=(ContextTable(name=ATTACK, rows=1, used_for=ATTACK),),
        cannot_tell=(Sentence(text=ATTACK, lines=(ATTACK,), command=ATTACK),),
        pictures=(
            replace(
                timeline,
                title=ATTACK,
                says=ATTACK,
                notes=(ATTACK,),
                opens=ATTACK,
                zone_name=ATTACK,
                step=ATTACK,
                bins=(replace(timeline.bins[0], name=ATTACK, lines=(ATTACK,)),),
            ),
            replace(strip, sources=(replace(strip.sources[0], source=ATTACK, lines=(ATTACK,)),)),
        ),
        verify=(Command(text=ATTACK, shows=ATTACK),),
        zone_name=ATTACK,
        skipped=((ATTACK, ATTACK),),
    )
    reading = Reading(rendered(bad))
    assert reading.of("script") == []
    assert reading.of("img") == []
    assert not any(key.startswith("on") for _, each in reading.elements for key in each)
    assert reading.text.count("<script>alert('x')</script>") > 20
    assert reading.open == []


def test_a_count_without_upper_bound_says_at_least(summary: ScanSummary, finding: FindingView) -> None:
    reason = finding.counts[2].reasons[0]
    open_count = Count(unit="persons", lower=5, upper=None, reasons=(replace(reason, adds_upper=None),))
    text = Reading(
        rendered(replace(summary, findings=(replace(finding, counts=(open_count,)),), pictures=()))
    ).text
    assert "at least 5 persons" in text
    assert "how many cannot be told" in text
    assert "no upper bound" in text
