"""Wrong calls: exit 2, one clear line on standard error, no traceback, nothing written."""

from __future__ import annotations

import fcntl
import json
import re
import signal
from pathlib import Path

import pytest
import typer
from tests.unit.cli.conftest import call, files_below

from whosaw.cli.app import fail_clearly
from whosaw.scope.link_item import shipped_links

NEVER = "Traceback|internal error|site-packages"
LOG = ("scan", "access.log")


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (("scan", "no-such.log"), "no-such.log: there is no such file or folder"),
        (("scan", "*.none"), r"\*.none: no file matches this pattern"),
        (("scan", "empty"), "nothing to read in empty"),
        ((*LOG, "--map", "absent.toml"), "absent.toml: cannot be read"),
        ((*LOG, "--map", "access.log"), "access.log:1: is not valid TOML"),
        ((*LOG, "--context", "absent"), "absent: is not a folder"),
        ((*LOG, "--formats", "absent"), "absent: is not a folder"),
        ((*LOG, "--format", "nonsense"), "there is no format 'nonsense'"),
        ((*LOG, "--format", "nginx:"), "has no format string"),
        ((*LOG, "--format", "nginx:$foo"), "has no time"),
        ((*LOG, "--format", "json:time"), "time is not followed by = and a path"),
        ((*LOG, "--tz", "Mars/Base"), "'Mars/Base' is not a time zone"),
        ((*LOG, "--tz", "+99:00"), r"'\+99:00' is not a time zone"),
        ((*LOG, "--workspace", "thesis"), "thesis exists and is no whosaw workspace"),
        ((*LOG, "--workspace", "access.log"), "access.log exists and is no whosaw workspace"),
        (("who", "7"), "whosaw-data is no whosaw workspace. Run `whosaw scan PATH`"),
        (("what", "192.0.2.1"), "is no whosaw workspace"),
        (("findings",), "is no whosaw workspace"),
        (("coverage",), "is no whosaw workspace"),
        (("rejects",), "is no whosaw workspace"),
        (("line", "abcdef:1"), "is no whosaw workspace"),
        (("export", "access-record", "record.csv"), "is no whosaw workspace"),
        (("export", "access-record", "record.doc"), "ends in neither .csv nor .json"),
        (("formats", "nonsense"), "there is no format 'nonsense'"),
        (("formats", "--formats", "absent"), "absent: is not a folder"),
        (("map", "check", "absent.toml"), "absent.toml: cannot be read"),
        (("map", "check", "map.toml", "no-such.log"), "no-such.log: there is no such file"),
        (("map", "suggest"), "nothing to draft a map from"),
        (("map", "suggest", "no-such.log"), "no-such.log: there is no such file"),
        (("map", "suggest", "--openapi", "absent.json"), "absent.json: cannot be read"),
        (("map", "suggest", "--har", "access.log"), "is no document that a map can be drafted from"),
        (
            ("map", "suggest", "access.log", "-o", "absent/draft.toml"),
            "absent/draft.toml could not be written",
        ),
        (
            ("hold", "start", "access.log", "--order", "order 12"),
            "not said when the order was made. Give the time with --at",
        ),
        (("packs", "check", "absent"), "absent is no folder"),
        (("demo", "thesis"), "thesis is there already"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_wrong_call_is_refused_clearly(fresh: Path, args: tuple[str, ...], told: str) -> None:
    (fresh / "empty").mkdir()
    (fresh / "thesis").mkdir()
    (fresh / "thesis" / "chapter.tex").write_text("x")
    before = files_below(fresh)
    done = call(*args)
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.startswith("whosaw: ")
    assert re.search(told, done.stderr)
    assert not re.search(NEVER, done.stderr)
    lines = done.stderr.splitlines()
    assert len(lines) == 1 or (len(lines) == 2 and lines[1] == "1 fault found, nothing was written")
    assert files_below(fresh) == before
    assert not (fresh / "whosaw-data").exists()


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (("who", "4711"), r"no line that was read carried data of 4?\*+"),
        (("who", "p999999"), "no line that was read carried data of"),
        (("what", "198.51.100.9"), "does not occur in the logs that were read"),
        (("what", "c999999"), "does not occur in the logs that were read"),
        (("what", "token=nobody"), "whosaw: token "),
        (("what", "f-none"), "no finding with an id that begins with 'f-none'"),
        (("findings", "--explain", "f-none"), "no finding with an id"),
        (("line", "nonsense"), "'nonsense' is no locator"),
        (("line", "0123456789abcdef:1"), "nothing that was read has the digest"),
        (("coverage", "--source", "absent.log"), "no file that was read belongs to 'absent.log'"),
        (("rejects", "--source", "absent.log"), "no file that was read belongs to 'absent.log'"),
        (("scan", "whosaw-data"), "whosaw-data.*workspace"),
        (("export", "access-record", "absent/record.csv"), "absent/record.csv could not be written"),
        (("who", "7", "--key-file", "absent.key"), "absent.key is gone"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_what_the_ledger_does_not_know_is_said(folder: Path, args: tuple[str, ...], told: str) -> None:
    before = files_below(folder)
    done = call(*args)
    assert (done.exit_code, done.stdout) == (2, "")
    assert re.search(told, done.stderr)
    assert not re.search(NEVER, done.stderr)
    assert len(done.stderr.splitlines()) == 1
    assert files_below(folder) == before


@pytest.mark.parametrize(
    "args", [("nonsense",), ("scan",), ("who",), ("what", "c1", "--persons", "-1")], ids=" ".join
)
def test_wrong_usage_exits_with_two(fresh: Path, args: tuple[str, ...]) -> None:
    done = call(*args)
    assert (done.exit_code, done.stdout) == (2, "")
    assert not re.search(NEVER, done.stderr)
    assert not (fresh / "whosaw-data").exists()


BAD_MAP = """\
[[route]]
id = "my-info"
match = { method = "GET", path = "/customers/{id}" }
subject = { from = "path", name = "no-such" }
categories = ["identity.nam"]

[[route]]
id = "my-info"
match = { path = "/my(" , metod = "GET" }
subject = { from = "cookie" }
categories = []
since = 2025-02-01
until = 2025-01-01
"""
BAD_FORMAT = 'id = "other"\ntitle = "x"\nkind = "template"\n'


@pytest.mark.parametrize(
    "args", [("scan", "access.log", "--map", "bad.toml"), ("map", "check", "bad.toml")], ids=" ".join
)
def test_all_faults_of_a_map_are_told_at_once_with_file_line_and_item(
    fresh: Path, args: tuple[str, ...]
) -> None:
    (fresh / "bad.toml").write_text(BAD_MAP)
    before = files_below(fresh)
    done = call(*args)
    assert (done.exit_code, done.stdout) == (2, "")
    *faults, last = done.stderr.removeprefix("whosaw: ").splitlines()
    assert last == f"{len(faults)} faults found, nothing was written"
    places = [re.match(r"bad\.toml:(\d+) \[my-info\]: ", fault) for fault in faults]
    assert all(places)
    lines = [int(place[1]) for place in places if place]
    assert lines == sorted(lines)
    assert set(lines) >= {4, 5, 9, 10, 11}
    assert files_below(fresh) == before


def test_faults_of_map_and_own_formats_are_told_together(fresh: Path) -> None:
    (fresh / "bad.toml").write_text(BAD_MAP)
    (fresh / "own").mkdir()
    (fresh / "own" / "mine.toml").write_text(BAD_FORMAT)
    done = call("scan", "access.log", "--map", "bad.toml", "--formats", "own")
    assert done.exit_code == 2
    assert "bad.toml:4 [my-info]" in done.stderr
    assert "own/mine.toml" in done.stderr
    assert not (fresh / "whosaw-data").exists()


def test_faults_of_own_items_are_told_by_packs_check(fresh: Path) -> None:
    (fresh / "own" / "formats").mkdir(parents=True)
    (fresh / "own" / "formats" / "mine.toml").write_text(BAD_FORMAT)
    done = call("packs", "check", "own")
    assert (done.exit_code, done.stdout) == (2, "")
    assert "mine.toml" in done.stderr


@pytest.fixture
def one_shipped(fresh: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """As if one link came with whosaw, and not all, whose cases take long; its text."""
    text = (shipped_links() / "same-token.toml").read_text(encoding="utf-8")
    (fresh / "shipped").mkdir()
    (fresh / "shipped" / "same-token.toml").write_text(text, encoding="utf-8")
    monkeypatch.setattr("whosaw.app.packs.shipped_links", lambda: fresh / "shipped")
    return text


def test_a_link_whose_case_comes_out_otherwise_is_told_by_packs_check(fresh: Path, one_shipped: str) -> None:
    mine = one_shipped.replace('id = "same-token"', 'id = "mine"').replace("held = 12", "held = 13", 1)
    (fresh / "own" / "links").mkdir(parents=True)
    (fresh / "own" / "links" / "mine.toml").write_text(mine, encoding="utf-8")
    done = call("packs", "check", "own", "--kind", "links")
    assert (done.exit_code, done.stdout) == (2, "")
    assert "[mine]: case 1: 12 views are held and 0 possible, not 13 and 0" in done.stderr


def test_packs_check_of_a_kind_or_an_item_looks_at_nothing_else(
    fresh: Path, one_shipped: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (fresh / "own" / "links").mkdir(parents=True)
    for name, held in (("mine", 12), ("wrong", 13)):
        text = one_shipped.replace('id = "same-token"', f'id = "{name}"').replace(
            "held = 12", f"held = {held}", 1
        )
        (fresh / "own" / "links" / f"{name}.toml").write_text(text, encoding="utf-8")
    monkeypatch.setattr("whosaw.app.packs.load_formats", lambda *_: pytest.fail("formats were not asked for"))
    alone = call("packs", "check", "own/links/mine.toml", "--json")
    assert alone.exit_code == 0, alone.stderr
    assert json.loads(alone.stdout) == {"items": {"links": 3}, "cases": one_shipped.count("[[case]]")}
    for asked in (["own/links"], ["own", "--kind", "links"], ["own/links/wrong.toml"]):
        done = call("packs", "check", *asked)
        assert (done.exit_code, done.stdout) == (2, "")
        assert "[wrong]: case 1" in done.stderr
        assert "[mine]" not in done.stderr


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (["--kind", "format"], "Did you mean formats?"),
        (["nowhere"], "nowhere is no folder, nor an item in one"),
        (["own/links/none.toml"], "none.toml is no folder, nor an item in one"),
        (["own/links", "--kind", "formats"], "own/links holds links, not formats"),
    ],
)
def test_packs_check_of_what_is_not_there_is_refused(fresh: Path, asked: list[str], said: str) -> None:
    (fresh / "own" / "links").mkdir(parents=True)
    done = call("packs", "check", *asked)
    assert (done.exit_code, done.stdout) == (2, "")
    assert said in " ".join(done.stderr.split())


def test_faults_of_context_are_told_and_nothing_is_written(fresh: Path) -> None:
    (fresh / "context").mkdir()
    (fresh / "context" / "canaries.csv").write_text("colour\nred\n")
    done = call("scan", "access.log", "--context", "context")
    assert (done.exit_code, done.stdout) == (2, "")
    assert "canaries.csv" in done.stderr
    assert not re.search(NEVER, done.stderr)
    assert not (fresh / "whosaw-data").exists()


def test_busy_workspace_is_refused_and_left_alone(fresh: Path) -> None:
    assert call("scan", "access.log").exit_code == 0
    with open(fresh / "access.log", "a") as more:
        more.write("one more line\n")
    before = files_below(fresh / "whosaw-data")
    with open(fresh / "whosaw-data" / "lock", "a") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        done = call("scan", "access.log")
    assert (done.exit_code, done.stdout) == (2, "")
    assert "another scan is writing to whosaw-data" in done.stderr
    assert files_below(fresh / "whosaw-data") == before


def test_report_that_cannot_be_written_is_said_after_a_scan_that_is_kept(fresh: Path) -> None:
    done = call("scan", "access.log", "--report", "absent/page.html")
    assert (done.exit_code, done.stdout) == (2, "")
    assert "absent/page.html could not be written" in done.stderr
    assert call("coverage").exit_code == 0
    assert not (fresh / "absent").exists()


def test_interrupt_that_a_library_made_an_error_of_its_own_is_still_one(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """As DuckDB does: it ends its query with a RuntimeError."""

    @fail_clearly
    def command() -> None:
        try:
            signal.raise_signal(signal.SIGINT)
        except KeyboardInterrupt:
            raise RuntimeError("Query interrupted") from None

    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(typer.Exit) as left:
        command()
    assert left.value.exit_code == 130
    assert capsys.readouterr().err == "whosaw: stopped\n"
    assert signal.getsignal(signal.SIGINT) is before


def test_fault_of_whosaw_itself_is_said_without_what_it_held(capsys: pytest.CaptureFixture[str]) -> None:
    @fail_clearly
    def command() -> None:
        raise KeyError("192.0.2.1")

    with pytest.raises(typer.Exit) as left:
        command()
    assert left.value.exit_code == 2
    assert capsys.readouterr().err == (
        "whosaw: internal error (KeyError); please report it with the output of WHOSAW_TRACEBACK=1\n"
    )


def test_a_file_that_cannot_be_opened_fails_the_scan_after_all_others(fresh: Path) -> None:
    (fresh / "logs").mkdir()
    (fresh / "logs/a.log").write_text(
        '192.0.2.1 - - [14/Apr/2025:00:00:01 +0000] "GET / HTTP/1.1" 200 7 "-" "a"\n'
    )
    (fresh / "logs/b.log").symlink_to("b.log")
    done = call("scan", "logs", "--json")
    assert done.exit_code == 2
    assert json.loads(done.stdout)["read"]["events"] == 1
    assert "logs/b.log could not be opened and was not read" in done.stderr
