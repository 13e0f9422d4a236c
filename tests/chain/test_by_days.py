"""Findings by the steps over days: what the present way stores, each day made once, after kills and on workspaces of earlier programs."""

from __future__ import annotations

import json
import random
import re
import shutil
import signal
import sqlite3
import tarfile
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from bench.both_paths import find_in_one_run
from tests.chain.shop_log import NOW, ledger_bytes
from tests.chain.test_context_from_logs import PROJECT, shop
from tests.forked import forking
from tests.wide import WIDE, some

from whosaw.actors.belief import ASK_OF_IDS
from whosaw.app.building.bring_up import Ledger
from whosaw.app.evidence.check import CheckedPart, Elsewhere, check
from whosaw.app.findings import by_days, span_answers
from whosaw.app.findings.spans import spans_of
from whosaw.app.project.file import load_project
from whosaw.app.scan import ScanReport, scan
from whosaw.build.plan import Outcome
from whosaw.core.document import document
from whosaw.store import statements as sa
from whosaw.store.journal import tables
from whosaw.store.ledger import LedgerReader
from whosaw.store.live_files import files_of_kinds
from whosaw.store.numbers.commit import sealed_raws
from whosaw.store.numbers.history import load_history
from whosaw.store.numbers.raws import Identities
from whosaw.store.parts import parts_in_force
from whosaw.store.repositories.findings import past_findings
from whosaw.store.vault import KINDS
from whosaw.store.workspace import Workspace

OLD = Path(__file__).parents[1] / "store" / "old_workspaces"
LINES = (OLD / "access.log").read_text().splitlines(keepends=True)
TOLD = ("members", "counted", "proofs", "answers")
VALUES = r'\\"values\\": \[[^]]*\]'
"""Numbers of the ledger, in JSON within JSON: they follow from what was scanned first."""
OF_A_DAY = ("view", "explain", "expose")
"""Steps that ask no day but their own."""
OF_TWO = ("visit", "manner", "sum")
"""Steps that ask the day before or after, and may be made again of it once visits over midnight have ended. Signs of the first 28 days are
judged together, so `sign` is made of all of them."""
KILLS = 30 if WIDE else 2


WAYS = {"whole": find_in_one_run, "days": by_days.find_by_days}
"""Detectors over all views at once, as earlier releases looked for findings, and steps over days."""


def scanned(root: Path, *logs: Path) -> ScanReport:
    paths = [str(each) for each in logs]
    return scan(paths, root, now=NOW, map_path=OLD / "map.toml", context=OLD / "context", threads=1)


def stored(root: Path) -> dict[str, Any]:
    """What the detectors left for readers."""
    workspace = Workspace.open(root)
    reader = LedgerReader(workspace)
    try:
        told = {name: reader.session.query(f"SELECT * FROM {name} ORDER BY ALL").to_pylist() for name in TOLD}
        settings = {name: workspace.journal.setting(name) for name in ("collapsed", "plain-kinds")}
        bodies = workspace.journal.rows(sa.select(tables.finding).order_by(tables.finding.c.position))
        past = [each.id for each in past_findings(workspace.journal)]
        return {**told, **settings, "findings": bodies, "past": past}
    finally:
        reader.close()
        workspace.close()


