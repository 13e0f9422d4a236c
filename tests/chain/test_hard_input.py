"""Input that goes wrong in every known way: each gets one clear answer, and nothing vanishes."""

from __future__ import annotations

import gzip
import io
import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.chain.shop_log import MAP, NOW, ledger_facts, shop_lines

from whosaw.app.asking.questions import open_ledger
from whosaw.app.progress import Silent
from whosaw.app.reading.lines import ReasonLines, open_line, rejects_of
from whosaw.app.scan import ScanReport, scan
from whosaw.core.errors import WhosawError
from whosaw.core.instants import format_instant
from whosaw.store.ledger import LedgerReader
from whosaw.store.workspace import MARKER, Workspace

pytestmark = pytest.mark.usefixtures("without_detection")

Root = Callable[[str], Path]
LINE = '{address} - - [14/Apr/2025:00:00:{second:02} +0000] "GET {path} HTTP/1.1" 200 7 "-" "{agent}"{tail}'


def line(
    second: int = 1,
    *,
    path: str = "/customers/7/addresses",
    address: str = "192.0.2.1",
    agent: str = "a",
    tail: str = "",
) -> str:
    return LINE.format(second=second, path=path, address=address, agent=agent, tail=tail)


def run(path: Path | str, root: Path, map_file: Path | None = None, **more: Any) -> ScanReport:
    report = scan([str(path)], root, now=NOW, map_path=map_file, **more)
    for content in report.contents:
        assert content.lines == content.events + content.rejects + content.comments + content.continued
    return report


def log(tmp_path: Path, data: bytes | list[str], name: str = "access.log") -> Path:
    path = tmp_path / "logs" / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(data if isinstance(data, bytes) else "".join(f"{each}\n" for each in data).encode())
    return path


def ask(root: Path, sql: str) -> list[dict[str, Any]]:
    workspace = Workspace.open(root)
    reader = LedgerReader(workspace)
    try:
        return list(reader.session.query(sql).to_pylist())
    finally:
        reader.close()
        workspace.close()


def times(root: Path) -> list[str]:
    return [
        each["time"].isoformat()
        for each in ask(root, "SELECT time FROM views WHERE NOT duplicate ORDER BY content, line")
    ]


def views(root: Path) -> int:
    return int(ask(root, "SELECT count(*) AS n FROM views WHERE NOT duplicate")[0]["n"])


def duplicates(report: ScanReport) -> int:
    return sum(source.duplicates for source in report.coverage)


# -- lines


def test_ten_megabyte_line_is_one_reject_and_is_printed_whole(
    tmp_path: Path, map_file: Path, new_root: Root
) -> None:
    long = b"x" * 10_000_000
    path = log(tmp_path, line(1).encode() + b"\n" + long + b"\n" + line(2).encode() + b"\n")
    root = new_root("w")
    report = run(path, root, map_file)
    assert (report.total("lines"), report.total("events"), report.total("rejects")) == (3, 2, 1)
    workspace = Workspace.open(root)
    try:
        (reject,) = rejects_of(workspace).rejects
        assert open_line(workspace, reject.locator).text == long
    finally:
        workspace.close()


def test_ten_megabyte_request_is_a_view_like_any_other(
    tmp_path: Path, map_file: Path, new_root: Root
) -> None:
    path = log(tmp_path, [line(1), line(2, path="/customers/8/addresses?q=" + "x" * 10_000_000), line(3)])
    root = new_root("w")
    report = run(path, root, map_file)
    assert (report.total("lines"), report.total("events")) == (3, 3)
    assert views(root) == 3


def test_nul_bytes_in_one_line_do_not_harm_the_others(tmp_path: Path, map_file: Path, new_root: Root) -> None:
    lines = [line(1), line(2, agent="a\0b"), "\0\0\0", line(3)]
    root = new_root("w")
    report = run(log(tmp_path, lines), root, map_file)
    assert (report.total("lines"), report.total("comments")) == (4, 0)
    assert (report.total("events"), report.total("rejects")) == (3, 1)
    assert views(root) == 3


def test_invalid_utf8_is_an_event_and_is_printed_byte_for_byte(
    tmp_path: Path, map_file: Path, new_root: Root
) -> None:
    odd = line(2, agent="caf?").encode().replace(b"?", b"\xe9\xff")
    path = log(tmp_path, line(1).encode() + b"\n" + odd + b"\n")
    root = new_root("w")
    report = run(path, root, map_file)
    assert (report.total("lines"), report.total("events")) == (2, 2)
    assert views(root) == 2
    ledger = open_ledger(root, now=NOW)
    try:
        locators = ledger.who("7").locators
        assert open_line(ledger.workspace, locators[1]).text == odd
    finally:
        ledger.close()


