"""What `answers` says of each view: whether a rule counts it, and whether it bears a sign."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from whosaw.actors.detectors import Clause, Detector
from whosaw.actors.explanation import CANNOT_TELL, EXPLAINED, NEVER_ISSUED, UNEXPLAINED

__all__ = ["NOT_EXPLAINED", "UNEXPLAINED_PEOPLE", "Pair", "Rule", "Told"]

Bools = npt.NDArray[np.bool_]
_BITS: Final = 3  # of an answer
_SIGN_BITS: Final = 2
_BEARS: Final = 1
_CANNOT_TELL: Final = 2


@dataclass(frozen=True, slots=True, order=True, kw_only=True)
class Rule:
    """Which views count: any, those that none of the explanations tried explains, or those that stay unexplained."""

    counted: Literal["any", "not-explained", "unexplained"]
    tried: tuple[str, ...] = ()

    @classmethod
    def of(cls, detector: Detector, clause: Clause) -> Rule:
        """What a clause counts. Where anything does, what is tried does not matter."""
        tried = () if clause.counted == "any" else tuple(sorted(detector.explanations))
        return cls(counted=clause.counted, tried=tried)


_ALL_BUT_HOUSEHOLDS: Final = ("own-session", "service-job", "staff-with-ticket")
NOT_EXPLAINED: Final = Rule(counted="not-explained", tried=_ALL_BUT_HOUSEHOLDS)
UNEXPLAINED_PEOPLE: Final = Rule(counted="unexplained", tried=_ALL_BUT_HOUSEHOLDS)


@dataclass(frozen=True, slots=True, order=True, kw_only=True)
class Pair:
    """A sign, the rule by which views that bear it count, and what the detector tries: who stays unexplained by that and does not
    bear it says nothing of what is usual, where the sign itself comes from an explanation (`by_explanation`)."""

    sign: str
    rule: Rule
    tried: tuple[str, ...] = ()
    by_explanation: bool = False

    @classmethod
    def of(cls, detector: Detector, clause: Clause) -> Pair:
        """What a clause of kind sign asks."""
        assert clause.sign is not None
        by_explanation = bool(clause.sign.rule)
        tried = tuple(sorted(detector.explanations)) if by_explanation else ()
        return cls(
            sign=clause.sign.name,
            rule=Rule.of(detector, clause),
            tried=tried,
            by_explanation=by_explanation,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Reads the columns of `answers`: which explanation and which sign stand in which bits."""

    explanations: tuple[str, ...]
    signs: tuple[str, ...]

    def counts(self, answers: pa.Table, rule: Rule) -> Bools:
        """Whether each view counts."""
        if rule.counted == "any":
            return np.ones(answers.num_rows, bool)
        over = self._over(answers, rule.tried)
        return np.asarray(over == UNEXPLAINED if rule.counted == "unexplained" else over != EXPLAINED)

    def honest(self, answers: pa.Table, pair: Pair) -> Bools:
        """Whether each view says something of what is usual though it does not bear the sign."""
        if not pair.by_explanation:
            return np.ones(answers.num_rows, bool)
        return np.asarray(self._over(answers, pair.tried) != UNEXPLAINED)

    def sign(self, answers: pa.Table, sign: str) -> tuple[Bools, Bools]:
        """Whether it can be told of each view, and whether the view bears it."""
        at = np.uint64(_SIGN_BITS * self.signs.index(sign))
        said = (np.asarray(answers["signs"].to_numpy(), np.uint64) >> at) & np.uint64(3)
        return said != _CANNOT_TELL, said == _BEARS

    def explained(self, answers: pa.Table, tried: Iterable[str]) -> Bools:
        """Whether any of these explanations explains each view."""
        codes = np.asarray(answers["answers"].to_numpy(), np.uint16)
        found = np.zeros(len(codes), bool)
        for name in tried:
            found |= (codes >> np.uint16(_BITS * self.explanations.index(name))) & np.uint16(7) == EXPLAINED
        return found

    def _over(self, answers: pa.Table, tried: Iterable[str]) -> npt.NDArray[np.uint8]:
        slots = tuple(self.explanations.index(name) for name in tried)
        over: npt.NDArray[np.uint8] = _answer_over(slots)[answers["answers"].to_numpy()]
        return over


@cache
def _answer_over(slots: tuple[int, ...]) -> npt.NDArray[np.uint8]:
    """What explanations say together (`explanation.answer_over`), by all that `answers` may hold."""
    codes = np.arange(1 << 16, dtype=np.uint16)
    each = [(codes >> np.uint16(_BITS * slot)) & np.uint16(7) for slot in slots]

    def any_is(answer: int) -> Bools:
        found = np.zeros(len(codes), bool)
        for one in each:
            found |= one == answer
        return found

    over = np.full(len(codes), UNEXPLAINED, np.uint8)
    over[any_is(CANNOT_TELL)] = CANNOT_TELL
    over[any_is(NEVER_ISSUED)] = UNEXPLAINED
    over[any_is(EXPLAINED)] = EXPLAINED
    return over
