"""A supplement says what is otherwise than in the report before; each new fact that has a clock gets one of its own."""

from __future__ import annotations

from typing import Any

import pytest

from whosaw.core.draft import Draft, Section
from whosaw.core.errors import FaultsError

SEEN = ("identity.name", "contact.email")


def _two(shop: Any, **second: Any) -> list[dict[str, Any]]:
    """First 1,000 accounts and 1,000 to 1,200 people; then what is given."""
    values = {"persons": (5000, 6000), "accounts": (5000, 5000), "seen": (*SEEN, "contact.phone"), **second}
    return [shop.scope(1, seen=SEEN), shop.scope(2, made="2027-06-03T09:00:00Z", **values)]


def _made(duty: str, scope: int | None = 1, at: str = "2027-06-02T09:00:00Z") -> str:
    told = "" if scope is None else f"scope = {scope}\n"
    return f'[[made]]\nduty = "{duty}"\nat = {at}\n{told}source = "receipt 7"\n'


def _changes(draft: Draft) -> Section:
    key = "new-fact" if "new-fact" in [each.key for each in draft.sections] else ""
    headings = ("What has changed since the last report", "What has become known since the report")
    (found,) = [each for each in draft.sections if each.key == key and each.heading in headings]
    return found


def _rows(section: Section) -> dict[str, str]:
    return {each.label: each.text for each in section.blocks}


def test_a_report_on_an_earlier_version_makes_the_next_a_supplement(shop: Any) -> None:
    path = shop.write(*_two(shop), made=_made("eu/authority"))
    (draft,) = shop.drafted(path, "eu-sa").drafts
    assert draft.title == "Notification of a personal data breach (supplement)"
    assert draft.id == "shop-eu-sa-authority-supplement-2-en"
    kind = next(each for each in draft.opening if each.label == "Kind of report")
    assert kind.text == "Supplement to the report of 2 June 2027, 09:00"
    assert kind.sources == ("case file: made eu/authority (receipt 7)",)
    rows = _rows(_changes(draft))
    why = "(pages showed further people, such as those in address books, whom the logs do not name)"
    assert rows["Became known"] == "3 June 2027, 09:00"
    assert (
        rows["People affected by the breach"]
        == f"1,000 to 1,200 people before; now 5,000 to 6,000 people {why}"
    )
    assert rows["Accounts"] == "1,000 accounts before; now 5,000 accounts"
    assert rows["Records shown (views)"] == "5,000 views, as before"
    assert rows["Newly found to have been seen"] == "telephone number"
    # of the European Union: of 6,000 people at most 5,000 at least are elsewhere
    assert rows["People found to be affected in addition"] == "0 to 1,000 people"
    assert {source for each in _changes(draft).blocks for source in each.sources} == {
        "scope version 1",
        "scope version 2",
    }
    # and everything that the law asks, as it stands now
    assert list(dict.fromkeys(each.key for each in draft.sections if each.key)) == [
        "contact",
        "nature",
        "consequences",
        "measures",
    ]


def test_people_added_are_those_of_the_place_as_bounds(shop: Any) -> None:
    path = shop.write(*_two(shop), made=_made("kr/pipa-report"))
    (draft,) = shop.drafted(path, "kr-pipc", lang="en").drafts
    # 5,000 accounts now and 1,000 before are 4,000 more; 6,000 people now and 1,000 before leave 5,000 at most
    assert _rows(_changes(draft))["People found to be affected in addition"] == "4,000 to 5,000 people"


def test_a_country_that_is_new_is_named(shop: Any) -> None:
    scopes = _two(shop, places={"KR": (4000, 5000), "IE": (1000, 1000)})
    (draft,) = shop.drafted(shop.write(*scopes, made=_made("eu/authority")), "eu-sa").drafts
    rows = _rows(_changes(draft))
    assert rows["Countries added"] == "Ireland"
    # 1,000 are named there now and none before; 6,000 at most less 4,000 elsewhere leave 2,000
    assert rows["People found to be affected in addition"] == "1,000 to 2,000 people"


