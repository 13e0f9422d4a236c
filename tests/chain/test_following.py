"""Files that grow, rotate and are cut: each line is read once, and old ones are not digested again."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.chain.shop_log import NOW, shop_lines

from whosaw.app.in_force import settings_in_force
from whosaw.app.progress import Silent
from whosaw.app.reading.following import FollowedReading, Follower
from whosaw.app.settings import load_settings
from whosaw.core.errors import WhosawError
from whosaw.store.workspace import Workspace

TEXT = "".join(f"{line}\n" for line in shop_lines(90)).encode()


class Reader:
    """Reads whatever a follower gives it."""

    def __init__(self, root: Path, map_file: Path, *paths: Path) -> None:
        self.now = NOW.timestamp()
        self.workspace = Workspace.open(root, create=True)
        settings, _ = settings_in_force(self.workspace, load_settings(map_path=map_file))
        self.reading = FollowedReading(self.workspace, settings, 1, Silent(), chunk_bytes=20_000)
        self.follower = Follower([str(path) for path in paths], clock=lambda: self.now)

    def round(self) -> dict[str, tuple[str, int]]:
        """What was read in one round: by file name, how and how many lines."""
        found = {}
        for content in self.follower.news():
            report = self.reading.read(content)
            found[Path(report.name).name] = (report.outcome, report.lines)
        return found

    def close(self) -> None:
        self.reading.close()
        self.workspace.close()


@pytest.fixture
def log(tmp_path: Path) -> Path:
    folder = tmp_path / "logs"
    folder.mkdir()
    return folder / "access.log"


@pytest.fixture
def reader(log: Path, map_file: Path, new_root: Callable[[str], Path]):  # type: ignore[no-untyped-def]  # a generator fixture
    log.write_bytes(TEXT)
    touch(log, NOW.timestamp())
    made = Reader(new_root("ledger"), map_file, log.parent)
    yield made
    made.close()


def touch(path: Path, at: float) -> None:
    os.utime(path, (at, at))


def grow(path: Path, data: bytes, at: float) -> None:
    with open(path, "ab") as handle:
        handle.write(data)
    touch(path, at)


def more(number: int, count: int = 10) -> bytes:
    return "".join(f"{line}\n" for line in shop_lines(count, seed=number)).encode()


def test_what_did_not_change_is_not_read(reader: Reader) -> None:
    assert reader.round() == {"access.log": ("read", 90)}
    assert reader.round() == {}


def test_only_the_end_of_a_file_that_grew_is_read(reader: Reader, log: Path) -> None:
    reader.round()
    for number in range(2, 6):
        grow(log, more(number), reader.now + number)
        assert reader.round() == {"access.log": ("grown", 10)}


def test_the_beginning_is_not_read_again(reader: Reader, log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    grow(log, more(2, 9000), reader.now)
    reader.round()
    read: list[int] = []
    real = os.pread
    monkeypatch.setattr(os, "pread", lambda fd, n, at: (read.append(n), real(fd, n, at))[1])
    grow(log, more(3), reader.now + 2)
    assert reader.round() == {"access.log": ("grown", 10)}
    # one chunk says which content it is, 64 KiB are searched for the end of the last line, and some pages are compared
    assert log.stat().st_size > 800_000
    assert sum(read) < 200_000


def test_a_line_without_an_end_waits_for_it(reader: Reader, log: Path) -> None:
    reader.round()
    text = more(2, 1)
    grow(log, text[:20], reader.now + 1)
    assert reader.round() == {}
    grow(log, text[20:], reader.now + 2)
    assert reader.round() == {"access.log": ("grown", 1)}


def test_a_last_line_that_stays_without_an_end_is_read(reader: Reader, log: Path) -> None:
    reader.round()
    grow(log, more(2, 1)[:-1], reader.now)
    assert reader.round() == {}
    reader.now += 31
    assert reader.round() == {"access.log": ("grown", 1)}
    assert reader.round() == {}


def test_a_rotated_file_is_read_to_its_end_under_its_new_name(reader: Reader, log: Path) -> None:
    reader.round()
    grow(log, more(2), reader.now + 1)
    log.rename(f"{log}.1")
    log.write_bytes(more(3))
    touch(log, reader.now + 2)
    assert reader.round() == {"access.log.1": ("grown", 10), "access.log": ("read", 10)}
    grow(log, more(4), reader.now + 3)
    assert reader.round() == {"access.log": ("grown", 10)}


def test_a_file_that_was_cut_and_filled_anew_is_read_anew(reader: Reader, log: Path) -> None:
    reader.round()
    inode = log.stat().st_ino
    with open(log, "r+b") as handle:
        handle.truncate()
        handle.write(more(7, 200))
    touch(log, reader.now + 1)
    assert log.stat().st_ino == inode
    assert log.stat().st_size > len(TEXT)
    assert reader.round() == {"access.log": ("read", 200)}


def test_a_file_that_is_away_for_a_moment_is_waited_for(reader: Reader, log: Path) -> None:
    reader.round()
    log.unlink()
    assert reader.round() == {}
    log.write_bytes(TEXT + more(2))
    touch(log, reader.now + 1)
    assert reader.round() == {"access.log": ("grown", 10)}


def test_a_path_that_was_never_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(WhosawError):
        Follower([str(tmp_path / "absent.log")]).news()
