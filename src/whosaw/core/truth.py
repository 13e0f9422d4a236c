"""Three answers to a question of law: met, not met, undecided. Undecided is never turned into either of the others."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum

from .document import told_as

__all__ = ["Answer", "Truth", "all_of", "any_of", "no", "not_", "undecided", "yes"]


class Truth(Enum):
    """Kleene's three values, in the words that are printed."""

    YES = "met"
    NO = "not met"
    OPEN = "undecided"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A truth with the sentences that carry it, and for an open one the facts that would decide it."""

    truth: Truth = field(metadata=told_as("answer", lambda truth: truth.value))
    because: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()


def yes(*because: str) -> Answer:
    """Met."""
    return Answer(truth=Truth.YES, because=because)


def no(*because: str) -> Answer:
    """Not met."""
    return Answer(truth=Truth.NO, because=because)


def undecided(because: Iterable[str], needs: Iterable[str]) -> Answer:
    """Open, with the facts that would decide it."""
    return Answer(truth=Truth.OPEN, because=tuple(because), needs=_once(needs))


def not_(answer: Answer) -> Answer:
    """The opposite; open stays open."""
    turned = {Truth.YES: Truth.NO, Truth.NO: Truth.YES, Truth.OPEN: Truth.OPEN}
    return Answer(truth=turned[answer.truth], because=answer.because, needs=answer.needs)


def all_of(answers: Iterable[Answer]) -> Answer:
    """Not met as soon as one is not met; met when all are (also when there are none)."""
    return _joined(tuple(answers), stops=Truth.NO, otherwise=Truth.YES)


def any_of(answers: Iterable[Answer]) -> Answer:
    """Met as soon as one is met; not met when none is (also when there are none)."""
    return _joined(tuple(answers), stops=Truth.YES, otherwise=Truth.NO)


def _joined(answers: tuple[Answer, ...], *, stops: Truth, otherwise: Truth) -> Answer:
    for wanted in (stops, Truth.OPEN):
        found = [each for each in answers if each.truth is wanted]
        if found:
            because = _once(text for each in found for text in each.because)
            needs = _once(text for each in found for text in each.needs) if wanted is Truth.OPEN else ()
            return Answer(truth=wanted, because=because, needs=needs)
    return Answer(truth=otherwise, because=_once(text for each in answers for text in each.because))


def _once(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(texts))
