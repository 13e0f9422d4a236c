"""What a version says, as sentences and plain numbers for exports. Nothing in them singles out a person."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from whosaw.core import client

__all__ = ["MEANS", "answers", "counted", "means_of", "newest", "span_of", "techniques"]

MEANS = client.CLEAR  # what an actor used, where it is no identifier of a person
_TECHNIQUE = re.compile(r"T\d{4}(?:\.\d{3})?\Z")


def newest(manifest: Mapping[str, Any], parts: Mapping[str, Any]) -> dict[str, Any]:
    """The last version of the case."""
    document: dict[str, Any] = parts[f"scope/{manifest['versions']:04d}.json"]
    return document


def counted(document: Mapping[str, Any]) -> list[str]:
    """One sentence for each count: unit, bounds, and the codes of the reasons."""
    return [_sentence(count) for count in document["counts"]]


def _sentence(count: Mapping[str, Any]) -> str:
    unit, lower, upper = count["unit"], count["lower"], count["upper"]
    if lower == upper:
        return f"{unit}: exactly {lower}"
    most = "no upper bound can be given" if upper is None else f"at most {upper}"
    reasons = ", ".join(dict.fromkeys(reason["code"] for reason in count["reasons"]))
    return f"{unit}: at least {lower}, {most} ({reasons})"


def answers(document: Mapping[str, Any]) -> list[str]:
    """For each category that is held, whether the actor saw it."""
    return [f"{row['category']}: {row['answer']}" for row in document.get("categories_held", [])]


def span_of(document: Mapping[str, Any]) -> tuple[str | None, str | None]:
    """First and last view of the actor, as instants; None where there is none."""
    window = document.get("window") or {}
    return window.get("first_view"), window.get("last_view")


def techniques(parts: Mapping[str, Any], document: Mapping[str, Any]) -> list[str]:
    """ATT&CK techniques of the findings among the clues, or of all findings where the clues name none."""
    asked = {clue["value"] for clue in document["clues"] if clue["kind"] == "finding"}
    findings = parts["findings.json"]
    chosen = [each for each in findings if each["id"] in asked] or findings
    return sorted({each["technique"] for each in chosen if _TECHNIQUE.match(str(each.get("technique")))})


def means_of(document: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Key ids, user agents and TLS fingerprints among the clues of a version: (kind, value)."""
    return sorted({(clue["kind"], clue["value"]) for clue in document["clues"] if clue["kind"] in MEANS})
