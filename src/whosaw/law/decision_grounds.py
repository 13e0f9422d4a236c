"""What a decision rests on, as digests, and which of it has changed since: its scope version, the law, the answers it was made on."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from decimal import Decimal
from typing import Any, Final

from whosaw.core.canonical_json import canonical_json

from .account import Account
from .facts import Facts
from .items import Duty

__all__ = ["changed_since", "fact_digests", "family_owed", "law_digest", "owed_by_now"]

# What duties are answered from, and what the organisation says besides. Scope versions have digests of their own, money decides
# no duty, and what was done since (`made`) is no ground of a decision.
_FACTS: Final[Mapping[str, str]] = {
    "flags": "answers to questions of law",
    "findings": "answers under one act",
    "roles": "roles of the organisation",
    "sectors": "sectors of the organisation",
    "established": "places where it is established",
    "listed": "places where it is listed",
    "lead": "lead authority",
    "unplaced": "where people are whose country is not known",
    "events": "events",
    "never": "events that never happened",
    "account": "statements and contact",
}
Grounds = Mapping[str, Any]
# what an answer is made of; sentences that only give reasons are left out, as another wording is no other fact
_PARTS: Final[Mapping[str, Callable[[Mapping[str, Any]], Any]]] = {
    "which version governs": lambda each: each["in_force"]["answer"],
    "whether the law applies": lambda each: each["applies"]["answer"],
    "the threshold": lambda each: each["threshold"]["answer"],
    "what is not known yet": lambda each: each["owed"]["needs"],
    "the times that its clocks run from": lambda each: [
        [run["start"][key] for key in ("event", "when", "claimed_by", "scope")] + [run["due"]]
        for run in each["runs"]
    ],
}


def fact_digests(facts: Facts, account: Account) -> dict[str, str]:
    """SHA-256 of each kind of fact, by its name in `_FACTS`."""
    found = {name: getattr(facts, name) for name in _FACTS if name != "account"}
    return {name: _digest(value) for name, value in sorted({**found, "account": account}.items())}


def law_digest(duty: Duty) -> str:
    """SHA-256 of all that an item of law says. Its cases, which only prove it, are left out."""
    return _digest(replace(duty, cases=()))


def _digest(value: object) -> str:
    return hashlib.sha256(canonical_json(_plain(value))).hexdigest()


def _plain(value: Any) -> Any:
    """The value as JSON, field by field, with the name of each class, so that no two values are written alike."""
    if is_dataclass(value):
        told = {each.name: _plain(getattr(value, each.name)) for each in fields(value)}
        return {"": type(value).__name__, **told}
    if isinstance(value, Mapping):
        return {_key(key): _plain(each) for key, each in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(each) for each in value]
    if isinstance(value, set | frozenset):
        return sorted(_plain(each) for each in value)
    return str(value.normalize()) if isinstance(value, Decimal) else value


def _key(key: object) -> str:
    return " ".join(map(str, key)) if isinstance(key, tuple) else str(key)


def changed_since(then: Grounds, now: Grounds, duty: str | None) -> list[dict[str, Any]]:
    """Each difference with `code`, `what` in words, and `matters`: whether the decision was made on other facts.

    What changed in the case file without changing anything that the duty is answered from is told and does not matter.
    """
    found = [*_scope(then, now)]
    if duty is not None:
        found += [*_law(then, now, duty), *_answers(then, now, duty)]
    edited = [words for name, words in _FACTS.items() if then["facts"].get(name) != now["facts"].get(name)]
    if edited:
        found.append(_change("case-edited", f"changed in the case file: {', '.join(edited)}", matters=False))
    return found


def family_owed(grounds: Grounds, duty: str) -> str:
    """Whether a duty is owed, over all versions of it that may govern; "not asked" where no law reaches the case."""
    answers = {owed_by_now(each["owed"]["answer"]) for each in grounds["duties"] if each["of"] == duty}
    return "not asked" if not answers else answers.pop() if len(answers) == 1 else "cannot tell"


def owed_by_now(answer: str) -> str:
    """Whether a duty was owed, in today's words: earlier releases wrote met, not met and undecided into the journal."""
    return {"met": "owed", "not met": "not owed", "undecided": "cannot tell"}.get(answer, answer)


def _scope(then: Grounds, now: Grounds) -> Iterator[dict[str, Any]]:
    before, after = then["head"]["scope"], now["head"]["scope"]
    newest = after is not None and (before is None or after["version"] > before["version"])
    # the closing of a version makes one more that says the same
    if newest and (before is None or _says(then, before) != _says(now, after)):
        was = f"version {before['version']} with {_people(before)}" if before else "no scope version"
        yield _change(
            "scope-grew", f"{was} was known then, version {after['version']} with {_people(after)} now"
        )
    for number, digest in then["scopes"].items():
        other = now["scopes"].get(number)
        if other is None:
            yield _change("scope-changed", f"the case does not name scope version {number} any more")
        elif other != digest:
            yield _change("scope-changed", f"scope version {number} is another document than it was")


def _says(grounds: Grounds, scope: Mapping[str, Any]) -> str:
    return str(grounds["scopes"][str(scope["version"])])


def _people(scope: Mapping[str, Any]) -> str:
    low, high = scope["persons"]["lower"], scope["persons"]["upper"]
    if high is None:
        return f"at least {low:,} persons"
    return f"{low:,} persons" if low == high else f"{low:,} to {high:,} persons"


def _law(then: Grounds, now: Grounds, duty: str) -> Iterator[dict[str, Any]]:
    before, after = (_items(each, duty) for each in (then, now))
    for name in sorted(before.keys() | after.keys()):
        if name not in after:
            yield _change("law-changed", f"{name} does not govern any more")
        elif name not in before:
            yield _change("law-changed", f"{name} governs now, and did not then")
        elif then["law"][name] != now["law"][name]:
            yield _change("law-changed", f"{name} says something else than it did")


def _answers(then: Grounds, now: Grounds, duty: str) -> Iterator[dict[str, Any]]:
    before, after = family_owed(then, duty), family_owed(now, duty)
    if before != after:
        yield _change("answer-changed", f"{before} then, {after} now")
        return
    old, new = _items(then, duty), _items(now, duty)
    moved = [
        words
        for words, part in _PARTS.items()
        if any(part(old[name]) != part(new[name]) for name in old.keys() & new)
    ]
    if moved:
        yield _change("grounds-changed", f"other than then: {', '.join(moved)}")


def _items(grounds: Grounds, duty: str) -> dict[str, Mapping[str, Any]]:
    return {each["id"]: each for each in grounds["duties"] if each["of"] == duty}


def _change(code: str, what: str, *, matters: bool = True) -> dict[str, Any]:
    return {"code": code, "what": what, "matters": matters}
