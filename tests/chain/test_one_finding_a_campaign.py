"""Each campaign of a replay is one finding, whatever flags it; and whoever else is flagged is told by himself."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.wide import WIDE

from whosaw.app.replay_score import score_replay
from whosaw.app.scan import scan
from whosaw.replay.items import load_replay
from whosaw.replay.make import make_replay

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SCALE = 0.02  # 400 customers; all breaches at 2,000 stand in docs/why/score.md


@pytest.mark.parametrize("breach", ["agent-without-ticket", "own-login"] if WIDE else ["own-login"])
def test_a_breach_is_one_finding(tmp_path: Path, breach: str) -> None:
    shop, planted = load_replay(breach=breach)
    made = make_replay(tmp_path / "replay", shop=shop, breach=planted, seed=1, scale=SCALE)
    scan(
        [str(each) for each in made.logs],
        tmp_path / "ledger",
        now=NOW,
        map_path=made.map,
        context=made.context,
    )
    told = score_replay(tmp_path / "ledger", tmp_path / "replay").score
    assert (told.answer, told.findings.true, told.findings.false) == ("found", 1, 0)
