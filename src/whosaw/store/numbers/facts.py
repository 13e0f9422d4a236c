"""What is asked of the raw text of a person's identifier, asked once, when the person has a number, and kept by number, sealed.

Kept are the number in the text and what stands around it, whether the text is a plain number or a mail, its length, the digest that a
principal of the same text has, and of kinds whose ids are nearly all plain numbers the others as they are. So a scan opens the vault
for new people alone. All of it is worked out again from the vault where it is not there, where it would be mostly new, or where what
most ids of a kind look like has changed; the result is the same.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final, Literal, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from whosaw.core.errors import WhosawError
from whosaw.store.journal import Connection, Journal
from whosaw.store.ledger import LedgerReader
from whosaw.store.sql import Session
from whosaw.store.vault import Vault, as_column
from whosaw.store.workspace import Workspace

from .raws import Identities

__all__ = [
    "FACTS",
    "Facts",
    "OfIndex",
    "People",
    "Spellings",
    "drop_facts",
    "facts_files",
    "facts_of_raw",
    "keep_facts",
    "known_facts",
]

FACTS: Final = pa.schema(
    [
        ("person", pa.int32()),
        ("kind", pa.string()),
        ("series", pa.string()),  # what stands around the one number in the text; null where there is none
        ("value", pa.int64()),  # that number, of at most 18 digits
        ("plain", pa.bool_()),
        ("mail", pa.bool_()),
        ("length", pa.int32()),
        ("claim", pa.binary(16)),  # the digest of a principal of the same text
        ("id", pa.string()),  # where it is no plain number and most of its kind are; else null
        ("beginning", pa.uint64()),  # of the first characters, where ids may be cut; else null
    ]
)
_VERSION: Final = 1
_SETTING: Final = "identifier-facts"
_FILES: Final = "facts"  # the kind of these files in the store
_PLACE: Final = b"facts of persons, identifier-facts"  # where a file opens: no other one opens there
_CUT_PLACE: Final = b"persons whose id another begins with, identifier-facts"
_MERGE_AT: Final = 8
_BEGINNING: Final = 8  # characters
_PLAIN: Final = "regexp_full_match(id, '0|[1-9][0-9]*')"
_MAIL: Final = "regexp_full_match(id, '[^@[:space:]]+@[^@[:space:]]+[.][^@[:space:]]+')"
_PLAIN_TEXT: Final = re.compile(r"0|[1-9][0-9]*")
_MAIL_TEXT: Final = re.compile(r"[^@\s]+@[^@\s]+[.][^@\s]+", re.ASCII)
_ONE_NUMBER: Final = "regexp_full_match(raw, '[^0-9]*[0-9]{1,18}[^0-9]*')"
_ASKED: Final = f"""
    WITH ids AS (
        SELECT number AS person, raw, split_part(raw, '\x1f', 1) AS kind, substring(raw, strpos(raw, '\x1f') + 1) AS id,
            split_part(raw, '\x1f', 2) AS claimed
        FROM raw_identifiers
    )
    SELECT person, kind, id, claimed,
        CASE WHEN {_ONE_NUMBER} THEN regexp_replace(raw, '[0-9]+', '#') END AS series,
        CASE WHEN {_ONE_NUMBER} THEN TRY_CAST(regexp_extract(raw, '([0-9]+)', 1) AS BIGINT) END AS value,
        {_PLAIN} AS plain, {_MAIL} AS mail, length(id)::INTEGER AS length
    FROM ids ORDER BY person
"""
_SHAPES: Final = """
    WITH shaped AS (
        SELECT kind, count(*) AS many, count(*) FILTER (plain) AS plain, count(*) FILTER (mail) AS mails, mode(length) AS usual
        FROM shaped_facts GROUP BY kind
    )
    SELECT kind, many, plain, mails, usual, count(*) AS alike
    FROM shaped JOIN (SELECT kind, length AS usual FROM shaped_facts) USING (kind, usual) GROUP BY ALL
