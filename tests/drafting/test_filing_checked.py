"""A draft says what the checker looks for, and without any one thing that the law lists it fails for that thing."""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from functools import cache
from pathlib import Path

import pytest

from whosaw.app.law.filing import file_drafts
from whosaw.app.law.notice_check import check_notice
from whosaw.core.draft import Draft
from whosaw.law import Law, loaded_case
from whosaw.law.checking.verdict import Verdict
from whosaw.report.draft_html import draft_html

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
KENYA = EXAMPLES / "kenya-shop" / "case.toml"
COUPANG = EXAMPLES / "coupang" / "case.toml"
MARCH = datetime.fromisoformat("2026-03-09T17:00:00+03:00")
NOVEMBER = datetime.fromisoformat("2026-11-24T00:00:00+00:00")

# by hand: what the law lists, and the sections that say it; a fact that two of them tell has to leave both
SAID_IN = {
    "nature": ["nature", "how", "number", "data"],
    "measures": ["measures", "chronology"],
    "what-people-can-do": ["what-people-can-do"],
    "intruder": ["intruder", "nature", "how"],
    "contact": ["contact"],
    "first-awareness": ["first-awareness", "plan-for-people"],
    "chronology": ["chronology", "measures", "nature", "first-awareness", "plan-for-people"],
    "how": ["how", "nature", "first-awareness"],
    "number": ["number", "nature"],
    "data": ["data", "nature"],
    "harm": ["harm", "chronology"],
    "plan-for-people": ["plan-for-people"],
}


@pytest.fixture(autouse=True)
def _law_once(law: Law, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loaded_case, "load_law", lambda: law)


@cache
def _drafts(
    case: Path, now: datetime, wanted: str, language: str, form: str = "as it stands"
) -> tuple[Draft, ...]:
    none = case.parent / "no-workspace"
    return file_drafts(case, workspace=none, now=now, wanted=[wanted], languages=[language], form=form).drafts


def _failing(draft: Draft, case: Path, now: datetime, wanted: str, folder: Path) -> set[str]:
    return _checked(draft, case, now, wanted, folder)[0]


def _checked(
    draft: Draft, case: Path, now: datetime, wanted: str, folder: Path
) -> tuple[set[str], tuple[Verdict, ...]]:
    page = folder / "draft.html"
    page.write_text(draft_html(draft, sent_only=True), encoding="utf-8")
    told = check_notice(
        str(page),
        case,
        stdin=io.BytesIO(),
        workspace=folder / "none",
        now=now,
        form="filing",
        wanted=[wanted],
        supplement=any(each.startswith("kr/network-supplement") for each in draft.duties),
        language=draft.language,
        version=draft.scope_version,
    )
    return {each.id for each in told.checks if each.verdict == "fails"}, told.checks


def _fails_without(draft: Draft, keys: Iterable[str], key: str, folder: Path) -> bool:
    """Whether it fails for what is left out, together with the few other rows that the check points to for it."""
    left = _without(draft, keys)
    for _ in range(12):
        failing, checks = _checked(left, KENYA, MARCH, "ke-odpc", folder)
        if f"contents.{key}" in failing:
            return True
        spots = next(each.spots for each in checks if each.id == f"contents.{key}")
        said = [part.strip().removesuffix("...") for each in spots for part in each.quote.split("|")[-1:]]
        if not said:
            return False
        left = replace(
            left,
            sections=tuple(
                replace(
                    each,
                    blocks=tuple(
                        block
                        for block in each.blocks
                        if not any(text in " ".join(block.text.split()) for text in said)
                    ),
                )
                for each in left.sections
            ),
        )
    return False


def _without(draft: Draft, keys: Iterable[str]) -> Draft:
    """Also without the lines around it, which say when it was written, and the numbers of sources, which count nothing."""
    sections = [each for each in draft.sections if each.key not in keys]
    return replace(
        draft,
        opening=(),
        closing=(),
        sections=tuple(
            replace(each, blocks=tuple(replace(block, sources=()) for block in each.blocks))
            for each in sections
        ),
    )


@pytest.mark.parametrize("language", ["en", "sw"])
def test_the_report_of_the_invented_shop_passes(language: str, tmp_path: Path) -> None:
    (draft,) = _drafts(KENYA, MARCH, "ke-odpc", language)
    assert _failing(draft, KENYA, MARCH, "ke-odpc", tmp_path) == set()


@pytest.mark.parametrize("key", SAID_IN)
@pytest.mark.parametrize("language", ["en", "sw"])
def test_a_report_without_one_thing_that_the_law_lists_fails_for_it(
    language: str, key: str, tmp_path: Path
) -> None:
    (draft,) = _drafts(KENYA, MARCH, "ke-odpc", language)
    assert _fails_without(draft, SAID_IN[key], key, tmp_path)


def test_each_thing_that_kenya_lists_is_taken_away_once(law: Law) -> None:
    assert set(SAID_IN) == {each.key for each in law.duties["ke/authority"].contents}


@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.parametrize(
    ("wanted", "form", "expected"),
    [
        ("kr-pipc", "as it stands", {"contents.facts-of-notice"}),
        ("kr-kisa", "first", {"contents.contact"}),
        ("kr-kisa", "as it stands", set()),
    ],
)
def test_the_case_as_published_fails_for_what_nobody_published_and_nothing_else(
    wanted: str, form: str, expected: set[str], language: str, tmp_path: Path
) -> None:
    for draft in _drafts(COUPANG, NOVEMBER, wanted, language, form):
        assert _failing(draft, COUPANG, NOVEMBER, wanted, tmp_path) == expected
