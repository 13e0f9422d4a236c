"""A document of a scope version with the shape that every version has, made by hand."""

from __future__ import annotations

from typing import Any

from whosaw.core.canonical_json import canonical_json
from whosaw.core.scope_version import ScopeVersion, read_version

__all__ = ["count", "document", "row", "version_of"]


def count(unit: str, lower: int, upper: int | None = None) -> dict[str, Any]:
    top = lower if upper is None else upper
    reasons = [] if top == lower else [{"code": "coverage-gap", "adds_upper": top - lower}]
    return {"unit": unit, "lower": lower, "upper": top, "exact": top == lower, "reasons": reasons}


def row(name: str, accounts: int) -> dict[str, Any]:
    return {
        "name": name,
        "views": count("views", accounts * 2),
        "accounts": count("accounts", accounts),
        "persons": count("persons", accounts),
        "first": "2025-04-14T00:00:00Z",
        "last": "2025-04-15T00:00:00Z",
    }


def document(case: str = "spring", *, accounts: int = 3, **changed: Any) -> dict[str, Any]:
    """A whole document; `inputs`, `window` and `actor` given here are laid over those of the plain one."""
    whole: dict[str, Any] = {
        "case": case,
        "format": 1,
        "clues": [{"kind": "key", "value": "k-2024"}],
        "actor": {
            "clients": 1,
            "parts": [],
            "links": [
                {
                    "link": "same-key",
                    "by": ["key"],
                    "groups": 1,
                    "views": 6,
                    "confidence": "high",
                    "reason": "a key is one person's",
                }
            ],
            "refused": [],
            "ambiguous": [],
            "evidence": "each view",
            "honest_at_most": None,
        },
        "window": {
            "first_view": "2025-04-14T00:00:00Z",
            "last_view": "2025-04-15T00:00:00Z",
            "logs_from": "2025-04-01T00:00:00Z",
            "logs_until": "2025-04-30T00:00:00Z",
            "ends": {"before": "nothing further found", "after": "nothing further found"},
        },
        "counts": [count("views", accounts * 2), count("accounts", accounts), count("persons", accounts)],
        "estimate": None,
        "by": {
            "category": [row("identity.name", accounts)],
            "route": [row("my-info", accounts)],
            "day": [row("2025-04-14", accounts)],
            "jurisdiction": [],
            "part": [row("0", accounts)],
        },
        "groups": [{"categories": ["identity.name"], "accounts": accounts}],
        "secondary": {"lower": 0, "upper": 0, "reasons": []},
        "lists": {"views": 0, "persons_at_most": 0, "reasons": []},
        "categories_held": [
            {"category": "identity.name", "answer": "seen", "why": [], "routes": ["my-info"]},
            {"category": "financial.card-number", "answer": "not seen", "why": [], "routes": ["cards"]},
        ],
        "holds": {
            "from": "2025-04-01T00:00:00Z",
            "until": "2025-04-30T00:00:00Z",
            "before": "the logs begin there",
            "after": "the logs end there",
        },
        "open": [],
        "inputs": {
            "segments": "a" * 64,
            "contents": 1,
            "map": "b" * 64,
            "context": "c" * 64,
            "items": "d" * 64,
            "detecting": 7,
        },
        "members": "e" * 64,
        "final": None,
    }
    for name, value in changed.items():
        laid = name in ("inputs", "window", "actor") and isinstance(value, dict)
        whole[name] = {**whole[name], **value} if laid else value
    return whole


def version_of(whole: dict[str, Any], *, version: int = 1, made_by: str = "user") -> ScopeVersion:
    """A document as it is kept, read."""
    return read_version(
        canonical_json({**whole, "version": version, "made": "2025-11-17T07:00:00Z", "made_by": made_by})
    )
