"""Customers who log in under their own names and read other people's numbers."""

from __future__ import annotations

import numpy as np

from .sending import Sending
from .signed_in import SignedIn

__all__ = ["own_login"]


def own_login(sending: Sending) -> SignedIn:
    """The step's accounts are customers who seldom come by themselves. Without a key it is that of the first device."""
    setting, people, step = sending.setting, sending.people, sending.step
    whose = people.visitors[::-1][: step.accounts].astype(np.int64)
    key = setting.keys.code(step.key or setting.shop.device[0].key)
    return SignedIn(sending=sending, accounts=people.numbers[whose], key=key, shows_login=True)
