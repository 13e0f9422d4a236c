"""Questions by any identifier, of a part of the views, in a zone, and as rows for other programs."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.unit.cli.conftest import call

from whosaw.app.asking.identifiers import clients_of, network_of, person_of, plain_indicator
from whosaw.store.ledger import LedgerReader
from whosaw.store.workspace import Workspace

MAP = """
[[route]]
id = "profile"
match = { method = "GET", path = "/people/{who}" }
subject = { from = "path", name = "who", kind = "mail", form = "mail" }
categories = ["identity.name"]

[[route]]
id = "calls"
match = { method = "GET", path = "/calls/{number}" }
subject = { from = "path", name = "number", kind = "phone", form = "phone", country = "+254" }
categories = ["contact.phone"]

[[route]]
id = "orders"
match = { method = "GET", path = "/orders/{member}" }
subject = { from = "path", name = "member", kind = "member", form = "integer" }
categories = ["commerce.orders"]
"""
SUBJECTS = "member,contact\n4711,Kim@example.org\n4712,lee@example.org\n4713,lee@example.org\n4714,+254 700 000 001\n"
#       time (UTC)    address         principal token  key   agent      path
LINES = (
    ("2025-03-03T15:30:00Z", "192.0.2.7", "s-1", "tok-a", "k-1", "desk/1", "/orders/4711"),
    ("2025-03-03T16:30:00Z", "192.0.2.7", "s-1", "tok-a", "k-1", "desk/1", "/orders/4711"),
    ("2025-03-03T17:30:00Z", "192.0.2.9", "s-2", "tok-b", "k-1", "=cmd()", "/orders/4711"),
    ("2025-03-03T18:00:00Z", "2001:db8::7", "s-2", "tok-b", "k-2", "desk/1", "/people/ann@example.org"),
    ("2025-03-03T18:30:00Z", "2001:db8::7", "s-2", "tok-b", "k-2", "desk/1", "/calls/+254700000009"),
    ("2025-03-03T19:00:00Z", "192.0.2.7", "s-1", "tok-a", "k-1", "desk/1", "/orders/4712"),
    ("2025-03-03T19:01:00Z", "192.0.2.7", "s-1", "tok-a", "k-1", "desk/1", "/orders/4713"),
    ("2025-03-03T19:02:00Z", "198.51.100.4", "s-3", "tok-c", "k-3", "app/2", "/orders/4714"),
)
NAMES = ("t", "address", "who", "token", "key", "agent", "path")
FORMAT = (
    "json:time=t,address=address,principal=who,token=token,key=key,agent=agent,path=path,method=m,status=s"
)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A log of three kinds of people, in two files; tests only look at it."""
    folder = tmp_path_factory.mktemp("asking")
    told = [json.dumps({**dict(zip(NAMES, line, strict=True)), "m": "GET", "s": 200}) for line in LINES]
    (folder / "desk.log").write_text("\n".join(told[:3]) + "\n")
    (folder / "app.log").write_text("\n".join(told[3:]) + "\n")
    (folder / "map.toml").write_text(MAP)
    (folder / "context").mkdir()
    (folder / "context" / "subjects.csv").write_text(SUBJECTS)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        done = call(
            "scan", "desk.log", "app.log", "--map", "map.toml", "--context", "context", "--format", FORMAT
        )
    assert done.exit_code == 0, done.stderr
    return folder


