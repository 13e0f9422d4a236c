"""What was agreed with others about telling them of an incident: customers, processors, insurers, police, card brands and the like."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from .document import told_as
from .duties import Run
from .ranges import Range
from .truth import Answer

__all__ = ["KINDS", "Contract", "ContractAnswer"]

KINDS: Final = {
    "customer": "customer",
    "controller": "controller whose data are processed for it",
    "joint-controller": "joint controller",
    "processor": "processor or sub-processor",
    "group-company": "company of the same group",
    "representative": "representative",
    "insurer": "insurer",
    "police": "police",
    "card-brand": "card brand or acquirer",
    "other": "other",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """One entry of the register. `kind` is a key of `KINDS`; `incident` is what counts as one under it, `hours` the time for telling
    (None: no figure was agreed), `starts` the kind of event it runs from. `through` is the entry that stands between, which processes
    for it and tells it; "" where nobody does."""

    party: str
    kind: str
    incident: str
    hours: int | None
    starts: str = field(metadata=told_as("from"))
    address: str = ""
    source: str = ""
    through: str = field(default="", metadata=told_as(form=lambda party: party or None))


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractAnswer:
    """What an entry asks in a case. `people` are those of the scope whose data are processed for the party; None where the case does
    not say which pages are the party's."""

    contract: Contract = field(metadata=told_as(among=True))
    counts: Answer
    people: Range | None
    runs: tuple[Run, ...]
