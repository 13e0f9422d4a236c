"""The demo folder: the shape of the case, fixed bytes, and all of it or nothing."""

from __future__ import annotations

import csv
import hashlib
import tomllib
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from whosaw.core.errors import WhosawError
from whosaw.replay import shop as shop_module
from whosaw.replay.shop import Made, make_demo

SCALE = 0.02  # 400 customers


def digests(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return make_demo(tmp_path_factory.mktemp("shop") / "demo", seed=3, scale=SCALE)


def rows(made: Made, table: str) -> list[dict[str, str]]:
    with (made.context / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_same_seed_same_bytes(made: Made, tmp_path: Path) -> None:
    again = make_demo(tmp_path / "again", seed=3, scale=SCALE)
    assert digests(made.folder) == digests(again.folder)
    times = {path.name: path.stat().st_mtime_ns for path in made.logs.iterdir()}
    assert times == {path.name: path.stat().st_mtime_ns for path in again.logs.iterdir()}


def test_another_seed_gives_another_log(made: Made, tmp_path: Path) -> None:
    other = make_demo(tmp_path / "other", seed=4, scale=SCALE)
    assert digests(made.folder)["web/access.log"] != digests(other.folder)["web/access.log"]


def test_bytes_are_those_of_every_machine(made: Made) -> None:
    """One fixed digest, so that another Python, numpy or processor that draws otherwise is noticed."""
    oldest = made.truth["lines"]["files"][0]
    assert (oldest["name"], oldest["sha256"]) == (
        "access.log.44.gz",
        "2f17d87c3cf6182e7b963de95bc27d46048171f50d7ed3c8175f4c43a619fc68",
    )


def test_proportions_of_the_case(made: Made) -> None:
    breach, shop = made.truth["breach"], made.truth["shop"]
    assert made.customers == 400
    assert shop["holes"] == round(400 * 44.0 / 33.673817)
    by_page = breach["views_by_page"]
    # the tests before the main steps are not scaled: 4 numbers and at most 16
    assert by_page["my-info"] == pytest.approx(400 * 33_673_817 / 33_700_000, abs=5)
    assert by_page["my-addresses"] == pytest.approx(400 * 148_056_502 / 33_673_817, abs=18)
    assert breach["misses"] == pytest.approx(shop["holes"], abs=16)
    steps = {step["id"]: step for step in breach["steps"]}
    assert steps["address-list"]["misses"] == shop["holes"]
    assert steps["first-test"]["first"] < steps["second-test"]["first"] < steps["address-list"]["first"]
    assert breach["tokens"] == breach["requests"] - by_page["my-address-edit"] - by_page["my-orders"]


def test_full_size_uses_2313_addresses_of_which_16_read_the_list(tmp_path: Path) -> None:
    made = make_demo(tmp_path / "demo", seed=1, scale=1.0)
    breach = made.truth["breach"]
    steps = {step["id"]: step for step in breach["steps"]}
    assert breach["addresses"] == 2313
    assert steps["address-list"]["addresses"] == 16
    assert 300_000 <= made.lines <= 400_000
    assert (made.last_view - made.first_view).days >= 30


def test_each_forged_token_claims_its_victim_and_was_never_issued(made: Made) -> None:
    issued = {row["token"]: row["subject"] for row in rows(made, "logins")}
    text = (made.logs / "access.log.1").read_text(encoding="ascii")
    parts = [line.rsplit(" ", 3)[1:] for line in text.splitlines() if " sub=" in line]
    signed_in = [(sub[4:], jti[4:]) for sub, jti, _ in parts if jti != "jti=-"]
    assert signed_in
    honest = [(sub, token) for sub, token in signed_in if token in issued]
    assert all(issued[token] == sub for sub, token in honest)
    assert len(issued) == len(rows(made, "logins"))


def test_the_forged_key_was_held_by_someone_who_left_and_is_still_alive(made: Made) -> None:
    key = next(row for row in rows(made, "keys") if row["key"] == made.truth["breach"]["key"])
    left = {row["id"]: row["left"] for row in rows(made, "staff")}
    assert key["retired"] == ""
    assert any(left[holder] and left[holder] < "2025-03-03" for holder in key["holders"].split(";"))
    assert any(row["key"] == key["key"] for row in rows(made, "logins"))  # honest tokens carry it too


def test_canaries_are_members_whom_no_honest_request_reads(made: Made) -> None:
    canaries = {row["subject"] for row in rows(made, "canaries")}
    assert canaries == {str(number) for number in made.truth["shop"]["canaries"]}
    assert canaries <= {row["subject"] for row in rows(made, "subjects")}
    assert not canaries & {row["subject"] for row in rows(made, "logins")}
    assert not canaries & {row["subject"] for row in rows(made, "tickets")}


def test_the_map_names_the_four_pages_of_the_case(made: Made) -> None:
    routes = {route["id"]: route for route in tomllib.loads(made.map.read_text(encoding="utf-8"))["route"]}
    assert set(routes) == {"my-info", "my-addresses", "my-address-edit", "my-orders", "support-customer"}
    assert routes["my-addresses"]["secondary"]["at_most"] == 20
    assert "access.entrance-code" in routes["my-address-edit"]["categories"]
    assert routes["my-info"]["subject"] == {"from": "principal"}


def test_no_line_of_a_view_stands_twice(made: Made) -> None:
    lines = (made.logs / "access.log").read_text(encoding="ascii").splitlines()
    views = [line for line in lines if "/my/" in line and '" 200 ' in line]
    assert len(views) == len(set(views))


def test_a_failure_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(shop_module, "write_context", fail)
    with pytest.raises(OSError, match="No space"):
        make_demo(tmp_path / "demo", scale=SCALE)
    assert list(tmp_path.iterdir()) == []


def test_an_unfinished_folder_of_a_killed_run_is_replaced(tmp_path: Path) -> None:
    left = tmp_path / ".demo.unfinished" / "web"
    left.mkdir(parents=True)
    (left / "access.log").write_text("half", encoding="ascii")
    make_demo(tmp_path / "demo", scale=SCALE)
    assert [path.name for path in tmp_path.iterdir()] == ["demo"]


@pytest.mark.parametrize("scale", [0, -1, 3.5, float("nan")])
def test_a_scale_out_of_range_is_refused(tmp_path: Path, scale: float) -> None:
    with pytest.raises(WhosawError, match="out of range"):
        make_demo(tmp_path / "demo", scale=scale)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_with_something_in_it_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine", encoding="ascii")
    with pytest.raises(WhosawError, match="is there already"):
        make_demo(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_progress_ends_with_all_days_written(tmp_path: Path) -> None:
    seen: list[tuple[str, int, int]] = []
    make_demo(
        tmp_path / "demo", scale=SCALE, progress=lambda what, done, total: seen.append((what, done, total))
    )
    assert seen[-1] == ("writing", 45, 45)
    assert all(0 <= done <= total for _, done, total in seen)


def test_logins_on_record_reach_back_further_than_any_token_lives(made: Made) -> None:
    settings = tomllib.loads((made.context / "context.toml").read_text(encoding="utf-8"))
    lasts = timedelta(days=int(settings["sessions_last"].removesuffix("d")))
    times = [datetime.fromisoformat(row["time"]) for row in rows(made, "logins")]
    assert settings["logins"]["from"] <= min(times)
    assert max(times) < settings["logins"]["until"]
    first_line = datetime(2025, 3, 3, tzinfo=timezone(timedelta(hours=9)))
    assert settings["logins"]["from"] + lasts <= first_line
    used = {row["token"]: datetime.fromisoformat(row["time"]) for row in rows(made, "logins")}
    for line in (made.logs / "access.log").read_text(encoding="ascii").splitlines():
        issued = used.get(line.rsplit(" jti=", 1)[-1].split(" ")[0])
        assert issued is None or issued > settings["logins"]["until"] - lasts