def test_a_lower_bound_that_falls_corrects_the_report_before(shop: Any) -> None:
    scopes = _two(
        shop, persons=(900, None), accounts=(900, 900), unseen=("financial.card-number",), seen=SEEN[:1]
    )
    (draft,) = shop.drafted(shop.write(*scopes, made=_made("eu/authority")), "eu-sa").drafts
    rows = _rows(_changes(draft))
    assert rows["Accounts"].startswith(
        "The lower bound is smaller than the one reported before: 1,000 accounts before"
    )
    assert "This corrects the earlier report." in rows["People affected by the breach"]


def test_an_answer_that_changes_is_told_and_one_that_is_new_and_not_seen_is_not(shop: Any) -> None:
    scopes = _two(
        shop,
        seen=("identity.name",),
        unseen=("contact.email", "contact.address"),
        unclear=("contact.phone",),
    )
    (draft,) = shop.drafted(shop.write(*scopes, made=_made("eu/authority")), "eu-sa").drafts
    rows = _rows(_changes(draft))
    assert rows["Now found not to have been seen"] == "e-mail address"
    assert rows["Now cannot be told"] == "telephone number"
    assert "Newly found to have been seen" not in rows


def test_a_version_without_any_difference_says_so(shop: Any) -> None:
    scopes = [shop.scope(1), shop.scope(2, made="2027-06-03T09:00:00Z")]
    (draft,) = shop.drafted(shop.write(*scopes, made=_made("eu/authority")), "eu-sa").drafts
    texts = [each.text for each in _changes(draft).blocks]
    assert "No number and no kind of data has changed since." in texts


def test_a_new_fact_after_the_report_is_told_and_one_before_it_is_not(shop: Any) -> None:
    fact = '[[statement]]\nabout = "new-fact"\nat = {}\nsaid_by = "Shop"\ntext = {{ en = "{}" }}\n'
    facts = fact.format("2027-06-01T10:00:00Z", "Old.") + fact.format("2027-06-03T10:00:00Z", "New.")
    path = shop.write(made=_made("eu/authority"), facts=facts)
    (draft,) = shop.drafted(path, "eu-sa").drafts
    assert [each.text for each in _changes(draft).blocks] == ["New. (3 June 2027, 10:00)"]


def test_first_drafts_a_report_where_one_was_made(shop: Any) -> None:
    path = shop.write(*_two(shop), made=_made("eu/authority"))
    (draft,) = shop.drafted(path, "eu-sa", form="first").drafts
    assert "supplement" not in draft.id
    assert any("made already" in each for each in draft.notes)
    assert draft.scope_version == 2


def test_what_was_reported_whole_is_no_draft(shop: Any) -> None:
    path = shop.write(*_two(shop), made=_made("eu/authority", 2))
    with pytest.raises(FaultsError, match=r"\[eu-sa\]: what is on record was reported"):
        shop.drafted(path, "eu-sa")
    assert "eu-sa" not in [each.authority for each in shop.drafted(path).filings]
    assert "eu-sa" in [each.authority for each in shop.drafted(path).nothing]


def test_there_is_nothing_to_supplement_in_one_version(shop: Any) -> None:
    with pytest.raises(FaultsError, match="nothing to supplement"):
        shop.drafted(shop.write(), "eu-sa", form="supplement")


def test_a_supplement_that_is_asked_for_compares_with_the_version_before(shop: Any) -> None:
    (draft,) = shop.drafted(shop.write(*_two(shop)), "eu-sa", form="supplement").drafts
    assert _rows(_changes(draft))["Accounts"] == "1,000 accounts before; now 5,000 accounts"
    assert next(each.text for each in draft.opening if each.label == "Kind of report") == "Supplement"


def test_a_report_that_does_not_say_what_it_told_of_is_asked_for_it(shop: Any) -> None:
    path = shop.write(*_two(shop), made=_made("eu/authority", None))
    (draft,) = shop.drafted(path, "eu-sa", form="supplement").drafts
    assert any("add scope = N to its [[made]]" in each for each in draft.notes)


