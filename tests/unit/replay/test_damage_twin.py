"""A damaged twin: the same truth, an account that adds up, and marks that fit the lines."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.unit.replay.small_replay import ATTACKER, SERVICES, log_files, marks, write_replay
from tests.wide import examples

from whosaw.core.errors import WhosawError
from whosaw.replay.damage.deleted_after_hold import DeletedAfterHold
from whosaw.replay.damage.delivered_again import DeliveredAgain
from whosaw.replay.damage.duplicated_lines import DuplicatedLines
from whosaw.replay.damage.item import load_damage
from whosaw.replay.damage.lost_hours import LostHours
from whosaw.replay.damage.lost_month import LostMonth
from whosaw.replay.damage.missing_source import MissingSource
from whosaw.replay.damage.plan import Damage
from whosaw.replay.damage.rotated_field import RotatedField
from whosaw.replay.damage.skewed_clock import SkewedClock
from whosaw.replay.damage.torn_lines import TornLines
from whosaw.replay.damage.twin import make_twin


@pytest.fixture(scope="module")
def replay(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_replay(tmp_path_factory.mktemp("damage") / "replay")


def all_bytes(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name != "damage.json"
    }


def test_no_damage_gives_the_same_bytes(replay: Path, tmp_path: Path) -> None:
    twin = make_twin(replay, tmp_path / "twin", [])
    assert all_bytes(tmp_path / "twin") == all_bytes(replay)
    assert twin.account["damage"] == []
    assert twin.lines == twin.lines_before == 3 * 4 * 40


def test_damage_that_reaches_nothing_gives_the_same_bytes(replay: Path, tmp_path: Path) -> None:
    nothing = [LostHours(share=0, run_hours=(1,)), LostMonth(from_day=4, to_day=40), DuplicatedLines(share=0)]
    make_twin(replay, tmp_path / "twin", nothing)
    assert all_bytes(tmp_path / "twin") == all_bytes(replay)


def test_files_that_stay_as_they_were_are_linked_and_truth_is_untouched(replay: Path, tmp_path: Path) -> None:
    make_twin(replay, tmp_path / "twin", [SkewedClock(seconds=60, from_day=3, services=("web",))])
    for path in ("truth.json", "truth.parquet", "context/logins.csv", "web/access.log.3.gz", "app/api.log"):
        assert (tmp_path / "twin" / path).samefile(replay / path)
    assert not (tmp_path / "twin" / "web" / "access.log").samefile(replay / "web" / "access.log")


def test_the_replay_itself_is_never_changed(replay: Path, tmp_path: Path) -> None:
    before = all_bytes(replay)
    make_twin(replay, tmp_path / "twin", load_damage("torn-lines").damage, seed=4)
    assert all_bytes(replay) == before


def test_same_seed_same_texts_and_another_seed_another_twin(replay: Path, tmp_path: Path) -> None:
    damage = [LostHours(share=0.1, run_hours=(1, 3)), TornLines(share=0.2, joined_share=0.1)]
    for name, seed in (("one", 5), ("two", 5), ("three", 6)):
        make_twin(replay, tmp_path / name, damage, seed)
    assert all_bytes(tmp_path / "one") == all_bytes(tmp_path / "two")
    assert (tmp_path / "one" / "damage.json").read_bytes() == (tmp_path / "two" / "damage.json").read_bytes()
    assert all_bytes(tmp_path / "one") != all_bytes(tmp_path / "three")


def test_damages_follow_one_another(replay: Path, tmp_path: Path) -> None:
    everything_lost = LostMonth(from_day=0, to_day=4, services=("web",))
    twin = make_twin(
        replay, tmp_path / "twin", [everything_lost, DuplicatedLines(share=1, services=("web",))]
    )
    lost, doubled = twin.account["damage"]
    assert lost["lines_removed"] == 160
    assert doubled["lines_added"] == 0
    assert log_files(tmp_path / "twin", "web") == {}


def test_nothing_is_left_behind_on_failure(replay: Path, tmp_path: Path) -> None:
    class Interrupted(Exception):  # noqa: N818 - it stands for any
        pass

    def stop(what: str, done: int, total: int) -> None:
        raise Interrupted

    with pytest.raises(Interrupted):
        make_twin(replay, tmp_path / "twin", load_damage("torn-lines").damage, progress=stop)
    assert list(tmp_path.iterdir()) == []


def test_progress_is_told_for_every_file(replay: Path, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    make_twin(
        replay,
        tmp_path / "twin",
        [TornLines(share=0.1, services=("web",))],
        progress=lambda _, done, total: told.append((done, total)),
    )
    assert told == [(at, 12) for at in range(1, 13)]


def refusal(replay: Path, twin: Path, *damage: Damage, seed: int = 1) -> WhosawError:
    with pytest.raises(WhosawError) as caught:
        make_twin(replay, twin, damage, seed)
    return caught.value


def test_what_is_refused(replay: Path, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").touch()
    assert refusal(replay, tmp_path / "full").code == "replay.exists"
    assert refusal(replay, tmp_path / "a", seed=-1).code == "replay.bad-seed"
    assert refusal(tmp_path, tmp_path / "a").code == "replay-damage.no-replay"
    unknown = refusal(replay, tmp_path / "a", MissingSource(services=("mail",)))
    assert (unknown.code, unknown.hint) == ("replay-damage.unknown-service", "It has: api, edge, web")
    make_twin(replay, tmp_path / "twin", [])
    assert refusal(tmp_path / "twin", tmp_path / "a").code == "replay-damage.twice"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["full", "twin"]


def test_a_list_of_lines_that_does_not_fit_the_logs_is_refused(tmp_path: Path) -> None:
    torn = write_replay(tmp_path / "torn")
    path = torn / "web" / "access.log"
    path.write_text("".join(path.read_text().splitlines(keepends=True)[:-1]))
    assert refusal(torn, tmp_path / "a", TornLines(share=1)).code == "replay-damage.lines-differ"


def test_a_clock_in_an_unknown_place_is_refused(tmp_path: Path) -> None:
    odd = write_replay(tmp_path / "odd")
    truth = json.loads((odd / "truth.json").read_text())
    truth["services"]["web"]["format"] = "zeek-json"
    (odd / "truth.json").write_text(json.dumps(truth))
    wrong = refusal(odd, tmp_path / "a", SkewedClock(seconds=5, services=("web",)))
    assert wrong.code == "replay-damage.unknown-clock"
    make_twin(odd, tmp_path / "b", [SkewedClock(seconds=5, services=("api",))])


SHARES = st.sampled_from([0.0, 0.02, 0.3, 1.0])
SOME = st.sampled_from([(), ("web",), ("api", "edge")])
DAY = st.integers(0, 5)
DAMAGE: st.SearchStrategy[Damage] = st.one_of(
    st.builds(LostHours, share=SHARES, run_hours=st.just((1, 2, 5)), together=st.booleans(), services=SOME),
    DAY.flatmap(
        lambda day: st.builds(LostMonth, from_day=st.just(day), to_day=st.just(day + 2), services=SOME)
    ),
    st.builds(DuplicatedLines, share=SHARES, services=SOME),
    st.builds(DeliveredAgain, share=SHARES, slice_share=SHARES, services=SOME),
    st.builds(TornLines, share=SHARES, joined_share=SHARES, services=SOME),
    st.builds(SkewedClock, seconds=st.sampled_from([-90, 4000]), from_day=DAY, services=SOME),
    st.builds(
        RotatedField,
        from_day=DAY,
        replace=st.just(((" sub=", " user="),)),
        order=st.just(("kid", "sub")),
        services=SOME,
    ),
    st.builds(
        DeletedAfterHold,
        hold_day=DAY,
        gone_share=st.sampled_from([0, 0.4]),
        shrunk_share=st.sampled_from([0, 0.5]),
        services=SOME,
    ),
    st.builds(MissingSource, services=st.sampled_from([("web",), ("api", "edge")])),
)


@settings(
    max_examples=examples(40),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(damage=st.lists(DAMAGE, max_size=4), seed=st.integers(0, 50))
def test_lines_are_conserved_and_marks_fit(
    replay: Path, tmp_path_factory: pytest.TempPathFactory, damage: list[Damage], seed: int
) -> None:
    folder = tmp_path_factory.mktemp("twins") / "twin"
    twin = make_twin(replay, folder, damage, seed)
    expected = {
        f"{SERVICES[service][0]}/{name}": len(lines)
        for service in SERVICES
        for name, lines in log_files(replay, service).items()
    }
    for each in twin.account["damage"]:
        assert_totals(each)
        for path, counts in each["files"].items():
            expected[path] = expected.get(path, 0) - counts["removed"] + counts["added"]
    total = 0
    for service in SERVICES:
        files, rows = log_files(folder, service), marks(folder, service)
        assert rows.keys() == files.keys()
        for name, lines in files.items():
            assert len(lines) == expected.pop(f"{SERVICES[service][0]}/{name}")
            assert [row["line"] for row in rows[name]] == list(range(1, len(lines) + 1))
            for text, row in zip(lines, rows[name], strict=True):
                assert_fits(text, row, torn=any(each.kind == "torn-lines" for each in damage))
            total += len(lines)
    assert all(left == 0 for left in expected.values())
    assert total == twin.lines


def assert_totals(each: dict[str, Any]) -> None:
    for name in ("removed", "added", "changed"):
        assert each[f"lines_{name}"] == sum(counts[name] for counts in each["files"].values())


def assert_fits(text: str, row: dict[str, Any], *, torn: bool) -> None:
    assert text.endswith("\n")
    if row["part"] is None:
        assert ATTACKER not in text
    else:
        assert row["part"] == "walker"
        assert torn or ATTACKER in text


@pytest.mark.parametrize("name", ["rough", "duplicated-lines", "deleted-after-hold"])
def test_shipped_items_fit_a_replay_shorter_than_their_days(replay: Path, tmp_path: Path, name: str) -> None:
    make_twin(replay, tmp_path / "twin", load_damage(name).damage)


def test_a_replay_of_events_is_refused(tmp_path: Path) -> None:
    events = write_replay(tmp_path / "events")
    path = events / "truth" / "lines-web.parquet"
    rows = pq.read_table(path).select(["line", "time_ms", "part", "views"])
    names = pa.array(["events-2025-03-03.parquet"] * len(rows))
    pq.write_table(rows.append_column("file", names), path)
    assert refusal(events, tmp_path / "a", TornLines(share=1)).code == "replay-damage.no-text"
