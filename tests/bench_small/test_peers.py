"""The comparison with peers, small: whoever is installed gives the answers of a plain count in Python."""

from __future__ import annotations

import copy
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest
from bench import peers
from bench.contenders.install import python_of
from bench.contenders.line_up import Contender, line_up
from bench.contenders.questions import QUESTIONS, answer, count_plainly
from bench.make_log import write_log
from bench.measure import Late, run
from tools.peers import plot_svg, tables

# Beside what the made log holds: no view by method, by status, by path, for want of a person; one line twice.
HARD = r"""
192.0.2.1 - 7 [02/Apr/2025:23:00:00 +0000] "POST /my/info/edit HTTP/2.0" 200 5 "-" "a/1"
192.0.2.1 - 7 [02/Apr/2025:23:00:01 +0000] "GET /my/info/edit?tab=1 HTTP/2.0" 200 5 "-" "a/1"
192.0.2.1 - 7 [02/Apr/2025:23:00:01 +0000] "GET /my/info/edit?tab=1 HTTP/2.0" 200 5 "-" "a/1"
192.0.2.1 - 8 [02/Apr/2025:23:00:02 +0000] "GET /my/info/edit HTTP/2.0" 404 5 "-" "a/1"
192.0.2.1 - - [02/Apr/2025:23:00:03 +0000] "GET /my/orders/list HTTP/2.0" 200 5 "-" "a/1"
192.0.2.1 - 9 [02/Apr/2025:23:00:04 +0000] "GET /my/orders/list/9 HTTP/2.0" 200 5 "-" "a/1"
2001:db8::1 - - [02/Apr/2025:23:00:05 +0000] "GET /api/v2/customers/7/addresses HTTP/2.0" 200 5 "-" "b \x22c\x22"
2001:db8::1 - - [02/Apr/2025:23:00:06 +0000] "GET /api/v2/customers/10/addresses/1 HTTP/2.0" 200 5 "-" "-"
2001:db8::2 - - [02/Apr/2025:23:00:07 +0000] "\x16\x03\x01" 400 5 "-" "-"
""".lstrip()


