"""What is asked of the raw text of a person's identifier, asked once, when the person has a number, and kept by number, sealed.

Kept are the number in the text and what stands around it, whether the text is a plain number or a mail, its length, the digest that a
principal of the same text has, and of kinds whose ids are nearly all plain numbers the others as they are. So a scan opens the vault
for new people alone. All of it is worked out again from the vault where it is not there, where it would be mostly new, or where what
most ids of a kind look like has changed; the result is the same.

Raw identifiers and rows are taken a slice at a time; in hand of all people are only their numbers, and of whom else anybody asks.
"""

from __future__ import annotations

import itertools
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final, Literal, Protocol

import numpy as np
import numpy.typing as npt
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
    "kept_rows",
    "known_facts",
]

Ints = npt.NDArray[np.int64]

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
_NUMBERS: Final = pa.schema(
    [("person", pa.int32()), ("kind", pa.dictionary(pa.int32(), pa.string())), ("value", pa.int64())]
)
_ODD: Final = pa.schema([("number", pa.int32()), ("kind", pa.string()), ("id", pa.string())])
_LENGTHS: Final = pa.schema([("person", pa.int32()), ("kind", pa.string()), ("length", pa.int32())])
_CLAIMS: Final = pa.schema([("principal", pa.int32()), ("person", pa.int32())])
_SHAPED: Final = ("kind", "plain", "mail", "length")
_VERSION: Final = 1
_SETTING: Final = "identifier-facts"
_FILES: Final = "facts"  # the kind of these files in the store
_PLACE: Final = b"facts of persons, identifier-facts"  # where a file opens: no other one opens there
_CUT_PLACE: Final = b"persons whose id another begins with, identifier-facts"
_MERGE_AT: Final = 8
_AT_ONCE: Final = 1 << 18  # people whose identifiers or rows are in hand, and the rows of a file
_CLAIMED: Final = (
    1 << 21
)  # claims that are looked up together, or a few more: principals are gone through once for them
_STARTS: Final = 1 << 18  # texts that are looked up together, or a few more
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
_LONGER: Final = """
    WITH sorted AS (SELECT person, kind, id, lead(id) OVER (PARTITION BY kind ORDER BY id) AS next FROM ids_that_may_be_cut)
    SELECT person, kind, length(id)::INTEGER AS length FROM sorted WHERE starts_with(next, id) ORDER BY person
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
    """Of all people up to a number (`covered`), what rows of FACTS come to: `numbers`, (person, kind, value) of people whose ids hold one number,
    by person, where the kind is what stands around it, from a dictionary; `odd` (number, kind, id) of people whose id is no plain number though
    most of their kind are, by number; `lengths` (person, kind, length) of people with whose id another of their kind begins, where ids may be
    cut, by person; and, where they were asked for, `claims` (principal, person): which principals have the text of exactly one person's id, by
    principal."""

    numbers: pa.Table
    odd: pa.Table
    lengths: pa.Table
    claims: pa.Table
    covered: int
    shapes: Mapping[str, _Shape]

    @property
    def longer(self) -> frozenset[int]:
        """The people with whose id another begins."""
        return frozenset(self.lengths["person"].to_pylist())

    def spellings(self) -> Spellings:
        """Whose ids may be spellings of others'."""
        plain = sorted(kind for kind, shape in self.shapes.items() if shape.of == "plain")
        cut = [
            row["person"]
            for row in self.lengths.to_pylist()
            if _may_be_cut(self.shapes[row["kind"]], row["length"])
        ]
        return Spellings(odd=self.odd, cut=cut, plain_kinds=plain)


class People(Protocol):
    """Where people and their identifiers are found by number."""

    @property
    def workspace(self) -> Workspace: ...

    @property
    def session(self) -> Session: ...

    def since(self, number: int, rows: int) -> Iterator[pa.Table]:
        """number, raw: the identifiers of all people with numbers from this one on, in order, at most so many at a time."""

    def raw(self, numbers: Sequence[int]) -> Mapping[int, str]:
        """The identifiers of these people."""

    def numbers_of(self, texts: pa.Array) -> frozenset[int]:
        """The numbers of people among whose identifiers these texts are."""

    def numbers_by(self, digests: pa.Array) -> Sequence[int | None]:
        """The numbers of people by the keyed digests of their identifiers, in order; None where there is nobody."""

    def principals_by(self, digests: pa.Array) -> Ints:
        """The numbers of principals by the keyed digests of their identifiers, in order; -1 where there is none."""


