"""The notice on the home page: how long it is known to have been up follows from looks, and from nothing else."""

from __future__ import annotations

import json
import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from tests.schemas import validate
from tests.sending.shop import NOW, Shop
from typer.testing import CliRunner

from whosaw.app.sending.page import PageRecord, put_up, saw
from whosaw.cli.main import app
from whosaw.core.errors import WhosawError

URL = "https://duka.example.org/leak"


def _page(shop: Shop) -> Path:
    """A completed notice, as a page."""
    text = next(path for path in sorted((shop.root / "notices").glob("*-en-all-page.txt")))
    shutil.copyfile(text, shop.root / "page.txt")
    return shop.root / "page.txt"


def test_what_nobody_looked_at_cannot_be_told(shop: Shop) -> None:
    page, case = _page(shop), shop.root / "case.toml"
    up = put_up(case, page, workspace=shop.workspace, url=URL, days=3, now=NOW, places=["ke"], version=1)
    assert (up.until, up.passed_hours, up.kept) == (NOW + timedelta(days=3), 0, False)

    def look(hours: int, path: Path = page) -> PageRecord:
        return saw("spring", path, workspace=shop.workspace, url=URL, now=NOW + timedelta(hours=hours))

    assert look(24).gaps == ()
    told = look(60)
    assert [(each.why, each.end - each.start) for each in told.gaps] == [
        ("nobody looked", timedelta(hours=36))
    ]
    assert (told.known_hours, told.passed_hours) == (24, 60)
    changed = shop.root / "changed.txt"
    changed.write_text("nothing to see here")
    told = look(66, changed)
    assert told.same is False
    assert [each.why for each in told.gaps] == ["nobody looked", "another text was seen"]
    assert (told.known_hours, told.passed_hours) == (24, 66)
    told = look(80)
    assert (told.known_hours, told.passed_hours, told.kept) == (24, 72, False)


def test_a_page_that_was_looked_at_each_day_is_known_to_have_stayed(shop: Shop) -> None:
    page = _page(shop)
    put_up(
        shop.root / "case.toml",
        page,
        workspace=shop.workspace,
        url=URL,
        days=3,
        now=NOW,
        places=["ke"],
        version=1,
    )
    for day in (1, 2, 3):
        told = saw("spring", page, workspace=shop.workspace, url=URL, now=NOW + timedelta(days=day))
    assert (told.known_hours, told.kept, told.same) == (72, True, True)


def test_a_text_that_fails_is_not_put_up_and_what_is_not_up_is_not_seen(shop: Shop) -> None:
    wrong = shop.root / "wrong.txt"
    wrong.write_text("Dear customer, all is well.")
    with pytest.raises(WhosawError) as caught:
        put_up(
            shop.root / "case.toml",
            wrong,
            workspace=shop.workspace,
            url=URL,
            days=3,
            now=NOW,
            places=["ke"],
            version=1,
        )
    assert caught.value.code == "notice.page-fails"
    with pytest.raises(WhosawError) as caught:
        saw("spring", wrong, workspace=shop.workspace, url=URL, now=NOW)
    assert caught.value.code == "notice.no-page"


def test_the_command(shop: Shop) -> None:
    page = _page(shop)
    words = [
        "notice",
        "page",
        str(shop.root / "case.toml"),
        str(page),
        "--url",
        URL,
        "-w",
        str(shop.workspace),
    ]
    for more in (["--days", "30", "--version", "1", "--for", "ke"], ["--seen"]):
        done = CliRunner().invoke(app, [*words, *more, "--json"])
        assert done.exit_code == 0, done.stderr
        validate("notice-page", json.loads(done.stdout))
    done = CliRunner().invoke(app, [*words, "--seen"])
    assert "it is known to have been up" in done.stdout
