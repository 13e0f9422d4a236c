"""Two sources that log one act: one act is one view, whoever sends the second log and however it is cut."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.chain.shop_log import NOW
from tests.wide import WIDE

from whosaw.app.asking.questions import open_ledger
from whosaw.app.findings.detection import detect_all
from whosaw.app.maps import check_map
from whosaw.app.progress import Silent
from whosaw.app.scan import ScanReport, scan
from whosaw.core.document import document, object_of
from whosaw.mapping.data_map import load_map
from whosaw.mapping.twin_reports import twin_rules
from whosaw.store.index.update import update_index
from whosaw.store.ledger import LedgerReader
from whosaw.store.vault import KINDS
from whosaw.store.workspace import Workspace

pytestmark = pytest.mark.usefixtures("without_detection")

ROUTES = """
[[route]]
id = "member"
match = { path = "/members/{id}" }
subject = { from = "path", name = "id" }
categories = ["identity.name"]
"""
BY_ID = '[[twins]]\nsources = ["edge.log", "app.log"]\nby = "request_id"\n' + ROUTES
BY_PATH = '[[twins]]\nsources = ["edge.log", "app.log"]\nby = "client-path-time"\nwithin = "2s"\n' + ROUTES
CLIENT, PROXY = "192.0.2.10", "198.51.100.1"


def edge(second: int, member: int, rid: str = "-", *, address: str = CLIENT, status: int = 200) -> str:
    """A line of the server in front: it knows the address of the client, and nobody's name."""
    return (
        f'{address} - - [03/Mar/2025:09:{second // 60:02}:{second % 60:02} +0000] "GET /members/{member} HTTP/1.1" '
        f'{status} 7 "-" "Firefox" rid={rid}\n'
    )


def app(
    second: int, member: int, rid: str = "-", *, name: str = "anna", address: str = PROXY, status: int = 200
) -> str:
    """A line of the application: it knows who is signed in, and the address of the server in front."""
    return (
        f'{address} - - [03/Mar/2025:09:{second // 60:02}:{second % 60:02} +0000] "GET /members/{member} HTTP/1.1" '
        f'{status} 7 "-" "-" sub={name} rid={rid}\n'
    )


