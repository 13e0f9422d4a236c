"""What of the context is believed as of the last day, why something cannot be told, and what is asked of whoever wrote it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa

from whosaw.actors.belief import ASK_OF_IDS, ask_of_logins, ask_of_tickets, not_believed
from whosaw.actors.canary_logins import ask_of_canaries
from whosaw.actors.context import NO_ID_KNOWN, NO_ID_SAID, NOBODY_KNOWN
from whosaw.actors.context_schema import table_schemas
from whosaw.actors.explaining.answers import answer_of
from whosaw.actors.explaining.context_rows import Stated
from whosaw.actors.explaining.day_facts import (
    agents_lacking,
    better_logins,
    better_tickets,
    matched,
    ticket_shifts,
    tickets_aside,
)
from whosaw.actors.explanation import EXPLAINED
from whosaw.build.state import Runs

__all__ = ["Believed", "canary_questions"]

_LOGINS: Final = "logins"


@dataclass(frozen=True, slots=True, kw_only=True)
class Believed:
    """`stated`: which tables and columns say anything. `aside`: why tickets are not believed. `known`: whether any token or session of
    logins is known to the log. `questions` are about the zones of times, and about ids of people."""

    stated: Stated
    aside: str = ""
    known: bool = True
    questions: tuple[str, ...] = ()

    @classmethod
    def of(cls, stated: Stated, runs: Runs) -> Believed:
        """As of the last day that shows anybody."""
        days = runs.days("views")
        if not days:
            return cls(stated=stated)
        last = days[-1]
        questions, aside, known = [], "", True
        if {"staff", "tickets"} <= stated.said:
            fits = _rows(runs, "ticket_fits")
            shifts = ticket_shifts(fits, last)
            questions += [ask_of_tickets(gained, hours) for hours, gained in better_tickets(fits, last)[:1]]
            if tickets_aside(fits, shifts, last):
                agents = agents_lacking(fits, shifts, last)
                aside = not_believed(sum(3 * lacking > seen for lacking, seen in agents), len(agents))
        if _LOGINS in stated.said:
            matches = _rows(runs, "matches")
            known = any(matched(matches, last, name) for name in ("tokens", "sessions"))
            if known:
                fits = _rows(runs, "login_fits")
                questions += [ask_of_logins(gained, hours) for hours, gained in better_logins(fits, last)[:1]]
                questions += [ASK_OF_IDS] if stated.strangers else []
        return cls(stated=stated, aside=aside, known=known, questions=tuple(questions))

    @property
    def lacking(self) -> frozenset[str]:
        """Tables that there are none of, as the user says."""
        return self.stated.lacking

    @property
    def partial(self) -> tuple[str, ...]:
        """Why logins may have been issued that are not on record."""
        return self.stated.partial

    def why_not(self, name: str, *, rows: bool = True) -> str:
        """As `Context.why_not` says it of a whole context."""
        reasons = [self._why_not(each, rows=rows) for each in name.split(" or ")]
        return "" if "" in reasons else " and ".join(dict.fromkeys(reasons))

    def _why_not(self, need: str, *, rows: bool) -> str:
        table, _, column = need.partition(".")
        if column:
            says = need in self.stated.said
            return self._why_not(table, rows=True) or ("" if says else f"no row of {table} says {column}")
        if table in self.stated.lacking:
            decides = not rows and table_schemas()[table].none.decides
            return "" if decides else f"there are no {table}, it is said"
        if table not in self.stated.given:
            return f"no {table} given"
        if table == "tickets" and self.aside:
            return self.aside
        if table not in self.stated.said:
            return f"{table} has no rows"
        return self._why_not_logins() if table == _LOGINS else ""

    def _why_not_logins(self) -> str:
        if not self.stated.said & {"logins.token", "logins.session"}:
            return NO_ID_SAID
        if not self.known:
            return NO_ID_KNOWN
        return NOBODY_KNOWN if self.stated.strangers else ""


def canary_questions(runs: Runs, planted: Sequence[int]) -> tuple[str, ...]:
    """About planted people who have a login on record; what they see in sessions of their own is explained."""
    if not planted:
        return ()
    lines = 0
    for day in runs.days("baits"):
        views = runs.rows("views", [day], ["person", "content", "line"])
        answers = runs.rows("answers", [day], ["answers"])["answers"].to_numpy().astype(np.uint16)
        at = runs.rows("baits", [day], ["position"])["position"].to_numpy()
        own = at[answer_of(answers, "own-session")[at] == EXPLAINED]
        rows = views.take(pa.array(own))
        mine = rows.filter(pa.array(np.isin(rows["person"].to_numpy(), list(planted))))
        lines += mine.group_by(["content", "line"]).aggregate([]).num_rows
    return ask_of_canaries(len(planted), lines)


def _rows(runs: Runs, kind: str) -> pa.Table:
    return runs.rows(kind, runs.days(kind))
