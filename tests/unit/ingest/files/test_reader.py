import bz2
import gzip
import hashlib
import io
import lzma
import os
import tarfile
import tempfile
import tracemalloc
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import backports.zstd
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from tests.wide import examples

from whosaw.ingest.files.content import Chunk, Content
from whosaw.ingest.files.discover import discover
from whosaw.ingest.files.packing import layers_of
from whosaw.ingest.files.reader import ContentReader

LINES = b"".join(b'192.0.2.%d - - "GET /%d"\n' % (n % 250, n) for n in range(2000))


def plain(path: Path) -> Content:
    return Content(name=str(path), source=path.name, path=path)


def write(folder: Path, data: bytes, name: str = "access.log") -> Content:
    path = folder / name
    path.write_bytes(data)
    return plain(path)


def read(content: Content, **options: Any) -> tuple[list[Chunk], ContentReader]:
    with ContentReader(content, **options) as reader:
        return list(reader), reader


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def lines_in(data: bytes) -> int:
    return len(io.BytesIO(data).readlines())


def pack(data: bytes, packing: str) -> bytes:
    match packing:
        case "gz":
            return gzip.compress(data)
        case "gz-members":
            return b"".join(
                gzip.compress(data[at : at + 7]) for at in range(0, len(data), 7)
            ) or gzip.compress(b"")
        case "zst":
            return backports.zstd.compress(data)
        case "zst-frames":
            return backports.zstd.compress(data[:9]) + backports.zstd.compress(data[9:])
        case "bz2":
            return bz2.compress(data)
        case "xz":
            return lzma.compress(data)
        case "tar" | "tar.gz":
            out = io.BytesIO()
            with tarfile.open(fileobj=out, mode="w") as tar:
                for name, text in (("a.log", b"before\n"), ("b.log", data), ("c.log", b"after\n")):
                    info = tarfile.TarInfo(name)
                    info.size = len(text)
                    tar.addfile(info, io.BytesIO(text))
            return gzip.compress(out.getvalue()) if packing == "tar.gz" else out.getvalue()
        case "zip":
            out = io.BytesIO()
            with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
                archive.writestr("b.log", data)
            return out.getvalue()
    return data


PACKINGS = ["plain", "gz", "gz-members", "zst", "zst-frames", "bz2", "xz", "tar", "tar.gz", "zip"]
ANY_BYTES = st.one_of(
    st.binary(max_size=200),
    st.lists(
        st.sampled_from([b"\n", b"a", b"\r\n", b"\x00", b"\xff\xfe", b"long line " * 3]), max_size=40
    ).map(b"".join),
)


