import bz2
import gzip
import io
import lzma
import random
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import backports.zstd
import pytest

from whosaw.ingest.files import opening
from whosaw.ingest.files.content import Content
from whosaw.ingest.files.discover import discover, one_pass_order
from whosaw.ingest.files.opening import Cursors
from whosaw.ingest.files.reader import ContentReader
from whosaw.ingest.files.streams import FileStream

PACK: dict[str, Callable[[bytes], bytes]] = {
    "": bytes,
    "gz": gzip.compress,
    "zst": backports.zstd.compress,
    "bz2": bz2.compress,
    "xz": lzma.compress,
}


def tar_of(*members: tuple[str, bytes], form: int = tarfile.PAX_FORMAT) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=form) as tar:
        folder = tarfile.TarInfo("var/log")
        folder.type = tarfile.DIRTYPE
        tar.addfile(folder)
        for name, data in members:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return out.getvalue()


def text(content: Content, cursors: Cursors | None = None) -> bytes:
    with ContentReader(content, cursors=cursors) as reader:
        data = b"".join(chunk.data for chunk in reader)
    assert reader.fault is None
    return data


@pytest.mark.parametrize("kind", PACK)
def test_members_of_a_tar_in_any_packing_come_in_rotated_order(tmp_path: Path, kind: str) -> None:
    members = [(f"nginx/access.log.{n}", b"line %d\n" % n * n) for n in (1, 10, 2)]
    path = tmp_path / ("logs.tar" + (f".{kind}" if kind else ""))
    path.write_bytes(PACK[kind](tar_of(*members)))
    found = discover([str(path)])
    assert [(c.name, c.source, c.packing) for c in found.contents] == [
        (f"{path}!nginx/access.log.{n}", "logs/nginx/access.log", (*filter(None, [kind]), "tar"))
        for n in (10, 2, 1)
    ]
    assert [text(c) for c in found.contents] == [b"line %d\n" % n * n for n in (10, 2, 1)]
    assert found.skipped == ()


@pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
@pytest.mark.parametrize("size", [0, 1, 511, 512, 513, 200_000])
def test_every_tar_format_and_member_size(tmp_path: Path, form: int, size: int) -> None:
    long = "folder/" * 13 + "a.log"
    path = tmp_path / "x.tar"
    path.write_bytes(tar_of((long, b"x" * size), ("b.log", b"b\n"), form=form))
    found = discover([str(path)])
    assert {c.member: text(c) for c in found.contents} == {long: b"x" * size, "b.log": b"b\n"}
    assert found.skipped == ()


@pytest.mark.parametrize("kind", ["gz", "zst", "bz2", "xz"])
@pytest.mark.parametrize("archive", ["tar", "tar.gz", "zip"])
def test_members_that_are_packed_themselves_are_unpacked(tmp_path: Path, archive: str, kind: str) -> None:
    noise = random.Random(7).randbytes(150_000).hex().encode() + b"\n"  # a first block that is large
    path = tmp_path / f"x.{archive}"
    inside = (f"a.log.{kind}", PACK[kind](noise))
    if archive == "zip":
        with zipfile.ZipFile(path, "w") as file:
            file.writestr(*inside)
    else:
        path.write_bytes(PACK["gz" if archive == "tar.gz" else ""](tar_of(inside)))
    (content,) = discover([str(path)]).contents
    assert content.packing[-1] == kind
    assert content.source == "x/a.log"
    assert text(content) == noise


@pytest.mark.parametrize("kind", ["gz", "zst", "xz"])
def test_a_tar_is_found_behind_a_first_block_that_is_large(tmp_path: Path, kind: str) -> None:
    path = (
        tmp_path / "x"
    )  # zstd gives nothing before its first block of up to 128 KiB is whole (RFC 8878, 3.1.1.2.4)
    path.write_bytes(PACK[kind](tar_of(("a.log", random.Random(7).randbytes(150_000).hex().encode()))))
    (content,) = discover([str(path)]).contents
    assert content.packing == (kind, "tar")


