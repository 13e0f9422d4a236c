"""Somebody at the database itself, past every page of the shop."""

from __future__ import annotations

from whosaw.replay.breach_item import Step
from whosaw.replay.setting import Setting

from .keyed import Keyed

__all__ = ["database"]


def database(setting: Setting, step: Step) -> Keyed:
    """The role named in `claim`."""
    return Keyed(principal=setting.claim(step.claim), key=-1)
