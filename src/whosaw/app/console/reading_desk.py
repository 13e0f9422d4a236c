"""What programs read of a workspace, page by page: people of cases, actors, and entries of the custody journal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from whosaw.app.asking.answers import ShownPerson, WhatSeen
from whosaw.app.asking.looks import record_seen
from whosaw.app.asking.questions import shown_person
from whosaw.app.cases.listing import Cases, list_cases, show_version
from whosaw.app.gating.asking import refuse_on_record
from whosaw.app.gating.belonging import cases_of_finding
from whosaw.core.custody import Entry
from whosaw.core.scope_version import ScopeVersion
from whosaw.store.repositories.cases import CaseStore
from whosaw.store.repositories.entries import entries_after

from .desk import Desk
from .gate import Verb

__all__ = ["PeoplePage", "ReadingDesk"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PeoplePage:
    """Some people of a version, in the order of their numbers, masked; `held`: a view of theirs is held, else it is possible. `more`:
    there are others behind them."""

    people: tuple[tuple[ShownPerson, bool], ...]
    more: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingDesk(Desk):
    """Somebody's program at work in the workspace."""

    door: str = "api"

    def cases(self) -> Cases:
        """All cases that may be seen, with their versions."""
        self._allow_some(Verb.SEE_CASES, "cases")
        with self.at_work():
            return list_cases(self.root, key_file=self.key_file)

    def version(self, case: str, version: int | None) -> ScopeVersion:
        """A version of a case, the last one where none is named."""
        self.allow(Verb.SEE_CASES, self.of_case(case))
        with self.at_work():
            return show_version(self.root, case, version, key_file=self.key_file)

    def people_of(self, case: str, version: int | None, *, after: int, limit: int) -> PeoplePage:
        """The people of a version behind the number `after`, once that is on record."""
        who = self.allow(Verb.SEE_PERSON, self.of_case(case))
        with self._ledger() as ledger:
            sets = CaseStore(ledger.workspace).sets(case, version, ("held", "possible"))
            everybody = sets["held"] | sets["possible"]
            behind = everybody.rank(after) if after >= 0 else 0
            page = [int(each) for each in everybody[behind : behind + limit]]
            if not page:
                return PeoplePage(people=(), more=False)
            record_seen(
                ledger.workspace,
                {"person": page},
                what=f"people of {case}",
                purpose=who.purpose,
                now=self.now,
            )
            shown = ledger.show(page, [])
            return PeoplePage(
                people=tuple((shown_person(each, shown), each in sets["held"]) for each in page),
                more=behind + len(page) < len(everybody),
            )

    def actor(self, text: str) -> WhatSeen:
        """What an actor saw, by any identifier or by a finding, once it is on record who is about to be shown."""
        who = self._allow_some(Verb.SEE_PERSON, "an actor")
        with self._ledger() as ledger:
            if who.cases is not None:
                journal = ledger.workspace.journal
                if who.cases.isdisjoint(cases_of_finding(journal, self.root, text.strip())):
                    refuse_on_record(journal, "an actor", now=self.now)
            seen = ledger.what(text)
            people = [int(each.number[1:]) for each in seen.persons]
            record_seen(ledger.workspace, {"person": people}, what="what", purpose=who.purpose, now=self.now)
            return seen

    def entries(self, *, after: int, limit: int) -> Sequence[Entry]:
        """Entries of the custody journal behind this number, the oldest first; one more than `limit` where there are more."""
        self.allow(Verb.SEE_LOOKS, "journal")
        with self._journal() as journal:
            return entries_after(journal, after, limit + 1)
