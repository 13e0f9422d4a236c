"""A workspace in PostgreSQL keeps what one in SQLite keeps, and loses and doubles nothing, whatever happens to the server."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from threading import Barrier, Event, Thread

import pytest
from tests.chain.shop_log import shop_lines
from tests.schemas import validate
from tests.store.postgres_server import PASSWORD, Server
from tests.unit.cli.conftest import call
from tests.waiting import wait_until
from tests.wide import WIDE

from whosaw.app.backup import back_up, restore
from whosaw.app.console.judging import judge
from whosaw.app.database import FOLDER, database_of, move_journal
from whosaw.app.evidence.check import Elsewhere, check
from whosaw.app.scan import scan
from whosaw.core.custody import HOLDS
from whosaw.core.errors import WhosawError
from whosaw.store import lease as leases
from whosaw.store import statements as sa
from whosaw.store.custody_check import whole
from whosaw.store.database_address import ADDRESS, address_in
from whosaw.store.journal import Journal, entry_hash, tables
from whosaw.store.numbers.history import number_tables
from whosaw.store.remembered import remembered
from whosaw.store.repositories.judgments import judgments_of
from whosaw.store.upgrading import LAYOUT, STEPS
from whosaw.store.workspace import Workspace, journal_of

NOW = datetime(2026, 11, 28, 9, tzinfo=UTC)
OLD = Path(__file__).parent / "old_workspaces"


@pytest.fixture(params=["SQLite", "PostgreSQL"])
def either(request: pytest.FixtureRequest, server: Server) -> Path:
    """The same in either; the server is there before anything is, and stays."""
    found: Path = request.getfixturevalue("in_sqlite" if request.param == "SQLite" else "root")
    return found


def code(act: Callable[[], object]) -> str:
    with pytest.raises(WhosawError) as caught:
        act()
    assert PASSWORD not in str(caught.value)
    return caught.value.code


def digest_of(root: Path, *but: str) -> str:
    """The canonical digest of the ledger, once everything else holds."""
    told = check(root, Elsewhere(), digest=True)
    assert {each.name for each in told.parts if each.answer != HOLDS} <= {"what was noted elsewhere", *but}, (
        told.parts
    )
    assert told.digest is not None
    return told.digest.sha256


def write(journal: Journal, number: int = 1) -> None:
    with journal.transaction() as connection:
        journal.record(connection, "reidentified", {"number": number}, now=NOW)


def dumped(journal: Journal) -> dict[str, list[dict[str, object]]]:
    """Every row of every table that both databases have."""
    with journal.reading() as connection:
        names = connection.tables()
    both = (*vars(tables).values(), *vars(number_tables).values(), remembered)
    every = [each for each in both if isinstance(each, sa.Table) and each.name in names]
    found = {each.name: journal.rows(sa.select(each).order_by(*each.c)) for each in every}
    found["setting"] = [row for row in found["setting"] if row["name"] != "copy"]
    return found


# -- there and back


def test_everything_is_there_and_comes_back(in_sqlite: Path, server: Server) -> None:
    root, database = in_sqlite, server.database()
    before = digest_of(root)
    with closing(journal_of(root)) as journal:
        rows, entries = dumped(journal), journal.entries()
    there = move_journal(root, server.url(database), now=NOW)
    assert (there.kind, there.tables > 30, there.left) == ("postgresql", True, "")
    assert there.rows == sum(map(len, rows.values()))
    assert [each.name for each in root.glob("journal.sqlite*")] == ["journal.sqlite"]
    with closing(Journal.at(root / "journal.sqlite", who="an earlier release")) as earlier:
        assert code(lambda: earlier.setting("key-check")) == "journal.failed"
    with closing(journal_of(root)) as journal:
        *same, moved = journal.entries()
        assert same == entries
        assert (moved.kind, json.loads(moved.body)["sha256"]) == ("journal.moved", there.sha256)
        assert whole(journal).answer == HOLDS
        known = server.ask(database, "SELECT seq, hash FROM whosaw.journal ORDER BY seq")
        assert known == [(each.seq, entry_hash(each)) for each in (*same, moved)]
    assert digest_of(root) == before
    back = move_journal(root, FOLDER, now=NOW)
    assert back.rows > there.rows  # the entry that says so, and the number of the copy
    assert not (root / ADDRESS).exists()
    assert server.ask(database, "SELECT 1 FROM pg_namespace WHERE nspname = 'whosaw'") == []
    assert digest_of(root) == before


def taken_back(journal: Journal) -> None:
    with journal.transaction() as connection:
        row = tables.remark.insert().values(about="x", version="", time=1, who="a", text="b")
        assert connection.execute(row).key == 1
        raise ZeroDivisionError


def test_the_same_work_gives_the_same_rows_in_both(shop: Path, server: Server, tmp_path: Path) -> None:
    """Numbers of rows too, after one that was taken back: what is derived from them is the same file."""
    log = tmp_path / "later.log"
    log.write_text("".join(f"{line}\n" for line in shop_lines(700)[600:]))
    found = []
    for name in ("one", "other"):
        copy = shutil.copytree(shop / "ws", tmp_path / name)
        if name == "other":
            move_journal(copy, server.url(server.database()), now=NOW)
        with closing(journal_of(copy)) as journal:
            for _ in range(2):
                with pytest.raises(ZeroDivisionError):
                    taken_back(journal)
        scan([str(log)], copy, now=NOW, map_path=shop / "map.toml")
        with closing(journal_of(copy)) as journal:
            found.append(dumped(journal))
    one, other = found
    for name in sorted(set(one) - {"journal", "custody", "setting", "alert"}):
        assert one[name] == other[name], name


@pytest.mark.parametrize(
    "archive", sorted(OLD.glob("*.tar.gz"))[:: 1 if WIDE else 2], ids=lambda path: path.name[:15]
)
def test_a_workspace_of_an_earlier_release_is_brought_up_and_moved(
    archive: Path, server: Server, tmp_path: Path
) -> None:
    shutil.unpack_archive(archive, tmp_path, filter="data")
    root = tmp_path / "ws"
    with closing(Journal.at(root / "journal.sqlite", who="")) as journal:
        assert journal.setting(LAYOUT) is None
        entries = len(journal.entries())
    who = call("who", "107", "-w", str(root), "--json")
    move_journal(root, server.url(server.database()), now=NOW)
    assert (
        json.loads(call("who", "107", "-w", str(root), "--json").stdout)["views"]
        == json.loads(who.stdout)["views"]
    )
    with closing(journal_of(root)) as journal:
        assert journal.setting(LAYOUT) == str(len(STEPS))
        assert whole(journal).answer != "broken"
        assert len(journal.entries()) > entries


def test_a_later_layout_is_left_alone(either: Path) -> None:
    with closing(journal_of(either)) as journal, journal.transaction() as connection:
        journal.set_setting(connection, LAYOUT, str(len(STEPS) + 1))
    assert code(lambda: journal_of(either)) == "workspace.layout"


def test_a_move_that_cannot_be_made_changes_nothing(
    in_sqlite: Path, root: Path, server: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    taken = address_in(root)
    assert taken is not None
    other = shutil.copytree(root, tmp_path / "other", ignore=lambda *_: [ADDRESS])
    with closing(journal_of(root)) as journal:
        entries = journal.entries()
    assert other.is_dir()
    assert code(lambda: move_journal(root, server.url("postgres"), now=NOW)) == "database.there"
    database = server.database()
    wrong = f"postgresql://team:{PASSWORD}@127.0.0.1:{server.port}/{database}"
    move_journal(root, FOLDER, now=NOW)
    for address, schema, expected in (
        (wrong, None, "database.password"),
        (f"{server.url(database)}?password={PASSWORD}", None, "database.password"),
        (f"postgresql//team:{PASSWORD}@x", None, "database.address"),
        (f"postgresql://team@x/y?{PASSWORD}=1", None, "database.address"),
        (server.url(database), "Robert'); DROP", "database.schema"),
        (server.url("nowhere"), None, "database.refused"),
        (FOLDER, None, "database.there"),
    ):
        assert code(lambda to=address, at=schema: move_journal(root, to, now=NOW, schema=at)) == expected  # type: ignore[misc]
    with monkeypatch.context() as patch:
        patch.setenv("PGPASSWORD", "wrong")
        assert code(lambda: move_journal(root, server.url(database), now=NOW)) == "database.refused"
    with monkeypatch.context() as patch:  # a row that does not come through as it was
        patch.setattr(
            sa.Insert,
            "whole",
            lambda self, row: {**row, "who": "x"} if self.table is tables.entry else dict(row),
        )
        assert code(lambda: move_journal(root, server.url(database), now=NOW)) == "database.differs"
    assert server.ask(database, "SELECT 1 FROM pg_namespace WHERE nspname = 'whosaw'") == []
    server.ask(database, "CREATE SCHEMA whosaw; CREATE TABLE whosaw.setting (name text)", user="owner")
    server.ask(database, "GRANT ALL ON SCHEMA whosaw TO team; GRANT ALL ON whosaw.setting TO team")
    assert code(lambda: move_journal(root, server.url(database), now=NOW)) == "database.taken"
    assert code(lambda: move_journal(root, server.url(database), now=NOW)) == "database.taken"
    with closing(journal_of(root)) as journal:
        assert whole(journal).answer == HOLDS
        assert journal.entries()[: len(entries)] == entries
    move_journal(root, server.url(database), now=NOW, schema="shop")
    assert str(address_in(root)).endswith(f"{database}, schema shop")


def test_who_opened_it_before_it_moved_writes_nothing_that_is_lost(in_sqlite: Path, server: Server) -> None:
    with closing(journal_of(in_sqlite)) as before:
        write(before)
        move_journal(in_sqlite, server.url(server.database()), now=NOW)
        assert code(lambda: write(before)) == "workspace.moved"
    with closing(journal_of(in_sqlite)) as before:
        write(before)
        move_journal(in_sqlite, FOLDER, now=NOW)
        assert code(lambda: write(before)) == "workspace.moved"


def test_another_schema_is_not_taken_for_it(root: Path, server: Server) -> None:
    address = address_in(root)
    assert address is not None
    server.ask(address.server["dbname"], "UPDATE whosaw.setting SET value = 'other' WHERE name = 'copy'")
    assert code(lambda: Workspace.open(root)) == "database.other"
    server.ask(address.server["dbname"], "DROP SCHEMA whosaw CASCADE")
    assert code(lambda: Workspace.open(root)) == "database.other"


def test_a_password_is_shown_nowhere(root: Path, server: Server) -> None:
    url = f"postgresql://team:{PASSWORD}@127.0.0.1:{server.port}/x"
    told = [
        call(*words, "-w", str(root), *more)
        for words in (
            ["database"],
            ["config"],
            ["status"],
            ["check"],
            ["database", "--move-to", url],
            ["database", "--move-to", "sqlite"],
            ["database", "--move-to", url],
        )
        for more in ([], ["--json"])
    ]
    assert all(PASSWORD not in each.output + str(each.exception) for each in told)
    assert "holds a password" in told[-1].output
    for path in root.rglob("*"):
        assert path.is_dir() or PASSWORD.encode() not in path.read_bytes(), path


def test_the_command_says_where_it_is_and_moves_it(in_sqlite: Path, server: Server) -> None:
    database = server.database()
    for words, kind in (
        (["--move-to", server.url(database)], "postgresql"),
        ([], "postgresql"),
        (["--move-to", "sqlite"], "sqlite"),
        ([], "sqlite"),
    ):
        done = call("database", *words, "-w", str(in_sqlite), "--json")
        assert done.exit_code == 0, done.output
        told = json.loads(done.stdout)
        validate("database-move" if words else "database", told)
        assert told["kind"] == kind
    assert call("database", "--schema", "x", "-w", str(in_sqlite)).exit_code == 2


# -- backups


def test_a_backup_holds_it_whole_and_is_restored_into_the_folder(root: Path, tmp_path: Path) -> None:
    with closing(journal_of(root)) as journal:
        entries = journal.entries()
    back_up(root, tmp_path / "b.tar", now=NOW)
    restore(tmp_path / "b.tar", tmp_path / "again", now=NOW, key_file=root / "vault.key")
    shutil.copy2(root / "vault.key", tmp_path / "again" / "vault.key")
    assert database_of(tmp_path / "again").kind == FOLDER
    assert digest_of(tmp_path / "again", "journal") == digest_of(root)
    with closing(journal_of(tmp_path / "again")) as journal:
        assert journal.entries()[: len(entries)] == entries


# -- several at once


def test_two_people_decide_at_once_and_nobodys_word_is_lost(either: Path) -> None:
    people, each_says = 4, 3
    together = Barrier(people)

    def say(name: str) -> None:
        with closing(journal_of(either)) as journal:
            for number in range(each_says):
                together.wait()
                judge(
                    journal,
                    "f-1",
                    state="looking",
                    assignee=name,
                    note=f"{name} {number}",
                    seen=0,
                    by=name,
                    now=NOW,
                )

    threads = [Thread(target=say, args=(f"p{number}",)) for number in range(people)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    with closing(journal_of(either)) as journal:
        said = judgments_of(journal, "f-1")
        assert [each.seq for each in said] == list(range(1, people * each_says + 1))
        assert {each.note for each in said} == {
            f"p{who} {n}" for who in range(people) for n in range(each_says)
        }
        on_record = [json.loads(each.body)["number"] for each in journal.entries("judged")]
        assert on_record == [each.seq for each in said]
        assert whole(journal).answer == HOLDS


def test_whoever_reads_sees_one_state_while_others_write(either: Path) -> None:
    with closing(journal_of(either)) as reader, closing(journal_of(either)) as writer:
        with reader.reading() as connection:
            count = sa.select(sa.func.count()).select_from(tables.entry)
            before = connection.execute(count).scalar()
            write(writer)
            assert connection.execute(count).scalar() == before
        assert len(reader.entries()) == before + 1


def test_one_writes_at_a_time_and_the_other_is_told_who(root: Path) -> None:
    address = address_in(root)
    assert address is not None
    with leases.lease(address, "here") as held:
        assert code(lambda: leases.Lease(address, "here")) == "workspace.busy"
        with (
            closing(Workspace.open(root)) as workspace,
            pytest.raises(WhosawError, match=r"process \d+") as busy,
            workspace.writing(),
        ):
            pass
        assert busy.value.code == "workspace.busy"
    with leases.lease(address, "here") as next_one:
        assert next_one.token == held.token + 1


def test_who_lost_the_lease_commits_nothing_once_another_has_it(root: Path, server: Server) -> None:
    address = address_in(root)
    assert address is not None
    ours = "SELECT pg_terminate_backend(pid, 5000) FROM pg_locks WHERE locktype = 'advisory'"
    with closing(Workspace.open(root)) as workspace, workspace.writing():
        write(workspace.journal)
        server.ask(address.server["dbname"], ours)
        write(workspace.journal)  # nobody had it meanwhile, so it is taken again
        entries = len(workspace.journal.entries())
        server.ask(address.server["dbname"], ours)
        with leases.lease(address, "elsewhere"):
            assert code(lambda: write(workspace.journal)) == "workspace.lease-lost"
        assert code(lambda: write(workspace.journal)) == "workspace.lease-lost"
        assert len(workspace.journal.entries()) == entries


def test_nobody_gets_the_lease_before_what_is_under_way_ends(root: Path, server: Server) -> None:
    """The holder's connection is gone in the middle of its transaction: the next one waits for the end of that."""
    address = address_in(root)
    assert address is not None
    got, order = Event(), []

    def next_holder() -> None:
        with leases.lease(address, "elsewhere"):
            order.append("taken")
            got.set()

    with closing(Workspace.open(root)) as workspace, workspace.writing():
        with workspace.journal.transaction() as connection:
            server.ask(
                address.server["dbname"],
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_locks JOIN pg_stat_activity USING (pid) "
                "WHERE locktype = 'advisory' AND state = 'idle'",
            )
            thread = Thread(target=next_holder)
            thread.start()
            waits = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
            wait_until(lambda: got.is_set() or bool(server.ask("postgres", waits)), what="the next holder")
            workspace.journal.record(connection, "reidentified", {"number": 1}, now=NOW)
            order.append("committed")
        got.wait()
        thread.join()
        assert order == ["committed", "taken"]
        assert code(lambda: write(workspace.journal)) == "workspace.lease-lost"
