"""How much an actor may have done in hours of which the log is lost. docs/why/bounds.md gives the method and its assumption."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

import pyarrow.compute as pc

from .draws import Draws, bound
from .facts import Facts, SourceFact
from .signed_in import SignedIn
from .source_hours import SURE, Run, SourceHours, runs_of, share_lost
from .tallies import Tallies
from .windows import Done

__all__ = ["Loss", "SourceGaps", "gaps_of", "reach_of"]

LONGEST: Final = 24  # hours: a gap that is longer is no sample of hours
_MARGIN: Final = 24  # hours before the first and after the last view


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """One run within reach, and what the actor may have done in it; None: nothing can be compared with it."""

    run: Run
    views: Draws | None
    accounts: Draws | None

    @property
    def nothing(self) -> bool:
        """Whether the actor surely did nothing in it."""
        return self.views is not None and not self.views.most


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceGaps:
    """The gaps of one source within reach of the actor."""

    source: str
    losses: tuple[Loss, ...]

    def unwatched(self, reach: tuple[int, int]) -> bool:
        """Whether for more than half of the actor's time the source has no log, in gaps of a day and longer."""
        lost = sum(
            max(0, min(each.run.after, reach[1] + 1) - max(each.run.first, reach[0]))
            for each in self.losses
            if each.views is None and each.run.length >= LONGEST
        )
        return 2 * lost > reach[1] + 1 - reach[0]

    def on_day(self, day: int) -> SourceGaps:
        """Those that touch a day (counted from 1970 UTC). Whoever was seen on other days, too, is new on that one."""
        low, high = day * 24, day * 24 + 24
        return SourceGaps(
            source=self.source,
            losses=tuple(
                replace(each, accounts=each.views)
                for each in self.losses
                if each.run.first < high and each.run.after > low
            ),
        )

    def views(self) -> int | None:
        return bound([(each.run.chance, each.views) for each in self.losses])

    def accounts(self) -> int | None:
        return bound([(each.run.chance, each.accounts) for each in self.losses])


def reach_of(facts: Facts, tallies: Tallies) -> tuple[int, int]:
    """The hours of the first and the last view that is held, or would be if it were sure; with none, of the possible ones; with none, of the logs."""
    held = tallies.hours.filter(pc.field("held"))
    rows = held if held.num_rows else tallies.hours
    if rows.num_rows:
        first, last = int(pc.min(rows["hour"]).as_py()), int(pc.max(rows["hour"]).as_py())
        spans = [each.hours for each in tallies.unsure.values() if each.hours is not None]
        return min([first, *(since for since, _ in spans)]), max([last, *(until for _, until in spans)])
    hours = [hour.hour for source in facts.sources for hour in (*source.hours[:1], *source.hours[-1:])]
    return (min(hours), max(hours)) if hours else (0, -1)


def gaps_of(
    facts: Facts,
    tallies: Tallies,
    reach: tuple[int, int],
    signed_in: Mapping[str, SignedIn],
    only: Collection[str] | None = None,
) -> dict[str, SourceGaps]:
    """By source: its gaps from a day before the actor's first view to a day after the last, and gaps of a day and longer
    wherever they lie. Sources in which they were never seen are among them. `signed_in` says by source when they can have been; `only`
    these sources are looked at, where it is given."""
    ledger = [each for each in facts.sources if each.hours]
    if not ledger:
        return {}
    low, high = min(each.hours[0].hour for each in ledger), max(each.hours[-1].hour for each in ledger)
    shares = {each.name: share_lost(each) for each in ledger}
    worst = max((share for share, judged in shares.values() if judged), default=None)
    return {
        each.name: SourceGaps(
            source=each.name,
            losses=tuple(
                _losses(
                    each,
                    tallies,
                    (low, high),
                    reach,
                    _share(shares[each.name], worst),
                    signed_in.get(each.name),
                )
            ),
        )
        for each in ledger
        if only is None or each.name in only
    }


def _share(own: tuple[float, bool], worst: float | None) -> float:
    """A source too quiet to tell is held to lose hours as often as the worst of those that can be judged."""
    share, judged = own
    return share if judged or worst is None else min(share, worst)


def _losses(
    source: SourceFact,
    tallies: Tallies,
    span: tuple[int, int],
    reach: tuple[int, int],
    share: float,
    signed_in: SignedIn | None,
) -> Iterator[Loss]:
    low, high = span
    hours = SourceHours.of(source, low, high)
    runs = runs_of(hours, share)
    done = Done(tallies, source.name, low, high - low + 1, runs)
    for run in runs:
        if run.length >= LONGEST and run.chance >= SURE:
            # wherever it lies in the logs: a whole campaign may be in it
            yield Loss(run=run, views=None, accounts=None)
            continue
        start, after = max(run.first, reach[0] - _MARGIN), min(run.after, reach[1] + _MARGIN + 1)
        if start >= after:
            continue
        reached = replace(run, first=start, length=after - start)
        if signed_in is None:
            loss = _loss(reached, done.draws(start, reached.length))
            # where nobody is there by the weeks of the log, and the actor never was, nothing is open
            if not (loss.nothing and hours.is_usual(reached)):
                yield loss
        else:
            yield from _losses_by_login(reached, hours, done, signed_in, share)


def _losses_by_login(
    run: Run, hours: SourceHours, done: Done, signed_in: SignedIn, share: float
) -> Iterator[Loss]:
    """The run in parts: where none of the actor's logins was alive nothing was done, else what they do so long after a login."""
    for part in signed_in.stretches(run.first, run.length):
        of = replace(run, first=part.first, length=part.length)
        if not part.possible:
            yield _loss(of, (Draws.nothing(), Draws.nothing()))
        elif part.since is None:
            yield _loss(of, done.draws(part.first, part.length))
        else:
            # how often the source is quiet while the actor is there, not how often at that hour of the day
            usual = min(hours.share_empty(signed_in.alike(part.since + at, 1)) for at in range(part.length))
            likely = 1.0 if usual <= share else share / usual
            others = signed_in.alike(part.since, part.length)
            yield _loss(
                replace(of, chance=max(run.chance, likely)),
                done.draws(part.first, part.length, others[others != part.first]),
            )


def _loss(run: Run, draws: tuple[Draws | None, Draws | None]) -> Loss:
    return Loss(run=run, views=draws[0], accounts=draws[1])
