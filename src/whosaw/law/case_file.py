"""Reads a case file: what nobody but the organisation knows about an incident. Counts are taken from scope versions only."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import tzinfo
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from whosaw.core.case_head import Event
from whosaw.core.duties import Made
from whosaw.core.errors import Fault, FaultsError, WhosawError
from whosaw.core.instants import parse_zone
from whosaw.core.penalties import Imposed
from whosaw.core.ranges import Range
from whosaw.packs.table import Table
from whosaw.packs.toml_file import load_toml

from .account import Account, read_account
from .assessment import read_assessment
from .contracts import ContractInCase, read_contracts
from .facts import EVENTS, FOUND_BY, Facts, Flag, Rate, ScopeFacts, Turnover
from .items import Law
from .reading import read_moment, read_range
from .scope_document import PLACE, scope_facts

__all__ = ["CaseFile", "read_case"]

_CODE: Final = "case.invalid"
_LARGEST: Final = 64 * 1024 * 1024
ScopeSource = Callable[[str, int | None], Mapping[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFile:
    """A case as read. `zone` is that of its days without a time, and of what is printed."""

    name: str
    organisation: str
    zone: str
    facts: Facts
    scopes: tuple[Mapping[str, Any], ...]
    account: Account
    contracts: tuple[ContractInCase, ...] = ()


def read_case(path: Path, law: Law, from_workspace: ScopeSource) -> CaseFile:
    """The case in `path`, with its scope versions. `from_workspace(case, version)` gives those that are named by number.

    Raises one `FaultsError` with every fault and its line; nothing is half taken.
    """
    faults: list[Fault] = []
    table = Table.top(load_toml(path), faults, code=_CODE)
    name = table.text("case")
    zone_name, zone = _zone(table)
    organisation = table.table("organisation", required=True)
    flags, findings = _answers(table, law)
    _assessments(table, law, findings)
    facts = Facts(
        flags=flags,
        findings=findings,
        roles=_texts(organisation, "roles", ("controller", "processor")),
        sectors=_texts(organisation, "sectors", law.sectors),
        established=_places(organisation, "established"),
        listed=_places(organisation, "listed"),
        lead=(_places(organisation, "lead_authority", single=True) or (None,))[0],
        unplaced=_unplaced(table.table("people")),
        events=tuple(event for each in table.tables("event") if (event := _event(each, zone)) is not None),
        never=frozenset(table.texts("never", required=False, one_of=EVENTS)),
        turnover=tuple(row for each in table.tables("turnover") if (row := _turnover(each)) is not None),
        sums=_sums(table.table("sums")),
        rates=tuple(rate for each in table.tables("rate") if (rate := _rate(each)) is not None),
        made=tuple(
            made
            for each in table.tables("made")
            if (made := _made(each, zone, sorted({duty.of for duty in law.duties.values()}))) is not None
        ),
        imposed=tuple(done for each in table.tables("imposed") if (done := _imposed(each, law)) is not None),
    )
    account, contracts = read_account(table, zone), read_contracts(table, path.parent, zone)
    for kind in sorted(facts.never & {event.kind for event in facts.events}):
        table.fault(f"{kind} is said never to have happened, and is an event", "never")
    scopes = [
        found
        for each in table.tables("scope")
        if (found := _scope(each, zone, path.parent, name, from_workspace)) is not None
    ]
    _in_order(table, scopes, facts)
    organisation_name = organisation.text("name", required=False)
    organisation.rest_unknown()
    table.rest_unknown()
    if faults:
        raise FaultsError(_CODE, faults)
    return CaseFile(
        name=name,
        organisation=organisation_name,
        zone=zone_name,
        facts=replace(facts, scopes=tuple(each[0] for each in scopes)),
        scopes=tuple(each[1] for each in scopes),
        account=account,
        contracts=contracts,
    )


def _zone(table: Table) -> tuple[str, tzinfo]:
    name = table.text("zone")
    try:
        return name, parse_zone(name or "UTC")
    except WhosawError as fault:
        table.fault(fault.message, "zone", hint=fault.hint)
        return "UTC", parse_zone("UTC")


def _texts(table: Table, key: str, known: Iterable[str]) -> tuple[str, ...] | None:
    return table.texts(key, one_of=known) if table.has(key) else None


def _places(table: Table, key: str, *, single: bool = False) -> tuple[str, ...] | None:
    if not table.has(key):
        return None
    given = (table.text(key),) if single else table.texts(key)
    for each in given:
        if each and not PLACE.match(each):
            table.fault(f"{key}: {each!r} is no country or state", key, hint="Write it like KR or US-CA")
    return given


def _unplaced(table: Table) -> str | None:
    """Where the people are whose country the ledger does not know; a statement, so it needs a reason."""
    if not table.values:
        return None
    found = _places(table, "unplaced", single=True)
    table.text("because")
    table.rest_unknown()
    return found[0] if found else None


def _answers(table: Table, law: Law) -> tuple[dict[str, Flag], dict[tuple[str, str], Flag]]:
    """Answers that hold under every law, and those that each act asks for itself, which name the act and whose word they are."""
    flags: dict[str, Flag] = {}
    findings: dict[tuple[str, str], Flag] = {}
    acts = [act for place in law.jurisdictions.values() for act in place.acts]
    for each in table.tables("answer"):
        if (given := each.values.get("question")) in law.retired:
            each.fault(
                f"{given} is asked no longer: {law.retired[str(given)]}",
                "question",
                hint="Take this [[answer]] out",
            )
            for name in each.values:
                each.raw(name)
            continue
        key = each.text("question", one_of=law.questions)
        value = each.flag("answer", required=True)
        by_act = key in law.by_act
        under = _acts_of_answer(each, key, law, acts) if by_act else ("",)
        found_by = each.text("found_by", required=by_act, one_of=FOUND_BY) if by_act else ""
        flag = Flag(value=value, by=each.text("by"), because=each.text("because"), found_by=found_by)
        each.rest_unknown()
        for act in under:
            if (act, key) in findings or (not by_act and key in flags):
                each.fault(f"{key} is answered twice{f' under {act}' if act else ''}", "question")
            if by_act:
                findings[act, key] = flag
            else:
                flags[key] = flag
    return flags, findings


def _assessments(table: Table, law: Law, findings: dict[tuple[str, str], Flag]) -> None:
    """Adds what recorded assessments answer; an answer beside one is a fault, for then it is not plain which of them counts."""
    given = table.tables("assessment")
    if not given:
        return
    asked: dict[str, list[str]] = {}
    for key in sorted(each for each in law.by_act - law.findings if each.startswith("risk.")):
        for act in law.acts_that_ask(key):
            asked.setdefault(act, []).append(key)
    for each in given:
        found = read_assessment(each, asked)
        for key, flag in found.flags.items() if found is not None else ():
            if found is not None and (found.act, key) in findings:
                each.fault(f"{key} is answered under {found.act} besides", "law", hint="Keep one of the two")
            elif found is not None:
                findings[found.act, key] = flag


def _acts_of_answer(table: Table, key: str, law: Law, acts: list[str]) -> tuple[str, ...]:
    """The acts under which the same was found: one, or several where one look at the facts answers them all."""
    if table.has("law"):
        return table.texts("law", one_of=acts, some=True, or_one=True)
    asking = sorted(law.acts_that_ask(key))
    table.fault(
        f"{key} is asked by each act for itself, and law is missing",
        "question",
        hint=f"Name the act it was answered under, such as law = {asking[0]!r}; these ask it: {', '.join(asking)}".replace(
            "'", '"'
        ),
    )
    return ()


def _event(table: Table, zone: tzinfo) -> Event | None:
    kind, when = table.text("kind", one_of=EVENTS), read_moment(table, "at", zone)
    said_by, evidence = table.text("said_by"), table.text("evidence", required=False)
    table.rest_unknown()
    return None if when is None else Event(kind=kind, when=when, said_by=said_by, evidence=evidence)


def _currency(table: Table, key: str) -> str:
    found = table.text(key)
    if found and not (len(found) == 3 and found.isalpha() and found.isupper()):
        table.fault(f"{key} is {found!r}", key, hint="Write a currency as three letters, such as KRW")
    return found


def _turnover(table: Table) -> Turnover | None:
    year = table.integer("year", least=1900, most=9999)
    place = table.text("place")
    if place and place != "world" and not PLACE.match(place):
        table.fault(f"place is {place!r}", "place", hint='Write "world" or a country such as KR')
    currency, amount = _currency(table, "currency"), read_range(table, "amount")
    about, unrelated = table.flag("about"), read_range(table, "unrelated", required=False)
    source = table.text("source")
    table.rest_unknown()
    if amount is None:
        return None
    return Turnover(
        year=year,
        place=place,
        currency=currency,
        amount=amount,
        about=about,
        unrelated=unrelated,
        source=source,
    )


def _sums(table: Table) -> dict[str, dict[str, Range]]:
    found: dict[str, dict[str, Range]] = {}
    for currency in table.values:
        inner = table.table(currency)
        read = {key: read_range(inner, key) for key in inner.values}
        found[currency] = {key: value for key, value in read.items() if value is not None}
    return found


def _rate(table: Table) -> Rate | None:
    source, target = _currency(table, "from"), _currency(table, "to")
    value, day, told = table.number("value"), table.day("day"), table.text("source")
    table.rest_unknown()
    if value is None or day is None:
        return None
    return Rate(source_currency=source, target_currency=target, value=value, day=day, source=told)


def _made(table: Table, zone: tzinfo, duties: list[str]) -> Made | None:
    duty = table.text("duty")
    if duty and duty not in duties:
        near = [each for each in duties if each.partition("/")[0] == duty.partition("/")[0]]
        table.fault(f"{duty!r} is no duty", "duty", hint=f"Known: {', '.join(near or duties)}")
    when, scope = read_moment(table, "at", zone), table.integer("scope", default=None)
    source = table.text("source", required=False)
    table.rest_unknown()
    return None if when is None else Made(duty=duty, when=when, scope=scope, source=source)


def _imposed(table: Table, law: Law) -> Imposed | None:
    penalty = table.text("penalty")
    if penalty and penalty not in law.payments:
        near = [each for each in law.payments if each.partition("/")[0] == penalty.partition("/")[0]]
        table.fault(f"{penalty!r} is no penalty", "penalty", hint=f"Known: {', '.join(near)}")
    currency, amount, day = _currency(table, "currency"), read_range(table, "amount"), table.day("day")
    by, source = table.text("by"), table.text("source")
    table.rest_unknown()
    if amount is None or day is None:
        return None
    return Imposed(penalty=penalty, currency=currency, amount=amount, day=day, by=by, source=source)


def _scope(
    table: Table, zone: tzinfo, folder: Path, case: str, from_workspace: ScopeSource
) -> tuple[ScopeFacts, Mapping[str, Any]] | None:
    """One scope version: a JSON file beside the case, or a version of a case in the workspace."""
    file, version = table.text("file", required=False), table.integer("version", default=None)
    other = table.text("case", required=False)
    known = read_moment(table, "known", zone, required=False)
    said_by = table.text("said_by", required=known is not None)
    table.rest_unknown()
    if bool(file) == (version is not None):
        table.fault(
            "a scope has either file (a scope version as JSON) or version (a number in the workspace)"
        )
        return None
    try:
        document = _document(folder / file) if file else from_workspace(other or case, version)
        if document.get("case") != (other or case):
            table.fault(f"is a version of {document.get('case')!r}, not of {other or case!r}", "file")
            return None
        return scope_facts(document, known=known, said_by=said_by), document
    except (ValueError, WhosawError) as fault:
        told = fault.message if isinstance(fault, WhosawError) else str(fault)
        table.fault(f"{file or f'version {version}'}: {told}", "file" if file else "version")
        return None


def _document(path: Path) -> Mapping[str, Any]:
    try:
        if path.stat().st_size > _LARGEST:
            raise ValueError(f"is larger than {_LARGEST:,} bytes")
        found = json.loads(path.read_text(encoding="utf-8"))
    except OSError as fault:
        raise ValueError(f"cannot be read ({fault.strerror})") from fault
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as fault:
        raise ValueError("is no JSON document") from fault
    if isinstance(found, dict):
        return found
    raise ValueError("is no scope version")


def _in_order(table: Table, scopes: list[tuple[ScopeFacts, Mapping[str, Any]]], facts: Facts) -> None:
    versions = [each[0].version for each in scopes]
    if versions != sorted(set(versions)):
        table.fault(f"scope versions must come once each and in order, not {versions}", "scope")
    for number, made in enumerate(facts.made):
        if made.scope is not None and versions and made.scope not in versions:
            table.fault(f"speaks of scope version {made.scope}, which the case does not name", "made", number)
    for before, after in pairwise(scopes):
        if after[0].known.latest < before[0].known.earliest:
            table.fault(f"scope version {after[0].version} was known before the one it follows", "scope")
