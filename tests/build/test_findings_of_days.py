"""From logs to findings by the steps of the ledger, with a context and real digests: those of the present path, field by field."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from tests.build.explained import DETECTORS, EXPLANATIONS, NOW, ledger_in, made

from whosaw.actors import load_context, run
from whosaw.app.building.bring_up import Ledger, setup_of
from whosaw.app.building.context import context_of
from whosaw.mapping.resolver import Resolver
from whosaw.store.identifiers import LedgerDigests
from whosaw.store.ledger import LedgerReader

pytestmark = [
    pytest.mark.slow,
    # the same of cases: tests/unit/app/building/test_to_findings.py
    pytest.mark.skipif(not os.environ.get("WHOSAW_WIDE"), reason="WHOSAW_WIDE runs it"),
]
ASKED = {"persons-per-client": DETECTORS["persons-per-client"]}


def test_too_many_people_of_a_replay_are_the_findings_of_now(tmp_path: Path) -> None:
    made(tmp_path)
    context = tmp_path / "replay" / "context"
    with ledger_in(tmp_path / "w") as workspace:
        reader = LedgerReader(workspace)
        try:
            read = load_context(context, Resolver(reader), zone=None)
            now = run(reader.session, read, ASKED, EXPLANATIONS, digests=LedgerDigests(reader)).findings
        finally:
            reader.close()
        kept = context_of(workspace, context)
        setup = setup_of(workspace, detectors=ASKED, explanations=EXPLANATIONS, context=kept)
        ledger = Ledger(workspace, setup, context=kept, threads=1)
        ledger.bring_up_to_date(now=NOW)
        _, found = ledger.telling().found()
        assert not ledger.bring_up_to_date(now=NOW).made
    assert len(now) > 1
    assert sorted((each.finding for each in found), key=lambda each: each.id) == sorted(
        now, key=lambda each: each.id
    )
