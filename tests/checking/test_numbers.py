"""Numbers and days as three languages write them. Expected values are by hand; a rounded number is the span it was rounded from."""

from __future__ import annotations

import pytest

from whosaw.law.checking.dates import days
from whosaw.law.checking.numbers import figures
from whosaw.law.checking.numerals import has_telephone
from whosaw.law.checking.text import Block, Passage, passages_of
from whosaw.packs.languages import load_language


def _passage(text: str) -> Passage:
    return passages_of([Block(text=text)])[0]


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("en", "4,536 accounts", [("accounts", 4_536, 4_536, "is")]),
        ("en", "About 33.7 million customer accounts", [("accounts", 33_650_000, 33_750_000, "is")]),
        ("en", "33.7m users", [("persons", 33_650_000, 33_750_000, "is")]),
        ("en", "at least 1,874 of our customers", [("persons", 1_874, 1_874, "at least")]),
        ("en", "up to 2,110 people", [("persons", 2_110, 2_110, "at most")]),
        ("en", "only about 3,000 accounts", [("accounts", 2_500, 3_500, "only")]),
        ("en", "about 4,500 customers", [("persons", 4_450, 4_550, "is")]),
        ("en", "four thousand five hundred and thirty-six people", [("persons", 4_536, 4_536, "is")]),
        ("en", "148,056,502 views of 16 pages", [("views", 148_056_502, 148_056_502, "is")]),
        ("en", "We paid 50,000 won.", []),
        ("en", "Students affected: Stockton 1,090, Lodi 450", [("persons", 1_090, 1_090, "is"), ("persons", 450, 450, "is")]),
        ("en", "Questions of customers: 0800 555 0112", []),
        ("sw", "Waliohusika: Wadi ya Mashariki 5,500", [("persons", 5_500, 5_500, "is")]),
        ("en", "as [10] views show", []),
        ("ko", "약 3,370만 명", [("persons", 33_650_000, 33_750_000, "is")]),
        ("ko", "3천370만 명", [("persons", 33_650_000, 33_750_000, "is")]),
        ("ko", "33,700,034개 계정", [("accounts", 33_700_034, 33_700_034, "is")]),
        ("ko", "고객 계정 4,536개가", [("accounts", 4_536, 4_536, "is")]),
        ("ko", "1억 4,805만 6,502회", [("views", 148_056_502, 148_056_502, "is")]),
        ("ko", "50명에 불과합니다", [("persons", 50, 50, "only")]),
        ("ko", "300명 이상 650명 이하", [("persons", 300, 300, "is"), ("persons", 650, 650, "is")]),
        ("ko", "백여 명", [("persons", 100, 200, "is")]),
        ("ko", "삼만 오천이백 명", [("persons", 35_200, 35_200, "is")]),
        ("ko", "스물두 세대", [("persons", 22, 22, "is")]),
        ("ko", "두 명", []),
        ("ko", "조회 한 번", []),
        ("en", "two dozen guests", [("persons", 18, 30, "is")]),
        ("en", "zero seven zero five five five users", []),
        ("en", "fewer than two thousand renters", [("persons", 1_500, 2_500, "at most")]),
        ("en", "hundreds of our customers", [("persons", 100, 1_000, "is")]),
        ("en", "tens of thousands of accounts", [("accounts", 10_000, 100_000, "is")]),
        ("ko", "환아 수십 명", [("persons", 10, 100, "is")]),
        ("ko", "수십만 명", [("persons", 100_000, 1_000_000, "is")]),
        ("sw", "mamia ya wateja", [("persons", 100, 1_000, "is")]),
        # a verb that ends like a number, under a label that names people
        ("ko", "조합원님이 하실 일: 신용동결을 걸어 두십시오.", []),
        ("ko", "오십시오 고객님", []),
        ("sw", "watu mia mbili", [("persons", 150, 250, "is")]),
        ("sw", "watu sifuri saba sifuri tano", []),
        ("sw", "watu elfu moja mia nane sabini na nne", [("persons", 1_874, 1_874, "is")]),
        ("sw", "akaunti milioni 33.7", [("accounts", 33_650_000, 33_750_000, "is")]),
        ("sw", "watu elfu 34", [("persons", 33_500, 34_500, "is")]),
        ("sw", "kati ya watu 1,874 na 2,110", [("persons", 1_874, 1_874, "is")]),
        ("sw", "wateja 50 tu waliohusika", [("persons", 50, 50, "only")]),
        ("sw", "wateja 50 tulioandikia", [("persons", 50, 50, "is")]),
    ],
)  # fmt: skip
def test_a_number_is_read_with_unit_rounding_and_kind(
    language: str, text: str, expected: list[tuple[str, int, int, str]]
) -> None:
    found = figures(_passage(text), load_language(language))
    assert [(each.unit, each.low, each.high, each.kind) for each in found] == expected


