"""Drafts as plain text, and how their lines are wrapped."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whosaw.core.draft import Block, Draft, Missing, Section
from whosaw.report.draft_text import columns, draft_text, wrapped

LANGUAGES = ("en", "ko", "sw")


def squeezed(text: str) -> str:
    return "".join(text.split())


def test_a_hangul_syllable_takes_two_columns_and_a_combining_mark_none() -> None:
    assert columns("유출 abc") == 8
    assert columns("e\N{COMBINING ACUTE ACCENT}") == 1


def test_lines_end_at_blanks_and_a_word_that_is_too_long_is_cut() -> None:
    assert list(wrapped("one two three", 8)) == ["one two", "three"]
    assert list(wrapped("abcdefghij", 4)) == ["abcd", "efgh", "ij"]
    assert list(wrapped("개인정보가 유출", 7)) == ["개인정", "보가", "유출"]


def test_lines_after_the_first_hang_behind_it_and_line_ends_stay() -> None:
    assert list(wrapped("one two\nthree", 8, first="- ", rest="  ")) == ["- one", "  two", "  three"]


@given(st.text(alphabet="ab 가나\n\u0301", max_size=200), st.integers(min_value=6, max_value=30))
def test_no_line_is_too_wide_and_no_letter_is_lost(text: str, width: int) -> None:
    lines = list(wrapped(text, width, first="* ", rest="  "))
    assert all(columns(line) <= width for line in lines)
    assert squeezed("".join(line[2:] for line in lines)) == squeezed(text)


def test_a_filing_reads_as_it_should() -> None:
    document = Draft(
        id="ke",
        kind="filing",
        language="en",
        title="Report",
        organisation="Duka Ltd",
        recipient="ODPC",
        case="shop-1",
        scope_version=None,
        duties=("ke/authority",),
        opening=(Block(kind="text", text="We report a breach."),),
        sections=(
            Section(
                key="numbers",
                heading="Numbers",
                article="43(5)",
                confidence="unverified",
                blocks=(
                    Block(kind="row", label="persons", text="120 to 130", sources=("scope version 2",)),
                    Block(kind="row", label="accounts", text="90", sources=("scope version 2", "case file")),
                ),
            ),
            Section(
                key="contact", heading="Contact", missing=(Missing(needs="a telephone", where="[contact]"),)
            ),
        ),
        closing=(Block(kind="text", text="Signed"),),
        notes=("Check the date",),
    )

    assert draft_text(document).splitlines() == [
        "DRAFT. For whoever completes this draft. This part is not sent: take it off",
        "first.",
        "This is not legal advice.",
        "",
        "Case           shop-1",
        "Scope version  none",
        "Duties         ke/authority",
        "",
        "Still missing",
        "-------------",
        "- Contact: a telephone ([contact])",
        "",
        "Notes",
        "-----",
        "- Check the date",
        "- unverified: not checked against the text of the law: Numbers (43(5))",
        "",
        "Sources",
        "-------",
        "- Numbers, persons: scope version 2",
        "- Numbers, accounts: scope version 2; case file",
        "",
        "=" * 78,
        "",
        "Report",
        "======",
        "",
        "To    ODPC",
        "From  Duka Ltd",
        "",
        "We report a breach.",
        "",
        "Numbers (43(5))",
        "---------------",
        "persons   120 to 130",
        "accounts  90",
        "",
        "Contact",
        "-------",
        "_" * 24,
        "",
        "Signed",
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_there_in_order_within_78_columns(
    language: str,
    make_draft: Callable[..., Draft],
    sent_texts: Callable[[Draft], list[str]],
) -> None:
    document = make_draft(language)
    text = draft_text(document, sent_only=True)
    assert max(columns(line) for line in text.splitlines()) <= 78
    at, whole = 0, squeezed(text)
    for each in sent_texts(document):
        at = whole.index(squeezed(each), at) + 1


def test_a_notice_shows_people_neither_sources_nor_articles_nor_the_group_they_are_in(
    make_draft: Callable[..., Draft],
) -> None:
    document = make_draft("sw", "notice")
    sent = draft_text(document, sent_only=True)
    for hidden in (
        "scope version 3",
        "Act 34(1)",
        "Recipient Office",
        "[1]",
        "Have the figures checked",
        "SMS:",
    ):
        assert hidden not in sent
        if hidden != "[1]":
            assert hidden in draft_text(document)


@pytest.mark.parametrize(
    ("language", "words"), [("en", "[MISSING: needs a telephone]"), ("ko", "[누락: a telephone 필요]")]
)
def test_what_is_missing_is_said_in_the_language_of_the_draft(
    language: str, words: str, make_draft: Callable[..., Draft]
) -> None:
    assert words in draft_text(make_draft(language, "record"), sent_only=True)


def test_what_turns_or_hides_letters_is_left_out_and_control_characters_are_spelled(
    make_draft: Callable[..., Draft],
) -> None:
    text = "a\x1b[2Jb\N{RIGHT-TO-LEFT OVERRIDE}c\N{ZERO WIDTH SPACE}d\N{NO-BREAK SPACE}e\r\nf"
    draft = make_draft("en")
    document = replace(draft, closing=(replace(draft.closing[0], text=text), *draft.closing[1:]))
    assert draft_text(document).split("a\\x1b")[1].startswith("[2Jbcd e\nf\n")
