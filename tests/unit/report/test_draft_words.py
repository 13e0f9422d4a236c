"""The words around a draft: the same in number and kind in every language."""

from __future__ import annotations

import re

import pytest

from whosaw.core.errors import WhosawError
from whosaw.packs.languages import language_codes, read_words
from whosaw.report.draft_words import draft_words


@pytest.mark.parametrize("code", language_codes())
def test_every_language_has_every_word_with_its_blanks(code: str) -> None:
    told, english = read_words(code, "draft"), read_words("en", "draft")
    assert told.texts.keys() == english.texts.keys()
    assert told.lists == english.lists == {}
    assert told.under("confidence").keys() == {"unverified", "secondary"}
    for key, words in english.texts.items():
        assert sorted(re.findall(r"\{\w+\}", told.texts[key])) == sorted(re.findall(r"\{\w+\}", words)), key


def test_a_language_with_a_country_has_the_words_of_the_language() -> None:
    assert draft_words("sw-TZ").draft == "RASIMU"
    assert draft_words("sw-TZ").locale == "sw-TZ"
    assert draft_words("sw").locale == "sw-KE"


def test_braces_in_what_is_missing_are_no_blanks() -> None:
    assert draft_words("en").where("{where}", "here") == "{where} (here)"
    assert draft_words("en").missing("{needs}") == "[MISSING: needs {needs}]"


def test_a_language_without_words_is_refused() -> None:
    with pytest.raises(WhosawError, match="no words for the language 'fr'"):
        draft_words("fr")
