"""Which format a content is in, found by parsing a sample of it with every format there is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

import pyarrow as pa

from whosaw.core.errors import WhosawError

from .build_parser import build_parser
from .container_wrapper import runtime_of
from .format_choice import behind_text, both_of, fits_in_a_line, wrapped_by, wrapped_in_syslog
from .format_item import FormatItem
from .lines import count_lines
from .meaning import Meaning, meaning_of
from .parser import Parsed, Piece
from .structured.delimited import DelimitedParser
from .structured.json_lines import JsonParser
from .structured.json_records import OBJECTS, WHOLE, holds_records, whole_document
from .structured.pairs import PairsParser
from .structured.unfolding import is_path
from .structured.xml_parser import XmlParser
from .template.parser import TemplateParser
from .text_wrapper import stands_before

__all__ = ["SAMPLE_LINES", "Guess", "detect", "of_no_other", "reads_all"]

SAMPLE_LINES = 1_000
_SURE_ENOUGH = 0.5
_NEARLY = 0.9  # a product's format that reads so much of a file is the file's
_PART = 0.05  # a file holds two formats where each reads so much of it
_FEW = 3
_FIRST_LINES = 24
_HEAD_LINES, _BLOCK_LINES, _BLOCKS = 150, 50, 17  # together SAMPLE_LINES
_SAMPLE_BYTES = 1 << 20
_ANY_YEAR = 2_000  # the year of a sample's times does not matter
_LOOK_FIRST = JsonParser | XmlParser | DelimitedParser | PairsParser | TemplateParser
# what a web server or an auth log needs in order to say who did what
_WORTH = {"time": 1, "address": 2, "principal": 2, "method": 2, "path": 2, "status": 2, "action": 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class Guess:
    """A format and how much of the sample it read and understood.

    `read` is the part of the sample's lines (blank and comment lines aside) that became events or belong to one;
    `confidence` is the part that was understood: of a format that leaves who, from where and what empty, none. `worth` is
    how much an event says. `needs_zone` says that times have no offset and a zone must be given (--tz)."""

    format_id: str
    confidence: float
    read: float
    parsed: int
    rejected: int
    worth: float
    needs_zone: bool
    item: FormatItem

    @property
    def sure_enough(self) -> bool:
        """Whether most of the sample was read."""
        return self.read > _SURE_ENOUGH

    @property
    def generic(self) -> bool:
        """Whether the format is one of no product, which reads whatever has the form."""
        return self.item.generic

    @property
    def gain(self) -> float:
        """How much a line says on average. A product's format that reads nearly all lines counts as one that reads all."""
        return self.worth * (1.0 if self.read >= _NEARLY and not self.generic else self.read)


def detect(
    sample: bytes, formats: Mapping[str, FormatItem], *, name: str = "", zone: tzinfo | None = None,
    year_hint: datetime | int | None = None,
) -> list[Guess]:  # fmt: skip
    """Guesses that read over one half, the best first; none means that no format is known.

    At most SAMPLE_LINES lines are parsed, from all over `sample`; a last line without an end is left out unless it is
    the only one. Lines inside syslog, of containers and behind text are tried with every format too. The format from which a line says most is best; a
    product's format that reads nearly all lines and says nearly as much goes before one of no product. Of equals, the one
    that reads more lines is better, then the one whose id is in `name`, then the simpler one, then the first by id. Where a
    product's format reads a part of the lines and another one the rest, both together are a guess as well."""
    pieces = _Pieces(sample)
    if pieces.head is None:
        return []
    found: dict[str, Guess] = {}

    def try_all(items: Iterable[FormatItem]) -> None:
        for item in items:
            guess = pieces.guess(item, zone, year_hint)
            if guess is not None:
                found[item.id] = guess

    try_all(formats.values())
    in_syslog = any(
        guess.sure_enough and guess.item.table.get("header") == "syslog" for guess in found.values()
    )
    if in_syslog:
        others = [
            item for item in formats.values() if item.table.get("header") != "syslog" and fits_in_a_line(item)
        ]
        try_all(wrapped_in_syslog(item) for item in others)
    if (runtime := runtime_of(pieces.head.data)) is not None:
        try_all(wrapped_by(item, runtime) for item in formats.values() if fits_in_a_line(item))
    elif stands_before(pieces.head.data):
        try_all(
            behind_text(item)
            for item in formats.values()
            if fits_in_a_line(item) and (item.kind == "json" or not in_syslog) and item.kind != "delimited"
        )
    try_all(_pairs(list(found.values())))
    ranked = sorted(
        (guess for guess in found.values() if guess.sure_enough), key=lambda guess: _rank(guess, name)
    )
    return _file_first(ranked)


