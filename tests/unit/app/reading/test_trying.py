"""A file is tried before it is scanned: what each column is from, what nothing took, and a draft where that is not enough."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from whosaw.app.reading.drafts import propose
from whosaw.app.reading.trying import try_file
from whosaw.cli.main import app
from whosaw.core.errors import WhosawError

DAY = date(2025, 11, 25)
COMBINED = '192.0.2.7 - ann [24/Nov/2025:10:00:00 +0000] "GET /a?b=1 HTTP/1.1" 200 1 "-" "curl/8"\n'


def test_each_column_says_which_field_it_is_from_and_persons_are_masked(tmp_path: Path) -> None:
    line = {
        "ts": "2025-11-24T01:02:03Z",
        "user": {"email": "ann.kim@example.org", "age": 41},
        "request": "GET /members/ann?tab=1 HTTP/1.1",
        "client_ip": "192.0.2.7",
        "team": "care desk",
    }
    (tmp_path / "a.jsonl").write_text("".join(json.dumps(line) + "\n" for _ in range(5)), encoding="utf-8")
    tried = try_file(str(tmp_path / "a.jsonl"), day=DAY)
    assert tried.format == "jsonl"
    assert {each.name: each.sources for each in tried.columns} == {
        "time": ("ts",),
        "address": ("client_ip",),
        "method": ("{request|method}",),
        "path": ("{request|target|path}",),
        "query": ("{request|target|query}",),
        "protocol": ("{request|protocol}",),
        "principal": ("user.email",),
    }
    assert [(each.name, each.kept) for each in tried.unused] == [("user.age", False), ("team", False)]
    shown = repr(tried)
    assert not [word for word in ("ann", "192.0.2.7", "care desk") if word in shown]
    assert tried.option == (
        "json:time=ts,address=client_ip,method={request|method},path={request|target|path},query={request|target|query},"
        "protocol={request|protocol},principal=user.email"
    )
    assert tried.missing == ()
    assert tried.draft is None


def test_names_in_paths_are_masked_in_what_is_shown_and_in_what_is_drafted(tmp_path: Path) -> None:
    paths = ["/users/anna/orders", "/users/anna/cards", "/users/anna", "/users/anna/claims", "/blog/puppet"]
    lines = [
        {"at": f"2025-11-24T01:02:0{number}Z", "verb": "GET", "url": path, "code": 200, "from": "192.0.2.7"}
        for number, path in enumerate(paths)
    ]
    (tmp_path / "a.jsonl").write_text("".join(json.dumps(each) + "\n" for each in lines), encoding="utf-8")
    tried = try_file(str(tmp_path / "a.jsonl"), draft=True, day=DAY)
    assert tried.draft is not None
    assert "/users/xxxx" in tried.draft.text
    assert "anna" not in repr(tried)
    (tmp_path / "b.log").write_text(
        COMBINED.replace("/a?b=1", "/users/anna/orders?name=anna").replace(
            '"-" "curl', '"https://a.example.org/users/anna" "curl'
        )
    )
    again = try_file(str(tmp_path / "b.log"), day=DAY)
    assert {each.name: each.values[0] for each in again.columns if each.name in ("path", "query", "referer")} == {
        "path": "/users/a***a/orders", "query": "name=a***a", "referer": "https://a.example.org/users/a***a",
    }  # fmt: skip


def test_the_project_says_how_a_file_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "a.log").write_text("at;who;where\n" + "2025-11-24 10:00:00;ann;/a\n" * 3)
    (tmp_path / "whosaw.toml").write_text(
        'zone = "Asia/Seoul"\n[[logs]]\nfiles = "logs/*.log"\nformat = "csv:time=at,principal=who,path=where"\n'
    )
    monkeypatch.chdir(tmp_path / "logs")
    told = CliRunner().invoke(app, ["formats", "try", "a.log", "--json"])
    assert told.exit_code == 0, told.output
    found = json.loads(told.stdout)
    assert found["needs_zone"] is False
    assert found["columns"][0]["values"][0] == "2025-11-24T01:00:00Z"


def test_the_option_it_shows_reads_the_file_as_it_was_read(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"ts":1763946123,"sub":"u7","uri":"/a?b=1"}\n' * 3, encoding="utf-8")
    first = try_file(str(tmp_path / "a.jsonl"), day=DAY)
    again = try_file(str(tmp_path / "a.jsonl"), format_name=first.option, day=DAY)
    assert again.columns == first.columns


def test_a_template_names_its_places(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_text(COMBINED * 4 + "out of memory\n", encoding="utf-8")
    tried = try_file(str(tmp_path / "a.log"), day=DAY)
    sources = {each.name: each.sources for each in tried.columns}
    assert sources["path"] == ("{request}",)
    assert sources["address"] == ("{address}",)
    assert (tried.events, tried.rejects, tried.reasons) == (4, 1, {"it does not fit the format combined": 1})


def test_what_no_column_takes_of_a_table_is_kept(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("time,user,site\n2025-11-24T01:02:03Z,ann,north\n", encoding="utf-8")
    tried = try_file(str(tmp_path / "a.csv"), day=DAY)
    assert {each.name: each.sources for each in tried.columns}["principal"] == ("user",)
    assert [(each.name, each.kept, each.examples) for each in tried.unused] == [("site", True, ("n***h",))]


def test_a_table_with_semicolons_is_drafted_and_the_draft_reads_it(tmp_path: Path) -> None:
    rows = [
        f"03{n};2025-11-24T01:{n:02}:03Z;p{n % 4}.kim;203.0.113.{n % 4};/members/{n * 37};GET"
        for n in range(40)
    ]
    (tmp_path / "own.log").write_text(
        "\n".join(["nr;wann;wer;woher;seite;wie", *rows]) + "\n", encoding="utf-8"
    )
    tried = try_file(str(tmp_path / "own.log"), day=DAY)
    assert tried.format == "unknown"
    assert tried.draft is not None
    assert (tried.draft.delimiter, tried.draft.header) == (";", True)
    out = tmp_path / "own" / "desk.toml"
    done = CliRunner().invoke(app, ["formats", "try", str(tmp_path / "own.log"), "--output", str(out)])
    assert done.exit_code == 0, done.output
    again = try_file(str(tmp_path / "own.log"), own_formats=[out.parent], day=DAY)
    assert (again.format, again.rejects, again.missing) == ("desk", 0, ())
    assert {each.name: each.sources[0] for each in again.columns if each.sources} == {
        "time": "wann", "address": "woher", "principal": "wer", "path": "{seite|path}", "method": "wie",
    }  # fmt: skip
    # what is there is not written over
    assert (
        CliRunner().invoke(app, ["formats", "try", str(tmp_path / "own.log"), "--output", str(out)]).exit_code
        == 2
    )


def test_times_without_an_offset_are_said_to_need_a_zone(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"time":"2025-11-24 01:02:03","user":"ann"}\n', encoding="utf-8")
    assert try_file(str(tmp_path / "a.jsonl"), day=DAY).needs_zone
    tried = try_file(str(tmp_path / "a.jsonl"), zone="+09:00", day=DAY)
    assert not tried.needs_zone
    assert tried.columns[0].values == ("2025-11-23T16:02:03Z",)


def test_text_that_is_no_layout_has_no_draft(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("it is raining\nit is cold, too\n" * 5, encoding="utf-8")
    assert propose([str(tmp_path / "a.txt")], day=DAY) is None
    done = CliRunner().invoke(
        app, ["formats", "try", str(tmp_path / "a.txt"), "-o", str(tmp_path / "x.toml")]
    )
    assert done.exit_code == 2
    assert "no format can be drafted" in done.stderr


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_text("\n", encoding="utf-8")
    with pytest.raises(WhosawError, match="has no lines"):
        try_file(str(tmp_path / "a.log"), day=DAY)


def test_an_id_alone_shows_its_format() -> None:
    shown = CliRunner().invoke(app, ["formats", "combined"])
    assert shown.stdout.startswith("combined  Combined access log")
    assert CliRunner().invoke(app, ["formats", "show", "combined"]).stdout == shown.stdout
    assert "no format 'nothing'" in CliRunner().invoke(app, ["formats", "nothing"]).stderr


def test_every_column_says_what_it_holds() -> None:
    columns = json.loads(CliRunner().invoke(app, ["formats", "columns", "--json"]).stdout)["columns"]
    assert len(columns) > 20
    assert not [each["name"] for each in columns if not each["about"]]
