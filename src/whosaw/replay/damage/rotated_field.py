"""Fields that have another name or another order from a day on: a release changed the log's format."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from whosaw.replay.dice import Dice

from .log_text import LogText, Outcome, rewritten
from .plan import Day, Plan, chosen, faults_of_day
from .replay_folder import ListedFile, ReplayFolder, Service

__all__ = ["RotatedField"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RotatedField:
    """From the start of `from_day` on, each line is written in another way.

    `replace` holds pairs: the first text, wherever it stands in a line, becomes the second. `order` names fields,
    as in `sub=7` or `"sub":"7"`: those of them that a line holds trade places, so that they stand in this order.
    """

    kind: ClassVar[str] = "rotated-field"
    from_day: Day
    replace: tuple[tuple[str, ...], ...] = ()
    order: tuple[str, ...] = ()
    services: tuple[str, ...] = ()

    def faults(self) -> Iterator[tuple[str, str]]:
        yield from faults_of_day(from_day=self.from_day)
        if not self.replace and not self.order:
            yield "replace", "replace or order must name at least one field"
        if any(len(pair) != 2 or not pair[0] or "\n" in "".join(pair) for pair in self.replace):
            yield "replace", "replace must hold pairs of texts without line ends, the first not empty"
        if len(set(self.order)) != len(self.order) or len(self.order) == 1 or "" in self.order:
            yield "order", "order must name two or more fields, none twice"

    def plan(self, replay: ReplayFolder, dice: Callable[[str], Dice]) -> Plan:  # noqa: ARG002 - nothing is drawn
        start = replay.day_start(self.from_day)
        ids = {service.id for service in chosen(replay, self.services)}
        new = self._writer()

        def touches(service: Service, file: ListedFile) -> bool:
            return service.id in ids and file.last_ms >= start

        def apply(text: LogText) -> Outcome:
            if text.service not in ids:
                return Outcome.same(text)
            after, changed = rewritten(text, np.flatnonzero(text.time_ms >= start).astype(np.int64), new)
            return Outcome.of(text, after, changed=changed)

        return Plan(touches=touches, apply=apply)

    def _writer(self) -> Callable[[bytes], bytes]:
        pairs = [(old.encode(), new.encode()) for old, new in self.replace]
        names = [name.encode() for name in self.order]
        either = b"|".join(re.escape(name) for name in names)
        fields = re.compile(
            rb'(?<![^\s])(?P<word>%b)=\S*|"(?P<member>%b)"\s*:\s*(?:"(?:[^"\\]|\\.)*"|[^,}\]\s]+)'
            % (either, either)
        )

        def new_line(line: bytes) -> bytes:
            if names:
                line = _reordered(line, fields, names)
            for old, new in pairs:
                line = line.replace(old, new)
            return line

        return new_line


def _reordered(line: bytes, fields: re.Pattern[bytes], names: list[bytes]) -> bytes:
    found = list(fields.finditer(line))
    ordered = sorted(found, key=lambda match: names.index(match["word"] or match["member"]))
    pieces, at = [], 0
    for place, match in zip(found, ordered, strict=True):
        pieces += [line[at : place.start()], match[0]]
        at = place.end()
    return b"".join([*pieces, line[at:]])
