"""The whole chain on logs that nobody here wrote. Each truth is the README's beside those logs."""

from __future__ import annotations

import gzip
import os
import zlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.wide import wide
from typer.testing import CliRunner

from whosaw.app.maps import suggest_map
from whosaw.app.progress import Silent
from whosaw.app.reading.contents import ContentReport
from whosaw.app.scan import ScanReport, scan
from whosaw.cli.main import app
from whosaw.store.ledger import LedgerReader
from whosaw.store.workspace import Workspace

DATA = Path(os.environ.get("WHOSAW_TEST_DATA", Path(__file__).resolve().parents[3] / "shared" / "data"))
pytestmark = pytest.mark.skipif(
    not DATA.is_dir(), reason=f"the real logs are not at {DATA} (WHOSAW_TEST_DATA)"
)
NOW = datetime(2025, 11, 17, tzinfo=UTC)
APACHE = DATA / "elastic_examples/semicomplete_apache_access.log"
SSHD = DATA / "elastic_examples/ec2_sshd_auth.log"
ROUTE = """\
[[route]]
id = "{id}"
match = {{ {match} }}
subject = {{ {subject} }}
categories = ["behaviour.search"]
"""

Ask = Callable[[str], list[dict[str, Any]]]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "w"


@pytest.fixture
def ask(root: Path) -> Iterator[Ask]:
    """Asks the ledger that a test has made in `root`."""
    opened: list[tuple[LedgerReader, Workspace]] = []

    def query(sql: str) -> list[dict[str, Any]]:
        if not opened:
            workspace = Workspace.open(root)
            opened.append((LedgerReader(workspace), workspace))
        return list(opened[0][0].session.query(sql).to_pylist())

    yield query
    for reader, workspace in opened:
        reader.close()
        workspace.close()


def run(root: Path, *paths: Path, **more: Any) -> ScanReport:
    return scan([str(path) for path in paths], root, now=NOW, **more)


def route(tmp_path: Path, id_: str, match: str, subject: str) -> Path:
    path = tmp_path / "map.toml"
    path.write_text(ROUTE.format(id=id_, match=match, subject=subject))
    return path


def lines_of_file(content: ContentReport) -> int:
    """Lines counted with `bytes` methods alone: line ends, and one more for a last line without one."""
    data = Path(content.name).read_bytes()
    return data.count(b"\n") + bool(data and not data.endswith(b"\n"))


def holds(content: ContentReport) -> bool:
    """The line equation, against what was counted here and not there."""
    parts = content.events + content.rejects + content.comments + content.continued
    return content.lines == parts == (0 if content.outcome == "copy" else lines_of_file(content))


def test_every_line_of_the_apache_log_is_an_event_or_a_reject_of_1753_clients(root: Path, ask: Ask) -> None:
    report = run(root, APACHE)
    (content,) = report.contents
    assert (content.format, content.lines, content.comments, content.continued) == ("combined", 10_000, 0, 0)
    assert content.events + content.rejects == 10_000
    assert ask("SELECT count(DISTINCT address) AS n FROM clients") == [{"n": 1753}]
    assert report.findings == ()


def test_nothing_in_the_apache_log_is_drafted_as_a_page_about_a_person(tmp_path: Path, root: Path) -> None:
    draft = suggest_map([str(APACHE)], progress=Silent())
    assert not [line for line in draft.splitlines() if line.startswith("[[route]]")]
    assert "No route was drafted" in draft
    assert "nothing says that this is about a person" in draft
    path = tmp_path / "draft.toml"
    path.write_text(draft)
    told = CliRunner().invoke(app, ["scan", str(APACHE), "-w", str(root), "--map", str(path)])
    assert (told.exit_code, told.stdout) == (
        2,
        "",
    )  # a map that says nothing would find nothing, so it is refused
    assert "draft.toml: holds no [[route]]" in told.stderr
    assert not root.exists()


def test_readers_of_public_pages_raise_no_finding_even_where_a_map_names_persons(
    tmp_path: Path, root: Path, ask: Ask
) -> None:
    """As if the pictures of articles were records of persons: two clients alone read a good part of them."""
    data_map = route(
        tmp_path, "pictures", 'path = "/presentations/{talk}/images/{id}"', 'from = "path", name = "id"'
    )
    report = run(root, APACHE, map_path=data_map)
    assert ask("SELECT count(*) > 100 AS some FROM exposures") == [{"some": True}]
    assert report.findings == ()


