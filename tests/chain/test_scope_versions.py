"""Versions over a real ledger: differences with their evidence, closing, and a claim counted by hand."""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from jsonschema import Draft202012Validator
from pyroaring import BitMap
from referencing import Registry, Resource
from tests.chain.shop_log import shop_lines
from tests.scope.made_document import document, row, version_of
from tests.without_digests import without_digests

from whosaw.app.cases.reconcile import reconcile
from whosaw.app.cases.versions import close_case, diff_versions
from whosaw.app.scan import scan
from whosaw.core.canonical_json import canonical_json
from whosaw.core.document import object_of
from whosaw.core.errors import WhosawError
from whosaw.core.scope_version import Final
from whosaw.scope.claim.answer import claimed_routes
from whosaw.scope.versions.open_items import StillOpenError
from whosaw.store import statements as sa
from whosaw.store.journal import tables
from whosaw.store.ledger import LedgerReader
from whosaw.store.live_inputs import LiveInputs, counted_by_then, live_inputs, open_steady
from whosaw.store.repositories.cases import CaseStore
from whosaw.store.workspace import Workspace

NOW = datetime(2025, 11, 17, 7, 0, tzinfo=UTC)
MAP = """\
[[route]]
id = "my-info"
match = { method = "GET", path = "/customers/{id}" }
subject = { from = "path", name = "id" }
categories = ["identity.name", "contact.email"]
"""
THIEF, OFFICE = "192.0.2.77", "198.51.100.5"


SCHEMAS = {
    path.name.removesuffix(".schema.json"): json.loads(path.read_text(encoding="utf-8"))
    for path in (Path(__file__).resolve().parents[2] / "docs" / "reference" / "json").glob("*.schema.json")
}


def fits(name: str, answer: dict[str, Any]) -> None:
    known = [(each["$id"], Resource.from_contents(each)) for each in SCHEMAS.values()]
    registry: Registry[Any] = Registry().with_resources(known)
    Draft202012Validator(SCHEMAS[name], registry=registry).validate(json.loads(json.dumps(answer)))


def line(address: str, person: int, second: int, status: int = 200) -> str:
    return f'{address} - - [14/Apr/2025:10:00:{second:02} +0000] "GET /customers/{person} HTTP/1.1" {status} 7 "-" "okhttp"\n'


def scanned(root: Path, logs: Path, **more: Any) -> None:
    (root.parent / "map.toml").write_text(MAP)
    scan([str(logs)], root, now=NOW, map_path=root.parent / "map.toml", **more)


def counted(root: Path, logs: Path, **more: Any) -> None:
    """A scan without detectors and the health of logs, which these tests do not ask about and which take most of its time."""
    with (
        patch("whosaw.app.scan.detect_all", lambda *_, **__: ([], ())),
        patch("whosaw.app.scan.health_of", lambda *_, **__: []),
    ):
        scanned(root, logs, **more)


def numbers(workspace: Workspace, *persons: int) -> BitMap:
    reader = LedgerReader(workspace)
    try:
        found = [reader.number_of("person", f"customer\x1f{each}") for each in persons]
    finally:
        reader.close()
    assert None not in found
    return BitMap(each for each in found if each is not None)


def add(root: Path, whole: dict[str, Any], sets: dict[str, BitMap]) -> int:
    workspace = Workspace.open(root)
    try:
        return CaseStore(workspace).add(canonical_json(whole), sets, now=NOW)
    finally:
        workspace.close()


