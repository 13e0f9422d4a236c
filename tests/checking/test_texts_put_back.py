"""Texts that `notice check` once passed though they deny or mislead, and good ones that it once blamed: each comes out as it did once
that which knows its wording is taken away again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest

from whosaw.law.checking.parts import load_parts
from whosaw.law.checking.verdict import Verdict
from whosaw.packs.languages import Language, load_language

Check = Callable[..., dict[str, Verdict]]
KOREA, KENYA = ("ko", "kr"), ("en", "ke")
SWAHILI = ("sw", "ke")


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A text to people of a place in a language: the check `id` comes out as `verdict`, and otherwise without `part`, the item of that
    language which knows the wording."""

    of: tuple[str, str]
    text: str
    id: str
    verdict: str
    part: str


# what denied or waived and was passed; the last four are good texts that were blamed
TEXTS = [
    Text(
        of=KOREA,
        text="손해배상 청구와 분쟁조정을 신청할 수 없습니다.",
        id="fault.rights-denied",
        verdict="fails",
        part="rights-denied",
    ),
    Text(
        of=KOREA,
        text="쿠폰을 받으시면 손해배상 청구권을 포기하신 것으로 봅니다.",
        id="fault.rights-waived",
        verdict="fails",
        part="rights-waived",
    ),
    Text(
        of=KENYA,
        text="You cannot claim compensation.",
        id="fault.rights-denied",
        verdict="fails",
        part="rights-denied",
    ),
    Text(
        of=KENYA,
        text="The voucher is given in full and final settlement.",
        id="fault.rights-waived",
        verdict="fails",
        part="rights-waived",
    ),
    Text(
        of=SWAHILI,
        text="Huwezi kudai fidia wala kulalamika.",
        id="fault.rights-denied",
        verdict="fails",
        part="rights-denied",
    ),
    Text(
        of=KENYA,
        text="You don't have to do anything.",
        id="word.nothing-needed",
        verdict="fails",
        part="nothing-needed",
    ),
    Text(
        of=KOREA,
        text="추가로 하실 일은 없으나 안내드립니다.",
        id="word.nothing-needed",
        verdict="fails",
        part="nothing-needed",
    ),
    Text(
        of=KOREA,
        text="고객님의 이름이 유출되었을 가능성이 있습니다.",
        id="fault.certain-as-possible",
        verdict="fails",
        part="certain-as-possible",
    ),
    Text(  # accessed or acquired is the word of Kenya's section 43(1)
        of=KENYA,
        text="An unauthorised person accessed your personal data.",
        id="word.legal",
        verdict="holds",
        part="how",
    ),
    Text(
        of=KENYA,
        text="Do not share your PIN with anyone.",
        id="contents.what-people-can-do",
        verdict="holds",
        part="advice",
    ),
    Text(
        of=SWAHILI,
        text="Usimpe mtu PIN yako.",
        id="contents.what-people-can-do",
        verdict="holds",
        part="advice",
    ),
    Text(
        of=SWAHILI,
        text="Maswali: Simu +254 20 000 0000",
        id="contents.contact",
        verdict="holds",
        part="contact",
    ),
]


@pytest.mark.parametrize("row", TEXTS, ids=lambda row: f"{row.of[0]}-{row.part}-{row.text[:12]}")
def test_a_text_is_passed_or_blamed_as_once_without_the_item_that_knows_its_wording(
    check: Check, monkeypatch: pytest.MonkeyPatch, row: Text
) -> None:
    language, place = row.of

    def verdict() -> str:
        found = check(row.text, "notice", place, language=language).get(row.id)
        return "not said" if found is None else found.verdict

    assert verdict() == row.verdict
    left = {key: part for key, part in load_parts().items() if key != (language, row.part)}
    monkeypatch.setattr("whosaw.law.checking.judge.load_parts", lambda: left)
    # and without what has learnt to tell such sentences, which came after the items
    monkeypatch.setattr("whosaw.law.checking.reader.load_classifier", lambda _: None)
    assert verdict() != row.verdict


def _reading(language: Language, **changed: Any) -> Language:
    return replace(language, how_read=replace(language.reading, **changed))


@pytest.mark.parametrize(
    ("of", "text", "id_", "verdict", "before"),
    [
        (
            KENYA,
            "Personal data breach. Your name was read.",
            "category.identity.name",
            "holds",
            lambda words: _reading(words, disclosed=()),
        ),
        (
            KENYA,
            "Personal data breach. Your address was accessed.",
            "category.contact.address",
            "holds",
            lambda words: _reading(words, disclosed=()),
        ),
        (
            SWAHILI,
            "Hata kama si mteja wetu, jina lako lilisomwa.",
            "category.identity.name",
            "holds",
            lambda words: _reading(words, disclosed=()),
        ),
    ],
)
def test_what_says_that_data_were_seen_is_not_known_without_its_words(
    check: Check,
    monkeypatch: pytest.MonkeyPatch,
    of: tuple[str, str],
    text: str,
    id_: str,
    verdict: str,
    before: Callable[[Language], Language],
) -> None:
    language, place = of
    assert check(text, "notice", place, language=language)[id_].verdict == verdict
    monkeypatch.setattr("tests.checking.conftest.load_language", lambda code: before(load_language(code)))
    monkeypatch.setattr("whosaw.law.checking.reader.load_classifier", lambda _: None)
    assert check(text, "notice", place, language=language)[id_].verdict != verdict


def test_the_heading_of_the_law_is_no_waiver_and_a_record_of_access_no_history_of_logins(
    check: Check,
) -> None:
    for text in ("회사의 조치 및 피해 구제", "접속기록을 확인하였습니다."):
        found = check(text, language="ko")
        assert [id_ for id_ in found if id_.startswith("fault.")] == []
        assert [id_ for id_ in found if id_.startswith("claim.")] == []


@pytest.mark.parametrize(
    ("text", "language", "first", "last"),
    [
        ("Kati ya tarehe 4 na 5 Machi 2026 mtu alifungua ukurasa.", "sw", "2026-03-04", "2026-03-05"),
        ("Between 28 December and 3 January 2026 a stranger read pages.", "en", "2025-12-28", "2026-01-03"),
        ("2026년 3월 4일부터 5일까지 유출되었습니다.", "ko", "2026-03-04", "2026-03-05"),
        ("2025년 12월 28일부터 1월 3일까지 유출되었습니다.", "ko", "2025-12-28", "2026-01-03"),
    ],
)
def test_a_span_has_the_year_that_one_of_its_ends_writes(
    check: Check, text: str, language: str, first: str, last: str
) -> None:
    claim = check(text, "notice", "ke", language=language)["claim.window"]
    assert f"begins with {first}" in claim.because
    assert f"ends with {last}" in claim.because


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("Your name was read.", "holds"),
        ("Your name was not read.", "fails"),
        ("Your name has never been read.", "fails"),
    ],
)
def test_data_that_were_read_were_seen(check: Check, text: str, verdict: str) -> None:
    assert check(text, "notice", "ke", language="en")["category.identity.name"].verdict == verdict


# a row of the list that is answered as before: (text, check, verdict, why)
KEPT = [
    (
        "사칭 전화 주의",
        "contents.what-people-can-do",
        "holds",
        "the corpora that were judged by hand take a short warning for advice, as notices of authorities give it",
    ),
]


@pytest.mark.parametrize(("text", "id_", "verdict", "why"), KEPT)
def test_what_is_answered_as_before_has_its_reason(
    check: Check, text: str, id_: str, verdict: str, why: str
) -> None:
    assert check(text, language="ko")[id_].verdict == verdict
    assert why
