"""Cut and damaged packings: the lines before the damage come, and the fault says what is wrong."""

import bz2
import gzip
import io
import lzma
import tarfile
import tracemalloc
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import backports.zstd
import pytest

from whosaw.ingest.files.content import Content
from whosaw.ingest.files.discover import discover
from whosaw.ingest.files.reader import ContentReader

LINE = (
    b'192.0.2.7 - - [01/Jan/2025:00:00:00 +0000] "GET /my/info/edit?n=%07d HTTP/1.1" 200 512 "-" "example"\n'
)
LINES = b"".join(LINE % number for number in range(30_000))
PACK: dict[str, Callable[[bytes], bytes]] = {
    "gz": gzip.compress,
    "zst": backports.zstd.compress,
    "bz2": bz2.compress,
    "xz": lzma.compress,
}
TITLE = {"gz": "gzip", "zst": "zstd", "bz2": "bzip2", "xz": "xz"}


def read(path: Path, *packing: str, chunk_bytes: int = 1 << 20) -> tuple[bytes, ContentReader]:
    content = Content(name="access.log", source="access.log", path=path, packing=packing)
    with ContentReader(content, chunk_bytes=chunk_bytes) as reader:
        return b"".join(chunk.data for chunk in reader), reader


def read_all(path: Path) -> list[tuple[str, bytes, str | None]]:
    told = []
    for content in discover([str(path)]).contents:
        with ContentReader(content) as reader:
            told.append((content.member or "", b"".join(chunk.data for chunk in reader), reader.fault))
    return told


