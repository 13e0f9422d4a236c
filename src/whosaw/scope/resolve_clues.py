"""Clues as a person gives them, found in the ledger."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

import pyarrow as pa

from whosaw.core.client import COLUMNS, NUMBERED
from whosaw.core.errors import WhosawError
from whosaw.core.masked import Masked
from whosaw.store.identifiers import LedgerDigests
from whosaw.store.ledger import LedgerReader
from whosaw.store.repositories.findings import stored_finding
from whosaw.store.repositories.segments import segments_with_digest

from .clue import Clue

__all__ = ["resolve_clues"]

_KINDS: Final = ("ip", *COLUMNS, "person", "line")
_PERSON: Final = re.compile(r"p(\d+)\Z")


def resolve_clues(
    reader: LedgerReader, findings: Sequence[str], indicators: Sequence[str]
) -> tuple[Clue, ...]:
    """In the order of kind and value, each once. Raises `WhosawError` for one that the ledger never met."""
    found = [_finding(reader, each) for each in findings] + [_indicator(reader, each) for each in indicators]
    if not found:
        raise WhosawError(
            "scope.no-clue",
            "a case starts from a clue",
            hint="Name a finding with --finding, or --indicator KIND=VALUE",
        )
    return tuple(sorted(dict.fromkeys(found), key=lambda clue: (clue.kind, clue.value)))


def _finding(reader: LedgerReader, name: str) -> Clue:
    known = stored_finding(reader.workspace.journal, name).id
    return Clue(kind="finding", asked=known, value=known)


def _indicator(reader: LedgerReader, text: str) -> Clue:
    kind, equals, value = text.partition("=")
    if not equals or kind not in _KINDS or not value:
        raise WhosawError(
            "scope.bad-indicator",
            f"an indicator is KIND=VALUE with one of {', '.join(_KINDS)}, not {kind!r}",
            hint="For instance --indicator ip=192.0.2.7",
        )
    kind = "address" if kind == "ip" else kind
    if kind == "line":
        return _line(reader, value)
    if kind == "person":
        return _person(reader, value)
    if kind in NUMBERED:
        number = reader.number_of(kind, value)
        if number is not None:
            return _numbered(reader, kind, number)
    elif reader.session.query(f"SELECT 1 FROM clients WHERE {kind} = ? LIMIT 1", [value]).num_rows:
        return Clue(kind=kind, asked=value, value=value)
    raise WhosawError(
        "scope.unknown-clue",
        f"{kind} {Masked(value)} does not occur in the logs that were read",
        hint="Check the spelling against the log",
    )


def _numbered(reader: LedgerReader, kind: str, number: int) -> Clue:
    digest = LedgerDigests(reader)(kind, pa.array([number], pa.int64()))[0].as_py()
    return Clue(kind=kind, asked=number, value=str(digest).lower())


def _person(reader: LedgerReader, text: str) -> Clue:
    if (short := _PERSON.match(text)) and LedgerDigests(reader)("person", pa.array([int(short[1])]))[
        0
    ].is_valid:
        return _numbered(reader, "person", int(short[1]))
    kinds = sorted({body["subject"]["kind"] or "customer" for body in reader.routes.values()}) or ["customer"]
    kind, colon, rest = text.partition(":")
    for raw in [*([f"{kind}\x1f{rest}"] if colon else []), *(f"{each}\x1f{text}" for each in kinds)]:
        if (number := reader.number_of("person", raw)) is not None:
            return _numbered(reader, "person", number)
    raise WhosawError(
        "person.unknown",
        f"no line that was read carried data of {Masked(text)}",
        hint="That says nothing about hours that are missing (`whosaw coverage`) or lists whose persons cannot be told",
    )


def _line(reader: LedgerReader, text: str) -> Clue:
    """A locator as printed: the beginning of a segment's digest, and the number of the line."""
    digest, colon, line = text.partition(":")
    found = (
        [each for each in segments_with_digest(reader.workspace.journal, digest) if each.live]
        if colon and line.isdigit() and len(digest) >= 6
        else []
    )
    if len(found) != 1:
        raise WhosawError(
            "scope.unknown-clue",
            f"{text!r} is no locator of this ledger",
            hint="Locators are printed by `whosaw who`, `whosaw what` and `whosaw findings --explain ID`",
        )
    return Clue(kind="line", asked=(found[0].id, int(line)), value=f"{found[0].digest[:16]}:{int(line)}")
