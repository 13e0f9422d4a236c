"""Law as data: duties with their clocks, penalties with their arithmetic, worked out from the facts of a case."""

from __future__ import annotations

from .duties import DutyAnswer, answer_duties
from .facts import Event, Facts, Flag, Imposed, Made, Rate, ScopeFacts, Turnover
from .items import Content, Duty, Law, Payment, Precedent
from .loading import load_law, shipped_law
from .moments import Moment
from .payments import PaymentAnswer, answer_payments, precedent_json
from .places_without_law import NoLaw, places_without_law
from .ranges import Range
from .truth import Answer, Truth

__all__ = [
    "Answer",
    "Content",
    "Duty",
    "DutyAnswer",
    "Event",
    "Facts",
    "Flag",
    "Imposed",
    "Law",
    "Made",
    "Moment",
    "NoLaw",
    "Payment",
    "PaymentAnswer",
    "Precedent",
    "Range",
    "Rate",
    "ScopeFacts",
    "Truth",
    "Turnover",
    "answer_duties",
    "answer_payments",
    "load_law",
    "places_without_law",
    "precedent_json",
    "shipped_law",
]
