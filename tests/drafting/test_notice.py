"""Notices: each group, channel and language says what its law asks, what was seen of that group, and nothing of another."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from tests.drafting.conftest import Shop
from tests.wide import WIDE

from whosaw.app.law.notices import NoticePlan, plan_notices
from whosaw.core.draft import Draft, Section
from whosaw.core.errors import WhosawError
from whosaw.law import load_law
from whosaw.law.drafting.notice_sections import CONTENTS
from whosaw.packs.languages import language_codes, load_language, words_file
from whosaw.packs.notice_shape import CHANNELS, HEADINGS

NOW = datetime.fromisoformat("2027-06-02T09:00:00+00:00")
LANGUAGES = language_codes()
Maker = Callable[..., Path]
CODE, ORDERS = "access.entrance-code", "commerce.orders"
PLAIN = ["contact.email", "identity.name"]
BOOK = ["contact.address", "contact.phone", *PLAIN]
GROUPS = [
    {"categories": PLAIN, "accounts": 700},
    {"categories": BOOK, "accounts": 200},
    {"categories": [CODE, *BOOK], "accounts": 90},
    {"categories": [ORDERS, *PLAIN], "accounts": 10},
]
CONTACT = """\
[contact]
officer = "Jo Park"
telephone = "+1 555 0100"
email = "privacy@shop.example.org"
page = "https://shop.example.org/leak"
department = { en = "Privacy office", ko = "개인정보보호팀", sw = "Ofisi ya faragha" }
"""


def version(number: int = 1, **changed: Any) -> dict[str, Any]:
    """A scope version with four groups that were seen, some that may have been, and people in address books."""
    more = {
        "groups": GROUPS,
        "secondary": {
            "lower": 0,
            "upper": 400,
            "reasons": [],
            "categories": ["identity.name", "contact.phone"],
        },
        "window": {
            "first_view": "2027-05-30T10:00:00Z",
            "last_view": "2027-05-31T10:00:00Z",
            "ends": {"before": "the logs begin here", "after": "nothing further found"},
        },
        **changed.pop("more", {}),
    }
    told = {
        "accounts": (1000, 1300),
        "persons": (1000, 1700),
        "seen": (*BOOK, CODE, ORDERS),
        "unseen": ("credential.password",),
    }
    return Shop.scope(number, **{**told, **changed}, more=more)


@pytest.fixture
def make(shop: Shop) -> Maker:
    return shop.write


def planned(path: Path, **asked: Any) -> NoticePlan:
    asked.setdefault("languages", LANGUAGES)
    asked.setdefault("places", ["kr"])
    return plan_notices(path, workspace=path.parent / "none", now=NOW, **asked)


@pytest.fixture
def case(make: Maker) -> Path:
    return make(version(), contact=CONTACT)


def words_of(draft: Draft) -> str:
    """Everything that its reader sees."""
    sections = [block for section in draft.sections for block in section.blocks]
    blocks = [*draft.opening, *sections, *draft.closing]
    headings = [section.heading for section in draft.sections]
    return "\n".join([draft.title, *headings, *(f"{each.label} {each.text}" for each in blocks), draft.short])


def section(draft: Draft, key: str) -> Section:
    (found,) = [each for each in draft.sections if each.key == key]
    return found


def one(plan: NoticePlan, language: str, group: str, channel: str) -> Draft:
    (found,) = [each for each in plan.drafts if each.id.endswith(f"-{language}-{group}-{channel}")]
    return found


def names(language: str, *categories: str) -> list[str]:
    return [load_language(language).category(each).name for each in categories]


def items(of: Section | Draft) -> list[str]:
    sections = of.sections if isinstance(of, Draft) else (of,)
    return [block.text for each in sections for block in each.blocks if block.kind == "item"]


# -- every group, language and channel


def test_each_group_gets_one_notice_for_each_channel_and_language_and_the_page_is_for_all(case: Path) -> None:
    plan = planned(case)
    groups = ["seen-1", "seen-2", "seen-3", "seen-4", "possible", "secondary"]
    assert [each.id for each in plan.groups] == groups
    wanted = {
        f"shop-notice-kr-{language}-{group}-{channel}"
        for language in LANGUAGES
        for group in groups
        for channel in CHANNELS
        if channel != "page"
    } | {f"shop-notice-kr-{language}-all-page" for language in LANGUAGES}
    assert {each.id for each in plan.drafts} == wanted
    assert len(plan.drafts) == len(wanted) == 3 * (6 * 3 + 1)


def test_nothing_is_missing_and_no_place_is_left_unfilled(case: Path) -> None:
    for draft in planned(case).drafts:
        assert not draft.missing, draft.id
        assert draft.complete
        assert not re.search(r"[{}]", words_of(draft)), draft.id
        assert all(block.text.strip() for part in draft.sections for block in part.blocks), draft.id


def test_the_same_case_gives_the_same_notices(case: Path) -> None:
    assert planned(case).told() == planned(case).told()


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_notice_calms_or_names_the_leak_by_another_word(case: Path, language: str) -> None:
    euphemisms = load_language(language).euphemisms
    calm = {
        "en": ["nothing to do", "need not do", "no action", "safe"],
        "ko": ["조치가 필요하지 않", "안심"],
        "sw": ["usijali", "huhitaji"],
    }
    leak = {"en": "leak", "ko": "유출", "sw": "vuj"}
    for draft in planned(case, languages=[language]).drafts:
        text = words_of(draft).lower()
        assert leak[language] in text, draft.id
        found = [
            each for each in (*euphemisms, *calm[language]) if re.search(rf"(?<!\w){re.escape(each)}", text)
        ]
        assert not found, (draft.id, found)


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_notice_says_how_to_know_that_it_is_real_whom_to_ask_and_which_rights_there_are(
    case: Path, language: str
) -> None:
    for draft in planned(case, languages=[language]).drafts:
        text = words_of(draft)
        assert "https://shop.example.org/leak" in text
        assert "+1 555 0100" in text
        if not draft.short:
            assert "privacy@shop.example.org" in text
            assert "1833-6972" in text  # mediation, in Korea


# -- what was seen of this group, and of no other


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("group", range(4))
def test_a_group_reads_what_was_seen_of_it_and_of_no_other(case: Path, language: str, group: int) -> None:
    plan = planned(case, languages=[language])
    seen = GROUPS[group]["categories"]
    told = section(one(plan, language, f"seen-{group + 1}", "letter"), "items-leaked")
    head = next(at for at, block in enumerate(told.blocks) if block.kind != "item" and at > 0)
    listed = [block.text for block in told.blocks[:head] if block.kind == "item"]
    assert sorted(listed) == sorted(names(language, *seen))
    message = one(plan, language, f"seen-{group + 1}", "text-message").short
    assert set(plan.groups[group].categories) == set(seen)
    assert f": {', '.join(names(language, *plan.groups[group].categories))}." in message


def test_what_was_seen_of_others_cannot_be_ruled_out_while_its_count_is_not_exact(case: Path) -> None:
    first = planned(case).groups[0]
    assert first.not_seen == ("credential.password",)
    assert set(first.cannot_tell) == {"contact.address", "contact.phone", CODE, ORDERS}


def test_what_was_seen_of_others_is_ruled_out_where_its_count_is_exact(make: Maker) -> None:
    exact = {"unit": "accounts", "lower": 90, "upper": 90}
    rows = [{"name": CODE, "accounts": exact, "persons": {**exact, "unit": "persons"}}]
    document = version()
    document["by"]["category"] = rows
    first = planned(make(document, contact=CONTACT)).groups[0]
    assert first.not_seen == (CODE, "credential.password")
    assert CODE not in first.cannot_tell


def test_what_somebody_merely_says_was_not_seen_is_not_told_as_proven(make: Maker) -> None:
    document = version()
    for row in document["categories_held"]:
        row["why"] = ["as the company says"] if row["answer"] == "not seen" else []
    first = planned(make(document, contact=CONTACT)).groups[0]
    assert first.not_seen == ()
    assert "credential.password" in first.cannot_tell


def test_only_whose_entrance_code_was_seen_is_told_to_change_it(case: Path) -> None:
    plan = planned(case, languages=["en"])
    change = "Change the entrance code of your building now."
    told = [each.id for each in plan.drafts if change in words_of(each)]
    assert told == [
        "shop-notice-kr-en-seen-3-e-mail", "shop-notice-kr-en-seen-3-letter",
        "shop-notice-kr-en-possible-e-mail", "shop-notice-kr-en-possible-letter", "shop-notice-kr-en-all-page",
    ]  # fmt: skip
    assert "Change your entrance code now." in one(plan, "en", "seen-3", "text-message").short
    assert "entrance" not in one(plan, "en", "seen-2", "text-message").short


@pytest.mark.parametrize(
    ("language", "note"),
    [
        ("en", "Nothing proves that anybody saw this"),
        ("ko", "조회되었는지 확인되지 않았습니다"),
        ("sw", "Hakuna kinachothibitisha"),
    ],
)
def test_nobody_is_told_to_block_a_card_that_nothing_proves_was_seen(
    make: Maker, language: str, note: str
) -> None:
    words = tomllib.loads(words_file(language, "notice").read_text(encoding="utf-8"))
    block, now = words["advice"]["card"][0], words["message"]["card"]
    plan = planned(make(version(unclear=("financial.card-number",)), contact=CONTACT), languages=[language])
    letter = one(plan, language, "possible", "letter")
    assert block not in items(letter)
    assert any(note in each for each in letter.notes)
    assert now not in one(plan, language, "possible", "text-message").short
    # where it was seen of somebody, whoever may be next is told
    seen = make(version(seen=(*BOOK, CODE, ORDERS, "financial.card-number")), contact=CONTACT)
    told = one(planned(seen, languages=[language]), language, "possible", "letter")
    assert block in items(told)
    assert not any(note in each for each in told.notes)


def test_who_was_saved_by_others_is_told_so_and_of_what_stood_there(case: Path) -> None:
    draft = one(planned(case), "en", "secondary", "letter")
    assert "even if you have never had an account with us" in words_of(draft)
    assert items(section(draft, "items-leaked"))[:2] == ["name", "telephone number"]
    assert "kr/pipa-individuals-2026" in draft.duties
    assert any("Take them from the address books" in note for note in draft.notes)


def test_what_was_seen_of_people_in_address_books_is_missing_where_the_scope_does_not_say(
    make: Maker,
) -> None:
    document = version(more={"secondary": {"lower": 0, "upper": 400, "reasons": []}})
    draft = one(planned(make(document, contact=CONTACT)), "en", "secondary", "letter")
    assert [each.where for each in draft.missing] == ["scope version 1: secondary.categories"]


@pytest.mark.parametrize(
    ("language", "place", "statute"),
    [
        ("ko", "kr", "개인정보 보호법, 제34조"),
        ("en", "kr", "Personal Information Protection Act"),
        ("sw", "ke", "Sheria ya Ulinzi wa Data ya 2019 (Sura ya 411C)"),
    ],
)
def test_the_preparer_reads_the_statute_in_the_language_of_the_notice(
    case: Path, language: str, place: str, statute: str
) -> None:
    draft = one(planned(case, languages=[language], places=[place]), language, "seen-1", "letter")
    assert any(statute in each.article for each in draft.sections)
    assert language == "en" or "Protection Act" not in str([each.article for each in draft.sections])


def test_who_may_be_affected_reads_what_korea_asks_of_that_notice(case: Path) -> None:
    draft = one(planned(case), "ko", "possible", "letter")
    keys = {each.key for each in draft.sections if each.key}
    possible = load_law().duties["kr/pipa-possible-leak-2026"]
    assert keys == {each.key for each in possible.contents}
    assert draft.duties == ("kr/pipa-possible-leak-2026",)
    text = words_of(draft)
    assert "가능성" in section(draft, "items-possibly-leaked").blocks[0].text
    assert "다시 알려 드리겠습니다" in text
    assert "정보가 유출되었습니다." not in text.replace("다른 분들의 개인정보는 유출되었습니다.", "")


def test_elsewhere_the_same_is_drafted_and_said_not_to_be_asked_for(make: Maker) -> None:
    plan = planned(make(version(), contact=CONTACT), places=["eu"])
    draft = one(plan, "en", "possible", "letter")
    assert draft.duties == ()
    assert any("No law on record of European Union" in note for note in draft.notes)
    assert "You will hear from us again" in [each.heading for each in draft.sections]


def test_a_scope_without_groups_says_that_it_cannot_tell_what_of_whom(make: Maker) -> None:
    plan = planned(make(version(more={"groups": []}), contact=CONTACT))
    assert [each.id for each in plan.groups] == ["rest", "possible", "secondary"]
    assert plan.groups[0].accounts == (1000, 1300)
    draft = one(plan, "en", "rest", "letter")
    assert "We do not know yet exactly what was seen about you." in words_of(draft)
    assert any("does not tell what was seen of whom" in note for note in draft.notes)


def test_groups_that_do_not_add_up_leave_a_rest(make: Maker) -> None:
    plan = planned(make(version(more={"groups": GROUPS[:1]}), contact=CONTACT))
    assert [(each.id, each.accounts) for each in plan.groups][:2] == [
        ("seen-1", (700, 700)),
        ("rest", (300, 600)),
    ]


def test_nobody_is_told_of_a_possible_leak_where_the_count_is_exact(make: Maker) -> None:
    plan = planned(make(version(accounts=(1000, 1000)), contact=CONTACT))
    assert "possible" not in [each.id for each in plan.groups]


def test_the_page_holds_every_group(case: Path) -> None:
    draft = one(planned(case), "en", "all", "page")
    text = words_of(draft)
    for group in GROUPS:
        assert all(name in text for name in names("en", *group["categories"]))
    assert text.count("Of some people, this was seen:") == 4
    assert text.count("Of further people, this may have been seen:") == 1
    assert text.count("It concerns them even if they have never had an account") == 1
    assert "further-notice" in [each.key for each in draft.sections]
    assert any("at least 30 days" in note for note in draft.notes)


# -- when


def test_the_days_are_those_of_the_scope_and_an_open_beginning_is_said(case: Path) -> None:
    told = section(one(planned(case), "en", "seen-1", "letter"), "time-and-circumstances")
    assert told.blocks[0].text.endswith("from 30 May 2027 to 31 May 2027.")
    assert told.blocks[0].sources == ("scope version 1: window",)
    assert "It may have begun earlier." in told.blocks[1].text
    assert "ended" not in " ".join(block.text for block in told.blocks)


@pytest.mark.parametrize(
    ("language", "day"),
    [("en", "on 30 May 2027."), ("ko", "2027년 5월 30일에"), ("sw", "tarehe 30 Mei 2027.")],
)
def test_one_day_is_one_day(make: Maker, language: str, day: str) -> None:
    window = {"first_view": "2027-05-30T10:00:00Z", "last_view": "2027-05-30T11:00:00Z", "ends": {}}
    draft = one(
        planned(make(version(more={"window": window}), contact=CONTACT)), language, "seen-1", "letter"
    )
    assert day in section(draft, "time-and-circumstances").blocks[0].text


def test_days_are_those_of_the_zone_of_the_case(make: Maker, case: Path) -> None:
    head = (
        case.read_text(encoding="utf-8")
        .partition("[[event]]")[0]
        .replace('zone = "UTC"', 'zone = "Asia/Seoul"')
    )
    window = {"first_view": "2027-05-30T15:00:00Z", "last_view": "2027-05-31T14:59:59Z", "ends": {}}
    draft = one(
        planned(make(version(more={"window": window}), contact=CONTACT, head=head)), "en", "seen-1", "letter"
    )
    assert "on 31 May 2027." in section(draft, "time-and-circumstances").blocks[0].text


def test_without_a_window_the_widest_of_rival_claims_is_told(make: Maker) -> None:
    began = (
        '[[event]]\nkind = "began"\nat = 2027-05-30T10:00:00Z\nsaid_by = "Shop"\n'
        '[[event]]\nkind = "began"\nat = 2027-04-14\nsaid_by = "the ministry"\n'
    )
    draft = one(
        planned(make(version(more={"window": {}}), contact=CONTACT, began=began)), "en", "seen-1", "letter"
    )
    told = section(draft, "time-and-circumstances").blocks[0]
    assert told.text.endswith("from 14 April 2027 to 31 May 2027.")
    assert told.sources == ("case file: events began and ended",)


def test_an_unknown_time_is_missing(make: Maker) -> None:
    path = make(version(more={"window": {}}), contact=CONTACT, began=None)
    draft = one(planned(path), "en", "seen-1", "letter")
    assert [each.needs for each in draft.missing] == ["from when to when the data were seen"]


def test_open_records_are_said(make: Maker) -> None:
    lost = [{"code": "lost-log", "what": "a day is lost"}]
    closed, opened = (
        words_of(one(planned(make(version(more={"open": each}), contact=CONTACT)), "en", "seen-1", "letter"))
        for each in ([], lost)
    )
    assert "Our records have gaps." in opened
    assert "Our records have gaps." not in closed


# -- what the organisation says, in the language alone


@pytest.mark.parametrize("about", ["circumstances", "measure-taken", "redress"])
def test_a_text_that_is_missing_in_a_language_is_missing_there_and_never_english(
    make: Maker, about: str
) -> None:
    said = f'[[statement]]\nabout = "{about}"\nsaid_by = "Shop"\ntext = {{ en = "Only in English." }}\n'
    plan = planned(make(version(), contact=CONTACT, **{about: said}))
    korean = one(plan, "ko", "seen-1", "letter")
    (lacking,) = korean.missing
    assert lacking.where.endswith(f"statement {about}: text.ko")
    assert lacking.needs.endswith("의 한국어 문안")
    assert "Only in English." not in words_of(korean)
    assert not one(plan, "en", "seen-1", "letter").missing


@pytest.mark.parametrize("about", ["circumstances", "measure-taken", "redress"])
def test_what_nobody_said_is_missing_with_its_place_in_the_case_file(make: Maker, about: str) -> None:
    plan = planned(make(version(), contact=CONTACT, **{about: None}))
    for language in LANGUAGES:
        (lacking,) = one(plan, language, "seen-1", "letter").missing
        assert lacking.where == f'case file: [[statement]] about = "{about}"'


@pytest.mark.parametrize(
    ("line", "where"),
    [
        ("page", ["[contact] page"]),
        ("department", []),  # there is an officer
    ],
)
def test_a_contact_that_lacks_something_says_so(make: Maker, line: str, where: list[str]) -> None:
    contact = "\n".join(each for each in CONTACT.splitlines() if not each.startswith(f"{line} "))
    draft = one(planned(make(version(), contact=contact)), "en", "seen-1", "letter")
    assert [each.where for each in draft.missing] == [f"case file: {each}" for each in where]


def test_without_a_contact_a_text_message_is_not_made_up(make: Maker) -> None:
    draft = one(planned(make(version(), contact=None)), "en", "seen-1", "text-message")
    assert draft.short == ""
    assert [each.where for each in draft.missing] == [
        "case file: [contact] page",
        "case file: [contact] telephone",
    ]


def test_the_organisation_is_named_as_the_language_writes_it(case: Path) -> None:
    assert one(planned(case), "ko", "seen-1", "letter").organisation == "가게"
    assert "[가게]" in one(planned(case), "ko", "seen-1", "text-message").short


# -- what laws ask


def every_duty() -> list[str]:
    return [
        id_
        for id_, duty in load_law().duties.items()
        if duty.audience in ("individuals", "possibly-affected")
    ]


def test_every_item_that_any_law_asks_a_notice_to_hold_has_parts_and_a_heading() -> None:
    asked = {content.key for id_ in every_duty() for content in load_law().duties[id_].contents}
    assert asked == set(CONTENTS)
    assert set(CONTENTS) <= set(HEADINGS)


PLACES = sorted({id_.partition("/")[0] for id_ in every_duty()})


@pytest.mark.parametrize("place", PLACES)
def test_the_notice_of_each_place_holds_each_item_of_its_law_once_and_says_something(
    make: Maker, place: str
) -> None:
    at = PLACES.index(place) % len(LANGUAGES)  # each place in one language, and each language at many places
    languages = LANGUAGES if WIDE else LANGUAGES[at : at + 1]
    plan = planned(make(version(), contact=CONTACT), places=[place], languages=languages)
    (found,) = plan.places
    law = load_law()
    asked = {content.key for id_ in found.addressed.duties for content in law.duties[id_].contents}
    for language in languages:
        draft = one(plan, language, "seen-3", "letter")
        keys = [each.key for each in draft.sections if each.key]
        assert set(keys) == asked
        assert len(keys) == len(asked)
        assert all(each.blocks for each in draft.sections), draft.id
        told = [block.text for each in draft.sections for block in each.blocks if block.kind == "item"]
        assert set(names(language, CODE, *BOOK)) <= set(told)


def test_how_many_people_are_concerned_is_told_in_bounds_where_it_is_asked(make: Maker) -> None:
    document = version(persons=(900, 1200), accounts=(900, 1000))
    draft = one(planned(make(document, contact=CONTACT), places=["ng"]), "en", "seen-1", "letter")
    texts = [block.text for block in section(draft, "categories-and-numbers").blocks]
    assert "Personal data of between 900 and 1,200 people leaked." in texts


def test_two_versions_of_a_law_that_may_both_govern_are_both_answered(make: Maker) -> None:
    doubtful = '[[event]]\nkind = "aware"\nat = [2026-09-10T00:00:00+09:00, 2026-09-12T00:00:00+09:00]\nsaid_by = "Shop"\n'
    draft = one(planned(make(version(), contact=CONTACT, aware=doubtful)), "en", "seen-1", "letter")
    assert {"kr/pipa-individuals-2023", "kr/pipa-individuals-2026"} <= set(draft.duties)
    assert "rights" in [each.key for each in draft.sections]


def test_a_place_that_owes_nothing_is_said_not_to(make: Maker) -> None:
    aware = '[[event]]\nkind = "aware"\nat = 2025-06-01T09:00:00+00:00\nsaid_by = "Shop"\n'
    plan = planned(make(version(), contact=CONTACT, aware=aware), places=["in"])
    assert plan.places[0].state == "not owed"
    assert any("does not ask for this notice" in note for note in plan.drafts[0].notes)


# -- people told before


def test_a_later_version_says_that_it_is_not_the_first_notice(make: Maker) -> None:
    made = '[[made]]\nduty = "kr/pipa-individuals"\nat = 2027-06-02T08:00:00Z\nscope = 1\n'
    later = version(2, made="2027-06-02T09:00:00Z")
    plan = planned(make(version(), later, contact=CONTACT, made=made))
    assert "We told people of this leak before." in words_of(one(plan, "en", "seen-1", "letter"))
    first = planned(make(version(), contact=CONTACT))
    assert "We told people of this leak before." not in words_of(one(first, "en", "seen-1", "letter"))


def test_who_was_told_of_a_possible_leak_is_told_when_it_is_proven_that_there_was_none(make: Maker) -> None:
    made = '[[made]]\nduty = "kr/pipa-possible-leak"\nat = 2027-06-02T08:00:00Z\nscope = 1\n'
    later = version(2, accounts=(1000, 1000), made="2027-06-02T09:00:00Z")
    plan = planned(make(version(), later, contact=CONTACT, made=made))
    assert [(each.id, each.accounts) for each in plan.groups][-1] == ("cleared", (0, 300))
    for language, words in (("en", "did not leak"), ("ko", "유출되지 않았습니다"), ("sw", "hazikuvuja")):
        draft = one(plan, language, "cleared", "letter")
        assert words in words_of(draft)
        assert draft.duties == ()
        assert words in one(plan, language, "cleared", "text-message").short


@pytest.mark.parametrize("why", ["still possible", "records open"])
def test_nobody_is_cleared_while_anything_is_open(make: Maker, why: str) -> None:
    made = '[[made]]\nduty = "kr/pipa-possible-leak"\nat = 2027-06-02T08:00:00Z\nscope = 1\n'
    upper = 1100 if why == "still possible" else 1000
    lost = [{"code": "lost-log", "what": "a day is lost"}] if why == "records open" else []
    later = version(2, accounts=(1000, upper), made="2027-06-02T09:00:00Z", more={"open": lost})
    plan = planned(make(version(), later, contact=CONTACT, made=made))
    assert "cleared" not in [each.id for each in plan.groups]


def test_how_many_are_new_since_a_version_is_a_bound(make: Maker) -> None:
    later = [{"categories": PLAIN, "accounts": 750}, {"categories": BOOK, "accounts": 190}, *GROUPS[2:]]
    second = version(2, made="2027-06-02T09:00:00Z", more={"groups": later})
    plan = planned(make(version(), second, contact=CONTACT), since=1)
    told = {each.id: each.accounts for each in plan.told().groups}
    # of 750 people at most 700 were in the group before; ten of 200 went to another, so perhaps nobody in that group is new
    assert told["seen-1"] == (50, 750)
    assert told["seen-2"] == (0, 190)
    assert "We told people of this leak before." in words_of(one(plan, "en", "seen-1", "letter"))


# -- wrong questions


@pytest.mark.parametrize(
    "more",
    [{"groups": [{"categories": PLAIN}]}, {"groups": ["x"]}, {"secondary": {"lower": "x"}}, {"groups": 7}],
)
def test_a_scope_whose_groups_are_none_has_one_clear_answer(make: Maker, more: dict[str, Any]) -> None:
    with pytest.raises(WhosawError) as caught:
        planned(make(version(more=more), contact=CONTACT))
    assert caught.value.code == "notice.scope"


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"languages": ["xx"]}, "language.unknown"),
        ({"places": ["zz"]}, "notice.place"),
        ({"groups": ["seen-9"]}, "notice.group"),
        ({"channels": ["fax"]}, "notice.channel"),
        ({"version": 7}, "notice.no-version"),
        ({"since": 1}, "notice.since"),
        ({"own_languages": Path("no-such-folder")}, "language.folder"),
    ],
)
def test_a_wrong_question_has_one_clear_answer(case: Path, asked: dict[str, Any], code: str) -> None:
    with pytest.raises(WhosawError) as caught:
        planned(case, **asked)
    assert caught.value.code == code
    assert caught.value.hint


def test_the_languages_are_those_that_the_case_file_speaks(case: Path) -> None:
    assert planned(case, languages=[]).languages == ("en", "ko", "sw")


def test_without_a_name_nobody_signs(make: Maker, case: Path) -> None:
    head = case.read_text(encoding="utf-8").partition("[[event]]")[0].replace('name = "Shop"\n', "")
    with pytest.raises(WhosawError) as caught:
        planned(make(version(), contact=CONTACT, head=head))
    assert caught.value.code == "notice.no-organisation"