def by_day(folder: Path) -> list[Path]:
    """The log in a file for each of its days."""
    days: dict[str, list[str]] = {}
    for line in LINES:
        found = line.partition("[")[2][:11]
        days.setdefault(found or next(reversed(days)), []).append(line)
    folder.mkdir()
    paths = []
    for number, lines in enumerate(days.values()):
        paths.append(folder / f"access-{number}.log")
        paths[-1].write_text("".join(lines))
    return paths


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How many days of each step were made since it was cleared last."""
    every: Counter[str] = Counter()

    class Counted(Ledger):
        def bring_up_to_date(self, **named: Any) -> Outcome:
            outcome = super().bring_up_to_date(**named)
            every.update(outcome.made)
            return outcome

    monkeypatch.setattr(by_days, "Ledger", Counted)
    return every


def test_both_ways_leave_the_same_for_readers(
    new_root: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    told = []
    for name, way in WAYS.items():
        monkeypatch.setattr(by_days, "find_by_days", way)
        report = scanned(root := new_root(name), OLD / "access.log")
        told.append((report.notes, document(report.findings), stored(root)))
    assert told[0] == told[1]
    assert told[0][2]["findings"]
    assert all(told[0][2][name] for name in TOLD)


def by_project(folder: Path) -> None:
    """That there are no jobs and no staff stands in the project, beside what the folder of the context says."""
    (folder / "context" / "context.toml").write_text('[[from]]\nfiles = "../auth/*.json"\n')
    (folder / "whosaw.toml").write_text(PROJECT.replace('"staff"]', '"staff", "canaries"]'))


def by_other_ids(folder: Path) -> None:
    """The login service names people by ids that the log does not know."""
    events = folder / "auth" / "events.json"
    events.write_text(events.read_text().replace('"userId":"', '"userId":"0815-'))


def without_refreshes(folder: Path) -> None:
    """Tokens of refreshes are not on record."""
    events = folder / "auth" / "events.json"
    kept = [each for each in events.read_text().splitlines(keepends=True) if "REFRESH" not in each]
    events.write_text("".join(kept))


def without_jobs_on_record(folder: Path) -> None:
    """Tables without any row, of which nobody said that there is nothing to be in them."""
    (folder / "context" / "context.toml").write_text('[[from]]\nfiles = "../auth/*.json"\n')
    for name, columns in (("services", "principal"), ("canaries", "person")):
        (folder / "context" / f"{name}.csv").write_text(f"{columns}\n")


@pytest.mark.parametrize(
    ("changed", "said"),
    some([
        (by_project, ["canary-hit: not asked: there are no canaries, it is said"]),
        (by_other_ids, [
            "token-of-another: cannot tell: none of the people in logins is known to these logs",
            ASK_OF_IDS,
        ]),
        (without_refreshes, ["token-never-issued: cannot tell: logins may be missing"]),
        (without_jobs_on_record, ["bulk-records: cannot tell: services has no rows"]),
    ], of=2),
    ids=lambda each: getattr(each, "__name__", ""),
)  # fmt: skip
def test_both_ways_say_the_same_of_what_the_context_lacks(
    new_root: Callable[[str], Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    changed: Callable[[Path], None],
    said: Sequence[str],
) -> None:
    changed(folder := shop(tmp_path / "shop"))
    file = folder / "whosaw.toml"
    project = load_project(file) if file.is_file() else None
    told = []
    for name, way in WAYS.items():
        monkeypatch.setattr(by_days, "find_by_days", way)
        report = scan(
            [str(folder / "logs")], root := new_root(name), now=NOW, map_path=folder / "map.toml", context=folder / "context",
            project=project, threads=1,
        )  # fmt: skip
        told.append((report.notes, document(report.findings), stored(root)))
    assert told[1] == told[0]
    assert set(said) <= set(told[0][0])


def test_a_day_costs_a_day(new_root: Callable[[str], Path], tmp_path: Path, made: Counter[str]) -> None:
    root, days = new_root("daily"), by_day(tmp_path / "logs")
    scanned(root, *days[:3])
    for number in (4, 5, 6):
        made.clear()
        scanned(root, *days[:number])
        assert {name: made[name] for name in OF_A_DAY} == dict.fromkeys(OF_A_DAY, 1)
        assert all(1 <= made[name] <= 2 for name in OF_TWO)
    made.clear()
    scanned(root, *days)
    assert not made
    scanned(whole := new_root("whole"), *days)
    daily, once = (re.sub(VALUES, "", json.dumps(stored(each)["findings"])) for each in (root, whole))
    assert daily == once


def live(root: Path) -> dict[str, set[str]]:
    """The files in force of what findings count and of what is said of exposures, by kind."""
    workspace = Workspace.open(root)
    try:
        files = files_of_kinds(workspace.journal, TOLD)
        return {kind: {each.file for each in files if each.live and each.kind == kind} for kind in TOLD}
    finally:
        workspace.close()


@pytest.mark.parametrize("seed", some(range(4), of=2))
def test_what_is_told_by_span_is_what_one_run_tells(
    new_root: Callable[[str], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    """Days in any order, with a context and without: after each scan the rows are those of a run over all views."""
    for module in (by_days, span_answers):
        monkeypatch.setattr(module, "spans_of", partial(spans_of, most=1))
    days = by_day(tmp_path / "logs")
    random.Random(seed).shuffle(days)
    (bare := tmp_path / "bare").mkdir()
    root, kept = new_root("by span"), Counter[str]()
    before: dict[str, set[str]] = {}
    for number, context in (
        (3, bare),
        (4, OLD / "context"),
        (5, OLD / "context"),
        (len(days), OLD / "context"),
        (len(days), bare),
    ):
        names = [str(each) for each in days[:number]]
        scan(names, root, now=NOW, map_path=OLD / "map.toml", context=context, threads=1)
        kept.update({kind: len(names & before.get(kind, set())) for kind, names in live(root).items()})
        before = live(root)
        once = tmp_path / f"once {number} {context.name}"
        shutil.copytree(root, once)
        with sqlite3.connect(once / "journal.sqlite") as journal:
            journal.execute("DELETE FROM setting WHERE name = 'detected'")
        with monkeypatch.context() as whole:
            whole.setattr(by_days, "find_by_days", find_in_one_run)
            scan(names, once, now=NOW, map_path=OLD / "map.toml", context=context, threads=1)
        assert {name: stored(root)[name] for name in TOLD} == {name: stored(once)[name] for name in TOLD}
    assert all(kept[kind] for kind in TOLD)


def numbered(root: Path) -> Mapping[str, tuple[dict[bytes, int], dict[bytes, int]]]:
    """By kind, the numbers of digests as the index has them, and as history does."""
    workspace = Workspace.open(root)
    reader = LedgerReader(workspace)
    found = {}
    try:
        history = load_history(workspace.journal, workspace.files)
        for kind in (*KINDS, "client"):
            query = (
                "SELECT digest, client AS number FROM clients"
                if kind == "client"
                else f"SELECT digest, number FROM identities WHERE kind = {KINDS[kind]}"
            )
            index = {row["digest"]: row["number"] for row in reader.session.query(query).to_pylist()}
            runs = [
                (high, low, number)
                for run in history.known[kind].runs()
                for high, low, number in zip(
                    run.high.tolist(), run.low.tolist(), run.numbers.tolist(), strict=True
                )
            ]
            found[kind] = (
                index,
                {high.to_bytes(8, "big") + low.to_bytes(8, "big"): number for high, low, number in runs},
            )
    finally:
        reader.close()
        workspace.close()
    return found


def raws_differ(root: Path) -> list[str]:
    """Kinds of which the vault by number holds another identifier than the vault of segments, or none at all."""
    workspace = Workspace.open(root)
    reader = LedgerReader(workspace)
    try:
        found = []
        for kind in ("person", "address", "principal"):
            told = Identities(reader).every({kind: 0}).sort_by("number").select(["number", "raw"])
            if not told.num_rows or sealed_raws(workspace, kind).get(told["number"].to_numpy()) != told:
                found.append(kind)
        return found
    finally:
        reader.close()
        workspace.close()


def test_numbers_and_ids_stay_when_the_way_changes_to_and_fro(
    new_root: Callable[[str], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root, days = new_root("changing"), by_day(tmp_path / "logs")
    for number, name in ((2, "days"), (4, "whole")):
        monkeypatch.setattr(by_days, "find_by_days", WAYS[name])
        scanned(root, *days[:number])
    monkeypatch.setattr(by_days, "find_by_days", WAYS["days"])
    report = scanned(root, *days)
    for kind, (index, history) in numbered(root).items():
        assert history == index, kind
    assert raws_differ(root) == []
    assert [each.split_from for each in report.findings] == [None]
    assert stored(root)["past"] == []


def test_the_index_has_the_numbers_of_history(new_root: Callable[[str], Path]) -> None:
    scanned(root := new_root("whole"), OLD / "access.log")
    both = numbered(root)
    assert all(index == history for index, history in both.values())
    assert sum(bool(index) for index, _ in both.values()) > 3


# -- kills

PROGRAM = """\
import os, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from whosaw.app.scan import scan
def run(logs, root, map_file, context, last):
    moments = 0
    def count(event, _):
        nonlocal moments
        if event in ("open", "os.rename", "os.remove", "os.mkdir", "os.truncate", "fcntl.flock", "sqlite3.connect"):
            moments += 1
            if moments == last:
                os.kill(os.getpid(), signal.SIGKILL)
    sys.addaudithook(count)
    scan([logs], Path(root), now=datetime(2025, 11, 17, tzinfo=UTC), map_path=Path(map_file), context=Path(context), threads=1)
    print(moments)
