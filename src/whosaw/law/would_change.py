"""What would change it: for a duty that is not owed, each single fact that would make it owed, or open, if it turned out otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from whosaw.core.ranges import Range
from whosaw.core.truth import Truth

from .conditions import Condition
from .duties import answer_duty
from .facts import Facts, Flag
from .items import Duty, Law

__all__ = ["would_change"]


def would_change(of: str, law: Law, facts: Facts, *, now: datetime) -> tuple[str, ...]:
    """Sentences, for every version that governs; none where the duty is owed or may be. Facts that would have to change together are
    not among them."""
    found: dict[str, None] = {}
    for duty in law.duties.values():
        if duty.of == of:
            answer = answer_duty(duty, law, facts, now=now)
            if answer.governs and answer.owed.truth is Truth.NO:
                for words, other in _otherwise(duty, law, facts):
                    if answer_duty(duty, law, other, now=now).owed.truth is not Truth.NO:
                        found[words] = None
    return tuple(found)


def _otherwise(duty: Duty, law: Law, facts: Facts) -> Iterator[tuple[str, Facts]]:
    """The case with one fact that the duty hangs on turned round, in each way."""
    conditions = [duty.applies, duty.threshold, *(way.when for way in duty.exceptions)]
    leaves = {leaf: None for each in conditions if each is not None for leaf in each.leaves()}
    for leaf in leaves:
        if leaf.kind == "is":
            yield from _answered(leaf.key, duty.origin.act, law, facts)
        elif leaf.kind == "people":
            yield from _more_people(leaf.least, duty, law, facts)
        elif leaf.kind == "category":
            yield from _seen(leaf, facts)


def _answered(key: str, act: str, law: Law, facts: Facts) -> Iterator[tuple[str, Facts]]:
    group, _, name = key.partition(".")
    if group == "sector" and facts.sectors is not None and name not in facts.sectors:
        other = replace(facts, sectors=(*(each for each in facts.sectors if each != "other"), name))
        yield f"if the organisation {law.sectors[name]}", other
        return
    flag = facts.findings.get((act, key)) if key in law.by_act else facts.flags.get(key)
    if flag is None:
        return
    turned = Flag(value=not flag.value, by=flag.by, because=flag.because, found_by=flag.found_by)
    words = f"if this were answered {'no' if flag.value else 'yes'}: {law.questions[key]}"
    if key in law.by_act:
        yield words, replace(facts, findings={**facts.findings, (act, key): turned})
    else:
        yield words, replace(facts, flags={**facts.flags, key: turned})


def _more_people(least: int, duty: Duty, law: Law, facts: Facts) -> Iterator[tuple[str, Facts]]:
    scope, area = facts.scope, law.jurisdictions[duty.origin.jurisdiction].area
    if scope is None or facts.people(area).at_least(least) is not Truth.NO:
        return
    rows = {place: row for place, row in scope.by_place.items() if not area.has(place)}
    more = Range(low=least, high=None)
    grown = replace(
        scope,
        persons=Range(low=max(least, int(scope.persons.low)), high=None),
        by_place={**rows, area.members[0]: more},
    )
    yield f"from {least:,} people in {area.name} on", replace(facts, scopes=(*facts.scopes[:-1], grown))


def _seen(leaf: Condition, facts: Facts) -> Iterator[tuple[str, Facts]]:
    scope = facts.scope
    for key in leaf.keys if scope is not None else ():
        assert scope is not None
        seen = replace(scope, categories={**scope.categories, key: "seen"})
        yield f"if this turned out to be seen: {key}", replace(facts, scopes=(*facts.scopes[:-1], seen))
