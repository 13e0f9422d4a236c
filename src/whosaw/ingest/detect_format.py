"""Which format a content is in, found by parsing a sample of it with every format there is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

from whosaw.core.errors import WhosawError

from .format_choice import wrapped_in_syslog
from .format_item import FormatItem
from .lines import count_lines
from .parser import Parsed, Piece, build_parser

__all__ = ["SAMPLE_LINES", "Guess", "detect", "reads_all"]

SAMPLE_LINES = 1_000
_SURE_ENOUGH = 0.5
_Rank = tuple[float, float, int, int, str]
_FIRST_LINES = 24
_ANY_YEAR = 2_000  # the year of a sample's times does not matter
# what a web server or an auth log needs in order to say who did what
_WORTH = {"time": 1, "address": 2, "principal": 2, "method": 2, "path": 2, "status": 2, "action": 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class Guess:
    """A format and how much of the sample it read.

    `confidence` is the part of the sample's lines (blank and comment lines aside) that became events or
    belong to one. `needs_zone` says that times have no offset and a zone must be given (--tz)."""

    format_id: str
    confidence: float
    parsed: int
    rejected: int
    needs_zone: bool
    item: FormatItem

    @property
    def sure_enough(self) -> bool:
        """Whether most of the sample was read."""
        return self.confidence > _SURE_ENOUGH


def detect(
    sample: bytes, formats: Mapping[str, FormatItem], *, name: str = "", zone: tzinfo | None = None,
    year_hint: datetime | int | None = None,
) -> list[Guess]:  # fmt: skip
    """Guesses over one half, the best first; none means that no format is known.

    At most SAMPLE_LINES lines of the sample are parsed; a last line without an end is left out unless it is
    the only one. Lines inside syslog are tried with every format too. Of formats that read the same number
    of lines, the one that fills more columns is better, then the one whose id is in `name`, then the
    simpler one, then the first by id."""
    piece = _piece(sample)
    if piece is None:
        return []
    few = _few(piece)
    braces = any(
        line.lstrip()[:1] in (b"{", b"[") for line in piece.data.removeprefix(b"\xef\xbb\xbf").split(b"\n")
    )

    def guesses_of(items: Iterable[FormatItem]) -> list[tuple[_Rank, Guess]]:
        found = []
        for item in items:
            if item.kind == "json" and not item.wrapped and not braces:
                continue
            # most formats read nothing of it, which a few lines show; a document has to be whole
            if few is not None and "records" not in item.table and _try(item, few, zone, year_hint) is None:
                continue
            parsed = _try(item, piece, zone, year_hint)
            if parsed is not None:
                found.append(_ranked(item, parsed, piece, name, zone))
        return found

    guesses = guesses_of(formats.values())
    if any(guess.sure_enough and guess.item.table.get("header") == "syslog" for _, guess in guesses):
        others = [item for item in formats.values() if item.table.get("header") != "syslog"]
        guesses += guesses_of(wrapped_in_syslog(item) for item in others)
    return [guess for _, guess in sorted(guesses, key=lambda pair: pair[0]) if guess.sure_enough]


def reads_all(
    sample: bytes, item: FormatItem, *, zone: tzinfo | None = None, year_hint: datetime | int | None = None
) -> bool:
    """Whether a format reads every line of some from all over the sample: enough to keep a format that is expected."""
    piece = _piece(sample)
    if piece is None:
        return False
    piece = piece if "records" in item.table else _few(piece) or piece
    parsed = _try(item, piece, zone, year_hint)
    return parsed is not None and _confidence(parsed, piece) == 1.0


def _few(piece: Piece) -> Piece | None:
    """The first lines of a sample and some from all over it; None where that saves nothing."""
    if piece.lines <= 4 * _FIRST_LINES:
        return None
    lines = piece.data.removesuffix(b"\n").split(b"\n")
    step = len(lines) // (2 * _FIRST_LINES)
    text = b"\n".join([*lines[:_FIRST_LINES], *lines[_FIRST_LINES::step], b""])
    return Piece(data=text, lines=count_lines(text))


def _piece(sample: bytes) -> Piece | None:
    lines = sample.split(b"\n", SAMPLE_LINES)[:SAMPLE_LINES]
    text = b"\n".join(lines)
    if not sample.startswith(text + b"\n"):
        # the last line may be cut by the end of the sample
        whole = text[: text.rfind(b"\n") + 1]
        text = whole or text
    else:
        text += b"\n"
    return Piece(data=text, lines=count_lines(text)) if text.strip() else None


def _try(
    item: FormatItem, piece: Piece, zone: tzinfo | None, year_hint: datetime | int | None
) -> Parsed | None:
    try:
        parser = build_parser(item, zone or UTC, year_hint or _ANY_YEAR)
        parsed = parser.parse(piece)
    except WhosawError:  # the item needs something that only the user can give, such as a mapping
        return None
    return parsed if parsed.events.num_rows else None


def _confidence(parsed: Parsed, piece: Piece) -> float:
    """The part of the lines, blank and comment lines aside, that became events or belong to one."""
    units = (piece.lines if parsed.records is None else parsed.records) - parsed.comments
    return round((parsed.events.num_rows + parsed.continued) / units, 4) if units > 0 else 0.0


def _ranked(
    item: FormatItem, parsed: Parsed, piece: Piece, name: str, zone: tzinfo | None
) -> tuple[_Rank, Guess]:
    confidence = _confidence(parsed, piece)
    offsets = (
        parsed.events["offset"].null_count
        if "offset" in parsed.events.column_names
        else parsed.events.num_rows
    )
    guess = Guess(
        format_id=item.id,
        confidence=confidence,
        parsed=parsed.events.num_rows,
        rejected=parsed.rejects.num_rows,
        needs_zone=zone is None and "zone" not in item.table and offsets > 0,
        item=item,
    )
    templates = item.table.get("template")
    simple = len(templates) if isinstance(templates, list) else 1
    return (-confidence, -_told(parsed), -len(item.id) if item.id in name else 0, simple, item.id), guess


def _told(parsed: Parsed) -> float:
    """How much the events say: filled cells per event, those that tell who did what counting more."""
    events = parsed.events
    rows: int = events.num_rows
    filled = 0
    for name in events.column_names:
        if name != "line":
            filled += _WORTH.get(name, 1) * (rows - int(events[name].null_count))
    return round(filled / rows, 2)
