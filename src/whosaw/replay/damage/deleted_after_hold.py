"""Files that were to be kept, and were not: deleted or shortened after the order to keep them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from whosaw.core.instants import format_instant, from_micros
from whosaw.replay.dice import Dice

from .log_text import NO_TIME, LogText, Outcome
from .plan import Day, Plan, chosen, faults_of_day, faults_of_share
from .replay_folder import ReplayFolder

__all__ = ["DeletedAfterHold"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeletedAfterHold:
    """All files that were complete at the start of `hold_day` are ordered to be kept. Then some of them suffer.

    `gone_share` of them are deleted, `shrunk_share` are cut down to the first `keep_share` of their lines; both
    shares are rounded, at least one file each unless the share is 0. What there was at the time of the order stands
    in `before/hold.json`: per service each file's span, lines, bytes and digest, all of its text before packing.
    """

    kind: ClassVar[str] = "deleted-after-hold"
    hold_day: Day
    gone_share: float
    shrunk_share: float = 0.0
    keep_share: float = 0.5
    services: tuple[str, ...] = ()

    def faults(self) -> Iterator[tuple[str, str]]:
        yield from faults_of_day(hold_day=self.hold_day)
        yield from faults_of_share(
            gone_share=self.gone_share, shrunk_share=self.shrunk_share, keep_share=self.keep_share
        )
        if self.gone_share + self.shrunk_share > 1:
            yield "shrunk_share", "gone_share and shrunk_share are more than 1 together"

    def plan(self, replay: ReplayFolder, dice: Callable[[str], Dice]) -> Plan:
        order = replay.day_start(self.hold_day)
        services = {service.id: service for service in chosen(replay, self.services)}
        gone: set[tuple[str, str]] = set()
        shrunk: set[tuple[str, str]] = set()
        for service in services.values():
            held = [file.name for file in service.files if file.last_ms < order]
            many = service.count_of(self.gone_share, len(held))
            fewer = min(service.count_of(self.shrunk_share, len(held)), len(held) - many)
            drawn = [held[at] for at in dice(service.id).order(len(held)).tolist()]
            gone |= {(service.id, name) for name in drawn[:many]}
            shrunk |= {(service.id, name) for name in drawn[many : many + fewer]}
        papers: dict[str, list[dict[str, Any]]] = {name: [] for name in sorted(services)}

        def apply(text: LogText) -> Outcome:
            times = text.time_ms
            known = times[times != NO_TIME]
            if text.service not in services or not len(known) or known.max() >= order:
                return Outcome.same(text)
            papers[text.service].append(_paper(text, int(known.min()), int(known.max())))
            if (text.service, text.name) in gone:
                return Outcome.of(text, removed=np.ones(len(text), dtype=bool))
            removed = np.zeros(len(text), dtype=bool)
            if (text.service, text.name) in shrunk:
                removed[int(self.keep_share * len(text)) :] = True
            return Outcome.without(text, removed)

        def manifest() -> dict[str, Any]:
            sources = [
                {"service": name, "folder": services[name].folder, "files": files}
                for name, files in papers.items()
            ]
            return {"before/hold.json": {"ordered": _instant(order), "sources": sources}}

        return Plan(
            touches=lambda service, file: service.id in services and file.first_ms < order,
            apply=apply,
            papers=manifest,
        )


def _instant(milliseconds: int) -> str:
    return format_instant(from_micros(milliseconds * 1000))


def _paper(text: LogText, first: int, last: int) -> dict[str, Any]:
    content = text.content()
    return {
        "name": text.name,
        "lines": len(text),
        "bytes": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
        "first": _instant(first),
        "last": _instant(last),
    }
