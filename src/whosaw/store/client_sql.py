"""Columns of a client in SQL texts: `<<WHICH: PATTERN>>` stands for PATTERN once for each, with its name for every @.

WHICH is all, numbered, clear or sent, perhaps with `but NAME NAME`. Patterns are joined by a comma; `| AND` before the end
joins them by that word, and a bare `|` by the end of a line.
"""

from __future__ import annotations

import re
from typing import Final

from whosaw.core import client

__all__ = ["with_columns"]

_GROUPS: Final = {
    "all": client.COLUMNS,
    "numbered": client.NUMBERED,
    "clear": client.CLEAR,
    "sent": client.SENT,
}
_PLACE: Final = re.compile(r"<<(\w+)(?: but ([\w ]+))?: (.+?)(?: ?\| ?(\w*))?>>", re.DOTALL)


def with_columns(sql: str) -> str:
    """The text with every such place filled."""
    return _PLACE.sub(_fill, sql)


def _fill(place: re.Match[str]) -> str:
    which, but, pattern, joint = place.groups()
    without = frozenset((but or "").split())
    if which not in _GROUPS or not without <= set(client.NAMES):
        raise client.ClientSchemaError(f"{place[0]} names no columns of a client")
    between = ", " if joint is None else f" {joint} " if joint else "\n"
    return between.join(pattern.replace("@", each) for each in _GROUPS[which] if each not in without)
