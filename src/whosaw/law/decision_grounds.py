"""What a decision rests on, as digests, and which of it has changed since: its scope version, the law, the answers it was made on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from decimal import Decimal
from typing import Any, Final

from whosaw.core.canonical_json import canonical_json
from whosaw.core.case_head import CaseHead
from whosaw.core.decisions import Change
from whosaw.core.document import JsonObject, document, object_of, told_as
from whosaw.core.duties import DutyAnswer

from .account import Account
from .facts import Facts
from .items import Duty

__all__ = [
    "Compared",
    "Grounds",
    "changed_since",
    "compared",
    "fact_digests",
    "law_digest",
    "owed_by_now",
    "read_grounds",
]

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
_KEPT: Final = (
    *("id", "of", "title", "statute", "article", "text", "confidence", "unverified", "place", "zone"),
    *("recipient", "audience", "version", "in_force", "applies", "threshold", "owed", "contents", "clock"),
)


def _brief(answers: tuple[DutyAnswer, ...]) -> list[JsonObject]:
    """What is kept of each answer: what it is made of, not all that can be said of it."""
    return [
        {
            **{key: told[key] for key in _KEPT},
            "runs": [{"start": document(run.start), "due": document(run.due)} for run in answer.runs],
        }
        for answer, told in ((each, object_of(each)) for each in answers)
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Grounds:
    """All that a decision rests on, as it is stored beside it: each map holds digests, of the kinds of fact, of what the scope versions
    say, of the whole of each, and of the items of law."""

    program: str
    head: CaseHead
    facts: Mapping[str, str]
    scopes: Mapping[str, str]
    documents: Mapping[str, str]
    law: Mapping[str, str]
    duties: tuple[DutyAnswer, ...] = field(metadata=told_as(form=_brief))

    def digest(self) -> str:
        """SHA-256 of all kinds of fact together."""
        return hashlib.sha256("".join(self.facts.values()).encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Scope:
    version: int
    people: str
    says: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Duty:
    id: str
    of: str
    owed: str
    parts: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """The part of grounds that is held against those of another day."""

    scope: _Scope | None
    facts: Mapping[str, str]
    scopes: Mapping[str, str]
    law: Mapping[str, str]
    duties: tuple[_Duty, ...]

    def family_owed(self, duty: str) -> str:
        """Whether a duty is owed, over all versions of it that may govern; "not asked" where no law reaches the case."""
        answers = {each.owed for each in self.duties if each.of == duty}
        return "not asked" if not answers else answers.pop() if len(answers) == 1 else "cannot tell"

    def items(self, duty: str) -> dict[str, _Duty]:
        """The versions of a duty by id."""
        return {each.id: each for each in self.duties if each.of == duty}


def compared(grounds: Grounds) -> Compared:
    """Of the grounds of today."""
    return _compared(object_of(grounds))


def read_grounds(stored: bytes) -> Compared:
    """Of grounds that a release of any age stored."""
    return _compared(json.loads(stored))


def _compared(grounds: Mapping[str, Any]) -> Compared:
    scope = grounds["head"]["scope"]
    return Compared(
        scope=None
        if scope is None
        else _Scope(
            version=scope["version"],
            people=_people(scope["persons"]),
            says=grounds["scopes"][str(scope["version"])],
        ),
        facts=grounds["facts"],
        scopes=grounds["scopes"],
        law=grounds["law"],
        duties=tuple(
            _Duty(
                id=each["id"],
                of=each["of"],
                owed=owed_by_now(each["owed"]["answer"]),
                parts={words: part(each) for words, part in _PARTS.items()},
            )
            for each in grounds["duties"]
        ),
    )


def _people(count: Mapping[str, Any]) -> str:
    low, high = count["lower"], count["upper"]
    if high is None:
        return f"at least {low:,} persons"
    return f"{low:,} persons" if low == high else f"{low:,} to {high:,} persons"


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


def changed_since(then: Compared, now: Compared, duty: str | None) -> tuple[Change, ...]:
    """Each difference. What changed in the case file without changing anything that the duty is answered from is told and does not
    matter."""
    found = [*_scope(then, now)]
    if duty is not None:
        found += [*_law(then, now, duty), *_answers(then, now, duty)]
    edited = [words for name, words in _FACTS.items() if then.facts.get(name) != now.facts.get(name)]
    if edited:
        found.append(
            Change(code="case-edited", what=f"changed in the case file: {', '.join(edited)}", matters=False)
        )
    return tuple(found)


def owed_by_now(answer: str) -> str:
    """Whether a duty was owed, in today's words: earlier releases wrote met, not met and undecided into the journal."""
    return {"met": "owed", "not met": "not owed", "undecided": "cannot tell"}.get(answer, answer)


def _scope(then: Compared, now: Compared) -> Iterator[Change]:
    before, after = then.scope, now.scope
    newest = after is not None and (before is None or after.version > before.version)
    # the closing of a version makes one more that says the same
    if after is not None and newest and (before is None or before.says != after.says):
        was = f"version {before.version} with {before.people}" if before else "no scope version"
        yield Change(
            code="scope-grew",
            what=f"{was} was known then, version {after.version} with {after.people} now",
        )
    for number, digest in then.scopes.items():
        other = now.scopes.get(number)
        if other is None:
            yield Change(code="scope-changed", what=f"the case does not name scope version {number} any more")
        elif other != digest:
            yield Change(code="scope-changed", what=f"scope version {number} is another document than it was")


def _law(then: Compared, now: Compared, duty: str) -> Iterator[Change]:
    before, after = then.items(duty), now.items(duty)
    for name in sorted(before.keys() | after.keys()):
        if name not in after:
            yield Change(code="law-changed", what=f"{name} does not govern any more")
        elif name not in before:
            yield Change(code="law-changed", what=f"{name} governs now, and did not then")
        elif then.law[name] != now.law[name]:
            yield Change(code="law-changed", what=f"{name} says something else than it did")


def _answers(then: Compared, now: Compared, duty: str) -> Iterator[Change]:
    before, after = then.family_owed(duty), now.family_owed(duty)
    if before != after:
        yield Change(code="answer-changed", what=f"{before} then, {after} now")
        return
    old, new = then.items(duty), now.items(duty)
    moved = [
        words
        for words in _PARTS
        if any(old[name].parts[words] != new[name].parts[words] for name in old.keys() & new)
    ]
    if moved:
        yield Change(code="grounds-changed", what=f"other than then: {', '.join(moved)}")
