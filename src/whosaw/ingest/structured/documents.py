"""Documents that hold many events, of JSON or of XML, by the names of the kinds in which a format may come."""

from __future__ import annotations

from collections.abc import Iterator

from whosaw.core.errors import WhosawError
from whosaw.ingest.files.content import Chunk
from whosaw.ingest.parser import ChunkText, Piece

from . import json_records
from .json_records import Record, as_piece, chunks_of
from .xml_records import XmlScanner, element_of, holds_elements

__all__ = ["as_records", "holds_records", "record_at", "records_of", "whole_document"]


def holds_records(head: bytes, names: tuple[str, ...]) -> bool:
    """Whether bytes that begin so are a document of one of these kinds."""
    element = element_of(names)
    return json_records.holds_records(head, names) if element is None else holds_elements(head, element)


def records_of(document: bytes, names: tuple[str, ...]) -> list[Record]:
    """Record 1, 2, ... of a document as they stand there."""
    element = element_of(names)
    if element is None:
        return json_records.records_of(document, names)
    scanner = XmlScanner(element)
    return [*scanner.feed(document), *scanner.finish()]


def whole_document(chunk: ChunkText, names: tuple[str, ...]) -> Piece:
    """A document that is one chunk, as one record a line."""
    return as_piece(chunk, records_of(chunk.data, names))


def as_records(chunks: Iterator[Chunk], names: tuple[str, ...]) -> Iterator[Chunk]:
    """The chunks of a document as chunks of one record a line: a record belongs to the chunk in which it ends.

    `first_line` and `lines` count records, and no chunk is told as one that a later read may go on from."""
    element = element_of(names)
    if element is None:
        return json_records.as_records(chunks, names)
    return chunks_of(chunks, XmlScanner(element), ())


def record_at(document: bytes, number: int, names: tuple[str, ...]) -> Record:
    """Record `number` (from 1 on) of a document."""
    records = records_of(document, names)
    if not 1 <= number <= len(records):
        raise WhosawError(
            "line.no-such-line",
            f"there is no record {number:,}: the document holds {len(records):,}",
            hint="Take the locator as a report or `whosaw who` prints it",
        )
    return records[number - 1]