@pytest.fixture
def here(shop: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(shop)
    return shop


def rows(*words: str) -> list[dict[str, str]]:
    done = call(*words, "--csv")
    assert done.exit_code == 0, done.stderr
    return list(csv.DictReader(io.StringIO(done.stdout)))


def views_of(*words: str) -> int:
    return sum(int(row["views"]) for row in rows("who", *words))


@pytest.fixture(scope="module")
def reader(shop: Path) -> Iterator[LedgerReader]:
    """The ledger, opened once for the many spellings; its context folder is found from where the scan ran."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(shop)
        workspace = Workspace.open(shop / "whosaw-data")
        opened = LedgerReader(workspace)
        yield opened
        opened.close()
        workspace.close()


@pytest.mark.parametrize(
    ("text", "views"),
    [
        ("4711", 3),
        (" 4711\t", 3),
        ("person=4711", 3),
        ("member=4711", 3),
        ("member:4711", 3),
        ("+4711", 3),
        ("ann@example.org", 1),
        ("ann@EXAMPLE.org", 1),
        ("mail= ann@example.org ", 1),
        ("+254700000009", 1),
        ("0700 000-009", 1),
        ("phone=00254700000009", 1),
        ("kim@example.org", 3),  # of the context's list of people
        ("254-700-000-001", 1),
    ],
)
def test_a_person_is_known_by_any_identifier_in_any_spelling(
    here: Path, reader: LedgerReader, text: str, views: int
) -> None:
    found = reader.who(person_of(reader, text))
    assert sum(found["views"].to_pylist()) == views


def test_a_contact_of_several_people_is_refused_with_their_numbers(here: Path) -> None:
    done = call("who", "lee@example.org")
    assert done.exit_code == 2
    assert "2 people have the contact l***g. Name one of p" in done.stderr
    assert "lee@" not in done.stderr


def test_who_of_a_client_says_where_to_ask(here: Path) -> None:
    told = call("who", "192.0.2.7").stderr
    assert "it is an address in these logs" in told
    assert "`whosaw what address=" in told


@pytest.mark.parametrize(
    ("text", "views"),
    [
        ("192.0.2.7", 4),
        (" 192.0.2.7 ", 4),
        ("ip=192.0.2.7", 4),
        ("address=192.0.2.7:443", 4),
        ("2001:DB8:0:0::7", 2),
        ("192.0.2.0/24", 5),
        ("network=192.0.2.44", 5),
        ("network=2001:db8::/48", 2),
        ("s-2", 3),
        ("principal=s-2", 3),
        ("tok-a", 4),
        ("token=tok-b", 3),
        ("k-1", 5),
        ("key = k-2", 2),
        ("desk/1", 6),
        ("agent==cmd()", 1),
    ],
)
def test_an_actor_is_known_by_any_identifier(reader: LedgerReader, text: str, views: int) -> None:
    assert sum(reader.views_by_route(clients_of(reader, text)).values()) == views


def test_numbers_and_locators_that_commands_print_name_an_actor(here: Path, reader: LedgerReader) -> None:
    told = json.loads(call("who", "ann@example.org", "--json").stdout)
    token, (locator,) = told["exposures"][0]["actor"]["token"], told["locators"]
    (row,) = rows("who", "ann@example.org")
    for text, views in (
        (token, 3),
        (row["network"], 2),
        (locator, 2),
        (f"line={locator}", 2),
        (row["client"], 2),
    ):
        assert sum(reader.views_by_route(clients_of(reader, text)).values()) == views, text


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("person = 4711 ", "person=p{4711}"),
        ("person=kim@example.org", "person=p{4711}"),
        ("ip=2001:DB8:0:0::7 ", "address=2001:db8::7"),
        ("network=192.0.2.44", "network=192.0.2.0/24"),
        ("token= tok-a", "token=tok-a"),
        ("agent= desk/1 ", "agent=desk/1"),
        ("token=nobody", "token=nobody"),
        ("line=abcdef:1", "line=abcdef:1"),
    ],
)
def test_a_clue_of_a_case_is_known_by_the_same_spellings(
    here: Path, reader: LedgerReader, text: str, value: str
) -> None:
    assert plain_indicator(reader, text) == value.replace("{4711}", str(person_of(reader, "4711")))


def test_a_value_of_several_kinds_is_not_guessed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    line = {**dict(zip(NAMES, LINES[0], strict=True)), "m": "GET", "s": 200, "token": "same", "who": "same"}
    Path("a.log").write_text(json.dumps(line) + "\n")
    Path("map.toml").write_text(MAP)
    assert call("scan", "a.log", "--map", "map.toml", "--format", FORMAT).exit_code == 0
    done = call("what", "same")
    assert done.exit_code == 2
    assert "is a principal and a token in these logs. Name it as principal=… or token=…" in done.stderr
    assert call("what", "token=same").exit_code == 0


def test_a_network_of_another_width_is_said_to_be_unknown(here: Path) -> None:
    assert "Networks are kept as /24 of IPv4 and /48 of IPv6" in call("what", "192.0.0.0/16").stderr


@pytest.mark.parametrize(
    "address", ["192.0.2.7", "2001:db8:1:2::7", "2001:0:1::1", "::1", "fe80::1%eth0", "host"]
)
def test_a_network_is_that_which_segments_keep(address: str) -> None:
    import pyarrow as pa

    from whosaw.store.segment_clients import networks_of

    assert network_of(address) == networks_of(pa.array([address]))[0].as_py()


def test_the_terminal_says_who_it_was_behind_masks(here: Path) -> None:
    text = call("who", "4711").stdout
    flat = " ".join(text.split())
    for told in ("principal ***", "address 1***7", "network n", "token t", "key k-1", "agent desk/1"):
        assert told in flat
    assert "192.0.2" not in text
    text = call("what", "k-1").stdout
    assert [line.split()[:2] for line in text.splitlines()[2:8]] == [
        ["principal", "2"], ["address", "2"], ["network", "1"], ["token", "2"], ["key", "1"], ["agent", "2"],
    ]  # fmt: skip


def test_what_is_revealed_is_journalled_before_and_names_the_network(here: Path) -> None:
    revealed = ("--reveal", "--reason", "asked by the person")
    (first, *_) = rows("who", "4711", *revealed)
    assert (first["person_shown"], first["address"], first["network"]) == (
        "4711",
        "192.0.2.7",
        "192.0.2.0/24",
    )
    assert json.loads(call("lookups", "--json").stdout)["lookups"][-1]["reason"] == "asked by the person"
    assert call("who", "4711", "--csv", "--reveal").exit_code == 2  # without a reason
    many = len(json.loads(call("lookups", "--json").stdout)["lookups"])
    assert "192.0.2.7 (4)" in call("what", "k-1", *revealed).stdout
    assert len(json.loads(call("lookups", "--json").stdout)["lookups"]) == many + 1


def test_times_are_told_and_read_in_the_zone(here: Path) -> None:
    assert "2025-03-04 00:30" in call("who", "4711", "--tz", "Asia/Seoul").stdout
    (row, *_) = rows("who", "4711", "--tz", "+09:00")
    assert row["first"] == "2025-03-04T00:30:00+09:00"
    told = json.loads(call("who", "4711", "--tz", "Asia/Seoul", "--json").stdout)
    assert told["exposures"][0]["first"] == "2025-03-03T15:30:00Z"  # JSON is of UTC
    # 4 March begins at 15:00 UTC in Seoul and at 21:00 UTC in Nairobi
    assert views_of("4711", "--since", "2025-03-04", "--tz", "Asia/Seoul") == 3
    assert (
        call("who", "4711", "--since", "2025-03-04", "--tz", "Africa/Nairobi", "--csv").stdout.count("\n")
        == 1
    )


@pytest.mark.parametrize(
    ("words", "views", "cannot_tell"),
    [
        (("--since", "2025-03-03 16:30"), 2, 0),
        (("--until", "2025-03-03 16:30"), 1, 0),
        (("--since", "2025-03-03T16:00Z", "--until", "2025-03-03T18:00+01:00"), 1, 0),
        (("--source", "desk.log"), 3, 0),
        (("--source", "app.log"), 0, 0),
        (("--route", "orders"), 3, 0),
        (("--route", "calls"), 0, 0),
        (("--source", "desk.log", "--route", "orders", "--since", "2025-03-03T17:00Z"), 1, 0),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_only_the_views_that_were_asked_for_are_counted(
    here: Path, words: tuple[str, ...], views: int, cannot_tell: int
) -> None:
    told = json.loads(call("who", "4711", *words, "--json").stdout)
    assert (told["views"]["lower"], told["views"]["upper"]) == (views, views)
    assert sum(each["views"] for each in told["exposures"]) == views
    assert told["within"].keys() == {word.removeprefix("--") for word in words[::2]}
    text = call("who", "4711", *words).stdout
    assert "\nonly views " in text


def test_what_counts_only_the_views_that_were_asked_for(here: Path) -> None:
    told = json.loads(call("what", "s-1", "--until", "2025-03-03T18:59Z", "--json").stdout)
    assert [(each["lower"], each["upper"]) for each in told["counts"]] == [(2, 2), (1, 1), (1, 1)]
    told = json.loads(call("what", "s-2", "--source", "app.log", "--json").stdout)
    assert [(each["name"], each["views"]) for each in told["routes"]] == [("calls", 1), ("profile", 1)]
    assert told["actor"]["traits"][0]["most"][0]["views"] == 2


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--source", "desk.lag"), "no source of this ledger is named 'desk.lag'. Did you mean 'desk.log'"),
        (("--route", "order"), "no route of this ledger is named 'order'. Did you mean 'orders'"),
        (("--since", "soon"), "--since: 'soon' is no day and no time"),
        (("--since", "2025-03-04", "--until", "2025-03-04"), "--until is not after --since"),
        (("--tz", "Mars/Base"), "'Mars/Base' is not a time zone"),
        (("--csv", "--json"), "one output has one form"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_a_wrong_question_is_refused(here: Path, words: tuple[str, ...], told: str) -> None:
    done = call("who", "4711", *words)
    assert (done.exit_code, done.stdout) == (2, "")
    assert told in done.stderr


def test_rows_have_the_same_values_in_all_forms(here: Path) -> None:
    of_csv = rows("who", "4711")
    of_jsonl = [json.loads(line) for line in call("who", "4711", "--jsonl").stdout.splitlines()]
    head, *lines = (line.split("\t") for line in call("who", "4711", "--tsv").stdout.splitlines())
    assert [list(row) for row in of_csv] == [head] * len(lines)
    assert lines[0] == list(of_csv[0].values())
    assert [row["views"] for row in of_jsonl] == [int(row["views"]) for row in of_csv] == [2, 1]
    assert of_csv[1]["agent"] == "'=cmd()"  # what a spreadsheet would run
    assert of_jsonl[1]["agent"] == lines[1][head.index("agent")] == "=cmd()"


def test_one_finding_says_who_when_how_many_why_and_what_first(folder: Path) -> None:
    (found, *_) = json.loads(call("findings", "--json").stdout)["findings"]
    told = json.loads(call("finding", found["id"], "--json").stdout)
    assert told["finding"] == found
    assert told["who"]["clients"] == 1
    traits = {each["trait"]: each for each in told["who"]["traits"]}
    assert sum(each["views"] for each in traits["address"]["most"]) == found["counts"][0]["lower"]
    assert told["first"][0]["time"] == found["first_view"]
    assert told["first"][0]["locator"] == found["locators"][0]
    text = call("finding", found["id"][:6], "--tz", "Asia/Seoul").stdout
    heads = [line.split(" (")[0] for line in text.splitlines() if line and line[0] in "WH"]
    assert heads == ["Who", "When", "How many", "Why", "What first"]
    assert "192.0.2" not in text
    shown = call("finding", found["id"], "--reveal", "--reason", "case 7").stdout
    assert "192.0.2." in shown
    assert json.loads(call("lookups", "--json").stdout)["lookups"][-1]["what"] == "finding"
