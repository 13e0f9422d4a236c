"""The register of contracts of an organisation, and what its entries ask in a case: their clocks stand beside those of the law.

A case names the register (`contracts = "contracts.toml"`) or holds entries of its own, and says of each whether the incident counts:

    [[contract]]
    party = "Example Bank"
    kind = "customer"
    incident = "any access by an outsider to data of its customers"
    hours = 24
    address = "security@bank.example.org"
    source = "contract of 2024, clause 12"
    counts = true
    because = "its customers' pages were read"
    routes = ["bank-orders"]          # the pages of the data map that are this party's
    told = 2026-03-06T11:00:00Z

An organisation that processes for a processor knows those for whom the latter does: `through = "Example Bank"` on their entries. They are told
by the one between, whose letter counts the people of each, and whose pages are all of theirs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Any

from whosaw.core.contracts import KINDS, Contract, ContractAnswer
from whosaw.core.duties import Made, Start
from whosaw.core.errors import FaultsError
from whosaw.core.instants import parse_zone
from whosaw.core.law_items import Clock, Period
from whosaw.core.moments import Moment
from whosaw.core.ranges import Range
from whosaw.core.truth import Answer, Truth, no, undecided, yes
from whosaw.packs.table import Table
from whosaw.packs.toml_file import load_toml

from .clock_run import run_clock
from .counting import Counting, calendar_of
from .facts import EVENTS, Facts
from .reading import read_moment

__all__ = ["ContractInCase", "answer_contracts", "read_contracts"]

_PLAIN = Counting(id="contract", law="as agreed", confidence="secondary")


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractInCase:
    """An entry of the register with what the case says of it. `counts` None: nobody has said whether the incident counts under it.
    `routes` are its pages and those of all for whom it stands between; `behind` are these, each with all that are its own so."""

    contract: Contract
    counts: bool | None
    because: str
    routes: tuple[str, ...]
    told: Moment | None
    behind: tuple[tuple[str, tuple[str, ...]], ...] = ()


def read_contracts(table: Table, folder: Path, zone: tzinfo) -> tuple[ContractInCase, ...]:
    """The register that a case names, and the entries of the case, by party; an entry of the case adds to that of the register."""
    register = table.text("contracts", required=False)
    known: dict[str, tuple[Contract, Table]] = {}
    if register:
        try:
            file = load_toml(folder / register)
        except FaultsError as fault:
            table.faults.extend(fault.faults)
        else:
            top = Table.top(file, table.faults, code=table.code)
            for each in top.tables("contract", required=True):
                _keep(known, _contract(each, None), each)
                each.rest_unknown()
            top.rest_unknown()
    standing = dict(known)
    said: dict[str, ContractInCase] = {
        party: ContractInCase(contract=contract, counts=None, because="", routes=(), told=None)
        for party, (contract, _) in standing.items()
    }
    own: dict[str, tuple[Contract, Table]] = {}
    for each in table.tables("contract"):
        party = str(each.values.get("party", ""))
        contract = _contract(each, standing[party][0] if party in standing else None)
        _keep(own, contract, each)
        said[contract.party] = ContractInCase(
            contract=contract,
            counts=each.optional_flag("counts"),
            because=each.text("because", required=each.has("counts")),
            routes=each.texts("routes", required=False),
            told=read_moment(each, "told", zone, required=False),
        )
        each.rest_unknown()
    return tuple(_chained(said, table))


def _chained(said: Mapping[str, ContractInCase], table: Table) -> Iterator[ContractInCase]:
    """Each entry with whoever stands behind it. Notes where one stands behind nobody that is there, or behind itself."""
    behind: dict[str, list[str]] = {party: [] for party in said}
    for party, each in said.items():
        between, passed = each.contract.through, [party]
        while between:
            if between not in said:
                table.fault(
                    f"{passed[-1]} is reached through {between}, and no [[contract]] is of that name",
                    "contract",
                )
                break
            if between in passed:
                table.fault(
                    f"{party} is reached through itself: {' through '.join([*passed, between])}", "contract"
                )
                break
            behind[between].append(party)
            passed.append(between)
            between = said[between].contract.through
    routes = {
        party: tuple(
            dict.fromkeys((*each.routes, *(at for name in behind[party] for at in said[name].routes)))
        )
        for party, each in said.items()
    }
    for party, each in said.items():
        theirs = tuple((name, routes[name]) for name in behind[party])
        yield replace(each, routes=routes[party], behind=theirs)


def _keep(known: dict[str, tuple[Contract, Table]], contract: Contract, table: Table) -> None:
    if contract.party in known:
        table.fault(f"{contract.party} is there twice", "party")
    known[contract.party] = (contract, table)


def _contract(table: Table, standing: Contract | None) -> Contract:
    """The entry of a table; what it leaves out is as the register has it."""
    new = standing is None
    hours = table.integer("hours", least=0, default=None if standing is None else standing.hours)
    return Contract(
        party=table.text("party"),
        kind=table.text("kind", required=new, one_of=KINDS) or (standing.kind if standing else ""),
        incident=table.text("incident", required=new) or (standing.incident if standing else ""),
        hours=hours,
        starts=table.text("from", required=False, one_of=EVENTS)
        or (standing.starts if standing else "aware"),
        address=table.text("address", required=False) or (standing.address if standing else ""),
        source=table.text("source", required=new) or (standing.source if standing else ""),
        through=table.text("through", required=False) or (standing.through if standing else ""),
    )


def answer_contracts(
    contracts: Iterable[ContractInCase],
    facts: Facts,
    scope: Mapping[str, Any] | None,
    *,
    zone: str,
    now: datetime,
) -> tuple[ContractAnswer, ...]:
    """What each entry asks. `scope` is the newest scope version as a document, whose counts by page give each party its own."""
    return tuple(
        ContractAnswer(
            contract=each.contract,
            counts=_counts(each),
            people=_people(each.routes, scope) if each.routes and scope is not None else None,
            runs=()
            if each.counts is False or each.contract.through
            else _runs(each, facts, zone=zone, now=now),
        )
        for each in contracts
    )


def _counts(each: ContractInCase) -> Answer:
    if each.contract.through:
        return no(f"{each.contract.through} stands between, and tells it")
    if each.counts is None:
        return undecided(
            (f"nobody has said whether it counts as {each.contract.incident}",),
            (f"contract {each.contract.party}: does it count?",),
        )
    return yes(each.because) if each.counts else no(each.because)


def _runs(each: ContractInCase, facts: Facts, *, zone: str, now: datetime) -> tuple[Any, ...]:
    hours = each.contract.hours
    period = None if hours is None else Period(limit=hours, unit="hours")
    clock = Clock(starts=(each.contract.starts,), period=period, words="as agreed")
    made = None if each.told is None else Made(duty=each.contract.party, when=each.told)
    return tuple(
        run_clock(
            clock,
            Start(kind=event.kind, when=event.when, claimed_by=event.said_by, evidence=event.evidence),
            in_force=Truth.YES,
            zone=parse_zone(zone),
            rules=_PLAIN,
            calendar=calendar_of(None),
            made=made,
            now=now,
        )
        for event in facts.of_kind(each.contract.starts)
    )


def _people(routes: tuple[str, ...], scope: Mapping[str, Any]) -> Range:
    """Bounds of who was seen on any of these pages: one may have been seen on all of them, or each on one alone. Nobody is in it who is not
    in the scope."""
    by = scope.get("by")
    rows = [
        row
        for row in (by.get("route") if isinstance(by, Mapping) else None) or ()
        if row.get("name") in routes
    ]
    counts = [row["persons"] for row in rows]
    low = max((int(each["lower"]) for each in counts), default=0)
    tops = [each["upper"] for each in counts]
    whole = next((each["upper"] for each in scope.get("counts") or () if each.get("unit") == "persons"), None)
    high = None if None in tops else sum(int(top) for top in tops)
    return Range(low=low, high=high if whole is None else whole if high is None else min(high, int(whole)))
