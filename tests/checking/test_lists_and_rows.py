"""Rows, lists, spans and numbers as letters write them, and what of a sentence counts."""

from __future__ import annotations

import pytest
from tests.checking.conftest import Check

from whosaw.law.checking.clauses import clauses_of
from whosaw.law.checking.dates import days
from whosaw.law.checking.mentions import kinds_in, things_listed
from whosaw.law.checking.numbers import figures
from whosaw.law.checking.phrases import Finder
from whosaw.law.checking.reader import Reader
from whosaw.law.checking.text import blocks_of_plain, passages_of
from whosaw.packs.languages import load_language


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        (
            "| When | 4 March |\n| --- | --- |\n| Not held | card number |",
            ["When | 4 March", "Not held | card number"],
        ),
        ("| Is it public? | Part of it. |", ["Is it public?", "Part of it."]),
        ("Name ........... copied\nM-Pesa ......... not there", ["Name | copied", "M-Pesa | not there"]),
        ("**What happened?**\nA thief came.", ["What happened?", "A thief came."]),
    ],
)
def test_each_row_stands_for_itself(text: str, rows: list[str]) -> None:
    assert [each.text for each in passages_of(blocks_of_plain(text))] == rows


@pytest.mark.parametrize(
    ("language", "text", "said"),
    [
        ("en", "The notes give the names and were read by a stranger.", ["seen"]),
        ("ko", "주소가 열람되었을 뿐 파일을 가져간 사람은 없습니다.", ["seen", ""]),
        ("sw", "Yawezekana taarifa zako zimeonwa.", ["unsure"]),
    ],
)
def test_what_a_clause_says(language: str, text: str, said: list[str]) -> None:
    (passage,) = passages_of(blocks_of_plain(text))
    assert [each.says for each in clauses_of(passage, load_language(language))] == said


@pytest.mark.parametrize(
    ("language", "text", "wanted"),
    [
        ("en", "Between Monday 5 and Wednesday 7 October 2026 it was read.", [(10, 5), (10, 7)]),
        ("sw", "Kuanzia Jumatatu tarehe 5 hadi Jumatano tarehe 7 Oktoba 2026.", [(10, 5), (10, 7)]),
        ("sw", "Kuanzia August 1 mpaka August 9.", [(8, 1), (8, 9)]),
    ],
)
def test_a_span_may_name_days_of_the_week_and_english_months(
    language: str, text: str, wanted: list[tuple[int, int]]
) -> None:
    (passage,) = passages_of(blocks_of_plain(text))
    assert [(each.month, each.day) for each in days(passage, load_language(language))] == wanted


def test_the_number_of_a_section_counts_nobody() -> None:
    (heading,) = passages_of(blocks_of_plain("4.0 Ushauri kwa waombaji"))
    (counted,) = passages_of(blocks_of_plain("Waombaji 40 wameathirika"))
    language = load_language("sw")
    assert figures(heading, language) == ()
    assert [each.high for each in figures(counted, language)] == [40]


LIST = (
    "{}\n> what you are called\n> your home address\n> your phone number\n\nQuestions: privacy@shop.example"
)


@pytest.mark.parametrize(
    ("lead", "named"),
    [("What do they know about me?", True), ("These were not taken:", False)],
)
def test_a_list_of_data_names_them_unless_what_leads_to_it_denies(
    check: Check, lead: str, named: bool
) -> None:
    told = check(LIST.format(lead), "notice", "ke", language="en")
    assert (told["category.contact.phone"].verdict == "holds") is named


@pytest.mark.parametrize(
    ("text", "fault", "found"),
    [
        # a long sentence drowns what a part of it says; an answer says it together with its question; few words may say it
        (
            "We write to all who were with us in May and thank them, and there is no risk to you at all.",
            "groundless-safety",
            True,
        ),
        ("Is there any risk to me?\nNone.", "groundless-safety", True),
        ("Danger.", "groundless-safety", False),
        # who is told to spend a credit as a promise not to claim waives, and is set no condition
        ("Spending the credit counts as your promise never to sue us over this.", "rights-waived", True),
        ("Spending the credit counts as your promise never to sue us over this.", "conditions", False),
    ],
)
def test_which_words_are_a_fault(check: Check, text: str, fault: str, found: bool) -> None:
    told = check(f"Your personal data were stolen.\n\n{text}", "notice", "ke", language="en")
    assert (f"fault.{fault}" in told) is found