def reads_all(
    sample: bytes, item: FormatItem, *, zone: tzinfo | None = None, year_hint: datetime | int | None = None
) -> bool:
    """Whether a product's format reads every line of some from all over the sample, and understands them: enough to keep a
    format that is expected. Of a format that reads whatever has the form that is never enough."""
    if item.generic or item.second is not None:
        return False
    pieces = _Pieces(sample)
    piece = pieces.few(item) or pieces.of(item)
    if piece is None:
        return False
    guess = _guess(item, piece, zone, year_hint)
    return guess is not None and guess.confidence == 1.0


def of_no_other(
    samples: Sequence[bytes], item: FormatItem, formats: Mapping[str, FormatItem], zone: tzinfo | None
) -> bool:
    """Whether `detect` would find none but `item`, JSON lines of no product, in each of these samples of whole lines that it
    reads: every other format is tried on the same lines, of all samples at once where it reads line by line."""
    all_pieces = [_Pieces(sample) for sample in samples]
    for pieces in all_pieces:
        if pieces.head is None or not pieces.head.data.startswith(b"{"):
            return False  # what begins with a space may go on with the line before it
        if pieces.records is not None or runtime_of(pieces.head.data) is not None:
            return False
    objects = all(pieces.objects for pieces in all_pieces)
    for other in formats.values():
        if other.id == item.id or (objects and _reads_no_object(other)):
            continue
        if any(pieces.is_document(other) for pieces in all_pieces):
            return False
        tried = [
            piece for pieces in all_pieces if (piece := pieces.few(other) or pieces.of(other)) is not None
        ]
        if other.kind != "delimited" or (other.table.get("header") == "none" and not _over_lines(tried)):
            text = b"".join(piece.data for piece in tried)
            tried = [Piece(data=text, lines=count_lines(text))]
        if any(_parse(other, piece, zone, _ANY_YEAR) is not None for piece in tried):
            return False
    return True


def _over_lines(pieces: Iterable[Piece]) -> bool:
    """Whether a quoted field could go on in the next line, so that what is parsed together is not what is parsed apart."""
    return any(line.count(b'"') % 2 for piece in pieces for line in piece.data.split(b"\n"))


class _Pieces:
    """The parts of a sample that formats are tried on."""

    def __init__(self, sample: bytes) -> None:
        self._start = sample[:_SAMPLE_BYTES]
        self.head = _whole_lines(self._start, cut=len(sample) > _SAMPLE_BYTES)
        self.spread = _whole_lines(b"".join(_blocks(sample)), cut=False) or self.head
        self._few: list[tuple[Piece, Piece]] = []  # pieces with the few lines of each
        self.records: Piece | None = None
        if self.head is not None and holds_records(sample, (WHOLE, OBJECTS)):
            self.records = _records(sample)
        head = self.head.data if self.head is not None else b""
        lines = head.removeprefix(b"\xef\xbb\xbf").split(b"\n")
        self._braces = any(line.lstrip()[:1] in (b"{", b"[") for line in lines)
        spread = self.spread.data.split(b"\n") if self.spread is not None else []
        self.objects = self._braces and all(
            line.startswith(b'{"') or not line.strip() for line in (*lines, *spread)
        )

    def of(self, item: FormatItem) -> Piece | None:
        """What is parsed with `item`: for formats whose lines hang together the first lines, else lines from all over."""
        if item.kind == "json" and not item.wrapped:
            if self.records is not None:
                return self._unfolded(item) if _unfolds(item) and self.is_document(item) else self.records
            if self.is_document(item):
                return self.head
        return self.head if item.kind in ("delimited", "xml") else self.spread

    def _unfolded(self, item: FormatItem) -> Piece:
        """The events in the records of a document that hold lists of them, also of one that the sample cuts."""
        piece = Piece(data=self._start, lines=1)
        return whole_document(piece, (WHOLE, OBJECTS, *filter(is_path, _documents(item))))

    def few(self, item: FormatItem) -> Piece | None:
        """The first lines of that and some from all over it; None where that saves nothing, or a document has to be whole."""
        piece = self.of(item)
        if (
            piece is None
            or piece.lines <= 4 * _FIRST_LINES
            or self.is_document(item)
            or piece is self.records
            or item.kind == "xml"
        ):
            return None
        for whole, few in self._few:
            if whole is piece:
                return few
        lines = piece.data.removesuffix(b"\n").split(b"\n")
        step = len(lines) // (2 * _FIRST_LINES)
        text = b"\n".join([*lines[:_FIRST_LINES], *lines[_FIRST_LINES::step], b""])
        few = Piece(data=text, lines=count_lines(text))
        self._few.append((piece, few))
        return few

    def guess(self, item: FormatItem, zone: tzinfo | None, year_hint: datetime | int | None) -> Guess | None:
        if item.kind == "json" and not item.wrapped and not self._braces:
            return None
        if self.objects and _reads_no_object(item):
            return None
        # most formats read nothing of it, which a few lines show; of JSON its names show it
        few = None if item.kind == "json" and not item.wrapped else self.few(item)
        if few is not None and _parse(item, few, zone, year_hint) is None:
            return None
        piece = self.of(item)
        return _guess(item, piece, zone, year_hint) if piece is not None else None

    def is_document(self, item: FormatItem) -> bool:
        named = _documents(item)
        return bool(named) and self.head is not None and holds_records(self.head.data, named)


