"""What is told by how a sentence is worded, where no phrase knows it."""

from __future__ import annotations

import tomllib
from pathlib import Path

import numpy as np
import pytest
from bench.notices.margins import Noted, chosen, told
from tests.checking.conftest import Check

from whosaw.law.checking.check_faults import WORDED_LIKE
from whosaw.law.checking.classifier import Classifier, load_classifier, read_classifier, write_classifier
from whosaw.law.checking.features import features_of
from whosaw.law.checking.margins import load_margins, margin_of
from whosaw.law.checking.mentions import things_listed
from whosaw.law.checking.reader import Reader
from whosaw.law.checking.text import blocks_of_plain, passages_of
from whosaw.packs.languages import load_language

PROBES = Path(__file__).resolve().parents[1] / "notices" / "probes"
NAMES = {"en": "english", "ko": "korean", "sw": "swahili"}


def toy(*, joined: bool = False) -> Classifier:
    return Classifier(
        keys=("minimised", "advice"),
        rows={"small ": 0, "change ": 1},
        weights=np.array([[300, -100], [-200, 500]], np.int16),
        bias=np.array([-1.0, -1.0]),
        joined=joined,
        made_of="toy",
    )


def test_a_margin_is_the_weights_of_what_is_known_by_the_root_of_how_many() -> None:
    made = toy()
    assert made.margin("minimised", "a small matter") == pytest.approx(3.0 - 1.0)
    assert made.margin("minimised", "a small change") == pytest.approx((3.0 - 2.0) / 2**0.5 - 1.0)
    assert made.margin("advice", "change it") == pytest.approx(5.0 - 1.0)


def test_a_sentence_of_unknown_words_is_like_none() -> None:
    assert toy().margins("entirely else") == {}
    assert toy().margin("advice", "entirely else") < -1


def test_a_file_holds_all_of_it(tmp_path: Path) -> None:
    write_classifier(tmp_path / "c.npz", toy())
    read = read_classifier(tmp_path / "c.npz", joined=False)
    assert (read.keys, read.rows, read.made_of) == (toy().keys, toy().rows, "toy")
    assert np.array_equal(read.weights, toy().weights)
    assert np.array_equal(read.bias, toy().bias)


def test_every_number_is_one_and_the_same_and_spaces_of_a_joined_language_are_free() -> None:
    assert features_of("on 3 may 2026", joined=False) == features_of("on 19 may 1999", joined=False)
    together, apart = (features_of(each, joined=True) for each in ("유출되었습니다", "유출 되었습니다"))
    assert len(together & apart) > len(together) / 2


@pytest.mark.parametrize("language", sorted(NAMES))
def test_most_of_what_they_learnt_from_is_on_its_side(language: str) -> None:
    made = load_classifier(language)
    assert made is not None
    told = tomllib.loads((PROBES / f"{NAMES[language]}.toml").read_text(encoding="utf-8"))
    right = every = 0
    for key in set(told) & set(made.keys):
        for side, sign in (("said", 1), ("not_said", -1)):
            lines = [each for each in told[key].get(side, "").splitlines() if each.strip()]
            right += sum(made.margin(key, each.casefold()) * sign > 0 for each in lines)
            every += len(lines)
    assert every > 100
    assert right > 0.9 * every


def test_each_key_of_each_language_has_its_least_margins_and_what_is_unknown_goes_by_phrases() -> None:
    for language in NAMES:
        made = load_classifier(language)
        assert made is not None
        assert set(load_margins()[language]) == set(made.keys)
    unknown = margin_of("xx", "advice")
    assert (unknown.alone, unknown.with_phrase) == (float("inf"), -float("inf"))


@pytest.mark.parametrize(("wrong", "cost"), [(True, 6.0), (False, 1.0)])
def test_least_margins_are_chosen_between_what_is_wrong_and_what_is_not(wrong: bool, cost: float) -> None:
    def point(key: str, wrong: bool, alone: float, at: int) -> Noted:
        return Noted(
            text=str(at), language="en", key=key, wrong=wrong, always=False, alone=alone, with_phrase=-9.0
        )

    # of a fault a high margin is wrong, of a part a low one
    fault = [point("minimised", at % 2 == 0, 0.5 if at % 2 == 0 else -0.9, at) for at in range(40)]
    part = [point("advice", at % 2 == 0, -0.5 if at % 2 == 0 else 0.9, at) for at in range(40)]
    least = chosen([*fault, *part])
    assert -0.6 <= least["en"]["minimised"].alone <= 0.4
    assert -0.3 <= least["en"]["advice"].alone <= 0.6
    assert told([*fault, *part], least) == (40, 40, 0)
    # one point in the middle goes to the side that costs more
    alike = [point("minimised", wrong, 0.0, at) for at in range(40, 80)]
    found, every, false = told([*fault, *alike], chosen([*fault, *alike], missed=cost))
    assert (found, false) == (every, 0)


