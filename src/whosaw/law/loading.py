"""Reads the items of law: every file, every fault at once, and the laws over all of them together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from functools import cache, partial
from importlib.resources import files
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

from whosaw.core.errors import Fault, FaultsError, Where
from whosaw.core.law_items import Area, Clock, Content, InForce, Origin, Period, Precedent
from whosaw.core.ranges import Range
from whosaw.packs.table import Table
from whosaw.packs.toml_file import TomlFile, load_toml, parse_toml

from .conditions import Condition, read_condition
from .counting import UNITS, Counting
from .facts import EVENTS
from .item_cases import read_cases
from .items import (
    AUDIENCES,
    CONFIDENCE,
    CRIME,
    FORMS,
    Duty,
    ItemCase,
    Jurisdiction,
    LaterCases,
    Law,
    Payment,
    UncheckedLaw,
    Way,
)
from .reading import read_amount, read_range

__all__ = ["law_of", "law_values", "load_law", "shipped_law"]

_CODE = "law.item"
_CASES = "\n[[case]]"
_Cases = Callable[..., Sequence[ItemCase]]
_COUNTING = Counting(id="plain", law="no rule of counting on record", confidence="unverified")


def shipped_law() -> Path:
    """The folder of the items that come with whosaw."""
    return Path(str(files("whosaw") / "data" / "law"))


def load_law(folder: Path | None = None) -> Law:
    """Every item under `folder` (None: those shipped, read once, their cases when somebody asks for them). Raises one `FaultsError`
    with all faults."""
    return _shipped() if folder is None else _read(folder)


@cache
def _shipped() -> Law:
    root, faults = shipped_law(), list[Fault]()
    heads = {
        path.relative_to(root).with_suffix("").as_posix(): parse_toml(
            path.read_text(encoding="utf-8").partition(_CASES)[0], name=str(path)
        )
        for path in sorted(root.rglob("*.toml"))
    }
    return _law(_tables(heads, faults), faults, later=root)


def _read(root: Path) -> Law:
    faults: list[Fault] = []
    return _law(_tables(_files(root, faults), faults), faults)


def _tables(files: Mapping[str, TomlFile], faults: list[Fault]) -> dict[str, Table]:
    return {name: Table.top(file, faults, code=_CODE, item=name) for name, file in files.items()}


def _files(root: Path, faults: list[Fault]) -> dict[str, TomlFile]:
    found = {}
    for path in sorted(root.rglob("*.toml")):
        try:
            found[path.relative_to(root).with_suffix("").as_posix()] = load_toml(path)
        except FaultsError as fault:
            faults.extend(fault.faults)
    return found


def law_values() -> dict[str, dict[str, Any]]:
    """What the files of the shipped items say, by the name of the file, as TOML has it."""
    return {name: file.data for name, file in _files(shipped_law(), []).items()}


def law_of(values: Mapping[str, dict[str, Any]], file: str) -> Law:
    """The law of such values, which came out of a `file`. Raises one `FaultsError` with all faults."""
    faults: list[Fault] = []
    files = {name: TomlFile(file, each, "") for name, each in sorted(values.items())}
    return _law(_tables(files, faults), faults)


def _law(tables: dict[str, Table], faults: list[Fault], later: Path | None = None) -> Law:
    """`later` is the folder from which the cases of each item are read once they are asked for."""
    asked = tables.pop("questions", None)
    retired = _retired(asked)
    questions, sectors, by_act, findings = _questions(asked)
    vocabulary = {**questions, **{f"sector.{key}": means for key, means in sectors.items()}}
    jurisdictions = {
        name.partition("/")[0]: _jurisdiction(table, name.partition("/")[0], vocabulary)
        for name, table in tables.items()
        if name.endswith("/jurisdiction")
    }

    def cases(table: Table, origin: Origin, currency: str = "") -> Sequence[ItemCase]:
        place = jurisdictions[origin.jurisdiction]

        def read(of: Table) -> tuple[ItemCase, ...]:
            return read_cases(of, place, vocabulary, by_act, act=origin.act, currency=currency)

        return read(table) if later is None else LaterCases(partial(_read_later, later, origin.id, read))

    duties: dict[str, Duty] = {}
    payments: dict[str, Payment] = {}
    precedents: dict[str, Precedent] = {}
    unchecked: dict[str, UncheckedLaw] = {}
    for name, table in tables.items():
        if name.endswith("/jurisdiction"):
            continue
        place = jurisdictions.get(name.partition("/")[0])
        if place is None:
            table.fault("the folder has no jurisdiction.toml")
            continue
        kind = table.text("kind", one_of=("duty", "penalty", "right", "precedent", "unchecked"))
        if kind == "duty":
            duties[name] = _duty(table, name, place, vocabulary, cases)
        elif kind in ("penalty", "right"):
            payments[name] = _payment(table, name, kind, place, vocabulary, cases)
        elif kind == "precedent":
            precedents[name] = _precedent(table, name, place)
        elif kind == "unchecked":
            unchecked[name] = _unchecked(table, name, place, vocabulary, cases)
        table.rest_unknown()
    law = Law(
        questions=questions,
        retired=retired,
        by_act=by_act,
        findings=findings,
        sectors=sectors,
        jurisdictions=jurisdictions,
        duties=duties,
        payments=payments,
        precedents=precedents,
        unchecked=unchecked,
    )
    faults.extend(_together(law))
    if faults:
        raise FaultsError("law.invalid", faults)
    return law


def _read_later(root: Path, name: str, read: Callable[[Table], tuple[ItemCase, ...]]) -> tuple[ItemCase, ...]:
    faults: list[Fault] = []
    found = read(Table.top(load_toml(root / f"{name}.toml"), faults, code=_CODE, item=name))
    if faults:
        raise FaultsError("law.invalid", faults)
    return found


def _questions(
    table: Table | None,
) -> tuple[dict[str, str], dict[str, str], frozenset[str], frozenset[str]]:
    """The questions of law and the sectors, each with its sentence; then the questions that each act asks for itself, and those
    whose answer is a finding."""
    if table is None:
        return {}, {}, frozenset(), frozenset()
    found: tuple[dict[str, str], dict[str, str]] = ({}, {})
    by_act, findings = set(), set()
    for kept, kind, sentence in zip(found, ("question", "sector"), ("asks", "means"), strict=True):
        for each in table.tables(kind, required=True):
            key = each.text("key")
            if key in kept:
                each.fault(f"{key} is there twice", "key")
            kept[key] = each.text(sentence)
            if kind == "question":
                finding = each.flag("finding")
                findings |= {key} if finding else set()
                by_act |= {key} if each.flag("by_act") or finding else set()
            each.rest_unknown()
    table.rest_unknown()
    return (*found, frozenset(by_act), frozenset(findings))


def _retired(table: Table | None) -> dict[str, str]:
    """The questions that are asked no longer, each with why."""
    found = {}
    for each in table.tables("retired") if table is not None else ():
        found[each.text("key")] = each.text("because")
        each.rest_unknown()
    return found


def _act(table: Table, place: Jurisdiction, statute: str) -> str:
    """The short name of a statute, which the jurisdiction gives."""
    found = next((act for act, names in place.acts.items() if statute in names), "")
    if statute and not found:
        table.fault(
            f"{statute!r} is no act of {place.area.name}",
            "statute",
            hint="jurisdiction.toml names them in [acts]",
        )
    return found


def _origin(table: Table, name: str, place: Jurisdiction) -> Origin:
    if (given := table.text("id")) and given != name:
        table.fault(f"id is {given!r} but the file is {name}.toml", "id")
    reviewed = table.day("reviewed")
    unverified = table.table("unverified")
    parts = {key: unverified.text(key) for key in unverified.values}
    statute = table.text("statute")
    return Origin(
        id=name,
        title=table.text("title"),
        jurisdiction=name.partition("/")[0],
        act=_act(table, place, statute),
        statute=statute,
        article=table.text("article"),
        text=table.text("text"),
        confidence=table.text("confidence", one_of=CONFIDENCE),
        sources=table.texts("sources"),
        reviewed=reviewed or date.min,
        unverified=parts,
    )


def _in_force(table: Table, *, default: str, also: Sequence[str] = ()) -> InForce:
    inner = table.table("in_force")
    start, end = inner.day("from", required=False), inner.day("until", required=False)
    decided = inner.text("decided_by", required=False, one_of=(*EVENTS, "start", *also)) or default
    if start is not None and end is not None and end <= start:
        inner.fault("until is not after from", "until")
    inner.rest_unknown()
    return InForce(start=start, end=end, decided_by=decided)


def _condition(table: Table, key: str, questions: Mapping[str, str]) -> Condition | None:
    return read_condition(table.table(key), questions) if table.has(key) else None


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())  # reads the whole zone database each time


def _jurisdiction(table: Table, name: str, questions: Mapping[str, str]) -> Jurisdiction:
    area = Area(id=name, name=table.text("name"), members=table.texts("members"))
    zone = table.text("zone")
    if zone not in _zones():
        table.fault(f"{zone!r} is no time zone", "zone")
        zone = "UTC"
    applies = _condition(table, "applies", questions)
    found = Jurisdiction(
        area=area,
        zone=zone,
        holidays=table.text("holidays", required=False) or None,
        counting=_counting(table.table("counting")) if table.has("counting") else _COUNTING,
        applies=applies or Condition(kind="any"),
        acts=_acts(table.table("acts"), name),
        sectors_only=table.flag("sectors_only"),
        residents_only=table.flag("residents_only"),
        one_leads=table.flag("one_leads"),
    )
    if applies is None and not table.has("applies"):
        table.fault("applies is missing")
    table.rest_unknown()
    return found


def _acts(table: Table, place: str) -> dict[str, tuple[str, ...]]:
    """Short name to the statute, or to several names of one."""
    found = {}
    for key, value in table.values.items():
        names = table.texts(key) if isinstance(value, list) else (table.text(key),)
        found[f"{place}/{key}"] = names
    table.rest_unknown()
    return found


def _counting(table: Table) -> Counting:
    found = Counting(
        id=table.name,
        law=table.text("law"),
        confidence=table.text("confidence", one_of=CONFIDENCE),
        last_day_moves=table.flag("last_day_moves"),
        hours_begin_next_hour=table.flag("hours_begin_next_hour"),
        least_working_days=table.integer("least_working_days", least=0, default=0),
        days_off_left_out_up_to=table.integer("days_off_left_out_up_to", least=0, default=0),
    )
    table.rest_unknown()
    return found


def _clock(table: Table) -> Clock:
    starts = table.texts("from", one_of=EVENTS)
    limit = table.integer("limit", default=None)
    unit = table.text("unit", required=limit is not None, one_of=UNITS) if limit is not None else ""
    end = table.text("from_end_of", required=False, one_of=("year",))
    period = None if limit is None else Period(limit=limit, unit=unit, from_end_of=end)
    found = Clock(
        starts=starts,
        period=period,
        words=table.text("words", required=period is None),
        force=table.text("force", required=False, one_of=("law", "guidance")) or "law",
        standing=table.flag("standing"),
        again=table.text("again", required=False, one_of=("new-people",)),
        again_because=table.text("again_because", required=table.has("again")),
    )
    table.rest_unknown()
    return found


def _content(table: Table) -> Content:
    found = Content(
        key=table.text("key"),
        text=table.text("text"),
        article=table.text("article", required=False),
        unverified=table.flag("unverified"),
    )
    table.rest_unknown()
    return found


def _ways(tables: Iterable[Table], questions: Mapping[str, str]) -> tuple[Way, ...]:
    found = []
    for table in tables:
        when = _condition(table, "when", questions)
        if not table.has("when"):
            table.fault("when is missing")
        way_id, text = table.text("id"), table.text("text")
        table.rest_unknown()
        if when is not None:
            found.append(Way(id=way_id, text=text, when=when))
    return tuple(found)


def _duty(table: Table, name: str, place: Jurisdiction, questions: Mapping[str, str], cases: _Cases) -> Duty:
    origin = _origin(table, name, place)
    return Duty(
        origin=origin,
        of=table.text("of"),
        recipient=table.text("recipient"),
        audience=table.text("audience", one_of=AUDIENCES),
        owed_by=table.text("owed_by", one_of=("controller", "processor", "any")),
        in_force=_in_force(table, default="start"),
        clock=_clock(table.table("clock", required=True)),
        applies=_condition(table, "applies", questions),
        threshold=_condition(table, "threshold", questions),
        exceptions=_ways(table.tables("exception"), questions),
        delays=table.texts("delays", required=False),
        late_needs_reasons=table.flag("late_needs_reasons"),
        contents=tuple(_content(each) for each in table.tables("contents")),
        phasing=table.text("phasing", required=False),
        form=table.text("form", required=False),
        language=table.text("language", required=False),
        consequences=table.texts("consequences", required=False),
        notes=table.texts("notes", required=False),
        cases=cases(table, origin),
    )


def _payment(
    table: Table,
    name: str,
    kind: str,
    place: Jurisdiction,
    questions: Mapping[str, str],
    cases: _Cases,
) -> Payment:
    amount = read_amount(table.table("amount")) if table.has("amount") else None
    origin, form = _origin(table, name, place), table.text("form", one_of=FORMS)
    prison = table.integer("prison_years", default=None)
    if prison is not None and form != CRIME:
        table.fault("only a crime has years of prison", "prison_years", hint=f'form = "{CRIME}"')
    return Payment(
        origin=origin,
        kind=kind,
        of=table.text("of"),
        form=form,
        why=table.text("for"),
        in_force=_in_force(table, default="aware", also=("due", "grounds")),
        duty=table.text("duty", required=False),
        applies=_condition(table, "applies", questions),
        when=_condition(table, "when", questions),
        amount=amount,
        prison_years=prison,
        rules=table.texts("rules", required=False),
        notes=table.texts("notes", required=False),
        cases=cases(table, origin, amount.currency if amount else ""),
    )


def _precedent(table: Table, name: str, place: Jurisdiction) -> Precedent:
    expect = table.table("expect")
    return Precedent(
        origin=_origin(table, name, place),
        authority=table.text("authority"),
        decided=table.text("decided"),
        currency=table.text("currency"),
        amount=read_range(table, "amount") or Range.exactly(0),
        people=read_range(table, "people", required=False),
        turnover=read_range(table, "turnover", required=False),
        turnover_about=table.flag("turnover_about"),
        why=table.text("for"),
        notes=table.texts("notes", required=False),
        expect={key: expect.text(key) for key in expect.values},
    )


def _unchecked(
    table: Table, name: str, place: Jurisdiction, questions: Mapping[str, str], cases: _Cases
) -> UncheckedLaw:
    origin, believed = _origin(table, name, place), table.table("believed")
    if origin.confidence == "statute-read":
        table.fault("a text that was read is no unchecked law", "confidence", hint="Write it as a duty")
    return UncheckedLaw(
        origin=origin,
        in_force=_in_force(table, default="aware"),
        believed={key: believed.text(key) for key in believed.values},
        applies=_condition(table, "applies", questions),
        cases=cases(table, origin),
    )


def _together(law: Law) -> list[Fault]:
    """What no single file can be blamed for: versions that overlap, names that lead nowhere."""
    faults = []

    def say(item: str, message: str) -> None:
        faults.append(Fault(code="law.item", message=message, where=Where(item=item)))

    every: list[Duty | Payment] = [*law.duties.values(), *law.payments.values()]
    versions = sorted(every, key=lambda item: (item.of, item.in_force.start or date.min))
    for first, then in pairwise(versions):
        if first.of == then.of and (
            first.in_force.end is None or (then.in_force.start or date.min) < first.in_force.end
        ):
            say(then.origin.id, f"is in force at the same time as {first.origin.id}")
    families = {payment.of for payment in law.payments.values()}
    for duty in law.duties.values():
        for name in duty.consequences:
            if name not in families:
                say(duty.origin.id, f"its consequence {name} is no penalty or right")
    known = {duty.of for duty in law.duties.values()}
    for payment in law.payments.values():
        if payment.form == CRIME and not (payment.when and payment.when.hangs_on(law.findings)):
            say(payment.origin.id, "a crime has a ground that only a court can find met")
        if payment.duty and payment.duty not in known:
            say(payment.origin.id, f"{payment.duty} is no duty")
        if payment.in_force.decided_by == "due" and not payment.duty:
            say(payment.origin.id, "decided_by is due, so duty must be named")
    return faults
