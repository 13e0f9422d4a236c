"""Stands in for closure: the two relations that counting reads, made of the lines that findings count."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from whosaw.core.scope_version import HonestAtMost
from whosaw.store.sql import Session


@dataclass(frozen=True, slots=True, kw_only=True)
class StandIn:
    """What counting asks of a closure."""

    honest_at_most: HonestAtMost | None = None
    ambiguous: Sequence[Any] = ()


def stand_in(session: Session, finding: str | None = None, **told: Any) -> StandIn:
    """One part: every line that this finding counts (or any), all of them held."""
    chosen = "" if finding is None else f"WHERE finding = '{finding}'"
    session.execute(
        f"CREATE OR REPLACE TEMP TABLE scope_lines AS SELECT DISTINCT content, line FROM counted {chosen}"
    )
    session.execute(
        "CREATE OR REPLACE TEMP VIEW scope_views AS SELECT v.content, v.line, v.person, v.client, v.route, v.micros AS time, "
        "v.extra_at_most AS extra, 0 AS part, true AS held, 0::TINYINT AS unsure FROM views v SEMI JOIN scope_lines USING (content, line) WHERE NOT v.duplicate"
    )
    session.execute(
        "CREATE OR REPLACE TEMP TABLE scope_clients AS SELECT DISTINCT client, 0 AS part, true AS all_views FROM scope_views"
    )
    return StandIn(**told)
