"""Whatever law says to people is there in Korean and Swahili: titles, recipients, times, questions, and each sentence of an answer."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

import pytest

from whosaw.core.case_head import ADVICE, NoLaw, PeopleOfPlace, Unchecked
from whosaw.core.duties import DutyAnswer
from whosaw.core.ranges import UNKNOWN, Range
from whosaw.core.truth import Truth
from whosaw.law.checking.check_contents import load_contents
from whosaw.law.checking.check_faults import load_faults
from whosaw.law.decision_grounds import _FACTS, _PARTS
from whosaw.law.duties import answer_duty
from whosaw.law.facts import EVENTS
from whosaw.law.loading import load_law
from whosaw.packs.notice_further import further_of
from whosaw.packs.retold import PLACE, law_sentences, places_of
from whosaw.web.law_words import law_told

OTHERS = ("ko", "sw")
NOW = datetime.fromisoformat("2100-01-01T00:00:00+00:00")
ANY_OF = re.compile(r"\bnamba\b|\bparty\b|\bparties\b")


def texts() -> dict[str, set[str]]:
    """What the items say, by kind."""
    law, contents = load_law(), load_contents()
    duties, unchecked = law.duties.values(), law.unchecked.values()
    items = [*duties, *law.payments.values(), *law.precedents.values(), *unchecked]
    further = [each for several in further_of().values() for each in several]
    return {
        "title": {each.origin.title for each in items},
        "recipient": {each.recipient for each in duties},
        "time": {each.clock.words for each in duties} - {""},
        "question": set(law.questions.values()),
        "event": set(EVENTS.values()),
        "moment": set(EVENTS),
        "trade": set(law.sectors),
        "content": {each.text for duty in duties for each in duty.contents}
        | {each.text for each in further}
        | set(contents.worked_out.values()),
        "fact": {text for each in unchecked for text in each.believed.values()},
        "fault": {text for each in load_faults() for text in (each.about, each.found)},
        "ground": {*_FACTS.values(), *_PARTS},
        "advice": {ADVICE},
        "statute": {each.origin.statute for each in [*duties, *unchecked]},
    }


@pytest.mark.parametrize("language", OTHERS)
def test_all_that_items_say_is_told_and_nothing_that_none_says(language: str) -> None:
    sentences = law_sentences(language)
    for kind, said in texts().items():
        listed = {each for each in sentences[kind] if not PLACE.search(each)}
        missing = {each for each in said if law_told(language, each, kind) is None}
        if kind == "statute":  # what is a citation of a code alone is read in every language
            missing = {each for each in missing if not re.search(r"\d", each)}
        assert not missing, kind
        assert kind == "time" or listed <= said, kind  # times are put together from what they have in common


def test_each_language_tells_the_same_with_the_same_places() -> None:
    korean, swahili = (law_sentences(each) for each in OTHERS)
    assert {kind: set(each) for kind, each in korean.items()} == {
        kind: set(each) for kind, each in swahili.items()
    }
    for kind, sentences in (*korean.items(), *swahili.items()):
        for english, says in sentences.items():
            if kind != "cited-article":  # an article in a language's own script stands for the one beside it
                assert places_of(says) == places_of(english), english
    assert not [says for each in swahili.values() for says in each.values() if ANY_OF.search(says)]


def said_of(answer: DutyAnswer) -> Iterator[str]:
    """Every sentence that a page of duties shows of an answer."""
    questions = load_law().questions
    for each in (answer.owed, answer.threshold, answer.applies, *(one.answer for one in answer.exceptions)):
        yield from each.because
        yield from (questions.get(need, need) for need in each.needs)
    yield from filter(None, [answer.meanwhile])


def test_every_answer_to_every_case_of_every_duty_is_told_in_each_language() -> None:
    law = load_law()
    said = {
        sentence
        for duty in law.duties.values()
        for case in duty.cases
        for sentence in said_of(answer_duty(duty, law, case.facts, now=NOW))
    }
    assert len(said) > 800
    assert not untold(said)


def test_every_gap_of_law_is_told_in_each_language() -> None:
    law = load_law()
    unchecked = [
        Unchecked(law=each, place="Kenya", reaches=truth, there=Truth.YES, because=())
        for each in law.unchecked.values()
        for truth in (Truth.YES, Truth.OPEN)
    ]
    statutes = sorted({each.origin.statute for each in law.duties.values()})[:12]
    nobody, some = Range.exactly(1), Range(low=3, high=None)
    gaps = [
        NoLaw(place=place, people=people, why=why, partly=partly, lacking=lacking, unchecked=named)
        for place in ("", "MN", "US-CA")
        for people, why in ((None, ("established", "listed")), (nobody, ("people",)), (some, ("people",)), (UNKNOWN, ("people",)))
        for partly in ((), tuple(statutes))
        for lacking, named in (((), ()), ((), tuple(statutes)), (("not of this role: processor", "not of this sector: health"), ()))
    ]  # fmt: skip
    rows = [PeopleOfPlace(place=place, people=people, laws=laws).words
            for place in ("", "KE", "US-CA") for people in (nobody, some, UNKNOWN, Range(low=1, high=1_000)) for laws in ((), ("Kenya",))]  # fmt: skip
    bad = untold({*(each.sentence for each in (*unchecked, *gaps)), f"People by place: {'; '.join(rows)}."})
    assert not bad, sorted(bad)[:3]


def untold(said: set[str]) -> set[tuple[str, str]]:
    return {(each, sentence) for each in OTHERS for sentence in said if law_told(each, sentence) is None}
