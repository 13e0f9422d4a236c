"""What detectors and links need to know of raw identifiers, taken out of the vault into memory and never stored: which numbers
people have, and which user names are people."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import pyarrow as pa

from .ledger import Identities, LedgerReader
from .vault import KINDS

__all__ = ["LedgerDigests", "places_by_number", "register_identifiers", "register_odd_ids"]

_NUMBERS = pa.schema([("person", pa.int32()), ("kind", pa.string()), ("value", pa.int64())])
_NUMBERED = (
    "SELECT number AS person, regexp_replace(raw, '[0-9]+', '#') AS kind, "
    "TRY_CAST(regexp_extract(raw, '([0-9]+)', 1) AS BIGINT) AS value FROM raw_identifiers "
    f"WHERE kind = {KINDS['person']} AND regexp_full_match(raw, '[^0-9]*[0-9]{{1,18}}[^0-9]*')"
)
_PLAIN = "regexp_full_match(id, '0|[1-9][0-9]*')"
# ids that are no plain number, of kinds most of whose ids are
_IDS = f"""
    WITH ids AS (
        SELECT number, split_part(raw, '\x1f', 1) AS kind, substring(raw, strpos(raw, '\x1f') + 1) AS id
        FROM raw_identifiers WHERE kind = {KINDS["person"]}
    ), plain AS (SELECT kind FROM ids GROUP BY kind HAVING 2 * count(*) FILTER ({_PLAIN}) > count(*))
"""
_ODD = (
    f"{_IDS} SELECT number, kind, id FROM ids SEMI JOIN plain USING (kind) WHERE NOT {_PLAIN} ORDER BY number"
)
_PLAIN_KINDS = f"{_IDS} SELECT kind FROM plain ORDER BY kind"
# ids with which others begin, where nearly all of their kind are mails, or have one length and are no numbers
_MAIL = "regexp_full_match(id, '[^@[:space:]]+@[^@[:space:]]+[.][^@[:space:]]+')"
_CUT = f"""{_IDS}, shaped AS (
        SELECT kind, count(*) AS many, count(*) FILTER ({_MAIL}) AS mails, mode(length(id)) AS usual FROM ids ANTI JOIN plain USING (kind)
        GROUP BY kind
    ), alike AS (
        SELECT kind, count(*) AS alike FROM ids JOIN shaped USING (kind) WHERE length(id) = usual GROUP BY kind
    ), sorted AS (
        SELECT number, kind, id, lead(id) OVER (PARTITION BY kind ORDER BY id) AS next FROM ids SEMI JOIN shaped USING (kind)
    )
    SELECT number FROM sorted JOIN shaped USING (kind) JOIN alike USING (kind)
    WHERE starts_with(next, id) AND (10 * mails >= 9 * many OR (10 * alike >= 9 * many AND length(id) < usual)) ORDER BY number"""
_PLAIN_ID = re.compile("0|[1-9][0-9]*")
_ODD_IDS = pa.schema([("number", pa.int32()), ("kind", pa.string()), ("id", pa.string())])
_PLACES = pa.schema([("person", pa.int32()), ("place", pa.int64())])
_CLAIMS = pa.schema([("principal", pa.int32()), ("person", pa.int32())])


def register_identifiers(reader: LedgerReader) -> None:
    """Register `numbers` (person, kind, value), `claims` (principal, person), `odd_ids` (number, kind, id), `cut_ids` (number) and
    `plain_kinds` (kind) for the session of the reader.

    A person has a value where the identifier holds one whole number of at most 18 digits; `kind` is what stands around it,
    so that numbers of one series are compared with one another only. A principal claims to be the person of the same text.
    """
    session = reader.session
    raws = Identities(reader).every(("person", "principal"))
    session.register("raw_identifiers", raws)
    try:
        numbers = session.query(_NUMBERED).cast(_NUMBERS)
        odd = session.query(_ODD).cast(_ODD_IDS)
        cut = session.query(_CUT)
        plain = session.query(_PLAIN_KINDS)
        claims = session.query(
            "SELECT a.number AS principal, min(b.number) AS person FROM raw_identifiers AS a JOIN raw_identifiers AS b "
            f"ON a.kind = {KINDS['principal']} AND b.kind = {KINDS['person']} AND a.raw = split_part(b.raw, '\x1f', 2) "
            "GROUP BY a.number HAVING count(*) = 1"
        ).cast(_CLAIMS)
    finally:
        session.register("raw_identifiers", raws.slice(0, 0))
    session.register("numbers", numbers)
    session.register("odd_ids", odd)
    session.register("cut_ids", cut)
    session.register("plain_kinds", plain)
    session.register("claims", claims)


def register_odd_ids(reader: LedgerReader, persons: Sequence[int], kinds: Iterable[str]) -> None:
    """Register `odd_ids` of these persons alone, where it is known of which kinds most ids are plain numbers. Which ids are cut only shows
    beside all others: `cut_ids` is empty."""
    raw, wanted = Identities(reader).raw({"person": list(persons)})["person"], frozenset(kinds)
    rows = [(number, *text.partition("\x1f")[::2]) for number, text in sorted(raw.items())]
    odd = [row for row in rows if row[1] in wanted and not _PLAIN_ID.fullmatch(row[2])]
    columns = zip(*odd, strict=True) if odd else ([], [], [])
    reader.session.register(
        "odd_ids", pa.table([pa.array(each) for each in columns], names=_ODD_IDS.names).cast(_ODD_IDS)
    )
    reader.session.register("cut_ids", pa.table({"number": pa.array([], pa.int32())}))


def places_by_number(reader: LedgerReader) -> pa.Table:
    """(person, place): the rank of each person among all whose identifiers hold one number, by kind; between kinds a gap lies,
    wider than anything that is called near."""
    session = reader.session
    raws = Identities(reader).every(("person",))
    return session.query(
        "SELECT person, row_number() OVER (ORDER BY kind, value, person) + 1000 * dense_rank() OVER (ORDER BY kind) AS place "
        f"FROM ({_NUMBERED})",
        raw_identifiers=raws,
    ).cast(_PLACES)


class LedgerDigests:
    """Keyed digests of ledger numbers as text, the same in every workspace with the same key."""

    def __init__(self, reader: LedgerReader) -> None:
        self._reader = reader

    def __call__(self, kind: str, numbers: pa.Array) -> pa.Array:
        asked = pa.table(
            {"position": pa.array(range(len(numbers)), pa.int64()), "number": numbers.cast(pa.int32())}
        )
        found = self._reader.session.query(
            "SELECT hex(i.digest) AS d FROM asked a LEFT JOIN identities i ON i.number = a.number AND i.kind = ? ORDER BY a.position",
            [KINDS[kind]],
            asked=asked,
        )
        return found["d"].combine_chunks()
