"""Events in XML: one element on a line, or in a document. The rules are those of JSON: an element is read as an object of it."""

from __future__ import annotations

from whosaw.ingest.canonical_rows import Zone
from whosaw.ingest.lines import lines_of
from whosaw.ingest.parser import ChunkText, Parsed, Piece

from .documents import holds_records, whole_document
from .field_rules import FieldRules
from .json_lines import JsonParser
from .json_records import TOO_LONG
from .xml_records import line_as_json, name_of

__all__ = ["XmlParser"]


class XmlParser:
    """Parser of a format of kind xml."""

    def __init__(
        self, item_id: str, rules: FieldRules, zone: Zone, *, element: str, lists: frozenset[str]
    ) -> None:
        self._inner = JsonParser(item_id, rules, zone)
        self._element, self._lists = element, lists

    @property
    def id(self) -> str:
        return self._inner.id

    @property
    def stateful(self) -> bool:
        """As the same in JSON."""
        return self._inner.stateful

    @property
    def documents(self) -> tuple[str, ...]:
        """Elements that go on over lines, or share one."""
        return (name_of(self._element),)

    def may_read(self, data: bytes) -> bool:
        """Whether any line may be an event. False is certain: the element is nowhere in the bytes."""
        return self._element.encode() in data

    def parse(self, chunk: ChunkText, state: str | None = None) -> Parsed:
        """The events of a chunk of lines, of records, or of a document that is one chunk."""
        broken = getattr(chunk, "broken", None)
        if broken is None and chunk.first_line == 1 and holds_records(chunk.data, self.documents):
            chunk = whole_document(chunk, self.documents)
            broken = chunk.broken
        known = {**dict.fromkeys(chunk.oversized_lines, TOO_LONG), **(broken or {})}
        made: list[str] = []
        for number, line in enumerate(lines_of(chunk.data).to_pylist(), start=chunk.first_line):
            text, why = ("", "") if number in known or not line.strip() else self._object(line)
            made.append(text)
            if why:
                known[number] = why
        data = "".join(f"{text}\n" for text in made).encode("utf-8", "surrogatepass")
        piece = Piece(data=data, first_line=chunk.first_line, lines=len(made), broken=known)
        parsed = self._inner.parse(piece, state)
        return Parsed(
            events=parsed.events,
            rejects=parsed.rejects,
            comments=parsed.comments,
            state=parsed.state,
            records=None if broken is None else len(made),
        )

    def _object(self, line: bytes) -> tuple[str, str]:
        return line_as_json(line, self._element, self._lists)