class OfIndex:
    """People as the index of a ledger has them, their identifiers in the vault blocks of segments."""

    def __init__(self, reader: LedgerReader) -> None:
        self._reader, self._identities = reader, Identities(reader)
        self.workspace, self.session = reader.workspace, reader.session

    def since(self, number: int, rows: int) -> Iterator[pa.Table]:
        return self._identities.slices("person", number, rows)

    def raw(self, numbers: Sequence[int]) -> Mapping[int, str]:
        return self._identities.raw({"person": list(numbers)})["person"]

    def numbers_of(self, texts: pa.Array) -> frozenset[int]:
        found = self._reader.numbers_of("person", texts)
        return frozenset(found.drop_null().to_pylist())

    def numbers_by(self, digests: pa.Array) -> Sequence[int | None]:
        return list(self._reader.numbers_by("person", digests).to_pylist())

    def principals_by(self, digests: pa.Array) -> Ints:
        found = self._reader.numbers_by("principal", digests).fill_null(-1)
        return np.asarray(found.to_numpy(), np.int64)


def known_facts(people: People, *, claims: bool = False) -> Facts:
    """The facts of all people, with claims where these are asked for. Of those who are not kept yet, the identifiers are taken out of the
    vault."""
    return _facts_of(people, _told(people), None, claims=claims)


def keep_facts(people: People, *, claims: bool = False) -> Facts:
    """The same, and they are kept for the next time, where the workspace can be written. Never in a transaction."""
    told = _told(people)
    if not people.workspace.journal.writable:
        return _facts_of(people, told, None, claims=claims)
    files = _Files(people.workspace)
    facts = _facts_of(people, told, files, claims=claims)
    if files.held is not None:
        _store(people, told, files, facts)
    return facts


def _may_be_cut(shape: _Shape, length: int) -> bool:
    return shape.of == "mails" or (shape.of == "alike" and length < shape.usual)


