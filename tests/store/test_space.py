"""A workspace whose files are in an object store and whose journal is in PostgreSQL keeps what one in a folder keeps, on every machine, and
loses and doubles nothing when either of them goes."""

from __future__ import annotations

import json
import shutil
import signal
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from tests.chain.shop_log import MAP, shop_lines
from tests.objects import s3_server
from tests.objects.conftest import bucket, store
from tests.schemas import validate
from tests.store.conftest import NOW
from tests.store.cutting import cutting
from tests.store.postgres_server import PASSWORD, Server
from tests.store.postgres_server import server as serving
from tests.unit.cli.conftest import call

from whosaw.app.backup import back_up, restore
from whosaw.app.cases.making import make_version
from whosaw.app.database import FILES_FOLDER, join, move_files, move_journal
from whosaw.app.scan import scan
from whosaw.core.custody import BROKEN, CANNOT_TELL, HOLDS
from whosaw.core.errors import WhosawError
from whosaw.store import moving_files
from whosaw.store.custody_check import whole
from whosaw.store.database_address import address_in, keep_address
from whosaw.store.days.collect import collect
from whosaw.store.files import ContentStore
from whosaw.store.numbers.commit import sealed_raws
from whosaw.store.objects.bucket import Bucket, Patience
from whosaw.store.postgres import PostgresConnection
from whosaw.store.readers import hold_for_reading
from whosaw.store.space_address import CACHE_BYTES, MOVING, SPACE
from whosaw.store.workspace import Workspace, journal_of

__all__ = ["bucket", "store"]  # fixtures
KILL_AT = 5  # commits of a scan, from one kill to the next
SECRETS = (PASSWORD, s3_server.KEY, s3_server.SECRET)


@dataclass(frozen=True)
class Team:
    """The same lines in `alone`, a folder, and in `here`, whose files are below `prefix`; `there` joined. `log` has more lines."""

    folder: Path
    bucket: s3_server.Bucket
    database: str

    @property
    def alone(self) -> Path:
        return self.folder / "alone"

    @property
    def here(self) -> Path:
        return self.folder / "here"

    @property
    def there(self) -> Path:
        return self.folder / "there"

    def stored(self) -> set[str]:
        """What lies in the bucket, by name."""
        found = self.bucket.client.list_objects_v2(Bucket=self.bucket.name).get("Contents", [])
        return {each["Key"].rpartition("/")[2] for each in found if "/files/" in each["Key"]}

    def read(self, root: Path, lines: int, *, seed: int = 1) -> None:
        log = self.folder / f"{seed}.log"
        log.write_text("".join(f"{line}\n" for line in shop_lines(lines, seed=seed)))
        scan([str(log)], root, now=NOW, map_path=self.folder / "map.toml")


def names(root: Path) -> set[str]:
    """Files in the folder, by name."""
    return {each.name for each in (root / "files").glob("[0-9a-f][0-9a-f]/*")}


def said(command: str, root: Path, *more: str) -> dict[str, Any]:
    """What a question answers, but for what says where it was asked and how the journal stands."""
    done = call(*command.split(), *more, "--json", "--workspace", str(root))
    assert done.exit_code in (0, 3), done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    for each in ("custody", "files", "bytes"):
        told.pop(each, None)
    return told


@pytest.fixture
def team(tmp_path: Path, server: Server, bucket: s3_server.Bucket) -> Team:
    """One empty workspace and its twin, so that both have the same keys; `here` moved."""
    made = Team(tmp_path, bucket, server.url(server.database()))
    (tmp_path / "map.toml").write_text(MAP)
    Workspace.open(made.alone, create=True).close()
    shutil.copytree(made.alone, made.here)
    move_journal(made.here, made.database, now=NOW)
    move_files(made.here, bucket.address("team"), now=NOW)
    return made


@pytest.fixture
def scanned(tmp_path: Path, server: Server, bucket: s3_server.Bucket, shop: Path) -> Team:
    """A scanned one alone, moved."""
    made = Team(tmp_path, bucket, server.url(server.database()))
    shutil.copytree(shop / "ws", made.here)
    shutil.copy(shop / "access.log", tmp_path / "1.log")
    move_journal(made.here, made.database, now=NOW)
    move_files(made.here, bucket.address("team"), now=NOW)
    return made


