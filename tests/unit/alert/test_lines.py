"""Lines in a file: each once, whatever a killed run left behind."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from tests.unit.alert.alerts import alert, finding

from whosaw.alert import SinkDownError
from whosaw.alert.bodies import own_line
from whosaw.alert.lines import LineSink

LINE = own_line(alert()) + b"\n"
OTHER = own_line(alert(thread="f-ffffffffffffffff")) + b"\n"


def sent(path: Path, *, perhaps_sent: bool) -> bytes:
    LineSink("file", own_line, path=path).send(alert(), perhaps_sent=perhaps_sent)
    return path.read_bytes()


def test_lines_are_appended_for_the_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "alerts.jsonl"
    assert sent(path, perhaps_sent=False) == LINE
    assert path.stat().st_mode & 0o777 == 0o600
    path.write_bytes(OTHER)
    assert sent(path, perhaps_sent=False) == OTHER + LINE


@pytest.mark.parametrize("found", [LINE, OTHER + LINE, LINE + OTHER])
def test_a_line_that_was_written_is_not_written_again(tmp_path: Path, found: bytes) -> None:
    path = tmp_path / "alerts.jsonl"
    path.write_bytes(found)
    assert sent(path, perhaps_sent=True) == found


@pytest.mark.parametrize("length", [1, 30, len(LINE) - 1])
@pytest.mark.parametrize("before", [b"", OTHER])
def test_a_torn_line_is_made_whole(tmp_path: Path, before: bytes, length: int) -> None:
    path = tmp_path / "alerts.jsonl"
    path.write_bytes(before + LINE[:length])
    assert sent(path, perhaps_sent=True) == before + LINE


def test_a_line_that_was_not_written_is_written(tmp_path: Path) -> None:
    path = tmp_path / "alerts.jsonl"
    assert sent(path, perhaps_sent=True) == LINE
    path.write_bytes(OTHER)
    assert sent(path, perhaps_sent=True) == OTHER + LINE


def test_somebody_elses_torn_line_is_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "alerts.jsonl"
    path.write_bytes(b"not ours")
    assert sent(path, perhaps_sent=True) == b"not ours\n" + LINE


def test_a_line_that_holds_it_is_not_it(tmp_path: Path) -> None:
    path = tmp_path / "alerts.jsonl"
    path.write_bytes(b"quoted " + LINE)
    assert sent(path, perhaps_sent=True) == b"quoted " + LINE + LINE


def test_standard_output_that_is_a_file_is_looked_at_too(tmp_path: Path) -> None:
    path = tmp_path / "out"
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    try:
        sink = LineSink("stdout", own_line, descriptor=descriptor)
        sink.send(alert(), perhaps_sent=False)
        sink.send(alert(), perhaps_sent=True)
    finally:
        os.close(descriptor)
    assert path.read_bytes() == LINE


def test_a_pipe_is_written_to() -> None:
    reading, writing = os.pipe()
    LineSink("stdout", own_line, descriptor=writing).send(alert(), perhaps_sent=True)
    os.close(writing)
    with os.fdopen(reading, "rb") as handle:
        assert handle.read() == LINE


def test_a_reader_that_went_away_is_a_sink_that_is_down() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with pytest.raises(SinkDownError, match="nobody reads"):
        LineSink("stdout", own_line, descriptor=writing).send(alert(), perhaps_sent=False)
    os.close(writing)


def test_a_folder_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(SinkDownError, match="cannot be written"):
        sent(tmp_path / "absent" / "alerts.jsonl", perhaps_sent=False)


def test_what_is_longer_than_the_look_back_is_still_one_line(tmp_path: Path) -> None:
    long = alert(finding=finding(facts=["x" * 300_000]))
    path = tmp_path / "alerts.jsonl"
    for again in (False, True):
        LineSink("file", own_line, path=path).send(long, perhaps_sent=again)
    assert path.read_bytes() == own_line(long) + b"\n"
