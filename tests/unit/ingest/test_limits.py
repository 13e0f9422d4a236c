"""What is more than any log holds is refused, line by line or file by file, and never fills the memory."""

from __future__ import annotations

import copy
import io
import json
import tarfile
import zipfile
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from whosaw.core.errors import WhosawError
from whosaw.ingest.build_parser import build_parser
from whosaw.ingest.files import archive, zip_member
from whosaw.ingest.files.content import Content
from whosaw.ingest.files.discover import discover
from whosaw.ingest.files.reader import ContentReader
from whosaw.ingest.format_choice import choose_format
from whosaw.ingest.format_item import load_formats, shipped_formats
from whosaw.ingest.limits import MOST_COLUMNS, MOST_KEYS, MOST_NESTING, beyond, beyond_json
from whosaw.ingest.lines import line_starts, white_lines
from whosaw.ingest.parser import Parsed, Piece
from whosaw.ingest.unknown import unknown_parser

FORMATS = load_formats([shipped_formats()])
JSON = "json:time=time,address=address,path=path"


def parsed(layout: str, text: str) -> Parsed:
    piece = Piece(data=text.encode(), lines=text.count("\n"))
    return build_parser(choose_format(layout, FORMATS), None, None).parse(piece).check(piece)


def reasons(found: Parsed) -> list[tuple[int, str]]:
    return [(each["line"], each["reason"]) for each in found.rejects.to_pylist()]


def event(**more: object) -> str:
    return json.dumps({"time": "2025-04-14T00:00:01Z", "address": "192.0.2.1", "path": "/x", **more}) + "\n"


def test_names_of_an_event_are_counted_at_all_depths_and_not_in_texts() -> None:
    full = {f"k{n}": n for n in range(MOST_KEYS - 3)}
    nested = {"deep": [{f"k{n}": n} for n in range(MOST_KEYS - 3)]}
    assert [parsed(JSON, event(**full)).events.num_rows, reasons(parsed(JSON, event(**full, one=1)))] == [
        1,
        [(1, "more than 4,096 names in one event")],
    ]
    assert reasons(parsed(JSON, event(**nested))) == [(1, "more than 4,096 names in one event")]
    assert parsed(JSON, event(text='"a": ' * 2 * MOST_KEYS)).events.num_rows == 1


def test_a_line_beyond_the_limit_leaves_its_neighbours_alone() -> None:
    found = parsed(JSON, event() + event(**{f"k{n}": n for n in range(MOST_KEYS)}) + event())
    assert found.events["line"].to_pylist() == [1, 3]
    assert reasons(found) == [(2, "more than 4,096 names in one event")]


def test_nesting_is_bounded_the_same_for_every_line() -> None:
    def nested(depth: int) -> str:
        return event(deep=0).replace("0}", "[" * (depth - 1) + "]" * (depth - 1) + "}")

    assert parsed(JSON, nested(MOST_NESTING)).events.num_rows == 1
    assert reasons(parsed(JSON, nested(MOST_NESTING + 1))) == [(1, "nested more than 256 deep")]
    assert parsed(JSON, event(text="[" * 10_000)).events.num_rows == 1
    assert beyond_json(b"[" * 100_000) == "nested more than 256 deep"


def test_columns_are_bounded() -> None:
    def table(columns: int) -> str:
        names = ["time", "address", "path", *(f"c{n}" for n in range(columns - 3))]
        row = ["2025-04-14T00:00:01Z", "192.0.2.1", "/x", *("v" for _ in range(columns - 3))]
        return ",".join(names) + "\n" + ",".join(row) + "\n"

    layout = "csv:time=time,address=address,path=path"
    assert parsed(layout, table(MOST_COLUMNS)).events.num_rows == 1
    assert reasons(parsed(layout, table(MOST_COLUMNS + 1))) == [(2, "1,025 columns, more than 1,024")]


