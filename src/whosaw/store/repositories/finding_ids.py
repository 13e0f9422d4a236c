"""Which id a finding has, and what became of the ids that are no finding's own any more.

Findings are made anew from all flags at every run, so nothing in them says what they were called. Two tables of the journal
do: which id a flag was first told under, and what became of each id. Both only grow.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from whosaw.core.finding import Finding
from whosaw.core.instants import to_micros
from whosaw.core.stored_finding import read_finding, written
from whosaw.store import statements as sa
from whosaw.store.journal import Journal, tables

__all__ = [
    "EXPLAINED",
    "FOUND",
    "GONE",
    "PART",
    "Given",
    "Name",
    "Names",
    "flag_key",
    "flag_keys",
    "load_names",
    "newest_name",
]

FOUND: Final = "found"
PART: Final = "part"  # of another finding
EXPLAINED: Final = "explained"  # by what the context says now
GONE: Final = "gone"  # for another reason


def newest_name(journal: Journal) -> int:
    """The number of the id that was given last; 0 where none was."""
    rows = journal.rows(sa.select(sa.func.max(tables.finding_name.c.seq)))
    return int(next(iter(rows[0].values())) or 0) if rows else 0


def flag_keys(finding: Finding) -> list[str]:
    """What each flag of a finding is known by from run to run, the earliest first: its detector, its clause, and about whom it is.

    They hold no number of a ledger, and are equal in every workspace with the same secret.
    """
    crossed = [(each.detector, each.clause, each.actor) for each in finding.crossings]
    told = crossed or [(finding.detector, "", finding.actor)]
    return list(
        dict.fromkeys(flag_key(detector, clause, each.by, each.digest) for detector, clause, each in told)
    )


def flag_key(detector: str, clause: str, by: Sequence[str], digest: str) -> str:
    """What one flag is known by, in hex: its detector, its clause, what views were put together by, and the digest of whom it is about."""
    told = "\x1f".join((detector, clause, "\x1e".join(by), digest))
    return hashlib.sha256(told.encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """One id that was ever told, and what it is now. `seq` says how old it is; `of` is whose part it is; `anchor` is the flag
    that it belongs to; `body` is the finding as it was last found under it, in the form in which it is kept."""

    id: str
    seq: int
    anchor: str
    state: str = FOUND
    of: str | None = None
    split_from: str | None = None
    since: int | None = None  # when it became what it is, where that is not a finding of its own
    why: tuple[str, ...] = ()  # what had changed by then
    body: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """Findings under their ids, in the order in which they were given; the id that each had before; and all names as they are now."""

    findings: tuple[Finding, ...]
    ids: Mapping[str, str]
    names: Names
    ended: tuple[str, ...] = ()  # ids that were findings until now


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """Every id that was ever told, the oldest first, and under which one each flag was first told."""

    by_id: Mapping[str, Name] = field(default_factory=dict)
    owners: Mapping[str, str] = field(default_factory=dict)  # the id, by flag key, oldest key first

    def root(self, name: str) -> str:
        """The id under which a finding is told now that was told under `name`."""
        while (known := self.by_id[name]).state == PART and known.of is not None:
            name = known.of
        return name

    def give(self, findings: Sequence[Finding], *, until: int | None = None) -> Given:
        """Name the findings of a run over the whole ledger.

        A finding keeps the oldest id among those of its flags. An id goes with the flag that it belongs to, or else with the
        oldest of its flags that is still there. Ids younger than `until` were told since the run began: that they are not among
        its findings says nothing.
        """
        keys = [flag_keys(each) for each in findings]
        goes = self._going(keys)
        mine: dict[int, list[str]] = {}
        for name, at in goes.items():
            mine.setdefault(at, []).append(name)
        by_id, owners = dict(self.by_id), dict(self.owners)
        ids = [""] * len(findings)
        for at in sorted(range(len(findings)), key=lambda each: (findings[each].raised_at, keys[each][0])):
            first, *others = mine.get(at, [findings[at].id])
            ids[at] = first
            left = {by_id[owners[key]].id for key in keys[at] if key in owners} - {first, *others}
            if first not in by_id:
                origin = min(left, key=lambda each: by_id[each].seq) if left else None
                by_id[first] = Name(id=first, seq=len(by_id) + 1, anchor=keys[at][0], split_from=origin)
            elif by_id[first].state == PART:
                by_id[first] = replace(by_id[first], split_from=self.root(first))
            by_id[first] = replace(by_id[first], state=FOUND, of=None, since=None, why=())
            for other in others:
                if (by_id[other].state, by_id[other].of) != (PART, first):
                    by_id[other] = replace(by_id[other], state=PART, of=first, since=None, why=())
            for key in keys[at]:
                owners.setdefault(key, first)
        ended = [
            name
            for name, known in by_id.items()
            if known.state == FOUND and name not in ids and (until is None or known.seq <= until)
        ]
        for name in ended:
            by_id[name] = replace(by_id[name], state=GONE, of=None, since=None)
        return _given(findings, ids, Names(by_id=by_id, owners=owners), ended)

    def give_part(self, findings: Sequence[Finding]) -> Given:
        """Name findings of a part of the ledger: what they belong to as far as the whole was looked at last. Nothing ends or splits,
        for the rest was not looked at; two of the same party have the same id."""
        by_id, owners = dict(self.by_id), dict(self.owners)
        ids: list[str] = []
        for finding in findings:
            keys = flag_keys(finding)
            known = {self.root(self.owners[key]) for key in keys if key in self.owners}
            first, *others = sorted(known, key=lambda each: self.by_id[each].seq) or [finding.id]
            ids.append(first)
            if first not in by_id:
                by_id[first] = Name(id=first, seq=len(by_id) + 1, anchor=keys[0])
            by_id[first] = replace(by_id[first], state=FOUND, of=None, since=None, why=())
            for other in others:
                by_id[other] = replace(by_id[other], state=PART, of=first, since=None, why=())
            for key in keys:
                owners.setdefault(key, first)
        return _given(findings, ids, Names(by_id=by_id, owners=owners), ())

    def _going(self, keys: Sequence[Sequence[str]]) -> dict[str, int]:
        """With which finding each id goes, the oldest id first."""
        holder = {key: at for at, each in enumerate(keys) for key in each}
        told: dict[str, int] = {}
        for key, name in self.owners.items():
            if key in holder:
                told.setdefault(name, holder[key])
        return {
            name: holder.get(known.anchor, told.get(name, -1))
            for name, known in self.by_id.items()
            if known.anchor in holder or name in told
        }

    def store(
        self,
        connection: sa.Connection,
        before: Names,
        *,
        now: datetime,
        why: Mapping[str, tuple[str, Sequence[str]]] | None = None,
    ) -> None:
        """Put down what is new or became something else since `before`. `why` says of ids that ended which state they
        are in, and what had changed."""
        name, key = tables.finding_name, tables.finding_key
        stored = set(connection.execute(sa.select(name.c.id)).scalars())
        for each in self.by_id.values():
            was = before.by_id.get(each.id)
            if each == was and each.id in stored:
                continue
            state, changed = (why or {}).get(each.id, (each.state, each.why))
            values = {
                "state": state, "of": each.of, "split_from": each.split_from,
                "since": to_micros(now) if state != FOUND else None, "why": json.dumps(list(changed)),
                "body": each.body,
            }  # fmt: skip
            if each.id in stored:
                connection.execute(name.update().where(name.c.id == each.id).values(**values))
            else:
                connection.execute(
                    name.insert().values(id=each.id, seq=each.seq, anchor=each.anchor, **values)
                )
        known = set(connection.execute(sa.select(key.c.key)).scalars())
        new = [(each, owner) for each, owner in self.owners.items() if each not in known]
        if new:
            rows = [
                {"key": each, "id": owner, "seq": len(known) + at}
                for at, (each, owner) in enumerate(new, start=1)
            ]
            connection.execute(key.insert(), rows)


def _given(findings: Sequence[Finding], ids: Sequence[str], names: Names, ended: Sequence[str]) -> Given:
    """The findings with what their ids stand for, which is also kept beside each id."""
    parts: dict[str, list[str]] = {}
    for each in names.by_id.values():
        if each.state == PART:
            parts.setdefault(names.root(each.id), []).append(each.id)
    by_id = dict(names.by_id)
    told = []
    for finding, name in zip(findings, ids, strict=True):
        mine = tuple(sorted(parts.get(name, ())))
        told.append(replace(finding, id=name, parts=mine, split_from=by_id[name].split_from))
        by_id[name] = replace(by_id[name], body=written(told[-1]))
    return Given(
        findings=tuple(told),
        ids={finding.id: name for finding, name in zip(findings, ids, strict=True)},
        names=Names(by_id=by_id, owners=names.owners),
        ended=tuple(ended),
    )


def load_names(journal: Journal, connection: sa.Connection | None = None) -> Names:
    """All names of a workspace. One that an earlier release made has findings and no names: they keep the ids they have."""
    if connection is None and not journal.has(tables.finding_name):
        return Names()
    name, key = tables.finding_name, tables.finding_key
    rows = journal.rows(sa.select(name).order_by(name.c.seq), connection)
    if not rows:
        return _of_an_earlier_release(journal, connection)
    keys = journal.rows(sa.select(key).order_by(key.c.seq), connection)
    return Names(
        by_id={row["id"]: _name(row) for row in rows}, owners={row["key"]: row["id"] for row in keys}
    )


def _name(row: Mapping[str, Any]) -> Name:
    return Name(
        id=row["id"], seq=row["seq"], anchor=row["anchor"], state=row["state"], of=row["of"],
        split_from=row["split_from"], since=row["since"], why=tuple(json.loads(row["why"])),
        body=row["body"] or None,
    )  # fmt: skip


def _of_an_earlier_release(journal: Journal, connection: sa.Connection | None) -> Names:
    rows = journal.rows(sa.select(tables.finding.c.body), connection)
    found = sorted(
        ((read_finding(row["body"]), row["body"]) for row in rows),
        key=lambda each: (each[0].raised_at, each[0].id),
    )
    owners: dict[str, str] = {}
    for finding, _ in found:
        for key in flag_keys(finding):
            owners.setdefault(key, finding.id)
    return Names(
        by_id={
            finding.id: Name(id=finding.id, seq=at, anchor=flag_keys(finding)[0], body=body)
            for at, (finding, body) in enumerate(found, start=1)
        },
        owners=owners,
    )
