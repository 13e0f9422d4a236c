"""A small case file beside an empty workspace, and ways to change both."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from whosaw.app.law.decide import decide
from whosaw.app.law.decisions import decisions
from whosaw.core.canonical_json import canonical_json
from whosaw.core.decisions import AccountabilityRecord, DutyRow
from whosaw.core.document import object_of
from whosaw.law import Law, load_law, loaded_case
from whosaw.store.repositories.cases import CaseStore
from whosaw.store.workspace import Workspace

NOW = datetime.fromisoformat("2026-03-09T17:00:00+03:00")
CASE = """\
case = "shop"
zone = "Africa/Nairobi"

[organisation]
name = "Duka"
roles = ["controller"]
established = ["KE", "FR"]
listed = []

[people]
unplaced = "KE"
because = "the shop delivers inside Kenya alone"

[[event]]
kind = "aware"
at = 2026-03-07T17:00:00+03:00
said_by = "Duka"

[[answer]]
question = "access.unauthorised"
answer = true
by = "the host"
because = "pages were read with a forged session"

[[answer]]
question = "risk.real-harm"
law = "ke/dpa"
found_by = "party"
answer = true
by = "Duka"
because = "addresses help a swindler"

[[scope]]
version = 1
"""


def scope_document(upper: int = 2110, *, final: dict[str, Any] | None = None) -> dict[str, Any]:
    accounts, persons = {"lower": 1874, "upper": 1874}, {"lower": 1874, "upper": upper}
    place = {"name": "KE", "accounts": accounts, "persons": persons}
    return {
        "case": "shop",
        "final": final,
        "open": [],
        "counts": [{"unit": "accounts", **accounts}, {"unit": "persons", **persons}],
        "by": {"category": [], "jurisdiction": [place]},
        "categories_held": [{"category": "contact.address", "answer": "seen"}],
    }


class Shop:
    """The case and its workspace."""

    def __init__(self, folder: Path) -> None:
        self.root, self.case = folder / "data", folder / "case.toml"
        self.case.write_text(CASE, encoding="utf-8")
        Workspace.open(self.root, create=True).close()
        self.add_version()

    def add_version(self, upper: int = 2110, *, final: dict[str, Any] | None = None) -> int:
        workspace = Workspace.open(self.root)
        try:
            return CaseStore(workspace).add(canonical_json(scope_document(upper, final=final)), {}, now=NOW)
        finally:
            workspace.close()

    def write(self, *, more: str = "", replace: tuple[str, str] = ("", "")) -> None:
        text = self.case.read_text(encoding="utf-8")
        assert replace[0] in text
        self.case.write_text(text.replace(*replace) + more if replace[0] else text + more, encoding="utf-8")

    def decide(
        self, decision: str = "notify", duty: str | None = "ke/authority", **given: Any
    ) -> dict[str, Any]:
        options = {"because": "people are at risk", "by": "A. Mwangi", "now": NOW, **given}
        return object_of(decide(self.case, workspace=self.root, decision=decision, duty=duty, **options))

    def account(self, now: datetime = NOW) -> AccountabilityRecord:
        return decisions(self.case, workspace=self.root, now=now)

    def record(self, now: datetime = NOW) -> dict[str, Any]:
        return object_of(self.account(now))

    def standing(self, duty: str = "ke/authority", now: datetime = NOW) -> DutyRow:
        return next(each for each in self.account(now).duties if each.duty == duty)

    def row(self, duty: str = "ke/authority", now: datetime = NOW) -> dict[str, Any]:
        return next(each for each in self.record(now)["duties"] if each["duty"] == duty)

    def entries(self) -> list[tuple[str, dict[str, Any]]]:
        with sqlite3.connect(self.root / "journal.sqlite") as connection:
            rows = connection.execute("SELECT kind, body FROM journal ORDER BY seq").fetchall()
        return [(kind, json.loads(body)) for kind, body in rows]


@pytest.fixture(scope="session")
def law() -> Law:
    return load_law()


@pytest.fixture
def shop(tmp_path: Path, law: Law, monkeypatch: pytest.MonkeyPatch) -> Shop:
    monkeypatch.setattr(loaded_case, "load_law", lambda: law)  # read once, not for every question
    return Shop(tmp_path)


@pytest.fixture
def codes() -> Callable[[dict[str, Any]], dict[str, bool]]:
    """What changed since a decision, and whether it matters."""
    return lambda row: {each["code"]: each["matters"] for each in row["changes"]}
