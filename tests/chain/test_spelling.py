"""A breach is found however its requests are spelled, and what is not sure stays out of lower bounds."""

from __future__ import annotations

import random
import re
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from bench.respelled import SPELLINGS, Spelling
from tests.wide import some

from whosaw.app.asking.questions import open_ledger
from whosaw.app.cases.making import make_version
from whosaw.app.findings.detection import check_context, load_detection
from whosaw.app.findings.touched import Claims, evaluate
from whosaw.app.scan import scan
from whosaw.core.document import object_of
from whosaw.core.finding import Finding
from whosaw.store import statements as sa
from whosaw.store.journal import tables
from whosaw.store.repositories.findings import stored_findings
from whosaw.store.schemas import PROVEN
from whosaw.store.workspace import Workspace

MAP = """\
[[route]]
id = "info"
match = { method = "GET", path = "/customers/{id}/info" }
subject = { from = "path", name = "id" }
categories = ["identity.name", "contact.email"]
"""
START = datetime(2025, 4, 14, tzinfo=UTC)
NOW = datetime(2026, 1, 1, tzinfo=UTC)
SEEN = 300
PLAIN = "GET /customers/{id}/info HTTP/1.1"
SURE = [
    "GET  /customers/{id}/info HTTP/1.1",
    "GET /customers/{id}/info  HTTP/1.1 ",
    "GET /customers/{id}/info#frag HTTP/1.1",
    "GET /customers/{id}/info;x HTTP/1.1",
    "GET /x/..;/customers/{id}/info HTTP/1.1",
    "GET http://shop.example.org/customers/{id}/info HTTP/1.1",
    "GET /customers/{id}/info",
    "GET /customers/{id}/info HTTP/1.01",
]
POSSIBLE = [
    "GET /customers%2F{id}%2finfo HTTP/1.1",
    "GET /CUSTOMERS/{id}/INFO HTTP/1.1",
    "get /customers/{id}/info HTTP/1.1",
    "GET //shop/customers/{id}/info HTTP/1.1",
    "GET /customers/{id}/info/x.css HTTP/1.1",
    "GET /index.php/customers/{id}/info HTTP/1.1",
    "GET /customers\\x5C{id}\\x5Cinfo HTTP/1.1",
]


def shop(request: str) -> str:
    """A week of 1,000 customers who read their own page, and one party that reads one number after another."""
    dice = random.Random(4)
    rows = []
    for customer in range(1000):
        for _ in range(3):
            at = START + timedelta(seconds=dice.randrange(5 * 86400))
            rows.append(
                (at, f"198.51.100.{customer % 250}", PLAIN.format(id=customer), f"phone/{customer % 7}")
            )
    for number in range(SEEN):
        at = START + timedelta(days=2, seconds=7 * number)
        rows.append((at, "192.0.2.200", request.format(id=number), "reader/1"))
    return "".join(
        f'{address} - - [{at:%d/%b/%Y:%H:%M:%S +0000}] "{text}" 200 900 "-" "{agent}"\n'
        for at, address, text, agent in sorted(rows)
    )


def found(folder: Path, request: str) -> Finding:
    (folder / "map.toml").write_text(MAP)
    (folder / "access.log").write_text(shop(request))
    scan([str(folder / "access.log")], folder / "w", now=NOW, map_path=folder / "map.toml")
    workspace = Workspace.open(folder / "w")
    try:
        (finding,) = stored_findings(workspace.journal)
    finally:
        workspace.close()
    return finding


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Finding:
    return found(tmp_path_factory.mktemp("plain"), PLAIN)


def bounds(finding: Finding) -> list[tuple[int, int | None]]:
    return [(each.lower, each.upper) for each in finding.counts]


@pytest.mark.parametrize("request_line", some(SURE, of=2))
def test_a_spelling_that_servers_must_take_changes_nothing(
    tmp_path: Path, plain: Finding, request_line: str
) -> None:
    finding = found(tmp_path, request_line)
    assert bounds(finding) == bounds(plain) == [(SEEN, SEEN)] * 3
    assert abs(finding.persons_before - plain.persons_before) <= 2


@pytest.mark.parametrize("request_line", some(POSSIBLE, of=2))
def test_one_that_some_server_takes_is_found_and_bounds_from_above(
    tmp_path: Path, plain: Finding, request_line: str
) -> None:
    finding = found(tmp_path, request_line)
    assert bounds(finding) == [(0, SEEN)] * 3
    assert [[each.code for each in count.reasons] for count in finding.counts] == [["unsure-spelling"]] * 3
    assert abs(finding.persons_before - plain.persons_before) <= 2
    assert [(each.persons, each.possible_persons) for each in finding.categories] == [(0, SEEN)] * 2


