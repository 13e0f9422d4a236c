"""What alone would make a duty owed that is not: what was answered, how many people, what was seen."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path

from whosaw.core.ranges import Range
from whosaw.law import Facts, load_law
from whosaw.law.facts import Flag
from whosaw.law.loaded_case import load_case
from whosaw.law.would_change import would_change

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
LAW = load_law()
NOW = datetime.fromisoformat("2026-09-28T12:00:00-05:00")


def _retailer() -> Facts:
    return load_case(EXAMPLES / "us-retailer" / "case.toml", workspace=Path("none")).case.facts


def test_a_duty_that_is_owed_would_not_change() -> None:
    assert would_change("us-fl/authority", LAW, _retailer(), now=NOW) == ()


def test_too_few_residents_would_be_enough_from_the_number_of_the_statute_on() -> None:
    facts = _retailer()
    assert facts.scope is not None
    rows = {**facts.scope.by_place, "US-FL": Range.exactly(499)}
    few = replace(
        facts,
        scopes=(
            replace(
                facts.scope, by_place=rows, persons=Range.exactly(sum(int(row.low) for row in rows.values()))
            ),
        ),
    )
    assert would_change("us-fl/authority", LAW, few, now=NOW) == ("from 500 people in Florida on",)


def test_an_answer_and_a_category_are_named_with_what_would_have_to_be_so() -> None:
    facts = _retailer()
    safe = replace(
        facts, flags={**facts.flags, "safeguard.unintelligible": Flag(value=True, by="x", because="y")}
    )
    assert would_change("us-fl/individuals", LAW, safe, now=NOW) == (
        "if this were answered no: Were the data unintelligible to whoever got them, for example encrypted with the key safe?",
    )
    assert facts.scope is not None
    seen = dict.fromkeys(facts.scope.categories, "not seen") | {"contact.email": "seen"}
    names = replace(facts, scopes=(replace(facts.scope, categories=seen),))
    told = would_change("us-fl/individuals", LAW, names, now=NOW)
    assert "if this turned out to be seen: government" in told
    assert "if this turned out to be seen: health" in told
    assert not [each for each in told if "contact" in each]


def test_a_trade_that_would_be_bound_is_named() -> None:
    (told,) = would_change("us/fcc-law-enforcement", LAW, replace(_retailer(), established=("US",)), now=NOW)
    assert told == "if the organisation provides public telecommunications or internet access"
