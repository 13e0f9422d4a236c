"""People whose ids may be spellings of one another, where no map says how the server reads ids.

Where most ids of a kind are plain numbers, a server may read `007` and `7x1` as 7. Then these are as few people as there are
numbers, and as many as there are spellings only if it does not. And where nearly all ids are mails, or of one length as UUIDs are, one
with which another begins may be that one, cut with its line.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Final

import pyarrow as pa

from whosaw.core.counts import Count, Reason
from whosaw.core.finding import Finding
from whosaw.core.finding_title import recounted
from whosaw.store.identifiers import register_odd_ids
from whosaw.store.journal import Journal
from whosaw.store.ledger import LedgerReader

from .subject_form import Form, forms_of

__all__ = [
    "classes_of_ids",
    "classes_of_part",
    "kept_classes",
    "narrowed",
    "saved",
    "with_collapsed",
]

_NUMBERS: Final = Form(name="integer")
_ANYBODY: Final = -(1 << 31)  # whose id it is that was cut


def classes_of_ids(reader: LedgerReader) -> dict[int, int]:
    """By person whose id is a number in an odd spelling: one number for all that are spellings of the same, which is that of the
    person with the plain id, where there is one. A person whose id may be cut may be anybody. Reads `odd_ids` and `cut_ids`, which
    `register_spellings` leaves."""
    cut = reader.session.query("SELECT number FROM cut_ids ORDER BY number")["number"].to_pylist()
    return {**dict.fromkeys(cut, _ANYBODY), **_spellings(reader)}


def _spellings(reader: LedgerReader) -> dict[int, int]:
    stated = forms_of(reader.routes.values())
    read: dict[int, str] = {}
    for row in reader.session.query("SELECT number, kind, id FROM odd_ids ORDER BY number").to_pylist():
        text, _ = _NUMBERS.one(row["id"])
        if text != row["id"] and row["kind"] not in stated:
            read[row["number"]] = f"{row['kind']}\x1f{text}"
    if not read:
        return {}
    texts = sorted(set(read.values()))
    known = reader.numbers_of("person", pa.array(texts, pa.string())).to_pylist()
    number = {
        text: -1 - at if found is None else int(found)
        for at, (text, found) in enumerate(zip(texts, known, strict=True))
    }
    return {person: number[text] for person, text in read.items()}


def saved(seen: Callable[[int], bool], classes: Mapping[int, int]) -> int:
    """By how many fewer the people who are `seen` are if spellings of one number are one person, and cut ids somebody else's."""
    odd = [each for each in classes if seen(each)]
    whole = {classes[each] for each in odd} - {_ANYBODY}
    return len(odd) - len(whole) + sum(1 for each in whole if each >= 0 and seen(each))


def narrowed(counts: Sequence[Count], many: int) -> tuple[Count, ...]:
    """Counts of which `many` people may be spellings of others: the lower bounds of accounts and persons leave them out."""
    if not many:
        return tuple(counts)
    reason = Reason(code="ids-collapse", detail=(("takes_lower", str(many)),))
    return tuple(
        each
        if each.unit == "views"
        else replace(each, lower=max(0, each.lower - many), reasons=(*each.reasons, reason))
        for each in counts
    )


def classes_of_part(reader: LedgerReader, counted: pa.Table) -> dict[int, int]:
    """The same of the people that some lines (content, line) show, with what the last run over the whole ledger knew of ids."""
    kinds = json.loads(reader.workspace.journal.setting("plain-kinds") or "[]")
    if not kinds or not counted.num_rows:
        return {}
    found = reader.session.query(
        "SELECT DISTINCT person FROM views AS v SEMI JOIN lines AS l ON l.content = v.content AND l.line = v.line "
        "WHERE person IS NOT NULL ORDER BY person",
        lines=counted.select(["content", "line"]),
    )
    register_odd_ids(reader, found["person"].to_pylist(), kinds)
    return classes_of_ids(reader)


def kept_classes(journal: Journal) -> dict[int, int]:
    """The classes that the last run of the detectors found."""
    return dict(json.loads(journal.setting("collapsed") or "[]"))


def with_collapsed(
    reader: LedgerReader, findings: Sequence[Finding], counted: pa.Table, classes: Mapping[int, int]
) -> list[Finding]:
    """Findings whose lower bounds leave out people that may be spellings of others; `counted` are their lines."""
    if not classes or not findings:
        return list(findings)
    asked = pa.array(sorted({*classes, *(each for each in classes.values() if each >= 0)}), pa.int32())
    rows = reader.session.query(
        "SELECT DISTINCT l.finding, v.person FROM views AS v SEMI JOIN asked USING (person) "
        "JOIN lines AS l ON l.content = v.content AND l.line = v.line WHERE v.unsure = 0",
        asked=pa.table({"person": asked}),
        lines=counted.select(["finding", "content", "line"]),
    ).to_pylist()
    people: dict[str, set[int]] = defaultdict(set)
    for row in rows:
        people[row["finding"]].add(row["person"])
    return [
        recounted(each, narrowed(each.counts, saved(people[each.id].__contains__, classes)))
        for each in findings
    ]