def _three(shop: Any) -> list[dict[str, Any]]:
    third = shop.scope(3, persons=(7000, 8000), accounts=(7000, 7000), made="2027-06-05T09:00:00Z")
    return [*_two(shop), third]


def test_in_korea_each_new_fact_is_reported_by_itself(shop: Any) -> None:
    path = shop.write(*_three(shop), made=_made("kr/network-report"))
    drafts = shop.drafted(path, "kr-kisa", lang="en").drafts
    assert [(each.duties, each.scope_version) for each in drafts] == [
        (("kr/network-supplement",), 2),
        (("kr/network-supplement",), 3),
    ]
    second, third = (_rows(_changes(each)) for each in drafts)
    assert second["Accounts"] == "1,000 accounts before; now 5,000 accounts"
    assert third["Accounts"] == "5,000 accounts before; now 7,000 accounts"
    assert {section.key for section in drafts[0].sections} == {"", "new-fact"}
    # each speaks of its own clock alone
    for draft, version in zip(drafts, (2, 3), strict=True):
        clocks = [each for each in draft.notes if each.startswith("Clock from")]
        assert [each.startswith(f"Clock from scope version {version} ") for each in clocks] == [True]


def test_a_new_fact_that_was_reported_is_not_drafted_again(shop: Any) -> None:
    made = _made("kr/network-report") + _made("kr/network-supplement", 2, "2027-06-03T12:00:00Z")
    drafts = shop.drafted(shop.write(*_three(shop), made=made), "kr-kisa").drafts
    assert [each.scope_version for each in drafts] == [3]


def test_a_new_fact_that_the_report_told_of_is_none(shop: Any) -> None:
    made = _made("kr/network-report", 2, "2027-06-03T12:00:00Z")
    drafts = shop.drafted(shop.write(*_three(shop), made=made), "kr-kisa").drafts
    assert [each.scope_version for each in drafts] == [3]


def test_before_any_report_there_is_one_report_of_all(shop: Any) -> None:
    drafts = shop.drafted(shop.write(*_three(shop)), "kr-kisa").drafts
    assert [(each.duties, each.scope_version) for each in drafts] == [(("kr/network-report-2026",), 3)]


def test_an_event_that_is_a_new_fact_needs_its_words(shop: Any) -> None:
    event = '[[event]]\nkind = "new-fact"\nat = 2027-06-03T10:00:00Z\nsaid_by = "Shop"\n'
    made = _made("kr/network-report")
    (draft,) = shop.drafted(shop.write(made=made, event=event), "kr-kisa").drafts
    assert draft.id == "shop-kr-kisa-network-supplement-1-20270603100000-ko"
    (section,) = [each for each in draft.sections if each.key == "new-fact"]
    assert [each.needs for each in section.missing] == ["신고 후 추가로 확인된 사실과 그 일시"]
    fact = '[[statement]]\nabout = "new-fact"\nat = 2027-06-03T10:00:00Z\nsaid_by = "Shop"\ntext = { ko = "추가 화면 확인" }\n'
    (told,) = shop.drafted(shop.write(made=made, event=event, fact=fact), "kr-kisa").drafts
    (section,) = [each for each in told.sections if each.key == "new-fact"]
    assert not section.missing
    assert section.blocks[0].text == "추가 화면 확인 (2027년 6월 3일 10시 00분)"


def test_notices_that_were_made_are_told_with_whom_they_cannot_have_reached(shop: Any) -> None:
    scopes = _two(shop)
    made = _made("kr/pipa-report") + _made("kr/pipa-individuals")
    (draft,) = shop.drafted(shop.write(*scopes, made=made), "kr-pipc", lang="en").drafts
    (section,) = [each for each in draft.sections if each.key == "notice-to-people"]
    rows = {each.label: each for each in section.blocks}
    assert rows["People were told"].text == "2 June 2027, 09:00 (scope version 1)"
    # 5,000 to 6,000 people, of whom the 1,000 accounts of version 1 were told
    assert rows["Not told yet"].text == "4,000 to 5,000 people"
