"""A small replay as a workspace without findings, brought up with a context; and what the path of now says of it."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from whosaw.actors import load_detectors, load_explanations
from whosaw.app.building import days, explaining
from whosaw.app.building.bring_up import Ledger, setup_of
from whosaw.app.building.context import context_of
from whosaw.app.scan import scan
from whosaw.build.plan import Outcome
from whosaw.mapping.data_map import load_map
from whosaw.mapping.twin_reports import twin_rules
from whosaw.replay.items import load_replay
from whosaw.replay.make import make_replay
from whosaw.store.numbers.migrate import migrate_numbers
from whosaw.store.parts import parts_in_force
from whosaw.store.workspace import Workspace

DAYS = 16
NOW = datetime(2026, 1, 1, tzinfo=UTC)
EXPLANATIONS = load_explanations()
DETECTORS = load_detectors(EXPLANATIONS)
Rows = list[dict[str, str]]


def made(folder: Path, *, scale: float = 0.003) -> Path:
    """A replay in `folder`, read into `folder/w`."""
    shop, breach = load_replay(breach="forged-token")
    replay = make_replay(folder / "replay", shop=shop, breach=breach, seed=1, scale=scale)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("whosaw.app.scan.detect_all", lambda *args, **named: ([], ()))
        scan(
            [str(each) for folder in replay.logs for each in _last_days(folder)],
            folder / "w",
            now=NOW,
            map_path=replay.map,
            context=replay.context,
        )
    return folder


def _last_days(folder: Path) -> list[Path]:
    """Of logs that are put away each day the last `DAYS`; of others all."""
    return [
        each for each in sorted(folder.iterdir()) if int("".join(filter(str.isdigit, each.name)) or 0) < DAYS
    ]


@contextmanager
def ledger_in(root: Path) -> Iterator[Workspace]:
    workspace = Workspace.open(root)
    try:
        with workspace.writing():
            migrate_numbers(workspace)
            yield workspace
    finally:
        workspace.close()


def brought_up(workspace: Workspace, context: Path | None, data_map: Path) -> Outcome:
    """All steps up to signs and walks, with the context as it is in that folder now."""
    kept = context_of(workspace, context)
    setup = setup_of(
        workspace,
        twins=twin_rules(load_map(data_map)),
        detectors=DETECTORS,
        explanations=EXPLANATIONS,
        context=kept,
    )
    steps = (*days.MAKERS, *explaining.MAKERS)
    return Ledger(workspace, setup, context=kept, threads=1, steps=steps).bring_up_to_date(now=NOW)


def digests(workspace: Workspace, *kinds: str) -> dict[tuple[str, int], str]:
    """The row digest of each run of these kinds, of all where none is named."""
    parts = parts_in_force(workspace.journal, kinds or None)
    return {(each.kind, each.day): each.digest for each in parts}


def with_rows(folder: Path, to: Path, name: str, change: Callable[[Rows], Sequence[dict[str, str]]]) -> Path:
    """The context of `folder` with other rows of one table."""
    if to.exists():
        shutil.rmtree(to)
    shutil.copytree(folder, to)
    with (folder / f"{name}.csv").open(newline="") as file:
        reader = csv.DictReader(file)
        names, rows = list(reader.fieldnames or ()), list(reader)
    with (to / f"{name}.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, names)
        writer.writeheader()
        writer.writerows(change(rows))
    return to
