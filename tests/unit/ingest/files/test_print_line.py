import gzip
import hashlib
import io
import tarfile
from pathlib import Path

import pytest

from whosaw.core.errors import WhosawError
from whosaw.ingest.files.content import Content
from whosaw.ingest.files.discover import discover
from whosaw.ingest.files.print_line import print_line, read_verified

TEXT = b"first\r\n\xff\x00second\n\nlast"
DIGEST = hashlib.sha256(TEXT).hexdigest()


def content_at(path: Path) -> Content:
    (content,) = discover([str(path)]).contents
    return content


def refusal(content: Content, line: int = 1, size: int = len(TEXT), digest: str = DIGEST) -> WhosawError:
    with pytest.raises(WhosawError) as caught:
        print_line(content, size, digest, line)
    assert caught.value.hint
    return caught.value


@pytest.fixture(params=["plain", "gz", "tar.gz"])
def content(request: pytest.FixtureRequest, tmp_path: Path) -> Content:
    data = TEXT
    if request.param == "tar.gz":
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode="w") as tar:
            info = tarfile.TarInfo("access.log")
            info.size = len(TEXT)
            tar.addfile(info, io.BytesIO(TEXT))
        data = out.getvalue()
    (tmp_path / "access.log").write_bytes(data if request.param == "plain" else gzip.compress(data))
    return content_at(tmp_path)


@pytest.mark.parametrize(("line", "text"), [(1, b"first\r"), (2, b"\xff\x00second"), (3, b""), (4, b"last")])
def test_the_original_bytes_of_a_line_come_back(content: Content, line: int, text: bytes) -> None:
    assert print_line(content, len(TEXT), DIGEST, line) == text


def test_a_whole_document_comes_back(content: Content) -> None:
    assert read_verified(content, len(TEXT), DIGEST) == TEXT
    with pytest.raises(WhosawError, match="too many to hold"):
        read_verified(content, len(TEXT), DIGEST, at_most=10)


@pytest.mark.parametrize("line", [0, 5])
def test_a_line_that_was_never_there_is_refused(content: Content, line: int) -> None:
    assert refusal(content, line).code == "line.no-such-line"


def test_what_was_appended_since_does_not_matter(tmp_path: Path) -> None:
    path = tmp_path / "access.log"
    path.write_bytes(TEXT + b" and more\nnew\n")
    assert print_line(content_at(path), len(TEXT), DIGEST, 4) == b"last"


@pytest.mark.parametrize("data", [TEXT.replace(b"first", b"First"), TEXT[:-1], b"", b"x" * 100])
def test_a_changed_file_is_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "access.log"
    path.write_bytes(data)
    error = refusal(content_at(path), line=3)
    assert error.code == "line.changed"
    assert "is not the one that was scanned" in str(error)


def test_a_file_that_is_gone_is_refused_with_its_name(tmp_path: Path) -> None:
    path = tmp_path / "access.log"
    path.write_bytes(TEXT)
    content = content_at(path)
    path.unlink()
    error = refusal(content)
    assert error.code == "line.cannot-read"
    assert str(path) in str(error)
    assert "no such file or directory" in str(error)


def test_an_archive_written_anew_with_the_same_member_still_gives_its_lines(tmp_path: Path) -> None:
    path = tmp_path / "x.tar"

    def write(*texts: bytes) -> None:
        with tarfile.open(path, "w") as tar:
            for number, text in enumerate(texts):
                info = tarfile.TarInfo(f"{number}.log")
                info.size = len(text)
                tar.addfile(info, io.BytesIO(text))

    write(TEXT)
    content = content_at(path)
    write(TEXT, b"more\n")
    assert print_line(content, len(TEXT), DIGEST, 1) == b"first\r"
    write(b"other\n", TEXT)
    assert refusal(content).code == "line.changed"


def test_standard_input_cannot_be_read_again() -> None:
    error = refusal(Content(name="-", source="stdin"))
    assert error.code == "line.from-stdin"
    assert "standard input, which cannot be read again" in str(error)
