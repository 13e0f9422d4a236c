"""Digests of what a decision rests on: each kind of fact of a case by itself, and each item of law without its cases."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from decimal import Decimal
from typing import Any, Final

from whosaw.core.canonical_json import canonical_json

from .account import Account
from .facts import Facts
from .items import Duty

__all__ = ["FACTS", "fact_digests", "law_digest"]

# What duties are answered from, and what the organisation says besides. Scope versions have digests of their own, money decides
# no duty, and what was done since (`made`) is no ground of a decision.
FACTS: Final[Mapping[str, str]] = {
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


def fact_digests(facts: Facts, account: Account) -> dict[str, str]:
    """SHA-256 of each kind of fact, by its name in `FACTS`."""
    found = {name: getattr(facts, name) for name in FACTS if name != "account"}
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
