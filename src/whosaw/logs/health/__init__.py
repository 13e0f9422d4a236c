"""Log health: what can be said about the sources themselves, before anything is said about who used them."""

from __future__ import annotations

from .facts import Facts, FileFacts, FileState, HourFacts, SegmentFacts, SourceFacts
from .gone_quiet import usual_of
from .items import Check, load_checks, shipped_checks
from .judge import case_fault, judge_health
from .statement import Statement
from .usual import Usual

__all__ = [
    "Check",
    "Facts",
    "FileFacts",
    "FileState",
    "HourFacts",
    "SegmentFacts",
    "SourceFacts",
    "Statement",
    "Usual",
    "case_fault",
    "judge_health",
    "load_checks",
    "shipped_checks",
    "usual_of",
]