@pytest.mark.parametrize(
    "spelling",
    some([*{each.family: each for each in SPELLINGS}.values()], of=4),
    ids=lambda each: each.example,
)
def test_what_the_demo_is_respelled_to_is_found_as_early(
    tmp_path: Path, plain: Finding, spelling: Spelling
) -> None:
    request_line = spelling.of("GET", "/customers/{id}/info", "HTTP/1.1").replace("{ID}", "{id}")
    finding = found(tmp_path, request_line)
    assert abs(finding.persons_before - plain.persons_before) <= 2
    assert bounds(finding) in ([(SEEN, SEEN)] * 3, [(0, SEEN)] * 3)


def test_a_scope_and_the_questions_hold_the_same_bounds(tmp_path: Path) -> None:
    finding = found(tmp_path, POSSIBLE[0])
    version = object_of(make_version(tmp_path / "w", "case", findings=[finding.id], now=NOW))
    for count in version["counts"]:
        assert (count["lower"], count["upper"]) == (0, SEEN)
        assert [each["code"] for each in count["reasons"]] == ["unsure-spelling"]
    with closing(open_ledger(tmp_path / "w", now=NOW)) as ledger:
        who = ledger.who("5")
        assert (who.views.lower, who.views.upper) == (3, 4)
        assert [each.code for each in who.views.reasons] == ["unsure-spelling"]
        what = ledger.what(finding.id)
        assert [(each.lower, each.upper) for each in what.counts] == [(0, SEEN)] * 3


def damaged(folder: Path, damage: str) -> Finding:
    """The finding of a breach in whose hour one line cannot be read, or stands twice."""
    lines = shop(PLAIN).splitlines(keepends=True)
    at = next(number for number, line in enumerate(lines) if line.startswith("192.0.2.200"))
    if damage == "quote":  # of a server that does not escape the user agent
        lines[at] = lines[at].replace("reader/1", 'rea"d "er/1')
    elif damage == "cut":
        lines[at] = lines[at][:60] + "\n"
    else:
        lines.insert(at, lines[at])
    (folder / "map.toml").write_text(MAP)
    (folder / "access.log").write_text("".join(lines))
    scan([str(folder / "access.log")], folder / "w", now=NOW, map_path=folder / "map.toml")
    workspace = Workspace.open(folder / "w")
    try:
        (finding,) = stored_findings(workspace.journal)
    finally:
        workspace.close()
    return finding


@pytest.mark.parametrize("damage", ["quote", "cut"])
def test_a_line_that_could_not_be_read_is_room_in_every_upper_bound(tmp_path: Path, damage: str) -> None:
    finding = damaged(tmp_path, damage)
    assert bounds(finding) == [(SEEN - 1, SEEN + 1)] * 3  # two writers may have run two lines together
    assert {each.code for count in finding.counts for each in count.reasons} == {"rejects"}
    version = object_of(make_version(tmp_path / "w", "case", findings=[finding.id], now=NOW))
    assert all(count["upper"] > count["lower"] for count in version["counts"])
    assert all("rejects" in {each["code"] for each in count["reasons"]} for count in version["counts"])
    with closing(open_ledger(tmp_path / "w", now=NOW)) as ledger:
        views = ledger.who("5").views
        assert (views.lower, views.upper) == (4, 6)
        what = ledger.what("192.0.2.200")
        assert [(each.lower, each.upper) for each in what.counts] == [(SEEN - 1, SEEN + 1)] * 3


def test_equal_lines_of_one_second_may_be_two_views(tmp_path: Path) -> None:
    finding = damaged(tmp_path, "twice")
    assert bounds(finding) == [(SEEN, SEEN + 1), (SEEN, SEEN), (SEEN, SEEN)]
    assert [each.code for each in finding.counts[0].reasons] == ["repeated-lines"]
    version = object_of(make_version(tmp_path / "w", "case", findings=[finding.id], now=NOW))
    assert version["counts"][0]["upper"] == SEEN + 1
    with closing(open_ledger(tmp_path / "w", now=NOW)) as ledger:
        views = ledger.who("0").views
        assert (views.lower, views.upper) == (4, 5)
        what = ledger.what("192.0.2.200")
        assert (what.counts[0].lower, what.counts[0].upper) == (SEEN, SEEN + 1)


