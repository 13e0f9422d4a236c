"""A text message keeps to the length of its channel, and what was seen is never cut off to do so."""

from __future__ import annotations

from dataclasses import replace

import pytest

from whosaw.law.drafting.text_message import fits, message
from whosaw.packs.languages import words_file
from whosaw.packs.notice_words import NoticeWords, load_notice_words

ENGLISH = load_notice_words("en", words_file("en", "notice"))


def channel(encoding: str, most: int) -> NoticeWords:
    return replace(ENGLISH, encoding=encoding, most=most)


@pytest.mark.parametrize(
    ("encoding", "most", "text", "inside"),
    [
        ("gsm-7", 459, "a" * 459, True),
        ("gsm-7", 459, "a" * 460, False),
        # a square bracket is written with two characters of 7 bits (3GPP TS 23.038, 6.2.1.1)
        ("gsm-7", 459, "[" + "a" * 457, True),
        ("gsm-7", 459, "[" + "a" * 458, False),
        # one Korean syllable makes every character 16 bits wide: 67 in each of three joined messages
        ("gsm-7", 459, "유" + "a" * 200, True),
        ("gsm-7", 459, "유" + "a" * 201, False),
        # a letter of the basic alphabet does not, a dash outside of it does
        ("gsm-7", 459, "é" * 459, True),
        ("gsm-7", 459, "—" + "a" * 300, False),
        # two bytes for a Korean syllable, one for a digit
        ("cp949", 2000, "유" * 1000, True),
        ("cp949", 2000, "유" * 1000 + "1", False),
        ("cp949", 2000, "\N{GRINNING FACE}", False),
        ("utf-16", 70, "ጤ" * 70, True),
        ("utf-16", 70, "ጤ" * 71, False),
        ("utf-16", 3, "\N{GRINNING FACE}\N{GRINNING FACE}", False),
    ],
)
def test_length_is_counted_as_the_channel_counts(
    encoding: str, most: int, text: str, inside: bool
) -> None:  # a row of the table
    assert fits(text, channel(encoding, most)) is inside


def test_sentences_that_may_be_left_out_go_from_the_end() -> None:
    words = channel("gsm-7", 11)
    assert message(["must"], ["one", "two"], words) == "must one"
    assert message(["must"], [], words) == "must"
    assert message(["must", "not be cut"], ["one"], words) is None
