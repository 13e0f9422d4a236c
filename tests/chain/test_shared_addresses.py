"""A shop behind an edge: who is found, what is said of it, and that nobody is once the client is read from what the edge tells."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.chain.shop_log import MAP, NOW

from whosaw.app.reading.shared import shared_sources
from whosaw.app.scan import ScanReport, scan
from whosaw.core.document import document
from whosaw.store.workspace import Workspace

BEGIN = datetime(2025, 4, 14, tzinfo=UTC)
READ = "behind:cloudflare=x_forwarded_for:nginx-main"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """1,600 customers of one app, each at home and seen once, all of them in 80 minutes through two addresses of Cloudflare."""
    folder = tmp_path_factory.mktemp("edge")
    people = list(range(1_600))
    random.Random(1).shuffle(people)
    lines = []
    for at, person in enumerate(people):
        when = BEGIN + timedelta(seconds=at * 3)
        lines.append(
            f'172.68.10.{at % 2} - - [{when:%d/%b/%Y:%H:%M:%S} +0000] "GET /customers/{person}/addresses HTTP/1.1" 200 7 "-" '
            f'"ShopApp/9 iOS" "203.0.{at // 250}.{at % 250}"\n'
        )
    (folder / "access.log").write_text("".join(lines))
    (folder / "map.toml").write_text(MAP)
    return folder


def scanned(shop: Path, name: str, format_name: str | None) -> tuple[ScanReport, Path]:
    root = shop / name
    return scan(
        [str(shop / "access.log")], root, now=NOW, map_path=shop / "map.toml", format_name=format_name
    ), root


def test_a_finding_about_an_edge_says_so_and_is_not_sure(shop: Path) -> None:
    report, root = scanned(shop, "as-it-is", None)
    assert report.findings
    for finding in report.findings:
        assert any("one of Cloudflare's edge. So this may be many people" in fact for fact in finding.facts)
        assert finding.confidence.level == "low"
        assert "may be many people" in finding.confidence.reasons[-1]
    (note,) = (each for each in report.notes if "Cloudflare's edge" in each)
    assert note.endswith(f"read it with --format '{READ}'")
    again, _ = scanned(shop, "as-it-is", None)
    assert document(again.findings) == document(report.findings)
    workspace = Workspace.open(root)
    try:
        (kept,) = shared_sources(workspace.journal)
        assert (kept.shared.edge, kept.shared.addresses, kept.note) == ("cloudflare", 2, note)
        assert "172.68" not in str(workspace.journal.setting("shared-addresses"))
    finally:
        workspace.close()


def test_nobody_is_found_once_each_is_read_by_their_own_address(shop: Path) -> None:
    report, root = scanned(shop, "read-behind", READ)
    assert report.findings == ()
    assert not any("edge" in each and "shares" in each for each in report.notes)
    workspace = Workspace.open(root)
    try:
        assert shared_sources(workspace.journal) == ()
    finally:
        workspace.close()