def test_one_victim_in_many_spellings_is_one_person(tmp_path: Path) -> None:
    (tmp_path / "map.toml").write_text(MAP.replace('name = "id"', 'name = "id", form = "integer"'))
    (tmp_path / "access.log").write_text(
        "".join(
            f"192.0.2.{9 if number else 8} - - [{START + timedelta(seconds=number):%d/%b/%Y:%H:%M:%S +0000}] "
            f'"GET /customers/7{f"x{number}" if number else ""}/info HTTP/1.1" 200 900 "-" "reader/1"\n'
            for number in range(300)
        )
    )
    scan([str(tmp_path / "access.log")], tmp_path / "w", now=NOW, map_path=tmp_path / "map.toml")
    with closing(open_ledger(tmp_path / "w", now=NOW)) as ledger:
        for asked in ("7", "007", " 7", "7 ", "7x12"):
            views = ledger.who(asked).views
            assert (views.lower, views.upper) == (1, 300)
        what = ledger.what("192.0.2.9")
        assert [(each.lower, each.upper) for each in what.counts] == [(299, 299), (0, 1), (0, 1)]
        assert [each.code for each in what.counts[1].reasons] == ["unsure-identifier"]


def test_a_name_without_a_proof_names_no_actor(tmp_path: Path) -> None:
    line = '192.0.2.9 - {} [14/Apr/2025:00:00:00 +0000] "GET /customers/7/info HTTP/1.1" 200 900 "-" "reader/1"\n'
    (tmp_path / "access.log").write_text(line.format("4711") + line.format("4712").replace("9 -", "8 -"))
    for said, names in (("proven", 2), ("unproven", 0)):
        (tmp_path / "map.toml").write_text(f'principal = "{said}"\n{MAP}')
        scan([str(tmp_path / "access.log")], tmp_path / said, now=NOW, map_path=tmp_path / "map.toml")
        with closing(open_ledger(tmp_path / said, now=NOW)) as ledger:
            exposures = ledger.who("7").exposures
            assert (
                len([each for each in exposures if "principal" in each.actor.traits]) == names * 2
            )  # by category


