"""An invented case that holds all that drafts ask for, and ways to hold a text against it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from whosaw.law import answer_duties
from whosaw.law.checking.asked_by_case import choose_duties, expected_of
from whosaw.law.checking.expected import Expected
from whosaw.law.checking.judge import judge
from whosaw.law.checking.opening import read_text
from whosaw.law.checking.verdict import Verdict
from whosaw.law.loaded_case import LawCase, load_case
from whosaw.packs.languages import language_codes, load_language
from whosaw.web.law_words import law_told

HERE = Path(__file__).resolve().parent
SHOP = HERE / "shop" / "case.toml"
NOW = datetime.fromisoformat("2026-11-24T00:00:00+00:00")
Against = Callable[..., Expected]
Check = Callable[..., dict[str, Verdict]]


@pytest.fixture(scope="session")
def shop() -> LawCase:
    return load_case(SHOP, workspace=Path("no-workspace"))


@pytest.fixture(scope="session")
def against(shop: LawCase) -> Against:
    """What a text to the shop's people or authorities is held against: `form`, then places, authorities or duties."""
    answers = answer_duties(shop.law, shop.case.facts, now=NOW)
    made: dict[tuple[str, ...], Expected] = {}

    def expected(form: str, *wanted: str, group: str = "") -> Expected:
        key = (form, group, *wanted)
        if key not in made:
            made[key] = expected_of(shop, choose_duties(answers, form, wanted), form, group=group)
        return made[key]

    return expected


def told_in_each_language(verdict: Verdict) -> None:
    """What is found of any text can be told to whoever reads Korean or Swahili; a number is shown as the text writes it."""
    quoted = verdict.id.startswith("count.") and verdict.id != "count.understated"
    for text in (verdict.because,) if quoted else (verdict.about, verdict.because):
        assert law_told("ko", text) is not None, text
        assert law_told("sw", text) is not None, text


@pytest.fixture(scope="session")
def check(against: Against) -> Check:
    """Verdicts by id of a plain text; of several numbers of one unit the last."""

    def verdicts(
        text: str, form: str = "notice", *wanted: str, language: str = "", group: str = ""
    ) -> dict[str, Verdict]:
        languages = {code: load_language(code) for code in language_codes()}
        judged = judge(
            read_text(text.encode(), "text", ".txt"),
            against(form, *(wanted or ("kr",)), group=group),
            languages,
            language,
        )
        for each in judged.verdicts:
            told_in_each_language(each)
        return {each.id: each for each in judged.verdicts}

    return verdicts
