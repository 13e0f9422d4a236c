"""Lines that stand there twice: a shipper that sent its last batch again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from whosaw.replay.dice import Dice

from .log_text import LogText, Outcome
from .plan import Plan, chosen, faults_of_share
from .replay_folder import ReplayFolder

__all__ = ["DuplicatedLines"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DuplicatedLines:
    """That `share` of lines is followed by itself."""

    kind: ClassVar[str] = "duplicated-lines"
    share: float
    services: tuple[str, ...] = ()

    def faults(self) -> Iterator[tuple[str, str]]:
        yield from faults_of_share(share=self.share)

    def plan(self, replay: ReplayFolder, dice: Callable[[str], Dice]) -> Plan:
        ids = {service.id for service in chosen(replay, self.services)} if self.share else set()

        def apply(text: LogText) -> Outcome:
            if text.service not in ids:
                return Outcome.same(text)
            twice = dice(f"{text.service}/{text.name}").yes(len(text), self.share)
            # without a line end a line cannot be followed by itself
            if len(text) and not text.lines[-1].as_py().endswith(b"\n"):
                twice[-1] = False
            if not twice.any():
                return Outcome.same(text)
            doubled = text.take(np.repeat(np.arange(len(text), dtype=np.int64), 1 + twice.astype(np.int64)))
            return Outcome.of(text, doubled, added={text.name: int(twice.sum())})

        return Plan(touches=lambda service, _: service.id in ids, apply=apply)