def test_a_denial_tells_no_breach_whatever_it_resembles(check: Check) -> None:
    told = check(
        "At no time did any data breach take place, and no outsider got into the bookings.",
        "notice",
        "ke",
        language="en",
    )
    assert told["fault.breach-denied"].verdict == "fails"
    assert told["word.legal"].verdict == "fails"


@pytest.mark.parametrize(
    ("language", "text", "things"),
    [
        (
            "ko",
            "직원의 이메일 편지함이 해킹되어 파일이 복사되었고, 서류도 유출되었습니다. 유출된 정보는 이름과 계좌번호 두 가지뿐입니다.",
            [{"identity.name"}, {"financial.bank-account"}],
        ),
        (
            "en",
            "The file is limited to your name and your bank account number. Passports, tickets, vouchers and keys lie in the safe.",
            [{"identity.name"}, {"financial.bank-account"}],
        ),
    ],
)
def test_a_list_that_says_that_it_is_all_is_the_list(
    language: str, text: str, things: list[set[str]]
) -> None:
    found = things_listed(passages_of(blocks_of_plain(text)), load_language(language))
    assert [kinds_in(thing, load_language(language)) for _, thing in found] == things


@pytest.mark.parametrize(
    ("language", "text", "day"),
    [
        ("en", "On 13 November 2026 a disk was lost on its way.", 13),
        ("ko", "2026년 11월 13일 외장하드 1대가 이송 도중 분실되었습니다.", 13),
        ("sw", "Tarehe 20 Septemba 2026 laptop ya mwalimu iliibwa.", 20),
    ],
)
def test_the_day_of_a_loss_or_theft_is_when_it_happened(language: str, text: str, day: int) -> None:
    words = load_language(language).reading
    (passage,) = passages_of(blocks_of_plain(text))
    assert Finder(words).first(words.dates.happened, passage.folded) is not None
    assert [each.day for each in days(passage, load_language(language))] == [day]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Thieves have tried to swap the SIM cards of 19 members."),
        ("ko", "조합원 19명의 유심을 바꾸려 한 시도가 있었습니다."),
        ("sw", "Wezi wamejaribu kubadilisha laini za wanachama 19."),
        ("sw", "Tumeitoa, na wazazi 43 wameombwa waifute."),
    ],
)
def test_people_whom_a_thief_has_tried_to_rob_are_not_all_who_are_concerned(language: str, text: str) -> None:
    words = load_language(language).reading
    assert Finder(words).first(words.numbers.others, text.lower()) is not None
    assert Finder(words).first(words.numbers.included, text.lower()) is None


@pytest.mark.parametrize(
    ("language", "text", "counted"),
    [
        ("en", "Somebody holds information of 1,800 cardholders.", [1800]),
        ("en", "At most 1,800 cardholders come into question.", [1800]),
        ("en", "The list of Year 6 pupils was copied.", []),
        ("ko", "관객 수백 분의 정보가 노출되었습니다.", [1000]),
        ("ko", "6학년 학생의 명단이 유출되었습니다.", []),
        ("sw", "Mtu wa nje akaona data za wateja 5,630, zikiwemo zako.", [5630]),
        ("sw", "Orodha ya wazazi wa darasa la 6 ilinakiliwa.", []),
    ],
)
def test_people_are_counted_beside_their_data_and_not_by_the_number_of_a_class(
    language: str, text: str, counted: list[int]
) -> None:
    reader = Reader(
        language=load_language(language),
        passages=passages_of(blocks_of_plain(text)),
        parts={},
        organisation=(),
    )
    assert [each.high for each in reader.figures] == counted
