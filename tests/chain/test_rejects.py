"""Lines that could not be read widen bounds only where their text may hold a view, in every answer alike."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from tests.chain.test_spelling import MAP, NOW, PLAIN, SEEN, shop

from whosaw.app.asking.questions import open_ledger
from whosaw.app.cases.making import make_version
from whosaw.app.scan import scan
from whosaw.core.document import object_of
from whosaw.store.repositories.findings import stored_findings
from whosaw.store.workspace import Workspace

HARMLESS = ["INFO  started in 3.2 seconds", "Server www/srv1 is DOWN", '{"level":"info","msg":"reloaded"}']
REQUEST = '192.0.2.200 - - [16/Apr/2025:00:10:00 +0000] "GET /customers/7/info HTTP/1.1 200 900 "-" "a"b"'
CUT = "192.0.2.200 - - [16/Apr/2025:00:"


def counted(folder: Path, among: list[str]) -> dict[str, list[dict[str, Any]]]:
    """The counts of each kind of answer, where such lines stand among those of the breach."""
    (folder / "map.toml").write_text(MAP)
    lines = shop(PLAIN).splitlines()
    middle = next(at for at, line in enumerate(lines) if line.startswith("192.0.2.200")) + 100
    lines[middle:middle] = among
    (folder / "access.log").write_text("\n".join(lines) + "\n")
    scan([str(folder / "access.log")], folder / "w", now=NOW, map_path=folder / "map.toml")
    with closing(Workspace.open(folder / "w")) as workspace:
        (finding,) = stored_findings(workspace.journal)
    with closing(open_ledger(folder / "w", now=NOW)) as ledger:
        what = [each.as_json() for each in ledger.what("192.0.2.200").counts]
        who = ledger.who("7").views.as_json()
    version = object_of(make_version(folder / "w", "case", findings=[finding.id], now=NOW))
    return {
        "finding": [each.as_json() for each in finding.counts],
        "what": what,
        "who": [who],
        "scope": version["counts"],
    }


def of_rejects(counts: list[dict[str, Any]]) -> set[int]:
    """What each count says that its upper bound gains by rejects, whatever else it says."""
    return {
        sum(reason.get("adds_upper", 0) for reason in count["reasons"] if reason["code"] == "rejects")
        for count in counts
    }


@pytest.mark.parametrize("many", [1, 40])
def test_lines_of_programs_widen_no_bound(tmp_path: Path, many: int) -> None:
    told = counted(tmp_path, HARMLESS * many)
    assert {name: of_rejects(counts) for name, counts in told.items()} == {name: {0} for name in told}
    views = {count["unit"]: count for count in told["what"]}["views"]
    assert (views["lower"], views["upper"], views["exact"]) == (SEEN, SEEN, True)


@pytest.mark.parametrize("line", [REQUEST, CUT])
def test_a_line_that_may_hold_a_view_widens_every_bound(tmp_path: Path, line: str) -> None:
    """Two writers may have run two lines together, so that one reject allows for two views."""
    told = counted(tmp_path, [*HARMLESS, line])
    assert {name: of_rejects(counts) for name, counts in told.items()} == {name: {2} for name in told}
