"""A proxy and the application behind it, of which nobody has said that they log the same requests: no count of both is exact without a word."""

from __future__ import annotations

import random
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.chain.shop_log import MAP, NOW

from whosaw.app.asking.questions import Ledger
from whosaw.app.cases.making import make_version
from whosaw.app.scan import ScanReport, scan
from whosaw.mapping.undecided_twins import undecided_twins
from whosaw.store.workspace import Workspace

BEGIN = datetime(2025, 4, 14, tzinfo=UTC)
SNOOP = "192.0.2.250"


def lines(rows: Iterable[tuple[float, int, str]], address: str | None) -> str:
    """Requests for whom at which second from where; all from `address`, where the connection is a proxy's."""
    return "".join(
        f'{address or own} - - [{BEGIN + timedelta(seconds=at):%d/%b/%Y:%H:%M:%S} +0000] "GET /customers/{person}/addresses HTTP/1.1" '
        f'200 7 "-" "{"snoop" if own == SNOOP else "Mozilla/5.0"}"\n'
        for at, person, own in rows
    )


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """300 requests through a proxy to an application that writes each a second later; a mail service about people of its own choice."""
    folder = tmp_path_factory.mktemp("twice")
    dice = random.Random(1)
    rows = [
        (at * 60.0, dice.randrange(200), SNOOP if at % 2 else f"203.0.113.{at % 250}") for at in range(300)
    ]
    mail = [(at * 60.0 + 30, dice.randrange(200), "198.51.100.7") for at in range(300)]
    (folder / "proxy.log").write_text(lines(rows, None))
    (folder / "app.log").write_text(lines([(at + 1, person, own) for at, person, own in rows], "10.0.0.5"))
    (folder / "mail.log").write_text(lines(mail, None))
    (folder / "map.toml").write_text(MAP)
    return folder


def scanned(shop: Path, name: str, more: str = "") -> tuple[ScanReport, Path]:
    (shop / f"{name}.toml").write_text(more + MAP)
    paths = [str(shop / f"{each}.log") for each in ("proxy", "app", "mail")]
    return scan(paths, shop / name, now=NOW, map_path=shop / f"{name}.toml"), shop / name


def test_who_scan_and_scope_say_that_a_request_may_count_twice(shop: Path) -> None:
    report, root = scanned(shop, "nobody-said")
    (note,) = (each for each in report.notes if "TWICE" in each)
    assert note.startswith(
        "MAY COUNT A REQUEST TWICE: app.log and proxy.log seem to log the same requests (300 of 300 views"
    )
    assert "[[twins]]" in note and '[[apart]] sources = ["app.log", "proxy.log"]' in note  # noqa: PT018
    workspace = Workspace.open(root)
    ledger = Ledger(workspace, now=NOW)
    try:
        (pair,) = undecided_twins(workspace.journal)
        assert (pair.sources, pair.shared, pair.views) == (("app.log", "proxy.log"), 300, 300)
        assert undecided_twins(workspace.journal, "mail.log") == ()
        assert ledger.what(f"address={SNOOP}").undecided == ()  # seen in one of both alone
        both = next(found for person in range(200) if (found := ledger.who(str(person))).undecided)
        assert both.undecided == (pair,)
    finally:
        ledger.close()
        workspace.close()
    version = make_version(root, "snoop", indicators=["agent=snoop"], now=NOW).version
    (item,) = (each for each in version.open if each.code == "undecided-twins")
    assert item.what.endswith("a request may count twice, and no count of both is exact")


@pytest.mark.parametrize(
    "more",
    [
        '[[apart]]\nsources = ["proxy.log", "app.log"]\n',
        '[[twins]]\nsources = ["proxy.log", "app.log"]\nby = "client-path-time"\n',
    ],
    ids=["apart", "twins"],
)
def test_nothing_is_said_once_somebody_has_decided(shop: Path, more: str) -> None:
    _, root = scanned(shop, "decided-" + more[2:7])
    report, _ = scanned(shop, "decided-" + more[2:7], more)
    assert not any("TWICE" in each for each in report.notes)
    workspace = Workspace.open(root)
    try:
        assert undecided_twins(workspace.journal) == ()
    finally:
        workspace.close()
