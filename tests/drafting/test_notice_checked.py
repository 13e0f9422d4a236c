"""A notice says what the checker looks for in anybody's text, and without any one thing that the law lists it fails for it."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import cache
from pathlib import Path

import pytest
from tests.drafting.conftest import Shop
from tests.drafting.test_notice import CONTACT, version
from tests.wide import WIDE

from whosaw.app.law.notice_check import check_notice
from whosaw.app.law.notices import plan_notices
from whosaw.core.draft import Draft
from whosaw.law import Law, load_law, loaded_case
from whosaw.law.checking.verdict import Verdict
from whosaw.packs.languages import language_codes
from whosaw.packs.notice_further import further_of
from whosaw.report.draft_html import draft_html

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
KENYA = EXAMPLES / "kenya-shop" / "case.toml"
COUPANG = EXAMPLES / "coupang" / "case.toml"
RETAILER = EXAMPLES / "us-retailer" / "case.toml"
MARCH = datetime.fromisoformat("2026-03-09T17:00:00+03:00")
JUNE = datetime.fromisoformat("2026-06-12T12:00:00+09:00")
SEPTEMBER = datetime.fromisoformat("2026-09-28T12:00:00-05:00")
LATER = datetime.fromisoformat("2027-06-02T09:00:00+00:00")
LANGUAGES = language_codes()


def in_turn(each: Sequence[str], languages: Sequence[str] = LANGUAGES) -> list[tuple[str, str]]:
    """Each in one language, and every language with some of them; in the wide tests each in all."""
    if WIDE:
        return sorted({(one, language) for one in each for language in languages})
    return [(one, languages[at % len(languages)]) for at, one in enumerate(each)]


# what a made organisation says, in the three languages
SAID = {
    "circumstances": (
        "A stranger used a stolen key to open the pages of many customers.",
        "외부인이 도난당한 키로 시스템에 침입하여 고객 정보를 조회하였습니다.",
        "Mtu asiyejulikana alitumia ufunguo ulioibiwa kuingia kwenye mfumo na kufungua kurasa za wateja.",
    ),
    "measure_taken": (
        "The key was revoked.",
        "키를 폐기하고 접근을 차단하였습니다.",
        "Tumebadilisha ufunguo huo na kufunga njia hiyo.",
    ),
    "redress": (
        "Whoever lost money can ask the privacy office for compensation.",
        "피해를 입으신 분은 개인정보보호팀에 보상을 신청하실 수 있습니다.",
        "Aliyepoteza pesa anaweza kuomba fidia kwa ofisi ya faragha.",
    ),
}


@pytest.fixture(autouse=True)
def _law_once(law: Law, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loaded_case, "load_law", lambda: law)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    told = {
        about: f'[[statement]]\nabout = "{about.replace("_", "-")}"\nsaid_by = "Shop"\n'
        f'text = {{ en = "{en}", ko = "{ko}", sw = "{sw}" }}\n'
        for about, (en, ko, sw) in SAID.items()
    }
    return Shop(folder=tmp_path_factory.mktemp("made")).write(
        version(), contact=CONTACT, consequences=None, people_can_do=None, **told
    )


@cache
def drafts(case: Path, now: datetime, place: str, language: str) -> dict[str, Draft]:
    """The notices that hold all the law lists, by group; the page under an empty name."""
    plan = plan_notices(
        case,
        workspace=case.parent / "none",
        now=now,
        languages=[language],
        places=[place],
        channels=["letter", "page"],
    )
    return {
        next((group.id for group in plan.groups if f"-{group.id}-" in draft.id), ""): draft
        for draft in plan.drafts
    }


def failing(draft: Draft, group: str, case: Path, now: datetime, place: str, folder: Path) -> set[str]:
    return {each.id for each in checked(draft, group, case, now, place, folder) if each.verdict == "fails"}


def checked(
    draft: Draft, group: str, case: Path, now: datetime, place: str, folder: Path
) -> tuple[Verdict, ...]:
    page = folder / "notice.html"
    page.write_text(draft_html(draft, sent_only=True), encoding="utf-8")
    return check_notice(
        str(page), case, stdin=io.BytesIO(), workspace=folder / "none", now=now, wanted=[place],
        language=draft.language, group=group, form="possible" if "kr/pipa-possible-leak-2026" in draft.duties and group else "notice",
    ).checks  # fmt: skip


def fails_without(
    draft: Draft, key: str, group: str, case: Path, now: datetime, place: str, folder: Path
) -> bool:
    """Whether it fails for a thing that is left out, together with the few other places that the check points to for it."""
    left = without(draft, key)
    for _ in range(24):
        found = checked(left, group, case, now, place, folder)
        verdict = next(each for each in found if each.id == f"contents.{key}")
        if verdict.verdict == "fails":
            return True
        said = [each.quote.removesuffix("...") for each in verdict.spots]
        if not said:
            return False
        left = replace(
            left,
            sections=tuple(
                replace(
                    section,
                    heading="" if any(each in section.heading for each in said) else section.heading,
                    blocks=tuple(
                        block
                        for block in section.blocks
                        if not any(each in " ".join(block.text.split()) for each in said)
                    ),
                )
                for section in left.sections
            ),
        )
    return False


def without(draft: Draft, key: str) -> Draft:
    """Also without what no law asks for, which says some of it again."""
    return replace(
        draft,
        opening=(),
        closing=(),
        sections=tuple(each for each in draft.sections if each.key not in ("", key)),
    )


@pytest.mark.parametrize("language", ["en", "sw"])
def test_every_notice_of_the_invented_shop_passes(language: str, tmp_path: Path) -> None:
    found = drafts(KENYA, MARCH, "ke", language)
    assert list(found) == ["seen-1", "secondary", ""]
    for group, draft in found.items():
        assert failing(draft, group, KENYA, MARCH, "ke", tmp_path) == set(), draft.id


@pytest.mark.parametrize(("place", "language"), in_turn(["kr", "eu", "kr"]))
def test_every_notice_of_a_made_shop_passes(made: Path, place: str, language: str, tmp_path: Path) -> None:
    found = drafts(made, LATER, place, language)
    assert list(found) == ["seen-1", "seen-2", "seen-3", "seen-4", "possible", "secondary", ""]
    for group, draft in found.items():
        assert failing(draft, group, made, LATER, place, tmp_path) == set(), draft.id


@pytest.mark.parametrize("place", ["us-ca", "us-ma", "us-ny", "us-va", "us-wa"])
def test_every_notice_of_the_invented_retailer_passes(place: str, tmp_path: Path) -> None:
    for group, draft in drafts(RETAILER, SEPTEMBER, place, "en").items():
        assert failing(draft, group, RETAILER, SEPTEMBER, place, tmp_path) == set(), draft.id


def test_a_notice_in_california_has_the_title_and_the_headings_that_the_statute_sets() -> None:
    (asked,) = (each for each in further_of()["us-ca/individuals"] if each.key == "headings")
    for draft in drafts(RETAILER, SEPTEMBER, "us-ca", "en").values():
        assert draft.title == asked.title == "Notice of Data Breach"
        assert [each.heading for each in draft.sections[:5]] == [
            "What Happened", "What Information Was Involved", "What We Are Doing", "What You Can Do", "For More Information",
        ]  # fmt: skip


def test_a_set_heading_is_of_one_language_and_one_state() -> None:
    for place, language in (("us-ca", "ko"), ("us-ny", "en")):
        for draft in drafts(RETAILER, SEPTEMBER, place, language).values():
            assert "Notice of Data Breach" not in draft.title
            assert "What You Can Do" not in [each.heading for each in draft.sections]


@pytest.mark.parametrize("language", LANGUAGES)
def test_credit_bureaus_are_named_where_what_opens_credit_was_seen(language: str) -> None:
    found = drafts(RETAILER, SEPTEMBER, "us-ca", language)
    named = {
        group: {block.label for section in draft.sections for block in section.blocks} & {"Equifax", "Experian", "TransUnion"}
        for group, draft in found.items()
    }  # fmt: skip
    assert {group: len(each) for group, each in named.items()} == {"seen-1": 3, "seen-2": 0, "": 3}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_notice_of_health_data_says_when_it_was_found(made: Path, language: str, tmp_path: Path) -> None:
    day = {"en": "1 June 2027", "ko": "2027년 6월 1일", "sw": "1 Juni 2027"}[language]
    for group, draft in drafts(made, LATER, "us", language).items():
        text = "\n".join(block.text for section in draft.sections for block in section.blocks)
        assert day in text, draft.id
        assert "contents.date-of-discovery" not in failing(draft, group, made, LATER, "us", tmp_path)


@pytest.mark.parametrize("language", ["ko", "en"])
def test_of_the_real_case_only_what_nobody_published_fails(language: str, tmp_path: Path) -> None:
    for group, draft in drafts(COUPANG, JUNE, "kr", language).items():
        assert failing(draft, group, COUPANG, JUNE, "kr", tmp_path) == {"contents.contact"}, draft.id


def keys_of(*duties: str) -> list[str]:
    law = load_law()
    return sorted({content.key for each in duties for content in law.duties[each].contents})


@pytest.mark.parametrize(("key", "language"), in_turn(keys_of("ke/individuals"), ("en", "sw")))
def test_a_notice_in_kenya_without_one_thing_that_the_law_lists_fails_for_it(
    language: str, key: str, tmp_path: Path
) -> None:
    draft = drafts(KENYA, MARCH, "ke", language)["seen-1"]
    assert fails_without(draft, key, "seen-1", KENYA, MARCH, "ke", tmp_path)


@pytest.mark.parametrize(("key", "language"), in_turn(keys_of("kr/pipa-individuals-2026")))
def test_a_notice_in_korea_without_one_thing_that_the_law_lists_fails_for_it(
    made: Path, language: str, key: str, tmp_path: Path
) -> None:
    draft = drafts(made, LATER, "kr", language)["seen-3"]
    assert fails_without(draft, key, "seen-3", made, LATER, "kr", tmp_path)


@pytest.mark.parametrize(("key", "language"), in_turn(keys_of("kr/pipa-possible-leak-2026")))
def test_a_notice_of_a_possible_leak_without_one_thing_that_the_law_lists_fails_for_it(
    made: Path, language: str, key: str, tmp_path: Path
) -> None:
    draft = drafts(made, LATER, "kr", language)["possible"]
    assert fails_without(draft, key, "possible", made, LATER, "kr", tmp_path)
