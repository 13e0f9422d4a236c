"""PostgreSQL goes, at the worst moments, and comes back: nothing is lost, nothing doubled, and what cannot be told is said."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from litestar.testing import TestClient
from tests.store.conftest import NOW
from tests.store.cutting import Cut, cutting
from tests.store.postgres_server import PASSWORD, Server
from tests.store.postgres_server import server as serving
from tests.unit.cli.conftest import call
from tests.waiting import wait_until
from tests.wide import WIDE

from whosaw.app.database import move_journal
from whosaw.core.custody import HOLDS
from whosaw.core.errors import WhosawError
from whosaw.store import postgres
from whosaw.store.custody_check import recent, whole
from whosaw.store.database_address import address_in, keep_address
from whosaw.store.journal import Journal
from whosaw.store.workspace import journal_of
from whosaw.web.app import console_app
from whosaw.web.served import COOKIE

HOST = "testserver.local"
KILLS = 40 if WIDE else 2


@pytest.fixture
def mortal(cluster: Path) -> Iterator[Server]:
    """One of its own: it is ended and started again."""
    with serving(cluster) as made, pytest.MonkeyPatch.context() as patch:
        patch.setenv("PGPASSWORD", PASSWORD)
        yield made


@pytest.fixture
def on_mortal(in_sqlite: Path, mortal: Server) -> Path:
    """A workspace there."""
    move_journal(in_sqlite, mortal.url(mortal.database()), now=NOW)
    return in_sqlite


@contextmanager
def cut_before(root: Path) -> Iterator[Cut]:
    """The workspace's way to its server leads through what is given."""
    address = address_in(root)
    assert address is not None
    with cutting(int(address.server["port"])) as made:
        keep_address(root, replace(address, server={**address.server, "port": str(made.port)}))
        yield made


@pytest.fixture
def cut(root: Path) -> Iterator[Cut]:
    with cut_before(root) as made:
        yield made


@pytest.fixture
def mortal_cut(on_mortal: Path) -> Iterator[Cut]:
    with cut_before(on_mortal) as made:
        yield made


def write(journal: Journal, number: int) -> None:
    with journal.transaction() as connection:
        journal.record(connection, "reidentified", {"number": number}, now=NOW)


def written(journal: Journal) -> list[int]:
    return [json.loads(each.body)["number"] for each in journal.entries("reidentified")]


def test_a_commit_whose_answer_was_lost_is_found_and_not_done_again(root: Path, cut: Cut) -> None:
    with closing(journal_of(root)) as journal:
        write(journal, 1)
        cut.at_commit = "after"
        write(journal, 2)
        write(journal, 3)
        assert written(journal) == [1, 2, 3]
        assert whole(journal).answer == recent(journal).answer == HOLDS
        (slot,) = journal.keys.state().slots  # the key that signed was erased, as the entry is there
        assert slot.entry == len(journal.entries()) + 1


def test_a_commit_that_never_came_is_said_not_to_be_stored(root: Path, cut: Cut) -> None:
    with closing(journal_of(root)) as journal:
        write(journal, 1)
        cut.at_commit = "before"
        with pytest.raises(WhosawError) as lost:
            write(journal, 2)
        assert (lost.value.code, "Nothing was stored" in str(lost.value)) == ("journal.unreachable", True)
        assert written(journal) == [1]
        write(journal, 2)
        assert written(journal) == [1, 2]
        assert whole(journal).answer == HOLDS


def test_a_server_that_is_killed_in_the_middle_of_commits_loses_and_doubles_nothing(
    on_mortal: Path, mortal: Server, mortal_cut: Cut
) -> None:
    def dies() -> None:
        mortal.stop(signal.SIGKILL)
        mortal.start()

    mortal_cut.happens = dies
    expected = []
    with closing(journal_of(on_mortal)) as journal:
        for number in range(KILLS):
            mortal_cut.at_commit = "during"
            try:
                write(journal, number)
                expected.append(number)
            except WhosawError as fault:
                assert fault.code == "journal.unreachable"  # noqa: PT017  # either may be, and each has to be true
            assert written(journal) == expected
        write(journal, KILLS)
        assert written(journal) == [*expected, KILLS]
        assert whole(journal).answer == HOLDS


def test_where_nobody_can_tell_that_is_what_is_said(
    on_mortal: Path, mortal: Server, mortal_cut: Cut, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres, "RETURNING", 0.0)
    mortal_cut.happens = mortal.stop
    with closing(journal_of(on_mortal)) as journal:
        mortal_cut.at_commit = "after"
        with pytest.raises(WhosawError) as doubt:
            write(journal, 1)
        assert doubt.value.code == "journal.in-doubt"
        mortal.start()
        assert written(journal) == [1]
        write(journal, 2)
        assert written(journal) == [1, 2]
        assert whole(journal).answer == HOLDS


def test_the_console_says_that_the_server_is_gone_and_is_well_again_once_it_is_back(
    on_mortal: Path, mortal: Server
) -> None:
    app = console_app(on_mortal, now=lambda: NOW, hosts=[HOST])
    with TestClient(app, base_url=f"http://{HOST}") as asked:
        assert (asked.get("/healthz").status_code, asked.get("/login").status_code) == (200, 200)
        asked.cookies.set(COOKIE, "f" * 64)
        worker = app.state.served.worker
        mortal.stop()
        try:
            for path in ("/", "/findings", "/api/v1/findings"):
                gone = asked.get(path, headers={"Authorization": "Bearer x"}, follow_redirects=False)
                assert gone.status_code == 503, (path, gone.text)
                assert "does not answer" in gone.text
                assert str(mortal.port) not in gone.text  # where it is concerns nobody who is not logged in
            assert asked.get("/healthz").status_code == 503
            worker.wake()
            done = call("status", "-w", str(on_mortal))
            assert (done.exit_code, "does not answer" in done.output) == (2, True)
        finally:
            mortal.start()
        wait_until(lambda: asked.get("/healthz").status_code == 200, what="that it is well")
        assert worker.works
        assert asked.get("/findings", follow_redirects=False).status_code == 302
