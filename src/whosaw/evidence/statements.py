"""What a version says, as sentences and plain numbers for exports. Nothing in them singles out a person."""

from __future__ import annotations

import re

from whosaw.core import client

from .sealed import SealedCase, SealedCount, SealedVersion

__all__ = ["MEANS", "answers", "counted", "means_of", "techniques"]

MEANS = client.CLEAR  # what an actor used, where it is no identifier of a person
_TECHNIQUE = re.compile(r"T\d{4}(?:\.\d{3})?\Z")


def counted(version: SealedVersion) -> list[str]:
    """One sentence for each count: unit, bounds, and the codes of the reasons."""
    return [_sentence(count) for count in version.counts]


def _sentence(count: SealedCount) -> str:
    if count.lower == count.upper:
        return f"{count.unit}: exactly {count.lower}"
    most = "no upper bound can be given" if count.upper is None else f"at most {count.upper}"
    return f"{count.unit}: at least {count.lower}, {most} ({', '.join(dict.fromkeys(count.reasons))})"


def answers(version: SealedVersion) -> list[str]:
    """For each category that is held, whether the actor saw it."""
    return [f"{category}: {answer}" for category, answer in version.answers]


def techniques(case: SealedCase, version: SealedVersion) -> list[str]:
    """ATT&CK techniques of the findings among the clues, or of all findings where the clues name none."""
    asked = {clue.value for clue in version.clues if clue.kind == "finding"}
    chosen = [each for each in case.findings if each.id in asked] or case.findings
    return sorted({str(each.technique) for each in chosen if _TECHNIQUE.match(str(each.technique))})


def means_of(version: SealedVersion) -> list[tuple[str, str]]:
    """Key ids, user agents and TLS fingerprints among the clues of a version: (kind, value)."""
    return sorted({(clue.kind, clue.value) for clue in version.clues if clue.kind in MEANS})