"""
_LONGER: Final = """
    WITH sorted AS (SELECT person, kind, id, lead(id) OVER (PARTITION BY kind ORDER BY id) AS next FROM asked SEMI JOIN kinds USING (kind))
    SELECT person FROM sorted WHERE starts_with(next, id) ORDER BY person
"""


@dataclass(frozen=True, slots=True)
class _Shape:
    """What most ids of a kind are: plain numbers; mails; texts of one length, of which the usual one is kept; or nothing of these."""

    of: Literal["plain", "mails", "alike", "none"]
    usual: int = 0

    @property
    def cuts(self) -> bool:
        """Whether an id with which another begins may be that one, cut with its line."""
        return self.of in ("mails", "alike")


@dataclass(frozen=True, slots=True, kw_only=True)
class Spellings:
    """Whose ids may be spellings of others' ids: `odd` (number, kind, id) of people whose id is no plain number, though most of their kind are,
    by number; `cut`, the people whose id may be another's, cut with its line, in order; and `plain_kinds`, the kinds most of whose ids are plain
    numbers, in order."""

    odd: pa.Table
    cut: Sequence[int]
    plain_kinds: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Of all people up to a number: rows of FACTS, and `longer`, the people with whose id another of their kind begins, where ids may
    be cut."""

    rows: pa.Table
    longer: frozenset[int]
    covered: int
    shapes: Mapping[str, _Shape]

    def spellings(self) -> Spellings:
        """Whose ids may be spellings of others'."""
        plain = sorted(kind for kind, shape in self.shapes.items() if shape.of == "plain")
        return Spellings(odd=self._odd(), cut=self._cut(), plain_kinds=plain)

    def numbers(self) -> pa.Table:
        """(person, kind, value) of people whose ids hold one number; the kind is what stands around it."""
        held = self.rows.filter(pc.is_valid(self.rows["value"]))
        return held.select(["person", "series", "value"]).rename_columns(["person", "kind", "value"])

    def _odd(self) -> pa.Table:
        held = self.rows.filter(pc.is_valid(self.rows["id"]))
        return (
            held.select(["person", "kind", "id"]).rename_columns(["number", "kind", "id"]).sort_by("number")
        )

    def _cut(self) -> list[int]:
        asked = self.rows.filter(pc.is_in(self.rows["person"], pa.array(sorted(self.longer), pa.int32())))
        return sorted(
            row["person"]
            for row in asked.select(["person", "kind", "length"]).to_pylist()
            if _may_be_cut(self.shapes[row["kind"]], row["length"])
        )


class People(Protocol):
    """Where people and their identifiers are found by number."""

    @property
    def workspace(self) -> Workspace: ...

    @property
    def session(self) -> Session: ...

    def since(self, number: int) -> pa.Table:
        """number, raw: the identifiers of all people with numbers from this one on."""

    def raw(self, numbers: Sequence[int]) -> Mapping[int, str]:
        """The identifiers of these people."""

    def numbers_of(self, texts: pa.Array) -> frozenset[int]:
        """The numbers of people among whose identifiers these texts are."""

    def numbers_by(self, digests: pa.Array) -> Sequence[int | None]:
        """The numbers of people by the keyed digests of their identifiers, in order; None where there is nobody."""


class OfIndex:
    """People as the index of a ledger has them, their identifiers in the vault blocks of segments."""

    def __init__(self, reader: LedgerReader) -> None:
        self._reader = reader
        self.workspace, self.session = reader.workspace, reader.session

    def since(self, number: int) -> pa.Table:
        return Identities(self._reader).every({"person": number})

    def raw(self, numbers: Sequence[int]) -> Mapping[int, str]:
        return Identities(self._reader).raw({"person": list(numbers)})["person"]

    def numbers_of(self, texts: pa.Array) -> frozenset[int]:
        found = self._reader.numbers_of("person", texts)
        return frozenset(found.drop_null().to_pylist())

    def numbers_by(self, digests: pa.Array) -> Sequence[int | None]:
        return list(self._reader.numbers_by("person", digests).to_pylist())


