"""Signs that no change of the build reaches say of the cases of detectors what the present path says."""

from __future__ import annotations

from collections import Counter

import pytest
from tests.unit.actors.signing.old_path import both, differing, ledger_of

from whosaw.actors import load_detectors, load_explanations
from whosaw.actors.cases import Case

SAME = (
    "never-issued", "issued-to-another", "out-of-time", "key-retired", "key-unknown", "key-of-leaver", "principal-left",
    "service-ended", "no-reason", "own-record", "colleague", "relative", "public-figure", "another-person",
)  # fmt: skip
MOST = 1002  # views; larger cases say the same of more
DETECTORS = load_detectors(load_explanations())


def cases_of(detector: str) -> list[Case]:
    return [each for each in DETECTORS[detector].cases if sum(row.count for row in each.views) <= MOST]


ASKING = sorted(
    each.id
    for each in DETECTORS.values()
    if any(clause.sign and clause.sign.name in SAME for clause in each.clauses) and cases_of(each.id)
)


@pytest.mark.parametrize("detector", ASKING)
def test_signs_of_the_context_are_those_of_now(detector: str) -> None:
    borne: Counter[str] = Counter()
    for case in cases_of(detector):
        old, new, _ = both(ledger_of(case), SAME)
        for name in SAME:
            assert (name, case.title, differing(old[name], new[name])) == (name, case.title, 0)
            borne[name] += new[name].count(True)
    asked = {clause.sign.name for clause in DETECTORS[detector].clauses if clause.sign} & set(SAME)
    assert not [name for name in asked if not borne[name]]
