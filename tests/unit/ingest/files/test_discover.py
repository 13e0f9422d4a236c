import gzip
import io
import os
import random
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from whosaw.core.errors import WhosawError
from whosaw.ingest.files.content import Content, Discovery
from whosaw.ingest.files.discover import discover, one_pass_order


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def make(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        data = name.encode() + b"\n"
        path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)


def names(found: Discovery) -> list[str]:
    return [content.name for content in found.contents]


def reasons(found: Discovery) -> dict[str, str]:
    return {skipped.name: skipped.reason for skipped in found.skipped}


def refusal(*paths: str, stdin: io.BytesIO | None = None) -> WhosawError:
    with pytest.raises(WhosawError) as caught:
        discover(paths, stdin)
    assert caught.value.hint
    return caught.value


def test_a_mixed_folder_comes_by_source_and_oldest_first(here: Path) -> None:
    logs = ["access.log.10", "access.log.9.gz", "access.log.1", "access.log"]
    make(
        here / "logs",
        *(f"web/{name}" for name in logs),
        "auth.log-20250102.gz",
        "auth.log-20250101",
        "blob.bin",
    )
    found = discover(["logs"])
    assert names(found) == [
        "logs/auth.log-20250101",
        "logs/auth.log-20250102.gz",
        "logs/blob.bin",
        *(f"logs/web/{name}" for name in logs),
    ]
    assert [c.source for c in found.contents] == ["auth.log"] * 2 + ["blob.bin"] + ["web/access.log"] * 4
    assert found.contents[1].packing == ("gz",)
    assert found.skipped == ()


def test_a_content_knows_size_and_time_of_its_file(here: Path) -> None:
    make(here, "a.log")
    (content,) = discover(["a.log"]).contents
    status = (here / "a.log").stat()
    assert content == Content(
        name="a.log", source="a.log", path=Path("a.log"), size=status.st_size, mtime_ns=status.st_mtime_ns
    )


def test_patterns_match_here_and_in_any_depth(here: Path) -> None:
    make(here, "logs/a/access.log", "logs/b/c/access.log.1", "logs/b/other.txt")
    assert names(discover(["logs/*/access.log*"])) == ["logs/a/access.log"]
    found = discover(["logs/**/access.log*"])
    assert [c.source for c in found.contents] == ["a/access.log", "b/c/access.log"]


def test_a_name_with_pattern_characters_that_exists_is_a_name(here: Path) -> None:
    make(here, "access[1].log", "access1.log")
    assert names(discover(["access[1].log"])) == ["access[1].log"]


def test_the_order_of_the_paths_does_not_matter(here: Path) -> None:
    make(here, "logs/web/access.log", "logs/web/access.log.1", "logs/db.log", "more/db.log", "single.log")
    (here / "logs/link.log").symlink_to("web/access.log")
    (here / "logs/again").symlink_to("web")
    paths = ["logs", "logs/web", "logs/web/access.log", "more", "single.log", "logs/*/access.log*", "-"]
    first = discover(paths)
    for seed in range(20):
        random.Random(seed).shuffle(paths)
        assert discover(paths) == first
    assert names(first).count("logs/web/access.log") == 1


def test_a_file_named_twice_is_read_once_and_said(here: Path) -> None:
    make(here, "logs/a.log")
    (here / "logs/b.log").symlink_to("a.log")
    os.link(here / "logs/a.log", here / "logs/c.log")
    found = discover(["logs", "logs/a.log", "./logs/a.log", str(here / "logs/a.log")])
    assert names(found) == [str(here / "logs/a.log")]
    found = discover(["logs", "logs/a.log"])
    assert names(found) == ["logs/a.log"]
    assert reasons(found) == {
        "logs/a.log": "named more than once; read once",
        "logs/b.log": "the same file as logs/a.log; read once",
        "logs/c.log": "the same file as logs/a.log; read once",
    }


