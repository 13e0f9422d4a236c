"""What stands out in how whosaw itself is used, from the custody journal: somebody who looks at many people, at one person again and again,
or at colleagues. It accuses nobody: the purpose stands beside it, and a second person reads it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Final, Literal

import pyarrow as pa
from pyroaring import BitMap

from whosaw.actors import load_context
from whosaw.app.findings.detection import none_of
from whosaw.app.gating.asking import asked
from whosaw.app.gating.rights import Verb
from whosaw.app.gating.two import bare
from whosaw.core.instants import from_micros
from whosaw.mapping.resolver import Resolver
from whosaw.store.repositories.entries import by_whom

from .looks import persons_of
from .questions import Ledger, open_ledger

__all__ = ["MANY", "OFTEN", "Notable", "notable", "notable_of"]

MANY: Final = 50  # people in a day: more than somebody who answers requests and looks into an incident looks at one by one
OFTEN: Final = 4  # days within `_WITHIN` on which somebody looked at one and the same person
_WITHIN: Final = timedelta(days=30)
_KINDS: Final = ("seen", "reidentified", "line.read")
Why = Literal["many-people", "same-person", "colleague"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Notable:
    """Looks of one user that stand out. `persons` is how many people, `days` on how many days; `person` is the one of whom it is said, by
    number. `purposes` are those that were said, each once."""

    why: Why
    by: str
    first: datetime
    last: datetime
    persons: int
    days: int
    person: str | None
    purposes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Looked:
    by: str
    time: datetime
    people: BitMap
    purpose: str


def notable(root: Path, *, now: datetime, key_file: Path | None = None) -> tuple[Notable, ...]:
    """What stands out in the last thirty days, the latest first."""
    with asked(root, Verb.SEE_LOOKS, "use of whosaw"):
        ledger = open_ledger(root, now=now, key_file=key_file, verb=Verb.SEE_LOOKS)
    try:
        return notable_of(ledger, now=now)
    finally:
        ledger.close()


def notable_of(ledger: Ledger, *, now: datetime) -> tuple[Notable, ...]:
    """The same, of a ledger that is open."""
    workspace = ledger.workspace
    looked = []
    for row in by_whom(workspace.journal, _KINDS, since=now - _WITHIN):
        body = json.loads(row.body)
        people = persons_of(workspace, body)
        if people:
            looked.append(
                _Looked(
                    by=bare(row.who),
                    time=from_micros(row.time),
                    people=people,
                    purpose=body.get("reason", ""),
                )
            )
    colleagues = _colleagues(ledger)
    found = [*_many(looked), *_often(looked), *_at_colleagues(looked, colleagues)]
    return tuple(
        sorted(found, key=lambda each: (each.last, each.by, each.why, each.person or ""), reverse=True)
    )


def _many(looked: Iterable[_Looked]) -> Iterator[Notable]:
    days: dict[tuple[str, date], list[_Looked]] = {}
    for each in looked:
        days.setdefault((each.by, each.time.date()), []).append(each)
    for (by, _), those in days.items():
        people = BitMap.union(*(each.people for each in those))
        if len(people) > MANY:
            yield _told("many-people", by, those, persons=len(people))


def _often(looked: Iterable[_Looked]) -> Iterator[Notable]:
    for (by, person), those in _by_person(looked).items():
        if len({each.time.date() for each in those}) >= OFTEN:
            yield _told("same-person", by, those, persons=1, person=person)


def _at_colleagues(looked: Iterable[_Looked], colleagues: BitMap) -> Iterator[Notable]:
    for (by, person), those in _by_person(looked, colleagues).items():
        yield _told("colleague", by, those, persons=1, person=person)


def _by_person(
    looked: Iterable[_Looked], only: BitMap | None = None
) -> Mapping[tuple[str, int], list[_Looked]]:
    """Looks at few people at a time, by user and person: who pages through a case looks at nobody in it."""
    found: dict[tuple[str, int], list[_Looked]] = {}
    for each in looked:
        people = each.people if only is None else each.people & only
        if len(each.people) <= MANY:
            for person in people:
                found.setdefault((each.by, person), []).append(each)
    return found


def _told(why: Why, by: str, those: list[_Looked], *, persons: int, person: int | None = None) -> Notable:
    return Notable(
        why=why,
        by=by,
        first=min(each.time for each in those),
        last=max(each.time for each in those),
        persons=persons,
        days=len({each.time.date() for each in those}),
        person=None if person is None else f"p{person}",
        purposes=tuple(dict.fromkeys(each.purpose for each in those)),
    )


def _colleagues(ledger: Ledger) -> BitMap:
    """Persons who have an id of the list of staff of the last scan; nobody where there is none. A colleague who is in the ledger under
    another id than on that list cannot be told."""
    known = ledger.workspace.journal.setting("context")
    if known is None or not Path(known).is_dir():
        return BitMap()
    resolver = Resolver(ledger.reader)

    def as_person(kind: str, texts: pa.Array) -> pa.Array:  # noqa: ARG001  # whatever it stands for, it is looked for among people
        return resolver("person", texts)

    found = load_context(Path(known), as_person, zone=None, none=none_of(ledger.workspace.journal)).rows(
        "staff"
    )["staff"]
    return BitMap(each for each in found.to_pylist() if each is not None and each >= 0)