def _contender(name: str, code: str, **more: Any) -> Contender:
    return Contender(
        name=name,
        label=name,
        how="",
        version="1",
        command=lambda log, question, folder: [sys.executable, "-c", code],
        **more,
    )


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Everybody who is there, and three who fall short, on one small log."""
    folder = tmp_path_factory.mktemp("peers")
    log = folder / "shop.log"
    write_log(log, 4_000)
    with log.open("a", encoding="ascii") as file:
        file.write(HARD)
    contenders = [
        *line_up(python_of(peers.ROOT / ".build" / "peers")),
        _contender("wrong", "print(1)"),
        _contender("broken", "raise SystemExit('no')"),
        _contender("away", "", absent="away is not installed"),
    ]
    found = peers.compare(log, folder / "work", contenders, peers.Limits(repeats=1), lambda words: None)
    machine = {"cores": 2, "processor": "P", "memory_bytes": 1 << 30}
    return {**found, "log": {"bytes": 1, "lines": 4_009}, "machine": machine, "measured": "2025-04-03"}


def _of(told: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(each for each in told["contenders"] if each["name"] == name)
    return found


@pytest.mark.parametrize("name", ["whosaw", "duckdb", "polars", "chdb", "mawk", "lnav"])
def test_everybody_gives_the_answers_of_the_plain_count(told: dict[str, Any], name: str) -> None:
    contender = _of(told, name)
    if contender["absent"]:
        pytest.skip(contender["absent"])
    for question in QUESTIONS:
        state = contender["questions"][question]
        assert state["answer"] == told["answers"][question], question
        assert state["outcome"] == "agrees"


def test_who_counts_otherwise_is_not_compared_and_who_cannot_says_so(told: dict[str, Any]) -> None:
    contender = _of(told, "goaccess")
    if contender["absent"]:
        pytest.skip(contender["absent"])
    outcomes = {name: state["outcome"] for name, state in contender["questions"].items()}
    assert outcomes == {"clients": "own", "pages": "cannot", "persons": "cannot"}


def test_the_plain_count_is_the_count_by_hand(tmp_path: Path) -> None:
    log = tmp_path / "a.log"
    east = '192.0.2.1 - 7 [03/Apr/2025:01:00:00 +0200] "GET /my/orders/list HTTP/2.0" 200 5 "-" "a/1"\n'
    log.write_text(HARD + east, encoding="ascii")
    found = count_plainly(log)
    assert found["clients"] == answer("4\n")
    assert found["pages"] == answer("my-info\t1\nmy-orders\t1\ncustomer-address-list\t1\n")
    # 2025-04-02T23:00:00Z, which is the line two hours east of it, and 23:00:05Z
    assert found["persons"] == answer("7\t1743634800\t1743634805\n")


def test_an_answer_is_its_rows_in_any_order() -> None:
    assert answer("b\t1\na\t2\n") == answer("a\t2\nb\t1\n")
    assert answer("a\t2\n") != answer("a\t1\n")
    assert answer("".join(f"{n}\n" for n in range(9))).text == ""


def test_a_wrong_answer_is_told_with_its_number(told: dict[str, Any]) -> None:
    state = _of(told, "wrong")["questions"]["clients"]
    assert (state["outcome"], state["answer"]["text"]) == ("differs", "1")
    assert "(**differs**: 1)" in tables(told)


def test_a_failure_is_told_with_its_last_words(told: dict[str, Any]) -> None:
    state = _of(told, "broken")["questions"]["pages"]
    assert (state["outcome"], state["why"]) == ("failed", "ended with 1: no")
    assert "failed: ended with 1: no" in tables(told)


def test_who_is_not_installed_is_named(told: dict[str, Any]) -> None:
    assert "questions" not in _of(told, "away")
    assert "Not there: away is not installed." in tables(told)


def test_a_command_that_takes_too_long_is_ended_with_all_it_started(tmp_path: Path) -> None:
    child = "import time; time.sleep(60)"
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])"
    with pytest.raises(Late, match="ended after"):
        run([sys.executable, "-c", parent], limit=0.5)
    state = peers._Asked()
    limits = peers.Limits(run=0.3)
    peers._ask(_contender("late", child), "clients", tmp_path, tmp_path, answer("1\n"), state, limits)
    assert (state.outcome, state.why) == ("late", "not done after 0.3 seconds")
    assert "seconds" not in state.as_json()


def test_ratios_are_to_the_first_answer_of_whosaw(told: dict[str, Any]) -> None:
    document = copy.deepcopy(told)
    ours, theirs = _of(document, "whosaw"), _of(document, "duckdb")
    for state, each in (
        (ours["with_reading"]["clients"], [10.0, 20.0, 40.0]),
        (ours["questions"]["clients"], [0.5, 1.0, 2.0]),
        (theirs["questions"]["clients"], [25.0, 80.0, 40.0]),  # 2.5, 4 and 1 times, turn by turn
    ):
        state["seconds"] = {"each": each, "min": min(each), "median": each[1], "max": max(each)}
    rows: dict[str, str] = {}
    for line in tables(document).splitlines():
        if line.startswith("| "):
            label, clients = line.split("|")[1:3]
            rows.setdefault(label.strip(), clients.strip())  # the first table is that of the ratios
    assert rows["whosaw, first answer"] == "1.00"
    assert rows["whosaw, asked again"] == "0.05"
    assert rows["DuckDB"] == "2.50"


def test_the_plot_is_the_same_each_time_and_shows_everybody(told: dict[str, Any]) -> None:
    svg = plot_svg(told)
    assert svg == plot_svg(copy.deepcopy(told))
    for words in (
        "whosaw, first answer",
        "whosaw, asked again",
        "DuckDB",
        "(differs)",
        "not there",
        "failed",
    ):
        assert words in svg


def test_nobody_is_found_where_nobody_is_installed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    absent = {each.name: each.absent for each in line_up(tmp_path / "python")}
    assert absent["whosaw"] == absent["duckdb"] == ""
    assert absent["polars"].startswith("polars is not installed")
    assert absent["lnav"] == "lnav is not installed (Debian and Ubuntu: apt-get install lnav)"