def test_226_accepted_logins_came_from_4_addresses(tmp_path: Path, root: Path, ask: Ask) -> None:
    data_map = route(tmp_path, "login", 'action = "ssh.accepted"', 'from = "principal"')
    report = run(root, SSHD, map_path=data_map, zone="UTC")
    (content,) = report.contents
    assert (content.format, content.lines, content.events + content.rejects) == ("sshd", 7121, 7121)
    (source,) = report.coverage
    assert source.views == 226
    assert ask("SELECT count(*) AS n, count(DISTINCT address) AS addresses FROM views") == [
        {"n": 226, "addresses": 4}
    ]
    assert report.findings == ()


def test_without_a_zone_every_line_of_the_sshd_log_is_kept_and_the_way_out_is_said(root: Path) -> None:
    (content,) = run(root, SSHD).contents
    assert (content.lines, content.events, content.rejects) == (7121, 0, 7121)
    assert any("--tz" in note for note in content.notes)


@wide  # test_structured.py counts the same events, and test_sigma.py scans the same files
def test_cloudtrail_of_the_lab_attack_has_2900_events_in_55_files_none_of_them_twice(root: Path) -> None:
    report = run(root, DATA / "invictus_aws/CloudTrail")
    assert [content.format for content in report.contents] == ["cloudtrail"] * 55
    assert (report.total("lines"), report.total("events")) == (2900, 2900)
    assert sum(source.duplicates for source in report.coverage) == 0


def test_one_object_was_read_twice_by_one_role_session(tmp_path: Path, root: Path, ask: Ask) -> None:
    data_map = route(
        tmp_path,
        "read",
        'action = "s3:GetObject", object = "{bucket}/{file}"',
        'from = "object", name = "file", kind = "file"',
    )
    report = run(root, DATA / "otrf_security_datasets/aws", map_path=data_map)
    assert (report.total("lines"), report.total("events"), report.total("rejects")) == (103, 103, 0)
    assert ask("SELECT count(DISTINCT person) AS objects, sum(views)::INTEGER AS views FROM exposures") == [
        {"objects": 1, "views": 2}
    ]
    assert ask(
        "SELECT count(DISTINCT session) AS sessions, count(DISTINCT principal) AS principals "
        "FROM views JOIN clients USING (client) WHERE NOT duplicate"
    ) == [{"sessions": 1, "principals": 1}]


@pytest.mark.parametrize(
    ("file", "format_name", "events"),
    [
        ("http.log", "zeek-http-tsv", 150),
        ("http.log.gz", "zeek-http-tsv", 150),
        ("json/http.log", "zeek-http-json", 28),
    ],
)
def test_zeek_http_events(root: Path, file: str, format_name: str, events: int) -> None:
    (content,) = run(root, DATA / "zat_zeek" / file).contents
    assert (content.format, content.events, content.rejects) == (format_name, events, 0)
    assert content.lines == content.events + content.comments


def test_a_cut_gzip_is_reported_with_the_number_of_lines_before_the_cut(root: Path) -> None:
    path = DATA / "zat_zeek/http.log.corrupt.gz"
    before = zlib.decompressobj(wbits=31).decompress(path.read_bytes())
    assert gzip.decompress((DATA / "zat_zeek/http.log.gz").read_bytes()).startswith(before)
    report = run(root, path)
    (content,) = report.contents
    (note,) = content.notes
    whole = before.count(b"\n")
    assert f"gzip ends before its end: {whole:,} lines" in note
    assert content.lines == whole + (not before.endswith(b"\n"))
    assert content.lines == content.events + content.rejects + content.comments
    (source,) = report.coverage
    assert "cut-off" in {hour.rule for hour in source.hours}


def test_a_mixed_folder_of_product_logs_loses_no_line(root: Path) -> None:
    """Logs of an eighth of the products, with the notes and results that lie beside some of them."""
    folders = sorted(path for path in (DATA / "crowdsec_hub").iterdir() if path.is_dir())
    paths = [log for folder in folders[::8] for log in sorted(folder.glob("*.log"))]
    report = run(root, *paths, *folders[:2], zone="UTC")
    assert len(report.contents) > 30
    assert [content.name for content in report.contents if not holds(content)] == []
    known = {content.format for content in report.contents} - {None, "unknown"}
    assert len(known) >= 5
    assert 0 < report.total("events") < report.total("lines")


def test_lists_that_are_no_logs_are_rejects_of_no_known_format(root: Path) -> None:
    report = run(root, DATA / "ua_labelled")
    assert {content.format for content in report.contents} == {"unknown"}
    assert [content.name for content in report.contents if not holds(content)] == []
    assert report.total("events") == 0
    assert all("--format" in content.notes[0] for content in report.contents)
