"""From a folder of logs to `who` by a project file: drafted, shown, and taken by every command."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from typer.testing import CliRunner, Result

from whosaw.cli.main import app

pytestmark = pytest.mark.usefixtures("without_detection")

ROOT = Path(__file__).resolve().parents[3]
WEB = '192.0.2.{n} - - [03/Mar/2025:09:00:0{n} +0000] "GET /customers/1000{n}/addresses HTTP/1.1" 200 512 "-" "Firefox/136.0"\n'
APP_FORMAT = '"json:time=when,principal=who,address=ip,method=method,path={url|path},status=status"'
APP = '{{"when":"2025-03-03 10:00:0{n}","who":"{who}","ip":"198.51.100.{n}","method":"GET","url":"/customers/1000{person}","status":200}}\n'


WHO = ("anna.k", "joon.p", "mina.s")


def call(*args: str) -> Result:
    return CliRunner().invoke(app, list(args))


def first_view(*more: str) -> str:
    """When customer 10002 was first seen."""
    answer = json.loads(call("who", "10002", "--json", *more).stdout)
    return min(str(each["first"]) for each in answer["exposures"])


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two services: one whose log says its zone, and one whose layout nobody knows and whose times have no offset."""
    for service, name, text in (("web", "access.log", WEB), ("crm", "audit.jsonl", APP)):
        (tmp_path / "logs" / service).mkdir(parents=True)
        (tmp_path / "logs" / service / name).write_text(
            "".join(text.format(n=n, who=WHO[n % 3], person=min(n, 4) - 1) for n in range(1, 7))
        )
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_draft_becomes_an_answer(shop: Path) -> None:
    drafted = call("init", "logs")
    assert drafted.exit_code == 0, drafted.stderr
    assert "logs/web/access.log*  (1 file): combined, 100% of the lines looked at" in drafted.stdout
    assert "10002" not in drafted.stdout + (shop / "whosaw.toml").read_text()
    assert "logs/crm/audit.jsonl*  (1 file): crm (drafted), 100% of the lines looked at" in drafted.stdout
    assert "open: logs/crm/audit.jsonl*: its times have no offset" in drafted.stdout
    text = (shop / "whosaw.toml").read_text()
    assert 'source = "web"\nformat = "combined"\n' in text
    drafted_map = (shop / "map.toml").read_text()
    assert 'path = "/customers/{id}/addresses"' in drafted_map
    assert 'path = "/customers/{id}"' in drafted_map

    refused = call("scan")
    assert refused.exit_code == 2
    assert "times of the format crm have no offset" in refused.stderr
    text = text.replace('# zone = "Africa/Nairobi"  # its times', 'zone = "Asia/Seoul"  # its times')
    (shop / "whosaw.toml").write_text(text)

    scanned = call("scan", "--json")
    assert scanned.exit_code == 0, scanned.stderr
    told = json.loads(scanned.stdout)
    assert (told["read"]["lines"], told["read"]["events"]) == (6, 6)  # the web was read before the refusal
    assert {each["source"] for each in told["coverage"]} == {"web", "crm"}

    answer = json.loads(call("who", "10002", "--json").stdout)
    # the page of the web at 09:00:02 UTC, and one look of an agent at 10:00:03 in Seoul, which is 01:00:03 UTC
    assert (answer["views"]["lower"], answer["views"]["upper"]) == (2, 2)
    firsts = {each["first"] for each in answer["exposures"]}
    assert firsts == {"2025-03-03T01:00:03Z", "2025-03-03T09:00:02Z"}


def test_a_file_that_cannot_be_opened_is_no_file_that_is_not_there(shop: Path) -> None:
    (shop / "logs" / "web" / "error.log").symlink_to("error.log")
    drafted = call("init", "logs", "--tz", "Asia/Seoul")
    assert "open: logs/web/error.log: cannot be opened: too many levels of symbolic links" in drafted.stdout
    assert "skipped" not in drafted.stdout
    assert 'files = ["logs/web/error.log"]' in (shop / "whosaw.toml").read_text()
    done = call("scan")
    assert done.exit_code == 2
    assert "whosaw: logs/web/error.log could not be opened and was not read" in done.stderr
    assert "skipped: logs/web/error.log: cannot be opened" in done.stdout
    assert call("who", "10002").exit_code == 0

    (shop / "logs" / "web" / "error.log").unlink()
    gone = call("scan")
    assert gone.exit_code == 2
    assert "logs/web/error.log" in gone.stderr


def test_what_a_project_names_may_be_drafted_while_it_is_not_there_yet(shop: Path) -> None:
    """A map and a folder of formats; a scan asks for both, and other faults are told as ever."""
    (shop / "whosaw.toml").write_text(
        'map = "map.toml"\nformats = ["own"]\n[[logs]]\nfiles = ["logs/web/*.log"]\n[[logs]]\n'
        'files = ["logs/crm/*.jsonl"]\nzone = "Africa/Nairobi"\n'
    )
    tried = call("formats", "try", "logs/crm/audit.jsonl", "--output", "own/crm.toml")
    assert tried.exit_code == 0, tried.stderr
    assert "there is no file map.toml" in call("scan").stderr
    drafted = call("map", "suggest", "--output", "map.toml")
    assert drafted.exit_code == 0, drafted.stderr
    assert drafted.stdout.rstrip().endswith("then: whosaw scan")
    assert call("scan").exit_code == 0
    (shop / "map.toml").unlink()
    (shop / "whosaw.toml").write_text('map = "map.toml"\n[[logs]]\nfiles = ["logs/web/*.txt"]\n')
    refused = call("map", "suggest", "--output", "map.toml")
    assert (refused.exit_code, "no file is logs/web/*.txt" in refused.stderr) == (2, True)
    assert "map.toml" not in refused.stderr.replace("whosaw.toml", "")