def test_crlf_says_the_same_as_lf(tmp_path: Path, map_file: Path, new_root: Root) -> None:
    lines = shop_lines(300)
    unix, dos = new_root("unix"), new_root("dos")
    run(log(tmp_path, lines), unix, map_file)
    report = run(log(tmp_path, "".join(f"{each}\r\n" for each in lines).encode(), "dos.log"), dos, map_file)
    assert report.total("lines") == 300
    assert ledger_facts(dos) == ledger_facts(unix)


def test_missing_line_end_at_the_very_end_loses_no_line(
    tmp_path: Path, map_file: Path, new_root: Root
) -> None:
    root = new_root("w")
    report = run(log(tmp_path, f"{line(1)}\n{line(2)}".encode()), root, map_file)
    assert (report.total("lines"), report.total("events"), views(root)) == (2, 2, 2)


# -- files and folders


def test_empty_file_is_said_to_be_empty(tmp_path: Path, new_root: Root) -> None:
    report = run(log(tmp_path, b""), new_root("w"))
    (content,) = report.contents
    assert (content.outcome, content.notes, content.lines) == ("empty", ("empty file",), 0)


def test_folder_without_logs_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    (tmp_path / "logs" / "deeper").mkdir(parents=True)
    with pytest.raises(WhosawError, match="nothing to read in") as caught:
        run(tmp_path / "logs", tmp_path / "never")
    assert caught.value.code == "scan.nothing-to-read"
    assert not (tmp_path / "never").exists()


def test_text_that_is_no_log_is_kept_as_rejects_and_said(tmp_path: Path, new_root: Root) -> None:
    report = run(log(tmp_path, b"Dear reader,\nthis is\n\na letter.\n", "letter.txt"), new_root("w"))
    (content,) = report.contents
    assert (content.format, content.lines, content.rejects, content.comments) == ("unknown", 4, 3, 1)
    assert content.notes == (
        "every line was rejected: no known format; name the format with --format (`whosaw formats` lists them)",
    )
    assert content.refused


def test_directory_loop_is_passed_over_and_said(tmp_path: Path, map_file: Path, new_root: Root) -> None:
    log(tmp_path, [line(1)])
    (tmp_path / "logs" / "again").symlink_to(tmp_path / "logs", target_is_directory=True)
    report = run(tmp_path / "logs", new_root("w"), map_file)
    assert report.total("lines") == 1
    assert [name.endswith("again") for name, _ in report.skipped] == [True]


class _Shrinking(Silent):
    """Cuts a file off while it is read."""

    def __init__(self, path: Path, size: int) -> None:
        self.path, self.size, self.done_ = path, size, False

    def advance(self, unpacked: int, lines: int) -> None:  # the protocol's shape
        if not self.done_:
            os.truncate(self.path, self.size)
            self.done_ = True


def test_file_that_shrinks_while_read_is_said_and_what_was_read_is_kept(
    tmp_path: Path, map_file: Path, new_root: Root
) -> None:
    path = log(tmp_path, shop_lines(30_000))
    size = path.stat().st_size
    root = new_root("w")
    report = run(path, root, map_file, chunk_bytes=20_000, progress=_Shrinking(path, 1000))
    (content,) = report.contents
    assert any(
        "became shorter while it was read" in note and f"of {size:,} bytes" in note for note in content.notes
    )
    assert 0 < content.lines < 30_000
    (source,) = report.coverage
    assert source.lines == content.lines
    assert any("became shorter" in note for note in source.notes)
    assert "cut-off" in {hour.rule for hour in source.hours}
    before = views(root)
    run(path, root, map_file)  # what is left of it holds nothing new
    assert views(root) == before


