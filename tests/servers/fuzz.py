"""One server: spellings in, answers out, its log read, faults counted."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from tests.servers.draft import Draft
from tests.servers.judge import COUNTED, NUMBERED, Read, read_log
from tests.servers.machine import Machine, up
from tests.servers.spellings import Grammar
from tests.servers.wire import Answer, send_all

__all__ = ["Outcome", "Served", "fuzz", "joined"]

_ROUNDS = 4
_FRESH = 0.4  # of the first round all; of the others, so much


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """A spelling that the server answered with a page, and what whosaw made of it: the best of its lines."""

    draft: Draft
    pages: tuple[tuple[str, str], ...]
    fate: str  # of COUNTED, or event, comment, unlogged
    lines: tuple[str, ...]
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    sent: int
    answered: int
    served: tuple[Served, ...]
    read: Read

    def faults(self) -> list[Served]:
        """Served and in the log, and neither counted nor widening a bound."""
        return [each for each in self.served if each.fate in ("event", "message", "comment")]

    def accounts(self) -> set[str]:
        """Whose data the server really answered with on the pages with a number."""
        return {whose for each in self.served for page, whose in each.pages if page in NUMBERED}

    def logged_accounts(self) -> set[str]:
        """Those of answers that stand in the log."""
        logged = [each for each in self.served if each.fate != "unlogged"]
        return {whose for each in logged for page, whose in each.pages if page in NUMBERED}

    def fates(self) -> Counter[str]:
        return Counter(each.fate for each in self.served)


def fuzz(machine: Machine, folder: Path, *, seed: int, count: int) -> Outcome:
    grammar = Grammar(seed, pages=machine.pages)
    drafts: list[Draft] = []
    answers: list[Answer] = []
    seen: set[bytes] = set()
    with up(machine, folder) as port:
        size = count // _ROUNDS
        for turn in range(_ROUNDS):
            served = [draft for draft, answer in zip(drafts, answers, strict=True) if answer.pages]
            wanted = count - len(drafts) if turn == _ROUNDS - 1 else size
            batch: list[Draft] = []
            while len(batch) < wanted:
                short = wanted - len(batch)
                fresh = short if not served else round(short * _FRESH)
                for draft in grammar.fresh(fresh) + grammar.further(served, short - fresh):
                    request = draft.request()
                    if request not in seen:
                        seen.add(request)
                        batch.append(draft)
            answers += send_all(port, [draft.request() for draft in batch], first=len(drafts))
            drafts += batch
    read = read_log(
        folder / machine.log, folder, format_name=machine.format, zone=machine.zone, tail=machine.tail
    )
    return Outcome(
        sent=len(drafts), answered=sum(bool(answer.head) for answer in answers), read=read,
        served=tuple(joined(drafts, answers, read)),
    )  # fmt: skip


def joined(drafts: list[Draft], answers: list[Answer], read: Read) -> list[Served]:
    """What became of each spelling that was answered with a page."""
    found = []
    for at, (draft, answer) in enumerate(zip(drafts, answers, strict=True)):
        if not answer.pages:
            continue
        fates = read.fates.get(at, ())
        kinds = {fate.kind for fate in fates}
        best = next((kind for kind in (*COUNTED, "event", "message", "comment") if kind in kinds), "unlogged")
        found.append(
            Served(
                draft=draft, pages=answer.pages, fate=best, lines=tuple(fate.text for fate in fates),
                reasons=tuple(fate.reason for fate in fates if fate.reason),
            )
        )  # fmt: skip
    return found