"""


def parts(root: Path) -> list[tuple[object, ...]]:
    """The runs in force, and where each lies."""
    workspace = Workspace.open(root)
    try:
        return [
            (each.kind, each.day, each.file, each.first, each.rows, each.digest)
            for each in parts_in_force(workspace.journal)
        ]
    finally:
        workspace.close()


@pytest.mark.slow
@pytest.mark.skipif(not WIDE, reason="WHOSAW_WIDE runs it; steps that are killed are held in tests/build")
def test_a_scan_that_is_killed_ends_in_the_same_files(
    new_root: Callable[[str], Path], tmp_path: Path
) -> None:
    logs = tmp_path / "logs"
    by_day(logs)
    asked = (str(OLD / "map.toml"), str(OLD / "context"))
    dice = random.Random(20250417)
    with forking(PROGRAM) as process:

        def run(root: Path, last: int) -> int | None:
            done = process.run(str(logs), str(root), *asked, last)
            if done.code == -signal.SIGKILL:
                return None
            assert done.code == 0, done.shown
            return int(done.shown)

        moments = run(calm := new_root("calm"), 0)
        assert moments is not None
        expected = parts(calm), ledger_bytes(calm), stored(calm)
        assert expected[0]
        for number in range(KILLS):
            root = new_root(f"killed-{number}")
            assert (
                run(root, dice.randint(moments // 2, moments - 1)) is None
            )  # days are made in the second half
            run(root, 0)
            assert (parts(root), ledger_bytes(root), stored(root)) == expected
            shutil.rmtree(root)


# -- what is kept, made again


def days_checked(root: Path, *, every: bool = True) -> CheckedPart:
    found = [each for each in check(root, Elsewhere(), every=every).parts if each.name == "days"]
    assert len(found) == 1
    return found[0]


def test_check_makes_days_again_and_names_what_differs(
    new_root: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    root = new_root("checked")
    monkeypatch.setattr(by_days, "find_by_days", WAYS["whole"])
    scanned(root, OLD / "access.log")
    assert all(each.name != "days" for each in check(root, Elsewhere()).parts)  # nothing was made of days
    monkeypatch.setattr(by_days, "find_by_days", WAYS["days"])
    scanned(root, OLD / "more.log")
    before = parts(root)
    whole, some = days_checked(root), days_checked(root, every=False)
    assert whole.answer == some.answer == "holds"
    assert "all of them with --all" in some.notes[0]
    assert parts(root) == before
    with sqlite3.connect(root / "journal.sqlite") as database:
        asked = "SELECT kind, day, digest FROM part WHERE kind = 'visits' ORDER BY day"
        kind, day, digest = database.execute(asked).fetchone()
        rows, at = digest.split(":")
        other = f"{rows}:{int(at, 16) ^ 1:032x}"
        database.execute("UPDATE part SET digest = ? WHERE kind = ? AND day = ?", (other, kind, day))
    damaged = days_checked(root)
    assert damaged.answer == "broken"
    date = datetime.fromtimestamp(day * 86_400, UTC).date()
    assert damaged.why[0] == f"visits of {date}: its file holds other rows than were written"
    (root / "vault.key").rename(root.parent / "away.key")
    assert days_checked(root).answer == "cannot tell"
    unasked = check(root, Elsewhere())
    assert all(each.name != "days" for each in unasked.parts)
    assert any("days cannot be made again" in each for each in unasked.notes)


# -- workspaces of earlier programs


@pytest.fixture(
    params=sorted(OLD.glob("*.tar.gz"))[: None if WIDE else 1], ids=lambda path: path.name.partition(".")[0]
)
def old(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    with tarfile.open(request.param) as archive:
        archive.extractall(tmp_path, filter="data")
    return tmp_path / "ws"


def test_an_old_workspace_gets_its_days_without_logs(old: Path, made: Counter[str]) -> None:
    before = {each["id"] for each in stored(old)["findings"]}
    report = scanned(old, OLD / "more.log")
    assert made["view"] == 7  # six days of which the logs are gone, and the new one
    assert {each.id for each in report.findings} == before
    assert len(stored(old)["counted"]) == 61
