"""The tool that scores judged fields: which field a verdict is about, what counts as right, and its intervals."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from bench.fields.finding import field_of
from bench.fields.score import Pair, interval, scored
from bench.fields.truth import Truth, truths_in
from tools.fields_section import fields_section

from whosaw.mapping.categories import load_categories
from whosaw.mapping.drafts.judge import Verdict
from whosaw.mapping.drafts.judging import JudgedField

FOLDER = Path(__file__).resolve().parents[2] / "bench" / "fields"


def truth(*, at: str = "$.a", operation: str = "GET /x/{id}", category: str = "contact.email") -> Truth:
    return Truth(
        id="t-01", document="t", kind="openapi", language="en", domain="shop", excerpt=Path("t.json"), operation=operation,
        at=at, personal=bool(category), categories=(category,) if category else (), subject=False, sure=True,
    )  # fmt: skip


def field(at: str, category: str | None = None, operation: str = "GET /x/{id}") -> JudgedField:
    return JudgedField(operation=operation, at=at, verdict=Verdict(category=category))


def test_a_verdict_finds_its_field() -> None:
    fields = [
        field("$.a", operation="POST /x/{id}"),
        field("$.list[0].a"),
        field("$.list[1].a"),
        field("{id}"),
    ]
    assert field_of(truth(at="$.list[1].a"), fields) is fields[2]
    assert field_of(truth(at="$.list[].a"), fields) is fields[1]
    assert field_of(truth(at="$.a"), fields) is None
    assert field_of(truth(at="{name}", operation="GET /x/{name}"), fields) is fields[3]
    under_a_base = field("$.a", operation="GET /api/v1/x/42")
    assert field_of(truth(), [under_a_base]) is under_a_base


def test_rates_by_hand() -> None:
    pairs = (
        Pair(truth=truth(), told=field("$.a", "contact")),  # a parent is a fair answer
        Pair(truth=truth(), told=field("$.a", "contact.phone")),  # personal, wrong category
        Pair(truth=truth(), told=None),
        Pair(truth=truth(category=""), told=field("$.a", "identity.name")),
        Pair(truth=truth(category=""), told=field("$.a")),
    )
    told = scored(pairs)["all"]
    assert (told["personal"]["precision"]["hits"], told["personal"]["precision"]["of"]) == (2, 3)
    assert (told["personal"]["recall"]["hits"], told["personal"]["recall"]["of"]) == (2, 3)
    assert (told["category"]["recall"]["hits"], told["read"], told["fields"]) == (1, 4, 5)
    assert told["subject"]["recall"]["share"] is None


def test_the_interval_is_wilsons() -> None:
    # of Newcombe 1998, Statistics in Medicine 17, table I: 81 of 263 gives 0.2553 to 0.3662
    assert interval(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert interval(0, 0) is None


def test_the_half_to_tune_on_is_whole() -> None:
    truths, known = truths_in(FOLDER), load_categories()
    assert len(truths) == len({each.id for each in truths}) == 200
    assert sum(each.personal for each in truths) == 110
    assert all(bool(each.categories) == each.personal for each in truths)
    assert {key for each in truths for key in each.categories} <= known.keys()
    assert all(each.excerpt.is_file() for each in truths)
    assert re.match(r"[0-9a-f]{64}\n", (FOLDER / "held.sha256").read_text(encoding="utf-8"))


def test_a_half_without_results_says_so() -> None:
    pairs = (Pair(truth=truth(), told=field("$.a", "contact.email")),)
    told = fields_section({"fields-tune.json": scored(pairs)})
    assert "## The held-back half\n\nNot scored yet.\n" in told
    # Wilson's interval of 1 of 1 at 95 %: 1 / (1 + 1.96 squared) to 1
    assert "| all | 1 | 1.00 (0.21 to 1.00) |" in told
    assert "| said with confidence low | 1 | 1.00 | - | 1.00 | - | - | - |" in told
