"""Texts that people wrote into the workspace and that hold an identifier: they are told of, and changed by whoever wrote them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from whosaw.store import statements as sa
from whosaw.store.journal import tables
from whosaw.store.workspace import Workspace

__all__ = ["SHORTEST", "NamedIn", "named_in"]

SHORTEST: Final = 5  # characters: a shorter identifier stands in every text by chance
_COLUMNS: Final = (
    ("custody journal", tables.entry, "body"),
    ("remarks", tables.remark, "text"),
    ("proposals", tables.proposal, "why"),
    ("judgments", tables.judgment, "note"),
    ("case files", tables.case_text, "text"),
    ("requests", tables.request, "reason"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedIn:
    """Where an identifier still stands, and in how many texts."""

    where: str
    texts: int


def named_in(workspace: Workspace, identifiers: Sequence[str]) -> tuple[NamedIn, ...]:
    """Texts in which one of these stands as a word of its own. Those of fewer than five characters are not looked for."""
    asked = [each for each in identifiers if len(each) >= SHORTEST]
    found: Counter[str] = Counter()
    for where, table, column in _COLUMNS:
        if not workspace.journal.has(table):
            continue
        for each in asked:
            query = sa.select(table.c[column]).where(table.c[column].like(f"%{_escaped(each)}%"))
            word = re.compile(rf"(?<!\w){re.escape(each)}(?!\w)", re.IGNORECASE)
            found[where] += sum(word.search(row[column]) is not None for row in workspace.journal.rows(query))
    return tuple(NamedIn(where=where, texts=texts) for where, texts in found.items() if texts)


def _escaped(text: str) -> str:
    """For LIKE, in which `_` stands for any one character: more is found, and looked at again."""
    return text.replace("%", "_")