def kinds(root: Path) -> list[str]:
    workspace = Workspace.open(root)
    try:
        assert workspace.journal.broken_at() is None
        entry = tables.entry
        return [row["kind"] for row in workspace.journal.rows(sa.select(entry.c.kind).order_by(entry.c.seq))]
    finally:
        workspace.close()


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The thief saw 1 to 6 (6 may have been another), the office 7 and 8; 900 was only asked for. 9 to 12 exist."""
    folder = tmp_path_factory.mktemp("shop")
    (folder / "logs").mkdir()
    seen = [line(THIEF, each, each) for each in range(1, 7)]
    office = [line(OFFICE, each, each + 10) for each in (7, 8, 1)]
    (folder / "logs" / "web.log").write_text("".join([*seen, *office, line(THIEF, 900, 30, 404)]))
    (folder / "context").mkdir()
    listed = "".join(f"{each},KIM{each}@example.org\n" for each in range(1, 13))
    (folder / "context" / "subjects.csv").write_text(f"id,email\n{listed}")
    scanned(folder / "ws", folder / "logs", context=folder / "context")
    workspace = Workspace.open(folder / "ws")
    held, possible = numbers(workspace, 1, 2, 3, 4, 5), numbers(workspace, 6)
    sets = {"held": held, "possible": possible, "category:identity.name": held, "category:contact.email": held, "route:my-info": held}  # fmt: skip
    held_categories = [
        {"category": "identity.name", "answer": "seen", "why": [], "routes": ["my-info"]},
        {"category": "contact.email", "answer": "seen", "why": [], "routes": ["my-info"]},
        {"category": "financial.card-number", "answer": "not seen", "why": [], "routes": ["cards"]},
    ]
    CaseStore(workspace).add(
        canonical_json(document(accounts=5, categories_held=held_categories)), sets, now=NOW
    )
    workspace.close()
    return folder


CLAIM = """\
member_no,email,card number,saved_at,remark
1,a@example.org,4111111111111111,2025-04-14 10:00:00,x
2,b@example.org,,2025-04-14 10:00:01,
3,,4111111111111111,2025-04-14 10:00:02,
6,f@example.org,,2025-04-14 10:00:03,
7,g@example.org,,2025-04-14 10:00:04,
900,,,2025-04-14 10:00:05,
11,,,2025-04-14 10:00:06,
77777,,,2025-04-14 10:00:07,
1,a@example.org,4111111111111111,2025-04-14 10:00:00,x
2,other@example.org,,2025-04-14 10:00:09,
,nobody@example.org,,2025-04-14 10:00:09,
torn
"""


@pytest.fixture(scope="module")
def reconciled(shop: Path) -> dict[str, Any]:
    (shop / "dump.csv").write_text(CLAIM)
    return object_of(reconcile(shop / "ws", "spring", shop / "dump.csv", now=NOW))


def test_people_of_a_claim_are_counted_by_who_saw_them(reconciled: dict[str, Any]) -> None:
    fits("scope-reconcile", reconciled)
    assert reconciled["answer"] == "matched"
    assert (reconciled["person_column"]["name"], reconciled["person_column"]["how"]) == ("member_no", "found")
    assert reconciled["rows"] == {
        "read": 11, "lines_not_read": 1, "first_lines_not_read": [13], "repeated": 1, "without_person": 1,
    }  # fmt: skip
    assert reconciled["persons"] == {
        "claimed": 8, "more_than_once": 2, "held": 3, "possible": 1, "others_only": 1, "never_seen": 1,
        "unknown": 2, "unknown_on_list": 1, "unknown_not_on_list": 1,
    }  # fmt: skip
    assert reconciled["missing"] == {"held": 2, "possible": 0}


def test_others_who_saw_them_are_told_with_how_it_is_explained(reconciled: dict[str, Any]) -> None:
    others = reconciled["others"]
    assert others["persons"] == {"explained": 0, "unexplained": 0, "cannot_tell": 1}
    (client,) = others["first_clients"]
    assert (others["clients"], client["persons"], client["client"]["address"]) == (1, 1, "1***5")


def test_routes_and_fields_are_told(reconciled: dict[str, Any]) -> None:
    assert [(each["route"], each["persons"]) for each in reconciled["routes"]] == [("my-info", 3)]
    fields = {
        each["column"]: (each["answer"], each["seen"], each["possible"], each["not_seen"])
        for each in reconciled["fields"]
    }
    assert fields == {
        "member_no": ("key", None, None, None),
        "email": ("in part", 2, 1, 1),
        "card number": ("could not", 0, 0, 2),
        "saved_at": ("cannot tell", None, None, None),
        "remark": ("cannot tell", None, None, None),
    }
    unknowable = [each["code"] for each in reconciled["cannot_know"]]
    assert unknowable == ["values", "copies", "fewer-than-seen", "times", "unknown-people", "no-category"]


def test_a_route_without_a_set_of_its_own_is_told_by_a_category_that_only_it_carries() -> None:
    by = {**document()["by"], "route": [row("info", 3), row("edit", 3), row("gone", 3)]}
    known = [("info", frozenset({"name"})), ("edit", frozenset({"name", "code"}))]
    sets = {"held": BitMap([1, 2, 3]), "category:name": BitMap([1, 2, 3]), "category:code": BitMap([3])}
    told = claimed_routes(version_of(document(by=by)), sets, BitMap([2, 3]), known, can_tell=True)
    assert [(each.route, each.persons, each.persons_at_most) for each in told] == [
        ("info", None, 2), ("edit", 1, 1), ("gone", None, 2),
    ]  # fmt: skip


def test_nothing_raw_is_told_and_the_question_is_on_record(shop: Path, reconciled: dict[str, Any]) -> None:
    text = without_digests(json.dumps({**reconciled, "file": None}))
    assert all(raw not in text for raw in ("example.org", "77777", "4111", THIEF, OFFICE))
    assert reconciled["sample"]["unknown"] == [
        {"number": None, "shown": "***"},
        {"number": None, "shown": "7***7"},
    ]
    workspace = Workspace.open(shop / "ws")
    entry = tables.entry
    kept = [
        row["body"]
        for row in workspace.journal.rows(sa.select(entry.c.body).where(entry.c.kind == "reconciled"))
    ]
    workspace.close()
    # other claims may have been held against the same ledger before
    named = [body for body in map(json.loads, kept) if body["file"] is not None]
    told = [body for body in named if body["file"]["sha256"] == reconciled["file"]["sha256"]]
    assert 3 in {body["persons"]["held"] for body in told}  # against another case it is 0
    assert all("example.org" not in body for body in kept)


def test_the_same_claim_gives_the_same_answer(shop: Path, reconciled: dict[str, Any]) -> None:
    assert object_of(reconcile(shop / "ws", "spring", shop / "dump.csv", now=NOW)) == reconciled


def test_a_look_at_raw_identifiers_is_journalled(shop: Path, reconciled: dict[str, Any]) -> None:
    before = kinds(shop / "ws").count("reidentified")
    open_answer = object_of(
        reconcile(
            shop / "ws", "spring", shop / "dump.csv", now=NOW, reveal=True, reason="asked by the regulator"
        )
    )
    assert {each["shown"] for each in open_answer["sample"]["held"]} == {"1", "2", "3"}
    assert kinds(shop / "ws").count("reidentified") > before


def test_a_claim_by_contact_is_linked_by_the_list_of_people(shop: Path) -> None:
    (shop / "mails.txt").write_text("".join(f"kim{each}@example.org\n" for each in (1, 2, 7, 11, 40)))
    answer = object_of(reconcile(shop / "ws", "spring", shop / "mails.txt", now=NOW))
    assert (answer["answer"], answer["person_column"]["how"]) == ("matched", "by contact")
    persons = answer["persons"]
    assert (persons["held"], persons["others_only"], persons["unknown"]) == (2, 1, 2)
    assert (persons["unknown_on_list"], persons["unknown_not_on_list"]) == (1, 1)


def test_digests_cannot_be_told_and_it_says_what_is_needed(shop: Path) -> None:
    (shop / "hashed.csv").write_text(
        "id_hash,card number\n" + "".join(f"{each:064x},1\n" for each in range(9))
    )
    answer = object_of(reconcile(shop / "ws", "spring", shop / "hashed.csv", now=NOW))
    assert (answer["answer"], answer["persons"], answer["missing"], answer["others"]) == (
        "cannot tell", None, None, None,
    )  # fmt: skip
    fits("scope-reconcile", answer)
    assert "how they were made" in answer["needs"][0]
    assert answer["rows"]["read"] == 9
    assert [each["answer"] for each in answer["fields"]] == ["cannot tell", "could not"]
    assert [each["persons"] for each in answer["routes"]] == [None]


def test_a_column_that_is_named_is_taken_and_one_that_is_not_there_refused(
    shop: Path, reconciled: object
) -> None:
    named = object_of(reconcile(shop / "ws", "spring", shop / "dump.csv", now=NOW, person="remark"))
    assert (named["person_column"]["how"], named["persons"]["unknown"]) == ("named", 1)
    with pytest.raises(WhosawError, match="has no column 'nobody'"):
        object_of(reconcile(shop / "ws", "spring", shop / "dump.csv", now=NOW, person="nobody"))


# -- differences and closing


@pytest.fixture
def growing(tmp_path: Path) -> Path:
    logs = tmp_path / "logs"
    logs.mkdir()
    (logs / "a.log").write_text("".join(line(THIEF, each, each) for each in (1, 2, 3)))
    counted(tmp_path / "ws", logs)
    workspace = Workspace.open(tmp_path / "ws")
    held = numbers(workspace, 1, 2)
    inputs = live_inputs(workspace.journal)
    whole = document(accounts=2, inputs={"segments": inputs.digest})
    CaseStore(workspace).add(canonical_json(whole), {"held": held}, now=NOW)
    workspace.close()
    return tmp_path


def again(folder: Path, *persons: int, **changed: Any) -> int:
    workspace = Workspace.open(folder / "ws")
    digest = live_inputs(workspace.journal).digest
    held = numbers(workspace, *persons)
    workspace.close()
    inputs = {"segments": digest, **changed.pop("inputs", {})}
    return add(folder / "ws", document(accounts=len(persons), inputs=inputs, **changed), {"held": held})


def test_who_came_with_new_logs_is_counted_and_shown_masked(growing: Path) -> None:
    (growing / "logs" / "b.log").write_text(line(THIEF, 4711, 20) + line(THIEF, 3, 21))
    counted(growing / "ws", growing / "logs")
    again(growing, 2, 3, 4711)
    answer = object_of(diff_versions(growing / "ws", "spring", now=NOW))
    assert answer["persons"]["held"] == {
        "came_in": 2, "went_out": 1, "in_both": 1, "proved": 0, "doubted": 0,
    }  # fmt: skip
    fits("scope-diff", answer)
    (cause,) = answer["causes"]
    assert [each["name"].endswith("b.log") for each in cause["evidence"]["contents"]] == [True]
    assert (answer["certain"], answer["traced"]) == (True, None)
    assert [each["shown"] for each in answer["sample"]["held_came_in"]] == ["***", "4***1"]
    with pytest.raises(WhosawError, match="only one version is named"):
        object_of(diff_versions(growing / "ws", "spring", 1, now=NOW))
    back = object_of(diff_versions(growing / "ws", "spring", 2, 1, now=NOW))
    assert [each["code"] for each in back["causes"]] == ["lost-logs"]
    assert back["persons"]["held"]["came_in"] == 1


def test_with_two_causes_the_ledger_says_who_can_only_have_come_with_the_logs(growing: Path) -> None:
    (growing / "logs" / "b.log").write_text(line(THIEF, 4711, 20))
    counted(growing / "ws", growing / "logs")
    again(growing, 1, 2, 3, 4711, inputs={"map": "0" * 64})
    answer = object_of(diff_versions(growing / "ws", "spring", now=NOW))
    assert [each["code"] for each in answer["causes"]] == ["new-logs", "corrected-map"]
    assert not answer["certain"]
    assert answer["persons"]["held"]["came_in"] == 2
    fits("scope-diff", answer)
    assert answer["traced"] == {"only_by_new_logs": 1, "only_by_lost_logs": None}
    assert (
        object_of(diff_versions(growing / "ws", "spring", now=NOW, trace=False, sample=0))["traced"] is None
    )


def test_a_log_that_grew_is_counted_up_to_where_it_was(growing: Path) -> None:
    workspace = Workspace.open(growing / "ws")
    before = live_inputs(workspace.journal)
    with open(growing / "logs" / "a.log", "a") as log:
        log.write(line(THIEF, 4711, 20))
    counted(growing / "ws", growing / "logs")
    after = live_inputs(workspace.journal)
    assert (before.contents, after.contents, after.rows[0].lines, after.rows[0].views) == (1, 1, 4, 4)
    assert [each.lines for each in after.beyond(before)] == [4]
    (first, *_), whole = counted_by_then(workspace.journal, before.rows)
    assert (first, whole) == (1, True)
    assert counted_by_then(workspace.journal, after.rows)[1]
    workspace.close()


def test_the_digest_of_inputs_follows_bytes_and_not_names_or_pieces(tmp_path: Path) -> None:
    digests = []
    for name, chunk in (("a.log", 300), ("renamed.log", 100_000)):
        root = tmp_path / name
        (root / "logs").mkdir(parents=True)
        (root / "logs" / name).write_text("".join(line(THIEF, each, each) for each in range(1, 20)))
        counted(root / "ws", root / "logs", chunk_bytes=chunk)
        workspace = Workspace.open(root / "ws")
        digests.append(live_inputs(workspace.journal).digest)
        workspace.close()
    assert digests[0] == digests[1]


def test_closing_is_refused_while_something_is_open_and_lists_it(growing: Path) -> None:
    gap = {"code": "coverage-gap", "what": "web has no whole log for 3 hours", "source": "web"}
    again(growing, 1, 2, open=[gap])
    before = kinds(growing / "ws")
    (growing / "logs" / "b.log").write_text(line(THIEF, 4711, 20))
    with pytest.raises(StillOpenError) as told:
        object_of(close_case(growing / "ws", "spring", despite=None, now=NOW))
    assert "web has no whole log for 3 hours" in str(told.value)
    assert kinds(growing / "ws") == before
    counted(growing / "ws", growing / "logs")
    with pytest.raises(StillOpenError, match="ledger-moved"):
        object_of(close_case(growing / "ws", "spring", despite=None, now=NOW))
    with pytest.raises(WhosawError, match="needs a reason"):
        object_of(close_case(growing / "ws", "spring", despite=" ", now=NOW))
    closed = object_of(close_case(growing / "ws", "spring", despite="the hours are lost for good", now=NOW))
    fits("scope-close", closed)
    assert closed["final"]["despite"] == "the hours are lost for good"
    assert [each["code"] for each in closed["open"]] == ["coverage-gap", "ledger-moved"]
    assert (closed["of"], closed["version"]) == (2, 3)


def test_a_closed_case_is_final_and_a_further_version_supersedes_it(growing: Path) -> None:
    closed = object_of(close_case(growing / "ws", "spring", despite=None, now=NOW))
    workspace = Workspace.open(growing / "ws")
    store = CaseStore(workspace)
    assert store.get("spring", 2).final == Final(by=workspace.journal.who, at=NOW, despite=None)
    assert store.sets("spring", 2) == store.sets("spring", 1)
    assert store.get("spring", 1).final is None
    assert (closed["version"], store.final_version("spring")) == (2, 2)
    with pytest.raises(WhosawError, match="is final already"):
        object_of(close_case(growing / "ws", "spring", despite=None, now=NOW))
    same = object_of(diff_versions(growing / "ws", "spring", now=NOW))
    fits("scope-diff", same)
    assert same["same"]
    again(growing, 1)
    assert (store.final_version("spring"), store.row("spring").final) == (2, False)
    workspace.close()


def test_versions_are_made_while_a_scan_runs_and_neither_loses_anything(tmp_path: Path) -> None:
    logs = tmp_path / "logs"
    logs.mkdir()
    for number in range(3):
        (logs / f"{number}.log").write_text("\n".join(shop_lines(400, seed=number)) + "\n")
    root = tmp_path / "ws"
    counted(root, logs / "0.log")
    faults: list[Exception] = []
    done = threading.Event()

    def scan_all() -> None:
        try:
            counted(root, logs, chunk_bytes=8_000)
        except Exception as fault:  # noqa: BLE001  # told below, in the thread of the test
            faults.append(fault)
        finally:
            done.set()

    running = threading.Thread(target=scan_all)
    running.start()
    made: dict[str, list[LiveInputs]] = {"spring": [], "autumn": []}
    try:
        while not done.is_set() or not made["autumn"]:
            for case, inputs_of in made.items():
                workspace = Workspace.open(root)
                reader, inputs = open_steady(workspace)
                persons = reader.session.query("SELECT DISTINCT person FROM views WHERE person IS NOT NULL")
                lines = reader.session.query("SELECT count(*) AS n FROM views")["n"][0].as_py()
                # the reader and its inputs are of one moment
                assert lines == sum(each.views for each in inputs.rows)
                reader.close()
                held = BitMap(persons["person"].to_numpy().astype("uint32"))
                CaseStore(workspace).add(
                    canonical_json(document(case)), {"held": held}, now=NOW, inputs=inputs
                )
                inputs_of.append(inputs)
                workspace.close()
    finally:
        running.join()
    assert not faults
    workspace = Workspace.open(root)
    store = CaseStore(workspace)
    for case, inputs_made in made.items():
        assert [row.version for row in store.versions(case)] == list(range(1, len(inputs_made) + 1))
        assert [store.inputs(case, n + 1) for n in range(len(inputs_made))] == inputs_made
    assert live_inputs(workspace.journal).contents == 3
    assert workspace.journal.broken_at() is None
    workspace.close()
