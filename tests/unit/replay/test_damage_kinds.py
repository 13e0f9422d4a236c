"""What each kind of damage does to the lines, by hand."""

from __future__ import annotations

import hashlib
import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from tests.unit.replay.small_replay import log_files, marks, read_text, text_of, write_replay

from whosaw.replay.damage.deleted_after_hold import DeletedAfterHold
from whosaw.replay.damage.delivered_again import DeliveredAgain
from whosaw.replay.damage.duplicated_lines import DuplicatedLines
from whosaw.replay.damage.lost_hours import LostHours
from whosaw.replay.damage.lost_month import LostMonth
from whosaw.replay.damage.missing_source import MissingSource
from whosaw.replay.damage.plan import Damage
from whosaw.replay.damage.rotated_field import RotatedField
from whosaw.replay.damage.skewed_clock import SkewedClock
from whosaw.replay.damage.torn_lines import TornLines
from whosaw.replay.damage.twin import make_twin

HOUR = 3_600_000


@pytest.fixture(scope="module")
def replay(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_replay(tmp_path_factory.mktemp("kinds") / "replay")


def damaged(replay: Path, folder: Path, *damage: Damage, seed: int = 1) -> dict[str, Any]:
    """The account of the first damage."""
    made: dict[str, Any] = make_twin(replay, folder / "twin", damage, seed).account["damage"][0]
    return made


def hours_of(account: dict[str, Any], service: str) -> int:
    spans = account["hours_removed"][service]
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:00:00Z", end) for span in spans for end in span)
    ends = [[date.fromisoformat(at[:10]).toordinal() * 24 + int(at[11:13]) for at in span] for span in spans]
    return sum(end - start for start, end in ends)


def test_lost_hours_takes_that_share_of_the_hours_whole(replay: Path, tmp_path: Path) -> None:
    account = damaged(replay, tmp_path, LostHours(share=0.25, run_hours=(2, 6)))
    for service in ("web", "api", "edge"):
        assert hours_of(account, service) == 24  # of 96
        left = {row["time_ms"] // HOUR for rows in marks(tmp_path / "twin", service).values() for row in rows}
        was = {row["time_ms"] // HOUR for rows in marks(replay, service).values() for row in rows}
        assert len(was) == 96
        assert len(left) == 72  # no hour is lost in part
    assert account["lines_removed"] == 480 - sum(
        len(lines)
        for service in ("web", "api", "edge")
        for lines in log_files(tmp_path / "twin", service).values()
    )
    assert account["hours_removed"]["web"] != account["hours_removed"]["api"]


def test_lost_hours_together_are_the_same_of_all_services(replay: Path, tmp_path: Path) -> None:
    account = damaged(replay, tmp_path, LostHours(share=0.1, run_hours=(1, 4), together=True))
    assert (
        account["hours_removed"]["web"] == account["hours_removed"]["api"] == account["hours_removed"]["edge"]
    )


def test_a_share_below_one_hour_loses_one(replay: Path, tmp_path: Path) -> None:
    account = damaged(replay, tmp_path, LostHours(share=0.001, run_hours=(3,), services=("web",)))
    assert hours_of(account, "web") == 1
    assert list(account["hours_removed"]) == ["web"]


def test_a_lost_span_takes_days_of_the_shops_clock_and_whole_files(replay: Path, tmp_path: Path) -> None:
    account = damaged(replay, tmp_path, LostMonth(from_day=1, to_day=3, services=("web",)))
    assert list(log_files(tmp_path / "twin", "web")) == ["access.log", "access.log.3.gz"]
    assert account["lines_removed"] == 80
    assert account["attack_lines_removed"] == {"walker": 8}  # positions 3, 13, 23, 33 of two days
    assert account["views_lost"] == {"web": 16}
    assert account["hours_removed"] == {"web": [["2025-03-03T15:00:00Z", "2025-03-05T15:00:00Z"]]}


def test_dates_and_numbers_of_days_mean_the_same(replay: Path, tmp_path: Path) -> None:
    make_twin(replay, tmp_path / "a", [LostMonth(from_day=1, to_day=2)])
    make_twin(replay, tmp_path / "b", [LostMonth(from_day=date(2025, 3, 4), to_day=date(2025, 3, 5))])
    assert log_files(tmp_path / "a", "edge") == log_files(tmp_path / "b", "edge")
    assert "edge.log.2.gz" not in log_files(tmp_path / "a", "edge")


def test_every_line_twice(replay: Path, tmp_path: Path) -> None:
    account = damaged(replay, tmp_path, DuplicatedLines(share=1, services=("api",)))
    before, after = log_files(replay, "api"), log_files(tmp_path / "twin", "api")
    for name, lines in before.items():
        assert after[name] == [line for line in lines for _ in range(2)]
    assert account["files"]["app/api.log"] == {"removed": 0, "added": 40, "changed": 0}
    assert account["views_lost"] == {}


def test_a_last_line_without_a_line_end_is_not_doubled(tmp_path: Path) -> None:
    odd = write_replay(tmp_path / "odd")
    path = odd / "web" / "access.log"
    path.write_text(path.read_text().removesuffix("\n"))
    account = damaged(odd, tmp_path, DuplicatedLines(share=1, services=("web",)))
    assert account["files"]["web/access.log"]["added"] == 39
    assert read_text(tmp_path / "twin", "web/access.log").count("\n") == 78


def test_a_slice_comes_again_under_the_name_of_its_stream(replay: Path, tmp_path: Path) -> None:
    again = DeliveredAgain(share=0.25, slice_share=0.5, services=("web",))
    account = damaged(replay, tmp_path, again, seed=3)
    before, after = log_files(replay, "web"), log_files(tmp_path / "twin", "web")
    (new,) = after.keys() - before.keys()
    assert re.fullmatch(r"access\.log-2025030\dT\d{6}Z(\.gz)?", new)
    assert account["files"] == {f"web/{new}": {"removed": 0, "added": 20, "changed": 0}}
    assert {name: after[name] for name in before} == before
    assert "".join(after[new]) in "".join(line for lines in before.values() for line in lines)


def test_files_that_come_again_twice_have_two_names(replay: Path, tmp_path: Path) -> None:
    whole = DeliveredAgain(share=1, slice_share=1, services=("web",))
    make_twin(replay, tmp_path / "twin", [whole, whole])
    after = log_files(tmp_path / "twin", "web")
    assert len(after) == 12
    assert (
        after["access.log-20250305T150000Z"] == after["access.log-20250305T150000Z.2"] == after["access.log"]
    )
    assert "access.log-20250302T150000Z.2.gz" in after


def test_a_cut_line_is_the_start_of_itself(replay: Path, tmp_path: Path) -> None:
    account = damaged(replay, tmp_path, TornLines(share=1, services=("edge",)))
    before, after = log_files(replay, "edge"), log_files(tmp_path / "twin", "edge")
    for name, lines in before.items():
        for old, new in zip(lines, after[name], strict=True):
            assert old.startswith(new.removesuffix("\n"))
            assert 1 <= len(new) - 1 <= len(old) // 2
    assert account["lines_changed"] == 160
    assert account["views_lost"] == {"edge": 32}  # they can no longer be relied on to be read
    assert account["attack_lines_removed"] == {}


def test_joined_lines_run_on_in_the_next_one(replay: Path, tmp_path: Path) -> None:
    account = damaged(replay, tmp_path, TornLines(share=0, joined_share=0.4, services=("web",)))
    before, after = log_files(replay, "web"), log_files(tmp_path / "twin", "web")
    pairs = 0
    for name, lines in before.items():
        whole = "".join(lines)
        assert "".join(after[name]).replace("\n", "") == whole.replace("\n", "")
        pairs += sum(line.count(" - - [") == 2 for line in after[name])
        for line, row in zip(after[name], marks(tmp_path / "twin", "web")[name], strict=True):
            assert (row["part"] == "walker") == ("198.51.100.9" in line)
    assert pairs == account["lines_removed"] == account["lines_changed"] > 10


def test_a_skewed_clock_changes_the_text_and_not_the_time_in_the_list(replay: Path, tmp_path: Path) -> None:
    account = damaged(replay, tmp_path, SkewedClock(seconds=420, from_day=2, services=("web",)))
    before, after = log_files(replay, "web"), log_files(tmp_path / "twin", "web")
    assert after["access.log.2.gz"] == before["access.log.2.gz"]
    assert before["access.log"][39].split("[")[1].startswith("06/Mar/2025:23:24:00 +0900]")
    assert after["access.log"][39].split("[")[1].startswith("06/Mar/2025:23:31:00 +0900]")
    assert marks(tmp_path / "twin", "web") == marks(replay, "web")
    assert account["lines_changed"] == 80
    assert account["views_lost"] == {}


def test_a_renamed_field_from_a_day_on(replay: Path, tmp_path: Path) -> None:
    replaced = ((" sub=", " user="), ('"sub":', '"user":'))
    damaged(replay, tmp_path, RotatedField(from_day=3, replace=replaced))
    web, api = log_files(tmp_path / "twin", "web"), log_files(tmp_path / "twin", "api")
    assert web["access.log.1"][0].endswith(" sub=1200 jti=00ff1200 kid=k-1\n")
    assert web["access.log"][0].endswith(" user=1300 jti=00ff1300 kid=k-1\n")
    assert api["api.log.1"][1].endswith('"sub":"1201"}\n')
    assert api["api.log"][1].endswith('"user":"1301"}\n')


def test_fields_trade_places(replay: Path, tmp_path: Path) -> None:
    damaged(replay, tmp_path, RotatedField(from_day=0, order=("kid", "sub", "status", "jti")))
    web, api = log_files(tmp_path / "twin", "web"), log_files(tmp_path / "twin", "api")
    assert web["access.log"][0].endswith(' "Mozilla/5.0" kid=k-1 sub=1300 jti=00ff1300\n')
    assert api["api.log"][0].endswith('"request_uri":"/api/1300","sub":"1300","status":200}\n')


def test_files_deleted_and_shrunk_after_a_hold(replay: Path, tmp_path: Path) -> None:
    hold = DeletedAfterHold(hold_day=3, gone_share=0.3, shrunk_share=0.3, keep_share=0.25, services=("web",))
    account = damaged(replay, tmp_path, hold)
    paper = json.loads((tmp_path / "twin" / "before" / "hold.json").read_text())
    assert paper["ordered"] == "2025-03-05T15:00:00Z"
    (source,) = paper["sources"]
    assert (source["service"], source["folder"]) == ("web", "web")
    day_0 = text_of("web", 0).encode()
    assert source["files"][0] == {
        "name": "access.log.3.gz",
        "lines": 40,
        "bytes": len(day_0),
        "sha256": hashlib.sha256(day_0).hexdigest(),
        "first": "2025-03-02T15:00:00.250000Z",
        "last": "2025-03-03T14:24:00.250000Z",
    }
    assert [file["name"] for file in source["files"]] == [
        "access.log.3.gz",
        "access.log.2.gz",
        "access.log.1",
    ]
    after = log_files(tmp_path / "twin", "web")
    held = ["access.log.1", "access.log.2.gz", "access.log.3.gz"]
    assert sorted(len(after.get(name, [])) for name in held) == [0, 10, 40]
    assert len(after["access.log"]) == 40  # came after the order
    assert account["lines_removed"] == 40 + 30


def test_a_missing_source_leaves_no_folder(replay: Path, tmp_path: Path) -> None:
    account = damaged(replay, tmp_path, MissingSource(services=("api",)))
    assert not (tmp_path / "twin" / "app").exists()
    assert marks(tmp_path / "twin", "api") == {}
    assert account["lines_removed"] == 160
    assert account["attack_lines_removed"] == {"walker": 16}
    assert account["hours_removed"] == {"api": [["2025-03-02T15:00:00Z", "2025-03-06T15:00:00Z"]]}