def test_init_writes_over_nothing(shop: Path) -> None:
    (shop / "whosaw.toml").write_text("# mine\n")
    refused = call("init", "logs")
    assert refused.exit_code == 2
    assert "init writes over nothing" in refused.stderr
    assert (shop / "whosaw.toml").read_text() == "# mine\n"
    (shop / "whosaw.toml").unlink()
    (shop / "map.toml").write_text("# my map\n")
    assert call("init", "logs").exit_code == 0
    assert (shop / "map.toml").read_text() == "# my map\n"


def test_the_document_of_init_fits_its_schema(shop: Path) -> None:
    found = json.loads(call("init", "logs", "--tz", "Asia/Seoul", "--json").stdout)
    schema = json.loads((ROOT / "docs" / "reference" / "json" / "init.schema.json").read_text())
    Draft202012Validator(schema).validate(found)
    assert [each["source"] for each in found["found"]["groups"]] == ["crm", "web"]
    assert found["found"]["groups"][0]["proposal"]["unused"] == []


PROJECT = f"""\
workspace = "ledger"
map = "map.toml"

[[logs]]
files = "logs/web/*"
source = "web"

[[logs]]
files = "logs/crm/*"
source = "crm"
zone = "Asia/Seoul"
format = {APP_FORMAT}
"""
MAP = """\
[[route]]
id = "customer"
match = { path = "/customers/{id}" }
subject = { from = "path", name = "id" }
categories = ["identity.name"]
"""


@pytest.fixture
def described(shop: Path) -> Path:
    (shop / "whosaw.toml").write_text(PROJECT)
    (shop / "map.toml").write_text(MAP)
    return shop


def test_it_is_found_from_a_folder_below_and_flags_win(
    described: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(described / "logs" / "web")
    assert call("scan").exit_code == 0
    assert Path.cwd() == described / "logs" / "web"
    assert (described / "ledger").is_dir()
    assert first_view() == "2025-03-03T01:00:03Z"
    # a path that is named is named from where the command runs, and a flag goes before the file
    again = json.loads(
        call("scan", "../crm/audit.jsonl", "--tz", "UTC", "--workspace", "mine", "--json").stdout
    )
    assert [each["events"] for each in again["contents"]] == [6]
    assert (described / "logs" / "web" / "mine").is_dir()
    assert first_view("--workspace", "mine") == "2025-03-03T10:00:03Z"


def test_each_command_that_spark_can_run_takes_the_runner_of_the_file(
    described: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (described / "whosaw.toml").write_text('runner = "nowhere"\n' + PROJECT)
    below = described / "drills"
    below.mkdir()
    (below / "no_one.toml").write_text("")
    monkeypatch.chdir(below)
    make = ("replay", "make", "made", "--scale", "0.0001", "--set", "span.days=2")
    for command in (("scan", "../logs"), ("scope", "new", "--case", "shop"), make):
        assert "there is no runner 'nowhere'" in call(*command).stderr
    assert "is no whosaw workspace" in call("scope", "new", "--case", "shop", "--runner", "local").stderr
    # a flag goes before the file, and what is named is named from here
    assert call(*make, "--runner", "local").exit_code == 0
    assert (below / "made" / "truth.json").is_file()
    assert "about is missing" in call(*make, "--breach", "no_one.toml").stderr
    assert "no breach is named 'nobody'" in call(*make, "--breach", "nobody").stderr


def test_config_says_what_holds_and_why(described: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WHOSAW_WORKSPACE", "elsewhere")
    told = json.loads(call("config", "--map", "other.toml", "--json").stdout)
    held = {each["key"]: (each["value"], each["why"], each["line"]) for each in told["settings"]}
    assert held["workspace"] == (["elsewhere"], "environment", None)
    assert held["map"] == (["other.toml"], "flag", None)
    assert held["context"][1] == "default"
    crm = {each["key"]: (each["value"], each["why"], each["line"]) for each in told["logs"][1]["settings"]}
    assert crm["zone"] == (["Asia/Seoul"], "file", 11)
    assert (told["logs"][1]["line"], told["logs"][1]["found"]) == (8, 1)
    assert "line 12" in call("config").stdout


def test_a_fault_is_one_clear_line(described: Path) -> None:
    (described / "whosaw.toml").write_text(PROJECT.replace("zone =", "zoen ="))
    for command in (["scan"], ["who", "1"], ["config"]):
        refused = call(*command)
        assert refused.exit_code == 2
        assert refused.stderr.startswith(
            "whosaw: whosaw.toml:11: logs.1.zoen is not known here. Did you mean zone?\n"
        )


def test_scan_without_logs_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    refused = call("scan")
    assert refused.exit_code == 2
    assert refused.stderr == (
        "whosaw: no logs are named, and there is no whosaw.toml here or in a folder above. "
        "Name logs, or draft one: whosaw init FOLDER\n"
    )


@pytest.mark.parametrize("width", [40, 60, 80, 120])
def test_no_number_is_cut_at_any_width(width: int, shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import io

    from whosaw.cli import console

    shown = io.StringIO()
    monkeypatch.setattr(
        console, "_out", console.Console(file=shown, width=width, highlight=False, emoji=False)
    )
    assert call("init", "logs", "--tz", "Asia/Seoul").exit_code == 0
    assert call("config").exit_code == 0
    text = shown.getvalue()
    for whole in ("2025-03-03T09:00:01Z", "2025-03-03T01:00:01Z", "line 11", "512", "Asia/Seoul", "1 file"):
        assert whole in text, whole