def test_gzip_that_is_cut_off_keeps_what_came_before_and_marks_the_hour(
    tmp_path: Path, map_file: Path, new_root: Root
) -> None:
    whole = gzip.compress("".join(f"{each}\n" for each in shop_lines(3000)).encode())
    path = log(tmp_path, whole[: len(whole) // 2], "access.log.gz")
    report = run(path, new_root("w"), map_file)
    (content,) = report.contents
    assert 0 < content.lines < 3000
    complete = content.lines - 1  # the last one is torn
    assert any(note.startswith(f"gzip ends before its end: {complete:,} lines") for note in content.notes)
    (source,) = report.coverage
    assert source.hours[-1].rule == "cut-off"


def test_unreadable_archive_is_named_and_the_rest_is_read(
    tmp_path: Path, map_file: Path, new_root: Root
) -> None:
    log(tmp_path, [line(1)])
    log(tmp_path, b"PK\x03\x04 and then nothing", "broken.zip")
    report = run(tmp_path / "logs", new_root("w"), map_file)
    assert report.total("events") == 1
    named = [name for name, _ in report.skipped] + [c.name for c in report.contents if c.notes]
    assert any("broken.zip" in name for name in named)


# -- texts inside lines


@pytest.mark.parametrize("quoted", [r"\x22", r"\""], ids=["nginx", "apache"])
def test_quoted_quote_in_the_agent_is_a_quote(
    tmp_path: Path, map_file: Path, new_root: Root, quoted: str
) -> None:
    root = new_root("w")
    report = run(log(tmp_path, [line(1, agent=f"the {quoted}best{quoted} one")]), root, map_file)
    assert report.total("events") == 1
    assert ask(root, "SELECT agent FROM clients") == [{"agent": 'the "best" one'}]


def test_ipv6_keeps_its_zone_and_has_one_spelling(tmp_path: Path, map_file: Path, new_root: Root) -> None:
    spelled = ["fe80::1%eth0", "FE80:0:0:0:0:0:0:1%eth0", "fe80::1%eth1", "2001:DB8::0001", "2001:db8::1"]
    root = new_root("w")
    run(log(tmp_path, [line(n, address=each) for n, each in enumerate(spelled)]), root, map_file)
    ledger = open_ledger(root, now=NOW)
    try:
        for address, number in (("fe80::1%eth0", 2), ("fe80::1%eth1", 1), ("2001:db8::1", 2)):
            count = next(each for each in ledger.what(address).counts if each.unit == "views")
            assert (address, count.lower) == (address, number)
    finally:
        ledger.close()


# -- times

LOGIN_MAP = """\
[[route]]
id = "login"
match = { action = "ssh.accepted" }
subject = { from = "principal" }
categories = ["credential.password"]
"""
LOGIN = "{at} gate sshd[7]: Accepted password for ann from 192.0.2.{n} port 4711 ssh2"


@pytest.fixture
def login_map(tmp_path: Path) -> Path:
    path = tmp_path / "login.toml"
    path.write_text(LOGIN_MAP)
    return path


def logins(tmp_path: Path, *at: str, written: datetime) -> Path:
    path = log(tmp_path, [LOGIN.format(at=each, n=n) for n, each in enumerate(at)], "auth.log")
    os.utime(path, (written.timestamp(), written.timestamp()))
    return path


def test_yearless_syslog_over_new_year_falls_in_two_years(
    tmp_path: Path, login_map: Path, new_root: Root
) -> None:
    path = logins(tmp_path, "Dec 31 23:59:58", "Jan  1 00:00:03", written=datetime(2025, 1, 1, 9, tzinfo=UTC))
    root = new_root("w")
    run(path, root, login_map, zone="UTC")
    assert times(root) == ["2024-12-31T23:59:58", "2025-01-01T00:00:03"]


def test_doubled_hour_is_read_twice_where_clocks_go_back(
    tmp_path: Path, login_map: Path, new_root: Root
) -> None:
    """Berlin, 2025-10-26: 02:00 to 03:00 comes twice, first at +02:00 and then at +01:00."""
    at = ["Oct 26 01:59:00", "Oct 26 02:40:00", "Oct 26 02:10:00", "Oct 26 02:50:00", "Oct 26 03:00:00"]
    root = new_root("w")
    run(
        logins(tmp_path, *at, written=datetime(2025, 11, 1, tzinfo=UTC)),
        root,
        login_map,
        zone="Europe/Berlin",
    )
    expected = ["23:59:00", "00:40:00", "01:10:00", "01:50:00", "02:00:00"]
    assert [each[11:] for each in times(root)] == expected


def test_hour_that_does_not_exist_keeps_the_offset_before(
    tmp_path: Path, login_map: Path, new_root: Root
) -> None:
    """Berlin, 2025-03-30: clocks jump from 02:00 (+01:00) to 03:00 (+02:00)."""
    at = ["Mar 30 01:59:00", "Mar 30 02:30:00", "Mar 30 03:30:00"]
    root = new_root("w")
    run(
        logins(tmp_path, *at, written=datetime(2025, 4, 1, tzinfo=UTC)), root, login_map, zone="Europe/Berlin"
    )
    assert [each[11:] for each in times(root)] == ["00:59:00", "01:30:00", "01:30:00"]


def test_without_a_zone_no_time_is_guessed(tmp_path: Path, login_map: Path, new_root: Root) -> None:
    path = logins(tmp_path, "Apr 14 00:00:01", "Apr 14 00:00:02", written=datetime(2025, 4, 15, tzinfo=UTC))
    root = new_root("w")
    (content,) = run(path, root, login_map).contents
    assert (content.lines, content.events, content.rejects) == (2, 0, 2)
    assert any("--tz" in note for note in content.notes)
    workspace = Workspace.open(root)
    try:
        told = rejects_of(workspace).reasons
    finally:
        workspace.close()
    assert told == (ReasonLines(reason="the time has no offset, and no zone was given", lines=2),)
    (content,) = run(
        path, root, login_map, zone="+09:00"
    ).contents  # and the way out works on the same workspace
    assert (content.lines, content.events, content.rejects) == (2, 2, 0)
    assert times(root) == ["2025-04-13T15:00:01", "2025-04-13T15:00:02"]


def test_forced_format_without_its_zone_is_refused(tmp_path: Path) -> None:
    path = logins(tmp_path, "Apr 14 00:00:01", written=datetime(2025, 4, 15, tzinfo=UTC))
    with pytest.raises(WhosawError, match=r"auth\.log.*--tz") as caught:
        run(path, tmp_path / "w", format_name="sshd")
    assert caught.value.code == "time.no-zone"


# -- standard input


def test_standard_input_is_read_like_a_file_and_never_counted_twice(
    tmp_path: Path, map_file: Path, new_root: Root, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = shop_lines(300)
    text = "".join(f"{each}\n" for each in lines).encode()
    file, piped = new_root("file"), new_root("piped")
    run(log(tmp_path, text), file, map_file)
    for _ in range(2):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text)))
        report = run("-", piped, map_file)
        assert [content.source for content in report.contents] == ["stdin"]
        assert ledger_facts(piped) == ledger_facts(file)


