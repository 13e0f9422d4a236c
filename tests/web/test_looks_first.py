"""What somebody looks at is in the custody journal before the page leaves, or the page does not."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Self

import httpx
import pytest
from tests.waiting import HANG
from tests.web.conftest import PASSWORD, Browser, all_looks, entries
from tests.wide import WIDE

from whosaw.app.console.gate import Role
from whosaw.core.errors import WhosawError
from whosaw.store.journal import Journal

LOOKS, TURNS = 1_000, 5


def test_a_person_is_looked_at_with_name_and_purpose(root: Path, browser: Callable[..., Browser]) -> None:
    somebody = browser(Role.INVESTIGATOR)
    found = somebody.post("/people", identifier="7")
    number = found.headers["location"].removeprefix("/people/p")
    assert not entries(root, "seen")  # whether there is such a person is no look yet
    assert somebody.get(found.headers["location"]).status_code == 200
    (entry,) = entries(root, "seen")
    body = json.loads(entry.body)
    assert (entry.who, body["what"], body["reason"]) == ("console:the-investigator", "who", "incident 12")
    assert body["numbers"] == {"person": [int(number)]}
    (look,) = all_looks(root)
    assert (look.by, look.revealed, look.persons) == ("console:the-investigator", False, 1)


def test_an_unmasked_look_needs_a_reason_of_its_own(root: Path, browser: Callable[..., Browser]) -> None:
    somebody = browser(Role.INVESTIGATOR)
    person = somebody.post("/people", identifier="7").headers["location"]
    masked = somebody.get(person).text
    assert somebody.post(f"{person}/reveal", reason=" ").status_code == 400
    assert not entries(root, "reidentified")
    shown = somebody.post(f"{person}/reveal", reason="the person asked")
    (entry,) = entries(root, "reidentified")
    assert json.loads(entry.body)["reason"] == "the person asked"
    assert "192.0.2." in shown.text
    assert "192.0.2." not in masked


@pytest.mark.parametrize(
    ("path", "kind"), [("/people/p1", "seen"), ("/people/p1/reveal", "reidentified"), ("/looks", None)]
)
def test_where_it_cannot_be_put_on_record_nothing_is_shown(
    browser: Callable[..., Browser], monkeypatch: pytest.MonkeyPatch, path: str, kind: str | None
) -> None:
    somebody = browser(Role.OFFICER)
    real = Journal.record

    def full(self: Journal, connection: object, what: str, *args: object, **named: object) -> int:
        if what == kind:
            raise WhosawError("journal.full", "the disk is full")
        return real(self, connection, what, *args, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(Journal, "record", full)
    answer = somebody.post(path, reason="x") if path.endswith("reveal") else somebody.get(path)
    assert (answer.status_code == 200) == (kind is None)
    assert kind is None or not re.search(r"Who saw p1|192\.0\.2\.|\d\*\*\*", answer.text)


@pytest.mark.skipif(
    not WIDE, reason="servers are killed where there is time; the test above proves the order"
)
def test_a_server_that_is_killed_showed_nothing_that_is_not_on_record(root: Path, tmp_path: Path) -> None:
    """Killed in the midst, again and again; as many rows as answers, at least."""
    shown = 0
    for turn in range(TURNS):
        with (
            _Served(root, tmp_path / f"told-{turn}") as served,
            httpx.Client(base_url=served.address, follow_redirects=True, timeout=HANG) as client,
        ):
            _log_in(client)
            for number in range(LOOKS // TURNS):
                shown += client.get(f"/people/p{number % 5}").status_code == 200
                if number == LOOKS // TURNS - 2:
                    served.kill()
                    break
    assert shown >= LOOKS // TURNS * TURNS - TURNS
    on_record = [json.loads(each.body)["numbers"]["person"] for each in entries(root, "seen")]
    assert len(on_record) >= shown


class _Served:
    """A console in a process of its own."""

    def __init__(self, root: Path, told: Path) -> None:
        self._root, self._told = root, told

    def __enter__(self) -> Self:
        with self._told.open("wb") as out:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "whosaw", "serve", "-w", str(self._root), "--port", "0"],
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                env={**os.environ, "PYTHONUNBUFFERED": "1"},
            )
        self.address = self._await()
        return self

    def _await(self) -> str:
        while self._process.poll() is None:
            for line in self._told.read_text().splitlines():
                if line.startswith("http"):
                    return line.strip()
        raise AssertionError(self._told.read_text())

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def __exit__(self, *_: object) -> None:
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
            self._process.wait()


def _log_in(client: httpx.Client) -> None:
    for path, form in (
        ("/login", {"name": "the-investigator", "password": PASSWORD}),
        ("/purpose", {"purpose": "incident 12"}),
    ):
        client.get("/login")
        token = client.cookies["whosaw-form"]
        assert client.post(path, data={"_csrf_token": token, **form}).status_code == 200
