"""Of whole shops with a breach, the new path tells the parties, counts, lines and standings that are told now of the same flags."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from tests.chain import replay_digest
from tests.chain.shop_log import KEY, NOW

from whosaw.actors import load_detectors, load_explanations, run
from whosaw.app.replay import made_at
from whosaw.app.scan import scan
from whosaw.replay.damage.item import load_damage
from whosaw.replay.damage.twin import make_twin
from whosaw.replay.items import load_replay
from whosaw.replay.make import make_replay
from whosaw.store.sql import Session

# Every replay and every case by all detectors at once; else one of each. Always so are the worlds of test_campaigns and test_stories.
WIDE = bool(os.environ.get("WHOSAW_WIDE"))
SCALE = 0.01
EXPLANATIONS = load_explanations()
DETECTORS = load_detectors(EXPLANATIONS)


@pytest.mark.skipif(not WIDE, reason="WHOSAW_WIDE runs it")
@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(replay_digest.names())[: None if WIDE else 1])
def test_a_replay_is_told_as_now(name: str, tmp_path: Path, told_anew_too: list[int]) -> None:
    breach_name, damage = replay_digest.DAMAGED.get(name, (name, None))
    shop, breach = load_replay(breach=breach_name)
    made = make_replay(tmp_path / "replay", shop=shop, breach=breach, seed=7, scale=SCALE)
    if damage is not None:
        made = make_twin(made.folder, tmp_path / "twin", load_damage(damage).damage, 7)
    root = tmp_path / "w"
    root.mkdir()
    (root / "vault.key").write_bytes(KEY)
    (root / "vault.key").chmod(0o600)
    logs = [str(each) for each in made_at(made.folder).logs]
    scan(logs, root, now=NOW, map_path=made.folder / "map.toml", context=made.folder / "context")
    assert told_anew_too or breach_name == "quiet"


@pytest.mark.slow
@pytest.mark.parametrize("detector", sorted(DETECTORS)[: None if WIDE else 1])
def test_the_cases_of_a_detector_are_told_as_now_by_all_at_once(
    detector: str, told_anew_too: list[int]
) -> None:
    for case in DETECTORS[detector].cases:
        made = case.tables()
        with Session() as session:
            for name, table in made.relations.items():
                session.register(name, table)
            run(session, made.context, DETECTORS, EXPLANATIONS)
    assert told_anew_too
