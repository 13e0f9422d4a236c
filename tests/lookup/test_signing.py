"""The page proves itself: its address and text are signed, a copy that asks for more is told, and what is served is what was signed."""

from __future__ import annotations

from pathlib import Path

import pytest
from litestar.testing import TestClient
from tests.lookup.page import open_page
from tests.sending.shop import NOW

from whosaw.app.lookup.signing import sign_page, verify_page
from whosaw.core.errors import WhosawError
from whosaw.evidence.keys import make_key

ADDRESS = "https://leak.example.org"


def test_a_saved_page_is_told_from_a_copy(table_folder: Path, tmp_path: Path) -> None:
    mark = make_key(tmp_path / "signing.pem")
    signed = sign_page(
        table_folder / "t.lookup", tmp_path / "page.json", table_key=table_folder / "t.lookup.key", address=ADDRESS, kinds=("mail", "phone"),
        key=tmp_path / "signing.pem", now=NOW,
    )  # fmt: skip
    assert signed.signer == mark
    opened = open_page(table_folder, tmp_path, statement=tmp_path / "page.json")
    with TestClient(opened.app, base_url="http://leak.example.org") as client:
        (tmp_path / "page.html").write_bytes(client.get("/?lang=sw").content)
        (tmp_path / "served.json").write_bytes(client.get("/page.json").content)
        assert mark in client.get("/?lang=ko").text
    opened.close()
    statement, page = tmp_path / "served.json", tmp_path / "page.html"
    assert verify_page(statement, page, signer=mark).answer == "holds"
    assert verify_page(statement, page, signer=None).answer == "cannot tell"
    other = make_key(tmp_path / "other.pem")
    assert "not by the key" in verify_page(statement, page, signer=other).why
    asking = page.read_text().replace("</form>", '<input name="password"></form>', 1)
    (tmp_path / "copy.html").write_text(asking)
    assert "not the one that was signed" in verify_page(statement, tmp_path / "copy.html", signer=mark).why
    moved = statement.read_text().replace("leak.example.org", "leak.example.com")
    (tmp_path / "moved.json").write_text(moved)
    assert verify_page(tmp_path / "moved.json", page, signer=mark).answer == "broken"


def test_a_page_that_was_not_signed_like_this_is_not_served(table_folder: Path, tmp_path: Path) -> None:
    make_key(tmp_path / "signing.pem")
    sign_page(
        table_folder / "t.lookup", tmp_path / "page.json", table_key=table_folder / "t.lookup.key", address=ADDRESS, kinds=("mail",),
        key=tmp_path / "signing.pem", now=NOW,
    )  # fmt: skip
    with pytest.raises(WhosawError, match="is not the one that was signed"):
        open_page(table_folder, tmp_path, statement=tmp_path / "page.json")
    (tmp_path / "none.json").write_text("{}")
    with pytest.raises(WhosawError, match="is no statement of a look-up page"):
        open_page(table_folder, tmp_path, statement=tmp_path / "none.json")