def test_members_that_are_no_files_are_named_and_not_followed(tmp_path: Path) -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for name, kind, target in (
            ("link", tarfile.SYMTYPE, "/etc/passwd"),
            ("hard", tarfile.LNKTYPE, "a.log"),
            ("pipe", tarfile.FIFOTYPE, ""),
        ):
            info = tarfile.TarInfo(name)
            info.type = kind
            info.linkname = target
            tar.addfile(info)
        for name, data in (
            ("../../etc/passwd", b"only a name\n"),
            (".hidden", b"x"),
            ("in.tar", tar_of(("x", b"x"))),
            ("in.7z", b"7z\xbc\xaf\x27\x1c" + bytes(30)),
        ):
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    path = tmp_path / "x.tar"
    path.write_bytes(out.getvalue())
    found = discover([str(path)])
    assert [(c.member, text(c)) for c in found.contents] == [("../../etc/passwd", b"only a name\n")]
    assert {s.name.rpartition("!")[2]: s.reason for s in found.skipped} == {
        "link": "a link to '/etc/passwd' inside the archive, not followed",
        "hard": "a link to 'a.log' inside the archive, not followed",
        "pipe": "not a file (a device or pipe in an archive)",
        ".hidden": "hidden; unpack the archive and name the file to read it",
        "in.tar": "an archive inside an archive; unpack it first",
        "in.7z": "packed as 7z, which is not read; unpack it first",
    }
    assert sorted(tmp_path.iterdir()) == [path]


def test_a_member_that_is_there_twice_is_read_twice(tmp_path: Path) -> None:
    path = tmp_path / "x.tar"
    path.write_bytes(tar_of(("a.log", b"old\n"), ("a.log", b"new\n")))
    contents = discover([str(path)]).contents
    assert [(c.name, text(c)) for c in contents] == [
        (f"{path}!a.log", b"old\n"),
        (f"{path}!a.log#2", b"new\n"),
    ]


def test_zip_members_are_read_folders_left_out(tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as file:
        file.mkdir("web")
        file.writestr("web/access.log", b"new\n", zipfile.ZIP_DEFLATED)
        file.writestr("web/access.log.1", b"old\n", zipfile.ZIP_BZIP2)
        file.writestr("web/access.log.2", b"oldest\n", zipfile.ZIP_LZMA)
        file.writestr("__MACOSX/web/access.log", b"x")
    found = discover([str(path)])
    assert [text(c) for c in found.contents] == [b"oldest\n", b"old\n", b"new\n"]
    assert [s.name for s in found.skipped] == [f"{path}!__MACOSX/web/access.log"]


def test_zip_members_packed_in_ways_that_zipfile_does_not_know(tmp_path: Path) -> None:
    packed = {93: backports.zstd.compress(b"zstd\n"), 95: lzma.compress(b"xz\n"), 98: b"ppmd"}
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as file:
        for method, data in packed.items():
            file.writestr(f"{method}.log", data)
    raw = bytearray(path.read_bytes())
    for (
        method
    ) in packed:  # APPNOTE.TXT 4.4.5: the method, in the local header at 8 and in the directory at 10
        local = raw.index(b"%d.log" % method) - 30
        central = raw.rindex(b"%d.log" % method) - 46
        raw[local + 8 : local + 10] = raw[central + 10 : central + 12] = method.to_bytes(2, "little")
    path.write_bytes(raw)
    zstd, xz, ppmd = discover([str(path)]).contents
    assert (text(zstd), text(xz)) == (b"zstd\n", b"xz\n")
    with ContentReader(ppmd) as reader:
        assert list(reader) == []
    assert reader.fault is not None
    assert reader.fault.startswith("zip member is packed in a way that is not read (")


def test_an_empty_archive_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_bytes(b"x\n")
    zipfile.ZipFile(tmp_path / "x.zip", "w").close()
    (skipped,) = discover([str(tmp_path)]).skipped
    assert skipped.reason == "an archive without files"


def test_cursors_read_a_packed_tar_once_for_all_its_members(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    members = [(f"{n:02}.log", b"%d\n" % n * 50_000) for n in range(20)]
    path = tmp_path / "x.tar.gz"
    path.write_bytes(gzip.compress(tar_of(*members)))
    contents = discover([str(path)]).contents
    opened = []

    class Counting(FileStream):
        def __init__(self, path: Path) -> None:
            opened.append(path)
            super().__init__(path)

    monkeypatch.setattr(opening, "FileStream", Counting)
    cursors = Cursors()
    assert [text(c, cursors) for c in contents] == [data for _, data in members]
    assert len(opened) == 1
    assert [text(c, cursors) for c in reversed(contents)] == [data for _, data in reversed(members)]
    assert len(opened) == 21  # backwards each one starts anew
    assert [text(c, cursors) for c in one_pass_order(reversed(contents))] == [data for _, data in members]
    assert len(opened) == 22
    cursors.close()


def test_a_name_says_nothing_about_the_packing(tmp_path: Path) -> None:
    (tmp_path / "plain.log.gz").write_bytes(b"plain\n")
    (tmp_path / "packed.log").write_bytes(gzip.compress(gzip.compress(b"packed\n")))
    contents = discover([str(tmp_path)]).contents
    assert [(c.source, c.packing, text(c)) for c in contents] == [
        ("packed.log", ("gz", "gz"), b"packed\n"),
        ("plain.log", (), b"plain\n"),
    ]