def test_a_loop_of_links_ends(here: Path) -> None:
    make(here, "logs/deep/a.log")
    (here / "logs/deep/up").symlink_to("..")
    (here / "logs/self").symlink_to("self")
    (here / "logs/nothing").symlink_to("gone.log")
    found = discover(["logs"])
    assert names(found) == ["logs/deep/a.log"]
    assert reasons(found)["logs/deep/up"] == "leads to logs; read once"
    assert reasons(found)["logs/nothing"] == "a link to nothing"
    assert reasons(found)["logs/self"].startswith("cannot be opened: too many levels of symbolic links")


def test_a_link_that_leads_out_of_the_folder_is_read_where_it_is_named(here: Path) -> None:
    make(here, "elsewhere/a.log", "logs/own.log")
    (here / "logs/web").symlink_to(here / "elsewhere")
    (here / "logs/b.log").symlink_to("../elsewhere/a.log")
    found = discover(["logs"])
    assert names(found) == ["logs/own.log"]
    told = "a link that leads out of the folder; name it to read it"
    assert reasons(found) == {"logs/web": told, "logs/b.log": told}
    assert names(discover(["logs/web"])) == ["logs/web/a.log"]
    assert names(discover(["logs/*.log"])) == ["logs/b.log", "logs/own.log"]


def test_what_is_no_file_is_passed_over_with_a_reason(here: Path) -> None:
    make(here, "logs/a.log", "logs/.hidden", "logs/.git/config")
    os.mkfifo(here / "logs/pipe")
    (here / "logs/null").symlink_to("/dev/null")
    with socket.socket(socket.AF_UNIX) as sock:
        sock.bind("logs/sock")
        found = discover(["logs"])
    assert names(found) == ["logs/a.log"]
    assert reasons(found) == {
        "logs/.hidden": "hidden; name it to read it",
        "logs/.git": "hidden; name it to read it",
        "logs/pipe": "a named pipe, not a file; pipe it into `whosaw scan -`",
        "logs/null": "a device, not a file",
        "logs/sock": "a socket, not a file",
    }


def test_a_hidden_file_that_is_named_is_read(here: Path) -> None:
    make(here, ".hidden.log")
    assert names(discover([".hidden.log"])) == [".hidden.log"]