@example(b"aa", 1, "zip")  # one-byte pieces are one object in CPython, so identity must not tell them apart
@settings(max_examples=examples(400), deadline=None)
@given(ANY_BYTES, st.integers(1, 64), st.sampled_from(PACKINGS))
def test_any_bytes_come_whole_and_a_resumed_read_gives_the_same(
    data: bytes, chunk_bytes: int, packing: str
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "b"
        path.write_bytes(pack(data, packing))
        if packing in {"tar", "tar.gz", "zip"}:
            assume(not layers_of(data, ""))
            content = next(c for c in discover([str(path)]).contents if c.member == "b.log")
        else:
            kind = packing.partition("-")[0]
            content = replace(plain(path), packing=() if kind == "plain" else (kind,))
        chunks, reader = read(content, chunk_bytes=chunk_bytes)
        assert reader.fault is None
        assert b"".join(chunk.data for chunk in chunks) == data
        assert sum(chunk.lines for chunk in chunks) == reader.lines == lines_in(data)
        assert (reader.size, reader.digest) == (len(data), sha(data))
        at, line = 0, 1
        for number, chunk in enumerate(chunks):
            assert (chunk.offset, chunk.end, chunk.first_line) == (at, at + len(chunk.data), line)
            assert chunk.terminated == chunk.data.endswith(b"\n")
            assert chunk.terminated or (chunk.lines == 1 and number == len(chunks) - 1)
            at, line = chunk.end, line + chunk.lines
            assert chunk.prefix_digest == sha(data[:at])
        for number in {0, len(chunks) // 2, len(chunks)}:
            start, start_line = (
                (chunks[number].offset, chunks[number].first_line) if number < len(chunks) else (at, line)
            )
            later, resumed = read(content, start=start, start_line=start_line, chunk_bytes=chunk_bytes)
            assert later == chunks[number:]
            assert (resumed.digest, resumed.size, resumed.lines) == (reader.digest, reader.size, reader.lines)
            assert resumed.prefix_digest == sha(data[:start])


@settings(max_examples=examples(60), deadline=None)
@given(st.lists(st.integers(0, 60), max_size=12), st.integers(1, 16), st.booleans())
def test_lines_over_the_limit_are_cut_alike_for_every_chunk_size(
    sizes: list[int], chunk_bytes: int, end: bool
) -> None:
    data = b"\n".join(b"x" * size for size in sizes) + (b"\n" if end else b"")
    with tempfile.TemporaryDirectory() as folder:
        content = write(Path(folder), data)
        chunks, reader = read(content, chunk_bytes=chunk_bytes, max_line_bytes=16, kept_line_bytes=4)
    told = [number for chunk in chunks for number in chunk.oversized_lines]
    assert told == [number for number, size in enumerate(sizes, 1) if size > 16]
    expected = b"\n".join(b"x" * (4 if size > 16 else size) for size in sizes) + (b"\n" if end else b"")
    assert b"".join(chunk.data for chunk in chunks) == expected
    assert (reader.size, reader.digest, reader.lines) == (len(data), sha(data), lines_in(data))


def test_an_empty_file_has_no_chunk_and_the_digest_of_nothing(tmp_path: Path) -> None:
    chunks, reader = read(write(tmp_path, b""))
    assert (chunks, reader.size, reader.lines, reader.fault) == ([], 0, 0, None)
    assert reader.digest == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_a_last_line_without_end_is_a_chunk_of_its_own(tmp_path: Path) -> None:
    chunks, _ = read(write(tmp_path, b"one\ntwo\nthr"))
    assert [(c.data, c.first_line, c.lines, c.terminated) for c in chunks] == [
        (b"one\ntwo\n", 1, 2, True),
        (b"thr", 3, 1, False),
    ]


def test_crlf_nul_and_invalid_utf8_are_passed_on_as_they_are(tmp_path: Path) -> None:
    data = b"a\r\nb\x00c\n\xff\xfe\r\n\x00\n"
    chunks, reader = read(write(tmp_path, data))
    assert (b"".join(c.data for c in chunks), reader.lines) == (data, 4)


def test_a_line_of_10_mb_comes_whole(tmp_path: Path) -> None:
    long = b"x" * 10_000_000
    chunks, reader = read(write(tmp_path, b"a\n" + long + b"\nb\n"), chunk_bytes=1 << 20)
    assert [(len(c.data), c.lines, c.oversized_lines) for c in chunks] == [
        (2, 1, ()),
        (10_000_001, 1, ()),
        (2, 1, ()),
    ]
    assert reader.fault is None


@pytest.mark.parametrize("ended", [True, False])
def test_a_line_of_100_mb_is_one_cut_line_in_bounded_memory(tmp_path: Path, ended: bool) -> None:
    path = tmp_path / "long.log"
    with path.open("wb") as file:
        file.write(b"a\n")
        for _ in range(100):
            file.write(b"x" * 1_000_000)
        file.write(b"\nb\n" if ended else b"")
    tracemalloc.start()
    chunks, _ = read(plain(path), chunk_bytes=4 << 20)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert [(c.lines, c.oversized_lines) for c in chunks] == [
        (1, ()),
        (1, (2,)),
        *([(1, ())] if ended else []),
    ]
    assert (len(chunks[1].data), chunks[1].terminated) == ((1 << 20) + ended, ended)
    assert chunks[1].end == 100_000_002 + ended
    assert peak < 145_000_000


def test_a_file_that_grows_while_read_is_read_up_to_its_first_size(tmp_path: Path) -> None:
    content = write(tmp_path, LINES)
    with ContentReader(content, chunk_bytes=1000) as reader:
        chunks = [next(iter(reader))]
        with (tmp_path / "access.log").open("ab") as file:
            file.write(b"later\n")
        chunks.extend(reader)
    assert b"".join(c.data for c in chunks) == LINES
    assert reader.digest == sha(LINES)


def test_a_file_that_shrinks_while_read_is_named_with_the_lines_before(tmp_path: Path) -> None:
    content = write(tmp_path, b"12345678\n" * 1000)
    with ContentReader(content, chunk_bytes=900) as reader:
        chunks = [next(iter(reader))]
        os.truncate(tmp_path / "access.log", 1350 + 4)
        chunks.extend(reader)
    assert b"".join(c.data for c in chunks) == b"12345678\n" * 150 + b"1234"
    assert reader.fault == (
        "the file became shorter while it was read (1,354 of 9,000 bytes were there):"
        " 150 lines and the start of another read before"
    )


def test_a_file_that_shrank_stays_ended_even_if_it_grows_back(tmp_path: Path) -> None:
    content = write(tmp_path, b"12345678\n" * 100)
    with ContentReader(content, chunk_bytes=90) as reader:
        chunks = iter(reader)
        first = next(chunks)
        os.truncate(tmp_path / "access.log", 100)
        second = next(chunks)
        (tmp_path / "access.log").write_bytes(b"other...\n" * 100)
        later = list(chunks)
    assert first.data + second.data + b"".join(c.data for c in later) == b"12345678\n" * 11 + b"1"
    assert reader.fault is not None
    assert "became shorter while it was read" in reader.fault


def test_a_file_gone_since_discovery_is_a_fault_and_no_crash(tmp_path: Path) -> None:
    content = write(tmp_path, LINES)
    (tmp_path / "access.log").unlink()
    chunks, reader = read(content)
    assert chunks == []
    assert reader.fault == "cannot be opened: no such file or directory: 0 lines read before"


def test_a_file_shorter_than_where_reading_was_to_go_on_has_no_prefix_digest(tmp_path: Path) -> None:
    chunks, reader = read(write(tmp_path, b"one\n"), start=8, start_line=3)
    assert chunks == []
    assert reader.prefix_digest is None
    assert reader.fault is not None
    assert "only 4 bytes are left of the 8" in reader.fault


def test_nothing_from_stop_on_is_read(tmp_path: Path) -> None:
    chunks, reader = read(write(tmp_path, b"one\ntwo\nthree\n"), stop=8)
    assert (b"".join(c.data for c in chunks), reader.digest) == (b"one\ntwo\n", sha(b"one\ntwo\n"))


class TestStandardInput:
    CONTENT = Content(name="-", source="stdin")

    def read(self, data: bytes) -> tuple[bytes, str | None]:
        with ContentReader(self.CONTENT, stdin=io.BytesIO(data)) as reader:
            return b"".join(chunk.data for chunk in reader), reader.fault

    @pytest.mark.parametrize("packing", ["plain", "gz", "zst", "bz2", "xz"])
    def test_is_read_as_a_stream_in_any_packing(self, packing: str) -> None:
        assert self.read(pack(LINES, packing)) == (LINES, None)

    def test_longer_than_what_is_looked_at_first(self) -> None:
        assert self.read(LINES * 10) == (LINES * 10, None)

    def test_an_archive_is_refused_with_a_way_out(self) -> None:
        text, fault = self.read(pack(LINES, "tar.gz"))
        assert text == b""
        assert fault is not None
        assert "a tar archive on standard input needs two passes; save it to a file first" in fault

    def test_a_pipe_with_short_reads(self) -> None:
        reading, writing = os.pipe()
        with os.fdopen(reading, "rb") as pipe, os.fdopen(writing, "wb", buffering=0) as out:
            for at in range(0, 3000, 700):
                out.write(LINES[at : at + 700])
            out.close()
            with ContentReader(self.CONTENT, stdin=pipe) as reader:
                assert b"".join(c.data for c in reader) == LINES[:3500]
