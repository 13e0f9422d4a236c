"""A real PostgreSQL with pgaudit: an application at work, and administrators who look where they should not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.e2e.command import whosaw, whosaw_json
from tests.e2e.postgres import Cluster, cluster

from whosaw.app.asking.answers import WhatSeen
from whosaw.app.asking.questions import open_ledger

pytestmark = pytest.mark.slow

MAP = """\
[[route]]
id = "members"
match = { object = "public.members" }
subject = { from = "statement", name = "member_id" }
categories = ["identity.name", "contact.email"]

[[route]]
id = "copies"  # with log_rows, pgaudit names neither the table nor the rows of a COPY
match = { action = ["COPY", "DECLARE CURSOR"] }
subject = { from = "statement", name = "member_id" }
categories = ["identity.name", "contact.email"]
"""
TABLES = """\
CREATE EXTENSION pgaudit;
CREATE TABLE members (member_id int PRIMARY KEY, name text, email text);
INSERT INTO members SELECT n, 'Name ' || n, 'm' || n || '@example.org' FROM generate_series(1, 500) n;
CREATE TABLE orders (order_id int PRIMARY KEY, member_id int REFERENCES members, item text);
CREATE ROLE shop LOGIN;
GRANT SELECT ON members TO shop;
GRANT SELECT, INSERT ON orders TO shop;
"""
ADMINISTRATORS = ("curious", "walker", "dumper", "merger", "leaver")
BY_KEY = """\
SELECT member_id FROM members WHERE member_id = 42;
SELECT * FROM members
WHERE member_id IN (1, 2, 3);
SELECT member_id FROM members m WHERE m.member_id = $1 \\bind 7 \\g
SELECT member_id FROM members WHERE member_id = ANY($1) \\bind '{8, 9}' \\g
PREPARE one(int) AS SELECT member_id FROM members WHERE member_id = $1;
EXECUTE one(11);
COPY (SELECT member_id FROM members WHERE member_id = 12) TO STDOUT;
SELECT member_id FROM members WHERE member_id = 9999;
"""
BY_RANGE = """\
SELECT member_id FROM members WHERE member_id BETWEEN 10 AND 20;
SELECT member_id FROM members WHERE member_id >= $1 \\bind 480 \\g
SELECT member_id FROM members WHERE member_id IN (1, 2, 9999);
SELECT member_id FROM members WHERE name LIKE 'Name 33%';
"""
SHOP_READS = range(1, 151)
WALKED = range(200, 330)


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """The logs, the scan of the csvlog, and the numbers that each role really got."""

    csvlog: Path
    plain: Path
    map: Path
    workspace: Path
    scan: dict[str, Any]
    seen: dict[str, list[str]]


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    folder = tmp_path_factory.mktemp("postgres")
    with cluster() as server:
        seen = _work(server)
        csvlog, plain = server.copy_logs(folder)
    assert not server.folder.exists()
    (folder / "map.toml").write_text(MAP)
    context = folder / "context"
    context.mkdir()
    (context / "services.csv").write_text("principal,address\nshop,127.0.0.1\n")
    (context / "staff.csv").write_text("staff_id,role\n" + "".join(f"{one},dba\n" for one in ADMINISTRATORS))
    scan = whosaw_json("scan", csvlog, "-m", folder / "map.toml", "-c", context, "-w", folder / "ledger")
    return Story(
        csvlog=csvlog, plain=plain, map=folder / "map.toml", workspace=folder / "ledger", scan=scan, seen=seen
    )


def _work(server: Cluster) -> dict[str, list[str]]:
    server.run("owner", TABLES)
    for one in ADMINISTRATORS:
        server.run("owner", f"CREATE ROLE {one} LOGIN; GRANT SELECT ON members, orders TO {one};")
    reads = "".join(
        f"SELECT member_id FROM members WHERE member_id = $1 \\bind {n} \\g\n" for n in SHOP_READS
    )
    # each order makes PostgreSQL look up its member, which shows the shop nothing
    orders = "".join(f"INSERT INTO orders VALUES ({n}, {n}, 'item');\n" for n in SHOP_READS)
    walk = "".join(f"SELECT member_id FROM members WHERE member_id = {n};\n" for n in WALKED)
    server.run("curious", "SELECT no_such_column FROM members WHERE member_id = 499;", fails=True)
    return {
        "shop": server.run("shop", reads + orders),
        "curious": server.run("curious", BY_KEY) + server.run("curious", BY_RANGE),
        "walker": server.run("walker", walk),
        "dumper": server.run("dumper", "SELECT member_id FROM members;"),
        "merger": server.run("merger", "SELECT string_agg(member_id::text, ',') FROM members;"),
        "leaver": server.run("leaver", "COPY members (member_id) TO STDOUT;"),
    }


def numbers(rows: list[str]) -> set[str]:
    """The member numbers in rows that psql printed."""
    return {number for row in rows for number in row.partition("|")[0].split(",")}


def what(story: Story, actor: str, workspace: Path | None = None) -> WhatSeen:
    ledger = open_ledger(
        workspace or story.workspace, now=datetime.now(UTC), reveal=True, reason="test of the ledger"
    )
    try:
        return ledger.what(actor, persons=1_000)
    finally:
        ledger.close()


def named(told: WhatSeen) -> set[str]:
    return {person.shown for person in told.persons}


def bounds(told: WhatSeen) -> tuple[int, int | None]:
    (persons,) = [count for count in told.counts if count.unit == "persons"]
    return persons.lower, persons.upper


def test_every_line_is_accounted_for(story: Story) -> None:
    (content,) = story.scan["contents"]
    assert content["format"] == "postgresql-csvlog"
    lines = story.csvlog.read_bytes().count(b"\n")
    assert content["lines"] == lines
    parts = ("events", "rejects", "comments", "continued")
    assert sum(content[part] for part in parts) == lines
    assert content["rejects"] == 0


def test_application_saw_whom_it_asked_for_and_nobody_in_checks_of_foreign_keys(story: Story) -> None:
    told = what(story, "shop")
    assert named(told) == numbers(story.seen["shop"]) == set(map(str, SHOP_READS))
    assert bounds(told) == (150, 150)
    (views,) = [count for count in told.counts if count.unit == "views"]
    assert views.lower == 150


def test_keys_name_persons_and_ranges_bound_the_rest(story: Story) -> None:
    told = what(story, "curious")
    by_key = {"42", "1", "2", "3", "7", "8", "9", "11", "12"}
    assert named(told) == by_key
    truth = numbers(story.seen["curious"])
    assert by_key < truth
    in_ranges = 11 + 21 + 2 + 11  # 10 to 20; 480 to 500; two of three; 33 and 330 to 339
    assert bounds(told) == (len(by_key), len(by_key) + in_ranges)
    assert len(by_key) < len(truth) <= len(by_key) + in_ranges


@pytest.mark.parametrize(("role", "upper"), [("dumper", 500), ("merger", None), ("leaver", None)])
def test_reading_everything_names_nobody_and_is_not_hidden(
    story: Story, role: str, upper: int | None
) -> None:
    told = what(story, role)
    assert len(numbers(story.seen[role])) == 500
    assert named(told) == set()
    assert bounds(told) == (0, upper)


def test_administrator_who_walks_the_keys_is_found_and_the_application_is_not(story: Story) -> None:
    (finding,) = story.scan["findings"]
    told = what(story, finding["id"])
    assert {client.traits["principal"] for client in told.actor.shown} == {"walker"}
    assert named(told) == numbers(story.seen["walker"]) == set(map(str, WALKED))
    assert bounds(told) == (130, 130)


def test_person_is_found_again_with_the_statement(story: Story) -> None:
    told = whosaw_json("who", "42", "-w", story.workspace, "--reveal", "--reason", "test")
    readers = {exposure["actor"]["principal"] for exposure in told["exposures"]}
    assert readers == {"shop", "curious"}
    lines = [whosaw("line", locator, "-w", story.workspace) for locator in told["locators"]]
    assert any("WHERE member_id = 42" in line and '"curious"' in line for line in lines)
    # the application sent $1, and its value stands behind the statement
    assert any("WHERE member_id = $1" in line and '"shop"' in line and ",42,1" in line for line in lines)


def test_plain_log_tells_the_same_persons(story: Story, tmp_path: Path) -> None:
    scan = whosaw_json("scan", story.plain, "-m", story.map, "-w", tmp_path / "ledger")
    (content,) = scan["contents"]
    assert content["format"] == "pgaudit-stderr"
    # nobody said here that the application's job is to read
    found = [what(story, finding["id"], tmp_path / "ledger") for finding in scan["findings"]]
    readers = [{client.traits["principal"] for client in told.actor.shown} for told in found]
    assert sorted(readers, key=min) == [{"shop"}, {"walker"}]
    for role in ("shop", "curious", "dumper", "leaver"):
        here, there = what(story, role), what(story, role, tmp_path / "ledger")
        assert (named(here), bounds(here)) == (named(there), bounds(there)), role