def known_facts(people: People) -> Facts:
    """The facts of all people. Of those who are not kept yet, the identifiers are taken out of the vault."""
    return _brought_up(people, _load(people, _told(people)))


def keep_facts(people: People) -> Facts:
    """The same, and they are kept for the next time, where the workspace can be written. Never in a transaction."""
    told = _told(people)
    before = _load(people, told)
    facts = _brought_up(people, before)
    if facts is not before and people.workspace.journal.writable:
        _store(people, told, before, facts)
    return facts


def _may_be_cut(shape: _Shape, length: int) -> bool:
    return shape.of == "mails" or (shape.of == "alike" and length < shape.usual)


def _brought_up(people: People, before: Facts | None) -> Facts:
    if before is None:
        return _of_all(people)
    raws = people.since(before.covered)
    gone = _of_erased(people, before.covered)
    if not raws.num_rows and not gone.num_rows:
        return before
    if _MERGE_AT * raws.num_rows > before.rows.num_rows:
        return _of_all(people)
    session, vault = people.session, people.workspace.vault
    asked = session.query(_ASKED, raw_identifiers=raws)
    shapes = _shapes(session, pa.concat_tables([_shaped(before.rows), _shaped(asked)]))
    if any(shapes[kind] != shape for kind, shape in before.shapes.items()):
        return _of_all(people)
    rows = _facts(vault, asked, shapes)
    longer = _newly_longer(people, before, asked, rows, shapes)
    if longer is None:
        return _of_all(people)
    fresh = pa.concat_tables([rows, gone]).sort_by("person")
    return Facts(
        rows=pa.concat_tables([before.rows, fresh]),
        longer=before.longer | longer,
        covered=int(pc.max(fresh["person"]).as_py()) + 1,
        shapes=_shapes(session, _shaped(pa.concat_tables([before.rows, fresh]))) if gone.num_rows else shapes,
    )


def _of_all(people: People) -> Facts:
    session = people.session
    raws = people.since(0)
    asked = session.query(_ASKED, raw_identifiers=raws)
    shapes = _shapes(session, _shaped(asked))
    kinds = pa.table({"kind": pa.array([kind for kind, shape in shapes.items() if shape.cuts], pa.string())})
    longer = session.query(_LONGER, asked=asked, kinds=kinds)["person"].to_pylist() if kinds.num_rows else []
    gone = _of_erased(people, 0)
    rows = pa.concat_tables([_facts(people.workspace.vault, asked, shapes), gone]).sort_by("person")
    return Facts(
        rows=rows,
        longer=frozenset(longer),
        covered=int(pc.max(rows["person"]).as_py()) + 1 if rows.num_rows else 0,
        shapes=_shapes(session, _shaped(rows)) if gone.num_rows else shapes,
    )


def facts_of_raw(vault: Vault, raw: str) -> dict[str, str | int]:
    """What is kept of an identifier that is erased: what names nobody, and the keyed digest that a principal of the same text has. Without
    that, a person's own requests would look like somebody else's."""
    kind, _, text = raw.partition("\x1f")
    return {
        "kind": kind,
        "plain": _PLAIN_TEXT.fullmatch(text) is not None,
        "mail": _MAIL_TEXT.fullmatch(text) is not None,
        "length": len(text),
        "claim": vault.digest("principal", text.partition("\x1f")[0]).hex(),
    }


def _of_erased(people: People, since: int) -> pa.Table:
    """Rows of FACTS of those whose identifiers were erased, with the numbers from `since` on; by number."""
    erased = people.workspace.vault.erased.of("person")
    told = {digest: facts for digest, facts in erased.items() if facts is not None}
    if not told:
        return FACTS.empty_table()
    numbers = people.numbers_by(pa.array(list(told), pa.binary(16)))
    rows = [
        {**facts, "person": number, "claim": bytes.fromhex(facts["claim"])}
        for number, facts in zip(numbers, told.values(), strict=True)
        if number is not None and number >= since
    ]
    return pa.Table.from_pylist(sorted(rows, key=lambda row: row["person"]), FACTS)