def read(folder: Path, root: Path, data_map: str, **logs: Sequence[str]) -> ScanReport:
    """Scan `edge` and `app`, each a list of lines, into the workspace."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "map.toml").write_text(data_map)
    paths = []
    for name, lines in logs.items():
        path = folder / f"{name}.log"
        path.write_text("".join(lines))
        paths.append(str(path))
    return scan(paths, root, now=NOW, map_path=folder / "map.toml")


def views(root: Path) -> dict[str, int]:
    """Sure and possible views of the ledger, and accounts of the sure ones."""
    workspace = Workspace.open(root)
    try:
        reader = LedgerReader(workspace)
        (row,) = reader.session.query(
            "SELECT count(DISTINCT (content, line)) FILTER (unsure & 63 = 0) AS sure, "
            "count(DISTINCT (content, line)) FILTER (unsure & 63 <> 0) AS possible, "
            "count(DISTINCT person) FILTER (unsure = 0) AS accounts FROM views WHERE NOT duplicate"
        ).to_pylist()
        reader.close()
        return dict(row)
    finally:
        workspace.close()


def asked(root: Path, question: str, about: str) -> dict[str, Any]:
    ledger = open_ledger(root, now=NOW)
    try:
        return object_of(getattr(ledger, question)(about))
    finally:
        ledger.close()


def test_without_a_declaration_each_act_counts_twice(tmp_path: Path, new_root: Callable[[str], Path]) -> None:
    root = new_root("w")
    read(tmp_path, root, ROUTES, edge=[edge(1, 7, "r1")], app=[app(2, 7, "r1")])
    assert views(root)["sure"] == 2


def test_one_act_is_one_view_of_one_actor(tmp_path: Path, new_root: Callable[[str], Path]) -> None:
    root = new_root("w")
    read(
        tmp_path,
        root,
        BY_ID,
        edge=[edge(1, 7, "r1"), edge(5, 8, "r2"), edge(9, 9, "r3")],  # r3 came from a cache
        app=[app(1, 7, "r1"), app(6, 8, "r2"), app(20, 6, "r4")],  # r4 came past the server in front
    )
    assert views(root) == {"sure": 4, "possible": 0, "accounts": 4}
    who = asked(root, "who", "7")
    assert (who["views"]["lower"], who["views"]["upper"]) == (1, 1)
    (exposure,) = who["exposures"]
    # the address that the server in front knows, and the name that the application knows
    assert {"address", "principal", "agent"} <= exposure["actor"].keys()
    for actor, members in ((CLIENT, 3), ("anna", 3), (PROXY, 1)):
        assert asked(root, "what", actor)["counts"][0]["lower"] == members


def test_both_lines_of_a_view_can_be_followed(tmp_path: Path, new_root: Callable[[str], Path]) -> None:
    root = new_root("w")
    read(tmp_path, root, BY_ID, edge=[edge(1, 7, "r1")], app=[app(1, 7, "r1")])
    who = asked(root, "who", "7")
    assert len(who["locators"]) == 1
    assert len(who["witnesses"]) == 1
    assert who["witnesses"] != who["locators"]


def test_a_request_that_was_tried_again_is_as_many_acts_as_one_source_shows(
    tmp_path: Path, new_root: Callable[[str], Path]
) -> None:
    root = new_root("w")
    # an id of the application's own, in a JSON log, may stand twice
    twice = [
        f'{{"time":"2025-03-03T09:00:0{n}Z","remote_addr":"{PROXY}","method":"GET","path":"/members/7","status":200,"sub":"anna","request_id":"r1"}}\n'
        for n in (1, 2)
    ]
    read(tmp_path, root, BY_ID, edge=[edge(1, 7, "r1")], app=twice)
    assert views(root) == {"sure": 2, "possible": 0, "accounts": 1}


def test_persons_that_differ_are_not_joined(tmp_path: Path, new_root: Callable[[str], Path]) -> None:
    root = new_root("w")
    read(tmp_path, root, BY_ID, edge=[edge(1, 7, "r1")], app=[app(1, 8, "r1")])
    assert views(root) == {"sure": 1, "possible": 1, "accounts": 1}
    count = asked(root, "what", CLIENT)["counts"][0]
    assert (count["lower"], count["upper"]) == (0, 1)
    assert [each["code"] for each in count["reasons"]] == ["unsure-twin"]


@pytest.mark.parametrize(
    ("edge_lines", "app_lines", "sure", "possible"),
    [
        ([edge(10, 7)], [app(11, 7, address=CLIENT)], 1, 0),  # within the slack
        ([edge(10, 7)], [app(14, 7, address=CLIENT)], 1, 1),  # within twice the slack: cannot tell
        ([edge(10, 7)], [app(20, 7, address=CLIENT)], 2, 0),  # two acts
        ([edge(10, 7)], [app(10, 8, address=CLIENT)], 2, 0),  # another page
        ([edge(10, 7)], [app(10, 7, address="192.0.2.99")], 2, 0),  # another client
        ([edge(10, 7), edge(11, 7)], [app(11, 7, address=CLIENT)], 2, 1),  # one has no partner, but which
        ([edge(10, 7), edge(11, 7)], [app(10, 7, address=CLIENT), app(12, 7, address=CLIENT)], 2, 0),
    ],
)
def test_by_client_path_and_time(
    tmp_path: Path,
    new_root: Callable[[str], Path],
    edge_lines: list[str],
    app_lines: list[str],
    sure: int,
    possible: int,
) -> None:
    root = new_root("w")
    read(tmp_path, root, BY_PATH, edge=edge_lines, app=app_lines)
    found = views(root)
    assert (found["sure"], found["possible"]) == (sure, possible)


def test_a_second_log_that_comes_late_joins_what_was_counted(
    tmp_path: Path, new_root: Callable[[str], Path]
) -> None:
    front = [edge(n, n, f"r{n}") for n in range(1, 30)]
    behind = [app(n, n, f"r{n}") for n in range(1, 20)]
    at_once, one_by_one = new_root("a"), new_root("b")
    read(tmp_path, at_once, BY_ID, edge=front, app=behind)
    read(tmp_path, one_by_one, BY_ID, edge=front)
    assert views(one_by_one) == {"sure": 29, "possible": 0, "accounts": 29}
    read(tmp_path, one_by_one, BY_ID, app=behind)
    assert views(one_by_one) == views(at_once) == {"sure": 29, "possible": 0, "accounts": 29}
    for root in (at_once, one_by_one):
        assert asked(root, "what", "anna")["counts"][0]["lower"] == 19
        assert asked(root, "what", CLIENT)["counts"][0]["lower"] == 29


@pytest.mark.parametrize(
    ("front", "behind", "said"),
    [
        ([edge(1, 7, "r1")], None, "no log is the source app.log"),
        ([edge(1, 7)], [app(1, 7)], "no line of edge.log has a request id"),
        ([edge(1, 7, "r1")], [app(1, 7, "r2")], "no line of edge.log is the twin of one of app.log"),
        ([edge(1, 7, "r1")], [app(1801, 7, "r1")], "30 minutes"),
    ],
)
def test_twins_that_join_nothing_are_said_loudly(
    tmp_path: Path, new_root: Callable[[str], Path], front: list[str], behind: list[str] | None, said: str
) -> None:
    logs = {"edge": front, **({"app": behind} if behind is not None else {})}
    notes = read(tmp_path, new_root("w"), BY_ID, **logs).notes
    assert any(said in note for note in notes), notes


def test_the_same_lines_give_the_same_ledger_however_they_were_cut(
    tmp_path: Path, new_root: Callable[[str], Path]
) -> None:
    front = [edge(n // 3, n % 5, f"r{n}") for n in range(200)]
    behind = [app(n // 3 + n % 2, n % 5, f"r{n}", name=f"u{n % 4}") for n in range(0, 200, 2)]
    found = []
    for name, chunk, order in (("a", 1 << 22, (0, 1)), ("b", 900, (0, 1)), ("c", 1 << 22, (1, 0))):
        folder = tmp_path / f"logs-{name}"
        folder.mkdir()
        (folder / "map.toml").write_text(BY_ID)
        (folder / "edge.log").write_text("".join(front))
        (folder / "app.log").write_text("".join(behind))
        paths = [str(folder / ("edge.log", "app.log")[at]) for at in order]
        root = new_root(name)
        for step in [paths] if name != "c" else [[path] for path in paths]:
            scan(step, root, now=NOW, map_path=folder / "map.toml", chunk_bytes=chunk)
        workspace = Workspace.open(root)
        reader = LedgerReader(workspace)
        rows = reader.session.query(
            "SELECT micros, hex(p.digest) AS person, hex(c.digest) AS client, hex(a.digest) AS address, unsure, duplicate FROM views v "
            "JOIN identities p ON p.kind = ? AND p.number = v.person JOIN clients c ON c.client = v.client "
            "JOIN identities a ON a.kind = ? AND a.number = v.address ORDER BY ALL",
            [KINDS["person"], KINDS["address"]],
        )
        found.append(rows.to_pylist())
        assert len(found[-1]) == 200
        assert len({row["client"] for row in found[-1]}) == 3  # two names at one address, and nobody
        reader.close()
        workspace.close()
        assert views(root) == {"sure": 200, "possible": 0, "accounts": 5}
    assert found[0] == found[1] == found[2]


RULE = """\
title: A script reads members
id: 00000000-0000-4000-8000-000000000001
logsource: {category: webserver}
detection:
  s: {cs-user-agent|startswith: Fire, sc-status: 200}
  condition: s
