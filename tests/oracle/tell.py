"""What a flag counts: its views, their people, and how many of these were seen before it was raised."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from .detect import Clause, Flag, Oracle
from .explain import EXPLAINED
from .rows import day_of, duration
from .signs import Told

__all__ = ["counted_views", "homes_of", "is_signed", "of_strangers", "people", "people_before"]

PLACES = ("address", "network")
OF_STRANGERS = frozenset(("manner", "agent", "key", "tls", "network"))  # strangers may share them
DAYS = 30  # before the one a flag is raised on


def counted_views(oracle: Oracle, detector: Mapping[str, Any], flag: Flag) -> list[int]:
    """Positions of the views that a flag counts, in all of the log: those of its entity, or of its clients where it names them, that count
    by their answer and bear the sign where its clause asks for that. Of an entity that strangers share, none at an honest place."""
    item = next(each for each in detector["clause"] if each["id"] == flag.clause)
    clause = Clause.of(item)
    counted = oracle.counted(detector, clause)
    answers = oracle.answers(detector["explanations"])
    signed = is_signed(detector, item)
    told = _bearing(oracle, detector, item) if signed else []
    homes = homes_of(oracle, detector, flag)
    found = []
    for at, view in enumerate(oracle.log.views):
        if oracle.entity(clause, view) != flag.entity or not counted[at]:
            continue
        if item["counts"] == "not-explained" and answers[at] == EXPLAINED:
            continue
        if flag.clients is not None and view.client.sent not in flag.clients:
            continue
        if signed and (not told[at].bears or view.client.address in homes):
            continue
        found.append(at)
    return found


def homes_of(oracle: Oracle, detector: Mapping[str, Any], flag: Flag) -> set[str]:
    """The honest places at which nobody belongs to the flag: none where it does not ask for them."""
    item = next(each for each in detector["clause"] if each["id"] == flag.clause)
    if not (is_signed(detector, item) and of_strangers(item)):
        return set()
    bears = [bool(each.bears) for each in _bearing(oracle, detector, item)]
    return _honest_places(oracle, detector, flag, bears)


def _bearing(oracle: Oracle, detector: Mapping[str, Any], item: Mapping[str, Any]) -> list[Told]:
    """Of each view whether it bears the sign by which it belongs to a flag of the clause."""
    return oracle.told(item.get("belongs") or item["sign"], duration(detector.get("clock_slack", "0s")))


def is_signed(detector: Mapping[str, Any], item: Mapping[str, Any]) -> bool:
    """Whether only views that bear the sign belong to a flag of the clause."""
    return item.get("members") == "signed" and detector["kind"] == "sign"


def of_strangers(item: Mapping[str, Any]) -> bool:
    """Whether the entity holds honest people too, some of whom show the sign by chance."""
    by_luck = item.get("chance") or item.get("never_among")
    return item["counts"] != "any" and set(item["group_by"]) <= OF_STRANGERS and bool(by_luck)


def _honest_places(
    oracle: Oracle, detector: Mapping[str, Any], flag: Flag, bears: Collection[bool]
) -> set[str]:
    """Addresses where, in the 30 days up to the flag, as many people have explained views as bear the sign: one sign more there may be
    theirs."""
    last = day_of(flag.raised)
    explained: dict[str, set[str]] = defaultdict(set)
    signed: dict[str, set[str]] = defaultdict(set)
    single = [
        [oracle.explain.answer(name, view) for name in detector["explanations"]] for view in oracle.log.views
    ]
    for view, bearing, answers in zip(oracle.log.views, bears, single, strict=True):
        if view.client.address is None or not last - DAYS <= day_of(view.time) <= last:
            continue
        if bearing:
            signed[view.client.address].add(oracle.log.stand_in(view))
        if view.person is not None and EXPLAINED in answers:
            explained[view.client.address].add(view.person)
    return {address for address, people in signed.items() if len(explained[address]) >= len(people)}


def people(oracle: Oracle, views: Iterable[int]) -> set[str]:
    """Who is named in these views."""
    named = (oracle.log.views[at].person for at in views)
    return {each for each in named if each is not None}


def people_before(oracle: Oracle, views: Iterable[int], raised: int) -> set[str]:
    """Who is named in those of them that came no later than the flag."""
    return people(oracle, (at for at in views if oracle.log.views[at].time <= raised))
