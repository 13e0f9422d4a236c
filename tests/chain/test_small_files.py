"""Many small files are read together: in one transaction and one flush, and each as if it had been read alone."""

from __future__ import annotations

import errno
import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import pytest
from tests.chain.shop_log import NOW, ledger_bytes, shop_lines

from whosaw.app.reading import commit, contents
from whosaw.app.reading.contents import Reading
from whosaw.app.scan import ScanReport, scan
from whosaw.core.errors import WhosawError
from whosaw.store import files
from whosaw.store.files import ContentStore, Together
from whosaw.store.journal import Journal
from whosaw.store.repositories.manifest import add_segment

pytestmark = pytest.mark.usefixtures("without_detection")

JSON = '{{"timestamp":"2025-04-20T0{}:00:00Z","user":"u1","method":"GET","path":"/customers/5/addresses","status":200}}\n'


def whole_lines(count: int, *, seed: int = 1) -> list[str]:
    """Lines of the shop that every reader of its format understands."""
    return [f"{line}\n" for line in shop_lines(2 * count, seed=seed) if not line.startswith("torn")][:count]


def write_folder(folder: Path, count: int, lines: int = 8) -> None:
    folder.mkdir()
    texts = whole_lines(count * lines)
    for number in range(count):
        (folder / f"web-{number:03}.log").write_text("".join(texts[number * lines : (number + 1) * lines]))


def read(folder: Path, root: Path, map_file: Path) -> ScanReport:
    return replace(scan([str(folder)], root, now=NOW, map_path=map_file), seconds=0.0)


@contextmanager
def alone() -> Iterator[None]:
    """Every content is read alone."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Reading, "_together", lambda _: None)
        yield


def read_together(patch: pytest.MonkeyPatch) -> list[int]:
    """A list that is told how many contents each group that was committed had."""
    told: list[int] = []
    committed = Reading._committed

    def counted(self: Reading, item: object, whole: list[object]) -> object:
        told.append(len(whole))
        return committed(self, item, whole)  # type: ignore[arg-type]  # handed on as they came

    patch.setattr(Reading, "_committed", counted)
    return told


def odd_ones(folder: Path) -> None:
    """Files that must be read alone, among those that are read together."""
    texts = whole_lines(90, seed=7)
    (folder / "web-003a.log").write_text("".join(texts[:5]) + "torn li\n")
    (folder / "web-005a.log").write_text((folder / "web-005.log").read_text())  # a copy
    (folder / "web-007a.log").write_text("".join(texts[5:10]).removesuffix("\n"))
    (folder / "web-009a.log").write_text("\ufeff" + "".join(texts[10:15]))
    (folder / "web-011a.log").write_text("".join(JSON.format(hour) for hour in range(5)))
    (folder / "web-013a.log").write_text("\n\n")
    (folder / "web-015a.log").write_text("")
    (folder / "web-017a.log").write_text("".join(texts[15:20]).replace("/Apr/2025", "/Apr/1925"))
    # and some with what is no reason to be read alone
    (folder / "web-019a.log").write_text("".join((texts[20], "\n", *texts[20:24], texts[20])))
    (folder / "web-021a.log").write_text(texts[20] + texts[21])


def test_each_file_is_what_it_would_be_alone(
    tmp_path: Path, map_file: Path, new_root: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "logs"
    write_folder(folder, 30)
    odd_ones(folder)
    groups = read_together(monkeypatch)
    together = read(folder, new_root("together"), map_file)
    assert (
        sum(groups) >= 20
    )  # most of the 31 that may be: one begun alone while another is read alone is none of them
    with alone():
        expected = read(folder, new_root("alone"), map_file)
    assert replace(together, contents=()) == replace(expected, contents=())
    assert together.contents == expected.contents
    assert ledger_bytes(tmp_path / "together") == ledger_bytes(tmp_path / "alone")
    by_name = {each.name.rpartition("/")[2]: each for each in together.contents}
    assert by_name["web-003a.log"].rejects == 1
    assert by_name["web-005a.log"].outcome == "copy"
    assert by_name["web-011a.log"].format != by_name["web-012.log"].format == "combined"
    assert by_name["web-017a.log"].rejects == 5
    assert (by_name["web-019a.log"].events, by_name["web-019a.log"].comments) == (6, 1)
    for each in together.contents:
        assert each.outcome == "copy" or each.lines == len(Path(each.name).read_bytes().splitlines())


ECS = (
    '{{"@timestamp":"2025-04-20T0{}:00:00Z","ecs":{{"version":"8.11.0"}},"http":{{"request":{{"method":"GET"}},"response":{{"status_code":200}}}},'
    '"url":{{"path":"/customers/5/addresses"}},"source":{{"ip":"192.0.2.7"}},"user":{{"name":"u1"}}}}\n'
)


def write_json(folder: Path, count: int) -> None:
    """A JSON log that was rotated every few lines."""
    folder.mkdir()
    for number in range(1, count + 1):
        lines = [JSON.format(hour).replace("u1", f"u{number}-{hour}") for hour in range(1 + number % 4, 9)]
        (folder / f"app.log.{number}").write_text("".join(lines))


def test_json_of_no_product_is_read_together_as_it_would_be_alone(
    tmp_path: Path, map_file: Path, new_root: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "logs"
    write_json(folder, 30)
    groups = read_together(monkeypatch)
    together = read(folder, new_root("together"), map_file)
    assert sum(groups) >= 20
    with alone():
        expected = read(folder, new_root("alone"), map_file)
    assert together == expected
    assert ledger_bytes(tmp_path / "together") == ledger_bytes(tmp_path / "alone")
    assert {(each.format, each.confidence) for each in together.contents} == {("jsonl", 1.0)}
    assert together.total("events") == sum(len(path.read_bytes().splitlines()) for path in folder.iterdir())


AUDIT = (
    '2025-04-20 0{hour}:00:00.355 UTC,"app","shop",4718,"192.0.2.50:33776",690e0970.126e,{hour},"SELECT",2025-04-19 15:00:00 UTC,3/1,0,LOG,'
    '00000,"AUDIT: SESSION,{hour},1,READ,SELECT,TABLE,public.members,""SELECT name FROM members{space}WHERE id = {number}"",<none>",,,,,,,,,'
    '"app","client backend",,0\n'
)


def write_audit(folder: Path, count: int, *, spaces: Mapping[int, str] = MappingProxyType({})) -> None:
    """What a database writes, rotated every few lines."""
    folder.mkdir()
    for number in range(1, count + 1):
        space = spaces.get(number, " ")
        lines = [AUDIT.format(hour=hour, number=number, space=space) for hour in range(1 + number % 4, 9)]
        (folder / f"audit-{number:02}.csv").write_text("".join(lines))


@pytest.mark.parametrize(
    ("spaces", "fewest"),
    [({}, 20), ({9: "\n", 21: '"""'}, 0)],
    ids=["a line each", "one over lines, and one that never ends"],
)
def test_records_in_quotes_are_read_together_as_they_would_be_alone(
    tmp_path: Path,
    map_file: Path,
    new_root: Callable[[str], Path],
    monkeypatch: pytest.MonkeyPatch,
    spaces: Mapping[int, str],
    fewest: int,
) -> None:
    folder = tmp_path / "logs"
    write_audit(folder, 30, spaces=spaces)
    groups = read_together(monkeypatch)
    together = read(folder, new_root("together"), map_file)
    assert sum(groups) >= fewest
    with alone():
        expected = read(folder, new_root("alone"), map_file)
    assert together == expected
    assert ledger_bytes(tmp_path / "together") == ledger_bytes(tmp_path / "alone")
    odd = [each.name[-6:-4] for each in together.contents if each.events < each.lines]
    assert odd == [f"{number:02}" for number in spaces]


