"""How unlikely so few events are, where others of the kind hold so many."""

from __future__ import annotations

from math import log

__all__ = ["digits_of_so_few"]

_TEN = log(10)


def digits_of_so_few(events: float, expected: float) -> float:
    """d, where at most one in 10 to the power of d such times holds so few; 0 where there are not fewer than expected.

    Chernoff's bound on the lower tail of a Poisson number: at most k where m are expected has a probability of at most
    exp(k - m - k ln(k / m)). Source: Mitzenmacher and Upfal, Probability and Computing (2005), theorem 5.4.
    """
    if events >= expected:
        return 0.0
    nats = expected - events + (events * log(events / expected) if events else 0.0)
    return nats / _TEN