class _Files:
    """Rows as they are kept from now on: in files of `_AT_ONCE` rows, of which the last has the rest. `held` are their names and rows; None
    where what was kept before stays."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self.held: list[tuple[str, int]] | None = None
        self.made: set[str] = set()

    def keep(self, rows: Iterable[pa.Table]) -> Iterator[pa.Table]:
        """The same rows, each kept when the next ones are asked for, and the last when there are no more."""
        self.held, waiting = [], FACTS.empty_table()
        return self._behind(self.held, waiting, rows)

    def keep_behind(self, told: Mapping[str, Any], many: int, rows: Iterable[pa.Table]) -> Iterator[pa.Table]:
        """So many rows are kept behind the others, of which the last files become one with them when they have an eighth of its rows."""
        self.held, again = [(str(name), int(rows)) for name, rows in told["files"]], list[str]()
        while self.held and self.held[-1][1] < _AT_ONCE and _MERGE_AT * many >= self.held[-1][1]:
            name, more = self.held.pop()
            again.insert(0, name)
            many += more
        waiting = pa.concat_tables([FACTS.empty_table(), *(_opened(self._workspace, name) for name in again)])
        return self._behind(self.held, waiting, rows)

    def _behind(
        self, held: list[tuple[str, int]], waiting: pa.Table, rows: Iterable[pa.Table]
    ) -> Iterator[pa.Table]:
        for each in rows:
            yield each
            waiting = pa.concat_tables([waiting, each])
            while waiting.num_rows >= _AT_ONCE:
                held.append(self._put(waiting.slice(0, _AT_ONCE)))
                waiting = waiting.slice(_AT_ONCE)
        if waiting.num_rows:
            held.append(self._put(waiting))

    def _put(self, rows: pa.Table) -> tuple[str, int]:
        name = self._workspace.files.put(_FILES, self._workspace.vault.seal_at(_PLACE, rows))
        self.made.add(name)
        return name, rows.num_rows


class _InHand:
    """What is in hand of rows of FACTS, which come a slice at a time, by person."""

    def __init__(self, people: People, *, claims: bool) -> None:
        self._people, self._claims = people, claims
        self.counts: Counter[tuple[Any, ...]] = Counter()
        self.rows = self.covered = 0
        self._numbers, self._odd = [_NUMBERS.empty_table()], [_ODD.empty_table()]
        self._lengths = [_LENGTHS.empty_table()]
        self._waiting, self._claimed = list[pa.Table](), list[Ints]()

    def add(self, rows: pa.Table) -> None:
        if not rows.num_rows:
            return
        self.counts += _counts(rows)
        self.rows += rows.num_rows
        self.covered = int(rows["person"][-1].as_py()) + 1
        held = rows.filter(pc.is_valid(rows["value"]))
        self._numbers.append(
            pa.table(
                [held["person"], held["series"].dictionary_encode(), held["value"]], _NUMBERS.names
            ).cast(_NUMBERS)
        )
        odd = rows.filter(pc.is_valid(rows["id"]))
        self._odd.append(odd.select(["person", "kind", "id"]).rename_columns(_ODD.names))
        if self._claims:
            self._waiting.append(_copied(rows.select(["claim", "person"])))
            if sum(each.num_rows for each in self._waiting) >= _CLAIMED:
                self._look_up()

    def add_longer(self, lengths: pa.Table) -> None:
        """Rows of `_LENGTHS`."""
        self._lengths.append(lengths.select(_LENGTHS.names).cast(_LENGTHS))

    @property
    def longer(self) -> frozenset[int]:
        return frozenset(person for each in self._lengths for person in each["person"].to_pylist())

    def facts(self, shapes: Mapping[str, _Shape]) -> Facts:
        return Facts(
            numbers=pa.concat_tables(self._numbers).unify_dictionaries(),
            odd=pa.concat_tables(self._odd),
            lengths=pa.concat_tables(self._lengths).sort_by("person"),
            claims=self._claims_of_one(),
            covered=self.covered,
            shapes=shapes,
        )

    def _look_up(self) -> None:
        """Of the people who wait, a word each whose id is the text of a principal: the number of that one, then theirs."""
        rows = pa.concat_tables(self._waiting)
        self._waiting.clear()
        principals = self._people.principals_by(rows["claim"].combine_chunks())
        hit = np.flatnonzero(principals >= 0)
        self._claimed.append(principals[hit] << 32 | rows["person"].to_numpy()[hit])

    def _claims_of_one(self) -> pa.Table:
        if self._waiting:
            self._look_up()
        words = np.concatenate([np.zeros(0, np.int64), *self._claimed])
        self._claimed.clear()
        words.sort()
        principals = (words >> 32).astype(np.int32)
        same = principals[1:] == principals[:-1]
        one = ~(np.append(same, False) | np.append(False, same)) if len(words) else np.zeros(0, bool)
        return pa.table([pa.array(principals[one]), pa.array(words[one].astype(np.int32))], schema=_CLAIMS)


class _Asked:
    """What is asked of the raw texts of people from a number on, slice by slice: each time anew, where it is more than one."""

    def __init__(self, people: People, since: int) -> None:
        self._people, self._since = people, since
        self._one: pa.Table | None = None

    def __iter__(self) -> Iterator[pa.Table]:
        if self._one is not None:
            yield self._one
            return
        slices, asked = 0, None
        for raws in self._people.since(self._since, _AT_ONCE):
            asked = self._people.session.query(_ASKED, raw_identifiers=raws)
            slices += 1
            yield asked
        if slices == 1:
            self._one = asked


def _facts_of(people: People, told: Mapping[str, Any], files: _Files | None, *, claims: bool) -> Facts:
    with suppress(WhosawError):  # else it is worked out anew
        before = _load(people, told, claims=claims)
        facts = None if before is None else _brought_up(people, told, before, files)
        if facts is not None:
            return facts
    return _of_all(people, files, claims=claims)


def _brought_up(people: People, told: Mapping[str, Any], held: _InHand, files: _Files | None) -> Facts | None:
    """The facts of all, those who came since what is in hand among them; None where they are worked out anew."""
    before = _shapes_told(told) if "shapes" in told else _shapes(held.counts)  # an earlier release kept none
    gone, asked = _of_erased(people, held.covered), _Asked(people, held.covered)
    counts: Counter[tuple[Any, ...]] = Counter()
    for each in asked:
        counts += _counts(each)
        if _MERGE_AT * counts.total() > held.rows:
            return None
    many = counts.total() + gone.num_rows
    if not many:
        return held.facts(before)
    shapes = _shapes(held.counts + counts)
    if any(shapes[kind] != shape for kind, shape in before.items()):
        return None
    longer: set[int] = set()
    for each in asked:
        found = _newly_longer(people, told, each, shapes)
        if found is None:
            return None
        longer |= found
    longer -= held.longer
    fresh = _with_erased((_facts(people.workspace.vault, each, shapes) for each in asked), gone)
    for rows in fresh if files is None else files.keep_behind(told, many, fresh):
        held.add(rows)
        held.add_longer(_of(rows, longer))
    for rows in kept_rows(people.workspace, told) if longer else ():
        held.add_longer(_of(rows, longer))
    return held.facts(_shapes(held.counts) if gone.num_rows else shapes)


def _of_all(people: People, files: _Files | None, *, claims: bool) -> Facts:
    session, asked = people.session, _Asked(people, 0)
    counts: Counter[tuple[Any, ...]] = Counter()
    for each in asked:
        counts += _counts(each)
    shapes = _shapes(counts)
    cuts = pa.array([kind for kind, shape in shapes.items() if shape.cuts], pa.string())
    gone, held = _of_erased(people, 0), _InHand(people, claims=claims)

    def rows() -> Iterator[pa.Table]:
        for each in asked:
            if len(cuts):
                ids = each.select(["person", "kind", "id"]).filter(pc.is_in(each["kind"], cuts))
                session.add_rows("ids_that_may_be_cut", ids)
            yield _facts(people.workspace.vault, each, shapes)

    session.execute("CREATE OR REPLACE TEMP TABLE ids_that_may_be_cut (person INTEGER, kind TEXT, id TEXT)")
    every = _with_erased(rows(), gone)
    for each in every if files is None else files.keep(every):
        held.add(each)
    held.add_longer(session.query(_LONGER))
    session.execute("DROP TABLE ids_that_may_be_cut")
    return held.facts(_shapes(held.counts) if gone.num_rows else shapes)


def _with_erased(rows: Iterable[pa.Table], gone: pa.Table) -> Iterator[pa.Table]:
    """Rows with those of people who were erased between them; by person, as both are."""
    persons, start = gone["person"].to_numpy(), 0
    for each in rows:
        end = int(np.searchsorted(persons, each["person"][-1].as_py())) if each.num_rows else start
        between = gone.slice(start, end - start)
        yield pa.concat_tables([each, between]).sort_by("person") if between.num_rows else each
        start = end
    if start < gone.num_rows:
        yield gone.slice(start)


def _of(rows: pa.Table, persons: Iterable[int]) -> pa.Table:
    """Rows of `_LENGTHS` of these persons."""
    among = pc.is_in(rows["person"], pa.array(sorted(persons), pa.int32()))
    return rows.select(_LENGTHS.names).filter(among)


def _copied(rows: pa.Table) -> pa.Table:
    """The same, without the rest of what they were read with."""
    return rows.take(pa.array(np.arange(rows.num_rows)))


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


def _counts(rows: pa.Table) -> Counter[tuple[Any, ...]]:
    """How many rows there are by kind, plain, mail and length."""
    found = rows.select(_SHAPED).group_by(_SHAPED, use_threads=False).aggregate([([], "count_all")])
    columns = [found[name].to_pylist() for name in (*_SHAPED, "count_all")]
    return Counter({tuple(key): many for *key, many in zip(*columns, strict=True)})


def _shapes(counts: Mapping[tuple[Any, ...], int]) -> dict[str, _Shape]:
    sums, lengths = dict[str, Counter[str]](), dict[str, Counter[int]]()
    for (kind, plain, mail, length), many in counts.items():
        sums.setdefault(kind, Counter()).update(many=many, plain=many * plain, mails=many * mail)
        lengths.setdefault(kind, Counter())[length] += many
    found = {}
    for kind, told in sums.items():
        ((usual, alike),) = lengths[kind].most_common(1)
        found[kind] = _shape({**told, "usual": usual, "alike": alike})
    return found


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
    people: People, told: Mapping[str, Any], asked: pa.Table, shapes: Mapping[str, _Shape]
) -> frozenset[int] | None:
    """The people with whose id another begins since these came, where it may be cut; None where only all ids can tell."""
    cuts = pa.array([kind for kind, shape in shapes.items() if shape.cuts], pa.string())
    new = asked.select(["person", "kind", "id"]).filter(pc.is_in(asked["kind"], cuts)).combine_chunks()
    if not new.num_rows:
        return frozenset()
    begun = _beginnings(people.workspace.vault, new["id"].combine_chunks())
    found: frozenset[int] = frozenset()
    starts: set[str] = set()
    wanted: dict[tuple[str, int], list[tuple[int, str]]] = {}
    for row, beginning in zip(_rows(new), begun.tolist(), strict=True):
        shape, text = shapes[row["kind"]], row["id"]
        most = len(text) if shape.of == "mails" else min(len(text), shape.usual)
        starts.update(f"{row['kind']}\x1f{text[:end]}" for end in range(most))
        if len(starts) >= _STARTS:
            found |= people.numbers_of(pa.array(sorted(starts), pa.string()))
            starts.clear()
        if _may_be_cut(shape, len(text)):
            if len(text) < _BEGINNING:
                return None
            wanted.setdefault((row["kind"], beginning), []).append((row["person"], text))
    return found | people.numbers_of(pa.array(sorted(starts), pa.string())) | _begun_by(people, told, wanted)


def _begun_by(
    people: People, told: Mapping[str, Any], wanted: Mapping[tuple[str, int], Sequence[tuple[int, str]]]
) -> frozenset[int]:
    """The new people with whose id that of somebody kept begins: those are looked at whose ids begin alike."""
    beginnings = pa.array(sorted({beginning for _, beginning in wanted}), pa.uint64())
    found: set[int] = set()
    for rows in kept_rows(people.workspace, told) if wanted else ():
        alike = rows.filter(pc.is_in(rows["beginning"], beginnings))
        raw = people.raw(alike["person"].to_pylist()) if alike.num_rows else {}
        for row in alike.select(["person", "kind", "beginning"]).to_pylist():
            text = raw[row["person"]].partition("\x1f")[2]
            for person, begins in wanted.get((row["kind"], row["beginning"]), ()):
                if text != begins and text.startswith(begins):
                    found.add(person)
    return frozenset(found)


def _rows(table: pa.Table) -> Iterator[dict[str, Any]]:
    """Row by row, as few at a time as a batch has."""
    return itertools.chain.from_iterable(each.to_pylist() for each in table.to_batches(max_chunksize=1 << 12))


def _told(people: People) -> dict[str, Any]:
    """What the journal says of what is kept."""
    told: dict[str, Any] = json.loads(people.workspace.journal.setting(_SETTING) or "{}")
    return told


def kept_rows(workspace: Workspace, told: Mapping[str, Any] | None = None) -> Iterator[pa.Table]:
    """The rows of FACTS that are kept now, or those that were `told` of, file by file; by person."""
    told = json.loads(workspace.journal.setting(_SETTING) or "{}") if told is None else told
    for name, _ in told.get("files", ()):
        yield _opened(workspace, name)


def _opened(workspace: Workspace, name: str) -> pa.Table:
    return workspace.vault.open_at(_PLACE, workspace.files.read(name)).cast(FACTS)


def _load(people: People, told: Mapping[str, Any], *, claims: bool) -> _InHand | None:
    """What is kept; None where nothing is."""
    if told.get("version") != _VERSION:
        return None
    workspace, held = people.workspace, _InHand(people, claims=claims)
    cut = workspace.vault.open_at(_CUT_PLACE, workspace.files.read(told["longer"]))
    longer = cut["person"].to_pylist()
    for rows in kept_rows(workspace, told):
        held.add(rows)
        held.add_longer(_of(rows, longer))
    held.covered = told["covered"]
    return held


def _shapes_told(told: Mapping[str, Any]) -> dict[str, _Shape]:
    return {kind: _Shape(*shape) for kind, shape in told["shapes"].items()}


def _store(people: People, told: Mapping[str, Any], files: _Files, facts: Facts) -> None:
    """Say in the journal what is kept. Where somebody else kept theirs since it was `told`, these are left."""
    workspace, held = people.workspace, files.held or []
    longer = pa.table({"person": facts.lengths["person"]})
    cut = workspace.files.put(_FILES, workspace.vault.seal_at(_CUT_PLACE, longer))
    shapes = {kind: [shape.of, shape.usual] for kind, shape in sorted(facts.shapes.items())}
    body = {"version": _VERSION, "covered": facts.covered, "files": held, "longer": cut, "shapes": shapes}
    journal = workspace.journal
    with journal.transaction() as connection:
        if json.loads(journal.setting(_SETTING, connection) or "{}") != told:
            return
        journal.set_setting(connection, _SETTING, json.dumps(body))
    kept = {cut, *(name for name, _ in held)}
    was = {*(name for name, _ in told.get("files", ())), told.get("longer", cut)}
    # who still reads one works it out anew
    workspace.remove(sorted((was | files.made) - kept))


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
