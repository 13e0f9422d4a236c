"""Who saw a person as files for other programs, held against what their definitions say; and the commands around them."""

from __future__ import annotations

import copy
import hashlib
import json
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker
from tests.schemas import validate
from tests.web.balp import PROFILE, faults
from tests.web.conftest import entries
from tests.web.own_shop import ME, NEVER
from typer.testing import CliRunner, Result

from whosaw.app.own import audit_event
from whosaw.cli import main

# of e-gov/AJ, dumonitor-openapi.yaml 2.1.0: the answer to findUsage
USAGE: dict[str, Any] = {
    "type": "object",
    "required": ["totalUsages", "usages"],
    "additionalProperties": False,
    "properties": {
        "totalUsages": {"type": "integer", "minimum": 0},
        "usages": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["logtime", "action", "receiverCode", "receiverSystem"],
                "additionalProperties": False,
                "properties": {
                    "logtime": {"type": "string", "format": "date-time"},
                    **{
                        name: {"type": "string", "minLength": 1}
                        for name in ("action", "receiverCode", "receiverName", "receiverSystem")
                    },
                },
            },
        },
    },
}


@pytest.fixture
def here(own_shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    own_shop.rename(tmp_path / "whosaw-data")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("WHOSAW_TOKEN", raising=False)
    return tmp_path / "whosaw-data"


def call(*words: str) -> Result:
    return CliRunner().invoke(main.app, list(words))


def told(schema: str, *words: str) -> dict[str, Any]:
    done = call(*words, "--json")
    assert done.exit_code == 0, done.stderr
    document: dict[str, Any] = json.loads(done.stdout)
    validate(schema, document)
    return document


def written(kind: str, *words: str) -> dict[str, Any]:
    made = told("answer-export", "answer", ME, "--reason", "request 1", "--as", kind, "--out", "out", *words)
    data = Path(made["file"]).read_bytes()
    assert hashlib.sha256(data).hexdigest() == made["sha256"]
    document: dict[str, Any] = json.loads(data)
    return document


def test_audit_events_are_as_the_profile_says(here: Path) -> None:
    bundle = written("fhir-auditevent", "--organisation", "Duka la Mfano")
    assert (bundle["resourceType"], bundle["type"]) == ("Bundle", "collection")
    events = [each["resource"] for each in bundle["entry"]]
    assert [faults(each) for each in events] == [[]] * 6
    assert len({each["fullUrl"] for each in bundle["entry"]}) == 6
    assert audit_event.PROFILE == PROFILE
    times = [each["recorded"] for each in events]
    assert times == sorted(times, reverse=True)
    staff = next(each for each in events if "support desk" in json.dumps(each))
    assert staff["agent"][2]["who"]["display"] == "a member of staff (support desk)"
    views = sum(
        int(detail["valueString"])
        for each in events
        for detail in each["entity"][1]["detail"]
        if detail["type"] == "views"
    )
    assert views == 10
    text = json.dumps(bundle)
    assert all(each not in text for each in ("s-7", "192.0.2.", "203.0.113."))


def drop(*path: str | int) -> Callable[[Any], None]:
    def act(event: Any) -> None:
        for each in path[:-1]:
            event = event[each]
        del event[path[-1]]

    return act


def put(value: Any, *path: str | int) -> Callable[[Any], None]:
    def act(event: Any) -> None:
        for each in path[:-1]:
            event = event[each]
        event[path[-1]] = value

    return act


WRONG = {
    "meta.profile": drop("meta"),
    "type": put("login", "type", "code"),
    "subtype:anyRead": put("search", "subtype", 0, "code"),
    "action": put("E", "action"),
    "recorded": put("2026-11-08", "recorded"),
    "outcome": put("4", "outcome"),
    "source.observer": drop("source", "observer"),
    "agent:server": drop("agent", 0),
    "agent:client": put("110153", "agent", 1, "type", "coding", 0, "code"),
    "agent:client.network": drop("agent", 1, "network"),
    "agent:server.who": drop("agent", 0, "who"),
    "agent:user": put("no", "agent", 2, "requestor"),
    "agent.requestor": drop("agent", 0, "requestor"),
    "entity": drop("entity", 0),
    "entity:patient.role": drop("entity", 0, "role"),
    "entity:patient.what": drop("entity", 0, "what"),
    "entity:patient.what is of a Patient": put("Device", "entity", 0, "what", "type"),
    "entity:data": put("1", "entity", 1, "type", "code"),
    "entity:data.role": put("1", "entity", 1, "role", "code"),
    "entity.detail": drop("entity", 1, "detail", 0, "valueString"),
    ".purpose is no element": put([], "purpose"),
    "agent.address is no element": put("x", "agent", 0, "address"),
    "id": put("no id", "id"),
}


@pytest.mark.parametrize("fault", WRONG)
def test_what_the_profile_asks_for_is_looked_at(whole: dict[str, Any], fault: str) -> None:
    event = copy.deepcopy(whole)
    WRONG[fault](event)
    assert fault in faults(event)


@pytest.fixture(scope="module")
def whole(made_own_shop: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """An event that is as it should be."""
    out, root = tmp_path_factory.mktemp("out"), tmp_path_factory.mktemp("whole") / "ws"
    shutil.copytree(made_own_shop, root)
    words = ["answer", ME, "--reason", "x", "--as", "fhir-auditevent", "--out", str(out), "-w", str(root)]
    assert call(*words).exit_code == 0
    (path,) = out.iterdir()
    event: dict[str, Any] = json.loads(path.read_text())["entry"][0]["resource"]
    return event


def test_find_usage_is_as_its_definition_says_and_needs_a_code(here: Path) -> None:
    refused = call("answer", ME, "--reason", "x", "--as", "find-usage")
    assert (refused.exit_code, "registry code" in refused.stderr) == (2, True)
    told(
        "me-set",
        "me",
        "set",
        "--code",
        "12345678",
        "--organisation",
        "Duka la Mfano",
        "--purpose",
        "desk=your call",
    )
    answer = written("find-usage")
    Draft202012Validator(USAGE, format_checker=FormatChecker()).validate(answer)
    assert answer["totalUsages"] == len(answer["usages"]) == 6
    times = [datetime.fromisoformat(each["logtime"]) for each in answer["usages"]]
    assert times == sorted(times, reverse=True)
    staff = next(each for each in answer["usages"] if "support desk" in each["action"])
    assert staff["action"] == "your call: identity.name, contact.phone, by a member of staff (support desk)"
    assert (staff["receiverCode"], staff["receiverName"]) == ("12345678", "Duka la Mfano")


def test_an_export_is_a_look_with_a_reason_and_on_record(here: Path) -> None:
    written("fhir-auditevent")
    look, file = entries(here, "reidentified")[-1], entries(here, "exported")[-1]
    assert json.loads(look.body)["reason"] == json.loads(file.body)["reason"] == "request 1"
    assert json.loads(file.body)["what"] == "answer as fhir-auditevent"
    assert ME not in look.body + file.body
    refused = call("answer", ME, "--reason", " ", "--as", "fhir-auditevent", "--out", "none")
    assert (refused.exit_code, Path("none").exists()) == (2, False)
    assert call("answer", NEVER, "--reason", "x", "--as", "fhir-auditevent").exit_code == 2


def test_what_is_withheld_is_in_no_file_and_whoever_writes_it_is_told(here: Path) -> None:
    soon = (datetime.now(UTC) + timedelta(days=30)).strftime("%Y-%m-%d")
    words = ("me", "withhold", "203.0.113.9", "--until", soon, "--ground", "request 12")
    made = told("me-withhold", *words)
    assert made["state"] == "withheld"
    assert len(written("fhir-auditevent")["entry"]) == 5
    said = call("answer", ME, "--reason", "x", "--as", "fhir-auditevent", "--out", "again")
    assert "views of an actor are withheld" in said.stdout + said.stderr
    assert told("me", "me", "show")["withheld"][0]["ground"] == "request 12"
    assert told("me-withhold", "me", "release", "1")["state"] == "ended"
    assert len(written("fhir-auditevent", "--replace")["entry"]) == 6


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("me", "set", "--staff", "x"), "neither of the two"),
        (("me", "set", "--purpose", "desk"), "a purpose is of a route"),
        (("me", "set", "--contact", "x" * 201), "at most 200"),
        (("me", "release", "7"), "nothing of the number 7"),
        (("me", "withhold", "nobody", "--until", "2020-01-01", "--ground", "x"), "within the next 180 days"),
        (("answer", ME, "--reason", "x", "--as", "fhir"), "no letter is written as 'fhir'"),
    ],
)
def test_a_wrong_word_is_told_in_one_line(here: Path, words: tuple[str, ...], says: str) -> None:
    done = call(*words)
    assert (done.exit_code, says in done.stderr) == (2, True), done.stderr
