"""Somebody at work who looks for people and for who saw them, by any identifier; and the letter to a person who asks."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo
from pathlib import Path

from whosaw.app.asking.answers import WhatSeen
from whosaw.app.asking.looks import record_seen
from whosaw.app.asking.questions import Ledger
from whosaw.core.errors import WhosawError
from whosaw.packs.languages import language_codes, words_file
from whosaw.store.repositories.cases import CaseStore

from .desk import Desk
from .gate import Verb, may

__all__ = ["Found", "SearchDesk"]

_MOST = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What an identifier leads to: a person by number, clients by number (of `clients` the first ones), findings and cases by name. `why`
    says why it leads to nobody."""

    person: int | None
    clients: tuple[int, ...]
    more_clients: int
    findings: tuple[tuple[str, str], ...]
    cases: tuple[str, ...]
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchDesk(Desk):
    """Search, clients and letters."""

    def search(self, text: str) -> Found:
        """Whom an identifier means: a number, mail or telephone of a person; address, network, agent, session, token, key or principal
        of clients; a line; a finding or a case. The answer holds numbers and names alone, and to who is limited to cases those alone
        that belong to one."""
        who = self._allow_some(Verb.SEE_PERSON, "search")
        asked, why = text.strip(), []
        with self._ledger() as ledger:
            person, clients = None, []
            try:
                person = ledger.person_number(text)
            except WhosawError as fault:
                why.append(str(fault))
            try:
                clients = (
                    [] if asked.startswith("f-") or who.cases is not None else ledger.client_numbers(text)
                )
            except WhosawError as fault:
                why.append(str(fault))
            findings = [
                (each.finding.id, each.finding.title)
                for each in self._judged(ledger.workspace.journal)
                if len(asked) >= 3 and each.finding.id.startswith(asked)
            ]
            cases = [
                each for each in CaseStore(ledger.workspace).cases() if each == asked and self.sees_case(each)
            ]
        if who.cases is not None:
            if person is not None and not may(who, Verb.SEE_PERSON, self.of_person(person)).allowed:
                person = None
            why = ["nothing of that name belongs to the cases that this account is limited to"]
        anything = person is not None or clients or findings or cases
        return Found(
            person=person,
            clients=tuple(clients[:_MOST]),
            more_clients=max(0, len(clients) - _MOST),
            findings=tuple(findings),
            cases=tuple(cases),
            why=() if anything else tuple(dict.fromkeys(why)),
        )

    def client(self, number: int) -> WhatSeen:
        """What one client saw, under masks; the people who are shown are on record first."""
        return self._what(f"c{number}")

    def is_client(self, number: int) -> bool:
        """Whether there is a client of this number."""
        self.allow(Verb.SEE_PERSON, f"client c{number}")
        with self._ledger() as ledger:
            return number in ledger.client_numbers(f"c{number}")

    def _what(self, name: str) -> WhatSeen:
        who = self.allow(Verb.SEE_PERSON, f"client {name}")
        with self._ledger() as ledger:
            told = ledger.what(name)
            self._seen(ledger, told, who.purpose)
            return told

    def _seen(self, ledger: Ledger, told: WhatSeen, purpose: str) -> None:
        people = [int(each.number[1:]) for each in told.persons]
        if people:
            record_seen(ledger.workspace, {"person": people}, what="what", purpose=purpose, now=self.now)

    def letter_languages(self) -> Sequence[str]:
        """In which a letter can be written."""
        return [each for each in language_codes() if words_file(each, "answer").is_file()]

    def letter(
        self, number: int, *, language: str, kind: str, organisation: str, contact: str, zone: tzinfo
    ) -> tuple[str, bytes]:
        """The letter to a person who asked who saw their data: its name and bytes. The look and the file are on record first."""
        from whosaw.app.asking.answer_person import ANSWER_FORMATS, answer_person

        who = self.allow(Verb.EXPORT, self.of_person(number))
        if kind not in ANSWER_FORMATS:
            raise WhosawError(
                "answer.format", f"no letter is written as {kind!r}", hint=", ".join(ANSWER_FORMATS)
            )
        with tempfile.TemporaryDirectory(prefix="whosaw-letter-") as folder, self.at_work():
            answer_person(
                self.root,
                f"p{number}",
                Path(folder),
                languages=[language],
                formats=[kind],
                organisation=organisation,
                contact=contact,
                zone=zone,
                reason=who.purpose,
                now=self.now,
                key_file=self.key_file,
            )
            (made,) = Path(folder).iterdir()
            return made.name, made.read_bytes()
