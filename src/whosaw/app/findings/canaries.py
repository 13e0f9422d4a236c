"""Plans canaries from the numbers of the people that the ledger knows."""

from __future__ import annotations

import random
import secrets
from datetime import datetime
from pathlib import Path

import numpy as np

from whosaw.actors.canary_plan import CanaryPlan, plan_canaries
from whosaw.app.gating.asking import asks
from whosaw.app.gating.rights import Verb
from whosaw.core.errors import WhosawError
from whosaw.store.identifiers import register_identifiers
from whosaw.store.ledger import LedgerReader
from whosaw.store.workspace import Workspace

__all__ = ["plan"]


@asks(Verb.START_SCAN, "canaries")
def plan(
    root: Path, *, count: int, seed: int | None, now: datetime, key_file: Path | None = None
) -> CanaryPlan:
    """Free numbers for `count` made-up people among those whose data were seen, and the chance that a walk meets one.

    A number that was only ever asked for is free: somebody guessed it.

    Without a seed the places are drawn from the system's randomness, so that nobody can work them out; with one they come
    out the same again. The look at all identifiers is journalled.
    """
    workspace = Workspace.open(root, key_file=key_file)
    try:
        reader = LedgerReader(workspace)
        try:
            register_identifiers(reader)
            rows = reader.session.query(
                "SELECT kind, list(DISTINCT value ORDER BY value) AS numbers FROM numbers "
                "SEMI JOIN (SELECT person FROM views WHERE person IS NOT NULL) USING (person) "
                "GROUP BY kind ORDER BY count(*) DESC, kind LIMIT 1"
            ).to_pylist()
        finally:
            reader.close()
        with workspace.journal.transaction() as connection:
            body = {"purpose": "canary plan", "kinds": ["person", "principal"]}
            workspace.journal.record(connection, "identifiers-read", body, now=now)
    finally:
        workspace.close()
    if not rows or len(rows[0]["numbers"]) < 2:
        raise WhosawError(
            "canary.no-numbers",
            "the ledger knows no two people whose identifiers are numbers",
            hint="Scan logs with a map first; canaries for other identifiers need no plan, only ids that nobody uses",
        )
    taken = np.asarray(rows[0]["numbers"], dtype=np.int64)
    draw = random.Random(seed).randrange if seed is not None else secrets.randbelow  # noqa: S311  # a seed asks for it
    try:
        return plan_canaries(taken, count, draw)
    except ValueError as fault:
        raise WhosawError(
            "canary.no-room", str(fault), hint="Ask for fewer, or plan with a longer log"
        ) from fault
