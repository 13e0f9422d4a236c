"""Holds the ledger of a scan against the truth of the replay whose logs were scanned."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from whosaw.app.gating.asking import asks
from whosaw.app.gating.rights import Verb
from whosaw.core.errors import WhosawError
from whosaw.replay.score.found import found_in
from whosaw.replay.score.measure import bounds, score
from whosaw.replay.score.result import Score
from whosaw.replay.score.truth_read import About, read_truth
from whosaw.store.ledger import LedgerReader
from whosaw.store.workspace import Workspace

from .cases.making import count_findings

__all__ = ["Scored", "score_replay"]

# why a scope cannot be closed that says nothing against what was found: all of it is explained, or the context was moved
_NO_SCOPE: Final = frozenset(("scope.nothing", "context.gone"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """A score, and of which replay and ledger it is."""

    replay: About
    workspace: Path
    score: Score


@asks(Verb.SEE_FINDINGS, "score")
def score_replay(
    root: Path, place: Path, *, key_file: Path | None = None, threads: int = 2, memory_bytes: int = 2 << 30
) -> Scored:
    """Hold the findings of the workspace `root` against the truth of the replay at `place`, and so the counts of the scope that
    all true ones give together.

    Nothing is written, and no raw identifier leaves the vault. Raises `WhosawError` when there is no truth, no
    workspace, or the workspace is one of other logs.
    """
    told = read_truth(place)
    workspace = Workspace.open(root, key_file=key_file)
    try:
        reader = LedgerReader(workspace, threads=threads, memory_bytes=memory_bytes)
        try:
            found = score(found_in(reader, told.truth.members, told.lines), told.truth)
            if true := [each.said.id for each in found.findings.listed if each.answer == "true"]:
                try:
                    counted = count_findings(workspace, reader, true)
                except WhosawError as fault:
                    if fault.code not in _NO_SCOPE:
                        raise
                    found = replace(found, notes=(*found.notes, f"no bounds: {fault.message}"))
                else:
                    found = replace(found, bounds=bounds(told.truth, counted.counts))
        finally:
            reader.close()
    finally:
        workspace.close()
    return Scored(replay=told.about, workspace=root, score=found)
