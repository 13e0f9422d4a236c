"""A person whom only some servers read in a request stands in upper bounds, beside whoever else it may be."""

from __future__ import annotations

import re
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.chain.shop_log import NOW
from tests.chain.test_spelling import SEEN, shop
from tests.wide import some

from whosaw.app.asking.questions import open_ledger
from whosaw.app.cases.making import make_version
from whosaw.app.scan import scan
from whosaw.core.document import object_of
from whosaw.store.repositories.findings import stored_findings
from whosaw.store.workspace import Workspace

MAP = """\
[[route]]
id = "info"
match = { method = "GET", path = "/info" }
subject = { from = "query", name = "id" }
categories = ["identity.name"]
"""


def test_who_and_what_hold_every_reading(tmp_path: Path) -> None:
    """One sure view of 7; `?ID=7` is of 7 or of somebody whom the log does not name; `?id=8&id=9` is of 8 or of 9."""
    start = datetime(2025, 4, 14, tzinfo=UTC)
    queries = ["id=7", "ID=7", "id=8&id=9"]
    (tmp_path / "map.toml").write_text(MAP)
    (tmp_path / "access.log").write_text(
        "".join(
            f"192.0.2.1 - - [{start + timedelta(seconds=at):%d/%b/%Y:%H:%M:%S +0000}] "
            f'"GET /info?{query} HTTP/1.1" 200 5 "-" "a"\n'
            for at, query in enumerate(queries)
        )
    )
    scan([str(tmp_path / "access.log")], tmp_path / "w", now=NOW, map_path=tmp_path / "map.toml")
    with closing(open_ledger(tmp_path / "w", now=NOW)) as ledger:
        seen = {person: ledger.who(person).views for person in ("7", "8", "9")}
        what = {each.unit: each for each in ledger.what("192.0.2.1").counts}
    assert {person: (views.lower, views.upper) for person, views in seen.items()} == {
        "7": (1, 2), "8": (0, 1), "9": (0, 1),
    }  # fmt: skip
    assert (what["views"].lower, what["views"].upper) == (3, 3)
    # 7 for sure; at most 7, 8, 9 and one who is not named
    assert (what["accounts"].lower, what["accounts"].upper) == (1, 4)
    assert "unsure-identifier" in {reason.code for reason in what["accounts"].reasons}


@pytest.mark.parametrize("query", some(["id=1000000&id={id}", "ID={id}", "id={id}&Id=1000000"], of=2))
def test_a_breach_in_another_spelling_of_the_parameter_is_found_and_bounded(
    tmp_path: Path, query: str
) -> None:
    """Whatever the server read, each request was one view, and together they showed at most 300 persons."""
    (tmp_path / "map.toml").write_text(MAP)
    text = shop(f"GET /info?{query} HTTP/1.1")
    text = re.sub(r"/customers/(\d+)/info", r"/info?id=\1", text)
    (tmp_path / "access.log").write_text(text)
    scan([str(tmp_path / "access.log")], tmp_path / "w", now=NOW, map_path=tmp_path / "map.toml")
    with closing(Workspace.open(tmp_path / "w")) as workspace:
        (finding,) = stored_findings(workspace.journal)
    version = object_of(make_version(tmp_path / "w", "case", findings=[finding.id], now=NOW))
    with closing(open_ledger(tmp_path / "w", now=NOW)) as ledger:
        what = [each.as_json() for each in ledger.what("192.0.2.200").counts]
    for counts in ([each.as_json() for each in finding.counts], what, version["counts"]):
        told = {each["unit"]: each for each in counts}
        assert told["views"]["upper"] == SEEN
        assert told["views"]["lower"] in (0, SEEN)
        for unit in ("accounts", "persons"):
            # 1000000 alone where the server takes that one, as many as there are requests where it takes the other
            assert told[unit]["lower"] <= 1
            assert SEEN <= told[unit]["upper"] <= 2 * SEEN + 1
