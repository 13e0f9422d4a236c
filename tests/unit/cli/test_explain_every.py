"""The numbers of an explanation open: every view that they count is listed with its answer, and they add up."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from pathlib import Path

import pytest
from tests.unit.cli.conftest import call


def test_every_view_behind_the_numbers_of_an_explanation_is_listed(folder: Path) -> None:
    findings = json.loads(call("findings", "--json").stdout)["findings"]
    tried = [(each["id"], one) for each in findings for one in each["tried"]]
    assert tried
    for finding, one in tried:
        done = call("explain", finding, "--every", one["explanation"], "--csv")
        assert done.exit_code == 0, done.stderr
        rows = list(csv.DictReader(io.StringIO(done.stdout)))
        counted = Counter(row["answer"] for row in rows)
        counted["unexplained"] += counted.pop("never issued", 0)
        for word in ("explained", "unexplained", "cannot tell", "does not apply"):
            assert counted[word] == one[word.replace(" ", "_")], (finding, one)
        assert len({(row["locator"], row["person"]) for row in rows}) == len(rows)
        assert call("line", rows[0]["locator"]).exit_code == 0
        told = json.loads(call("explain", finding, "--every", one["explanation"], "--json").stdout)
        assert [each["locator"] for each in told["views"]] == [row["locator"] for row in rows]
    shown = call("explain", tried[0][0], "--every", tried[0][1]["explanation"]).stdout.splitlines()
    assert shown[0].split() == ["answer", "views"]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("explain", "--every", "own-session"), "rows are of every view of a finding"),
        (("explain", "f-1", "--csv"), "rows are of every view of a finding"),
        (("explain", "f-", "--every", "nonsense"), "there is no explanation 'nonsense'. Known: "),
    ],
)
def test_what_cannot_be_listed_is_said_in_one_line(words: tuple[str, ...], says: str, folder: Path) -> None:
    done = call(*words)
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.startswith(f"whosaw: {says}")
