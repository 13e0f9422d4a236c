"""What each check finds and does not find, on the invented case: 4,200 to 4,350 accounts, 4,200 to 9,100 people, seen from
2 to 19 October 2026; names, telephone numbers, addresses and entrance codes seen, cards and passwords proven not, orders open."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from whosaw.law.checking.verdict import Verdict

Check = Callable[..., dict[str, Verdict]]

LEAK = "Personal data leaked at Example Shop."
ALL = "Names, telephone numbers, addresses and entrance codes were seen."


@pytest.mark.parametrize(
    ("text", "fails"),
    [
        (ALL, set()),
        ("The leaked data are:\n- name\n- telephone number\n- address\n- entrance code", set()),
        ("Leaked items: name, phone number, delivery address, door code", set()),
        ("Names, telephone numbers and addresses were seen.", {"access.entrance-code"}),
        # to be told by e-mail, or to keep a password safe, names no data that leaked
        ("Data leaked. We write to your address. Never give your name or entrance code to anybody.", None),
        (
            "Names, telephone numbers and addresses were seen, but entrance codes were not.",
            {"access.entrance-code"},
        ),
    ],
)
def test_every_category_that_was_seen_has_to_be_named_as_seen(
    check: Check, text: str, fails: set[str] | None
) -> None:
    found = check(text, "notice", "eu", language="en")
    every = {"identity.name", "contact.phone", "contact.address", "access.entrance-code"}
    assert {key for key in every if found[f"category.{key}"].verdict == "fails"} == (
        every if fails is None else fails
    )


def test_an_item_of_data_is_missing_while_one_category_is(check: Check) -> None:
    found = check("이름과 전화번호와 주소가 유출되었습니다.", language="ko")["contents.items-leaked"]
    assert found.verdict == "fails"
    assert "entrance code" in found.because
    assert [(each.item, each.article, each.confidence) for each in found.asked] == [
        ("kr/pipa-individuals-2026", "제34조제1항제1호", "statute-read")
    ]


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("Passwords were not accessed.", "holds"),
        ("Your entrance code was not accessed.", "fails"),
        ("Your orders were not accessed.", "cannot tell"),
        ("No bank details were taken.", "cannot tell"),  # no page of the map carries them
        (
            "Your payment data is safe.",
            "holds",
        ),  # of all under it the ledger holds card numbers alone, and they were not seen
    ],
)
def test_a_claim_that_something_was_not_seen_is_held_against_the_ledger(
    check: Check, text: str, verdict: str
) -> None:
    found = check(f"{LEAK} {text}", language="en")
    (claim,) = [each for id_, each in found.items() if id_.startswith("claim.not-seen.")]
    assert claim.verdict == verdict
    assert claim.spots[0].quote == text


@pytest.mark.parametrize(
    "text",
    [
        "We do not know whether your orders were accessed.",
        "We cannot rule out that passwords were seen.",
        "We never ask for your password.",
        "Do not give your card number to anybody who calls.",
    ],
)
def test_what_is_not_known_or_said_by_the_way_is_no_claim(check: Check, text: str) -> None:
    assert not [each for each in check(f"{LEAK} {text}", language="en") if each.startswith("claim.")]


def test_a_list_speaks_as_the_line_above_it(check: Check) -> None:
    found = check("This was not seen:\n- password\n- card number\n\nThis was seen:\n- name\n", language="en")
    assert found["claim.not-seen.credential.password"].verdict == "holds"
    assert found["category.identity.name"].verdict == "holds"


@pytest.mark.parametrize(
    ("text", "unit", "verdict", "said"),
    [
        ("4,200 accounts were seen.", "accounts", "holds", "4,200 to 4,350"),
        ("About 4,300 accounts were seen.", "accounts", "holds", "4,200 to 4,350"),
        ("4,100 accounts were seen.", "accounts", "fails", "more than the text says"),
        ("At least 50 accounts were seen.", "accounts", "fails", "more than the text says"),
        ("5,000 accounts were seen.", "accounts", "fails", "fewer than the text says"),
        ("Only 4,200 people were seen.", "persons", "cannot tell", "that there were no more"),
        ("Only 50 people were seen.", "persons", "fails", "more than the text says"),
        ("9,600 people were seen.", "persons", "fails", "9,600 people is the number of views in version 1"),
        ("At least 50 people can go to court together.", "persons", None, ""),
        ("약 4,200개 고객 계정이 유출되었습니다.", "accounts", "holds", "4,200 to 4,350"),
        ("고객 300명이 유출되었습니다.", "persons", "fails", "more than the text says"),
        ("Wateja 50 tu waliathirika.", "persons", "fails", "more than the text says"),
        ("Watu elfu nne mia mbili waliathirika.", "persons", "holds", "4,200 to 9,100"),
    ],
)
def test_a_number_has_to_lie_within_the_bounds_of_its_unit(
    check: Check, text: str, unit: str, verdict: str | None, said: str
) -> None:
    language = "ko" if not text.isascii() else "sw" if "waliathirika" in text else "en"
    found = check(text, "notice", "kr", "ke", language=language).get(f"count.{unit}")
    assert (found.verdict if found else None) == verdict
    assert said in (found.because if found else "")


def test_a_number_of_one_country_is_no_fault_beside_that_of_all(check: Check) -> None:
    found = check(
        "4,200 accounts were seen, of them 700 accounts in Kenya.", "notice", "kr", "ke", language="en"
    )
    assert found["count.accounts"].verdict == "holds"
    assert "the count of KE" in found["count.accounts"].because


@pytest.mark.parametrize(
    ("text", "language", "legal", "euphemism"),
    [
        ("개인정보 유출 안내\n\n고객님의 정보가 유출되었습니다.", "ko", "holds", None),
        ("개인정보 노출 안내\n\n고객님의 정보가 노출되었습니다.", "ko", "fails", "fails"),
        ("개인정보 노출 안내\n\n고객님의 정보가 유출되었습니다.", "ko", "holds", "fails"),
        ("개인정보 유출 안내\n\n정보가 유출되었습니다. 더 노출되지 않도록 했습니다.", "ko", "holds", "holds"),
        ("개인정보 노출 안내\n\n정보가 노출되었으며 카드번호는 유출되지 않았습니다.", "ko", "fails", "fails"),
        ("Notice of a personal data breach\n\nYour data leaked.", "en", "holds", None),
        ("About an incident\n\nYour data was exposed.", "en", "fails", "fails"),
        ("Notice of a leak\n\nYour data leaked in this incident.", "en", "holds", "holds"),
        ("Taarifa ya uvujaji\n\nData zako zimevuja.", "sw", "holds", None),
        ("Taarifa ya tukio\n\nData zako zilifichuka.", "sw", "fails", "fails"),
    ],
)
def test_the_word_of_the_law_is_not_stood_in_for(
    check: Check, text: str, language: str, legal: str, euphemism: str | None
) -> None:
    found = check(text, language=language)
    assert found["word.legal"].verdict == legal
    assert (found["word.euphemism"].verdict if "word.euphemism" in found else None) == euphemism


def test_a_word_that_stands_in_is_shown_with_its_line(check: Check) -> None:
    found = check("개인정보 유출 안내\n\n유출되었습니다.\n\n노출 경위는 다음과 같습니다.", language="ko")[
        "word.euphemism"
    ]
    assert [(each.line, each.quote) for each in found.spots] == [(5, "노출 경위는 다음과 같습니다.")]


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("The records were accessed between 2 October and 19 October 2026.", "holds"),
        ("The records were accessed between 5 October and 19 October 2026.", "fails"),
        ("The records were accessed between 2 October and 18 October 2026.", "fails"),
        ("The records were accessed on 2 October 2026.", "holds"),
        ("We closed the way in on 20 October 2026.", None),
    ],
)
def test_the_days_of_the_leak_hold_those_of_the_ledger(check: Check, text: str, verdict: str | None) -> None:
    found = check(f"{LEAK} {text}", language="en").get("claim.window")
    assert (found.verdict if found else None) == verdict


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("We became aware of it on 20 October 2026.", "holds"),
        ("2026년 10월 20일 유출 사실을 인지하였습니다.", "holds"),
        ("We became aware of it on 25 October 2026.", "cannot tell"),
    ],
)
def test_a_time_of_awareness_is_held_against_those_that_are_claimed(
    check: Check, text: str, verdict: str
) -> None:
    found = check(text, language="en" if text.isascii() else "ko")["claim.aware"]
    assert found.verdict == verdict


def test_that_nothing_was_misused_is_more_than_logs_can_show(check: Check) -> None:
    found = check(f"{LEAK} There is no evidence that it was misused.", language="en")["claim.no-misuse"]
    assert found.verdict == "cannot tell"


@pytest.mark.parametrize(
    ("text", "verdict"),
    [("You need not do anything: no steps are needed.", "fails"), ("Change your codes.", "holds")],
)
def test_to_tell_people_to_do_nothing_fails(check: Check, text: str, verdict: str) -> None:
    assert check(f"{LEAK} {text}", language="en")["word.nothing-needed"].verdict == verdict


def test_recipients_and_people_possibly_seen_have_to_be_spoken_of(check: Check) -> None:
    found = check(f"{LEAK} {ALL}", language="en")
    assert (found["groups.secondary"].verdict, found["groups.possible"].verdict) == ("fails", "fails")
    more = "Recipients of parcels are concerned too. Data of others may have been seen."
    found = check(f"{LEAK} {ALL} {more}", language="en")
    assert (found["groups.secondary"].verdict, found["groups.possible"].verdict) == ("holds", "holds")


def test_a_text_in_two_languages_has_to_say_it_in_both(check: Check) -> None:
    korean = "고객님의 이름, 전화번호, 주소와 공동현관 비밀번호가 유출되었습니다. 깊이 사과드리며 다시는 이런 일이 없도록 하겠습니다."
    english = "We are sorry to tell you that your name, your telephone number and your address were seen by a stranger."
    found = check(f"{korean}\n\n{english}")
    # by id, the English verdicts come after the Korean ones or before them, as the larger share comes first
    assert found["category.access.entrance-code"].language in ("en", "ko")
    alone = check(korean)
    assert alone["category.access.entrance-code"].verdict == "holds"


def test_a_language_without_words_is_never_passed(check: Check) -> None:
    found = check(
        "Nous vous informons que les données que vous nous avez confiées ont été vues par un inconnu, et nous en sommes désolés."
    )
    assert set(found) == {"language"}
    assert found["language"].verdict == "cannot tell"


def test_what_is_asked_for_only_where_known_is_missed_only_where_it_is_known(check: Check) -> None:
    assert check(LEAK, "notice", "ke", language="en")["contents.intruder"].verdict == "fails"
