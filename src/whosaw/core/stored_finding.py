"""Findings as they are kept: written in one form, and read in every form that a release has kept them in."""

from __future__ import annotations

import json
from typing import Any

from .counts import count_of
from .document import JsonObject, document
from .finding import Actor, Baseline, Became, CategoryCount, Confidence, Crossing, Finding, Tried
from .finding_title import title_and_facts
from .instants import parse_instant

__all__ = ["baseline_of", "became_of", "finding_of", "read_finding", "written"]


def written(finding: Finding) -> str:
    """The text in which a finding is kept."""
    return json.dumps(document(finding), sort_keys=True, ensure_ascii=False)


def read_finding(text: str) -> Finding:
    """The finding that was kept as this text."""
    return finding_of(json.loads(text))


def finding_of(told: JsonObject) -> Finding:
    """The finding of a JSON object. An earlier release knew of no parts, and kept one long sentence for title and facts."""
    return _finding(told)


def _finding(told: Any) -> Finding:
    actor = _actor(told["actor"])
    views, accounts, persons = (count_of(each) for each in told["counts"])
    if "title" in told:
        title, facts = told["title"], tuple(told["facts"])
    else:
        title, facts = title_and_facts(told["sentence"], told["detector"], actor, persons)
    return Finding(
        id=told["id"],
        detector=told["detector"],
        technique=told["technique"],
        actor=actor,
        first_view=parse_instant(told["first_view"]),
        last_view=parse_instant(told["last_view"]),
        raised_at=parse_instant(told["raised_at"]),
        persons_before=told["persons_before"],
        counts=(views, accounts, persons),
        categories=tuple(CategoryCount(**each) for each in told["categories"]),
        confidence=Confidence(
            level=told["confidence"]["level"], reasons=tuple(told["confidence"]["reasons"])
        ),
        tried=tuple(Tried(**each) for each in told["tried"]),
        crossings=tuple(_crossing(each) for each in told["crossings"]),
        title=title,
        facts=facts,
        locators=tuple(told["locators"]),
        parts=tuple(told.get("parts", ())),
        split_from=told.get("split_from"),
    )


def _actor(told: Any) -> Actor:
    return Actor(by=tuple(told["by"]), values=tuple(told["values"]), digest=told["digest"])


def _crossing(told: Any) -> Crossing:
    return Crossing(
        detector=told["detector"],
        clause=told["clause"],
        window=told["window"],
        threshold=told["threshold"],
        most=told["most"],
        reached_at=parse_instant(told["reached_at"]),
        actor=_actor(told["actor"]),
    )


def became_of(told: JsonObject) -> Became:
    """What became of an id, of a JSON object."""
    return _became(told)


def _became(told: Any) -> Became:
    return Became(
        id=told["id"],
        became=told["became"],
        of=told["of"],
        since=None if told["since"] is None else parse_instant(told["since"]),
        changed=tuple(told["changed"]),
    )


def baseline_of(told: JsonObject) -> Baseline:
    """The baseline of a JSON object. An earlier release asked for no middle."""
    return _baseline(told)


def _baseline(told: Any) -> Baseline:
    return Baseline(
        detector=told["detector"],
        clause=told["clause"],
        bearing=told["bearing"],
        people=told["people"],
        middle=told.get("middle"),
        share=told["share"],
        first_view=parse_instant(told["first_view"]),
        last_view=parse_instant(told["last_view"]),
    )