def test_without_a_form_people_that_may_be_one_are_one_in_lower_bounds(tmp_path: Path) -> None:
    lines = shop(PLAIN).splitlines(keepends=True)
    for number in range(SEEN):  # half of the walk are spellings of one victim, whom he also reads plainly
        if number % 2:
            plain = (
                f"192.0.2.200 - - [{START + timedelta(days=2, seconds=7 * number):%d/%b/%Y:%H:%M:%S +0000}] "
            )
            at = next(at for at, line in enumerate(lines) if line.startswith(plain))
            lines[at] = lines[at].replace(f"/customers/{number}/", f"/customers/8x{number}/")
    (tmp_path / "map.toml").write_text(MAP)
    (tmp_path / "access.log").write_text("".join(lines))
    scan([str(tmp_path / "access.log")], tmp_path / "w", now=NOW, map_path=tmp_path / "map.toml")
    with closing(open_ledger(tmp_path / "w", now=NOW)) as ledger:
        counts = ledger.what("192.0.2.200").counts
        assert [(each.lower, each.upper) for each in counts] == [
            (SEEN, SEEN), (SEEN // 2, SEEN), (SEEN // 2, SEEN),
        ]  # fmt: skip
        assert [each.code for each in counts[1].reasons] == ["ids-collapse"]
        stored = stored_findings(ledger.workspace.journal)
        most = max(stored, key=lambda each: each.counts[0].lower)
        assert bounds(most)[1][0] <= SEEN // 2 < bounds(most)[1][1]
    version = object_of(make_version(tmp_path / "w", "case", indicators=["ip=192.0.2.200"], now=NOW))
    assert version["counts"][1]["lower"] <= SEEN // 2


def test_a_ledger_from_before_possible_views_opens_and_is_made_again(tmp_path: Path) -> None:
    (tmp_path / "map.toml").write_text(MAP)
    first, more = tmp_path / "access.log", tmp_path / "more.log"
    first.write_text(shop(PLAIN))
    more.write_text(shop(POSSIBLE[0]).replace("14/Apr", "24/Apr").replace("16/Apr", "26/Apr"))
    scan([str(first)], tmp_path / "w", now=NOW, map_path=tmp_path / "map.toml")
    workspace = Workspace.open(tmp_path / "w")
    rows = workspace.journal.rows(sa.select(tables.index).where(tables.index.c.live))
    for kind, column in (("views", "unsure"), ("exposures", "possible")):
        (name,) = [row["file"] for row in rows if row["kind"] == kind]
        path = workspace.files.path(name)
        old = pq.read_table(path).drop_columns([column])
        path.chmod(0o600)
        pq.write_table(old, path)
    workspace.close()
    with closing(open_ledger(tmp_path / "w", now=NOW)) as ledger:
        assert (ledger.who("5").views.lower, ledger.who("5").views.upper) == (4, 4)
    scan([str(more)], tmp_path / "w", now=NOW)
    with closing(open_ledger(tmp_path / "w", now=NOW)) as ledger:
        views = ledger.who("5").views
        assert views.lower < (views.upper or 0)
        possible = "SELECT count(*) AS n FROM views WHERE unsure <> 0"
        assert ledger.reader.session.query(possible)["n"][0].as_py() == SEEN


def test_a_ledger_from_before_company_was_told_apart_proves_what_it_proved(tmp_path: Path) -> None:
    """All that was written down then is what is proven."""
    (tmp_path / "map.toml").write_text(MAP)
    (tmp_path / "access.log").write_text(shop(PLAIN))
    context = tmp_path / "context"
    context.mkdir()
    (context / "canaries.csv").write_text("id\n7\n")
    log = [str(tmp_path / "access.log")]
    scan(log, tmp_path / "w", now=NOW, map_path=tmp_path / "map.toml", context=context)
    with closing(Workspace.open(tmp_path / "w")) as workspace:
        rows = workspace.journal.rows(
            sa.select(tables.index).where(tables.index.c.live, tables.index.c.kind == "proofs")
        )
        path = workspace.files.path(rows[0]["file"])
        old = pq.read_table(path).drop_columns(["standing"])
        path.chmod(0o600)
        pq.write_table(old, path)
    with closing(open_ledger(tmp_path / "w", now=NOW)) as ledger:
        found = ledger.reader.session.query("SELECT standing FROM proofs")["standing"].to_pylist()
        assert found == [PROVEN] * old.num_rows != []
        finding = max(stored_findings(ledger.reader.workspace.journal), key=lambda each: each.counts[0].lower)
    version = object_of(make_version(tmp_path / "w", "case", findings=[finding.id], now=NOW))
    assert version["counts"][0]["lower"] == SEEN


IDS = {
    "mail": "m{}@example.org",
    "uuid": "00000000-0000-4000-8000-0000000{:05}",
    "length": "acc-{:05}",
    "number": "{}",  # 1 is no shorter way to say 10
}


@pytest.mark.parametrize(("ids", "cut"), [("mail", 1), ("uuid", 1), ("length", 1), ("number", 0)])
def test_an_id_with_which_another_begins_may_be_that_one_cut_with_its_line(
    tmp_path: Path, ids: str, cut: int
) -> None:
    shown = [IDS[ids].format(10_000 + number) for number in range(30)]
    shown += [shown[-1][:-1], IDS[ids].format(7)]  # cut, and another whole one
    line = '192.0.2.200 - - [14/Apr/2025:00:00:{:02} +0000] "GET /customers/{}/info HTTP/1.1" 200 900 "-" "reader/1"\n'
    (tmp_path / "map.toml").write_text(MAP)
    (tmp_path / "access.log").write_text("".join(line.format(at, each) for at, each in enumerate(shown)))
    scan([str(tmp_path / "access.log")], tmp_path / "w", now=NOW, map_path=tmp_path / "map.toml")
    with closing(open_ledger(tmp_path / "w", now=NOW)) as ledger:
        accounts = ledger.what("192.0.2.200").counts[1]
        assert (accounts.lower, accounts.upper) == (32 - cut, 32)
        assert [each.code for each in accounts.reasons] == ["ids-collapse"] * cut


def test_what_new_views_touch_is_counted_with_ids_that_may_be_one(tmp_path: Path) -> None:
    """`watch` says of a finding in a part of the ledger what a scan says of it in the whole."""
    lines = shop(PLAIN).splitlines(keepends=True)
    for at, line in enumerate(lines):
        if line.startswith("192.0.2.200"):
            lines[at] = re.sub(r"/customers/(\d+)/", r"/customers/8x\1/", line)
    (tmp_path / "map.toml").write_text(MAP)
    (tmp_path / "access.log").write_text("".join(lines))
    context = tmp_path / "context"
    context.mkdir()
    (context / "canaries.csv").write_text("id\n" + "".join(f"8x{number}\n" for number in range(SEEN)))
    scan([str(tmp_path / "access.log")], tmp_path / "w", now=NOW, map_path=tmp_path / "map.toml")
    with closing(Workspace.open(tmp_path / "w")) as workspace:
        touched = evaluate(
            workspace, since=0, folder=check_context(context, None), setup=load_detection(), zone=None, sessions_last=None,
            claims=Claims(workspace), threads=1, memory_bytes=1 << 30,
        )  # fmt: skip
    assert touched.told
    for told in touched.told:
        views, accounts, persons = told.finding.counts
        assert (views.lower, views.upper) == (SEEN, SEEN)
        # all of them may be spellings of 8
        assert [(each.lower, each.upper) for each in (accounts, persons)] == [(1, SEEN)] * 2
        assert [each.code for each in accounts.reasons] == ["ids-collapse"]
