"""Has what flags come to told from marks of days, too, wherever a test asks for that."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import pytest
from tests.unit.actors.telling.crutch import same_as_now

from whosaw.actors import Context, Detected, Explanation
from whosaw.actors.actor_views import Flag
from whosaw.actors.stories import Digests, number_digests
from whosaw.store.sql import Session

_RUN = importlib.import_module("whosaw.actors.run")
_CASES = importlib.import_module("whosaw.actors.case_runs")


@contextmanager
def told_anew_too(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """Every time that flags are told of, the new path has to tell the same; gives how many flags there were, time by time."""
    tell = _RUN.tell
    differences: list[str] = []
    counted: list[int] = []

    def both(
        session: Session, flagged: Sequence[Flag], explanations: Mapping[str, Explanation], context: Context,
        digests: Digests = number_digests,
    ) -> Detected:  # fmt: skip
        told: Detected = tell(session, flagged, explanations, context, digests)
        if flagged:
            counted.append(len(flagged))
            differences.extend(same_as_now(session, flagged, told, explanations, context, digests))
        return told

    monkeypatch.setattr(_RUN, "tell", both)
    monkeypatch.setattr(_CASES, "tell", both)
    yield counted
    assert differences == [], "\n".join(differences)[:6000]
