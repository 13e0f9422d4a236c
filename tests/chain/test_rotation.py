"""Rotation renames every log of a folder: each is known again without being read, and only where it surely is the same file."""

from __future__ import annotations

import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from tests.chain.shop_log import NOW, ledger_facts, shop_lines

from whosaw.app.reading.content import Opener
from whosaw.app.scan import ScanReport, scan
from whosaw.ingest.files.content import Content
from whosaw.store.journal import Journal

pytestmark = pytest.mark.usefixtures("without_detection")

Root = Callable[[str], Path]
LINES = 60  # of a file: more than the first bytes by which a content is known
TIME = 1_745_107_200_123_456_789  # nanoseconds, finer than a second


def read(folder: Path, root: Path, map_file: Path) -> ScanReport:
    return replace(scan([str(folder)], root, now=NOW, map_path=map_file), seconds=0.0)


def outcomes(report: ScanReport) -> dict[str, str]:
    return {each.name.rpartition("/")[2]: each.outcome for each in report.contents}


def write(path: Path, lines: list[str], time: int = TIME) -> Path:
    path.write_text("".join(f"{line}\n" for line in lines))
    os.utime(path, ns=(time, time))
    return path


def lines_of(file: int) -> list[str]:
    """The lines of one file, of which every file has as many bytes."""
    some = [line for line in shop_lines(4 * LINES, seed=file) if "customers" in line][:LINES]
    return [f'{line[:-1]}{"x" * (300 - len(line))}"' for line in some]


def write_days(folder: Path, count: int) -> None:
    """A log rotated each day by numbers: the higher, the older."""
    folder.mkdir()
    for age in range(count):
        name = f"access.log.{age}" if age else "access.log"
        write(folder / name, lines_of(count - age), TIME - age)


def rotate(folder: Path, count: int) -> None:
    """Every number goes up by one, and a new log begins."""
    for age in reversed(range(count)):
        old = f"access.log.{age}" if age else "access.log"
        (folder / old).rename(folder / f"access.log.{age + 1}")
    write(folder / "access.log", lines_of(count + 1), TIME + count)


@contextmanager
def opened() -> Iterator[list[str]]:
    """The names of contents that are opened to be read."""
    names: list[str] = []
    how = Opener.open

    def told(self: Opener, content: Content, start: int = 0, line: int = 1) -> object:
        names.append(content.name.rpartition("/")[2])
        return how(self, content, start, line)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Opener, "open", told)
        yield names


def test_what_rotation_renames_is_not_read_again(tmp_path: Path, map_file: Path, new_root: Root) -> None:
    folder, root = tmp_path / "logs", new_root("w")
    write_days(folder, 20)
    read(folder, root, map_file)
    rotate(folder, 20)
    with opened() as names:
        report = read(folder, root, map_file)
    assert Counter(outcomes(report).values()) == {"renamed": 20, "read": 1}
    assert set(names) == {"access.log"}
    assert report.total("lines") == LINES
    notes = {each.name.rpartition("/")[2]: each.notes for each in report.contents}
    assert notes["access.log.7"] == (f"the same file as {folder}/access.log.6, read before",)
    at_once = new_root("at-once")
    read(folder, at_once, map_file)
    assert ledger_facts(root) == ledger_facts(at_once)
    with opened() as names:
        again = read(folder, root, map_file)
    assert (Counter(outcomes(again).values()), names) == ({"unchanged": 21}, [])


def test_many_days_of_rotation_end_as_one_reading(tmp_path: Path, map_file: Path, new_root: Root) -> None:
    folder, root = tmp_path / "logs", new_root("w")
    write_days(folder, 4)
    read(folder, root, map_file)
    for day in range(4, 9):
        rotate(folder, day)
        report = read(folder, root, map_file)
        assert Counter(outcomes(report).values()) == {"renamed": day, "read": 1}
    at_once = new_root("at-once")
    read(folder, at_once, map_file)
    assert ledger_facts(root) == ledger_facts(at_once)


