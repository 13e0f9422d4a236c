"""When Elasticsearch or OpenSearch would delete the index that log lines stand in.

Source: Elasticsearch Guide, "Index lifecycle management", phases and their `min_age` (as `GET _ilm/policy` prints them), and OpenSearch,
"Index State Management" (as `GET _plugins/_ism/policies` prints them). The age counts from the rollover of an index, or from when it was made
if it never rolls over. Neither stands in a file here, so an index that ended at the time of the order is taken.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from .retention import Strike, Target

__all__ = ["IndexRule", "read_index_lifecycle"]

_AGE = re.compile(r"(\d+)\s*(d|h|m|s|ms|micros|nanos)\Z")
_SECONDS = {"d": 86_400.0, "h": 3600.0, "m": 60.0, "s": 1.0, "ms": 1e-3, "micros": 1e-6, "nanos": 1e-9}


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexRule:
    """A policy that deletes indices after `seconds`; None where the policy says no age that is understood."""

    place: str
    says: str
    seconds: float | None
    notes: tuple[str, ...] = ()
    kind: str = "index-lifecycle"

    def general(self, *, now: datetime, at: datetime) -> Strike | None:
        if self.seconds is None:
            return Strike(
                name=None, day=None, why="cannot tell the date: the policy names no age that is understood"
            )
        due = (at + timedelta(seconds=self.seconds)).date()
        why = "cannot tell the date: counts from the rollover of each index; estimated for one that ended at the order"
        return Strike(name=None, day=None, estimate=max(due, now.date()), why=why)

    def strike(self, target: Target, *, now: datetime) -> Strike | None:  # noqa: ARG002  # the protocol's
        return None  # an index is no file


def read_index_lifecycle(file: str, document: dict[str, Any]) -> tuple[list[IndexRule], list[str]]:
    """The policies of a document that delete. A policy without a delete phase gives no rule."""
    rules: list[IndexRule] = []
    notes: list[str] = []
    for name, policy in _policies(document):
        place = f"{file} [{name}]"
        if "phases" in policy:
            phase = policy["phases"].get("delete")
            if phase is not None:
                actions = phase.get("actions") or {}
                strange = sorted(set(actions) - {"delete", "wait_for_snapshot"})
                notes += [f"{place}: action {each!r} of the delete phase is not known" for each in strange]
                rules.append(_made(place, str(phase.get("min_age", "0ms"))))
        else:
            rules += _of_states(place, policy)
    return rules, notes


def _policies(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    if "policies" in document:  # OpenSearch, all of them
        for position, each in enumerate(document["policies"], start=1):
            yield str(each.get("_id") or position), each["policy"]
    elif "policy" in document:
        yield str(document.get("_id") or "policy"), document["policy"]
    else:  # Elasticsearch, by name
        for name, each in document.items():
            if isinstance(each, dict) and "policy" in each:
                yield name, each["policy"]


def _of_states(place: str, policy: dict[str, Any]) -> Iterator[IndexRule]:
    """States of OpenSearch that delete, by the transitions that lead to them."""
    states = policy.get("states", [])
    deleting = {
        each["name"] for each in states if any("delete" in action for action in each.get("actions", []))
    }
    for state in states:
        for step in state.get("transitions", []):
            if step.get("state_name") in deleting:
                yield _made(place, str((step.get("conditions") or {}).get("min_index_age", "no age")))


def _made(place: str, age: str) -> IndexRule:
    found = _AGE.match(age)
    seconds = int(found[1]) * _SECONDS[found[2]] if found else None
    return IndexRule(place=place, says=f"deletes an index at the age of {age}", seconds=seconds)
