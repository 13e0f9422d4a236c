"""Findings as the last scan left them, and what became of earlier ones."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace

from whosaw.core.errors import WhosawError
from whosaw.core.finding import Baseline, Became, Finding
from whosaw.core.instants import format_instant, from_micros
from whosaw.core.stored_finding import baseline_of, read_finding, written
from whosaw.store import statements as sa
from whosaw.store.journal import Connection, Journal, tables

from .finding_ids import EXPLAINED, FOUND, PART, Name, Names, load_names

__all__ = [
    "add_findings",
    "asked_ids",
    "past_findings",
    "replace_findings",
    "sentence",
    "stored_finding",
    "stored_findings",
    "stored_usual",
]


def stored_findings(journal: Journal) -> list[Finding]:
    """All findings, the one with the most persons at risk first."""
    rows = journal.rows(sa.select(tables.finding.c.body).order_by(tables.finding.c.position))
    return [read_finding(row["body"]) for row in rows]


def stored_usual(journal: Journal) -> list[Baseline]:
    """What the last run of the detectors took for usual: by clause how many people bore its sign, of how many, and from when."""
    known = journal.setting("detected")
    return [baseline_of(each) for each in json.loads(known).get("usual", [])] if known is not None else []


def past_findings(journal: Journal) -> list[Became]:
    """Every id that a finding was told under and is none any more, the oldest first: what became of it, and when."""
    names = load_names(journal)
    return [_became(names, each) for each in names.by_id.values() if each.state != FOUND]


def stored_finding(journal: Journal, name: str, *, ended: bool = False) -> Finding:
    """One finding by its id or the beginning of it, or by an id that it had; then `asked` says so.

    What is found no longer is given as it was found last where `ended`, and else refused.
    """
    listed = {each.id: each for each in stored_findings(journal)}
    if name in listed:
        return listed[name]
    names = load_names(journal)
    known = {*listed, *names.by_id}
    found = [name] if name in known else sorted(each for each in known if each.startswith(name))
    if len(found) != 1:
        what = "no finding" if not found else f"{len(found)} findings"
        raise WhosawError(
            "finding.unknown",
            f"{what} with an id that begins with {name!r}",
            hint="`whosaw findings` lists them",
        )
    (asked,) = found
    if asked in listed:
        return listed[asked]
    became = _became(names, names.by_id[asked])
    root = names.root(asked)
    if root in listed:
        return replace(listed[root], asked=became)
    body = names.by_id[root].body
    if body is None or not ended:
        raise WhosawError(
            "finding.ended",
            f"{asked} is no longer found: {sentence(became)}",
            hint=f"`whosaw findings --explain {asked}` shows what it was, and `whosaw explain {asked}` its lines",
        )
    return replace(read_finding(body), asked=became)


def asked_ids(journal: Journal, names: Iterable[str]) -> list[Became]:
    """Of the ids (or beginnings of one) that somebody asked for: what those became that are no finding's own any more."""
    found = (stored_finding(journal, each) for each in names)
    return [each.asked for each in found if each.asked is not None]


def _became(names: Names, name: Name) -> Became:
    root = names.by_id[names.root(name.id)]
    state = root if root.state != FOUND else name
    return Became(
        id=name.id,
        became=state.state,
        of=root.id if name.state == PART else None,
        since=None if state.since is None else from_micros(state.since),
        changed=state.why,
    )


def sentence(became: Became) -> str:
    """What became of an id, for people."""
    since = f" since {format_instant(became.since)}" if became.since is not None else ""
    if became.became == PART:
        return f"now part of {became.of}{since}"
    part = f"part of {became.of}, which is " if became.of else ""
    changed = f" (changed then: {', '.join(became.changed)})" if became.changed else ""
    if became.became == EXPLAINED:
        return f"{part}explained{since}{changed}"
    return f"{part}not found{since}{changed}"


def replace_findings(connection: Connection, findings: Sequence[Finding], names: Names | None = None) -> None:
    """Put these in the place of all findings, in this order. `names`: that they were given, with which they are written already."""
    known = {} if names is None else names.by_id
    connection.execute(tables.finding.delete())
    for position, finding in enumerate(findings):
        body = known[finding.id].body if finding.id in known else None
        row = tables.finding.insert().values(id=finding.id, position=position, body=body or written(finding))
        connection.execute(row)


def add_findings(connection: Connection, findings: Sequence[Finding]) -> None:
    """Put findings of a part of the ledger beside those of the last run over the whole of it, or in the place of those with
    the same id, unless these are of more people; what is part of one of them is no finding of its own any more."""
    table = tables.finding
    if not findings:
        return
    last = connection.execute(sa.select(sa.func.max(table.c.position))).scalar()
    for at, finding in enumerate(findings, start=0 if last is None else int(last) + 1):
        body = written(finding)
        mine = table.c.id == finding.id
        known = connection.execute(sa.select(table.c.body).where(mine)).scalar()
        if known is None:
            connection.execute(table.insert().values(id=finding.id, position=at, body=body))
        elif read_finding(known).persons.lower <= finding.persons.lower:
            connection.execute(table.update().where(mine).values(body=body))
        connection.execute(table.delete().where(table.c.id.in_(finding.parts)))
