"""A partner that pages through its list, with a key that still opens."""

from __future__ import annotations

from whosaw.replay.breach_item import Breach, Step
from whosaw.replay.setting import Setting

from .keyed import Keyed

__all__ = ["partner"]


def partner(setting: Setting, breach: Breach, step: Step) -> Keyed:
    """The partner named in `claim`, with the step's key or its own."""
    known = {each.id: each.key for each in (*setting.shop.partner, *breach.partner)}
    return Keyed(principal=setting.claim(step.claim), key=setting.keys.code(step.key or known[step.claim]))
