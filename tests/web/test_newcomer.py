"""The page for newcomers, followed: its log is read, the console is started, and each step in the browser is found where the page says so."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urljoin

import httpx
import pytest
from bs4 import BeautifulSoup, Tag
from litestar.testing import TestClient
from tests.unit.cli.conftest import call
from tests.web.conftest import NOW, PASSWORD
from tools import console

from whosaw.app.console.serving import open_console
from whosaw.web.app import console_app

PAGE = console.ROOT / "docs" / "howto" / "console-on-your-logs.md"
SAID = {"password": PASSWORD, "again": PASSWORD, "purpose": "to try it", "identifier": "10002"}


class Follows:
    """Somebody who presses what a page names."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client

    def open(self, address: str) -> None:
        self._shown(self._client.get(address))

    def _shown(self, answer: httpx.Response) -> None:
        assert answer.status_code == 200, answer.text
        self.address, self.page = str(answer.url), BeautifulSoup(answer.text, "html.parser")

    def press(self, name: str) -> None:
        """The button of this name in a form that can be filled in, else the link; "…" stands for what is another one each time."""
        asked = re.compile(re.escape(name).replace("…", ".+"))
        found = [
            each for each in self.page.find_all(["button", "a"]) if asked.fullmatch(each.get_text(strip=True))
        ]
        assert found, f"{name} is not on {self.address}"
        button = next((each for each in found if each.name == "button"), None)
        if button is None:
            self.open(urljoin(self.address, str(found[0]["href"])))
            return
        form = button.find_parent("form")
        assert isinstance(form, Tag)
        given = {
            str(each["name"]): SAID.get(str(each["name"]), str(each.get("value", "")))
            for each in form.find_all("input")
        }
        self._shown(self._client.post(urljoin(self.address, str(form["action"])), data=given))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_page_leads_to_who_saw_a_customer(folder: Path) -> None:
    text = PAGE.read_text(encoding="utf-8")
    for block in console.blocks(text):
        kind, _, name = block.mark.partition(": ")
        if kind == "file":
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(block.text, encoding="utf-8")
    commands = re.findall(r"^\$ whosaw (.+)$", text, re.MULTILINE)
    assert [each.split()[0] for each in commands] == ["scan", "serve"]
    assert call(*commands[0].split()).exit_code == 0
    opened = open_console(folder / "whosaw-data", now=NOW)  # as `whosaw serve` begins
    assert opened.first is not None
    app = console_app(folder / "whosaw-data", now=lambda: NOW, hosts=["testserver.local"])
    with TestClient(app, base_url="http://testserver.local") as client:
        somebody = Follows(client)
        somebody.open(f"/enter/{opened.first[1]}")
        for step in re.findall(r"^\d\. (.+(?:\n   .+)*)", text, re.MULTILINE):
            for name in re.findall(r"\*\*([^*]+)\*\*", step):
                somebody.press(name)
            if "two clients" in step:
                told = somebody.page.get_text(" ")
                assert re.search(r"Who saw p\d+", told)
                assert len(set(re.findall(r"\bc\d+\b", told))) == 2
        looks = somebody.page.get_text(" ")
    assert "Who looked at whom" in looks
    assert "to try it" in looks