level: high
"""


def test_a_rule_that_hits_the_witness_counts_the_view(
    tmp_path: Path, new_root: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("whosaw.app.scan.detect_all", detect_all)  # it is a finding that is looked at
    root = new_root("w")
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "script.yml").write_text(RULE)
    (tmp_path / "map.toml").write_text(BY_ID)
    (tmp_path / "edge.log").write_text(edge(1, 7, "r1") + edge(2, 8, "r2") + edge(9, 9, "r3"))
    (tmp_path / "app.log").write_text(app(1, 7, "r1") + app(2, 8, "r2"))
    report = scan(
        [str(tmp_path / "edge.log"), str(tmp_path / "app.log")],
        root,
        now=NOW,
        map_path=tmp_path / "map.toml",
        sigma=tmp_path / "rules",
    )
    # only the server in front knows the program; two of its three lines are witnesses
    found = [each for each in report.findings if each.detector.startswith("sigma:")]
    assert sum(each.counts[0].lower for each in found) == 3
    assert sum(each.counts[0].upper for each in found) == 3


@pytest.mark.parametrize(
    ("front", "behind", "by", "within", "shared"),
    [
        # 15 of 20 request ids stand in both, three seconds apart
        ([edge(n, n, f"r{n}") for n in range(20)], [app(n + 3, n, f"r{n}") for n in range(5, 25)], "request_id", "10s", 15),
        # the same clients ask for the same pages a second later
        ([edge(9 * n, n) for n in range(20)], [app(9 * n + 1, n, address=CLIENT) for n in range(12)], "client-path-time", "2s", 12),
        # nothing that both know
        ([edge(n, n, f"r{n}") for n in range(20)], [app(n, n, f"q{n}") for n in range(20)], None, None, 0),
        # too few to say so
        ([edge(n, n, f"r{n}") for n in range(9)], [app(n, n, f"r{n}") for n in range(9)], None, None, 0),
    ],
)  # fmt: skip
def test_a_check_of_the_map_proposes_twins(
    tmp_path: Path, front: list[str], behind: list[str], by: str | None, within: str | None, shared: int
) -> None:
    # the names do not tell which stands in front, the addresses do
    (tmp_path / "z.log").write_text("".join(front) + edge(3000, 1, "x1", address="192.0.2.77"))
    (tmp_path / "a.log").write_text("".join(behind))
    (tmp_path / "map.toml").write_text(ROUTES)
    paths = [str(tmp_path / "a.log"), str(tmp_path / "z.log")]
    answer = check_map(tmp_path / "map.toml", paths, progress=Silent())
    if by is None:
        assert answer.twins == ()
        return
    (hint,) = answer.twins
    assert document(hint) == {
        "sources": ["z.log", "a.log"],
        "by": by,
        "shared": shared,
        "lines": len(behind),
        "within": within,
    }
    assert any('[[twins]] sources = ["z.log", "a.log"]' in note for note in answer.notes)
    (tmp_path / "map.toml").write_text(f'[[twins]]\nsources = ["a.log", "z.log"]\nby = "{by}"\n' + ROUTES)
    answer = check_map(tmp_path / "map.toml", paths, progress=Silent())
    assert answer.twins == ()
    assert f"twins a.log and z.log: {shared} of {len(behind)} and 21 lines have a partner" in answer.notes
    answer = check_map(tmp_path / "map.toml", paths[:1], progress=Silent())
    assert "twins a.log and z.log: no log here is the source z.log" in answer.notes


def test_nothing_is_counted_again_where_nothing_is_new(
    tmp_path: Path, new_root: Callable[[str], Path]
) -> None:
    root = new_root("w")
    logs = {
        "edge": [edge(n, n, f"r{n}") for n in range(9)],
        "app": [app(n, n, f"r{n}") for n in range(9)],
    }
    read(tmp_path, root, BY_ID, **logs)
    workspace = Workspace.open(root)
    try:
        rules = twin_rules(load_map(tmp_path / "map.toml"))
        assert not update_index(workspace, threads=1, memory_bytes=1 << 29, twins=rules)
        assert update_index(workspace, threads=1, memory_bytes=1 << 29, twins=())  # they are twins no more
    finally:
        workspace.close()
    assert (
        views(root)["sure"] == 9 + 9 - 9
    )  # of one moment, status and page: without twins they are repeats, as before


@settings(
    max_examples=12 if WIDE else 5,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    acts=st.lists(st.tuples(st.integers(0, 5), st.sampled_from(["both", "edge", "app"])), max_size=30),
    seed=st.integers(0, 1000),
)
def test_with_request_ids_the_count_is_the_truth(
    acts: list[tuple[int, str]], seed: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("twins")
    dice = random.Random(seed)
    front = [edge(2 * n, m, f"r{n}") for n, (m, where) in enumerate(acts) if where != "app"]
    behind = [
        app(2 * n + dice.randint(0, 9), m, f"r{n}") for n, (m, where) in enumerate(acts) if where != "edge"
    ]
    dice.shuffle(behind)
    if not (front or behind):
        return
    logs = {name: lines for name, lines in (("edge", front), ("app", behind)) if lines}
    read(folder, folder / "w", BY_ID, **logs)
    found = views(folder / "w")
    assert found["possible"] == 0
    assert max(len(front), len(behind)) <= found["sure"] <= len(front) + len(behind)
    assert found["sure"] == len(acts)


@settings(
    max_examples=12 if WIDE else 5,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    acts=st.lists(
        st.tuples(st.integers(0, 2), st.integers(0, 6), st.integers(0, 2), st.booleans()), max_size=25
    )
)
def test_by_path_the_truth_lies_within_the_bounds_where_one_source_is_whole(
    acts: list[tuple[int, int, int, bool]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The server in front logs every act; the application logs those that it was asked for, up to two seconds later."""
    folder = tmp_path_factory.mktemp("twins")
    at, front, behind = 0, [], []
    for member, pause, late, asked_app in acts:
        at += pause
        front.append(edge(at, member))
        if asked_app:
            behind.append((at + late, app(at + late, member, address=CLIENT)))
    if not front:
        return
    logs = {"edge": front, **({"app": [line for _, line in sorted(behind)]} if behind else {})}
    read(folder, folder / "w", BY_PATH, **logs)
    found = views(folder / "w")
    repeated = len(front) - len(set(front))  # equal lines of one moment cannot be told from a copy
    assert found["sure"] <= len(acts)
    assert len(acts) <= found["sure"] + found["possible"] + repeated + len(behind) - len(set(behind))