@pytest.mark.parametrize(
    ("other", "text", "told"),
    [
        ("a product's JSON", "".join(ECS.format(hour) for hour in range(6)), "ecs"),
        ("a web log", "".join(whole_lines(6, seed=5)), "combined"),
        ("one line that is not read", "".join(JSON.format(hour) for hour in range(6)) + "{torn\n", "jsonl"),
    ],
)
def test_another_format_among_json_of_no_product_is_recognised(
    tmp_path: Path, map_file: Path, new_root: Callable[[str], Path], other: str, text: str, told: str
) -> None:
    folder = tmp_path / "logs"
    write_json(folder, 24)
    (folder / "app.log.12").write_text(text)
    together = read(folder, new_root("together"), map_file)
    with alone():
        expected = read(folder, new_root("alone"), map_file)
    assert together == expected
    assert ledger_bytes(tmp_path / "together") == ledger_bytes(tmp_path / "alone")
    by_name = {each.name.rpartition("/")[2]: each for each in together.contents}
    assert by_name["app.log.12"].format == told, other
    assert all(each.format == "jsonl" for name, each in by_name.items() if name != "app.log.12")


def test_what_was_read_together_grows_and_is_renamed_as_any_other(
    tmp_path: Path, map_file: Path, new_root: Callable[[str], Path]
) -> None:
    folder, more = tmp_path / "logs", whole_lines(20, seed=9)
    write_folder(folder, 12)
    roots = new_root("together"), new_root("alone")
    read(folder, roots[0], map_file)
    with alone():
        read(folder, roots[1], map_file)
    with (folder / "web-004.log").open("a") as log:
        log.writelines(more[:3])
    (folder / "web-006.log").rename(folder / "web-900.log")
    (folder / "web-901.log").write_text("".join(more[3:9]))
    (folder / "web-902.log").write_text("".join(more[9:14]))
    together = read(folder, roots[0], map_file)
    with alone():
        assert together == read(folder, roots[1], map_file)
    outcomes = Counter(each.outcome for each in together.contents)
    assert outcomes == {"unchanged": 10, "grown": 1, "renamed": 1, "read": 2}
    assert ledger_bytes(roots[0]) == ledger_bytes(roots[1])


