"""Answers of explanations to a view as bits: what each says, and under which counting rules the view counts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from whosaw.actors.explanation import CANNOT_TELL, EXPLAINED, NEVER_ISSUED, UNEXPLAINED

__all__ = ["EXPLAINED_BY", "RULES", "Codes", "Rule", "answer_of", "over", "packed", "rule_of", "rules_of"]

Codes = npt.NDArray[np.uint8]
EXPLAINED_BY: Final = ("own-session", "same-household", "service-job", "staff-with-ticket")
"""Three bits each in `answers`, the first lowest. Their order is for life: it is in what is kept."""
_BITS: Final = 3
_OWN, _HOUSEHOLD, _SERVICE, _TICKET = EXPLAINED_BY


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A counting rule: what counts of a view (as `Clause.counted` says it), and which explanations are tried."""

    name: str
    counted: str
    tries: tuple[str, ...]


RULES: Final = (
    Rule(name="A", counted="any", tries=()),
    Rule(name="N3", counted="not-explained", tries=(_OWN, _SERVICE, _TICKET)),
    Rule(name="U3", counted="unexplained", tries=(_OWN, _SERVICE, _TICKET)),
    Rule(name="N1", counted="not-explained", tries=(_OWN,)),
    Rule(name="U1", counted="unexplained", tries=(_OWN,)),
    Rule(name="N2", counted="not-explained", tries=(_SERVICE, _TICKET)),
    Rule(name="NH", counted="not-explained", tries=(_OWN, _HOUSEHOLD)),
)
"""A bit each in `rules`, the first lowest; their order is for life as well."""


def rule_of(counted: str, tries: Iterable[str]) -> int:
    """The bit of the rule under which views count as a clause says it, where these explanations are tried. Raises `KeyError` where there is none."""
    asked = (counted, frozenset() if counted == "any" else frozenset(tries))
    return {(each.counted, frozenset(each.tries)): at for at, each in enumerate(RULES)}[asked]


def packed(answers: Mapping[str, Codes], rows: int) -> npt.NDArray[np.uint16]:
    """The answers of each of so many views in one number. An explanation that was not asked does not apply."""
    out = np.zeros(rows, np.uint16)
    for at, name in enumerate(EXPLAINED_BY):
        if name in answers:
            out |= answers[name].astype(np.uint16) << np.uint16(_BITS * at)
    return out


def answer_of(numbers: npt.NDArray[np.uint16], explanation: str) -> Codes:
    """What one explanation says, from what `packed` gave."""
    shift = np.uint16(_BITS * EXPLAINED_BY.index(explanation))
    return ((numbers >> shift) & np.uint16(7)).astype(np.uint8)


def over(numbers: npt.NDArray[np.uint16], tries: tuple[str, ...]) -> Codes:
    """What these explanations say together: explained, unexplained, or that it cannot be told."""
    told = [answer_of(numbers, each) for each in tries]
    out = np.full(len(numbers), UNEXPLAINED, np.uint8)
    for code, answer in ((CANNOT_TELL, CANNOT_TELL), (NEVER_ISSUED, UNEXPLAINED), (EXPLAINED, EXPLAINED)):
        for each in told:
            out[each == code] = answer
    return out


def rules_of(numbers: npt.NDArray[np.uint16]) -> Codes:
    """Under which rules each view counts, from what `packed` gave."""
    out = np.zeros(len(numbers), np.uint8)
    for at, rule in enumerate(RULES):
        answer = over(numbers, rule.tries)
        counts = {
            "any": np.ones(len(numbers), np.bool_),
            "not-explained": answer != EXPLAINED,
            "unexplained": answer == UNEXPLAINED,
        }
        out |= counts[rule.counted].astype(np.uint8) << np.uint8(at)
    return out
