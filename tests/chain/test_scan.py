"""From lines to answers: nothing lost, nothing counted twice, whatever way the lines come."""

from __future__ import annotations

import bz2
import gzip
import io
import itertools
import lzma
import tarfile
import zipfile
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from backports import zstd
from tests.chain.shop_log import MAP, NOW, ledger_bytes, ledger_facts, shop_lines

from whosaw.app.asking.questions import open_ledger
from whosaw.app.reading.lines import open_line, rejects_of
from whosaw.app.scan import ScanReport, scan
from whosaw.core.document import document
from whosaw.core.errors import FaultsError, WhosawError
from whosaw.logs.coverage.hours import coverage_of
from whosaw.store import statements as sa
from whosaw.store.journal import tables
from whosaw.store.workspace import Workspace

pytestmark = pytest.mark.usefixtures("without_detection")

Root = Callable[[str], Path]


def run(paths: list[Path], root: Path, map_file: Path | None, **more: object) -> ScanReport:
    return scan([str(path) for path in paths], root, now=NOW, map_path=map_file, **more)  # type: ignore[arg-type]


def written(path: Path, lines: list[str]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{line}\n" for line in lines))
    return path


def plain_count(lines: list[str]) -> tuple[Counter[tuple[str, str, str]], int]:
    """Views by (person, address, agent) and of unknown persons, counted with string methods alone."""
    views: Counter[tuple[str, str, str]] = Counter()
    unknown = 0
    for line in dict.fromkeys(lines):  # the same line twice is one view
        parts = line.split('"')
        if len(parts) != 7 or parts[2].split()[0] != "200":
            continue
        path = parts[1].split(" ")[1]
        if path.startswith("/export"):
            unknown += 1
        elif path.startswith("/customers/"):
            views[path.split("/")[2], line.split(" ")[0], parts[5]] += 1
    return views, unknown


def test_ledger_agrees_with_a_count_by_hand(tmp_path: Path, map_file: Path, new_root: Root) -> None:
    lines = shop_lines(3000)
    root = new_root("w")
    report = run([written(tmp_path / "access.log", lines)], root, map_file)
    assert report.total("lines") == len(lines)
    assert report.total("events") + report.total("rejects") + report.total("comments") == len(lines)
    views, unknown = plain_count(lines)
    facts = ledger_facts(root)
    assert sum(row["views"] for row in facts["exposures"]) == sum(views.values())  # type: ignore[attr-defined]
    assert len(facts["exposures"]) == len(views)  # type: ignore[arg-type]
    assert len(facts["unknown"]) == unknown  # type: ignore[arg-type]
    ledger = open_ledger(root, now=NOW)
    try:
        for person in ("7", "89"):
            seen_by = ledger.who(person)
            assert seen_by.views.lower == sum(n for (each, _, _), n in views.items() if each == person)
            assert seen_by.views_of_unknown_persons == unknown
        answer = ledger.what("192.0.2.5")
        mine = {person for person, address, _ in views if address == "192.0.2.5"}
        counts = {count.unit: count for count in answer.counts}
        assert counts["accounts"].lower == len(mine)
        assert counts["persons"].lower == len(mine)
        assert (counts["persons"].upper or 0) >= len(mine) * 21
        assert not counts["persons"].exact
    finally:
        ledger.close()


def test_list_bound_is_what_was_asked_for_and_never_more_than_the_map_allows(
    tmp_path: Path, map_file: Path, new_root: Root
) -> None:
    line = '192.0.2.9 - - [14/Apr/2025:00:00:0{} +0000] "GET /export?size={} HTTP/1.1" 200 7 "-" "a"'
    root = new_root("w")
    run(
        [written(tmp_path / "access.log", [line.format(1, 30), line.format(2, 999), line.format(3, "x")])],
        root,
        map_file,
    )
    ledger = open_ledger(root, now=NOW)
    try:
        persons = next(count for count in ledger.what("192.0.2.9").counts if count.unit == "persons")
    finally:
        ledger.close()
    assert (persons.lower, persons.upper) == (0, 30 + 50 + 50)


def packed(folder: Path, lines: list[str]) -> list[Path]:
    data = "".join(f"{line}\n" for line in lines).encode()
    cut = [data[: len(data) // 2].rfind(b"\n") + 1]
    first, second = data[: cut[0]], data[cut[0] :]
    folder.mkdir()
    out: list[Path] = []
    for name, pack in (
        ("a.gz", gzip.compress),
        ("b.bz2", bz2.compress),
        ("c.xz", lzma.compress),
        ("d.zst", zstd.compress),
    ):
        path = folder / name
        path.write_bytes(pack(data))
        out.append(path)
    with tarfile.open(folder / "e.tar.gz", "w:gz") as archive:
        for name, part in (("access.log.1", first), ("access.log", second)):
            entry = tarfile.TarInfo(name)
            entry.size = len(part)
            archive.addfile(entry, io.BytesIO(part))
    with zipfile.ZipFile(folder / "f.zip", "w") as archive_:
        archive_.writestr("access.log.1", first)
        archive_.writestr("access.log", second)
    return [*out, folder / "e.tar.gz", folder / "f.zip"]


def test_every_packing_gives_the_same_ledger(tmp_path: Path, map_file: Path, new_root: Root) -> None:
    lines = shop_lines(600)
    plain = new_root("plain")
    run([written(tmp_path / "access.log", lines)], plain, map_file)
    facts = ledger_facts(plain)
    for path in packed(tmp_path / "packed", lines):
        root = new_root(f"w-{path.name}")
        report = run([path], root, map_file)
        assert report.total("lines") == len(lines), path.name
        assert ledger_facts(root) == facts, path.name


def test_order_of_files_does_not_matter(tmp_path: Path, map_file: Path, new_root: Root) -> None:
    lines = shop_lines(900)
    parts = [
        written(tmp_path / f"{name}.log", lines[at : at + 300])
        for at, name in ((0, "z"), (300, "a"), (600, "m"))
    ]
    one, two = new_root("one"), new_root("two")
    run(parts, one, map_file)
    run(parts[::-1], two, map_file)
    assert ledger_bytes(one) == ledger_bytes(two)


@pytest.mark.parametrize("cuts", [(1,), (450,), (13, 14, 700), tuple(range(50, 900, 50))])
def test_splitting_the_input_gives_the_same_ledger(
    tmp_path: Path, map_file: Path, new_root: Root, cuts: tuple[int, ...]
) -> None:
    lines = shop_lines(900)
    whole, split = new_root("whole"), new_root("split")
    run([written(tmp_path / "logs-whole" / "access.log", lines)], whole, map_file)
    bounds = [0, *cuts, len(lines)]
    parts = [
        written(tmp_path / "logs-split" / f"{n}.log", lines[a:b])
        for n, (a, b) in enumerate(itertools.pairwise(bounds))
    ]
    run(parts, split, map_file)
    assert ledger_facts(split) == ledger_facts(whole)


def test_second_scan_reads_nothing_and_changes_nothing(
    tmp_path: Path, map_file: Path, new_root: Root
) -> None:
    root = new_root("w")
    log = written(tmp_path / "access.log", shop_lines(300))
    run([log], root, map_file)
    before = ledger_bytes(root)
    report = run([log], root, map_file)
    assert report.total("lines") == 0
    assert [content.outcome for content in report.contents] == ["unchanged"]
    assert ledger_bytes(root) == before


def test_file_that_grew_is_read_from_where_it_stopped(tmp_path: Path, map_file: Path, new_root: Root) -> None:
    lines = shop_lines(500)
    root, whole = new_root("w"), new_root("whole")
    log = written(tmp_path / "access.log", lines[:200])
    run([log], root, map_file)
    with log.open("a") as handle:
        handle.write("".join(f"{line}\n" for line in lines[200:]))
    report = run([log], root, map_file)
    assert (report.contents[0].outcome, report.contents[0].lines) == ("grown", 300)
    run([log], whole, map_file)
    assert ledger_facts(root) == ledger_facts(whole)


def test_last_line_without_an_end_counts_and_is_read_again_when_it_grows(
    tmp_path: Path, map_file: Path, new_root: Root
) -> None:
    lines = [line for line in shop_lines(40) if "customers" in line]
    root, whole = new_root("w"), new_root("whole")
    log = tmp_path / "access.log"
    cut = lines[-1].index(" 7 ")  # in the middle of its last line
    log.write_text("\n".join(lines[:-1]) + "\n" + lines[-1][:cut])
    first = run([log], root, map_file)
    assert (first.total("lines"), first.total("rejects")) == (len(lines), 1)
    log.write_text("\n".join(lines) + "\n")
    second = run([log], root, map_file)
    assert second.contents[0].outcome == "grown"
    run([log], whole, map_file)
    assert ledger_facts(root) == ledger_facts(whole)
    workspace = Workspace.open(root)
    (source,) = coverage_of(workspace.journal)
    workspace.close()
    assert (source.lines, source.rejects) == (len(lines), 0)


def test_rotated_and_packed_log_is_known_again(tmp_path: Path, map_file: Path, new_root: Root) -> None:
    lines = shop_lines(400)
    root = new_root("w")
    folder = tmp_path / "logs"
    log = written(folder / "access.log", lines[:300])
    run([folder], root, map_file)
    (folder / "access.log.1.gz").write_bytes(
        gzip.compress("".join(f"{line}\n" for line in lines[:300]).encode())
    )
    written(log, lines[300:])
    report = run([folder], root, map_file)
    assert {content.outcome for content in report.contents} == {"renamed", "read"}
    assert report.total("lines") == 100
    views, _ = plain_count(lines)
    assert sum(row["views"] for row in ledger_facts(root)["exposures"]) == sum(views.values())  # type: ignore[attr-defined]


def test_longer_copy_beside_the_original_is_read_once(tmp_path: Path, map_file: Path, new_root: Root) -> None:
    lines = [line for line in dict.fromkeys(shop_lines(300)) if line != "torn li"]
    root = new_root("w")
    logs = [written(tmp_path / "a.log", lines[:100]), written(tmp_path / "b.log", lines)]
    first = run(logs, root, map_file)
    assert first.total("lines") == 100 + len(lines)
    assert sum(source.duplicates for source in first.coverage) == 100
    before = ledger_bytes(root)
    second = run(logs, root, map_file)
    assert [content.outcome for content in second.contents] == ["unchanged", "unchanged"]
    assert ledger_bytes(root) == before


def test_overlapping_files_are_counted_once_and_said(tmp_path: Path, map_file: Path, new_root: Root) -> None:
    lines = [line for line in shop_lines(600) if line != "torn li"]
    distinct = list(dict.fromkeys(lines))
    root = new_root("w")
    run([written(tmp_path / "a.log", lines[:400])], root, map_file)
    run([written(tmp_path / "b.log", lines[300:])], root, map_file)
    views, _ = plain_count(lines)
    assert sum(row["views"] for row in ledger_facts(root)["exposures"]) == sum(views.values())  # type: ignore[attr-defined]
    workspace = Workspace.open(root)
    repeated = sum(source.duplicates for source in coverage_of(workspace.journal))
    workspace.close()
    assert repeated == 100 + len(lines) - len(distinct) or repeated == 400 + len(lines) - 300 - len(distinct)


def test_changed_map_counts_again_from_the_lines(tmp_path: Path, map_file: Path, new_root: Root) -> None:
    lines = shop_lines(300)
    log = written(tmp_path / "access.log", lines)
    root, fresh = new_root("w"), new_root("fresh")
    run([log], root, None)
    assert ledger_facts(root) == {"exposures": [], "unknown": []}
    report = run([log], root, map_file)
    assert report.total("lines") == len(lines)
    run([log], fresh, map_file)
    assert ledger_facts(root) == ledger_facts(fresh)


def test_line_is_printed_from_the_file_and_refused_when_that_changed(
    tmp_path: Path, map_file: Path, new_root: Root
) -> None:
    lines = shop_lines(200)
    log = written(tmp_path / "access.log", lines)
    root = new_root("w")
    run([log], root, map_file)
    ledger = open_ledger(root, now=NOW)
    try:
        person = next(iter(plain_count(lines)[0]))[0]
        locators = ledger.who(person).locators
    finally:
        ledger.close()
    workspace = Workspace.open(root)
    try:
        for locator in locators:
            found = open_line(workspace, locator)
            assert found.text.decode() == lines[found.line - 1]
            assert f"/customers/{person}/" in found.text.decode()
        listed = rejects_of(workspace)
        assert listed.total == sum(line == "torn li" for line in lines)
        assert open_line(workspace, listed.rejects[0].locator).text == b"torn li"
        with log.open("a") as handle:
            handle.write("appended later\n")
        assert open_line(workspace, locators[0]).text.decode() in lines
        log.write_text(log.read_text().replace("agent/1", "agent/9"))
        with pytest.raises(WhosawError) as caught:
            open_line(workspace, locators[0])
        assert "192.0.2" not in str(caught.value)
        with pytest.raises(WhosawError, match="is no locator"):
            open_line(workspace, "nonsense")
    finally:
        workspace.close()


def test_bad_map_lists_all_faults_and_nothing_is_written(tmp_path: Path) -> None:
    log = written(tmp_path / "access.log", shop_lines(5))
    bad = tmp_path / "map.toml"
    bad.write_text(MAP.replace("identity.name", "identity.nam").replace('name = "id"', 'name = "no-such"'))
    root = tmp_path / "never"
    with pytest.raises(FaultsError) as caught:
        run([log], root, bad)
    told = str(caught.value)
    assert len(caught.value.faults) >= 3
    assert "map.toml:4 [addresses]" in told
    assert "map.toml:5 [addresses]" in told
    assert not root.exists()


def test_absent_path_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    root = tmp_path / "never"
    with pytest.raises(WhosawError, match=r"no-such\.log"):
        run([tmp_path / "no-such.log"], root, None)
    assert not root.exists()


def test_no_raw_identifier_stands_in_the_workspace(tmp_path: Path, map_file: Path, new_root: Root) -> None:
    line = '198.51.100.77 - secretuser [14/Apr/2025:00:00:01 +0000] "GET /customers/CUST-4711-X/addresses HTTP/1.1" 200 7 "-" "a"'
    root = new_root("w")
    run([written(tmp_path / "access.log", [line])], root, map_file)
    everything = b"".join(path.read_bytes() for path in root.rglob("*") if path.is_file())
    for secret in (b"198.51.100.77", b"secretuser", b"CUST-4711-X", b"198.51.100.0"):
        assert secret not in everything


def test_reveal_is_journalled_and_masks_are_the_default(
    tmp_path: Path, map_file: Path, new_root: Root
) -> None:
    root = new_root("w")
    lines = shop_lines(200)
    run([written(tmp_path / "access.log", lines)], root, map_file)
    person = next(iter(plain_count(lines)[0]))[0]
    ledger = open_ledger(root, now=NOW)
    assert "192.0.2." not in str(document(ledger.who(person)))
    ledger.close()
    ledger = open_ledger(root, now=NOW, reveal=True, reason="asked by the person")
    assert "192.0.2." in str(document(ledger.who(person)))
    ledger.close()
    workspace = Workspace.open(root)
    try:
        assert workspace.journal.broken_at() is None
        kinds = [row["kind"] for row in workspace.journal.rows(sa.select(tables.entry))]
    finally:
        workspace.close()
    assert kinds.count("reidentified") == 1


def test_coverage_names_missing_and_partial_hours(tmp_path: Path, map_file: Path, new_root: Root) -> None:
    lines = shop_lines(6000, start=datetime(2025, 4, 14, tzinfo=UTC))
    kept = [line for line in lines if ":07:" not in line.split("[")[-1][:18]]
    root = new_root("w")
    report = run([written(tmp_path / "access.log", kept)], root, map_file)
    (source,) = report.coverage
    states = {hour.hour % 24: (hour.state, hour.rule) for hour in source.hours}
    assert states[7] == ("missing", "no-event")
    assert states[3] == ("whole", "steady")