@pytest.mark.parametrize(
    ("language", "said", "unsaid"),
    [
        (
            "en",
            "Ask your bank for a new card today.",
            "We would ask you to remain watchful in the months ahead.",
        ),
        ("ko", "은행에 전화하여 카드를 새로 발급받으세요.", "앞으로도 각별한 관심을 부탁드립니다."),
        (
            "sw",
            "Badilisha nywila ya barua pepe yako leo.",
            "Safiri salama, na chukua tahadhari zote za kawaida.",
        ),
    ],
)
def test_what_is_vague_stands_for_no_advice(check: Check, language: str, said: str, unsaid: str) -> None:
    lead = {"en": "Your data were stolen.", "ko": "개인정보가 유출되었습니다.", "sw": "Data yako imevuja."}[
        language
    ]
    for line, verdict in ((said, "holds"), (unsaid, "fails")):
        told_ = check(f"{lead}\n\n{line}", "notice", "ke", language=language)
        assert told_["contents.what-people-can-do"].verdict == verdict, line


def test_what_no_phrase_knows_is_marked_as_told_by_likeness(check: Check) -> None:
    text = "We are sorry. Nobody at our firm can be made to answer for what came of this, and we owe you nothing for it."
    told = check(text, "notice", "ke", language="en")["fault.duty-disclaimed"]
    assert told.verdict == "fails"
    assert told.because.endswith(WORDED_LIKE)


@pytest.mark.parametrize(
    ("text", "things"),
    [
        ("The data were your name, your widget score and your phone number.", 3),
        ("These data leaked:\n\n- name\n- widget score\n- phone number", 3),
        ("1. Your phone number was read by a stranger.\n\n2. We told the police about it.\n\n3. Call us.", 1),
    ],
)
def test_what_a_list_names_is_counted_whether_it_is_known_or_not(text: str, things: int) -> None:
    language = load_language("en")
    assert len(things_listed(passages_of(blocks_of_plain(text)), language)) == things


SEEN = "A thief copied your records on 3 October. The data were: {data}. Questions: privacy@shop.example"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (
            "name, home address, phone number, postbox",
            "cannot tell",
        ),  # a near kind, which may be what is meant
        ("name, home address, phone number, eye colour", "cannot tell"),  # in words that are not known
        (
            "name, home address, phone number, blood test",
            "fails",
        ),  # another kind, of the other it says nothing
        ("name, home address, phone number, nothing else", "fails"),
    ],
)
def test_a_kind_of_data_may_be_named_by_the_word_for_a_near_one(check: Check, data: str, said: str) -> None:
    told = check(SEEN.format(data=data), "notice", "ke", language="en")
    assert told["category.access.entrance-code"].verdict == said


def test_a_question_says_no_advice_and_neither_does_what_calms(check: Check) -> None:
    text = "Your data were stolen.\n\nShould I change my password?\n{}"
    for answer, said in (
        ("No. You do not have to change your password.", "fails"),
        ("Yes. Change your password today.", "holds"),
    ):
        told = check(text.format(answer), "notice", "ke", language="en")
        assert told["contents.what-people-can-do"].verdict == said, answer


def test_a_question_with_its_answer_is_no_fault(check: Check) -> None:
    text = (
        "Your data were stolen by a thief on 3 October.\n\n{}\n\nPart of the copy is on a page of that gang."
    )
    for line, faults in (("Is it public?", 0), ("It is public anyway.", 1)):
        told = check(text.format(line), "notice", "ke", language="en")
        assert sum(each == "fault.minimised" for each in told) == faults, line


def test_advice_and_requests_that_name_data_do_not_tell_which_got_out(check: Check) -> None:
    text = "A thief copied the records that a shop usually keeps on 3 October.\n\n{}"
    for line, verdict in (
        ("Change your phone number.", "fails"),
        ("The copied records hold your name and your phone number.", "holds"),
    ):
        told = check(text.format(line), "notice", "ke", language="en")
        assert told["items.given"].verdict == verdict, line


@pytest.mark.parametrize(
    ("line", "verdict"),
    [
        ("Some two hundred guests are in the same position.", "fails"),
        ("Two hundred guests sang at our feast in May.", None),
        ("Four thousand three hundred guests are in the same position.", "holds"),
    ],
)
def test_a_number_in_words_is_held_against_the_count(check: Check, line: str, verdict: str | None) -> None:
    told = check(f"A thief copied your records on 3 October. {line}", "notice", "ke", language="en")
    assert (told["count.persons"].verdict if "count.persons" in told else None) == verdict
    assert "fault.number-understated" not in told


def test_what_may_follow_is_said_by_an_answer_to_that_question(check: Check) -> None:
    answer = "Unwelcome callers in your street."
    for lead, said in (("What could happen to me?", "holds"), ("What was in the file?", "fails")):
        told = check(f"Your data were stolen.\n\n{lead}\n{answer}", "notice", "eu", language="en")
        assert told["contents.consequences"].verdict == said, lead


@pytest.mark.parametrize(
    ("title", "said"),
    [
        ("Notice of Data Breach - posted August 20, 2026", True),
        ("Breach of August 20, 2026", False),
    ],
)
def test_a_title_with_the_day_of_posting_dates_a_notice(title: str, said: bool) -> None:
    language = load_language("en")
    reader = Reader(
        language=language,
        passages=passages_of(blocks_of_plain(f"{title}\n\nWe are sorry.")),
        parts={},
        organisation=(),
    )
    assert (reader.dated is not None) is said
