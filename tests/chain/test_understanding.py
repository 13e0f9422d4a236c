"""What a scan says of files that it read and did not understand, and of a map that says nothing of them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from whosaw.cli.main import app

pytestmark = pytest.mark.usefixtures("without_detection")

MAP = """\
[[route]]
id = "member"
match = { method = "GET", path = "/member/{id}" }
subject = { from = "path", name = "id" }
categories = ["identity.name"]

[[route]]
id = "orders"
match = { method = "GET", path = "/orders/{id}" }
subject = { from = "path", name = "id" }
categories = ["commerce.orders"]
"""
CLF = '192.0.2.7 - - [{:02}/Nov/2025:{:02}:00:00 +0000] "GET {} HTTP/1.1" 200 1 "-" "x"\n'


def whosaw(*words: str | Path) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words])


def scanned(path: Path, *words: str | Path) -> tuple[int, dict[str, Any], str]:
    told = whosaw("scan", path, "-w", path.parent / "w", "--json", *words)
    return told.exit_code, json.loads(told.stdout), told.stderr


def written(tmp_path: Path, name: str, text: str) -> Path:
    path = tmp_path / name
    path.write_text(text)
    return path


def envelope(n: int) -> dict[str, Any]:
    return {"time": f"2025-11-24T10:00:{n:02}Z", "properties": {"who_did": f"u{n}", "peer": "192.0.2.1"}}


def lines(make: Callable[[int], object], count: int = 20) -> str:
    return "".join(json.dumps(make(n)) + "\n" for n in range(count))


def test_a_file_of_times_only_is_said_loudly_in_text_json_and_exit_code(tmp_path: Path) -> None:
    path = written(tmp_path, "env.log", lines(envelope))
    code, told, _ = scanned(path, "--exit-code")
    (content,) = told["contents"]
    assert code == 1
    assert (content["format"], content["confidence"], content["time_only"]) == ("jsonl", 0.0, True)
    assert content["says"] == {"who": 0, "from_where": 0, "what": 0}
    assert content["fields"] == ["time", "properties.who_did", "properties.peer"]
    assert (content["events"], content["rejects"], content["refused"]) == (20, 0, False)
    text = whosaw("scan", path, "-w", tmp_path / "w2")
    assert text.exit_code == 0
    assert "jsonl time only" in text.stdout
    assert "TIME ONLY" in text.stdout
    assert "properties.who_did" in text.stdout


def test_times_only_are_said_again_when_nothing_is_new(tmp_path: Path) -> None:
    path = written(tmp_path, "env.log", lines(envelope))
    scanned(path)
    code, told, _ = scanned(path, "--exit-code")
    assert (code, told["contents"][0]["outcome"], told["contents"][0]["time_only"]) == (1, "unchanged", True)


def test_the_same_fields_named_by_hand_are_understood(tmp_path: Path) -> None:
    path = written(tmp_path, "env.log", lines(envelope))
    code, told, _ = scanned(
        path, "--exit-code", "--format", "json:principal=properties.who_did,address=properties.peer"
    )
    (content,) = told["contents"]
    assert (code, content["time_only"], content["says"]["who"], content["says"]["from_where"]) == (
        0,
        False,
        20,
        20,
    )
    assert content["fields"] == []


def test_values_and_names_that_may_be_data_are_not_told(tmp_path: Path) -> None:
    told = {"time": "2025-11-24T10:00:00Z", "ann@example.org": "secret", "by": {"+44 20": 1, "n": 5}}
    path = written(tmp_path, "env.log", json.dumps(told) + "\n")
    assert scanned(path)[1]["contents"][0]["fields"] == ["time", "by.n"]


def test_syslog_alone_is_times_only_and_logins_beside_it_are_not(tmp_path: Path) -> None:
    cron = "2025-11-24T10:00:00+00:00 web1 CRON[7]: (root) CMD (run-parts)\n"
    login = "2025-11-24T10:00:01+00:00 web1 sshd[8]: Accepted publickey for ann from 192.0.2.7 port 5 ssh2\n"
    failure = "2025-11-24T10:00:02+00:00 web1 sshd[9]: Failed password for bob from 192.0.2.8 port 6 ssh2\n"
    (content,) = scanned(written(tmp_path, "a.log", cron * 9))[1]["contents"]
    assert (content["format"], content["time_only"]) == ("syslog", True)
    (content,) = scanned(written(tmp_path, "b.log", failure * 2_000 + login * 5))[1]["contents"]
    assert (content["format"], content["time_only"], content["says"]["who"]) == ("sshd", False, 5)


@pytest.mark.parametrize(
    ("text", "words", "advice"),
    [
        ("2025-11-24 10:00:00 x\n", (), "Name the format with --format"),
        (lines(lambda n: {"happened": f"2025-11-24T10:00:{n:02}Z", "user": "ann"}), (), "json:time=happened"),
        (
            lines(lambda n: {"moment": f"2025-11-24T10:00:{n:02}Z", "n": n}),
            ("--format", "jsonl"),
            "json:time=moment",
        ),
        (
            lines(lambda n: {"time": f"at {n}", "user": "ann"}),
            ("--format", "jsonl"),
            "Name the field of the time",
        ),
        ("When At,Who\n2025-11-24T10:00:00Z,ann\n", (), "csv:time=When At"),
        (lines(lambda n: {"time": f"2025-11-24T10:00:{n:02}", "user": "ann"}), (), "--tz"),
        ("Nov 24 10:00:00 web1 sshd[7]: Accepted password for ann from 192.0.2.7 port 1 ssh2\n", (), "--tz"),
    ],
)
def test_a_file_whose_every_line_was_rejected_ends_with_2_and_the_way_out(
    text: str, words: tuple[str, ...], advice: str, tmp_path: Path
) -> None:
    path = written(tmp_path, "x.log", text)
    code, told, stderr = scanned(path, *words)
    (content,) = told["contents"]
    assert (code, content["events"], content["refused"]) == (2, 0, True)
    assert content["rejects"] + content["comments"] == content["lines"]
    assert advice in stderr
    assert ("--tz" in stderr) is (advice == "--tz")
    again = whosaw("scan", path, "-w", tmp_path / "w", *words)
    assert again.exit_code == 2  # nothing new, and still nothing of it is known


def test_lines_that_were_added_and_rejected_do_not_make_a_file_one_that_was_refused(tmp_path: Path) -> None:
    path = written(tmp_path, "access.log", CLF.format(24, 10, "/a"))
    assert scanned(path)[0] == 0
    with path.open("a") as file:
        file.write("out of memory\n")
    code, told, _ = scanned(path)
    assert (code, told["contents"][0]["outcome"], told["contents"][0]["refused"]) == (0, "grown", False)


def test_what_was_assumed_is_said(tmp_path: Path) -> None:
    tail = CLF.format(24, 10, "/a").rstrip("\n")
    (content,) = scanned(written(tmp_path, "main.log", f'{tail} "203.0.113.9"\n' * 3))[1]["contents"]
    assert (content["format"], content["confidence"]) == ("nginx-main", 1.0)
    assert "X-Forwarded-For" in content["notes"][0]
    (content,) = scanned(written(tmp_path, "tail.log", f"{tail} 0.003 [a] -\n" * 3))[1]["contents"]
    assert (content["format"], content["confidence"]) == ("combined-tail", 1.0)
    assert "tail_1" in content["notes"][0]


def caddy(n: int) -> dict[str, Any]:
    request = {"remote_ip": "192.0.2.7", "method": "GET", "uri": f"/member/{n}", "host": "shop.example.org"}
    return {"ts": 1763942400 + n, "logger": "http.log.access", "request": request, "size": 1, "status": 200}


def message(n: int) -> dict[str, Any]:
    return {"ts": 1763942400 + n, "level": "info", "logger": "tls", "msg": f"renewing {n}"}


def test_a_file_of_two_formats_is_read_with_both_and_no_line_is_lost(tmp_path: Path) -> None:
    text = lines(lambda n: message(n) if n % 4 == 0 else caddy(n), 40)
    broken = json.dumps({**caddy(41), "request": {"uri": "/member/41"}}) + "\n"
    path = written(tmp_path, "caddy.log", text + broken + "x\n\n")
    map_file = written(tmp_path, "map.toml", MAP)
    _, told, _ = scanned(path, "--map", map_file)
    (content,) = told["contents"]
    assert content["format"] == "caddy+jsonl"
    # a line that may hold a request stays a reject
    assert [content[name] for name in ("lines", "events", "rejects", "comments")] == [43, 40, 2, 1]
    assert told["coverage"][0]["views"] == 30
    again = scanned(path)[1]["contents"][0]
    assert (again["outcome"], again["format"]) == ("unchanged", "caddy+jsonl")


def test_a_document_is_read_and_each_record_is_found_again(tmp_path: Path) -> None:
    events = [
        {"time": f"2025-11-24T10:00:{n:02}Z", "user": f"u{n}", "path": f"/member/{n}"} for n in range(30)
    ]
    path = written(tmp_path, "export.json", json.dumps(events, indent=2))
    _, told, _ = scanned(path)
    (content,) = told["contents"]
    assert [content[name] for name in ("format", "lines", "events", "rejects")] == ["jsonl", 30, 30, 0]
    path.write_text(json.dumps([*events[:29], {"user": "nobody"}], indent=2))
    rejects = json.loads(whosaw("scan", path, "-w", tmp_path / "w2", "--json").stdout)
    assert rejects["contents"][0]["rejects"] == 1
    (reject,) = json.loads(whosaw("rejects", "-w", tmp_path / "w2", "--json").stdout)["rejects"]
    assert reject["locator"].endswith(":30")
    line = whosaw("line", reject["locator"], "-w", tmp_path / "w2")
    assert json.loads(line.stdout) == {"user": "nobody"}


def days(paths: dict[int, list[str]]) -> str:
    return "".join(
        CLF.format(day, hour, path) for day, hours in paths.items() for hour, path in enumerate(hours)
    )


def test_a_map_that_matches_nothing_is_said(tmp_path: Path) -> None:
    path = written(tmp_path, "access.log", days({3: ["/persons/1", "/a"], 4: ["/persons/2"]}))
    map_file = written(tmp_path, "map.toml", MAP)
    _, told, _ = scanned(path, "--map", map_file)
    assert (told["map"]["events"], told["map"]["views"], told["map"]["matches_nothing"]) == (3, 0, True)
    assert "THE MAP MATCHES NOTHING" in whosaw("scan", path, "-w", tmp_path / "w").stdout
    check = json.loads(whosaw("map", "check", map_file, path, "--json").stdout)
    assert check["matches_nothing"] is True
    assert check["notes"][0].startswith("THE MAP MATCHES NOTHING")


def test_a_source_of_which_no_route_says_anything_is_named(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    written(tmp_path / "logs", "desk.log", days({3: ["/member/1", "/a"]}))
    bare = written(tmp_path / "logs", "teller.log", days({3: ["/t/1", "/t/2", "/t/3"]}))
    map_file = written(tmp_path, "map.toml", MAP)
    note = (
        "not told: lines of teller.log (3 events), of which no route of the map says whose data they show; "
        "whoever was shown there is in no answer"
    )
    told = json.loads(
        whosaw("scan", tmp_path / "logs", "-w", tmp_path / "w", "--map", map_file, "--json").stdout
    )
    assert note in told["map"]["notes"]
    bare.write_text(days({3: ["/t/1", "/t/2", "/member/3"]}))
    told = json.loads(
        whosaw("scan", tmp_path / "logs", "-w", tmp_path / "v", "--map", map_file, "--json").stdout
    )
    assert not [each for each in told["map"]["notes"] if "not told" in each]


def test_a_route_that_stopped_while_traffic_goes_on_is_said(tmp_path: Path) -> None:
    usual, moved = (
        ["/member/1", "/member/2", "/orders/3", "/a"],
        ["/v2/member/1", "/v2/member/2", "/orders/3", "/a"],
    )
    path = written(
        tmp_path,
        "access.log",
        days({**dict.fromkeys(range(3, 9), usual), **dict.fromkeys(range(9, 13), moved)}),
    )
    map_file = written(tmp_path, "map.toml", MAP)
    _, told, _ = scanned(path, "--map", map_file)
    # 2 of 4 events a day were of the route: of 16 since the 9th about 8 were to be expected
    stopped = [
        {
            "route": "member",
            "source": "access.log",
            "last_day": "2025-11-08",
            "days": 6,
            "events_since": 16,
            "expected": 8,
        }
    ]
    assert told["map"]["stopped"] == stopped
    assert told["map"]["matches_nothing"] is False
    assert "never since 2025-11-09" in whosaw("scan", path, "-w", tmp_path / "w").stdout
    assert json.loads(whosaw("map", "check", map_file, path, "--json").stdout)["stopped"] == stopped


@pytest.mark.parametrize(
    "paths",
    [
        {3: ["/member/1"], 4: ["/member/1"], 5: ["/member/1"]},  # the log ends
        {3: ["/member/1"], 4: ["/a"], 5: ["/member/1"], 6: ["/a"] * 20},  # not on each day before
        {**{key: ["/member/1", *(["/a"] * 20)] for key in range(3, 9)}, 9: ["/a"] * 20},  # too few to tell
        {3: ["/member/1"] * 9, 4: ["/a"] * 20},  # one day says nothing
    ],
)
def test_a_route_that_may_only_be_rare_has_not_stopped(paths: dict[int, list[str]], tmp_path: Path) -> None:
    path = written(tmp_path, "access.log", days(paths))
    told = scanned(path, "--map", written(tmp_path, "map.toml", MAP))[1]
    assert told["map"]["stopped"] == []


def test_a_route_that_the_map_ends_has_not_stopped(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "access.log",
        days({**{key: ["/member/1"] for key in range(3, 9)}, **{key: ["/a"] for key in range(9, 20)}}),
    )
    ended = MAP.replace(
        'categories = ["identity.name"]', 'categories = ["identity.name"]\nuntil = 2025-11-09'
    )
    assert scanned(path, "--map", written(tmp_path, "map.toml", ended))[1]["map"]["stopped"] == []


@pytest.mark.parametrize(
    ("said", "noted"), [("", 1), ('principal = "proven"\n', 0), ('principal = "unproven"\n', 0)]
)
def test_names_without_a_sign_of_a_proof_are_said(tmp_path: Path, said: str, noted: int) -> None:
    route = '[[route]]\nid = "i"\nmatch = { path = "/i" }\nsubject = { from = "principal" }\ncategories = ["identity.name"]\n'
    (tmp_path / "map.toml").write_text(said + route)
    line = '192.0.2.1 - u{} [14/Apr/2025:00:00:{:02} +0000] "GET /i HTTP/1.1" 200 5 "-" "a"\n'
    nameless = line.replace("u{}", "-").replace("{:02}", "59") * 40
    (tmp_path / "access.log").write_text("".join(line.format(at % 3, at) for at in range(40)) + nameless)
    _, document, _ = scanned(tmp_path / "access.log", "--map", tmp_path / "map.toml")
    told = [
        note.removeprefix("access.log: ")
        for note in document["notes"]
        if "nothing shows that a name was proven" in note
    ]
    answer = json.loads(
        whosaw("map", "check", tmp_path / "map.toml", tmp_path / "access.log", "--json").stdout
    )
    assert (len(told), len([note for note in answer["notes"] if note in told])) == (noted, noted)
    assert not told or told[0].startswith("40 requests were answered under 3 names, 1 clients under several")
