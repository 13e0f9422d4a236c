"""Somebody of the staff, at work or no longer, who logs in to the office's pages and reads."""

from __future__ import annotations

import numpy as np

from .sending import Sending
from .signed_in import SignedIn

__all__ = ["staff"]


def staff(sending: Sending) -> SignedIn:
    """One account. Nobody opens a ticket for what it reads. Without a key it is that of the shop's support."""
    setting, step = sending.setting, sending.step
    key = setting.keys.code(step.key or setting.shop.support.key)
    accounts = np.asarray([setting.claim(step.claim)], dtype=np.int64)
    return SignedIn(sending=sending, accounts=accounts, key=key, shows_login=False)
