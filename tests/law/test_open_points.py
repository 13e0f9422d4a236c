"""Only what decides something is asked, each once, and once it is said nothing of it is asked again."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.wide import examples

from whosaw.core.case_head import Event
from whosaw.core.moments import Moment
from whosaw.core.ranges import Range
from whosaw.law import Facts, ScopeFacts, answer_duties
from whosaw.law.facts import Flag
from whosaw.law.loading import load_law
from whosaw.law.open_points import open_points

LAW = load_law()
AT = datetime.fromisoformat("2026-10-05T00:00:00+00:00")
NOW = datetime.fromisoformat("2026-10-06T00:00:00+00:00")
PLACES = ("KR", "KE", "CH", "DE", "US-FL", "US-CA", "GB", "MY")


def _facts(places: tuple[str, ...], sectors: tuple[str, ...] | None) -> Facts:
    rows = dict.fromkeys(places, Range.exactly(2_000))
    everybody = Range.exactly(2_000 * len(places))
    return Facts(
        roles=("controller",),
        sectors=sectors,
        established=(),
        listed=(),
        events=(Event(kind="aware", when=Moment.at(AT), said_by="the shop"),),
        scopes=(
            ScopeFacts(
                version=1, known=Moment.at(AT), known_from="a case", persons=everybody, accounts=everybody, by_place=rows,
                accounts_by_place=rows, categories={"identity.name": "seen", "government.social-security": "seen"},
            ),
        ),
    )  # fmt: skip


def _said(facts: Facts, key: str, laws: tuple[str, ...], *, answer: bool) -> Facts:
    """The case with one open point said."""
    if key.startswith("event "):
        return replace(facts, never=facts.never | {key.removeprefix("event ")})
    if key == "organisation.sectors":
        return replace(facts, sectors=("retail",))
    flag = Flag(value=answer, by="a test", because="a test", found_by="court")
    if laws:
        return replace(facts, findings={**facts.findings, **{(law, key): flag for law in laws}})
    return replace(facts, flags={**facts.flags, key: flag})


@given(
    places=st.lists(st.sampled_from(PLACES), min_size=1, max_size=2, unique=True).map(tuple),
    sectors=st.sampled_from((None, ("retail",), ("financial",))),
    answers=st.lists(st.booleans(), min_size=8, max_size=8),
)
@settings(max_examples=examples(36), deadline=None)
def test_a_question_that_was_answered_is_never_asked_again(
    places: tuple[str, ...], sectors: tuple[str, ...] | None, answers: list[bool]
) -> None:
    facts, asked = _facts(places, sectors), list[tuple[str, tuple[str, ...]]]()
    for turn in range(60):
        points = [
            each
            for each in open_points(answer_duties(LAW, facts, now=NOW), LAW)
            if not (each.key.startswith("event ") and each.key.removeprefix("event ") in facts.never)
        ]
        if not points:
            break
        first = points[0]
        assert first.duties
        assert not [
            law
            for key, laws in asked
            if key == first.key
            for law in (laws or ("",))
            if law in (first.laws or ("",))
        ]
        asked.append((first.key, first.laws))
        facts = _said(facts, first.key, first.laws, answer=answers[turn % len(answers)])
    else:
        raise AssertionError("it asks without end")


def test_a_retailer_is_asked_nothing_that_only_a_bank_or_a_maker_of_products_knows() -> None:
    asked = {each.key for each in open_points(answer_duties(LAW, _facts(("DE",), ("retail",)), now=NOW), LAW)}
    assert asked
    assert not asked & {
        "incident.major",
        "incident.significant",
        "vulnerability.exploited",
        "ai.death",
        "incident.trust-service",
    }
    unknown = {each.key for each in open_points(answer_duties(LAW, _facts(("DE",), None), now=NOW), LAW)}
    assert "organisation.sectors" in unknown


def test_what_is_decided_already_is_not_asked() -> None:
    facts = _facts(("US-FL",), ("retail",))
    keys = {each.key for each in open_points(answer_duties(LAW, facts, now=NOW), LAW)}
    assert "safeguard.unintelligible" in keys
    assert (
        "data.account-with-code" not in keys
    )  # a social security number was seen, so accounts decide nothing
    safe = _said(facts, "safeguard.unintelligible", (), answer=True)
    assert "risk.misuse-unlikely" not in {
        each.key for each in open_points(answer_duties(LAW, safe, now=NOW), LAW)
    }
