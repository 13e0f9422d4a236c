"""lines = events + rejects + blank or comment + continued lines: every guard of it, each shown to work by itself.

A parser, a segment or a reader that loses or doubles a line is put in place of the real one. Each test names the guard by what
it says, so that a guard that was taken away makes its test fail even where a later one would still hold.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.csv
import pytest

from whosaw.app.maps import suggest_map
from whosaw.app.progress import Silent
from whosaw.app.reading import contents as reading
from whosaw.app.reading import formats
from whosaw.app.reading.segments import WrittenSegment
from whosaw.app.scan import scan
from whosaw.core.errors import WhosawError
from whosaw.ingest.canonical import REJECTS
from whosaw.ingest.content_report import Counts
from whosaw.ingest.files.content import Chunk
from whosaw.ingest.files.reader import ContentReader
from whosaw.ingest.lines import line_starts
from whosaw.ingest.parser import ChunkText, LineLostError, Parsed, Parser, Piece, empty_events
from whosaw.ingest.template.splitter import regular_lines, split_lines
from whosaw.logs.coverage.hours import coverage_of
from whosaw.store.journal import tables
from whosaw.store.workspace import Workspace

pytestmark = pytest.mark.usefixtures("without_detection")

NOW = datetime(2025, 11, 24, tzinfo=UTC)
GOOD = '192.0.2.7 - - [24/Nov/2025:10:00:{:02} +0000] "GET /a/{} HTTP/1.1" 200 1 "-" "x"\n'
TEXT = "".join(GOOD.format(n, n) for n in range(9)) + "nonsense\n\n"

Break = Callable[[Parsed], Parsed]


def without_an_event(parsed: Parsed) -> Parsed:
    return replace(parsed, events=parsed.events.slice(0, parsed.events.num_rows - 1))


def an_event_twice(parsed: Parsed) -> Parsed:
    return replace(parsed, events=pa.concat_tables([parsed.events, parsed.events.slice(0, 1)]))


def without_a_reject(parsed: Parsed) -> Parsed:
    return replace(parsed, rejects=parsed.rejects.slice(1))


def without_a_blank_line(parsed: Parsed) -> Parsed:
    return replace(parsed, comments=parsed.comments - 1)


def with_a_continued_line(parsed: Parsed) -> Parsed:
    return replace(parsed, continued=parsed.continued + 1)


BREAKS: list[Break] = [
    without_an_event, an_event_twice, without_a_reject, without_a_blank_line, with_a_continued_line,
]  # fmt: skip


class Broken:
    """A parser whose answers are spoilt."""

    def __init__(self, inner: Parser, spoil: Break, *, stateful: bool) -> None:
        self._inner, self._spoil, self.stateful = inner, spoil, stateful
        self.id, self.documents = inner.id, inner.documents

    def parse(self, chunk: ChunkText, state: str | None = None) -> Parsed:
        return self._spoil(self._inner.parse(chunk, state))


@pytest.fixture
def log(tmp_path: Path) -> str:
    path = tmp_path / "access.log"
    path.write_text(TEXT)
    return str(path)


def spoil(monkeypatch: pytest.MonkeyPatch, how: Break, *, stateful: bool = False) -> None:
    real = formats.parser_of

    def broken(*given: object) -> Broken:
        return Broken(real(*given), how, stateful=stateful)  # type: ignore[arg-type]  # what the real one takes

    monkeypatch.setattr(formats, "parser_of", broken)
    monkeypatch.setattr(reading, "parser_of", broken)


def unchecked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Parsed, "check", lambda self, chunk: self)


@pytest.mark.parametrize("stateful", [False, True])
@pytest.mark.parametrize("how", BREAKS)
def test_a_scan_refuses_what_a_parser_lost_or_doubled(
    how: Break, stateful: bool, log: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spoil(monkeypatch, how, stateful=stateful)
    with pytest.raises(LineLostError, match=r"11 lines, but \d+ events \+ \d+ rejects"):
        scan([log], tmp_path / "w", now=NOW)


@pytest.mark.parametrize("how", BREAKS)
def test_a_map_is_not_drafted_from_what_a_parser_lost(
    how: Break, log: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    spoil(monkeypatch, how)
    with pytest.raises(LineLostError, match=r"11 lines, but \d+ events \+ \d+ rejects"):
        suggest_map([log], progress=Silent())


@pytest.mark.parametrize("how", BREAKS)
def test_without_the_check_of_the_parser_a_scan_still_refuses(
    how: Break, log: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    unchecked(monkeypatch)
    spoil(monkeypatch, how)
    with pytest.raises(
        LineLostError, match=r"a segment keeps \d+ of the 11 lines from line 1 on|its chunks hold"
    ):
        scan([log], tmp_path / "w", now=NOW)


@pytest.mark.parametrize("how", BREAKS)
def test_the_guard_of_the_segment_stands_alone(
    how: Break, log: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    unchecked(monkeypatch)
    monkeypatch.setattr(Counts, "check", lambda *_: None)
    spoil(monkeypatch, how)
    with pytest.raises(LineLostError, match=r"a segment keeps \d+ of the 11 lines from line 1 on"):
        scan([log], tmp_path / "w", now=NOW)


@pytest.mark.parametrize("how", BREAKS)
def test_the_guard_of_the_content_stands_alone(
    how: Break, log: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    unchecked(monkeypatch)
    real = WrittenSegment.row

    def row(self: WrittenSegment, content: int, *, map_digest: str | None) -> object:
        comments = self.lines - self.draft.events - self.draft.rejects
        return real(replace(self, comments=comments, continued=0), content, map_digest=map_digest)

    monkeypatch.setattr(WrittenSegment, "row", row)
    spoil(monkeypatch, how)
    with pytest.raises(LineLostError, match=r"its chunks hold 11 lines, but \d+ are told"):
        scan([log], tmp_path / "w", now=NOW)


@pytest.mark.parametrize("twice", [False, True])
def test_a_chunk_that_is_lost_or_read_twice_is_noticed(
    twice: bool, log: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = ContentReader.__iter__

    def chunks(self: ContentReader) -> Iterator[Chunk]:
        for number, chunk in enumerate(real(self)):
            if number == 1:
                yield from [chunk, chunk] if twice else []
            else:
                yield chunk

    monkeypatch.setattr(ContentReader, "__iter__", chunks)
    with pytest.raises(LineLostError, match=r"11 lines were read, but its chunks hold \d+"):
        scan([log], tmp_path / "w", now=NOW, chunk_bytes=200)


@pytest.mark.parametrize(
    ("parsed", "message"),
    [
        (Parsed(events=empty_events(), rejects=REJECTS.empty_table(), comments=4, continued=-1), "3 lines, but"),
        (Parsed(events=empty_events(), rejects=pa.table({"line": [1, 2, 3]})), "other columns"),
        (
            Parsed(events=empty_events(), rejects=pa.table([[2, 1, 3], ["a", "b", "c"]], schema=REJECTS)),
            "do not ascend",
        ),
        (
            Parsed(events=empty_events(), rejects=pa.table([[0, 1, 2], ["a", "b", "c"]], schema=REJECTS)),
            "do not ascend from the first line",
        ),
        (
            Parsed(events=empty_events(), rejects=pa.table([[1, 1, 2], ["a", "b", "c"]], schema=REJECTS)),
            "do not ascend",
        ),
        (
            Parsed(events=empty_events(), rejects=pa.table([[1, 2, 4], ["a", "b", "c"]], schema=REJECTS)),
            "after the last one",
        ),
        (
            Parsed(
                events=pa.table({"line": pa.array([1], pa.int64()), "time": pa.array([NOW], pa.timestamp("us", tz="UTC"))}),
                rejects=pa.table([[1, 2], ["a", "b"]], schema=REJECTS),
            ),
            "both an event and a reject",
        ),
    ],
)  # fmt: skip
def test_every_clause_of_the_check_is_needed(parsed: Parsed, message: str) -> None:
    with pytest.raises(LineLostError, match=message):
        parsed.check(Piece(data=b"a\nb\nc\n", lines=3))


def test_the_splitter_notices_a_row_that_its_reader_swallowed(monkeypatch: pytest.MonkeyPatch) -> None:
    real = pyarrow.csv.read_csv
    monkeypatch.setattr(pyarrow.csv, "read_csv", lambda *given, **more: real(*given, **more).slice(1))
    data = b"a b\nc d\ne f\n"
    regular = regular_lines(data, line_starts(data))
    rows = regular.lines.nonzero()[0]
    with pytest.raises(AssertionError, match="3 lines gave 2 rows and 0 misfits"):
        split_lines(regular.data, regular.starts, rows, ["x", "y"], {"x": pa.string(), "y": pa.string()})


def test_a_ledger_that_does_not_account_for_every_line_has_no_coverage(log: str, tmp_path: Path) -> None:
    scan([log], tmp_path / "w", now=NOW)
    workspace = Workspace.open(tmp_path / "w")
    try:
        with workspace.journal.transaction() as connection:
            connection.execute(tables.segment.update().values(comments=tables.segment.c.comments + 1))
        with pytest.raises(
            WhosawError, match="11 lines were read, and the ledger accounts for more or fewer"
        ):
            coverage_of(workspace.journal)
    finally:
        workspace.close()
