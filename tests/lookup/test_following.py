"""A warning of a look-up page reaches its case without a hand: whatever reads logs, watches them or serves the console looks there."""

from __future__ import annotations

import json
import queue
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from tests.lookup.page import Page, open_page
from tests.lookup.test_harvest import put
from tests.sending.shop import NOW, Shop

from whosaw.app.lookup.looking import PageFollower, look_at_pages
from whosaw.app.lookup.reports import take_in
from whosaw.app.scan import scan
from whosaw.app.watch import watch
from whosaw.core.errors import WhosawError
from whosaw.store.repositories.remarks import remarks
from whosaw.store.workspace import journal_of


@pytest.fixture
def followed(shop: Shop, table_folder: Path, tmp_path: Path) -> Iterator[Page]:
    """A page without a warning that the workspace of `shop` follows."""
    page = open_page(table_folder, tmp_path)
    taken = take_in(
        tmp_path / "kept",
        table_key=table_folder / "t.lookup.key",
        workspace=shop.workspace,
        now=NOW,
        following=True,
    )
    assert (taken.fresh, taken.followed) == (0, True)
    yield page
    page.close()


def ask_for_a_canary(page: Page) -> None:
    """Which warns once an hour at most."""
    page.clock.later(hours=2)
    put(page, "canary@example.org")
    assert [each.kind for each in page.work().warnings] == ["canary"]


def kept(shop: Shop) -> tuple[list[str], list[str]]:
    """Warnings in the custody journal, and remarks on the case, by their first words."""
    with closing(journal_of(shop.workspace)) as journal:
        warnings = [json.loads(each.body)["kind"] for each in journal.entries("lookup.warning")]
        said = remarks(journal, "cases/spring")
    assert {(each.who, each.version) for each in said} <= {("look-up page", "1")}
    return warnings, [each.text.partition(" (")[0] for each in said]


def test_scan_watch_and_serve_take_a_warning_to_its_case_once(shop: Shop, followed: Page) -> None:
    log, canary = str(shop.root / "access.log"), "somebody asked for a contact that nobody has"
    ask_for_a_canary(followed)
    report = scan([log], shop.workspace, now=NOW)
    assert [each for each in report.notes if each.startswith("look-up page of spring 1: ")]
    assert kept(shop) == (["canary"], [canary])
    ask_for_a_canary(followed)
    told: list[str] = []
    watch(
        [log],
        shop.workspace,
        sinks=(),
        clock=lambda: NOW,
        stop=threading.Event(),
        once=True,
        told=told.append,
    )
    assert sum(canary in each for each in told) == 1
    assert kept(shop) == (["canary"] * 2, [canary] * 2)
    ask_for_a_canary(followed)
    served: queue.Queue[str] = queue.Queue()
    follower = PageFollower(shop.workspace, now=lambda: NOW, told=served.put, every=0.01)
    follower.start()
    assert canary in served.get()
    ask_for_a_canary(followed)
    assert canary in served.get()
    follower.end()
    assert not follower.is_alive()
    assert kept(shop) == (["canary"] * 4, [canary] * 4)


def test_a_page_that_cannot_be_read_is_said_and_hinders_no_other(
    shop: Shop, followed: Page, table_folder: Path, tmp_path: Path
) -> None:
    ask_for_a_canary(followed)
    key, other = table_folder / "t.lookup.key", tmp_path / "another"
    other.mkdir()
    take_in(other, table_key=key, workspace=shop.workspace, now=NOW, following=True)
    other.rmdir()
    with closing(journal_of(shop.workspace)) as journal:
        assert [each.partition(":")[0] for each in look_at_pages(journal, shop.workspace, now=NOW)] == [
            f"look-up page {other}",
            "look-up page of spring 1",
        ]
        assert len(look_at_pages(journal, shop.workspace, now=NOW)) == 1, "as long as it is away"
    assert kept(shop)[0] == ["canary"]
    other.mkdir()
    assert not take_in(other, table_key=key, workspace=shop.workspace, now=NOW, following=False).followed
    with closing(journal_of(shop.workspace)) as journal:
        assert look_at_pages(journal, shop.workspace, now=NOW) == ()


def test_lines_that_are_gone_are_not_taken_for_peace(shop: Shop, followed: Page, tmp_path: Path) -> None:
    ask_for_a_canary(followed)
    with closing(journal_of(shop.workspace)) as journal:
        assert len(look_at_pages(journal, shop.workspace, now=NOW)) == 1
        (tmp_path / "kept" / "warnings.jsonl").unlink()
        (told,) = look_at_pages(journal, shop.workspace, now=NOW)
    assert "lines are gone" in told
    with pytest.raises(WhosawError, match="is no folder"):
        take_in(tmp_path / "nowhere", table_key=tmp_path / "k", workspace=shop.workspace, now=NOW)
