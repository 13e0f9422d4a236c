"""What a finding says: a title that fits a line, and one fact in each sentence."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from tests.findings import a_finding, people

from whosaw.actors import load_detectors, load_explanations
from whosaw.actors.actor_views import Flag
from whosaw.actors.detectors import Detector
from whosaw.actors.finding_text import facts_of, title_of, way_words
from whosaw.actors.sliding import Peak
from whosaw.actors.stories import Story
from whosaw.core.counts import Count, Reason
from whosaw.core.finding import Actor
from whosaw.core.finding_title import MOST_TITLE, recounted, title_and_facts
from whosaw.core.instants import to_micros

DETECTORS = load_detectors(load_explanations())
START = datetime(2025, 3, 5, 14, 45, 11, tzinfo=UTC)
MICROS = to_micros(START)
ROW = {
    "first_view": MICROS, "last_view": MICROS + 60_000_000, "views": 12, "accounts": 9, "unnamed_views": 0,
    "unnamed_at_most": 0, "unbounded_views": 0, "possible_views": 0, "possible_accounts": 0, "doubted_accounts": 0,
    "twin_views": 0, "twin_accounts": 0, "addresses": 1, "not_explained": 12, "unexplained": 12,
}  # fmt: skip


def story(detector: Detector, *actors: Actor) -> Story:
    clause = detector.clauses[0]
    peaks = tuple(Peak(most=window.persons, reached_at=MICROS) for window in clause.windows)
    none: Any = None  # what a flag knows of clients is not asked here
    flag = Flag(detector=detector, clause=clause, actors=none, actor=0, peaks=peaks)
    return Story(flags=tuple((flag, each) for each in actors))


def actor(**by: int | str) -> Actor:
    return Actor(by=tuple(by), values=tuple(by.values()), digest="d")


def persons(lower: int, upper: int | None) -> Count:
    return Count(unit="persons", lower=lower, upper=upper, reasons=(Reason(code="subject-unknown"),))


@pytest.mark.parametrize("detector", DETECTORS.values(), ids=lambda value: value.id)
def test_a_title_says_what_stands_out_in_80_characters_however_many_it_were(detector: Detector) -> None:
    many = story(detector, actor(address=1), actor(key="k"))
    one = story(detector, actor(tls="t"))
    for each, addresses in ((many, 9_999_999), (one, 1)):
        title = title_of(each, persons(999_999_999, None), addresses)
        assert len(title) <= MOST_TITLE
        assert "saw at least 999,999,999 people" in title
        assert detector.title_end in title
        assert title.endswith(detector.title_end or f" within {_words(detector)}")


def _words(detector: Detector) -> str:
    return {"1h": "1 hour", "1d": "1 day"}[str(detector.clauses[0].windows[0].length)]


def test_an_end_that_does_not_fit_is_left_out() -> None:
    long = replace(DETECTORS["token-never-issued"], title_end="x" * 60)
    assert title_of(story(long, actor(key="k")), persons(3, 3), 1) == "One key saw 3 people"


@pytest.mark.parametrize(
    ("bounds", "told"),
    [
        ((1, 1), "1 person"),
        ((20_000, 20_000), "20,000 people"),
        ((20_000, 420_000), "at least 20,000 people"),
        ((1, None), "at least 1 person"),
        ((0, 100), "up to 100 people"),
        ((0, None), "unnamed people"),
    ],
)
def test_a_title_claims_no_more_than_the_count(bounds: tuple[int, int | None], told: str) -> None:
    mine = story(DETECTORS["staff-without-reason"], actor(principal=1))
    assert title_of(mine, persons(*bounds), 1) == f"One principal saw {told} without a reason on record"


def test_each_fact_is_a_sentence_of_its_own() -> None:
    row = {
        **ROW,
        "addresses": 2_313,
        "possible_accounts": 3,
        "unnamed_views": 2,
        "unnamed_at_most": 40,
        "unexplained": 10,
        "not_explained": 11,
    }
    keys = [actor(key="k"), *(actor(address=number) for number in range(2)), actor(manner="a-b")]
    assert facts_of(story(DETECTORS["token-never-issued"], *keys), row) == (
        "One actor, joined from what detectors named: one key, 2 addresses and 1 way of reading.",
        "The views came through 2,313 addresses.",
        "Seen between 2025-03-05T14:45:11Z and 2025-03-05T14:46:11Z.",
        "By 2025-03-05T14:45:11Z it had seen 1 person with tokens or sessions that nobody was issued.",
        "9 people for sure, possibly 3 others.",
        "Up to 40 more people whom the log does not name.",
        "10 views are unexplained.",
        "For 1 view it cannot be told whether it is explained.",
        "1 view has an explanation on record and counts all the same.",
    )


@pytest.mark.parametrize(
    ("way", "told"),
    [
        ("info, less than 1 s apart", "info, less than 1 s apart"),
        ("info", "info"),
        ("info > orders, 16 s to 64 s apart", "info > orders, 16 to 64 seconds apart"),
        ("info, 256 s to 1024 s apart", "info, about 4 to 17 minutes apart"),
        ("info, 4096 s to 16384 s apart", "info, about 1 to 5 hours apart"),
        ("info, 262144 s to 1048576 s apart", "info, about 3 to 12 days apart"),
    ],
)
def test_pauses_are_told_in_units_that_people_use(way: str, told: str) -> None:
    assert way_words(way) == told


def test_people_who_are_only_possible_are_no_others_where_nobody_is_sure() -> None:
    row = {**ROW, "accounts": 0, "doubted_accounts": 2, "unnamed_views": 1, "unbounded_views": 1}
    facts = facts_of(story(DETECTORS["staff-without-reason"], actor(principal=1)), row)
    assert "Possibly 2 people." in facts
    assert "An unknown number of more people whom the log does not name." not in facts
    assert "An unknown number of people whom the log does not name." in facts


def test_a_title_follows_counts_that_changed_after_it() -> None:
    before = a_finding(counts=people(9, 9), title="One key saw 9 people with tokens never issued")
    assert recounted(before, people(9, 9)) == before
    after = recounted(before, people(8, 12))
    assert (after.title, after.persons.lower, after.persons.upper) == (
        "One key saw at least 8 people with tokens never issued", 8, 12,
    )  # fmt: skip
    long = replace(before, title="One key saw 9 people " + "x" * 59)
    assert recounted(long, people(8, 12)).title == "One key saw at least 8 people"
    rule = replace(before, detector="sigma:abc")
    assert recounted(rule, people(8, 12)).title == before.title


SENTENCE = (
    "One key, held to be one party with 2,312 other addresses, saw the data of 20,000 people between "
    "2025-03-05T14:45:11Z and 2025-04-14T14:54:50Z; 107,951 views are unexplained."
)


def test_what_an_earlier_release_stored_as_one_sentence_gets_a_title_and_facts() -> None:
    persons = people(20_000, 420_000)[2]
    title, facts = title_and_facts(SENTENCE, "token-never-issued", actor(key="k"), persons)
    assert title == "One actor saw at least 20,000 people"
    assert facts == (f"{SENTENCE.partition(';')[0]}.", "107,951 views are unexplained.")


def test_an_old_finding_of_a_rule_keeps_its_name_as_title() -> None:
    sentence = f"{'Probes ' * 20}: 3 lines at noon, 1 of them a view."
    title, facts = title_and_facts(sentence, "sigma:abc", actor(key="k"), people(1, 1)[2])
    assert len(title) == MOST_TITLE
    assert title.startswith("Probes Probes")
    assert facts == ("3 lines at noon, 1 of them a view.",)