def test_terminal_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.BytesIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(Terminal()))
    with pytest.raises(WhosawError, match="nothing is piped into it"):
        run("-", tmp_path / "never")
    assert not (tmp_path / "never").exists()


# -- workspaces


def test_foreign_folder_is_refused_as_workspace(tmp_path: Path) -> None:
    path = log(tmp_path, [line(1)])
    foreign = tmp_path / "thesis"
    foreign.mkdir()
    (foreign / "chapter.tex").write_text("x")
    with pytest.raises(WhosawError, match="is no whosaw workspace") as caught:
        run(path, foreign)
    assert caught.value.code == "workspace.not-empty"
    assert [each.name for each in foreign.iterdir()] == ["chapter.tex"]


@pytest.mark.parametrize(
    ("harm", "code"),
    [
        (lambda root: (root / MARKER).write_text("{"), "workspace.damaged"),
        (lambda root: (root / MARKER).write_text('{"format": 999}'), "workspace.newer"),
        (lambda root: (root / "vault.key").write_bytes(b"short"), "vault.bad-key"),
        pytest.param(
            lambda root: (root / "vault.key").write_bytes(b"f" * 32),
            "vault.other-key",
        ),
        pytest.param(
            lambda root: (root / "journal.sqlite").write_bytes(b"no database " * 1000),
            "journal.failed",
        ),
        pytest.param(
            lambda root: (root / "vault.key").unlink(),
            "vault.no-key",
        ),
    ],
    ids=["marker", "newer", "short key", "other key", "journal", "no key"],
)
def test_damaged_workspace_is_refused(
    tmp_path: Path, map_file: Path, new_root: Root, harm: Callable[[Path], object], code: str
) -> None:
    path = log(tmp_path, [line(1)])
    root = new_root("w")
    run(path, root, map_file)
    harm(root)
    log(tmp_path, [line(1), line(2)])
    with pytest.raises(WhosawError) as caught:
        run(path, root, map_file)
    assert caught.value.code == code


# -- the same thing twice


def test_same_line_twice_is_one_view_and_one_duplicate(
    tmp_path: Path, map_file: Path, new_root: Root
) -> None:
    root = new_root("w")
    report = run(log(tmp_path, [line(1), line(1), line(2)]), root, map_file)
    assert (views(root), duplicates(report), report.total("events")) == (2, 1, 3)