def _documents(item: FormatItem) -> tuple[str, ...]:
    """The names under which documents of a format hold their records."""
    names = item.table.get("records", ())
    return tuple(names) if isinstance(names, list | tuple) else (str(names),)


def _unfolds(item: FormatItem) -> bool:
    return any(map(is_path, _documents(item)))


def _reads_no_object(item: FormatItem) -> bool:
    """Whether no line that begins as an object of JSON can be of the format, which is neither JSON nor has such a beginning."""
    if item.wrapped or item.second is not None:
        return False
    if item.kind == "template":
        return '{"' not in str(item.table.get("template"))
    return item.kind in ("pairs", "xml") or item.table.get("header") == "first-line"


def _records(sample: bytes) -> Piece:
    """The first records of a document, one a line; one that the sample cuts is left out."""
    whole = whole_document(Piece(data=sample[:_SAMPLE_BYTES], lines=1), (WHOLE, OBJECTS))
    broken = whole.broken or {}
    # the last one may be cut: a last line without an end is no part of a first chunk
    count = max(1, whole.lines - (whole.lines in broken))
    count = min(count, SAMPLE_LINES)
    data = b"".join(whole.data.splitlines(keepends=True)[:count])
    return Piece(data=data, lines=count, broken={at: why for at, why in broken.items() if at <= count})


def _blocks(sample: bytes) -> Iterator[bytes]:
    """The first lines, and runs of lines at even distances up to the last."""
    if len(sample) <= _SAMPLE_BYTES and sample.count(b"\n") <= SAMPLE_LINES:
        yield sample
        return
    most = _SAMPLE_BYTES // (_BLOCKS + 3)
    at = _after(sample, 0, _HEAD_LINES, 3 * most)
    yield sample[:at]
    last = sample.rfind(b"\n") + 1  # a line without an end may be cut
    for block in range(1, _BLOCKS + 1):
        start = at + (last - at) * block // _BLOCKS
        start = min(start, _before(sample, last, _BLOCK_LINES, most))
        start = max(sample.rfind(b"\n", 0, start) + 1, at)
        end = min(_after(sample, start, _BLOCK_LINES, most), last)
        yield sample[start:end]
        at = max(at, end)


def _after(sample: bytes, at: int, lines: int, most: int) -> int:
    """Where so many lines from `at` on end, or as many as `most` bytes hold; at least one where there is one."""
    limit = at + most
    at = sample.find(b"\n", at) + 1 or len(sample)
    for _ in range(lines - 1):
        end = sample.find(b"\n", at, limit) + 1
        if not end:
            break
        at = end
    return at


def _before(sample: bytes, at: int, lines: int, most: int) -> int:
    """Where the last so many lines before `at` begin."""
    limit = max(0, at - most)
    for _ in range(lines):
        start = sample.rfind(b"\n", limit, max(at - 1, 0))
        if start < 0:
            break
        at = start + 1
    return at