def test_a_file_of_no_known_format_says_which_limit_stands_in_the_way() -> None:
    wide = ",".join(["v"] * 2_000) + "\n"
    rich = json.dumps({f"k{n}": n for n in range(5_000)}) + "\n"
    text = "plain\n" + wide + rich
    found = unknown_parser().parse(Piece(data=text.encode(), lines=3))
    assert reasons(found) == [
        (1, "no known format"),
        (2, "no known format: 2,000 columns, more than 1,024"),
        (3, "no known format: more than 4,096 names in one event"),
    ]
    assert beyond(b"plain") is None


@pytest.mark.parametrize("few", [1, 400])
def test_white_lines_are_the_same_however_many_there_are(few: int) -> None:
    data = (b"\n \n\r\n \t\r\na\n a\n\x0b\n\n" * few)[:-1]
    starts = line_starts(data)
    for white in (b" \t\r\n", b"\r\n"):
        expected = [not data[a:b].strip(white) for a, b in pairwise(starts)]
        assert white_lines(data, starts, white).tolist() == expected


def test_a_chunk_has_an_end_by_its_lines_too(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_bytes(b"".join(b"%d\n" % n for n in range(1_000)) + b"end")
    content = Content(name="a.log", source="a.log", path=path)

    def read(start: int = 0, line: int = 1) -> list[tuple[int, int, int, bytes]]:
        with ContentReader(
            content,
            start=start,
            start_line=line,
            chunk_bytes=1_000,
            chunk_lines=100,
            max_line_bytes=1_000,
            kept_line_bytes=1_000,
        ) as reader:
            return [(each.offset, each.first_line, each.lines, each.data) for each in reader]

    whole = read()
    assert b"".join(each[3] for each in whole) == path.read_bytes()
    assert max(each[2] for each in whole) == 100
    assert [each[1] for each in whole] == np.cumsum([1, *(each[2] for each in whole)]).tolist()[:-1]
    for at, (offset, line, _, _) in enumerate(whole):
        assert read(offset, line) == whole[at:]


def overlapping(path: Path, entries: int) -> None:
    """One member under many names, as zip bombs have it."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("access.log", "x\n" * 1_000)
        for number in range(entries - 1):
            again = copy.copy(made.filelist[0])
            again.filename = again.orig_filename = f"m{number}.log"
            made.filelist.append(again)
        made._didModify = True  # type: ignore[attr-defined]  # so that the directory is written


def test_a_zip_whose_members_lie_over_one_another_is_refused(tmp_path: Path) -> None:
    overlapping(tmp_path / "bomb.zip", 5_000)
    with pytest.raises(
        WhosawError, match=r"refused: 4,999 members of the zip overlap others, as in a zip bomb"
    ):
        discover([str(tmp_path / "bomb.zip")])


def test_members_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as made:
        for number in range(4):
            made.writestr(f"{number}.log", "x\n")
    with tarfile.open(tmp_path / "a.tar", "w") as tar:
        for number in range(4):
            info = tarfile.TarInfo(f"{number}.log")
            info.size = 2
            tar.addfile(info, io.BytesIO(b"x\n"))
    assert len(discover([str(tmp_path)]).contents) == 8
    for module in (archive, zip_member):
        monkeypatch.setattr(module, "MOST_MEMBERS", 3)
    found = discover([str(tmp_path)])
    assert [each.member for each in found.contents] == ["0.log", "1.log", "2.log"]
    assert sorted(each.reason for each in found.skipped) == [
        "more than 3 members; what comes after '3.log' is not read",
        "zip cannot be listed (more than 3 members)",
    ]


def test_a_zip_directory_is_not_read_at_any_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as made:
        for number in range(100):
            made.writestr(f"{number}.log", "x\n")
    monkeypatch.setattr(zip_member, "MOST_DIRECTORY", 4_000)
    with pytest.raises(WhosawError, match="a directory of more than 0 MiB"):
        discover([str(tmp_path / "a.zip")])