@pytest.mark.parametrize("kind", PACK)
def test_a_cut_file_gives_the_lines_before_the_cut(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "cut"
    packed = PACK[kind](LINES)
    path.write_bytes(packed[: len(packed) // 2])
    text, reader = read(path, kind)
    whole = text.count(b"\n")
    assert LINES.startswith(text)
    assert 1000 < whole < 30_000
    torn = "" if text.endswith(b"\n") else " and the start of another"
    assert reader.fault == f"{TITLE[kind]} ends before its end: {whole:,} lines{torn} read before"


@pytest.mark.parametrize("kind", PACK)
def test_a_file_cut_at_any_place_never_looks_whole(tmp_path: Path, kind: str) -> None:
    packed = PACK[kind](b"one\ntwo\n")
    path = tmp_path / "cut"
    for size in range(len(packed)):
        path.write_bytes(packed[:size])
        text, reader = read(path, kind)
        assert reader.fault is not None
        assert b"one\ntwo\n".startswith(text)


def test_a_cut_gzip_gives_every_byte_before_the_cut(tmp_path: Path) -> None:
    path = tmp_path / "cut.gz"
    path.write_bytes(
        gzip.compress(LINES)[:-8]
    )  # without the trailer (RFC 1952, 2.3.1) all of the text is there
    text, reader = read(path, "gz")
    assert text == LINES
    assert reader.fault == "gzip ends before its end: 30,000 lines read before"


def test_a_gzip_with_a_wrong_checksum_gives_all_its_lines_and_a_fault(tmp_path: Path) -> None:
    packed = bytearray(gzip.compress(b"one\ntwo\n"))
    packed[-8] ^= 1
    path = tmp_path / "wrong.gz"
    path.write_bytes(packed)
    text, reader = read(path, "gz")
    assert text == b"one\ntwo\n"
    assert reader.fault is not None
    assert reader.fault.startswith("gzip is damaged (")
    assert reader.fault.endswith("): 2 lines read before")


@pytest.mark.parametrize("kind", PACK)
def test_damage_in_the_middle_is_a_fault_and_gives_the_same_bytes_for_every_chunk_size(
    tmp_path: Path, kind: str
) -> None:
    packed = bytearray(PACK[kind](LINES))
    packed[len(packed) // 2 : len(packed) // 2 + 40] = b"\xaa" * 40
    path = tmp_path / "damaged"
    path.write_bytes(packed)
    text, reader = read(path, kind)
    assert reader.fault is not None
    assert f"{TITLE[kind]} is damaged (" in reader.fault
    for chunk_bytes in (1000, 70_000):
        again, other = read(path, kind, chunk_bytes=chunk_bytes)
        assert (again, other.fault, other.digest) == (text, reader.fault, reader.digest)


@pytest.mark.parametrize("kind", PACK)
def test_several_members_are_one_content(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "members"
    path.write_bytes(PACK[kind](LINES) + PACK[kind](b"") + PACK[kind](b"more\n"))
    text, reader = read(path, kind)
    assert (text == LINES + b"more\n", reader.fault) == (True, None)


@pytest.mark.parametrize("kind", PACK)
def test_other_bytes_after_the_end_are_named(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "more"
    path.write_bytes(PACK[kind](b"one\n") + b"not packed\n")
    text, reader = read(path, kind)
    title = TITLE[kind]
    assert text == b"one\n"
    assert (
        reader.fault
        == f"bytes after the end of the {title} data are no {title} and were not read: 1 line read before"
    )


def test_zero_bytes_after_the_end_are_padding(tmp_path: Path) -> None:
    path = tmp_path / "padded.gz"
    path.write_bytes(gzip.compress(b"one\n") + bytes(200_000) + gzip.compress(b"two\n") + bytes(7))
    assert [read(path, "gz")[0], read(path, "gz")[1].fault] == [b"one\ntwo\n", None]


@pytest.mark.parametrize("kind", PACK)
def test_a_bomb_is_read_in_bounded_memory(tmp_path: Path, kind: str) -> None:
    bomb = PACK[kind]((b"\n" * (1 << 20)) * 48)
    assert len(bomb) < 100_000
    path = tmp_path / "bomb"
    path.write_bytes(bomb)
    tracemalloc.start()
    lines = 0
    content = Content(name="bomb", source="bomb", path=path, packing=(kind,))
    with ContentReader(content, chunk_bytes=1 << 20) as reader:
        for chunk in reader:
            lines += chunk.lines
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert 16 << 20 <= lines <= max(16 << 20, 500 * len(bomb)) + (1 << 20)
    assert reader.fault == (
        f"{TITLE[kind]} unpacks to more than 500 times its size and is not read on; unpack it if it is a log: "
        f"{lines:,} lines read before"
    )
    assert peak < 15 << 20  # less than what it unpacks to


def test_a_bomb_in_a_bomb_is_measured_by_what_lies_on_disk(tmp_path: Path) -> None:
    path = tmp_path / "bomb"
    path.write_bytes(gzip.compress(gzip.compress(b"\n" * (64 << 20))))
    assert path.stat().st_size < 2_000  # the inner packing alone would be allowed 500 times its 65 kB
    content = Content(name="bomb", source="bomb", path=path, packing=("gz", "gz"))
    with ContentReader(content, chunk_bytes=1 << 20) as reader:
        lines = sum(chunk.lines for chunk in reader)
    assert lines == 16 << 20
    assert reader.fault is not None


def test_a_log_that_packs_well_is_read_whole(tmp_path: Path) -> None:
    text = b"".join(b"192.0.2.1 - - [14/Apr/2025:00:00:%02d +0000] ok\n" % (n % 60) for n in range(600_000))
    path = tmp_path / "access.log.gz"
    path.write_bytes(gzip.compress(text))
    assert len(text) > 100 * path.stat().st_size
    content = Content(name="access.log.gz", source="access.log", path=path, packing=("gz",))
    with ContentReader(content) as reader:
        assert sum(chunk.lines for chunk in reader) == 600_000
    assert reader.fault is None


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2])
def test_a_zip_bomb_is_read_in_bounded_memory(tmp_path: Path, method: int) -> None:
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", method) as archive:
        archive.writestr("a.log", bytes(48 << 20))
    tracemalloc.start()
    (content,) = discover([str(path)]).contents
    with ContentReader(content, chunk_bytes=1 << 20, max_line_bytes=1 << 20) as reader:
        assert [chunk.oversized_lines for chunk in reader] == [(1,)]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert 16 << 20 <= reader.size <= (16 << 20) + 500 * path.stat().st_size
    assert reader.fault is not None
    assert reader.fault.startswith(
        "zip member unpacks to more than 500 times its size" if method == zipfile.ZIP_DEFLATED else "bzip2"
    )
    assert peak < 12 << 20


def test_a_zstd_that_asks_for_too_much_memory_is_a_fault(tmp_path: Path) -> None:
    path = tmp_path / "wide.zst"
    path.write_bytes(b"\x28\xb5\x2f\xfd\x00\xa8" + bytes(20))  # RFC 8878, 3.1.1.1.2: a window of 2 GiB
    text, reader = read(path, "zst")
    assert text == b""
    assert reader.fault is not None
    assert "zstd is damaged (" in reader.fault


def tar_of(*members: tuple[str, bytes]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for name, data in members:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return out.getvalue()


def test_a_cut_tar_gives_the_members_before_the_cut_and_names_the_rest(tmp_path: Path) -> None:
    packed = tar_of(("a.log", b"one\n" * 1000), ("b.log", b"two\n" * 1000), ("c.log", b"three\n"))
    path = tmp_path / "cut.tar"
    path.write_bytes(packed[: 512 + 4096 + 512 + 2002])
    assert read_all(path) == [
        ("a.log", b"one\n" * 1000, None),
        (
            "b.log",
            b"two\n" * 500 + b"tw",
            "tar ends before its end: 500 lines and the start of another read before",
        ),
    ]
    (skipped,) = discover([str(path)]).skipped
    assert "what comes after member 'b.log' cannot be listed" in skipped.reason


def test_a_cut_packed_tar_names_the_cut(tmp_path: Path) -> None:
    path = tmp_path / "cut.tar.gz"
    path.write_bytes(gzip.compress(tar_of(("a.log", LINES)))[:-100])
    ((member, text, fault),) = read_all(path)
    assert member == "a.log"
    assert LINES.startswith(text)
    assert fault is not None
    assert fault.startswith("gzip ends before its end: ")
    assert discover([str(path)]).skipped[0].reason.startswith("gzip ends before its end; what comes after")


def test_a_tar_without_an_end_mark_and_joined_tars_are_named(tmp_path: Path) -> None:
    one, two = tar_of(("a.log", b"one\n")), tar_of(("b.log", b"two\n"))
    path = tmp_path / "x.tar"
    path.write_bytes(one[:1024])
    assert [text for _, text, _ in read_all(path)] == [b"one\n"]
    assert "tar has no end mark and may have been cut" in discover([str(path)]).skipped[0].reason
    path.write_bytes(one + two)
    assert [text for _, text, _ in read_all(path)] == [b"one\n"]
    assert "bytes follow the end mark" in discover([str(path)]).skipped[0].reason
    path.write_bytes(one)
    assert discover([str(path)]).skipped == ()


def test_an_endless_tar_header_is_refused(tmp_path: Path) -> None:
    header = tarfile.TarInfo("long")
    header.type = tarfile.XHDTYPE
    header.size = 1 << 30
    path = tmp_path / "bomb.tar.gz"
    path.write_bytes(gzip.compress(tar_of(("a.log", b"one\n"))[:1024] + header.tobuf() + bytes(1 << 20)))
    tracemalloc.start()
    found = discover([str(path)])
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert [content.member for content in found.contents] == ["a.log"]
    assert "a header of 1,073,741,824 bytes" in found.skipped[0].reason
    assert peak < 12 << 20


def test_an_encrypted_zip_member_is_a_fault_with_a_way_out(tmp_path: Path) -> None:
    path = tmp_path / "secret.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.log", b"one\n")
    packed = bytearray(path.read_bytes())
    packed[6] |= 1  # general purpose bit 0, APPNOTE.TXT 4.4.4, in the local and in the central header
    packed[packed.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(packed)
    assert read_all(path) == [
        (
            "a.log",
            b"",
            "zip member is encrypted; unpack it with its password and scan the file: 0 lines read before",
        )
    ]


def test_a_damaged_zip_member_is_a_fault(tmp_path: Path) -> None:
    path = tmp_path / "damaged.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("a.log", b"one\ntwo\n")
    packed = bytearray(path.read_bytes())
    packed[packed.index(b"two")] ^= 0x20
    path.write_bytes(packed)
    ((_, _, fault),) = read_all(path)
    assert fault is not None
    assert fault.startswith("zip member is damaged (Bad CRC-32")


def test_a_cut_zip_is_passed_over_with_the_reason(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "whole.zip", "w") as archive:
        archive.writestr("a.log", b"one\n")
    (tmp_path / "b.log").write_bytes(b"b\n")
    (tmp_path / "whole.zip").write_bytes((tmp_path / "whole.zip").read_bytes()[:50])
    (skipped,) = discover([str(tmp_path)]).skipped
    assert skipped.reason.startswith("zip cannot be listed (")


def test_an_archive_that_changed_since_it_was_listed_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "x.tar"
    path.write_bytes(tar_of(("a.log", b"one\n")))
    (content,) = discover([str(path)]).contents
    with ContentReader(replace(content, mtime_ns=(content.mtime_ns or 0) - 1)) as reader:
        assert list(reader) == []
    assert reader.fault == "the archive changed after it was listed; scan again: 0 lines read before"
