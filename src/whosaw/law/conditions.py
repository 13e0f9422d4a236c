"""Thresholds, exceptions and grounds as data: a tree of conditions over the facts of a case, with three answers.

{any = [{people_least = 1000}, {category = ["health"]}, {is = "actor.outside"}]}
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, tzinfo
from typing import Final

from whosaw.core.law_items import Area
from whosaw.core.moments import day_start
from whosaw.core.truth import Answer, Truth, all_of, any_of, no, not_, undecided, yes
from whosaw.packs.table import Table

from .facts import EVENTS, Facts
from .reach import ELSEWHERE, at_least, at_least_in_one, beyond

__all__ = ["Condition", "Lookup", "read_condition", "without_each"]

_GROUPS: Final = ("all", "any", "not")
_PEOPLE: Final = {"people_least": 0, "people_over": 1}
_IN_ONE: Final = "people_over_in_one_state"
_COUNTS: Final = ("people", "people-in-one")
_PLACES: Final = {"established": "organisation.established", "listed": "organisation.listed"}
_ROLES: Final = ("role.controller", "role.processor")
_DEEPEST: Final = 6
_WHOSE: Final = {
    "party": "claimed by a party",
    "authority": "found by an authority, which may be appealed",
    "court": "found by a court, which may be appealed",
    "final": "found, and can no longer be appealed",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookup:
    """Facts seen from one act of one jurisdiction. `questions` gives the sentence of each question of law by key, `by_act` those that
    each act asks for itself, `findings` those that an authority or a court has to answer; `court`: only a court does. `dates_count`
    is false where the law of another day is asked for: then no transition stands in the way. `everybody`: the place binds whoever is
    established there, wherever the people live."""

    facts: Facts
    area: Area
    act: str
    zone: tzinfo
    questions: Mapping[str, str]
    by_act: frozenset[str] = frozenset()
    findings: frozenset[str] = frozenset()
    court: bool = False
    dates_count: bool = True
    everybody: bool = False

    def elsewhere(self) -> Answer | None:
        """Whether people who live elsewhere count under the act; None where there are none, or where it counts those of its place."""
        if not self.everybody or beyond(self.facts, self.area) is None:
            return None
        return _is(ELSEWHERE, self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """One node. `kind` is all, any, not, is, people, people-in-one, category or event; only the fields of that kind are filled."""

    kind: str
    parts: tuple[Condition, ...] = ()
    key: str = ""
    keys: tuple[str, ...] = ()
    least: int = 0
    since: date | None = None

    def answer(self, lookup: Lookup) -> Answer:
        if self.kind == "all":
            return all_of(part.answer(lookup) for part in self.parts)
        if self.kind == "any":
            return any_of(part.answer(lookup) for part in self.parts)
        if self.kind == "not":
            return not_(self.parts[0].answer(lookup))
        if self.kind == "people":
            return at_least(self.least, lookup.facts, lookup.area, lookup.elsewhere())
        if self.kind == "people-in-one":
            return at_least_in_one(self.least, lookup.facts, lookup.area)
        if self.kind == "category":
            return _category(self.keys, lookup)
        if self.kind == "event":
            return _event(self.key, self.since, lookup)
        return _is(self.key, lookup)

    def hangs_on(self, keys: Collection[str]) -> bool:
        """Whether it cannot be met unless a question among `keys` is answered yes."""
        if self.kind == "any":
            return bool(self.parts) and all(part.hangs_on(keys) for part in self.parts)
        if self.kind == "all":
            return any(part.hangs_on(keys) for part in self.parts)
        return self.kind == "is" and self.key in keys

    def leaves(self) -> Iterator[Condition]:
        """Every condition that holds no other."""
        if not self.parts:
            yield self
        for part in self.parts:
            yield from part.leaves()


def without_each(condition: Condition) -> Iterator[tuple[str, Condition | None]]:
    """The condition with each part of it left out in turn, and each number one up and one down: (what, rest)."""
    yield condition.key or condition.kind, None
    for number, part in enumerate(condition.parts):
        for name, changed in without_each(part):
            rest = [changed if at == number else each for at, each in enumerate(condition.parts)]
            kept = tuple(each for each in rest if each is not None)
            if kept:
                yield f"{condition.kind}.{number}.{name}", replace(condition, parts=kept)
    for step in (1, -1) if condition.kind in _COUNTS else ():
        yield f"people {step:+}", replace(condition, least=condition.least + step)
    for key in condition.keys if len(condition.keys) > 1 else ():
        yield f"without {key}", replace(condition, keys=tuple(each for each in condition.keys if each != key))
    if condition.since is not None:
        yield "without date", replace(condition, since=None)


def _category(keys: tuple[str, ...], lookup: Lookup) -> Answer:
    scope = lookup.facts.scope
    if scope is None:
        return undecided(("no scope version says which categories were seen",), ("scope",))
    found = {
        key: answer
        for key, answer in scope.categories.items()
        if any(key == wanted or key.startswith(f"{wanted}.") for wanted in keys)
    }
    words = ", ".join(keys)
    seen = sorted(key for key, answer in found.items() if answer == "seen")
    if seen:
        return yes(f"seen: {', '.join(seen)}")
    unclear = sorted(key for key, answer in found.items() if answer != "not seen")
    if unclear:
        return undecided(
            (f"cannot tell whether seen: {', '.join(unclear)}",), (f"was {', '.join(unclear)} seen?",)
        )
    if not scope.complete:
        return undecided(
            ("some pages that were read carry data nobody has described yet",),
            (f"did any page that no route covers carry {words}?",),
        )
    return no(f"none seen of: {words}")


def _event(kind: str, since: date | None, lookup: Lookup) -> Answer:
    since = since if lookup.dates_count else None
    start = None if since is None else day_start(since, lookup.zone)
    events = lookup.facts.of_kind(kind)
    truths = [event.when.within(start, None) for event in events]
    when = "" if since is None else f" on or after {since.isoformat()}"
    said = f"{EVENTS[kind]}{when}"
    if Truth.YES in truths:
        return yes(said)
    if Truth.OPEN in truths:
        return undecided((f"the time of this is not known closely enough: {said}",), (f"event {kind}",))
    if events or kind in lookup.facts.never:
        return no(f"it has not happened that {said}")
    return undecided((f"not known whether {said}",), (f"event {kind}, or that it never happened",))


def _is(key: str, lookup: Lookup) -> Answer:
    facts = lookup.facts
    if key in _PLACES:
        places = getattr(facts, key)
        if places is None:
            return undecided((f"{_PLACES[key]} is not stated",), (_PLACES[key],))
        here = sorted(place for place in places if lookup.area.has(place))
        said = f"{key} in {lookup.area.name}"
        return yes(f"{said}: {', '.join(here)}") if here else no(f"not {said}")
    group, _, name = key.partition(".")
    if group in ("role", "sector"):
        given = facts.roles if group == "role" else facts.sectors
        if given is None:
            return undecided((f"organisation.{group}s is not stated",), (f"organisation.{group}s",))
        return yes(f"{group}: {name}") if name in given else no(f"not of this {group}: {name}")
    flag = facts.findings.get((lookup.act, key)) if key in lookup.by_act else facts.flags.get(key)
    question = lookup.questions[key]
    if flag is None:
        return undecided((f"not answered: {question}",), (key,))
    why = f" ({'; '.join(filter(None, (flag.by, flag.because)))})" if flag.by or flag.because else ""
    said = f"{question} {'Yes' if flag.value else 'No'}{why}"
    if key in lookup.findings:
        wanted = ("court", "final") if lookup.court else ("authority", "court", "final")
        if flag.found_by not in wanted:
            who = "a court" if lookup.court else "an authority or a court"
            return undecided(
                (f"only {_WHOSE[flag.found_by]}: {said}",), (f"{key} found by {who}: {question}",)
            )
        said = f"{_WHOSE[flag.found_by]}: {said}"
    return yes(said) if flag.value else no(said)


def read_condition(table: Table, questions: Mapping[str, str], depth: int = 1) -> Condition | None:
    """The condition of a table; None, with the fault noted, when it is none."""
    keys = [key for key in table.values if key != "since"]
    if depth > _DEEPEST or len(keys) != 1:
        table.fault(
            "a condition has one key", hint="Join several with all = [...] or any = [...]; at most six deep"
        )
        table.raw("since")
        return None
    (key,) = keys
    found: Condition | None
    if key == "not":
        inner = read_condition(table.table("not"), questions, depth + 1)
        found = None if inner is None else Condition(kind="not", parts=(inner,))
    elif key in _GROUPS:
        parts = [read_condition(each, questions, depth + 1) for each in table.tables(key, required=True)]
        found = Condition(kind=key, parts=tuple(part for part in parts if part is not None))
    else:
        found = _leaf(table, key, questions)
    table.rest_unknown()
    return found


def _leaf(table: Table, key: str, questions: Mapping[str, str]) -> Condition | None:
    if key in _PEOPLE:
        return Condition(kind="people", least=table.integer(key) + _PEOPLE[key])
    if key == _IN_ONE:
        return Condition(kind="people-in-one", least=table.integer(key) + 1)
    if key == "category":
        return Condition(kind="category", keys=table.texts(key))
    if key == "event":
        kind = table.text(key, one_of=EVENTS)
        return Condition(kind="event", key=kind, since=table.day("since", required=False))
    if key == "is":
        name = table.text(key)
        known = name in questions or name in _PLACES or name in _ROLES
        if name and not known:
            table.fault(f"{name!r} is no question of law", key, hint="questions.toml lists them")
        return Condition(kind="is", key=name)
    table.fault(f"{key} is no condition", key)
    return None
