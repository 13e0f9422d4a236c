"""Whole notices in words of their own: fair ones pass, and bad ones fail for what is bad in them and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from whosaw.law.checking.verdict import Verdict

Check = Callable[..., dict[str, Verdict]]
TEXTS = Path(__file__).resolve().parent / "texts"
CATEGORIES = {
    f"category.{key}" for key in ("identity.name", "contact.phone", "contact.address", "access.entrance-code")
}


def _text(name: str) -> str:
    return (TEXTS / f"{name}.txt").read_text(encoding="utf-8")


def _failing(found: dict[str, Verdict]) -> set[str]:
    return {each for each, verdict in found.items() if verdict.verdict == "fails"}


@pytest.mark.parametrize(
    ("language", "place"), [("en", "eu"), ("en", "uk"), ("ko", "kr"), ("sw", "ke"), ("en", "ke")]
)
def test_a_fair_notice_passes(check: Check, language: str, place: str) -> None:
    text = _text(f"fair.{language}")
    if (language, place) == ("en", "ke"):
        text += "\nWe do not know who the hackers are.\n"  # Kenya asks for that too
    found = check(text, "notice", place)
    assert _failing(found) == set()
    assert not [each for each, verdict in found.items() if verdict.verdict == "cannot tell"]
    assert found["word.legal"].language == language


@pytest.mark.parametrize(
    ("language", "place", "fails"),
    [
        ("en", "eu", {"contents.nature", "contents.consequences", "contents.measures", "contents.contact", "fault.certain-as-possible", "fault.groundless-safety", "word.legal"}),
        ("ko", "kr", {
            "contents.items-leaked", "contents.time-and-circumstances", "contents.what-people-can-do", "contents.measures-and-redress",
            "contents.contact", "contents.rights", "fault.certain-as-possible", "word.legal",
        }),
        ("sw", "ke", {
            "contents.nature", "contents.measures", "contents.what-people-can-do", "contents.intruder", "contents.contact", "fault.groundless-safety", "word.legal",
            "groups.possible",
        }),
    ],
)  # fmt: skip
def test_a_bad_notice_fails_for_all_that_is_bad_in_it(
    check: Check, language: str, place: str, fails: set[str]
) -> None:
    found = check(_text(f"bad.{language}"), "notice", place)
    # the English and the Korean one say that more may have been seen, and so speak to people possibly seen
    assert _failing(found) == {
        *fails, *CATEGORIES, "items.given", "word.euphemism", "word.nothing-needed", "count.persons",
        "claim.not-seen.contact.address", "groups.secondary",
    }  # fmt: skip
    assert found["claim.no-misuse"].verdict == "cannot tell"
    assert found["claim.not-seen.credential.password"].verdict == "holds"


# from each fair notice, in each language: sentences that say one thing, and what has to fail without them
CUTS = [
    ("en", "eu", "contents.contact", ["Our data protection officer, Min Example, answers on +82 2 000 0000 or at privacy@shop.example.org."]),
    ("en", "eu", "contents.consequences", ["Criminals might use these details for scam calls in the name of a courier, or to commit fraud."]),
    ("en", "eu", "category.access.entrance-code", [" and, for some of you, the door code of your building"]),
    ("en", "eu", "groups.secondary", ["Recipients to whom you sent parcels are affected as well, even where they have never shopped with us."]),
    ("ko", "kr", "contents.rights", ["개인정보분쟁조정위원회에 분쟁조정을 신청하실 수 있습니다."]),
    ("ko", "kr", "contents.contact", ["개인정보보호팀 02-000-0000, privacy@shop.example.org"]),
    ("ko", "kr", "contents.items-leaked", ["- 일부 고객의 공동현관 출입번호"]),
    ("ko", "kr", "contents.time-and-circumstances", ["2026년 10월 2일부터 10월 19일 사이에 "]),
    ("ko", "kr", "contents.measures-and-redress", ["금전 피해를 보신 분께는 보상 절차를 안내해 드리겠습니다."]),
    ("sw", "ke", "contents.contact", ["Maswali? Wasiliana na afisa wetu wa ulinzi wa data, Min Example: simu +82 2 000 0000, privacy@shop.example.org."]),
    ("sw", "ke", "contents.what-people-can-do", ["Badilisha msimbo wa mlango wa jengo. Usibonyeze viungo kwenye ujumbe kuhusu vifurushi, na uripoti kwa polisi."]),
    ("sw", "ke", "contents.intruder", ["Bado haijulikani wahalifu hao ni nani."]),
    ("sw", "ke", "contents.measures", ["Tumezuia tokeni za kughushi na tumetoa taarifa kwa polisi."]),
]  # fmt: skip


@pytest.mark.parametrize(("language", "place", "missed", "sentences"), CUTS)
def test_a_fair_notice_without_one_thing_fails_for_it(
    check: Check, language: str, place: str, missed: str, sentences: list[str]
) -> None:
    text = "\n\n".join(
        _text(f"fair.{language}")
        .replace("\n\n", "\0")
        .replace("\n-", "\1-")
        .replace("\n", " ")
        .replace("\1", "\n")
        .split("\0")
    )
    for each in sentences:
        assert each in text, each
        text = text.replace(each, "")
    assert missed in _failing(check(text, "notice", place, language=language))
