"""Which format a content has, and the parser for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from whosaw.app.settings import ScanSettings
from whosaw.core.errors import WhosawError
from whosaw.ingest.build_parser import build_parser
from whosaw.ingest.detect_format import detect, reads_all
from whosaw.ingest.event_file import RowReader, holds_rows
from whosaw.ingest.event_rows import EVENTS, EventRows
from whosaw.ingest.files.content import Chunk, Content
from whosaw.ingest.files.reader import ContentReader
from whosaw.ingest.format_choice import choose_format
from whosaw.ingest.format_item import FormatItem
from whosaw.ingest.parser import Parsed, Parser
from whosaw.ingest.structured.documents import as_records, holds_records
from whosaw.ingest.unknown import UNKNOWN, ZoneGuard, unknown_parser

__all__ = [
    "chain",
    "in_units",
    "item_named",
    "naming",
    "parse_all",
    "parser_of",
    "pick_format",
    "picks",
    "reads_as_document",
]


def item_named(name: str, settings: ScanSettings) -> FormatItem | None:
    """The item of a format that was stored by its name; None when there is none any more."""
    if name == UNKNOWN.id:
        return UNKNOWN
    try:
        return choose_format(name, settings.formats)
    except WhosawError:
        return None  # an item that was taken away: the format is found anew


def pick_format(
    content: Content, sample: bytes, settings: ScanSettings, known: FormatItem | None = None
) -> tuple[FormatItem, float | None]:
    """The forced format, or the one that understands most of a sample, with its confidence; else the unknown one.

    `known` is what another content of the same source or folder had: it is kept, without trying all others, where it reads
    every line of some from all over the sample.
    """
    if settings.forced is not None:
        return settings.forced, None
    hints = {"zone": settings.zone, "year_hint": written_at(content)}
    expected = known is not None and known.id != UNKNOWN.id
    if known is not None and expected and reads_all(sample, known, **hints):  # type: ignore[arg-type]  # a plain dict of both
        return known, 1.0
    guesses = detect(sample, settings.formats, name=content.name, **hints)  # type: ignore[arg-type]
    if not guesses:
        return UNKNOWN, None
    return guesses[0].item, guesses[0].confidence


def picks(content: Content, sample: bytes, settings: ScanSettings, item: FormatItem) -> bool:
    """Whether a content, expected to be of a format, is of it by `pick_format` without a look at all others."""
    if settings.forced is not None or item.id == UNKNOWN.id:
        return settings.forced is not None
    return reads_all(sample, item, zone=settings.zone, year_hint=written_at(content))


def parser_of(item: FormatItem, content: Content, settings: ScanSettings) -> Parser:
    """The parser of a format for one content.

    Where times need a zone and none was given, a forced format is refused; of a format that was found, the lines become rejects.
    """
    if item.id == UNKNOWN.id:
        return unknown_parser()
    if item.id == EVENTS.id:
        return EventRows(content.name)
    try:
        parser = build_parser(item, settings.zone, written_at(content))
    except WhosawError as fault:
        if fault.code != "time.no-zone":
            raise
        if settings.forced is not None:
            raise
        return ZoneGuard(None, item.id)
    return parser if settings.forced is not None else ZoneGuard(parser, item.id)


@contextmanager
def naming(content: Content) -> Iterator[None]:
    """Say which file needs a zone: a parser finds that out in its lines, and does not know the file."""
    try:
        yield
    except WhosawError as fault:
        if fault.code != "time.no-zone":
            raise
        raise WhosawError(fault.code, f"{content.name}: {fault.message}", hint=fault.hint) from fault


def written_at(content: Content) -> datetime | None:
    """When the file was last written, for times without a year."""
    return None if content.mtime_ns is None else datetime.fromtimestamp(content.mtime_ns / 1e9, UTC)


def parse_all(
    content: Content, settings: ScanSettings, *, picked: Callable[[FormatItem], None] | None = None
) -> Iterator[Parsed]:
    """Every chunk of a content parsed in order, for uses that keep nothing. `picked` is told the format that it has."""
    settings = settings.of(content)
    if holds_rows(content):
        with RowReader(content) as rows:
            for chunk in rows:
                yield EventRows(content.name).parse(chunk).check(chunk)
        return
    with naming(content), ContentReader(content) as reader:
        chunks = iter(reader)
        first = next(chunks, None)
        if first is None:
            return
        item, _ = pick_format(content, first.data, settings)
        if picked is not None:
            picked(item)
        parser = parser_of(item, content, settings)
        rest = chain(first, chunks)
        state: str | None = None
        for chunk in in_units(rest, first, parser):
            parsed = parser.parse(chunk, state).check(chunk)
            state = parsed.state
            yield parsed


def reads_as_document(head: bytes, names: tuple[str, ...]) -> bool:
    """Whether a content that begins so is a document of one of the kinds `names`."""
    return bool(names) and holds_records(head, names)


def in_units(chunks: Iterator[Chunk], first: Chunk, parser: Parser) -> Iterator[Chunk]:
    """`chunks`, of which `first` is the first, in the units of the parser: lines as they are, or records of a document."""
    return as_records(chunks, parser.documents) if reads_as_document(first.data, parser.documents) else chunks


def chain(first: Chunk, rest: Iterator[Chunk]) -> Iterator[Chunk]:
    """A chunk that was looked at already, and those after it."""
    yield first
    yield from rest
