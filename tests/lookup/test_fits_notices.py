"""Who is told by a notice, and of what, is told the same by the page."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest
from tests.lookup.conftest import built
from tests.lookup.page import Clock, open_page
from tests.sending.shop import NOW, Shop

from whosaw.app.law.notices import plan_notices
from whosaw.app.lookup.build import build_table
from whosaw.app.lookup.reports import take_in
from whosaw.app.sending.manifest import EXCLUDED, open_pieces
from whosaw.core.errors import WhosawError
from whosaw.lookup.answer import State, unpack_row
from whosaw.lookup.table import LookupTable
from whosaw.store.workspace import Workspace


def test_whoever_is_told_reads_the_same_categories_and_nobody_else_is_told_that_they_were_seen(
    shop: Shop,
) -> None:
    rows = [
        *shop.usual_book(),
        {"subject": "9999", "email": "other@example.org"},
        {"subject": "9998", "email": "another@example.org"},
    ]
    rows[5] |= {"born": "2018-01-01", "guardian_email": "parent@example.org"}
    rows[6] |= {"deceased": "yes"}
    frozen = shop.freeze(rows)
    build_table(
        shop.root / "case.toml", 1, shop.root / "t.lookup", workspace=shop.workspace, books=[shop.root / "people.csv"], now=NOW,
        table_key=shop.root / "t.lookup.key",
    )  # fmt: skip
    plan = plan_notices(
        shop.root / "case.toml",
        workspace=shop.workspace,
        now=NOW,
        languages=["en", "sw"],
        places=["ke"],
        version=1,
    )
    of_group = {each.id: set(each.categories) for each in plan.groups}
    table = LookupTable(shop.root / "t.lookup", (shop.root / "t.lookup.key").read_bytes())
    told: dict[str, set[str]] = {}
    with closing(Workspace.open(shop.workspace)) as opened:
        manifest = frozen.manifest
        reader = open_pieces(opened.files, opened.vault, manifest.label, manifest.pieces)
        for piece, table_rows in reader.every():
            if piece.part == EXCLUDED:
                continue
            for at, audience in enumerate(table_rows["audience"].to_pylist()):
                address = reader.address(piece.part, piece.first + at).email
                assert address is not None
                told[address] = of_group[manifest.audiences[audience].group]
    says: dict[str, set[str]] = {}
    for row in rows:
        contact = row.get("guardian_email") or row["email"]
        found = table.find(f"mail:{contact}")
        assert found is not None
        (record,), _, _ = unpack_row(found)
        if record.state == State.SEEN:
            says[contact] = set(table.facts.seen[record.seen])
        else:
            assert record.state == (State.OFFICE if row.get("deceased") else State.REST), contact
    table.close()
    assert says == told
    assert {"parent@example.org", "p1@mail1.example.org"} <= says.keys()


def test_a_page_goes_by_no_older_version_than_the_notices(
    shop: Shop, table_folder: Path, tmp_path: Path
) -> None:
    page = open_page(table_folder, tmp_path, clock=Clock())
    asked = {"table_key": table_folder / "t.lookup.key", "workspace": shop.workspace, "now": NOW}
    assert take_in(tmp_path / "kept", **asked).behind is None
    shop.freeze()
    assert take_in(tmp_path / "kept", **asked).behind is None
    built(shop.root)
    (shop.root / "notices").rename(shop.root / "notices-1")
    (shop.root / "notices-2").rename(shop.root / "notices")
    shop.freeze(version=2, since=1)
    behind = take_in(tmp_path / "kept", **asked).behind
    assert behind is not None
    assert "serves version 1 of spring, and people are told by version 2" in behind
    (tmp_path / "kept" / "serves.json").write_bytes(
        (tmp_path / "kept" / "serves.json").read_bytes().replace(b'"version":1', b'"version":2')
    )
    assert take_in(tmp_path / "kept", **asked).behind is None, "nobody under the key of the page said so"
    before = (shop.root / "t.lookup").read_bytes()
    with pytest.raises(WhosawError, match="people are told by version 2"):
        built(shop.root)
    assert (shop.root / "t.lookup").read_bytes() == before
    page.close()