@pytest.mark.parametrize(
    ("language", "text", "found"),
    [
        ("en", "zero seven zero zero, five five five", True),
        ("sw", "sifuri saba sifuri sifuri, tano tano tano", True),
        ("ko", "공일공 일이삼사 오육칠팔", True),
        ("en", "one thousand two hundred and fourteen", False),
        ("sw", "elfu kumi na nne na mia tatu", False),
    ],
)
def test_a_telephone_number_may_be_read_out(language: str, text: str, found: bool) -> None:
    assert has_telephone(text, load_language(language).reading.numbers) is found


def test_a_plain_korean_number_with_a_scale_is_rounded_to_its_last_digit() -> None:
    (found,) = figures(_passage("3,371만 명"), load_language("ko"))
    assert (found.low, found.high) == (33_705_000, 33_715_000)


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("en", "on 6 November 2025, November 8, 2025 and 2025-11-19", [(2025, 11, 6), (2025, 11, 8), (2025, 11, 19)]),
        ("en", "on the 3rd of March", [(None, 3, 3)]),
        ("en", "6/11/2025", []),  # June or November: nobody can tell
        ("en", "26/11/2025", [(2025, 11, 26)]),
        ("en", "on 41 March 2025 we may", []),
        ("ko", "2025년 11월 6일부터 11월 8일까지", [(2025, 11, 6), (2025, 11, 8)]),
        ("ko", "2025. 11. 6.", [(2025, 11, 6)]),
        ("ko", "10.12. 알림장에", [(None, 10, 12)]),
        ("ko", "유출 9.12.~9.15. 사이", [(None, 9, 12), (None, 9, 15)]),
        ("ko", "10/21~23 서버에서", [(None, 10, 21), (None, 10, 23)]),
        ("ko", "전화 02-12.3", []),
        ("ko", "2.1. 유출된 항목", []),  # the number of a section
        ("sw", "tarehe 7 Machi 2026 na 07/03/2026", [(2026, 3, 7), (2026, 3, 7)]),
    ],
)  # fmt: skip
def test_a_day_is_read_as_the_language_writes_it(
    language: str, text: str, expected: list[tuple[int | None, int, int]]
) -> None:
    found = days(_passage(text), load_language(language))
    assert [(each.year, each.month, each.day) for each in found] == expected


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Students affected: Stockton 1,090, Lodi 450, 1,540 in all."),
        ("ko", "안산 1,090명, 시흥 450명, 모두 1,540명"),
        ("sw", "Waliohusika: Mashariki 1,090; Magharibi 450; jumla 1,540."),
    ],
)
def test_a_sum_is_told_from_its_parts(language: str, text: str) -> None:
    found = figures(_passage(text), load_language(language))
    assert [(each.low, each.total) for each in found] == [(1_090, False), (450, False), (1_540, True)]


def test_days_of_one_month_in_a_row_are_all_read() -> None:
    found = days(_passage("10월 21, 22, 23일이고 24일에 알았습니다"), load_language("ko"))
    assert [(each.month, each.day) for each in found] == [(10, 21), (10, 22), (10, 23), (10, 24)]
