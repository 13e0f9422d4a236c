"""Of whole shops with a breach, the new path tells the parties, counts, lines and standings that are told now of the same flags."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from tests.chain import replay_digest
from tests.chain.shop_log import KEY, NOW

from whosaw.app.replay import made_at
from whosaw.app.scan import scan
from whosaw.replay.damage.item import load_damage
from whosaw.replay.damage.twin import make_twin
from whosaw.replay.items import load_replay
from whosaw.replay.make import make_replay

WIDE = bool(os.environ.get("WHOSAW_WIDE"))  # every replay, larger; else one
SCALE = 0.01 if WIDE else 0.003


@pytest.mark.parametrize("name", sorted(replay_digest.names()) if WIDE else ["forged-token, rough"])
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
    print(name, told_anew_too)  # noqa: T201
    assert told_anew_too or breach_name == "quiet"
