"""Laws of the whole chain, on input that nobody thought of."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from itertools import chain
from pathlib import Path

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from tests.chain.shop_log import KEY, MAP, NOW, ledger_facts, shop_lines
from tests.wide import WIDE

from whosaw.app.scan import ScanReport, scan
from whosaw.core.errors import WhosawError

few = settings(
    max_examples=5 if WIDE else 3,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
DOCUMENTS = {"cloudtrail", "okta", "keycloak"}  # formats whose unit may be a record, not a line
POOL = [*shop_lines(60), "torn li", "", "# a comment", "\0\0"]
TAILED = [
    f"{line} rid=r-{number % 20} sub={number % 3 or '-'}"
    for number, line in enumerate(shop_lines(60, seed=2))
    if line != "torn li"
]
PIECES = [
    *(line.encode() for line in POOL[:6]),
    b"\n", b"\r\n", b"\r", b"\0", b'"', b"\\", b" ", b"\t", b",", b"{", b"}", b"[", b"]", b"\xff\xfe", b"\xef\xbb\xbf",
    b"#Fields: date time cs-uri-stem\n", b"2025-04-14 00:00:01 /a\n", b'{"Records":[', b'{"eventTime":"2025-04-14T00:00:01Z"}',
    b"Apr 14 00:00:01 gate sshd[7]: ", b"<134>1 2025-04-14T00:00:01Z gate app - - - ", b"a,b\n1,2\n", b"x" * 5000,
]  # fmt: skip
contents = st.one_of(
    st.binary(max_size=300),
    st.lists(st.sampled_from(PIECES), max_size=12).map(b"".join),
    st.text().map(str.encode),
)
lines_of_pool = st.lists(st.sampled_from(POOL), min_size=1, max_size=40)


class Place:
    """A folder of logs and workspaces that share a key and a map."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.map = folder / "map.toml"
        self.map.write_text(MAP)

    def root(self, name: str) -> Path:
        root = self.folder / name
        root.mkdir()
        (root / "vault.key").write_bytes(KEY)
        (root / "vault.key").chmod(0o600)
        return root

    def log(self, name: str, data: bytes) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        return path

    def scan(self, path: Path, root: Path, format_name: str | None = None) -> ScanReport:
        return scan([str(path)], root, now=NOW, map_path=self.map, format_name=format_name)


@contextmanager
def place() -> Iterator[Place]:
    with tempfile.TemporaryDirectory() as folder:
        yield Place(Path(folder))


def joined(lines: list[str]) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()


@cache
def facts_of_one_file(data: bytes, format_name: str) -> dict[str, object]:
    with place() as here:
        root = here.root("whole")
        here.scan(here.log("access.log", data), root, format_name)
        return ledger_facts(root)


@few
@given(st.lists(contents, min_size=1, max_size=4))
@example([b"", b"\n", b"\n\n"])
@example([b"\x1f\x8b", b"\x1f\x8b\x08\x00", b"PK\x03\x04", b"(\xb5/\xfd"])
def test_any_bytes_are_lines_that_add_up(files: list[bytes]) -> None:
    with place() as here:
        for number, data in enumerate(files):
            here.log(f"logs/{number}.log", data)
        try:
            report = here.scan(here.folder / "logs", here.root("w"))
        except WhosawError as fault:
            if fault.code != "scan.nothing-to-read":
                raise
            return
        assert len(report.contents) + len(report.skipped) >= len(files)
        for content in report.contents:
            assert content.lines == content.events + content.rejects + content.comments + content.continued
            data = Path(content.name).read_bytes() if "!" not in content.name else b""
            packed = any(
                data.startswith(magic) for magic in (b"\x1f\x8b", b"PK", b"(\xb5/\xfd", b"BZh", b"\xfd7zXZ")
            )
            if (
                content.outcome == "read"
                and not packed
                and "!" not in content.name
                and content.format not in DOCUMENTS
            ):
                assert content.lines == data.count(b"\n") + bool(data and not data.endswith(b"\n"))
        assert sum(source.lines for source in report.coverage) == report.total("lines")


@few
@given(lines_of_pool, st.sets(st.integers(1, 39), max_size=5), st.randoms(use_true_random=False))
def test_splitting_a_log_gives_the_same_ledger(lines: list[str], cuts: set[int], dice: object) -> None:
    bounds = [0, *sorted(cut for cut in cuts if cut < len(lines)), len(lines)]
    names = [f"logs/{chr(ord('a') + n)}.log" for n in range(len(bounds) - 1)]
    dice.shuffle(names)  # type: ignore[attr-defined]  # hypothesis' own Random
    with place() as here:
        for name, start, end in zip(names, bounds, bounds[1:], strict=False):
            here.log(name, joined(lines[start:end]))
        root = here.root("split")
        report = here.scan(here.folder / "logs", root, "combined")
        assert ledger_facts(root) == facts_of_one_file(joined(lines), "combined")
        repeated = sum(content.outcome == "copy" for content in report.contents)
        assert repeated or report.total("lines") == len(lines)


@few
@given(st.lists(lines_of_pool, min_size=2, max_size=3), st.randoms(use_true_random=False))
def test_scans_one_after_another_in_any_order_give_the_same_ledger(
    files: list[list[str]], dice: object
) -> None:
    with place() as here:
        paths = [here.log(f"logs/{number}.log", joined(lines)) for number, lines in enumerate(files)]
        dice.shuffle(paths)  # type: ignore[attr-defined]  # hypothesis' own Random
        root = here.root("w")
        for path in paths:
            here.scan(path, root, "combined")
        assert ledger_facts(root) == facts_of_one_file(joined([*chain.from_iterable(files)]), "combined")


@few
@given(lines_of_pool, st.data())
def test_a_log_that_grows_between_two_scans_gives_the_same_ledger(
    lines: list[str], data: st.DataObject
) -> None:
    """It may be cut anywhere, in the midst of a line as well."""
    whole = joined(lines)
    cut = data.draw(st.integers(0, len(whole)))
    with place() as here:
        root = here.root("w")
        path = here.log("access.log", whole[:cut])
        os.utime(path, (1, 1))  # so that growth shows whatever the clock of the file system does
        here.scan(path, root, "combined")
        path.write_bytes(whole)
        report = here.scan(path, root, "combined")
        assert ledger_facts(root) == facts_of_one_file(whole, "combined")
        assert sum(source.lines for source in report.coverage) == len(lines)


@few
@given(st.lists(st.sampled_from(TAILED), min_size=2, max_size=30), st.integers(1, 29))
def test_one_request_is_one_view_wherever_its_lines_stand(lines: list[str], cut: int) -> None:
    with place() as here:
        here.log("logs/a.log", joined(lines[cut:]))
        here.log("logs/b.log", joined(lines[:cut]))
        root = here.root("w")
        here.scan(here.folder / "logs", root, "combined-kv")
        split, whole = ledger_facts(root), facts_of_one_file(joined(lines), "combined-kv")

    def count(facts: dict[str, object]) -> int:
        return sum(row["views"] for row in facts["exposures"]) + len(facts["unknown"])  # type: ignore[attr-defined, arg-type]

    assert count(split) == count(whole)
