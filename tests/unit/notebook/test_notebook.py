"""Questions from Python: the same answers as the command line, as tables, with nobody shown by accident."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys
import warnings
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from tools.console import ROOT, blocks
from typer.testing import CliRunner

import whosaw
from whosaw.cli.main import app
from whosaw.notebook import CustodyWarning, Ledger, Rows
from whosaw.notebook.rows import ACTOR

PAGE = ROOT / "docs" / "howto" / "notebook.md"
FILES = {
    block.mark.removeprefix("file: "): block.text
    for block in blocks(PAGE.read_text(encoding="utf-8"))
    if block.mark.startswith("file: ")
}
UNITS = ("views", "accounts", "persons")


def call(*args: str) -> Any:
    done = CliRunner().invoke(app, list(args))
    assert done.exit_code == 0, (args, done.output, done.stderr)
    return done


def told(*args: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(call(*args, "--json").stdout)
    return document


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shop of the page, scanned."""
    folder = tmp_path_factory.mktemp("notebook")
    for name, text in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        call("scan", "access.log", "--map", "map.toml", "--context", "context")
    return folder


@pytest.fixture
def ledger(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ledger:
    """A ledger of its own for each test; the working folder holds it as whosaw-data."""
    shutil.copytree(made, tmp_path / "shop")
    monkeypatch.chdir(tmp_path / "shop")
    return whosaw.open()


@pytest.fixture(autouse=True)
def every_warning_fails() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def test_who_has_the_document_of_the_command(ledger: Ledger) -> None:
    assert ledger.who("4711").document == told("who", "4711")


def test_who_has_one_row_for_each_actor_and_category(ledger: Ledger) -> None:
    answer = ledger.who("4711")
    assert (answer.views.lower, answer.views.upper, answer.views.unit) == (3, 3, "views")
    assert [(row["agent"], row["category"], row["views"]) for row in answer.exposures] == [
        ("Firefox/136.0", "contact.email", 1),
        ("Firefox/136.0", "identity.name", 1),
        ("okhttp/4.12.0", "contact.email", 1),
        ("okhttp/4.12.0", "identity.name", 2),
        ("okhttp/4.12.0", "contact.address", 1),
    ]
    table = answer.exposures.arrow()
    assert table.schema.field("first").type == pa.timestamp("us", tz="UTC")
    assert table["first"].to_pylist()[0] == datetime(2025, 3, 3, 9, 0, 1, tzinfo=UTC)
    assert table.schema.field("routes").type == pa.list_(pa.string())
    assert len(answer.locators) == 3


def test_what_has_the_document_of_the_command_and_bounds_with_reasons(ledger: Ledger) -> None:
    answer = ledger.what("192.0.2.77", persons=2)
    assert answer.document == told("what", "192.0.2.77", "--persons", "2")
    assert [(each.lower, each.upper) for each in (answer.views, answer.accounts, answer.persons)] == [
        (4, 4), (3, 3), (3, 23),
    ]  # fmt: skip
    (reason,) = answer.persons.reasons
    assert (reason.code, reason.adds_upper) == ("secondary-subjects-not-named", 20)
    assert {row["route"]: row["views"] for row in answer.routes} == {"address-book": 1, "my-info": 3}
    assert len(answer.people) == 2
    assert answer.first == datetime(2025, 3, 3, 9, 1, 30, tzinfo=UTC)


def test_findings_are_one_row_each(ledger: Ledger) -> None:
    findings = ledger.findings()
    assert findings.document == told("findings")
    (row,) = findings
    assert (row["detector"], row["confidence"]) == ("canary-hit", "high")
    assert [(row[f"{unit}_at_least"], row[f"{unit}_at_most"]) for unit in UNITS] == [(4, 4), (3, 3), (3, 23)]


def test_the_views_of_a_finding_are_one_row_each(ledger: Ledger) -> None:
    (finding,) = ledger.findings()
    views = ledger.views(finding["id"])
    assert views.document == told("explain", finding["id"])
    assert [row["locator"] for row in views] == finding["locators"]
    assert [(row["route"], row["agent"], row["answer"]) for row in views] == [
        ("my-info", "okhttp/4.12.0", "cannot tell"),
        ("my-info", "okhttp/4.12.0", "cannot tell"),
        ("address-book", "okhttp/4.12.0", "cannot tell"),
        ("my-info", "okhttp/4.12.0", "cannot tell"),
    ]


def test_a_new_scope_is_the_version_that_the_command_shows(ledger: Ledger) -> None:
    (finding,) = ledger.findings()
    new = ledger.new_scope("shop", findings=[finding["id"]])
    assert new.document["custody"]["answer"] == "holds"
    shown = ledger.scope("shop", 1)
    assert shown.document == told("scope", "show", "shop", "--version", "1")
    assert shown.document == {name: each for name, each in new.document.items() if name != "custody"}
    assert [str(shown.views), str(shown.persons)] == ["1 to 5 views", "1 to 23 persons"]
    assert {row["category"]: (row["views_at_least"], row["views_at_most"]) for row in shown.by("category")} == {
        "contact.address": (0, 1), "contact.email": (0, 4), "identity.name": (1, 5),
    }  # fmt: skip
    assert {row["code"] for row in shown.open} == {each["code"] for each in shown.document["open"]} != set()
    people = shown.people()
    assert people.document == told("scope", "show", "shop", "--version", "1", "--persons")
    assert [row["held"] for row in people] == [True, True, True]
    with pytest.raises(whosaw.WhosawError, match="category"):
        shown.by("colour")


def test_coverage_is_per_source_or_per_hour(ledger: Ledger) -> None:
    assert ledger.coverage().document == told("coverage")
    (source,) = ledger.coverage("access.log")
    assert [source[name] for name in ("source", "lines", "events", "rejects", "partial")] == [
        "access.log",
        5,
        5,
        0,
        1,
    ]
    (hour,) = ledger.coverage(hours=True)
    assert (hour["state"], hour["rule"], hour["events"]) == ("partial", "edge", 5)
    with pytest.raises(whosaw.WhosawError, match="elsewhere"):
        ledger.coverage("elsewhere")


def test_no_repr_shows_anybody(ledger: Ledger) -> None:
    (finding,) = ledger.findings()
    scope = ledger.new_scope("shop", findings=[finding["id"]])
    answers = [
        ledger.who("4711", reveal=True, reason="a test"),
        ledger.what("192.0.2.77", reveal=True, reason="a test"),
        scope,
        scope.people(reveal=True, reason="a test"),
        ledger.findings(),
        ledger,
    ]
    assert answers[0].shown == "4711"
    assert "9999" in {row["shown"] for row in answers[3]}
    for answer in answers:
        for raw in ("4711", "4712", "9999", "192.0.2."):
            assert raw not in repr(answer)


def test_masks_stand_where_nobody_asked_for_more(ledger: Ledger) -> None:
    answer = ledger.who("4711")
    assert answer.shown == "4***1"
    assert set(answer.exposures.arrow()["principal"].to_pylist()) == {"4***1"}
    assert told("lookups")["lookups"] == []


def test_a_look_needs_a_reason_and_is_journalled_as_by_the_command(ledger: Ledger) -> None:
    with pytest.raises(whosaw.WhosawError) as refused:
        ledger.who("4711", reveal=True)
    assert refused.value.code == "reveal.no-reason"
    answer = ledger.who("4711", reveal=True, reason="ticket 12")
    call("who", "4711", "--reveal", "--reason", "ticket 12")
    first, second = told("lookups")["lookups"]
    differ = ("entry", "time")
    assert {k: v for k, v in first.items() if k not in differ} == {
        k: v for k, v in second.items() if k not in differ
    }
    assert (first["what"], first["persons"], first["revealed"], first["reason"]) == (
        "who",
        1,
        True,
        "ticket 12",
    )
    assert answer.document["custody"]["entry"] == first["entry"]


def test_a_journal_that_was_edited_is_said(ledger: Ledger) -> None:
    ledger.who("4711", reveal=True, reason="ticket 12")
    connection = sqlite3.connect("whosaw-data/journal.sqlite")
    with connection:
        connection.execute("UPDATE journal SET who = 'somebody else' WHERE kind = 'reidentified'")
    connection.close()
    with pytest.warns(CustodyWarning, match="is BROKEN"):
        answer = ledger.who("4711")
    assert answer.document["custody"]["answer"] == "broken"


def test_what_is_wrong_is_one_error_with_a_way_out(ledger: Ledger, tmp_path: Path) -> None:
    for ask in (
        lambda: whosaw.open(tmp_path),
        lambda: ledger.who("1"),
        lambda: ledger.what("f-0123"),
        ledger.scope,
    ):
        with pytest.raises(whosaw.WhosawError) as fault:
            ask()
        assert fault.value.hint


def _rows() -> Rows:
    return Rows([("at_most", pa.int64()), ("at", pa.timestamp("us", tz="UTC"))],
                [{"at_most": 3, "at": None}, {"at_most": None, "at": datetime(2025, 3, 3, tzinfo=UTC)}], {})  # fmt: skip


def test_a_bound_that_cannot_be_told_is_missing_and_no_zero() -> None:
    import pandas as pd

    rows = _rows()
    assert rows.arrow()["at_most"].null_count == 1
    frame = rows.pandas()
    assert frame["at_most"].dtype == pd.Int64Dtype()
    assert frame["at_most"][0] == 3
    assert frame["at_most"][1] is pd.NA
    assert str(frame["at"].dtype).startswith("datetime64")
    assert "UTC" in str(frame["at"].dtype)
    assert frame["at"][1] == pd.Timestamp("2025-03-03", tz="UTC")


def test_rows_of_nothing_keep_their_columns() -> None:
    rows = Rows([("n", pa.int64())], [], {})
    assert (len(rows), list(rows), rows.columns) == (0, [], ("n",))
    assert list(rows.pandas().columns) == ["n"]


def test_other_libraries_take_rows_through_arrows_protocol() -> None:
    taken = pa.RecordBatchReader.from_stream(_rows()).read_all()
    assert taken.equals(_rows().arrow())


def test_without_pandas_there_is_one_line_and_arrow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(whosaw.WhosawError) as missing:
        _rows().pandas()
    assert missing.value.code == "notebook.no-pandas"
    assert "\n" not in str(missing.value)
    assert "pip install 'whosaw[pandas]'" in str(missing.value)
    assert _rows().arrow().num_rows == 2


def test_each_trait_that_a_client_is_shown_by_has_its_column() -> None:
    schema = json.loads((ROOT / "docs/reference/json/common.schema.json").read_text(encoding="utf-8"))
    assert sorted(name for name, _ in ACTOR) == sorted(schema["$defs"]["client"]["properties"])


def test_importing_whosaw_loads_nothing_heavy() -> None:
    script = (
        "import sys\n"
        "before = set(sys.modules)\n"
        "import whosaw\n"
        "print(sorted(each for each in set(sys.modules) - before - {'__future__'} if not each.startswith('whosaw')))\n"
        "print(callable(whosaw.open), hasattr(whosaw, 'close'))"
    )
    done = subprocess.run([sys.executable, "-c", script], stdout=subprocess.PIPE, check=True, text=True)
    assert done.stdout == "[]\nTrue False\n"