def test_what_cannot_be_opened_is_passed_over_with_the_reason(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(here, "logs/a.log", "logs/secret.log", "logs/closed/b.log")
    real_open, real_scandir = os.open, os.scandir

    def no_open(path: str | Path, *rest: int) -> int:
        if str(path).endswith("secret.log"):
            raise PermissionError(13, "Permission denied", str(path))
        return real_open(path, *rest)

    def no_scandir(path: str) -> Iterator[os.DirEntry[str]]:
        if path.endswith("closed"):
            raise PermissionError(13, "Permission denied", path)
        return real_scandir(path)

    monkeypatch.setattr(os, "open", no_open)
    monkeypatch.setattr(os, "scandir", no_scandir)
    found = discover(["logs"])
    monkeypatch.undo()
    assert names(found) == ["logs/a.log"]
    assert reasons(found) == {
        "logs/secret.log": "cannot be opened: permission denied",
        "logs/closed": "cannot be opened: permission denied",
    }


def test_the_workspace_of_whosaw_is_no_log(here: Path) -> None:
    make(here, "a.log", "whosaw-data/whosaw-workspace.json", "whosaw-data/ledger/x.parquet")
    found = discover(["."])
    assert names(found) == ["a.log"]
    assert reasons(found) == {"whosaw-data": "a workspace of whosaw, not logs"}


@pytest.mark.parametrize(
    ("data", "packing"),
    [(b"7z\xbc\xaf\x27\x1c", "7z"), (b"\x1f\x9d\x90", "compress (.Z)"), (b"\x04\x22\x4d\x18", "lz4")],
)
def test_a_packing_that_is_not_read_is_named(here: Path, data: bytes, packing: str) -> None:
    make(here, "a.log")
    (here / "b.log.x").write_bytes(data + bytes(20))
    assert reasons(discover(["."])) == {"b.log.x": f"packed as {packing}, which is not read; unpack it first"}


def test_an_empty_file_is_a_content_and_an_empty_folder_is_named(here: Path) -> None:
    (here / "logs/none").mkdir(parents=True)
    (here / "empty.log").touch()
    found = discover(["empty.log", "logs/none"])
    assert names(found) == ["empty.log"]
    assert reasons(found) == {"logs/none": "an empty folder"}


def test_equal_names_below_different_roots_are_different_sources(here: Path) -> None:
    make(here, "a/x/access.log", "b/x/access.log", "b/x/access.log.1")
    found = discover(["a/x", "b/x"])
    assert {c.name: c.source for c in found.contents} == {
        "a/x/access.log": "a/x/access.log",
        "b/x/access.log": "b/x/access.log",
        "b/x/access.log.1": "b/x/access.log",
    }
    assert [c.source for c in discover(["b/x/access.log.1", "b/x/access.log"]).contents] == ["access.log"] * 2


def test_a_name_cannot_forge_output(here: Path) -> None:
    (here / "a\n\x1b[31m.log").write_bytes(b"x\n")
    with open(os.fsencode(here) + b"/\xff.log", "wb") as file:  # a name that is no text
        file.write(b"x\n")
    found = discover(["."])
    assert names(found) == ["\\xff.log", "a\\n\\x1b[31m.log"]
    for content in found.contents:
        assert content.path is not None
        assert content.path.read_bytes() == b"x\n"


class TestRefusals:
    def test_a_path_that_does_not_exist(self, here: Path) -> None:
        make(here, "a.log")
        error = refusal("a.log", "b.log")
        assert error.code == "scan.no-such-path"
        assert (
            str(error)
            == "b.log: there is no such file or folder. Check the spelling, and the folder you are in"
        )

    def test_an_empty_path(self, here: Path) -> None:
        assert refusal("").code == "scan.no-such-path"

    def test_a_pattern_that_matches_nothing(self, here: Path) -> None:
        error = refusal("*.log")
        assert (error.code, str(error.where)) == ("scan.pattern-matches-nothing", "*.log")

    def test_a_folder_without_logs(self, here: Path) -> None:
        (here / "logs").mkdir()
        error = refusal("logs")
        assert error.code == "scan.nothing-to-read"
        assert "passed over: logs: an empty folder" in str(error)
        (here / "logs/more").mkdir()
        assert refusal("logs").code == "scan.nothing-to-read"

    def test_a_folder_with_nothing_readable_says_what_was_passed_over(self, here: Path) -> None:
        (here / "logs").mkdir()
        os.mkfifo(here / "logs/a")
        os.mkfifo(here / "logs/b")
        assert "passed over: logs/a: a named pipe, not a file" in str(refusal("logs"))
        assert "(and 1 more)" in str(refusal("logs"))

    def test_no_path_at_all(self) -> None:
        assert refusal().code == "scan.nothing-to-read"

    def test_standard_input_that_is_a_terminal(self) -> None:
        class Terminal(io.BytesIO):
            def isatty(self) -> bool:
                return True

        assert refusal("-", stdin=Terminal()).code == "scan.stdin-is-terminal"


def test_standard_input_is_one_content_however_often_it_is_named() -> None:
    found = discover(["-", "-"], io.BytesIO(b"never read here\n"))
    assert found.contents == (Content(name="-", source="stdin"),)
    assert reasons(found) == {"-": "named more than once; read once"}


def test_the_order_for_speed_keeps_every_content_and_only_moves_members_of_packed_tars() -> None:
    def member(archive: str, place: int, packing: tuple[str, ...]) -> Content:
        return Content(
            name=f"{archive}!{place}",
            source="s",
            path=Path(archive),
            member="m",
            place=place,
            packing=packing,
        )

    a, b = (member("a.tar.gz", place, ("gz", "tar")) for place in (512, 2048))
    c, d = (member("c.tar", place, ("tar",)) for place in (512, 2048))
    e = Content(name="e", source="e", path=Path("e"))
    assert one_pass_order([b, d, e, a, c]) == [a, b, d, e, c]
