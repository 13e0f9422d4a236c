"""In which order, and under which heads, the help lists commands: as the story goes, from logs to what is owed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import typer
from typer.core import TyperGroup

__all__ = ["PANELS", "InOrder", "set_panels"]

PANELS: Final[Mapping[str, tuple[str, ...]]] = {
    "Begin": ("demo", "init", "config", "formats", "map", "packs"),
    "Read logs": ("scan", "watch", "status", "coverage", "rejects", "line", "hold"),
    "Who saw whom": ("findings", "finding", "explain", "who", "what", "answer", "sql", "lookups", "export"),
    "Count a case and prove it": ("scope", "evidence", "custody", "check"),
    "Answer for it": (
        "case", "duties", "penalty", "file", "notice", "consistency", "decide", "decisions",
    ),
    "Be ready": ("replay", "canary"),
}  # fmt: skip


class InOrder(TyperGroup):
    """Lists commands in the order of `PANELS`."""

    def list_commands(self, ctx: Any) -> list[str]:
        order = [name for names in PANELS.values() for name in names]
        return sorted(
            super().list_commands(ctx), key=lambda name: order.index(name) if name in order else len(order)
        )


def set_panels(app: typer.Typer) -> None:
    """Give each command of `app` the head it stands under."""
    heads = {name: head for head, names in PANELS.items() for name in names}
    for command in app.registered_commands:
        name = command.name or getattr(command.callback, "__name__", "")
        command.rich_help_panel = heads[str(name)]
    for group in app.registered_groups:
        group.rich_help_panel = heads[str(group.name)]
