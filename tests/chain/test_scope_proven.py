"""Which findings looked single views up in a record: by the tables, and columns of tables, that their detectors need."""

from __future__ import annotations

import pytest
from tests.findings import a_finding, crossed

from whosaw.app.cases.making import _proven
from whosaw.app.findings.detection import load_detection


@pytest.mark.parametrize(
    ("detectors", "expected"),
    [
        (("account-of-leaver",), True),
        (("relative-record", "own-record"), True),
        # an agent's views whose tickets nobody can tell are counted, too: the ledger says which are proven
        (("staff-without-reason", "relative-record"), False),
        # of those at one address with one program it proves the ones who read the canary themselves
        (("canary-hit",), False),
        # it proves lists, and counts all that their reader saw
        (("bulk-records",), False),
        (("list-to-its-end",), False),
        (("key-of-leaver",), True),
        (("staff-without-reason", "persons-per-client"), False),
        (("page-surge",), False),
        (("token-never-issued",), False),
        (("sigma:somebody-s-rule",), False),
    ],
)
def test_a_finding_is_proven_where_each_detector_behind_it_looked_into_a_record(
    detectors: tuple[str, ...], expected: bool
) -> None:
    finding = a_finding(
        detector=detectors[0], crossings=tuple(crossed("d" * 32, detector=each) for each in detectors)
    )
    assert _proven(finding, load_detection()) is expected