def _whole_lines(text: bytes, *, cut: bool) -> Piece | None:
    lines = text.split(b"\n", SAMPLE_LINES)
    if len(lines) > SAMPLE_LINES:
        text = b"\n".join(lines[:SAMPLE_LINES]) + b"\n"
    elif cut or not text.endswith(b"\n"):
        # the last line may be cut by the end of the sample
        text = text[: text.rfind(b"\n") + 1] or text
    return Piece(data=text, lines=count_lines(text)) if text.strip() else None


def _parse(
    item: FormatItem, piece: Piece, zone: tzinfo | None, year_hint: datetime | int | None
) -> Parsed | None:
    try:
        parser = build_parser(item, zone or UTC, year_hint or _ANY_YEAR)
        if isinstance(parser, _LOOK_FIRST) and not parser.may_read(piece.data):
            return None
        parsed = parser.parse(piece)
    except WhosawError:  # the item needs something that only the user can give, such as a mapping
        return None
    return parsed if parsed.events.num_rows else None


def _guess(
    item: FormatItem, piece: Piece, zone: tzinfo | None, year_hint: datetime | int | None
) -> Guess | None:
    parsed = _parse(item, piece, zone, year_hint)
    if parsed is None:
        return None
    events, meaning = parsed.events, meaning_of(parsed.events, item)
    product = not item.generic and item.table.get("header") == "syslog"
    if product and not meaning.told and not meaning.known:
        return None  # what is read by the rule for all other lines alone is not that product's
    units = (piece.lines if parsed.records is None else parsed.records) - parsed.comments
    offsets = events["offset"].null_count if "offset" in events.column_names else events.num_rows
    return Guess(
        format_id=item.id,
        confidence=_share(meaning.understood + parsed.continued, units) if meaning.understood else 0.0,
        read=_share(events.num_rows + parsed.continued, units),
        parsed=events.num_rows,
        rejected=parsed.rejects.num_rows,
        worth=_worth(events, meaning),
        needs_zone=zone is None and "zone" not in item.table and offsets > 0,
        item=item,
    )


def _share(part: int, whole: int) -> float:
    return round(part / whole, 4) if whole > 0 else 0.0


def _worth(events: pa.Table, meaning: Meaning) -> float:
    """How much an event says: its filled columns, those that tell who did what counting more. A word that the format gives
    to all lines of some shape counts for nothing where they say nothing else."""
    rows: int = events.num_rows
    filled = 0
    for name in events.column_names:
        if name != "line":
            filled += _WORTH.get(name, 1) * (rows - int(events[name].null_count))
    # known kinds of lines that say nothing are worth a little more than any line whatever
    return round((filled - 2 * meaning.idle + meaning.known) / rows, 2)


def _pairs(guesses: list[Guess]) -> Iterator[FormatItem]:
    """A product's format for a part of the lines, and for the rest the one of no product that reads most."""
    rest = [guess for guess in guesses if guess.generic and guess.read > _SURE_ENOUGH]
    for guess in guesses:
        if guess.generic or guess.parsed < _FEW or guess.read < _PART or guess.read > 1 - _PART:
            continue
        for other in rest:
            pair = both_of(guess.item, other.item)
            if pair is not None and guess.worth > other.worth:
                yield pair


def _file_first(ranked: list[Guess]) -> list[Guess]:
    """The product's format that reads nearly all before one of no product that says hardly more; and the two formats of a
    file that holds two before the first of them."""
    if not ranked:
        return []
    first = ranked[0]
    if first.generic:
        near = [guess for guess in ranked if not guess.generic and guess.read >= _NEARLY]
        first = next((guess for guess in near if guess.worth >= _NEARLY * first.worth), first)
    for guess in ranked:
        if (
            guess.item.second is not None
            and guess.item.main_id == first.format_id
            and guess.read >= first.read + _PART
        ):
            first = guess
            break
    return [first, *(guess for guess in ranked if guess is not first)]


def _rank(guess: Guess, name: str) -> tuple[float, float, bool, int, int, str]:
    templates = guess.item.table.get("template")
    simple = len(templates) if isinstance(templates, list) else 1
    named = len(guess.item.id) if guess.item.id in name else 0
    return (-round(guess.gain, 4), -guess.read, guess.generic, -named, simple, guess.item.id)