def test_same_request_id_twice_is_one_view_even_where_the_lines_differ(
    tmp_path: Path, map_file: Path, new_root: Root
) -> None:
    lines = [
        line(1, tail=" rid=r-1"),
        line(1, tail=" rid=r-1 sub=7"),
        line(1, tail=" rid=r-2"),
        line(2, tail=" rid=-"),
        line(3, tail=" rid=-"),
    ]
    root = new_root("w")
    report = run(log(tmp_path, lines), root, map_file)
    assert [content.format for content in report.contents] == ["combined-kv"]
    assert (views(root), duplicates(report), report.total("events")) == (4, 1, 5)


def test_same_request_id_in_two_files_is_one_view(tmp_path: Path, map_file: Path, new_root: Root) -> None:
    log(tmp_path, [line(1, tail=" rid=r-1"), line(2, tail=" rid=r-2")], "gate.log")
    log(tmp_path, [line(1, tail=" rid=r-1 sub=7"), line(3, tail=" rid=r-3")], "shop.log")
    root = new_root("w")
    report = run(tmp_path / "logs", root, map_file)
    assert (views(root), duplicates(report), report.total("events")) == (3, 1, 4)


def test_copy_under_another_name_is_named_and_not_counted(
    tmp_path: Path, map_file: Path, new_root: Root
) -> None:
    lines = shop_lines(200)
    log(tmp_path, lines, "a.log")
    log(tmp_path, lines, "b.log")
    one, two = new_root("one"), new_root("two")
    run(tmp_path / "logs" / "a.log", one, map_file)
    report = run(tmp_path / "logs", two, map_file)
    assert sorted(content.outcome for content in report.contents) == ["copy", "read"]
    (copy,) = [content for content in report.contents if content.outcome == "copy"]
    assert copy.notes[0].startswith("the same bytes as ")
    assert report.total("lines") == 200
    assert ledger_facts(two) == ledger_facts(one)


# -- counts


def test_response_that_names_several_persons_is_one_view_of_each(tmp_path: Path, new_root: Root) -> None:
    path = tmp_path / "many.toml"
    path.write_text(
        '[[route]]\nid = "batch"\nmatch = { path = "/batch" }\n'
        'subject = { from = "query", name = "ids", many = true }\ncategories = ["identity.name"]\n'
    )
    root = new_root("w")
    report = run(log(tmp_path, [line(1, path="/batch?ids=1,2,3"), line(2, path="/batch?ids=3")]), root, path)
    assert [source.views for source in report.coverage] == [2]
    ledger = open_ledger(root, now=NOW)
    try:
        counts = {count.unit: (count.lower, count.upper) for count in ledger.what("192.0.2.1").counts}
        assert counts == {"views": (2, 2), "accounts": (3, 3), "persons": (3, 3)}
        assert ledger.who("2").views.lower == 1
        assert ledger.who("3").views.lower == 2
    finally:
        ledger.close()


def test_secondary_subjects_without_a_bound_leave_no_upper_bound(tmp_path: Path, new_root: Root) -> None:
    path = tmp_path / "open.toml"
    path.write_text(MAP.replace("at_most = 20, ", "").replace(", at_most = 50", ""))
    root = new_root("w")
    run(log(tmp_path, [line(1), line(2, path="/export")]), root, path)
    ledger = open_ledger(root, now=NOW)
    try:
        counts = {count.unit: count for count in ledger.what("192.0.2.1").counts}
    finally:
        ledger.close()
    assert (counts["persons"].lower, counts["persons"].upper, counts["persons"].exact) == (
        1,
        None,
        False,
    )
    assert (counts["views"].lower, counts["views"].upper) == (2, 2)


def test_view_at_the_very_edge_of_a_route_version_belongs_to_the_new_one(
    tmp_path: Path, new_root: Root
) -> None:
    edge = datetime(2025, 4, 14, 0, 0, 2, tzinfo=UTC)
    head = MAP.partition("\n\n[[route]]")[0]
    path = tmp_path / "versions.toml"
    path.write_text(
        f"{head}\nuntil = {format_instant(edge)}\n\n{head.replace('contact.address', 'contact.phone')}\nsince = {format_instant(edge)}\n"
    )
    root = new_root("w")
    run(log(tmp_path, [line(n) for n in range(1, 4)]), root, path)
    ledger = open_ledger(root, now=NOW)
    try:
        seen = {each.category: each.views for each in ledger.who("7").exposures}
    finally:
        ledger.close()
    assert seen == {"identity.name": 3, "contact.address": 1, "contact.phone": 2}
