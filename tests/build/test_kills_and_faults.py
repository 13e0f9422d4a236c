"""Whatever ends a run on the way, the next one ends it: with the same files for the same commits."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from tests.build.killed_toy import BEGUN, FIRST, THEN
from tests.build.toys import Toy, expected
from tests.wide import WIDE

from whosaw.core.errors import WhosawError
from whosaw.store import files
from whosaw.store.journal import Journal
from whosaw.store.parts import last_rounds

ROOT = Path(__file__).resolve().parents[2]
EVERY = 1 if WIDE else 5  # moments


@pytest.mark.slow
def test_a_kill_at_any_moment_leaves_the_same_files(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.build.killed_toy", str(tmp_path), str(EVERY)]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    told = json.loads(done.stdout)
    assert told["killed"] >= 6
    assert [each for each in told["runs"] if not each["same"] or each["open"]] == []
    assert sum(each["begun"] for each in told["runs"]) > len(told["runs"]) // 2


class _FaultError(Exception):
    """Something that nobody meets."""


@contextmanager
def _failing(
    monkeypatch: pytest.MonkeyPatch, number: int, fault: Callable[[], Exception]
) -> Iterator[list[int]]:
    """The write of that number fails: of a file, or of the journal at its end, when all of a transaction is there."""
    done = [0]

    def count() -> None:
        done[0] += 1
        if done[0] == number:
            raise fault()

    write, transaction = files.write_atomically, Journal.transaction

    def writing(*arguments: Any, **options: Any) -> None:
        count()
        write(*arguments, **options)

    @contextmanager
    def committing(journal: Journal) -> Iterator[Any]:
        with transaction(journal) as connection:
            yield connection
            count()

    with monkeypatch.context() as patched:
        patched.setattr(files, "write_atomically", writing)
        patched.setattr(Journal, "transaction", committing)
        yield done


def _places(toy: Toy) -> list[tuple[Any, ...]]:
    return [(each.kind, each.day, each.range, each.file, each.first, each.digest) for each in toy.parts()]


def test_a_fault_at_each_write_loses_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = Toy(tmp_path / "whole")
    whole.run(BEGUN)
    whole.run(FIRST)
    whole.run(THEN)
    wanted, failed = _places(whole), 0
    whole.close()
    for number in range(1, 99, 1 if WIDE else 2):
        toy = Toy(tmp_path / str(number))
        toy.run(BEGUN)
        with _failing(monkeypatch, number, _FaultError) as done:
            try:
                toy.run(FIRST)
            except _FaultError:
                failed += 1
        # the last whole state is there for readers, whatever went wrong
        ended = next(each for each in last_rounds(toy.workspace.journal, 2) if each.ended)
        assert toy.rows(at=ended.id) == expected(BEGUN if ended.id == 1 else FIRST)
        begun = last_rounds(toy.workspace.journal)[0].id == 2
        toy.run(THEN)
        assert toy.rows() == expected(THEN)
        if begun:
            assert _places(toy) == wanted
        toy.close()
        if done[0] < number:
            break
    assert failed > 12
    assert done[0] < number


def test_a_full_disk_is_told_and_what_was_made_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    toy = Toy(tmp_path / "toy")

    def full() -> WhosawError:
        return WhosawError("store.write-failed", "no room")

    with _failing(monkeypatch, 5, full), pytest.raises(WhosawError, match="no room"):
        toy.run(FIRST)
    first = set(toy.asked)
    toy.run(FIRST)
    assert toy.rows() == expected(FIRST)
    assert first - set(toy.asked)  # what had been committed was not run again
    toy.close()


def test_what_was_begun_is_ended_first_and_with_what_it_began_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    toy = Toy(tmp_path / "toy")
    with _failing(monkeypatch, 4, _FaultError), pytest.raises(_FaultError):
        toy.run(FIRST)
    toy.run(THEN)
    then, first = last_rounds(toy.workspace.journal, 2)
    assert (first.id, then.id) == (1, 2)
    assert first.ended
    assert toy.rows(at=1) == expected(FIRST)
    assert toy.rows(at=2) == expected(THEN)
    toy.close()


def test_a_round_of_another_program_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    toy = Toy(tmp_path / "toy")
    with _failing(monkeypatch, 6, _FaultError), pytest.raises(_FaultError):
        toy.run(FIRST)
    code = {**toy.plan().code, "near": "another"}
    toy.run(THEN, code=code)
    assert toy.rows() == expected(THEN)
    rounds = last_rounds(toy.workspace.journal, 9)
    assert [bool(each.ended) for each in rounds] == [True, False]
    toy.asked.clear()
    toy.run(THEN, code=code)
    assert toy.asked == []
    toy.close()
