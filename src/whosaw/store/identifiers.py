"""What detectors and links need to know of raw identifiers: which numbers people have, and which user names are people. Asked of each
text once, and kept sealed (`numbers.facts`)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import numpy as np
import pyarrow as pa

from .keyed_digest import DIGEST_BYTES
from .ledger import LedgerReader
from .numbers.facts import OfIndex, Spellings, keep_facts, known_facts
from .numbers.raws import Identities
from .vault import KINDS

__all__ = [
    "LedgerDigests",
    "places_by_number",
    "register_identifiers",
    "register_odd_ids",
    "register_spellings",
]

_NUMBERS = pa.schema([("person", pa.int32()), ("kind", pa.string()), ("value", pa.int64())])
_PLAIN_ID = re.compile("0|[1-9][0-9]*")
_ODD_IDS = pa.schema([("number", pa.int32()), ("kind", pa.string()), ("id", pa.string())])
_PLACES = pa.schema([("person", pa.int32()), ("place", pa.int64())])


def register_identifiers(reader: LedgerReader) -> None:
    """Register `numbers` (person, kind, value), `claims` (principal, person) and what `register_spellings` does, for the session of the reader.

    A person has a value where the identifier holds one whole number of at most 18 digits; `kind` is what stands around it,
    so that numbers of one series are compared with one another only. A principal claims to be the person of the same text.
    """
    session, facts = reader.session, keep_facts(OfIndex(reader), claims=True)
    session.register("numbers", facts.numbers.cast(_NUMBERS))
    session.register("claims", facts.claims)
    register_spellings(reader, facts.spellings())


def register_spellings(reader: LedgerReader, known: Spellings | None = None) -> None:
    """Register `odd_ids` (number, kind, id), `cut_ids` (number) and `plain_kinds` (kind) for the session of the reader, from what the caller
    knows of all people whom it reads."""
    session, told = reader.session, known or keep_facts(OfIndex(reader)).spellings()
    session.register("odd_ids", told.odd.cast(_ODD_IDS))
    session.register("cut_ids", pa.table({"number": pa.array(told.cut, pa.int32())}))
    session.register("plain_kinds", pa.table({"kind": pa.array(told.plain_kinds, pa.string())}))


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
    return reader.session.query(
        "SELECT person, row_number() OVER (ORDER BY kind, value, person) + 1000 * dense_rank() OVER (ORDER BY kind) AS place FROM numbered",
        numbered=known_facts(OfIndex(reader)).numbers,
    ).cast(_PLACES)


class LedgerDigests:
    """Keyed digests of ledger numbers as text, the same in every workspace with the same key, and after every rotation."""

    def __init__(self, reader: LedgerReader) -> None:
        self._reader = reader

    def __call__(self, kind: str, numbers: pa.Array) -> pa.Array:
        asked = pa.table(
            {"position": pa.array(range(len(numbers)), pa.int64()), "number": numbers.cast(pa.int32())}
        )
        found = self._reader.session.query(
            "SELECT i.digest AS d FROM asked a LEFT JOIN identities i ON i.number = a.number AND i.kind = ? ORDER BY a.position",
            [KINDS[kind]],
            asked=asked,
        )
        kept = found["d"].combine_chunks()
        firsts = self._reader.workspace.vault.first(
            np.frombuffer(b"".join(kept.drop_null().to_pylist()), np.uint8).reshape(-1, DIGEST_BYTES)
        )
        texts = iter(firsts.tobytes().hex(" ", -DIGEST_BYTES).upper().split())
        return pa.array([next(texts) if each else None for each in kept.is_valid().to_pylist()], pa.string())
