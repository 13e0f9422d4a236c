"""What became of each Sigma rule, as text: those that cannot be run, or had nothing to be run on, are named one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .console import say

if TYPE_CHECKING:
    from whosaw.actors.sigma.rules_in_force import RulesTold

__all__ = ["show_rules"]

_MOST = 30


def show_rules(told: RulesTold) -> None:
    """One line for each rule that did not run, with where in its file the reason stands."""
    silent = [each for each in told.rules if each.state != "ran"]
    for each in silent[:_MOST]:
        say(f"Sigma rule {each.state}: {each.file}:{each.line}: {each.title} ({each.id}): {each.why}")
    if len(silent) > _MOST:
        say(f"… and {len(silent) - _MOST:,} more rules; --json lists all")
