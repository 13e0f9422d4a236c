"""Lines cut short, and lines that run into the next one: a full disk, two writers on one file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from whosaw.replay.dice import Dice, Ints

from .log_text import LogText, Mask, Outcome, with_lines
from .plan import Plan, chosen, faults_of_share
from .replay_folder import ReplayFolder

__all__ = ["TornLines"]

_SHORTEST = 4  # bytes; what is shorter has no middle to be cut at


@dataclass(frozen=True, slots=True, kw_only=True)
class TornLines:
    """That `share` of lines is cut somewhere in its first half, but keeps its line end.

    `joined_share` of lines lose theirs, so that the next line runs on in them; such a pair counts as one line changed
    and one removed.
    """

    kind: ClassVar[str] = "torn-lines"
    share: float
    joined_share: float = 0.0
    services: tuple[str, ...] = ()

    def faults(self) -> Iterator[tuple[str, str]]:
        yield from faults_of_share(share=self.share, joined_share=self.joined_share)

    def plan(self, replay: ReplayFolder, dice: Callable[[str], Dice]) -> Plan:
        ids = {service.id for service in chosen(replay, self.services)}
        if not self.share and not self.joined_share:
            ids = set()

        def apply(text: LogText) -> Outcome:
            if text.service not in ids or not len(text):
                return Outcome.same(text)
            return self._tear(text, dice(f"{text.service}/{text.name}"))

        return Plan(touches=lambda service, _: service.id in ids, apply=apply)

    def _tear(self, text: LogText, dice: Dice) -> Outcome:
        cut = dice.yes(len(text), self.share)
        joined = dice.yes(len(text), self.joined_share)
        where = dice.unit(len(text))
        cut &= np.asarray(pc.binary_length(text.lines).to_numpy(zero_copy_only=False)) >= _SHORTEST
        joined[-1] = False
        joined[:-1] &= ~cut[:-1] & ~cut[1:]
        joined[1:] &= ~joined[:-1]  # of three in a row the first pair runs together
        at = np.flatnonzero(cut | joined).astype(np.int64)
        if not len(at):
            return Outcome.same(text)
        torn = with_lines(text, at, _texts(text, at, cut, where))
        torn = _marked_by_either(torn, np.flatnonzero(joined).astype(np.int64))
        removed: Mask = np.zeros(len(text), dtype=bool)
        removed[1:] = joined[:-1]
        changed = cut | joined
        left = torn.take(np.flatnonzero(~removed).astype(np.int64))
        return Outcome.of(text, left, removed=removed, changed=changed & ~removed, cut=changed & ~removed)


def _texts(text: LogText, at: Ints, cut: Mask, where: Any) -> list[bytes]:
    new = []
    for row, line in zip(at.tolist(), text.lines.take(pa.array(at)).to_pylist(), strict=True):
        if cut[row]:
            end = b"\n" if line.endswith(b"\n") else b""
            new.append(line[: 1 + int(where[row] * (len(line) // 2 - 1))] + end)
        else:
            new.append(line.removesuffix(b"\n").removesuffix(b"\r") + text.lines[row + 1].as_py())
    return new


def _marked_by_either(text: LogText, joined: Ints) -> LogText:
    """A line that holds two is marked by the first of them that has a part."""
    if not len(joined):
        return text
    parts = text.marks["part"].combine_chunks()
    source = np.arange(len(text), dtype=np.int64)
    none = np.asarray(parts.is_null().to_numpy(zero_copy_only=False))
    source[joined] = np.where(none[joined], joined + 1, joined)
    column = text.marks.schema.get_field_index("part")
    return replace(text, marks=text.marks.set_column(column, "part", parts.take(pa.array(source))))
