"""What the texts of the Korean acts say, row by row, where an item can say it in words alone; sums, days and grounds are in its cases."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest

from whosaw.law.items import Law

READ = {"kr/pipa", "kr/network", "kr/credit", "kr/efinance"}


@pytest.mark.parametrize(
    ("item", "part", "says"),
    [
        ("kr/pipa-report-2026", "delays", "천재지변|natural disaster"),
        ("kr/pipa-report-2026", "phasing", r"items 3 to 5.*제40조제2항"),
        ("kr/pipa-report-2026", "notes", "Containment delays the notice to the people, not this report"),
        ("kr/pipa-individuals-2026", "phasing", r"items 3 to 6.*제39조제2항"),
        ("kr/pipa-individuals-2026", "delays", "제39조제1항제1호"),
        ("kr/pipa-possible-leak-2026", "delays", "제39조의3제1항 단서"),
        ("kr/pipa-possible-leak-2026", "form", "30 days.*제39조의3제4항"),
        ("kr/pipa-not-leaked-2026", "article", "제39조의3제3항"),
        ("kr/pipa-processor-report-2026", "notes", "제75조제2항제17호 and 제18호"),
        ("kr/network-users-2026", "notes", "제48조의3제4항 후단"),
        ("kr/credit-report", "recipient", "FSC or FSS"),
        ("kr/credit-report", "form", "제34조의4제6항"),
        ("kr/credit-report", "delays", "제34조의4제7항"),
        ("kr/credit-individuals", "delays", "제34조의4제3항"),
    ],
)
def test_a_duty_says_what_its_text_says(law: Law, item: str, part: str, says: str) -> None:
    duty = law.duties[item]
    told = getattr(duty, part, None) or getattr(duty.origin, part)
    assert re.search(says, told if isinstance(told, str) else " ".join(told))


@pytest.mark.parametrize(
    ("item", "article"),
    [
        ("kr/network-preservation-crime-before", "구 제73조제6호"),
        ("kr/network-preservation-crime-2026", "제71조제1항제13호의2"),
        ("kr/network-fine-report-2026", "제76조제1항제2호"),
        ("kr/network-fine-users-2026", "제76조제4항제11호의4"),
        ("kr/network-fine-manual-2026", "제76조제3항제4호의5"),
        ("kr/pipa-fine-notice", "제75조제2항제17호, 제18호"),
        ("kr/pipa-fine-agent", "제75조제3항제2호"),
        ("kr/credit-fine-notice", "제52조제3항제13호, 제14호"),
    ],
)
def test_a_penalty_names_article_paragraph_and_item(law: Law, item: str, article: str) -> None:
    assert article in law.payments[item].origin.article


def test_the_report_to_the_commission_says_what_the_decree_asks_for(law: Law) -> None:
    duty = law.duties["kr/pipa-report-2026"]
    listed = [each.article for each in duty.contents if not each.unverified]
    assert listed == [f"제34조제1항제{number}호" for number in range(1, 7)]


def test_what_was_read_is_cited_as_the_law_cites_itself(law: Law) -> None:
    every: list[Any] = [*law.duties.values(), *law.payments.values()]
    read = [
        each.origin for each in every if each.origin.act in READ and each.origin.confidence == "statute-read"
    ]
    assert len(read) > 30
    assert [each.id for each in read if not re.search(r"제\d+조", each.article)] == []


def test_no_decision_of_before_the_article_is_put_under_it(law: Law) -> None:
    # Act 19234 made 64-2, in force on 2023-09-15; what had ended before is under former articles (addenda 8)
    early = [
        each
        for each in law.precedents.values()
        if each.origin.jurisdiction == "kr" and each.decided < date(2023, 9, 15).isoformat()
    ]
    assert {each.origin.id for each in early} == {"kr/precedent-google-meta", "kr/precedent-lg-uplus"}
    assert all("39-15" in each.origin.article for each in early)


def test_duties_that_were_missing_are_there(law: Law) -> None:
    families = {each.of for each in law.duties.values()}
    assert {
        "kr/network-relief", "kr/network-material", "kr/network-manual", "kr/credit-public", "kr/pipa-domestic-agent",
        "kr/pipa-processor-report", "kr/pipa-processor-individuals", "kr/pipa-processor-possible-leak", "kr/efinance-report",
    } <= families  # fmt: skip


def test_a_processor_in_korea_does_not_get_an_empty_page(law: Law) -> None:
    owed = {
        each.audience
        for each in law.duties.values()
        if each.owed_by == "processor" and each.origin.jurisdiction == "kr"
    }
    assert owed == {"individuals", "possibly-affected", "regulator"}