def count_calls(patch: pytest.MonkeyPatch) -> Counter[str]:
    """A counter of transactions that write, of flushes of one file, and of flushes of many."""
    calls: Counter[str] = Counter()
    transaction, flush, together = Journal.transaction, os.fsync, files.flush

    def transactions(journal: Journal) -> object:
        calls["transactions"] += 1
        return transaction(journal)

    def one(descriptor: int) -> None:
        calls["one"] += 1
        flush(descriptor)

    def many(paths: list[Path]) -> None:
        calls["many"] += 1
        together(paths)

    patch.setattr(Journal, "transaction", transactions)
    patch.setattr(os, "fsync", one)
    patch.setattr(files, "flush", many)
    return calls


def test_many_small_files_take_as_many_transactions_and_flushes_as_few(
    tmp_path: Path, map_file: Path, new_root: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    if files._flush_of_file_system() is None:
        pytest.skip("this system flushes file by file")
    taken = {}
    for count in (3, 120):
        write_folder(tmp_path / f"logs-{count}", count, lines=4)
        with monkeypatch.context() as patch:
            # steps over days have as many as there are days and kinds of rows, which more lines have more of
            patch.setattr("whosaw.app.scan.detect_all", lambda *_given, **_named: ([], ()))
            calls = count_calls(patch)
            read(tmp_path / f"logs-{count}", new_root(f"of-{count}"), map_file)
        taken[count] = calls
    assert taken[3]["many"] == taken[120]["many"] == 2  # what was read, and its numbers
    assert taken[120]["transactions"] == taken[3]["transactions"]
    assert taken[120]["one"] == taken[3]["one"]


def test_files_have_no_names_before_all_are_flushed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = ContentStore(tmp_path / "files")
    together = Together(store)
    names = [together.put("part", text) for text in (b"one", b"two", b"one")]
    assert names[0] == names[2]
    assert not any(store.path(name).exists() for name in names)

    def full(_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(files, "flush", full)
        with pytest.raises(WhosawError, match="could not be written"):
            together.land()
    assert not [path for path in store.root.rglob("*") if path.is_file()]
    names = [together.put("part", text) for text in (b"one", b"two")]
    together.land()
    assert [store.read(name) for name in names] == [b"one", b"two"]


def test_two_groups_under_way_may_hold_the_same_bytes(tmp_path: Path) -> None:
    store = ContentStore(tmp_path / "files")
    one, other = Together(store), Together(store)
    (name,) = {one.put("part", b"both"), other.put("part", b"both")}
    one.land()
    assert store.read(name) == b"both"
    other.land()
    assert store.read(name) == b"both"
    assert [path for path in store.root.rglob("*") if path.is_file()] == [store.path(name)]


def test_a_fault_of_the_commit_leaves_nothing_of_a_group(
    tmp_path: Path, map_file: Path, new_root: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, root = tmp_path / "logs", new_root("faulty")
    write_folder(folder, 20)
    added = Counter[str]()

    def failing(*segment: object) -> int:
        added["segments"] += 1
        if added["segments"] == 9:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return add_segment(*segment)  # type: ignore[arg-type]  # handed on as they came

    with monkeypatch.context() as patch:
        patch.setattr(commit, "add_segment", failing)
        with pytest.raises(OSError, match=os.strerror(errno.EIO)):
            read(folder, root, map_file)
    with alone():
        expected = read(folder, new_root("calm"), map_file)
    again = read(folder, root, map_file)
    assert ledger_bytes(root) == ledger_bytes(tmp_path / "calm")
    assert [each.outcome for each in again.contents] == ["unchanged", *["read"] * 19]
    assert again.coverage == expected.coverage


def test_what_is_done_and_waits_for_its_turn_stays_little(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Workers that are faster than whoever commits do not fill the memory with what they have done."""

    class AtOnce(ThreadPoolExecutor):
        def submit(self, fn: Callable[..., object], /, *args: object, **kwargs: object) -> Future[object]:  # type: ignore[override]
            done: Future[object] = Future()
            done.set_result(fn(*args, **kwargs))
            return done

    waiting: list[int] = []
    begin_more = Reading._begin_more

    def told(self: Reading, under_way: int) -> None:
        begin_more(self, under_way)
        waiting.append(len(self._ahead))

    monkeypatch.setattr(contents, "MOST", 2)
    monkeypatch.setattr(contents, "ThreadPoolExecutor", AtOnce)
    monkeypatch.setattr(Reading, "_begin_more", told)
    write_folder(tmp_path / "logs", 41, lines=2)
    report = scan([str(tmp_path / "logs")], tmp_path / "root", now=NOW)
    assert len(report.contents) == 41
    assert 2 < max(waiting) <= 6
