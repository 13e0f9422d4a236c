"""One picture of a ledger, asked by its kind; the lines behind one of its numbers; and all pictures that a report shows."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Final

import pyarrow as pa

from whosaw.app.asking.questions import Ledger, open_ledger
from whosaw.app.gating.asking import asked
from whosaw.app.gating.rights import Verb
from whosaw.core.errors import WhosawError
from whosaw.core.finding import Finding
from whosaw.report.pictures.data import Picture
from whosaw.report.pictures.kinds import Kind
from whosaw.store.repositories.cases import CaseStore
from whosaw.store.repositories.findings import stored_finding, stored_findings

from .of_actor import (
    Asked,
    network_rows,
    networks,
    over_time,
    time_rows,
    week_hours,
    week_rows,
)
from .of_ledger import categories_by_actor, category_lines, coverage_strip, scope_versions
from .of_person import most_seen_person, person_rows, person_time
from .order import ORDER_SLOTS, number_order
from .seen_lines import LineBehind, SeenLines
from .steps import QUARTER

__all__ = ["EVERY_ROW", "How", "ask_picture", "lines_behind", "open_row", "picture_of", "pictures_of_ledger"]

EVERY_ROW: Final = "all"
_PICTURED: Final = 3  # findings that have pictures of their own in a report
_FEW: Final = 10  # views; the lines of a finding of fewer say as much as a picture
_CASES: Final = 5
_OTHERWISE: Final = {
    "versions": "whosaw scope show CASE --version N --persons",
    "coverage": "whosaw coverage --source NAME --hours",
}
_OF_ACTOR: Final[tuple[Kind, ...]] = ("timeline", "week", "order", "networks")


@dataclass(frozen=True, slots=True, kw_only=True)
class How:
    """How times are told, and which workspace commands name."""

    zone: tzinfo
    zone_name: str
    workspace: str

    @property
    def tail(self) -> str:
        """What a command needs to mean this workspace."""
        return f" -w {shlex.quote(self.workspace)}"

    @property
    def zoned(self) -> str:
        """The same, with the zone in which rows are cut."""
        name = getattr(self.zone, "key", None) or str(self.zone).removeprefix("UTC") or "UTC"
        return f" --tz {name}{self.tail}"


def ask_picture(
    root: Path,
    kind: Kind,
    what: str | None,
    *,
    zone: tzinfo,
    zone_name: str,
    now: datetime,
    key_file: Path | None = None,
) -> Picture:
    """The picture of this kind. `what`: a finding or an actor; of `person` a person, of `versions` a case; None where one is meant
    that there is only one of, or the finding about most people."""
    verb = Verb.SEE_PERSON if kind == "person" else Verb.SEE_FINDINGS
    with (
        asked(root, verb, f"picture of {kind}"),
        closing(open_ledger(root, now=now, key_file=key_file)) as ledger,
    ):
        return picture_of(ledger, kind, what, How(zone=zone, zone_name=zone_name, workspace=str(root)))


def open_row(
    root: Path,
    kind: Kind,
    what: str | None,
    row: str,
    *,
    zone: tzinfo,
    now: datetime,
    key_file: Path | None = None,
) -> Iterator[LineBehind]:
    """All lines behind a row of a picture, or behind every row. The ledger is open until the last one was taken."""
    verb = Verb.SEE_PERSON if kind == "person" else Verb.SEE_FINDINGS
    with asked(root, verb, f"picture of {kind}"):
        ledger = open_ledger(root, now=now, key_file=key_file)
    with closing(ledger):
        yield from lines_behind(ledger, kind, what, row, zone)


def lines_behind(
    ledger: Ledger, kind: Kind, what: str | None, row: str, zone: tzinfo
) -> Iterator[LineBehind]:
    """The same of a ledger that is open. Raises `WhosawError` for a row that the picture does not have."""
    if kind in _OTHERWISE:
        raise WhosawError(
            "picture.no-lines",
            f"a row of {kind} is no set of lines",
            hint=f"`{_OTHERWISE[kind]}` shows what is behind it",
        )
    if kind == "categories":
        yield from SeenLines(ledger, *category_lines(ledger, row)).opened(None, row, unit=None)
        return
    seen, _ = _seen(ledger, kind, what)
    rows, unit = _rows_of(seen, kind, zone)
    if row != EVERY_ROW and (rows is None or row not in rows["row"].unique().to_pylist()):
        near = ", ".join(sorted(rows["row"].unique().to_pylist())[:3]) if rows is not None else ""
        raise WhosawError(
            "picture.no-row",
            f"the picture has no row {row!r}",
            hint=f"Rows are named such as {near}" if near else "It has no rows: nothing was counted",
        )
    yield from seen.opened(rows if row != EVERY_ROW else None, row, unit=unit)


def _rows_of(seen: SeenLines, kind: Kind, zone: tzinfo) -> tuple[pa.Table | None, int | None]:
    """Which keys are in which row of a picture, and in which unit they are where they are times."""
    if kind == "week":
        return week_rows(seen, zone)[1], QUARTER
    if kind in ("timeline", "order"):
        found = time_rows(seen, zone, ORDER_SLOTS if kind == "order" else None)
        return (None, None) if found is None else (found[2], found[0].unit)
    return (network_rows(seen)[0] if kind == "networks" else person_rows(seen)), None


def picture_of(ledger: Ledger, kind: Kind, what: str | None, how: How) -> Picture:
    """The same of a ledger that is open."""
    if kind == "categories":
        findings = stored_findings(ledger.workspace.journal)
        if what is not None:
            findings = [stored_finding(ledger.workspace.journal, what)]
        return categories_by_actor(ledger, findings, how.zone, how.zone_name, how.tail)
    if kind == "versions":
        return scope_versions(ledger, what, how.zone, how.zone_name, how.tail)
    if kind == "coverage":
        return coverage_strip(ledger, how.zone, how.zone_name, how.tail)
    seen, of = _seen(ledger, kind, what)
    if kind == "person":
        person = int(of[1:])
        return person_time(ledger, seen, person, _asked(of, how, None))
    finding = stored_finding(ledger.workspace.journal, of) if of.startswith("f-") else None
    return _of_actor(kind, seen, _asked(of, how, finding))


def _asked(of: str, how: How, finding: Finding | None) -> Asked:
    command = f"whosaw picture {shlex.quote(of)} --of KIND --open ROW{how.zoned}"
    return Asked(of=of, zone=how.zone, zone_name=how.zone_name, command=command, finding=finding)


def _of_actor(kind: Kind, seen: SeenLines, asked: Asked) -> Picture:
    if kind == "timeline":
        return over_time(seen, asked)
    if kind == "week":
        return week_hours(seen, asked)
    if kind == "order":
        return number_order(seen, asked)
    return networks(seen, asked)


def _seen(ledger: Ledger, kind: Kind, what: str | None) -> tuple[SeenLines, str]:
    """The lines that are asked about, and the words for what they are of."""
    journal = ledger.workspace.journal
    if kind == "person":
        if what is None:
            raise WhosawError(
                "picture.which", "a person's picture needs a person", hint="Name one as for `whosaw who`"
            )
        person = ledger.person_number(what)
        return SeenLines.of_person(ledger, person), f"p{person}"
    if what is None:
        found = stored_findings(journal)
        if not found:
            raise WhosawError(
                "picture.which", "there is no finding to draw", hint="Name an actor, as for `whosaw what`"
            )
        what = found[0].id
    if what.strip().startswith("f-"):
        finding = stored_finding(journal, what.strip())
        return SeenLines.of_finding(ledger, finding.id), finding.id
    return SeenLines.of_clients(ledger, ledger.client_numbers(what)), what.strip()


def pictures_of_ledger(ledger: Ledger, how: How) -> tuple[Picture, ...]:
    """What a report draws: the findings about most people each in four pictures, the person whom the first of them saw most often,
    what of whom all findings saw, each case, and coverage."""
    journal = ledger.workspace.journal
    findings = stored_findings(journal)
    found: list[Picture] = []
    person = None
    for at, finding in enumerate(findings[:_PICTURED]):
        if at and (finding.views.upper or _FEW) < _FEW:
            continue
        seen = SeenLines.of_finding(ledger, finding.id)
        asked = _asked(finding.id, how, finding)
        found += [_of_actor(kind, seen, asked) for kind in _OF_ACTOR]
        person = most_seen_person(seen) if at == 0 else person
    if person is not None:
        found.append(picture_of(ledger, "person", f"p{person}", how))
    if findings:
        found.append(categories_by_actor(ledger, findings, how.zone, how.zone_name, how.tail))
    found += [scope_versions(ledger, case, how.zone, how.zone_name, how.tail) for case in _cases(ledger)]
    found.append(coverage_strip(ledger, how.zone, how.zone_name, how.tail))
    return tuple(found)


def _cases(ledger: Ledger) -> Sequence[str]:
    return CaseStore(ledger.workspace).cases()[:_CASES]
