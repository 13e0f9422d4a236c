"""A backup is the workspace at one moment, whole or not there; what comes out of it counts as what went in, and names nobody by itself."""

from __future__ import annotations

import io
import json
import random
import shutil
import signal
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.chain.shop_log import MAP, shop_lines
from tests.forked import Forking, forking
from tests.schemas import validate
from tests.unit.cli.conftest import call
from tests.wide import WIDE

from whosaw.app.backup import back_up, restore
from whosaw.app.console.accounts import accept, invite, log_in, who_is
from whosaw.app.console.gate import Role
from whosaw.app.evidence.check import Elsewhere, check
from whosaw.app.scan import scan
from whosaw.core.errors import WhosawError
from whosaw.store.journal import Journal
from whosaw.store.sending.sending_store import SendingStore
from whosaw.store.workspace import Workspace, journal_of

NOW = datetime(2026, 11, 28, 9, tzinfo=UTC)
OLD = Path(__file__).parents[1] / "store" / "old_workspaces"
KILLS = 60 if WIDE else 4
SPOTS = 200 if WIDE else 8
MOST = 100 if WIDE else 8  # backups while scans run
WORK = """\
import os, signal, sys, threading, time
from datetime import UTC, datetime
from pathlib import Path
from whosaw.app.backup import back_up, restore
def run(what, file, root, last, wait):
    moments = 0
    def count(event, _):
        nonlocal moments
        if event in ("open", "os.rename", "os.mkdir", "os.link", "fcntl.flock", "sqlite3.connect"):
            moments += 1
            if moments == last:
                threading.Thread(target=lambda: (time.sleep(wait), os.kill(os.getpid(), signal.SIGKILL))).start()
    sys.addaudithook(count)
    now = datetime(2026, 11, 28, 10, tzinfo=UTC)
    back_up(Path(root), Path(file), now=now) if what == "backup" else restore(Path(file), Path(root), now=now)
    print(moments)
"""
GROWING = """\
import sys
from datetime import UTC, datetime
from pathlib import Path
from whosaw.app.scan import scan
logs, root, parts = Path(sys.argv[1]), Path(sys.argv[2]), sorted(Path(sys.argv[3]).iterdir())
for each in parts:
    each.rename(logs / each.name)
    scan([str(logs)], root, now=datetime(2026, 11, 28, 9, tzinfo=UTC), map_path=logs.parent / "map.toml")
    print("scanned", flush=True)
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a scanned workspace `ws` and its backup `whole.tar`."""
    folder = tmp_path_factory.mktemp("backed-up")
    (folder / "access.log").write_text("".join(f"{line}\n" for line in shop_lines(600)))
    (folder / "map.toml").write_text(MAP)
    scan([str(folder / "access.log")], folder / "ws", now=NOW, map_path=folder / "map.toml")
    (folder / "ws" / "case-files").mkdir()
    (folder / "ws" / "case-files" / "spring.toml").write_text('case = "spring"\n')
    (folder / "ws" / "console.key").write_text("f" * 64)
    SendingStore(folder / "ws").close()
    back_up(folder / "ws", folder / "whole.tar", now=NOW)
    return folder


def digest_of(root: Path) -> str:
    told = check(root, Elsewhere(), digest=True)
    assert {
        part.name: part.answer
        for part in told.parts
        if part.name not in ("journal", "what was noted elsewhere")
    } == {
        part.name: "holds" for part in told.parts if part.name not in ("journal", "what was noted elsewhere")
    }
    assert told.digest is not None
    return told.digest.sha256


def restored(file: Path, root: Path, key: Path) -> Path:
    """Restored, and its key put beside it."""
    restore(file, root, now=NOW, key_file=key)
    shutil.copy2(key, root / "vault.key")
    return root


def test_what_comes_out_counts_as_what_went_in(made: Path, tmp_path: Path) -> None:
    root = restored(made / "whole.tar", tmp_path / "ws", made / "ws" / "vault.key")
    assert digest_of(root) == digest_of(made / "ws")
    assert (root / "case-files" / "spring.toml").read_text() == 'case = "spring"\n'
    with closing(Workspace.open(root)) as workspace, closing(Workspace.open(made / "ws")) as before:
        *there, begun, said = workspace.journal.entries()
        assert there == before.journal.entries()[: len(there)]
        assert (begun.kind, said.kind) == ("custody.start", "restored")
    assert not [each.name for each in tmp_path.iterdir() if each.name != "ws"]
    log = tmp_path / "later.log"
    log.write_text("".join(f"{line}\n" for line in shop_lines(700)[600:]))
    assert scan([str(log)], root, now=NOW, map_path=made / "map.toml").contents


