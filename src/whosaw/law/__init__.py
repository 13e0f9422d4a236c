"""Law as data: duties with their clocks, penalties with their arithmetic, worked out from the facts of a case."""

from __future__ import annotations

from .duties import answer_duties, for_this_organisation
from .facts import Facts, Flag, Rate, ScopeFacts, Turnover
from .items import Duty, Law, Payment
from .loading import load_law, shipped_law
from .payments import answer_payments
from .places_without_law import places_without_law

__all__ = [
    "Duty",
    "Facts",
    "Flag",
    "Law",
    "Payment",
    "Rate",
    "ScopeFacts",
    "Turnover",
    "answer_duties",
    "answer_payments",
    "for_this_organisation",
    "load_law",
    "places_without_law",
    "shipped_law",
]
