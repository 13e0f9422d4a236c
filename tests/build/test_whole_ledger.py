"""All registered steps over a scanned workspace with its context: the same whatever threads there are, nothing twice, the findings of now."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.build.shop import opened, read_files
from tests.chain import replay_digest
from tests.chain.shop_log import KEY, NOW

from whosaw.app.building.bring_up import Ledger, setup_of
from whosaw.app.building.context import context_of
from whosaw.app.findings.detection import load_detection
from whosaw.app.replay import made_at
from whosaw.app.scan import scan
from whosaw.core.finding import Finding
from whosaw.mapping.data_map import load_map
from whosaw.mapping.twin_reports import twin_rules
from whosaw.replay.items import load_replay
from whosaw.replay.make import make_replay
from whosaw.store.numbers.commit import number_segments
from whosaw.store.parts import parts_in_force
from whosaw.store.workspace import Workspace

WIDE = bool(os.environ.get("WHOSAW_WIDE"))  # the demo shop, whose findings are held to the present ones
SOME = {"canary-hit", "persons-per-client", "token-never-issued"}


@dataclass(frozen=True)
class Shop:
    root: Path
    data_map: Path
    context: Path
    found: tuple[Finding, ...]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    folder = tmp_path_factory.mktemp("shop")
    item, breach = load_replay(breach="forged-token")
    scale = {} if WIDE else {"scale": replay_digest.SCALE}
    made = made_at(make_replay(folder / "replay", shop=item, breach=breach, seed=7, **scale).folder)
    root, logs, found = folder / "w", [str(each) for each in made.logs], ()
    if WIDE:
        root.mkdir()
        (root / "vault.key").write_bytes(KEY)
        (root / "vault.key").chmod(0o600)
        found = scan(logs, root, now=NOW, map_path=made.map, context=made.context).findings
    else:
        read_files(root, logs, made.map)
    return Shop(root=root, data_map=made.map, context=made.context, found=found)


@contextmanager
def ledger(shop: Shop, root: Path, threads: int = 1) -> Iterator[tuple[Workspace, Ledger]]:
    if not root.exists():
        shutil.copytree(shop.root, root)
    with opened(root) as workspace:
        number_segments(workspace)
        detection = load_detection()
        context = context_of(workspace, shop.context)
        setup = setup_of(
            workspace,
            twins=twin_rules(load_map(shop.data_map)),
            detectors={name: each for name, each in detection.detectors.items() if WIDE or name in SOME},
            explanations=detection.explanations,
            context=context,
        )
        yield workspace, Ledger(workspace, setup, context=context, threads=threads)


def _places(workspace: Workspace) -> list[tuple[object, ...]]:
    return [
        (each.kind, each.day, each.file, each.first, each.digest)
        for each in parts_in_force(workspace.journal)
    ]


@pytest.mark.skipif(not WIDE, reason="WHOSAW_WIDE runs it")
@pytest.mark.slow
def test_all_steps_over_a_ledger(shop: Shop, tmp_path: Path) -> None:
    with ledger(shop, tmp_path / "one") as (workspace, days):
        made = days.bring_up_to_date(now=NOW).made
        assert made["view"] == made["sign"] == made["sum"] > 30
        places = _places(workspace)
        _, parties = days.telling().found()
        told = [(each.finding.detector, each.finding.id) for each in parties]
        assert told
        if WIDE:
            assert told == [(each.detector, each.id) for each in shop.found]
    with ledger(shop, tmp_path / "one") as (workspace, days):
        assert dict(days.bring_up_to_date(now=NOW).made) == {}
        assert _places(workspace) == places
        _, parties = days.telling().found()
        assert [(each.finding.detector, each.finding.id) for each in parties] == told
        assert not any(days.waiting().values())
    if WIDE:  # of the steps of days it is held always
        with ledger(shop, tmp_path / "two", threads=2) as (workspace, days):
            days.bring_up_to_date(now=NOW)
            assert _places(workspace) == places
