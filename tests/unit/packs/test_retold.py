"""Sentences are known by how they are made, and nothing that only looks like one is told."""

from __future__ import annotations

import pytest

from whosaw.packs.retold import Retold, places_of

SECTIONS = {
    "thing": {"a cat": "un chat", "a dog; or a wolf": "un chien ou un loup"},
    "unit": {"men": "hommes", "ships": "navires"},
    "tail": {", says {who}": ", dit {who}"},
    "said": {
        "seen: {thing|; }": "vu: {thing| et }",
        "no {thing} in {town}{tail?}": "pas de {thing} à {town}{tail?}",
        "{number} of {number2}": "{number2} dont {number}",
        "holds {many} {unit}": "contient {many} {unit}",
        "either {any}": "ou {any}",
        "{whole}": "{whole}",
    },
}


@pytest.fixture(scope="module")
def french() -> Retold:
    return Retold(SECTIONS, {"town": {"London": "Londres"}.get})


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a cat", "un chat"),
        ("seen: a cat", "vu: un chat"),
        ("seen: a cat; a dog; or a wolf; a cat", "vu: un chat et un chien ou un loup et un chat"),
        ("seen: a cow", None),  # a place of a kind takes nothing else
        ("seen: a cat; a cow", None),
        ("no a cat in London", "pas de un chat à Londres"),
        ("no a cat in London, says Ann", "pas de un chat à Londres, dit Ann"),
        ("no a cat in Paris", None),  # a name that nobody tells
        ("3 of 1,000", "1,000 dont 3"),
        ("3 men of 1,000", None),  # a number holds no blank
        ("holds 1 to 5 men", "contient 1 to 5 hommes"),
        ("holds 1 to 5 women", None),
        (
            "either a cat",
            "ou un chat",
        ),  # a place of no kind is told where anything tells it, and stays as it is elsewhere
        ("either a cow", "ou a cow"),
        ("", None),
    ],
)
def test_a_sentence_is_told_whole_or_not_at_all(french: Retold, text: str, told: str | None) -> None:
    sections = {
        **SECTIONS,
        "said": {each: says for each, says in SECTIONS["said"].items() if each != "{whole}"},
    }
    assert Retold(sections, {"town": {"London": "Londres"}.get}).tell(text) == told
    if told is not None:
        assert french.tell(text) == told


def test_what_leads_back_to_itself_comes_to_an_end(french: Retold) -> None:
    assert french.tell("a cow", "said") == "a cow"


def test_a_text_is_told_as_what_it_is_asked_for(french: Retold) -> None:
    assert french.tell("men", "unit") == "hommes"
    assert french.tell("men", "thing") is None
    assert french.tell("London", "town") == "Londres"
    assert french.tell("London", "thing") is None


def test_places_are_named_however_often_they_stand() -> None:
    assert places_of("{b} {a|, } {a2} {c?} {NOT}") == ["a", "a2", "b", "c"]