def _shaped(rows: pa.Table) -> pa.Table:
    return rows.select(["kind", "plain", "mail", "length"])


def _shapes(session: Session, rows: pa.Table) -> dict[str, _Shape]:
    return {row["kind"]: _shape(row) for row in session.query(_SHAPES, shaped_facts=rows).to_pylist()}


def _shape(row: Mapping[str, Any]) -> _Shape:
    if 2 * row["plain"] > row["many"]:
        return _Shape("plain")
    if 10 * row["mails"] >= 9 * row["many"]:
        return _Shape("mails")
    if 10 * row["alike"] >= 9 * row["many"]:
        return _Shape("alike", row["usual"])
    return _Shape("none")


def _facts(vault: Vault, asked: pa.Table, shapes: Mapping[str, _Shape]) -> pa.Table:
    """Rows of FACTS of what was asked of raw texts."""
    of_kind = {
        "id": [kind for kind, shape in shapes.items() if shape.of == "plain"],
        "beginning": [kind for kind, shape in shapes.items() if shape.cuts],
    }
    among = {
        name: pc.is_in(asked["kind"], pa.array(kinds, pa.string())).combine_chunks()
        for name, kinds in of_kind.items()
    }
    odd = pc.and_(among["id"], pc.invert(asked["plain"]))
    ids = asked["id"].combine_chunks()
    begun = pa.array(_beginnings(vault, ids), mask=~among["beginning"].to_numpy(zero_copy_only=False))
    claims = as_column(vault.digest_all("principal", asked["claimed"].combine_chunks()))
    columns = {name: asked[name] for name in FACTS.names if name in asked.column_names}
    columns |= {"id": pc.if_else(odd, ids, None), "beginning": begun, "claim": claims}
    return pa.table({name: columns[name] for name in FACTS.names}).cast(FACTS)


def _beginnings(vault: Vault, ids: pa.Array) -> np.ndarray[Any, np.dtype[np.uint64]]:
    """A keyed hash of the first characters of each id."""
    digests = vault.digest_all("beginning of person", pc.utf8_slice_codeunits(ids, 0, _BEGINNING))
    return np.ascontiguousarray(digests[:, :8]).view(">u8").reshape(-1).astype(np.uint64)


def _newly_longer(
    people: People, before: Facts, asked: pa.Table, rows: pa.Table, shapes: Mapping[str, _Shape]
) -> frozenset[int] | None:
    """The people with whose id another begins since these came, where it may be cut; None where only all ids can tell."""
    new = [row for row in asked.select(["person", "kind", "id"]).to_pylist() if shapes[row["kind"]].cuts]
    if not new:
        return frozenset()
    begun = dict(zip(rows["person"].to_pylist(), rows["beginning"].to_pylist(), strict=True))
    starts: set[str] = set()
    wanted: dict[tuple[str, int], list[tuple[int, str]]] = {}
    for row in new:
        shape, text = shapes[row["kind"]], row["id"]
        most = len(text) if shape.of == "mails" else min(len(text), shape.usual)
        starts.update(f"{row['kind']}\x1f{text[:end]}" for end in range(most))
        if _may_be_cut(shape, len(text)):
            if len(text) < _BEGINNING:
                return None
            wanted.setdefault((row["kind"], begun[row["person"]]), []).append((row["person"], text))
    texts = pa.array(sorted(starts), pa.string())
    return people.numbers_of(texts) | _begun_by(people, before, wanted)


def _begun_by(
    people: People, before: Facts, wanted: Mapping[tuple[str, int], Sequence[tuple[int, str]]]
) -> frozenset[int]:
    """The new people with whose id that of somebody known begins: those are looked at whose ids begin alike."""
    if not wanted:
        return frozenset()
    beginnings = pa.array([beginning for _, beginning in wanted], pa.uint64())
    alike = before.rows.filter(pc.is_in(before.rows["beginning"], beginnings))
    raw = people.raw(alike["person"].to_pylist())
    found: set[int] = set()
    for row in alike.select(["person", "kind", "beginning"]).to_pylist():
        text = raw[row["person"]].partition("\x1f")[2]
        for person, begins in wanted.get((row["kind"], row["beginning"]), ()):
            if text != begins and text.startswith(begins):
                found.add(person)
    return frozenset(found)