def joined(team: Team, cache_bytes: int = CACHE_BYTES) -> Path:
    join(team.there, team.database, cache_bytes=cache_bytes)
    shutil.copy(team.here / "vault.key", team.there)
    return team.there


def test_every_machine_has_the_same_files_and_answers_as_a_folder(
    team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    for seed in (1, 2):  # the second round replaces files of the index, and removes the first
        for root in (team.alone, team.here):
            team.read(root, 100, seed=seed)
    assert team.stored() == names(team.alone)
    there = joined(team, cache_bytes=5_000)
    monkeypatch.setattr("whosaw.store.kept_here._SPARED", -1)
    assert not names(there)
    for root in (team.alone, team.here):
        make_version(root, "one", indicators=["address=192.0.2.7"], now=NOW)
    assert team.stored() == names(team.alone)
    for command in ("who 17", "findings", "status", "scope show one"):
        assert said(command, team.alone) == said(command, team.here) == said(command, there), command
        # what a question fetched stays up to a bound, and is fetched again
        assert sum(each.stat().st_size for each in (there / "files").glob("??/*")) <= 5_000
    digests = {json.dumps(said("check --digest", root)["digest"]) for root in (team.alone, team.here, there)}
    assert len(digests) == 1
    assert 0 < len(names(there)) < len(team.stored())
    for root in (team.here, there):
        kept = b"".join(each.read_bytes() for each in root.rglob("*") if each.is_file())
        assert not [each for each in SECRETS if each.encode() in kept]


def test_who_joined_reads_beside_a_writer_and_writes_nothing(scanned: Team, server: Server) -> None:
    team, there = scanned, joined(scanned)
    with closing(Workspace.open(team.here)) as workspace, workspace.writing():
        assert said("findings", there) == said("findings", team.here)
        left = workspace.files.put("views", b"of a run that was killed")
        elsewhere = shutil.copytree(team.here, team.folder / "mounted", ignore=shutil.ignore_patterns("lock"))
        second = call("scan", str(team.folder / "1.log"), "-w", str(elsewhere))
        assert second.exit_code == 2
        assert second.stderr.count("\n") == 1
        assert "another scan is writing" in second.stderr
    for words in (
        ("scan", str(team.folder / "1.log")),
        ("scope", "new", "--case", "one", "--indicator", "ip=192.0.2.1"),
    ):
        refused = call(*words, "-w", str(there))
        assert (refused.exit_code, refused.stderr.count("\n")) == (2, 1), refused.stderr
        assert "joined its workspace to read it" in refused.stderr
    assert ContentStore.of(there).path(left).is_file()
    held = hold_for_reading(there)
    assert held is not None
    with closing(Workspace.open(team.here)) as workspace, workspace.writing():
        with held:
            assert collect(workspace).read  # nothing goes from under a reader on another machine
        assert left in team.stored()
        assert collect(workspace).files == 1
    assert left not in team.stored()
    assert said("findings", there) == said("findings", team.here)
    assert names(there) <= team.stored()  # and what went leaves that machine, too
    _damaged(team, there)
    _cut(team, there, server)


def _damaged(team: Team, there: Path) -> None:
    """What is not what its name says is not read."""
    name = min(each for each in names(there) if each.endswith(".exposures"))
    ContentStore.of(there).place(name).unlink()
    key = f"team/files/{name[:2]}/{name}"
    team.bucket.put(key, b"something else")
    refused = call("who", "17", "-w", str(there))
    assert (refused.exit_code, refused.stderr.count("\n")) == (2, 1)
    assert f"{key} does not hold what its name says" in refused.stderr
    assert name not in names(there)
    team.bucket.client.delete_object(Bucket=team.bucket.name, Key=key)
    told = call("check", "-w", str(team.here))
    assert told.exit_code == 2
    assert f"{name} is gone" in told.stdout


def _cut(team: Team, there: Path, server: Server) -> None:
    """An end that was cut shows where it was seen before."""
    database = team.database.rpartition("/")[2]
    with closing(journal_of(there)) as journal:
        assert [why for why in whole(journal).why if "no custody key" in why]
        assert whole(journal).answer == CANNOT_TELL
    assert call("findings", "-w", str(there)).exit_code == 0
    last = server.ask(database, "SELECT max(seq) FROM whosaw.journal")[0][0]
    for table in ("custody", "journal"):
        server.ask(database, f"DELETE FROM whosaw.{table} WHERE seq = {last}")
    with closing(journal_of(there)) as journal:
        assert whole(journal).answer == BROKEN


def test_a_prefix_has_one_workspace_and_its_files_come_back_whole(scanned: Team, tmp_path: Path) -> None:
    team = scanned
    other = tmp_path / "other"
    Workspace.open(other, create=True).close()
    with pytest.raises(WhosawError) as taken:
        move_files(other, team.bucket.address("team/"), now=NOW)
    assert taken.value.code == "objects.other-workspace"
    there = team.there
    told = call("database", "--join", team.database, "--json", "-w", str(there))
    validate("database-join", json.loads(told.stdout))
    shutil.copy(team.here / "vault.key", there)
    before, kept = said("who 17", there), team.stored()
    with closing(Workspace.open(team.here)) as workspace:
        rows = pa.table({"number": pa.array([1, 5_000], pa.int32()), "raw": ["one", "two"]})
        sealed_raws(workspace, "person").put(rows, given=0)
        assert sealed_raws(workspace, "person").get(rows["number"].to_numpy()).equals(rows)
    back_up(team.here, tmp_path / "saved.tar", now=NOW)
    restore(tmp_path / "saved.tar", tmp_path / "restored", now=NOW, key_file=team.here / "vault.key")
    assert kept <= names(tmp_path / "restored")
    assert said("who 17", tmp_path / "restored", "--key-file", str(team.here / "vault.key")) == before
    shutil.rmtree(team.here / "files")
    held = hold_for_reading(there)
    assert held is not None
    with held:
        read = call("database", "--files-to", FILES_FOLDER, "-w", str(team.here))
        assert (read.exit_code, "somebody reads" in read.stderr) == (2, True)
    back = call("database", "--files-to", FILES_FOLDER, "--json", "-w", str(team.here))
    validate("database-files", json.loads(back.stdout))
    assert (names(team.here), team.stored()) == (kept, set())
    assert said("who 17", team.here) == before
    for root in (team.here, tmp_path / "restored"):
        with closing(Workspace.open(root, key_file=team.here / "vault.key")) as workspace:
            assert sealed_raws(workspace, "person").get(rows["number"].to_numpy()).equals(rows)
    moved = call("who", "17", "-w", str(there))
    assert (moved.exit_code, "no longer where this folder says" in moved.stderr) == (2, True)


def test_a_move_that_is_cut_off_after_the_journal_has_it_is_ended_by_whoever_opens_next(
    scanned: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    before = said("who 17", scanned.here)
    with closing(Workspace.open(scanned.here)) as workspace:
        rows = pa.table({"number": pa.array([1], pa.int32()), "raw": ["one"]})
        sealed_raws(workspace, "person").put(rows, given=0)
    for to, elsewhere in ((FILES_FOLDER, False), (scanned.bucket.address("again"), True)):
        with monkeypatch.context() as cut:
            cut.setattr(moving_files, "end_move", killed)
            with pytest.raises(KeyboardInterrupt):
                move_files(scanned.here, to, now=NOW)
        assert (scanned.here / MOVING).is_file()
        assert said("who 17", scanned.here) == before
        assert ((scanned.here / SPACE).is_file(), (scanned.here / MOVING).is_file()) == (elsewhere, False)
        assert bool(list((scanned.here / "vault").glob("*/*/*.sealed"))) is not elsewhere


def test_a_move_that_the_journal_never_had_is_none(scanned: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    before = said("who 17", scanned.here)
    with monkeypatch.context() as cut:
        cut.setattr(moving_files.Journal, "record", refused)
        with pytest.raises(KeyboardInterrupt):
            move_files(scanned.here, FILES_FOLDER, now=NOW)
    assert (scanned.here / MOVING).is_file()
    assert said("who 17", scanned.here) == before
    assert call("database", "--files-to", FILES_FOLDER, "-w", str(scanned.here)).exit_code == 0
    assert (said("who 17", scanned.here), (scanned.here / MOVING).is_file()) == (before, False)


def test_a_store_that_goes_in_the_middle_is_one_line_and_the_scan_goes_on_afterwards(
    team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    team.read(team.alone, 100)
    log = str(team.folder / "1.log")
    put, puts = Bucket.put, 0

    def goes(self: Bucket, *words: object, **more: object) -> bool:
        nonlocal puts
        puts += 1
        if puts == 3:
            monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
            monkeypatch.setattr(Patience.__init__, "__kwdefaults__", {"retries": 1, "seconds": 5.0})
            gone = Bucket(self.address.scheme, self.address.bucket)
            return put(gone, *words, **more)  # type: ignore[arg-type]
        return put(self, *words, **more)  # type: ignore[arg-type]

    (team.folder / "1.log").write_text("".join(f"{line}\n" for line in shop_lines(100)))
    with monkeypatch.context() as patch:
        patch.setattr(Bucket, "put", goes)
        failed = call("scan", log, "--map", str(team.folder / "map.toml"), "-w", str(team.here))
        (line,) = [each for each in failed.stderr.splitlines() if "custody head" not in each]
        assert (failed.exit_code, "does not answer after 2 tries" in line) == (2, True), line
    monkeypatch.setenv("AWS_ENDPOINT_URL", team.bucket.client.meta.endpoint_url)
    team.read(team.here, 100)
    assert names(team.alone) <= team.stored()
    assert said("who 17", team.here) == said("who 17", team.alone)
    with closing(journal_of(team.here)) as journal:
        assert whole(journal).answer == HOLDS


@pytest.fixture
def mortal(cluster: Path) -> Iterator[Server]:
    with serving(cluster) as made, pytest.MonkeyPatch.context() as patch:
        patch.setenv("PGPASSWORD", PASSWORD)
        yield made


def test_a_server_that_is_killed_in_commits_of_a_scan_loses_and_doubles_nothing(
    tmp_path: Path, mortal: Server, bucket: s3_server.Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    team = Team(tmp_path, bucket, mortal.url(mortal.database()))
    (tmp_path / "map.toml").write_text(MAP)
    Workspace.open(team.alone, create=True).close()
    shutil.copytree(team.alone, team.here)
    team.read(team.alone, 100)
    move_journal(team.here, team.database, now=NOW)
    move_files(team.here, bucket.address("team"), now=NOW)
    address = address_in(team.here)
    assert address is not None
    commit, commits, kills = PostgresConnection.commit, 0, 0

    def dies() -> None:
        nonlocal kills
        kills += 1
        mortal.stop(signal.SIGKILL)
        mortal.start()

    def commit_and_die(connection: PostgresConnection) -> None:
        nonlocal commits
        commits += bool(connection._key)
        if connection._key and commits % KILL_AT == 1:
            cut.at_commit = "during"
        commit(connection)

    monkeypatch.setattr(PostgresConnection, "commit", commit_and_die)
    with cutting(mortal.port) as cut:
        cut.happens = dies
        keep_address(team.here, replace(address, server={**address.server, "port": str(cut.port)}))
        for _ in range(20):
            with suppress(WhosawError):
                team.read(team.here, 100)
                break
    assert kills >= 2
    keep_address(team.here, address)
    assert names(team.alone) == team.stored()
    assert said("who 17", team.here) == said("who 17", team.alone)
    assert said("check --digest", team.here)["digest"] == said("check --digest", team.alone)["digest"]
    with closing(journal_of(team.here)) as journal:
        assert whole(journal).answer == HOLDS
