"""Which findings looked single views up in a record: by the tables, and columns of tables, that their detectors need."""

from __future__ import annotations

import pytest

from whosaw.workflow.detection import load_detection
from whosaw.workflow.scope import _proven


@pytest.mark.parametrize(
    ("detectors", "expected"),
    [
        (("staff-without-reason",), True),
        (("staff-without-reason", "relative-record", "own-record"), True),
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
    finding = {"detector": detectors[0], "crossings": [{"detector": each} for each in detectors]}
    assert _proven(finding, load_detection()) is expected