def _told(people: People) -> str:
    return people.workspace.journal.setting(_SETTING) or "{}"


def _load(people: People, text: str) -> Facts | None:
    """What is kept; None where nothing is, or not whole."""
    told = json.loads(text)
    if told.get("version") != _VERSION:
        return None
    files, vault = people.workspace.files, people.workspace.vault
    with suppress(WhosawError):
        parts = [vault.open_at(_PLACE, files.read(name)).cast(FACTS) for name, _ in told["files"]]
        longer = vault.open_at(_CUT_PLACE, files.read(told["longer"]))
        rows = pa.concat_tables([FACTS.empty_table(), *parts])
        return Facts(
            rows=rows,
            longer=frozenset(longer["person"].to_pylist()),
            covered=told["covered"],
            shapes={kind: _Shape(*shape) for kind, shape in told["shapes"].items()}
            if "shapes" in told  # else an earlier release kept them
            else _shapes(people.session, _shaped(rows)),
        )
    return None


def _store(people: People, text: str, before: Facts | None, facts: Facts) -> None:
    """Keep facts: those that are new behind the others, which become one file with them when they have an eighth of its rows. Where
    somebody else kept theirs since `text` was read, these are left."""
    workspace = people.workspace
    journal, files, vault = workspace.journal, workspace.files, workspace.vault
    told = json.loads(text)
    was = [(str(name), int(rows)) for name, rows in told.get("files", ())]
    held = list(was) if before is not None and _begins_with(facts, before) else []
    start = sum(rows for _, rows in held)
    while held and _MERGE_AT * (facts.rows.num_rows - start) >= held[-1][1]:
        start -= held.pop()[1]
    if facts.rows.num_rows > start:
        part = facts.rows.slice(start)
        held.append((files.put(_FILES, vault.seal_at(_PLACE, part)), part.num_rows))
    longer = pa.table({"person": pa.array(sorted(facts.longer), pa.int32())})
    cut = files.put(_FILES, vault.seal_at(_CUT_PLACE, longer))
    shapes = {kind: [shape.of, shape.usual] for kind, shape in sorted(facts.shapes.items())}
    body = {
        "version": _VERSION,
        "covered": facts.covered,
        "files": held,
        "longer": cut,
        "shapes": shapes,
    }
    with journal.transaction() as connection:
        if (journal.setting(_SETTING, connection) or "{}") != text:
            return
        journal.set_setting(connection, _SETTING, json.dumps(body))
    kept = {cut, *(name for name, _ in held)}
    # who still reads one works it out anew
    workspace.remove(sorted({*(name for name, _ in was), told.get("longer", cut)} - kept))


def drop_facts(workspace: Workspace) -> None:
    """Forget them all: they hold numbers out of identifiers, and are worked out again without those that were erased. Only for the one
    who holds the workspace for writing."""
    with workspace.journal.transaction() as connection:
        if workspace.journal.setting(_SETTING, connection) is not None:
            workspace.journal.set_setting(connection, _SETTING, "{}")
    workspace.remove([each for each in workspace.files.names() if each.partition(".")[2] == _FILES])


def facts_files(journal: Journal, connection: Connection | None = None) -> frozenset[str]:
    """The names of the files that hold what is kept."""
    told = json.loads(journal.setting(_SETTING, connection) or "{}")
    return frozenset(
        (*(name for name, _ in told.get("files", ())), *((told["longer"],) if "longer" in told else ()))
    )


def _begins_with(facts: Facts, before: Facts) -> bool:
    """Whether the rows of `before` are the first of these."""
    return bool(facts.rows.slice(0, before.rows.num_rows).equals(before.rows))
