"""Where the rows stand that are no figure of an item: answers that assured falsely, and filings and notices.

Each names the tests that failed before its correction. Rows of words are in tests/unit/packs/test_terms.py.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

import pytest
from tests.law.test_missing_duty_rows import ROWS as MISSING
from tests.law.test_missing_duty_rows import ByTest
from typer.testing import CliRunner

from whosaw.cli.main import app
from whosaw.law.drafting.authorities import load_authorities

TESTS: Final = Path(__file__).parents[1]
ASSURING, DRAFTS = "law/test_no_false_assurance.py", "drafting/test_filing.py"
ROWS: Final[Mapping[str, tuple[tuple[str, str], ...]]] = {
    "1.1": (
        (ASSURING, "test_every_place_with_people_and_no_law_on_record_is_named"),
        (ASSURING, "test_it_comes_before_every_duty_on_the_terminal_the_page_and_the_calendar"),
        (ASSURING, "test_filings_and_notices_carry_it"),
        (ASSURING, "test_where_no_law_is_on_record_no_notice_is_not_the_answer"),
        (ASSURING, "test_an_establishment_without_people_counts_too"),
        ("law/test_people_add_up.py", "test_exact_people_by_place_are_exactly_the_people_of_the_scope"),
    ),
    "1.2": (
        (ASSURING, "test_an_answer_under_one_act_decides_no_other"),
        (ASSURING, "test_one_act_of_a_country_decides_no_other_act_of_it"),
        (ASSURING, "test_a_claim_is_no_finding_and_a_crime_needs_a_court"),
        (ASSURING, "test_no_crime_of_any_law_is_met_without_a_court"),
    ),
    "1.3": (
        (ASSURING, "test_owed_is_never_said_in_the_words_of_a_duty_that_was_done"),
        (ASSURING, "test_what_is_not_owed_has_no_clock_anywhere"),
    ),
    "1.4": (
        (ASSURING, "test_a_place_whose_law_asks_nothing_of_a_processor_is_named_with_the_reason"),
        (
            ASSURING,
            "test_what_a_processor_owes_is_shown_in_the_controllers_case_and_drafted_by_the_processor_alone",
        ),
    ),
    "1.5": ((ASSURING, "test_what_to_do_meanwhile_fits_the_clock"),),
    "1.6": (
        ("law/test_rows_walked.py", "test_two_texts_that_agree_are_held_against_the_standing_scope_too"),
        ("checking/test_commands.py", "test_consistency_ends_with_1_where_texts_differ_and_that_is_asked_for"),
    ),
    "4.1": (
        ("drafting/test_what_is_sent.py", "test_nothing_for_the_preparer_is_sent"),
        ("drafting/test_what_is_sent.py", "test_every_source_stands_in_the_preparers_part_beside_what_it_is_of"),
    ),
    "4.2": (("law/test_rows_walked.py", "test_a_form_asks_what_its_row_lists"),),
    "4.3": (("law/test_rows_walked.py", "test_a_form_asks_what_its_row_lists"),),
    "4.4": (("law/test_rows_walked.py", "test_a_form_asks_what_its_row_lists"),),
    "4.5": (
        (
            "drafting/test_notice_command.py",
            "test_of_the_real_case_the_law_of_its_time_governs_and_what_was_never_published_is_missing",
        ),
        ("drafting/test_notice.py", "test_nobody_is_told_to_block_a_card_that_nothing_proves_was_seen"),
    ),
}  # fmt: skip
FORMS: Final[Mapping[str, tuple[str, ...]]] = {
    "kr-pipc": (
        "registration-number", "seat", "representative", "industry", "contact", "officer-position", "handler",
        "handler-position", "handler-telephone", "encrypted", "sensitive", "leak-path", "how-aware", "told",
    ),
    "kr-kisa": ("incident-type", "systems", "support-wanted", "investigation-consent"),
    "ke-odpc": (
        "registration-number", "industry", "kinds-of-people", "sensitive", "processor", "others-told",
        "other-countries", "safeguards",
    ),
    "uk-ico": ("breach-kind", "cross-border", "contact", "views", "earlier-breaches", "training"),
    "eu-sa": ("breach-kind", "cross-border", "contact", "views"),
}  # fmt: skip


@cache
def _named(file: str) -> frozenset[str]:
    tree = ast.parse((TESTS / file).read_text(encoding="utf-8"))
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef))


def test_each_row_is_walked_by_tests_that_are_there() -> None:
    walked = {
        **ROWS,
        "missing": [
            (each.room, each.test) for row in MISSING.values() for each in row if isinstance(each, ByTest)
        ],
    }
    gone = [(row, test) for row, tests in walked.items() for file, test in tests if test not in _named(file)]
    assert gone == []


@pytest.mark.parametrize("name", FORMS)
def test_a_form_asks_what_its_row_lists(name: str) -> None:
    asked = {field for each in load_authorities()[name].form for field in each.fields}
    assert [field for field in FORMS[name] if field not in asked] == []


def test_two_texts_that_agree_are_held_against_the_standing_scope_too(tmp_path: Path) -> None:
    for name in ("first", "second"):
        told = "Between 24 June 2025 and 8 November 2025 an unauthorised person accessed names and addresses."
        (tmp_path / f"{name}.txt").write_text(f"Personal data breach\n{told}\n", encoding="utf-8")
    case = TESTS.parent / "examples" / "coupang" / "case.toml"
    texts = [str(tmp_path / f"{name}.txt") for name in ("first", "second")]
    shown = CliRunner().invoke(app, ["consistency", str(case), *texts, "--now", "2026-12-01T00:00:00Z"])
    said = " ".join(shown.output.split())
    assert "This is not legal advice." in said
    assert said.count("the views of the standing version lie between 2025-04-14 and 2025-11-08") == 2
