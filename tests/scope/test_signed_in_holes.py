"""Where logins have a hole, an actor may have logged in unseen: the hours after it are possible, as those before the first login are."""

from __future__ import annotations

import numpy as np

from whosaw.scope.counting.signed_in import SignedIn


def possible(signed: SignedIn) -> list[int]:
    """Of the hours 100 to 139 those in which the actor can have been there."""
    return [
        each.first + at for each in signed.stretches(100, 40) if each.possible for at in range(each.length)
    ]


def test_hours_in_a_hole_of_the_logins_and_so_long_after_it_as_a_session_lasts_are_possible() -> None:
    logins = np.array([102, 130])
    whole = SignedIn(logins=logins, lasting=2, first=0, last=1000)
    holed = SignedIn(logins=logins, lasting=2, first=0, last=1000, missing=((110, 113),))
    assert possible(whole) == [102, 103, 104, 130, 131, 132]
    assert possible(holed) == [102, 103, 104, *range(110, 116), 130, 131, 132]