def test_no_key_is_in_it(made: Path) -> None:
    with tarfile.open(made / "whole.tar") as archive:
        names = archive.getnames()
    assert not [name for name in names if name.endswith((".key", "lock"))]
    held = (made / "whole.tar").read_bytes()
    for key in ("vault.key", "console.key"):
        assert (made / "ws" / key).read_bytes() not in held
    custody = (made / "ws" / "custody.key").read_bytes()
    slots = [custody[place * 4096 : place * 4096 + 49][-32:] for place in (0, 1)]
    assert any(slots)
    assert not [slot for slot in slots if any(slot) and slot in held]


def test_without_its_key_or_with_another_one_nothing_is_opened(made: Path, tmp_path: Path) -> None:
    restore(made / "whole.tar", tmp_path / "ws", now=NOW)
    with pytest.raises(WhosawError, match="vault key"):
        Workspace.open(tmp_path / "ws")
    other = tmp_path / "other.key"
    other.write_bytes(bytes(32))
    other.chmod(0o600)
    with pytest.raises(WhosawError, match="another vault key"):
        restore(made / "whole.tar", tmp_path / "second", now=NOW, key_file=other)
    assert not (tmp_path / "second").exists()


def test_nothing_is_written_over(made: Path, tmp_path: Path) -> None:
    before = (made / "whole.tar").read_bytes()
    with pytest.raises(WhosawError, match="is there already"):
        back_up(made / "ws", made / "whole.tar", now=NOW)
    assert (made / "whole.tar").read_bytes() == before
    with pytest.raises(WhosawError, match="lies in the workspace"):
        back_up(made / "ws", made / "ws" / "b.tar", now=NOW)
    (tmp_path / "ws").mkdir()
    (tmp_path / "ws" / "mine").touch()
    with pytest.raises(WhosawError, match="is there already"):
        restore(made / "whole.tar", tmp_path / "ws", now=NOW)
    assert [each.name for each in (tmp_path / "ws").iterdir()] == ["mine"]


def test_everybody_logs_in_again(made: Path, tmp_path: Path) -> None:
    shutil.copytree(made / "ws", tmp_path / "ws")
    with closing(journal_of(tmp_path / "ws")) as journal:
        journal.create()
        accept(
            journal,
            invite(journal, "kim", [Role.AUDITOR], by="a test", now=NOW),
            "four words that differ",
            now=NOW,
        )
        login = log_in(journal, "kim", "four words that differ", now=NOW)
        link = invite(journal, "ann", [Role.AUDITOR], by="a test", now=NOW)
        assert who_is(journal, login, now=NOW) is not None
    back_up(tmp_path / "ws", tmp_path / "b.tar", now=NOW)
    told = restore(tmp_path / "b.tar", tmp_path / "again", now=NOW)
    assert told.accounts == ("ann", "kim")
    with closing(journal_of(tmp_path / "again")) as journal:
        assert who_is(journal, login, now=NOW) is None
        with pytest.raises(WhosawError, match="link"):
            accept(journal, link, "four words that differ", now=NOW)
        assert who_is(journal, log_in(journal, "kim", "four words that differ", now=NOW), now=NOW) is not None


def test_a_file_that_was_cut_or_changed_anywhere_makes_nothing(made: Path, tmp_path: Path) -> None:
    whole = (made / "whole.tar").read_bytes()
    dice = random.Random(20261128)
    damaged = tmp_path / "damaged.tar"
    for _ in range(SPOTS):
        at = dice.randrange(len(whole))
        data = bytearray(whole)
        data[at] ^= 1 << dice.randrange(8)
        damaged.write_bytes(data)
        digest = restore(damaged, tmp_path / "ws", now=NOW).sha256 if _harmless(whole, at) else None
        if digest is None:
            with pytest.raises(WhosawError):
                restore(damaged, tmp_path / "ws", now=NOW)
        shutil.rmtree(tmp_path / "ws", ignore_errors=True)
        damaged.write_bytes(whole[:at])
        with pytest.raises(WhosawError, match="no whole backup"):
            restore(damaged, tmp_path / "ws", now=NOW)
        assert [each.name for each in tmp_path.iterdir()] == ["damaged.tar"]
    damaged.write_bytes(whole)
    with pytest.raises(WhosawError, match="another one was asked for"):
        restore(damaged, tmp_path / "ws", now=NOW, sha256="0" * 64)
    assert [each.name for each in tmp_path.iterdir()] == ["damaged.tar"]


