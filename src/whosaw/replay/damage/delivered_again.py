"""A slice of a file that comes a second time as a file of its own, as load balancers may deliver it.

Source: Elastic Load Balancing, Access logs for your Application Load Balancer: "The load balancer can deliver multiple
logs for the same period."
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import ClassVar

import numpy as np

from whosaw.replay.dice import Dice

from .log_text import NO_TIME, LogText, Outcome
from .plan import Plan, chosen, faults_of_share
from .replay_folder import ReplayFolder

__all__ = ["DeliveredAgain"]

_ROTATED = re.compile(r"^(?P<base>.+?)(?:\.\d+)?(?P<packed>\.gz)?$")


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveredAgain:
    """Of that `share` of a service's files, `slice_share` of the lines, in a row, come again.

    At least one file unless the share is 0. The new file has the name of the stream and the time of its first line,
    so that it is taken for a part of the same source.
    """

    kind: ClassVar[str] = "delivered-again"
    share: float
    slice_share: float
    services: tuple[str, ...] = ()

    def faults(self) -> Iterator[tuple[str, str]]:
        yield from faults_of_share(share=self.share, slice_share=self.slice_share)

    def plan(self, replay: ReplayFolder, dice: Callable[[str], Dice]) -> Plan:
        picked = {
            (service.id, name)
            for service in chosen(replay, self.services)
            for name in service.some_files(self.share, dice(service.id))
        }

        def apply(text: LogText) -> Outcome:
            if (text.service, text.name) not in picked or not len(text):
                return Outcome.same(text)
            length = max(1, int(self.slice_share * len(text)))
            start = int(dice(f"{text.service}/{text.name}").below(1, len(text) - length + 1)[0])
            piece = text.take(np.arange(start, start + length, dtype=np.int64))
            again = replace(piece, name=_again_name(piece))
            return Outcome.of(text, text, again, added={again.name: length})

        return Plan(touches=lambda service, file: (service.id, file.name) in picked, apply=apply)


def _again_name(piece: LogText) -> str:
    match = _ROTATED.match(piece.name)
    assert match is not None  # every name has at least one character
    times = piece.time_ms
    known = times[times != NO_TIME]
    at = datetime.fromtimestamp(int(known[0]) // 1000 if len(known) else 0, UTC)
    return f"{match['base']}-{at:%Y%m%dT%H%M%S}Z{match['packed'] or ''}"
