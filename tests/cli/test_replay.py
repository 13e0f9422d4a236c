"""`whosaw replay` as a person calls it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.cli.hand_made import FIRST, PERSONS, write_replay
from tests.unit.cli.conftest import call, files_below

from whosaw.store.journal import Journal


@pytest.fixture(scope="module")
def scanned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """replay/ and its ledger; tests only look at them."""
    folder = tmp_path_factory.mktemp("drill")
    replay = write_replay(folder / "replay")
    done = call(
        "scan", str(replay / "web"), "--map", str(replay / "map.toml"), "-w", str(folder / "ledger"), "--json"
    )
    assert done.exit_code == 0, done.stderr
    return folder


def scored(folder: Path, *more: str) -> dict[str, Any]:
    done = call("replay", "score", str(folder / "ledger"), str(folder / "replay"), "--json", *more)
    assert done.exit_code == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def test_a_score_says_how_much_how_early_and_how_often_for_nothing(scanned: Path) -> None:
    told = scored(scanned)
    assert told["answer"] == "found"
    assert told["persons"]["recall"] == {"right": PERSONS, "of": PERSONS, "share": 1.0}
    assert told["views"]["precision"] == {"right": PERSONS, "of": PERSONS, "share": 1.0}
    assert told["categories"]["recall"] == {"right": 2 * PERSONS, "of": 2 * PERSONS, "share": 1.0}
    # a hundred people within an hour are too many for one user name; the hundredth comes 99 seconds after the first
    first = told["first_finding"]
    assert (first["persons_before"], first["after_seconds"]) == (100, 99.0)
    assert first["raised_at"] == "2025-03-03T12:01:39Z"
    assert (told["findings"]["false"], told["findings"]["false_per_day"]) == (0, 0.0)
    bounds = {
        each["unit"]: (each["lower"], each["upper"], each["truth"], each["hold"]) for each in told["bounds"]
    }
    # without context, and with hardly anybody else in the log, a scope cannot rule out that each of these views was honest
    assert bounds == {
        "views": (0, 130, 120, True),
        "accounts": (0, 120, 120, True),
        "persons": (0, 360, 150, True),
    }


def test_where_the_context_was_moved_the_rest_of_the_score_is_told(scanned: Path, tmp_path: Path) -> None:
    context = tmp_path / "context"
    context.mkdir()
    (context / "context.toml").write_text('sessions_last = "1h"\n')
    replay = scanned / "replay"
    words = ("--map", str(replay / "map.toml"), "--context", str(context), "-w", str(tmp_path / "ledger"))
    assert call("scan", str(replay / "web"), *words, "--json").exit_code == 0
    context.rename(tmp_path / "moved")
    done = call("replay", "score", str(tmp_path / "ledger"), str(replay), "--json")
    assert done.exit_code == 0, done.stderr
    told = json.loads(done.stdout)
    assert (told["answer"], told["bounds"]) == ("found", [])
    assert [note for note in told["notes"] if note.startswith("no bounds: the context folder")]


def test_the_truth_may_be_named_by_its_file(scanned: Path) -> None:
    done = call("replay", "score", str(scanned / "ledger"), str(scanned / "replay" / "truth.json"), "--json")
    assert json.loads(done.stdout) == scored(scanned)


def test_a_score_writes_nothing(scanned: Path) -> None:
    before = files_below(scanned)
    scored(scanned)
    assert files_below(scanned) == before


def test_a_score_shows_no_identifier(scanned: Path) -> None:
    done = call("replay", "score", str(scanned / "ledger"), str(scanned / "replay"))
    assert done.exit_code == 0, done.stderr
    assert "found: first at 2025-03-03 12:01:39 (UTC), 1 min 39 s after the first view" in done.stdout
    for secret in ("192.0.2.77", "s-9", "1005"):
        assert secret not in done.stdout


def test_the_exit_code_says_whether_the_drill_was_passed(scanned: Path, tmp_path: Path) -> None:
    passed = ["replay", "score", str(scanned / "ledger"), str(scanned / "replay"), "--exit-code"]
    assert call(*passed).exit_code == 0
    missed = write_replay(tmp_path / "replay")
    few = (missed / "web" / "access.log").read_text(encoding="utf-8").splitlines(keepends=True)[:60]
    (missed / "web" / "access.log").write_text("".join(few), encoding="utf-8")
    ledger = str(tmp_path / "ledger")
    assert call("scan", str(missed / "web"), "--map", str(missed / "map.toml"), "-w", ledger).exit_code == 0
    told = call("replay", "score", ledger, str(missed), "--exit-code")
    assert told.exit_code == 1
    assert "not found" in told.stdout


@pytest.mark.parametrize(
    ("workspace", "truth", "said"),
    [
        ("ledger", "nowhere", "is no truth of a replay"),
        ("nowhere", "replay", "is no whosaw workspace"),
        ("ledger", "other", "none of the files that were read is one of this replay"),
        ("ledger", "torn", "does not hold the whole truth"),
    ],
)
def test_what_cannot_be_scored_is_refused(
    scanned: Path, tmp_path: Path, workspace: str, truth: str, said: str
) -> None:
    place = scanned / truth
    if truth in ("other", "torn"):
        place = write_replay(tmp_path / truth)
    if truth == "other":
        told = json.loads((place / "truth.json").read_text(encoding="utf-8"))
        told["services"]["web"]["folder"] = "elsewhere"
        (place / "truth.json").write_text(json.dumps(told), encoding="utf-8")
    if truth == "torn":
        (place / "truth.parquet").unlink()
    done = call("replay", "score", str(scanned / workspace), str(place))
    assert done.exit_code == 2
    assert said in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_scan_that_did_not_end_has_no_score(tmp_path: Path) -> None:
    replay = write_replay(tmp_path / "replay")
    ledger = tmp_path / "ledger"
    scan = ("scan", str(replay / "web"), "--map", str(replay / "map.toml"), "-w", str(ledger))
    assert call(*scan).exit_code == 0
    journal = Journal.at(ledger / "journal.sqlite", who="test")
    with journal.transaction() as connection:
        journal.record(connection, "scan.begin", {"scan": 2}, now=FIRST)
    journal.close()
    done = call("replay", "score", str(ledger), str(replay))
    assert done.exit_code == 2
    assert "did not end" in done.stderr


EVENING = str(Path(__file__).with_name("evening.toml"))
SMALL = ("--breach", EVENING, "--scale", "0.01", "--set", "span.days=2")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """A small replay and what the command said of it; tests only look at it."""
    folder = tmp_path_factory.mktemp("made") / "replay"
    done = call("replay", "make", str(folder), *SMALL, "--json")
    assert done.exit_code == 0, done.stderr
    return folder, json.loads(done.stdout)


def test_a_replay_says_what_a_scan_of_it_needs(made: tuple[Path, dict[str, Any]]) -> None:
    folder, told = made
    assert (told["breach"], told["customers"], told["days"], told["damages"]) == ("evening", 200, 2, [])
    assert told["logs"] == [str(folder / name) for name in ("api", "db", "edge", "office", "web")]
    assert Path(told["map"]).is_file()
    assert (Path(told["context"]) / "logins.csv").is_file()
    lines = sum(path.read_bytes().count(b"\n") for log in told["logs"] for path in Path(log).iterdir())
    assert told["lines"] == lines


def test_the_whole_drill_finds_the_breach(made: tuple[Path, dict[str, Any]], tmp_path: Path) -> None:
    folder, told = made
    ledger = str(tmp_path / "ledger")
    scan = ("scan", *told["logs"], "--map", told["map"], "--context", told["context"], "-w", ledger)
    assert call(*scan).exit_code == 0
    done = call("replay", "score", ledger, str(folder), "--json")
    assert done.exit_code == 0, done.stderr
    score = json.loads(done.stdout)
    assert score["replay"]["breach"] == "evening"
    assert (score["answer"], score["persons"]["recall"]["of"]) == ("found", 200)
    # the account reads its own number too, which its login explains
    assert score["persons"]["recall"]["right"] >= 199
    assert score["findings"]["listed"][0]["views_not_in_truth"] == 0


def test_damage_is_the_same_in_one_step_or_two(made: tuple[Path, dict[str, Any]], tmp_path: Path) -> None:
    folder, _ = made
    first = call("replay", "damage", str(folder), str(tmp_path / "two"), "--damage", "torn-lines", "--json")
    assert first.exit_code == 0, first.stderr
    assert json.loads(first.stdout)["damages"] == ["torn-lines"]
    second = call("replay", "make", str(tmp_path / "one"), *SMALL, "--damage", "torn-lines")
    assert second.exit_code == 0, second.stderr
    assert files_below(tmp_path / "one") == files_below(tmp_path / "two")
    assert files_below(folder) != files_below(tmp_path / "one")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one", "two"]


def test_what_there_is_is_listed() -> None:
    told = json.loads(call("replay", "list", "--json").stdout)
    assert "forged-token" in {each["id"] for each in told["breaches"]}
    assert "rough" in {each["id"] for each in told["damages"]}
    assert all(each["title"] for kind in told.values() for each in kind)
    assert "forged-token" in call("replay", "list").stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("make", "{new}", "--breach", "nonsense"), "no breach is named 'nonsense'"),
        (("make", "{new}", "--like", "nonsense"), "no likeness is named 'nonsense'"),
        (("make", "{new}", "--damage", "nonsense"), "no damage is named 'nonsense'"),
        (("make", "{new}", "--set", "span.weeks=2"), "span.weeks"),
        (("make", "{new}", "--format", "web"), "is not SERVICE=FORMAT"),
        (("make", "{new}", "--format", "web=nonsense"), "nonsense"),
        (("make", "{new}", "--scale", "0"), "scale 0 is out of range"),
        (("make", "{full}"), "is there already"),
        (("make", "{full}", "--damage", "rough"), "is there already"),
        (("damage", "{full}", "{new}", "--damage", "rough"), "is not a finished replay"),
        (("damage", "{full}", "{new}"), "no damage was named"),
    ],
)
def test_a_bad_order_is_refused_and_leaves_nothing(tmp_path: Path, words: tuple[str, ...], said: str) -> None:
    full = tmp_path / "full"
    full.mkdir()
    (full / "mine.txt").write_text("mine", encoding="utf-8")
    before = files_below(tmp_path)
    done = call("replay", *(word.format(new=tmp_path / "new", full=full) for word in words))
    assert done.exit_code == 2
    assert said in done.stderr
    assert files_below(tmp_path) == before


@pytest.mark.parametrize(
    ("command", "name"),
    [(["make", "drill"], "make"), (["damage", "whole", "twin", "--damage", "rough"], "damage_replay")],
)
def test_a_replay_that_is_stopped_is_said_to_have_left_nothing(
    command: list[str], name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(f"whosaw.app.replay.{name}", stop)
    done = call("replay", *command)
    assert done.exit_code == 2
    assert done.stdout == ""
    assert done.stderr.splitlines() == [
        "whosaw: stopped; nothing was left behind. Run the same command again"
    ]
