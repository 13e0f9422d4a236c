"""Authorities, contents and words of filings hold together with the law they are for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from whosaw.law import Duty, load_law
from whosaw.law.drafting.authorities import Authority, load_authorities
from whosaw.law.drafting.case_material import Bounds
from whosaw.law.drafting.filing import notice_of, parts_of
from whosaw.law.drafting.filing_words import filing_languages, load_filing_words
from whosaw.law.drafting.said_parts import PARTS
from whosaw.packs.filing_faults import filing_faults

AUTHORITIES = load_authorities()
DUTIES = load_law().duties
FILED = ("regulator", "cyber-agency", "market")


def _filings() -> list[Duty]:
    """Every duty that is done by sending a report to an authority; to keep something lasts, and is sent nowhere."""
    return [each for each in DUTIES.values() if each.audience in FILED and not each.clock.standing]


def _of(authority: Authority) -> list[Duty]:
    families = (*authority.duties, *authority.supplements)
    return [each for each in DUTIES.values() if each.of in families]


def test_every_report_that_a_law_asks_for_has_one_authority() -> None:
    taken = [of for each in AUTHORITIES.values() for of in (*each.duties, *each.supplements)]
    assert len(taken) == len(set(taken))
    assert set(taken) == {each.of for each in _filings()}


def test_every_jurisdiction_with_a_regulator_has_an_authority() -> None:
    places = {each.origin.jurisdiction for each in DUTIES.values() if each.audience == "regulator"}
    assert places <= {each.place for each in AUTHORITIES.values()}


@pytest.mark.parametrize("name", AUTHORITIES)
def test_an_authority_is_of_the_place_of_its_duties(name: str) -> None:
    authority = AUTHORITIES[name]
    assert authority.id == name
    assert {each.origin.jurisdiction for each in _of(authority)} == {authority.place}
    assert not set(authority.languages) & set(authority.copies)


@pytest.mark.parametrize("name", AUTHORITIES)
def test_an_authority_has_its_words_in_each_of_its_languages(name: str) -> None:
    authority = AUTHORITIES[name]
    assert "en" in (*authority.languages, *authority.copies)
    for code in (*authority.languages, *authority.copies):
        words = load_filing_words(code)
        assert words.authority(name)
        for duty in _of(authority):
            if code != "en":  # the items themselves are written in English
                assert ("citation", duty.origin.id) in words.words.texts, (code, duty.origin.id)
            for content in _contents(duty):
                assert words.heading(content.key)
                assert (
                    code == "en" or not content.article or ("article", content.article) in words.words.texts
                )


def _contents(duty: Duty) -> Iterator[Any]:
    """What is asked, and what stands in place of it."""
    for content in duty.contents:
        yield content
        family = notice_of(content.key)
        for other in DUTIES.values():
            if other.of == family:
                yield from other.contents


@pytest.mark.parametrize("duty", _filings(), ids=lambda duty: duty.origin.id)
def test_everything_that_a_law_lists_is_filled_from_known_parts(duty: Duty) -> None:
    for content in _contents(duty):
        parts = () if notice_of(content.key) else parts_of(content.key)
        assert set(parts) <= set(PARTS)
        assert parts or notice_of(content.key)


@pytest.mark.parametrize("name", [each.id for each in AUTHORITIES.values() if each.follows])
def test_a_form_that_is_followed_leaves_nothing_out_that_the_law_lists(name: str) -> None:
    """Each part of what a heading answers stands below some heading of the form."""
    authority = AUTHORITIES[name]
    fields = {field for each in authority.form for field in each.fields}
    for duty in _of(authority):
        listed = {each.key for each in _contents(duty)}
        for each in authority.form:
            if each.content in listed:
                assert set(parts_of(each.content)) <= fields, (duty.origin.id, each.content)
    answered = {each.content for each in authority.form} - {""}
    assert answered <= {each.key for duty in _of(authority) for each in _contents(duty)}


@pytest.mark.parametrize("name", [each.id for each in AUTHORITIES.values() if each.follows])
def test_a_form_that_is_followed_has_its_headings_in_each_language_of_the_authority(name: str) -> None:
    authority = AUTHORITIES[name]
    for code in (*authority.languages, *authority.copies):
        texts = load_filing_words(code).words.texts
        for each in authority.form:
            if "late" not in each.fields:
                known = ("form", f"{name}.{each.heading}") in texts or ("heading", each.heading) in texts
                assert known, (code, each.heading)


def test_every_part_is_used() -> None:
    used = {part for parts in _table()["parts"].values() for part in parts}
    assert used == set(PARTS)


def _table() -> Mapping[str, Any]:
    from whosaw.law.drafting.filing import _contents as contents

    return contents()


@pytest.mark.parametrize("code", filing_languages())
def test_every_language_says_the_same_things_with_the_same_facts(code: str) -> None:
    assert filing_faults(code) == []


@pytest.mark.parametrize(
    ("bounds", "english", "korean"),
    [
        ((0, None), "cannot be told yet", "현재 확인할 수 없음"),
        ((1, 1), "1 person", "1명"),
        ((0, 0), "0 people", "0명"),
        ((4536, 4536), "4,536 people", "4,536명"),
        ((900, 1200), "900 to 1,200 people", "900명 이상 1,200명 이하"),
        ((0, 5), "0 to 5 people", "0명 이상 5명 이하"),
        ((900, None), "at least 900 people", "900명 이상"),
    ],
)
def test_a_count_says_its_bounds(bounds: tuple[int, int | None], english: str, korean: str) -> None:
    count = Bounds(unit="persons", lower=bounds[0], upper=bounds[1])
    assert load_filing_words("en").count(count) == english
    assert load_filing_words("ko").count(count) == korean


def test_a_reason_without_words_is_named_by_its_code() -> None:
    count = Bounds(unit="persons", lower=1, upper=None, reasons=("brand-new", "lost-log", "lost-log"))
    assert load_filing_words("en").count_and_reasons(count) == (
        "at least 1 people (a reason that the scope names brand-new; logs are lost)"
    )