def test_more_renamed_files_take_no_more_transactions(
    tmp_path: Path, map_file: Path, new_root: Root, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = {}
    for count in (4, 60):
        folder, root = tmp_path / f"logs-{count}", new_root(f"of-{count}")
        write_days(folder, count)
        read(folder, root, map_file)
        for age in reversed(range(count)):
            (folder / (f"access.log.{age}" if age else "access.log")).rename(folder / f"access.log.{age + 1}")
        calls = Counter[str]()
        transaction = Journal.transaction

        def counted(journal: Journal, calls: Counter[str] = calls) -> object:
            calls["all"] += 1
            return transaction(journal)  # noqa: B023

        with monkeypatch.context() as patch:
            patch.setattr(Journal, "transaction", counted)
            assert set(outcomes(read(folder, root, map_file)).values()) == {"renamed"}
        taken[count] = calls["all"]
    # more and more are looked at together: 1, 2, 4, 8, 16 and the rest
    assert taken[60] - taken[4] <= 4


def test_the_oldest_file_is_dropped_and_the_others_are_known(
    tmp_path: Path, map_file: Path, new_root: Root
) -> None:
    folder, root = tmp_path / "logs", new_root("w")
    write_days(folder, 6)
    read(folder, root, map_file)
    for day in range(3):
        (folder / "access.log.5").unlink()
        for age in reversed(range(5)):
            old = f"access.log.{age}" if age else "access.log"
            (folder / old).rename(folder / f"access.log.{age + 1}")
        write(folder / "access.log", lines_of(20 + day), TIME + 1 + day)
        with opened() as names:
            report = read(folder, root, map_file)
        assert Counter(outcomes(report).values()) == {"renamed": 5, "read": 1}
        assert set(names) == {"access.log"}


def test_a_copy_beside_its_original_is_a_copy(tmp_path: Path, map_file: Path, new_root: Root) -> None:
    folder, root = tmp_path / "logs", new_root("w")
    folder.mkdir()
    write(folder / "a.log", lines_of(1))
    read(folder, root, map_file)
    shutil.copy2(folder / "a.log", folder / "b.log")
    report = read(folder, root, map_file)
    assert outcomes(report) == {"a.log": "unchanged", "b.log": "copy"}


def test_of_two_copies_whose_original_is_gone_one_is_it(
    tmp_path: Path, map_file: Path, new_root: Root
) -> None:
    folder, root = tmp_path / "logs", new_root("w")
    folder.mkdir()
    write(folder / "a.log", lines_of(1))
    read(folder, root, map_file)
    before = ledger_facts(root)
    shutil.copy2(folder / "a.log", folder / "b.log")
    shutil.copy2(folder / "a.log", folder / "c.log")
    (folder / "a.log").unlink()
    assert outcomes(read(folder, root, map_file)) == {"b.log": "renamed", "c.log": "copy"}
    assert ledger_facts(root) == before
    (folder / "c.log").rename(folder / "d.log")
    assert outcomes(read(folder, root, map_file)) == {"b.log": "unchanged", "d.log": "copy"}
    assert ledger_facts(root) == before


def test_another_file_of_the_same_size_and_time_is_read(
    tmp_path: Path, map_file: Path, new_root: Root
) -> None:
    folder, root = tmp_path / "logs", new_root("w")
    folder.mkdir()
    one = write(folder / "one.log", lines_of(1))
    read(folder, root, map_file)
    size = one.stat().st_size
    one.unlink()
    other = write(folder / "other.log", lines_of(2))
    assert other.stat().st_size == size
    report = read(folder, root, map_file)
    assert outcomes(report) == {"other.log": "read"}
    assert report.total("lines") == LINES


def test_a_time_of_whole_seconds_tells_nothing(tmp_path: Path, map_file: Path, new_root: Root) -> None:
    folder, root = tmp_path / "logs", new_root("w")
    folder.mkdir()
    seconds = TIME // 10**9 * 10**9
    one = write(folder / "one.log", [*lines_of(1), *lines_of(2)], seconds)
    read(folder, root, map_file)
    one.unlink()
    write(folder / "other.log", [*lines_of(1), *lines_of(3)], seconds)  # begins alike and goes on otherwise
    report = read(folder, root, map_file)
    assert outcomes(report) == {"other.log": "read"}
    assert report.total("lines") == 2 * LINES


def test_a_renamed_file_is_read_again_with_another_map(
    tmp_path: Path, map_file: Path, new_root: Root
) -> None:
    folder, root = tmp_path / "logs", new_root("w")
    write_days(folder, 3)
    read(folder, root, map_file)
    rotate(folder, 3)
    other = tmp_path / "other.toml"
    other.write_text(map_file.read_text().replace("/customers/", "/clients/"))
    assert set(outcomes(read(folder, root, other)).values()) == {"read"}


def test_a_file_that_grew_before_it_was_renamed_is_read_on(
    tmp_path: Path, map_file: Path, new_root: Root
) -> None:
    folder, root = tmp_path / "logs", new_root("w")
    write_days(folder, 3)
    read(folder, root, map_file)
    write(folder / "access.log", [*lines_of(3), *lines_of(9)[:5]], TIME + 1)
    rotate(folder, 3)
    report = read(folder, root, map_file)
    assert outcomes(report) == {
        "access.log.3": "renamed",
        "access.log.2": "renamed",
        "access.log.1": "grown",
        "access.log": "read",
    }
    assert report.total("lines") == LINES + 5