def _harmless(whole: bytes, at: int) -> bool:
    """Whether a byte says nothing: it fills up a block behind what a member holds, or stands behind the end of the archive."""
    with tarfile.open(fileobj=io.BytesIO(whole)) as archive:
        for member in archive:
            end = member.offset_data + member.size
            if end <= at < -(-end // 512) * 512:
                return True
            last = -(-end // 512) * 512
    return at >= last


@pytest.mark.parametrize(
    "name", ["../outside", "/tmp/outside", "vault.key", "custody.key", "lock", "a/../../outside"]
)
def test_a_made_up_file_writes_nowhere_else(made: Path, tmp_path: Path, name: str) -> None:
    forged = tmp_path / "forged.tar"
    with tarfile.open(made / "whole.tar") as old, tarfile.open(forged, "w") as new:
        added = tarfile.TarInfo(name)
        added.size = 3
        new.addfile(added, io.BytesIO(b"abc"))
        for member in old:
            new.addfile(member, old.extractfile(member))
    with pytest.raises(WhosawError, match="no name of a file"):
        restore(forged, tmp_path / "ws", now=NOW)
    assert [each.name for each in tmp_path.iterdir()] == ["forged.tar"]


def test_links_and_folders_in_a_made_up_file_are_refused(tmp_path: Path) -> None:
    for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.DIRTYPE, tarfile.FIFOTYPE):
        forged = tmp_path / "forged.tar"
        with tarfile.open(forged, "w") as new:
            added = tarfile.TarInfo("files")
            added.type, added.linkname = kind, "/etc"
            new.addfile(added)
        with pytest.raises(WhosawError, match="no plain file"):
            restore(forged, tmp_path / "ws", now=NOW)


def test_a_damaged_ledger_is_not_backed_up(made: Path, tmp_path: Path) -> None:
    shutil.copytree(made / "ws", tmp_path / "ws")
    victim = next((tmp_path / "ws" / "files").glob("??/*.identities"))
    data = bytearray(victim.read_bytes())
    data[len(data) // 2] ^= 1
    victim.write_bytes(data)
    with pytest.raises(WhosawError, match="does not hold what its name says"):
        back_up(tmp_path / "ws", tmp_path / "b.tar", now=NOW)
    assert [each.name for each in tmp_path.iterdir()] == ["ws"]


@pytest.fixture(scope="module")
def process() -> Iterator[Forking]:
    with forking(WORK) as found:
        yield found


def test_a_backup_that_is_killed_leaves_nothing_or_the_whole(
    made: Path, tmp_path: Path, process: Forking
) -> None:
    shutil.copytree(made / "ws", tmp_path / "ws")
    calm = process.run("backup", str(tmp_path / "calm.tar"), str(tmp_path / "ws"), 0, 0)
    assert calm.code == 0, calm.shown
    dice, killed = random.Random(1), 0
    for number in range(KILLS):
        file = tmp_path / f"{number}.tar"
        last = (
            dice.randint(int(calm.shown) - 3, int(calm.shown))
            if number % 2
            else dice.randint(1, int(calm.shown))
        )
        done = process.run("backup", str(file), str(tmp_path / "ws"), last, dice.random() / 50)
        killed += done.code == -signal.SIGKILL
        assert {each.name for each in tmp_path.iterdir()} <= {"ws", "calm.tar", file.name}
        if file.exists():
            restore(file, tmp_path / "again", now=NOW, key_file=tmp_path / "ws" / "vault.key")
            shutil.rmtree(tmp_path / "again")
            file.unlink()
    assert killed
    back_up(tmp_path / "ws", tmp_path / "last.tar", now=NOW)
    root = restored(tmp_path / "last.tar", tmp_path / "again", tmp_path / "ws" / "vault.key")
    assert digest_of(root) == digest_of(made / "ws")


def test_a_restore_that_is_killed_leaves_nothing_or_the_whole(
    made: Path, tmp_path: Path, process: Forking
) -> None:
    file, root = tmp_path / "b.tar", tmp_path / "ws"
    shutil.copy2(made / "whole.tar", file)
    calm = process.run("restore", str(file), str(root), 0, 0)
    assert calm.code == 0, calm.shown
    shutil.rmtree(root)
    dice, killed = random.Random(2), 0
    for number in range(KILLS):
        last = (
            dice.randint(int(calm.shown) - 3, int(calm.shown))
            if number % 2
            else dice.randint(1, int(calm.shown))
        )
        done = process.run("restore", str(file), str(root), last, dice.random() / 50)
        killed += done.code == -signal.SIGKILL
        assert {each.name for each in tmp_path.iterdir()} <= {"b.tar", "ws", ".ws.restoring"}
        if root.exists():
            with closing(Journal.at(root / "journal.sqlite", who="a test")) as journal:
                assert journal.entries()[-1].kind == "restored"
            shutil.rmtree(root)
    assert killed
    restored(file, root, made / "ws" / "vault.key")
    assert digest_of(root) == digest_of(made / "ws")
    assert {each.name for each in tmp_path.iterdir()} == {"b.tar", "ws"}


def test_each_backup_that_is_taken_while_scans_run_is_one_whole_state(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / "parts").mkdir()
    (tmp_path / "map.toml").write_text(MAP)
    lines = [line for line in shop_lines(1_000) if line != "torn li"]
    for number in range(4):
        text = "".join(f"{line}\n" for line in lines[number * 240 : (number + 1) * 240])
        (tmp_path / "parts" / f"web-{number}.log").write_text(text)
    command = [sys.executable, "-c", GROWING, *(str(tmp_path / each) for each in ("logs", "ws", "parts"))]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as scans:
        assert scans.stdout is not None
        assert scans.stdout.readline() == "scanned\n"
        files = []
        while scans.poll() is None and len(files) < MOST:
            files.append(tmp_path / f"{len(files)}.tar")
            back_up(tmp_path / "ws", files[-1], now=NOW)
        assert scans.wait() == 0
    rows = set()
    for file in (files[0], files[len(files) // 2], files[-1]):
        root = restored(file, tmp_path / "again", tmp_path / "ws" / "vault.key")
        digest_of(root)
        rows.add(len(call("coverage", "-w", str(root), "--json").stdout))
        shutil.rmtree(root)
    assert rows


@pytest.mark.parametrize(
    "old", sorted(OLD.glob("*.tar.gz"))[:: 1 if WIDE else 3], ids=lambda path: path.name.partition(".")[0]
)
def test_a_workspace_of_an_earlier_release_is_backed_up_restored_and_served(
    old: Path, tmp_path: Path
) -> None:
    from whosaw.app.console.serving import open_console

    with tarfile.open(old) as archive:
        archive.extractall(tmp_path, filter="data")
    before = json.loads(call("findings", "-w", str(tmp_path / "ws"), "--json").stdout)
    back_up(tmp_path / "ws", tmp_path / "b.tar", now=NOW)
    root = restored(tmp_path / "b.tar", tmp_path / "again", tmp_path / "ws" / "vault.key")
    after = json.loads(call("findings", "-w", str(root), "--json").stdout)
    assert after["findings"] == before["findings"]
    opened = open_console(root, now=NOW)
    assert opened.first is not None
    with closing(journal_of(root)) as journal:
        assert accept(journal, opened.first[1], "four words that differ", now=NOW) == opened.first[0]


def test_the_commands_say_what_they_made(made: Path, tmp_path: Path) -> None:
    file, root = tmp_path / "b.tar", tmp_path / "ws"
    mine = shutil.copytree(made / "ws", tmp_path / "mine")  # each backup is an entry of its journal
    told = call("backup", str(file), "-w", str(mine), "--json")
    validate("backup", document := json.loads(told.stdout))
    done = call(
        "restore", str(file), "-w", str(root), "--key-file", str(mine / "vault.key"),
        "--sha256", document["sha256"], "--json",
    )  # fmt: skip
    validate("restore", again := json.loads(done.stdout))
    assert (again["files"], again["head"], again["key_fits"]) == (document["files"], document["head"], True)
    noted = f"{document['head']['entry']}:{document['head']['hash']}"
    shutil.copy2(mine / "vault.key", root)
    assert "holds        what was noted elsewhere" in call("check", "-w", str(root), "--head", noted).stdout
    assert "not in it" in call("backup", str(tmp_path / "c.tar"), "-w", str(mine)).stdout
    said = call("restore", str(tmp_path / "c.tar"), "-w", str(tmp_path / "third")).stdout
    assert "was not tried" in said
    assert "Notices were being sent" in said
    wrong = call("restore", str(tmp_path / "none.tar"), "-w", str(tmp_path / "fourth"))
    assert (wrong.exit_code, "none.tar cannot be read" in wrong.stderr) == (2, True)
