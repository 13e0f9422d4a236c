"""Legal holds over real files: what is recorded, and what of it is missed later, however it went."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import tarfile
import threading
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.chain.shop_log import shop_lines

from whosaw.app.hold.orders import check, check_quickly, end, list_holds, start
from whosaw.app.replay import Order, damage_replay, make
from whosaw.app.scan import scan
from whosaw.app.settings import load_settings
from whosaw.app.watch import watch
from whosaw.core.document import document
from whosaw.core.errors import WhosawError
from whosaw.store import statements as sa
from whosaw.store.journal import tables
from whosaw.store.workspace import Workspace

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
ORDER = "Order 12 of 2026-11-20"
LINES = shop_lines(600)  # 110 minutes from 2025-04-14 on
MEMBERS = {
    f"march/{name}.log": "".join(f"{line}\n" for line in shop_lines(lines, seed=seed)).encode()
    for name, lines, seed in (("app", 50, 2), ("api", 40, 3))
}
EVENING = Path(__file__).resolve().parents[1] / "cli" / "evening.toml"


def text(first: int, last: int) -> bytes:
    return "".join(f"{line}\n" for line in LINES[first:last]).encode()


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    """A log in three rotated parts, one of them packed, and a month in an archive."""
    folder = tmp_path / "logs"
    folder.mkdir()
    (folder / "access.log").write_bytes(text(400, 600))
    (folder / "access.log.1").write_bytes(text(200, 400))
    (folder / "access.log.2.gz").write_bytes(gzip.compress(text(0, 200)))
    with zipfile.ZipFile(folder / "old.zip", "w") as archive:
        for name, data in MEMBERS.items():
            archive.writestr(name, data)
    return folder


def told(result: object) -> Any:
    """A result as the JSON that is published."""
    return document(result)


def held(tmp_path: Path, *paths: Path, **more: Any) -> dict[str, Any]:
    given = {"order": ORDER, "at": NOW - timedelta(days=4), "now": NOW, "format_name": "combined", **more}
    return told(start(tmp_path / "ws", [str(path) for path in paths], **given))


def checked(tmp_path: Path, **more: Any) -> dict[str, Any]:
    answer = told(check(tmp_path / "ws", now=NOW, **more))
    (hold,) = answer["holds"]
    assert isinstance(hold, dict)
    return hold


def counts(hold: dict[str, Any]) -> dict[str, int]:
    return {name: number for name, number in hold["counts"].items() if number}


def outcomes(hold: dict[str, Any]) -> dict[str, str]:
    return {
        Path(each["name"]).name: each["outcome"]
        for each in (*hold["lost"], *hold["moved"], *hold["cannot_tell"])
    }


def entries(tmp_path: Path, kind: str) -> list[dict[str, Any]]:
    workspace = Workspace.open(tmp_path / "ws")
    try:
        assert workspace.journal.broken_at() is None
        rows = workspace.journal.rows(
            sa.select(tables.entry).where(tables.entry.c.kind == kind).order_by(tables.entry.c.seq)
        )
    finally:
        workspace.close()
    return [json.loads(row["body"]) for row in rows]


def record(tmp_path: Path) -> dict[str, dict[str, Any]]:
    workspace = Workspace.open(tmp_path / "ws")
    try:
        (entry,) = entries(tmp_path, "hold.start")
        told = json.loads(workspace.files.read(entry["record"]))
    finally:
        workspace.close()
    return {Path(each["name"]).name: each for each in told["files"]}


def test_files_that_nobody_scanned_are_recorded_with_times_hours_and_digests(
    tmp_path: Path, logs: Path
) -> None:
    answer = held(tmp_path, logs, case="C-1", format_name=None)
    assert answer["hold"]["files"] == 5
    assert (answer["hold"]["case"], answer["hold"]["lines"]) == ("C-1", 690)
    of = record(tmp_path)
    assert set(of) == {"access.log", "access.log.1", "access.log.2.gz", "app.log", "api.log"}
    packed = of["access.log.2.gz"]
    assert (packed["size"], packed["lines"]) == (len(text(0, 200)), 200)
    # times by hand: a line every eleven seconds from midnight on, every 97th of them broken or repeated
    micros = int(datetime(2025, 4, 14, tzinfo=UTC).timestamp()) * 1_000_000
    assert (packed["first"], packed["last"]) == (micros, micros + 199 * 11_000_000)
    assert list(packed["hours"]) == [str(micros // 3_600_000_000)]
    assert sum(of["access.log.1"]["hours"].values()) in (198, 199, 200)
    assert of["app.log"]["name"] == f"{logs}/old.zip!march/app.log"


def test_the_ledger_gives_the_same_record_and_tells_what_was_deleted_before_the_hold_began(
    tmp_path: Path, logs: Path
) -> None:
    held(tmp_path, logs)
    before = record(tmp_path)
    shutil.rmtree(tmp_path / "ws")
    scan([str(logs)], tmp_path / "ws", now=NOW)
    (logs / "access.log.2.gz").unlink()
    answer = held(tmp_path)  # no path: where the scan read
    after = record(tmp_path)
    for name, each in before.items():
        for key in ("name", "size", "lines", "digest", "first", "last", "hours", "head"):
            assert after[name][key] == each[key], (name, key)
    assert answer["hold"]["missing_when_begun"] == 1
    (lost,) = answer["holds"][0]["lost"]
    assert (lost["outcome"], lost["missing_when_begun"], lost["lines_lost"]) == ("gone", "gone", 200)


def test_what_may_happen_to_a_log_and_lose_nothing(tmp_path: Path, logs: Path) -> None:
    held(tmp_path, logs)
    (logs / "access.log.2.gz").rename(logs / "access.log.3.gz")
    (logs / "access.log.2").write_bytes((logs / "access.log.1").read_bytes())  # rotated by copying
    (logs / "access.log.1").write_bytes((logs / "access.log").read_bytes() + b"one more line\n")
    (logs / "access.log").write_bytes(b"a new log\n")
    with tarfile.open(logs / "old.tar.gz", "w:gz") as archive:  # packed again, in another way
        for name, data in MEMBERS.items():
            (tmp_path / "member").write_bytes(data)
            archive.add(tmp_path / "member", name)
    (logs / "old.zip").unlink()
    hold = checked(tmp_path)
    assert counts(hold) == {"moved": 5}
    assert hold["lines_lost"] == {"lower": 0, "upper": 0, "files_that_cannot_tell": 0}
    where = {Path(each["name"]).name: Path(each["name_now"]).name for each in hold["moved"]}
    assert where == {
        "access.log": "access.log.1", "access.log.1": "access.log.2", "access.log.2.gz": "access.log.3.gz",
        "app.log": "app.log", "api.log": "api.log",
    }  # fmt: skip


def test_a_log_that_grows_is_kept(tmp_path: Path, logs: Path) -> None:
    held(tmp_path, logs)
    with (logs / "access.log").open("ab") as log:
        log.write(b"more\n")
    assert counts(checked(tmp_path)) == {"same": 4, "grown": 1}


def test_every_loss_is_named_with_its_lines(tmp_path: Path, logs: Path) -> None:
    held(tmp_path, logs)
    whole = (logs / "access.log").read_bytes()
    (logs / "access.log").write_bytes(b"".join(whole.splitlines(keepends=True)[:150]))
    changed = bytearray((logs / "access.log.1").read_bytes())
    changed[6_000] ^= 1
    (logs / "access.log.1").write_bytes(changed)
    (logs / "access.log.2.gz").unlink()
    with zipfile.ZipFile(logs / "old.zip", "w") as archive:
        archive.writestr("march/app.log", MEMBERS["march/app.log"])
    hold = checked(tmp_path)
    assert outcomes(hold) == {
        "access.log": "shorter", "access.log.1": "changed", "access.log.2.gz": "gone", "api.log": "gone",
    }  # fmt: skip
    # 50 were cut off, 200 and 40 are gone with their files, and the rewritten one may have lost any of its 200
    assert hold["lines_lost"] == {"lower": 290, "upper": 490, "files_that_cannot_tell": 1}
    gone = next(each for each in hold["lost"] if each["name"].endswith("2.gz"))
    assert (gone["first"], gone["last"]) == ("2025-04-14T00:00:00Z", "2025-04-14T00:36:29Z")


def test_what_is_left_of_a_cut_and_renamed_log_is_found(tmp_path: Path, logs: Path) -> None:
    held(tmp_path, logs)
    part = b"".join((logs / "access.log.1").read_bytes().splitlines(keepends=True)[:120])
    (logs / "access.log.1").unlink()
    (logs / "kept.log").write_bytes(part)
    (lost,) = checked(tmp_path)["lost"]
    assert (lost["outcome"], lost["lines_lost"], Path(lost["name_now"]).name) == ("shorter", 80, "kept.log")


def test_a_folder_that_is_not_mounted_is_no_loss_and_no_comfort(tmp_path: Path, logs: Path) -> None:
    held(tmp_path, logs)
    logs.rename(tmp_path / "away")
    hold = checked(tmp_path)
    assert counts(hold) == {"cannot_tell": 5}
    assert not hold["lost"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_file_that_may_not_be_read_is_cannot_tell(tmp_path: Path, logs: Path) -> None:
    held(tmp_path, logs)
    (logs / "access.log.1").chmod(0)
    assert outcomes(checked(tmp_path)) == {"access.log.1": "cannot-tell"}


def test_what_came_after_the_order_is_not_held(tmp_path: Path, logs: Path) -> None:
    answer = held(tmp_path, logs, at=datetime(2025, 4, 14, 0, 30, tzinfo=UTC))
    # the parts of 00:36 on began later; their files were written later still
    assert {Path(each["name"]).name for each in answer["hold"]["not_held"]} == {"access.log", "access.log.1"}
    assert answer["hold"]["files"] == 3


def test_a_packing_that_is_not_read_is_held_as_the_bytes_it_is(tmp_path: Path, logs: Path) -> None:
    packed = b"\x04\x22\x4d\x18" + bytes(range(256)) * 20
    (logs / "deep.log.lz4").write_bytes(packed)
    answer = held(tmp_path, logs)
    assert answer["hold"]["files"] == 6
    assert not answer["hold"]["not_held"]
    (logs / "deep.log.lz4").write_bytes(packed[:-100])
    assert outcomes(checked(tmp_path)) == {"deep.log.lz4": "shorter"}


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"order": "  "}, "hold.no-order"),
        ({"at": NOW + timedelta(days=1)}, "hold.future"),
        ({"at": datetime(2020, 1, 1, tzinfo=UTC)}, "hold.nothing"),
        ({"settings": [Path("/no/such/settings")]}, "hold.no-settings"),
    ],
)
def test_a_hold_that_would_hold_nothing_is_refused(
    tmp_path: Path, logs: Path, more: dict[str, Any], code: str
) -> None:
    with pytest.raises(WhosawError) as caught:
        held(tmp_path, logs, **more)
    assert caught.value.code == code
    if (tmp_path / "ws").exists():
        assert not entries(tmp_path, "hold.start")


def test_scans_and_watches_say_what_a_hold_misses_and_journal_it(tmp_path: Path, logs: Path) -> None:
    ws = tmp_path / "ws"
    held(tmp_path, logs)
    (calm,) = told(scan([str(logs)], ws, now=NOW).holds)
    assert counts(calm) == {"same": 5}
    (logs / "access.log.1").unlink()
    said: list[str] = []
    watch([str(logs)], ws, sinks=(), clock=lambda: NOW, stop=threading.Event(), once=True, told=said.append)
    assert any("access.log.1 is gone" in line and "200 lines lost" in line for line in said)
    journalled = [(each["by"], each["whole"], each["gone"]) for each in entries(tmp_path, "hold.check")]
    assert journalled == [("start", True, 0), ("scan", False, 0), ("watch", False, 1)]


def test_a_scan_sees_a_rewrite_that_set_the_time_of_the_file_back(tmp_path: Path, logs: Path) -> None:
    held(tmp_path, logs)
    log = logs / "access.log.1"
    before = log.stat()
    data = bytearray(log.read_bytes())
    data[6_000] ^= 1
    log.write_bytes(data)
    os.utime(log, ns=(before.st_atime_ns, before.st_mtime_ns))
    workspace = Workspace.open(tmp_path / "ws")
    try:
        (hold,) = told(check_quickly(workspace, load_settings(), now=NOW, by="scan"))
    finally:
        workspace.close()
    assert outcomes(hold) == {"access.log.1": "changed"}


def test_a_hold_ends_with_a_reason_and_its_record_stays(tmp_path: Path, logs: Path) -> None:
    held(tmp_path, logs)
    held(tmp_path, logs, order="another order")
    for reason, order, code in (("", "h1", "hold.no-reason"), ("x", "h9", "hold.unknown")):
        with pytest.raises(WhosawError) as caught:
            end(tmp_path / "ws", order, reason=reason, now=NOW)
        assert caught.value.code == code
    end(tmp_path / "ws", ORDER, reason="lifted by order 13", now=NOW)
    assert [each.state for each in list_holds(tmp_path / "ws")] == ["ended", "active"]
    assert [each.id for each in check(tmp_path / "ws", now=NOW).holds] == ["h2"]
    with pytest.raises(WhosawError, match="has ended already"):
        end(tmp_path / "ws", "h1", reason="again", now=NOW)
    assert entries(tmp_path, "hold.end") == [{"hold": "h1", "reason": "lifted by order 13"}]


def test_settings_tell_the_day_for_each_file_where_it_stands_now(tmp_path: Path, logs: Path) -> None:
    conf = tmp_path / "logrotate.conf"
    conf.write_text(f"{logs}/access.log {{\n daily\n rotate 3\n}}\n")
    answer = held(tmp_path, logs, settings=[conf])
    (rule,) = answer["settings"]
    days = {Path(each["name"]).name: each["date"] for each in rule["strikes"]}
    # rotated on the 25th, 26th and so on; three are kept
    assert days == {"access.log.2.gz": "2026-11-26", "access.log.1": "2026-11-27", "access.log": "2026-11-28"}
    assert rule["first"] == "2026-11-26"
    (logs / "access.log.2.gz").rename(logs / "access.log.3.gz")
    (rule,) = told(check(tmp_path / "ws", now=NOW))[
        "settings"
    ]  # the settings of the start are looked at again
    assert rule["first"] == "2026-11-25"


def test_growth_gives_an_estimate_for_a_rule_by_size(tmp_path: Path, logs: Path) -> None:
    conf = tmp_path / "logrotate.conf"
    conf.write_text(f"{logs}/access.log {{\n size 10M\n rotate 0\n}}\n")
    (rule,) = held(tmp_path, logs, settings=[conf])["settings"]
    live = next(each for each in rule["strikes"] if each["name"].endswith("access.log"))
    held_bytes = len(text(0, 600))
    days = (10 * (1 << 20) - len(text(400, 600))) / (held_bytes * 86_400 / (599 * 11))
    assert live["date"] is None
    assert live["estimate"] == (NOW.date() + timedelta(days=int(days))).isoformat()


def test_damage_to_a_replay_after_the_order_is_named_file_by_file(tmp_path: Path) -> None:
    made = make(tmp_path / "shop", Order(breach=str(EVENING), scale=0.01, settings=["span.days=3"]))
    damage = tmp_path / "deleted.toml"
    damage.write_text(
        'id = "deleted"\ntitle = "t"\nabout = "a"\n[[damage]]\nkind = "deleted-after-hold"\nhold_day = 2\n'
        "gone_share = 0.4\nshrunk_share = 0.4\nkeep_share = 0.5\n"
    )
    damage_replay(tmp_path / "shop", tmp_path / "twin", [str(damage)], seed=1)
    then = json.loads((tmp_path / "twin" / "before" / "hold.json").read_bytes())
    live = tmp_path / "live"
    for folder in made.logs:
        shutil.copytree(folder, live / Path(folder).name)
    ordered = datetime.fromisoformat(then["ordered"])
    answer = held(tmp_path, live, at=ordered, format_name=None)
    paper = {
        str(live / source["folder"] / file["name"]): file
        for source in then["sources"]
        for file in source["files"]
    }
    full = {each["name"]: each for each in record(tmp_path).values()}
    for name, file in paper.items():
        assert (full[name]["digest"], full[name]["size"], full[name]["lines"]) == (
            file["sha256"], file["bytes"], file["lines"],
        )  # fmt: skip
    assert answer["hold"]["files"] >= len(paper)
    shutil.rmtree(live)
    for folder in made.logs:
        shutil.copytree(tmp_path / "twin" / Path(folder).name, live / Path(folder).name)
    hold = checked(tmp_path)
    suffered = json.loads((tmp_path / "twin" / "damage.json").read_bytes())
    assert suffered["damage"][0]["kind"] == "deleted-after-hold"
    found = {each["name"]: each for each in hold["lost"]}
    lost = 0
    for name, file in paper.items():
        path = Path(name)
        if not path.exists():
            assert found[name]["outcome"] == "gone"
            lost += file["lines"]
            continue
        data = path.read_bytes()
        now = gzip.decompress(data) if path.suffix == ".gz" else data
        if len(now) < file["bytes"]:
            assert found[name]["outcome"] == "shorter"
            assert found[name]["lines_lost"] == file["lines"] - now.count(b"\n")
            lost += found[name]["lines_lost"]
        else:
            assert name not in found
    assert {each["outcome"] for each in hold["lost"]} == {"gone", "shorter"}
    assert hold["lines_lost"] == {"lower": lost, "upper": lost, "files_that_cannot_tell": 0}
