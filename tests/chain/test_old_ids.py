"""Every command that takes a finding takes an id that it had before, and says what that became."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.chain.shop_log import KEY, MAP, NOW
from tests.chain.test_watch import ENOUGH, views
from typer.testing import CliRunner

from whosaw.app.erasing.rotate import rotate
from whosaw.app.scan import scan
from whosaw.cli.main import app
from whosaw.core.finding import Finding
from whosaw.evidence.clues import clues_part
from whosaw.evidence.sealed import SealedClue
from whosaw.store.ledger import LedgerReader
from whosaw.store.repositories.findings import stored_findings
from whosaw.store.workspace import Workspace


@dataclass(frozen=True)
class Shop:
    """A log in which one party reads as two, and then as one account through both addresses."""

    folder: Path
    notes: list[str] = field(default_factory=list)  # of all scans

    @property
    def root(self) -> Path:
        return self.folder / "ledger"

    def add(self, lines: list[str]) -> None:
        with open(self.folder / "access.log", "a", encoding="utf-8") as handle:
            handle.writelines(lines)

    def scan(self, at: datetime, context: Path | None = None) -> list[Finding]:
        report = scan(
            [str(self.folder / "access.log")],
            self.root,
            now=at,
            map_path=self.folder / "map.toml",
            context=context,
        )
        self.notes.extend(report.notes)
        workspace = Workspace.open(self.root)
        try:
            return stored_findings(workspace.journal)
        finally:
            workspace.close()

    def ask(self, *words: str, refused: bool = False) -> str:
        done = CliRunner().invoke(app, [*words, "--workspace", str(self.root)])
        assert done.exit_code == (2 if refused else 0), done.output
        return " ".join(done.stderr.split()) if refused else done.stdout

    def json(self, *words: str) -> Any:
        return json.loads(self.ask(*words, "--json"))


def opened(folder: Path) -> Shop:
    made = Shop(folder)
    made.root.mkdir()
    (made.root / "vault.key").write_bytes(KEY)
    (made.root / "vault.key").chmod(0o600)
    (made.folder / "map.toml").write_text(MAP, encoding="utf-8")
    return made


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    return opened(tmp_path_factory.mktemp("shop"))


@pytest.fixture(scope="module")
def ids(shop: Shop) -> tuple[str, str]:
    """The id of what became one, and the one that is part of it."""
    shop.add(views(1, ENOUGH))
    shop.scan(NOW)
    shop.add(views(2, ENOUGH, slot=2_000))
    before = shop.scan(NOW)
    assert len(before) == 2
    for actor in (1, 2):
        more = views(actor, 2 * ENOUGH, number=ENOUGH, slot=4_000 * actor)
        shop.add([line.replace(" - - [", " - u17 [") for line in more])
    (one,) = shop.scan(NOW + timedelta(days=1))
    (other,) = one.parts
    assert {one.id, other} == {each.id for each in before}
    return one.id, other


@pytest.fixture
def became(ids: tuple[str, str]) -> dict[str, Any]:
    return {"id": ids[1], "became": "part", "of": ids[0], "since": "2025-11-18T07:00:00Z", "changed": []}


def test_findings_lists_and_opens_it(shop: Shop, ids: tuple[str, str], became: dict[str, Any]) -> None:
    assert shop.json("findings")["past"] == [became]
    assert f"{ids[1]} now part of {ids[0]} since 2025-11-18T07:00:00Z" in " ".join(
        shop.ask("findings").split()
    )
    opened = shop.json("findings", "--explain", ids[1])
    assert (opened["id"], opened["asked"]) == (ids[0], became)
    assert "asked" not in shop.json("findings", "--explain", ids[0])
    text = shop.ask("findings", "--explain", ids[1][:8])
    assert f"now part of {ids[0]}" in text
    assert f"part of it: {ids[1]}" in text


def test_explain_takes_it(shop: Shop, ids: tuple[str, str], became: dict[str, Any]) -> None:
    told = shop.json("explain", ids[1])
    assert (told["finding"]["id"], told["finding"]["asked"]) == (ids[0], became)
    assert told["views"] == shop.json("explain", ids[0])["views"]


def test_what_takes_it(shop: Shop, ids: tuple[str, str], became: dict[str, Any]) -> None:
    told, whole = shop.json("what", ids[1]), shop.json("what", ids[0])
    assert (told.pop("asked"), whole.pop("asked")) == ([became], [])
    assert told == whole
    assert f"now part of {ids[0]}" in shop.ask("what", ids[1])


def test_a_case_starts_from_it_and_a_bundle_follows_it(
    shop: Shop, ids: tuple[str, str], became: dict[str, Any]
) -> None:
    made = shop.json("scope", "new", "--case", "old", "--finding", ids[1])
    assert made["asked"] == [became]
    assert [(each["kind"], each["value"]) for each in made["clues"]] == [("finding", ids[0])]
    assert f"now part of {ids[0]}" in shop.ask("scope", "new", "--case", "old", "--finding", ids[1])
    workspace = Workspace.open(shop.root)
    reader = LedgerReader(workspace)
    try:
        # a version that was made when it was a finding of its own
        asked = [SealedClue(kind="finding", value=each, stored={}) for each in ids]
        new, old = clues_part(reader, {1: asked})[0].clues
    finally:
        reader.close()
        workspace.close()
    assert new.lines
    assert old.lines == new.lines


def test_what_the_context_explains_since_stays_as_that(tmp_path: Path) -> None:
    shop, context = opened(tmp_path), tmp_path / "context"
    shop.add([line.replace(" - - [", " - u17 [") for line in views(1, ENOUGH)])
    (one,) = (each.id for each in shop.scan(NOW))
    context.mkdir()
    (context / "services.csv").write_text("principal,address\nu17,192.0.2.1\n", encoding="utf-8")
    assert shop.scan(NOW + timedelta(days=1), context=context) == []
    assert shop.notes[-1] == (
        f"{one} is explained now (changed since the last run: the context); "
        f"`whosaw findings --explain {one}` shows what it was"
    )
    became = {
        "id": one, "became": "explained", "of": None, "since": "2025-11-18T07:00:00Z", "changed": ["the context"],
    }  # fmt: skip
    assert shop.json("findings") == {"findings": [], "past": [became], "usual": []}
    told = f"explained since {became['since']} (changed then: the context)"
    assert f"{one} {told}" in " ".join(shop.ask("findings").split())
    last = shop.json("findings", "--explain", one)
    assert (last["id"], last["asked"], last["counts"][1]["lower"]) == (one, became, ENOUGH)
    assert {each["answer"] for each in shop.json("explain", one)["views"]} == {"explained"}
    assert f"{one} is no longer found: {told}" in shop.ask("what", one, refused=True)
    assert "is no longer found" in shop.ask("scope", "new", "--case", "gone", "--finding", one, refused=True)
    # and once the table is corrected, it is found again under its id
    (context / "services.csv").write_text("principal,address\nnightly,192.0.2.1\n", encoding="utf-8")
    assert [each.id for each in shop.scan(NOW + timedelta(days=2), context=context)] == [one]
    assert shop.json("findings")["past"] == []


def test_a_rotation_of_the_digests_changes_none(tmp_path: Path) -> None:
    shop = opened(tmp_path)
    shop.add([*views(1, ENOUGH), *views(2, ENOUGH, slot=2_000)])
    before = shop.scan(NOW)
    assert len(before) == 2
    case = ("scope", "new", "--case", "spring", "--finding", before[0].id, "--indicator", "ip=192.0.2.1")
    first = shop.json(*case)
    rotate(shop.root, reason="somebody left", now=NOW, digests=True)
    for actor in (1, 2):
        more = views(actor, 2 * ENOUGH, number=ENOUGH, slot=4_000 * actor)
        shop.add([line.replace(" - - [", " - u17 [") for line in more])
    (one,) = shop.scan(NOW + timedelta(days=1))
    assert {one.id, *one.parts} == {each.id for each in before}
    again = shop.json(*case)
    addresses = [
        [each["value"] for each in made["clues"] if each["kind"] == "address"] for made in (first, again)
    ]
    assert len(addresses[0]) == 1
    assert addresses[0] == addresses[1]
