"""Lines in which text stands before JSON, or before a line of another format: what loggers and runners of programs write.

Before JSON anything may stand: Monolog's `[2026-11-01 10:11:12] production.INFO: Customer viewed {"user_id":7} []`, Rails' tags,
Python's `logging`, Spring's console, Heroku's `app[web.1]:`. What is known of it goes into the object as `@before`: its `time`, its
`level`, a `tag` in brackets, and the rest of the words, its `message`; an object behind it as `@after`. So a line whose time stands in
the text alone has a time. Before lines of other formats it is what runners write: `web-1  | ` (docker compose), `[pod/…] ` and a
time (kubectl, docker logs -t, Heroku).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import numpy as np
import pyarrow as pa

from .lines import blank_lines, line_starts, line_text
from .parser import ChunkText, Parsed, Parser
from .template.slow_path import texts_of
from .template.syslog_wrapper import parsed_inside
from .times.local import with_years
from .times.read import read_walls

__all__ = [
    "AFTER",
    "BEFORE",
    "NO_TEXT",
    "PROSE",
    "TextWrapped",
    "inside_of",
    "is_prose",
    "stands_before",
    "with_header",
]

BEFORE: Final = "@before"
AFTER: Final = "@after"
NO_TEXT: Final = "nothing in it is what the format reads behind text"
PROSE: Final = (
    "after a time and a level its lines are sentences, and who did what to whom is in no field of theirs. Have the program log these as JSON behind "
    "the sentence, as Laravel and Monolog do with Log::info('viewed', ['customer' => $id, 'user' => $by]); or read the log of the web server before it"
)
_MOST_BEFORE = 2_000  # characters of text before JSON
_MOST_TRIES = 4  # braces in the text that begin no object
_SAMPLE_LINES = 60
_LONGEST_HEAD = 60  # characters in which a time stands, and behind it a level
_MOST = 0.5
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ISO = r"\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?: ?(?:Z|[+-]\d\d:?\d\d)(?!\d))?"
_OLD = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) [ \d]\d \d\d:\d\d:\d\d"
_TIME = re.compile(
    rf"(?<!\d)(?P<iso>{_ISO})|(?P<clf>\d\d/[A-Z][a-z]{{2}}/\d{{4}}:\d\d:\d\d:\d\d [+-]\d{{4}})|\b(?P<old>{_OLD})"
)
_LEVEL = re.compile(
    r"\b(?:TRACE|DEBUG|INFO|NOTICE|WARNING|WARN|ERROR|ERR|CRITICAL|CRIT|FATAL|ALERT|EMERGENCY|EMERG)\b",
    re.IGNORECASE,
)
_TAG = re.compile(r"[\[(<]([^\[\](){}<>]{1,200})[\])>]")
_RUNNER = re.compile(
    r"(?:[A-Za-z0-9][\w.-]* +\| |\[(?:pod|container)/[^\]\s]+\] "
    rf"|(?!\d{{4}}-\d\d-\d\dT\S+ (?:stdout|stderr) [FP]\b){_ISO} (?:[A-Za-z][\w.-]*\[[^\]\s]*\]: )?)(?=\S)"
)
_decoder = json.JSONDecoder(strict=False)


def stands_before(sample: bytes) -> bool:
    """Whether in most of the first lines of a sample text stands before JSON, or what a runner writes before another line."""
    lines = [line_text(line) for line in sample.split(b"\n", _SAMPLE_LINES)[:_SAMPLE_LINES] if line.strip()]
    found = sum(
        not text.startswith("{") and (_parted(text) is not None or _RUNNER.match(text) is not None)
        for text in lines
    )
    return found > _MOST * len(lines)


def is_prose(sample: bytes) -> bool:
    """Whether most of the lines that begin an entry are a time, a level and a sentence, as `[2026-11-01 10:11:12] production.INFO: Viewed`; what
    goes on without a time, such as a trace, is not looked at."""
    lines = [
        line_text(line)
        for line in sample.split(b"\n", _SAMPLE_LINES * 10)[: _SAMPLE_LINES * 10]
        if line.strip()
    ]
    begun = [(line, time) for line in lines if (time := _TIME.search(line, 0, _LONGEST_HEAD)) is not None][
        :_SAMPLE_LINES
    ]
    told = sum(
        _LEVEL.search(line, time.end(), time.end() + _LONGEST_HEAD) is not None for line, time in begun
    )
    return bool(begun) and told > _MOST * len(begun)


def inside_of(texts: Sequence[str]) -> list[str] | None:
    """The objects of lines in which text stands before JSON, each with what stands before it; None where most lines have none."""
    made = _objects(texts, None)
    found = [each for each in made if each is not None]
    return found if len(found) > _MOST * len(texts) else None


def with_header(text: str, header: Mapping[str, Any]) -> str:
    """A line of JSON that has what is known from before it as its first value; another text as it is."""
    if not text.startswith("{"):
        return text
    rest = text[1:].lstrip()
    told = json.dumps({BEFORE: header}, ensure_ascii=False)[:-1]
    return f"{told}{'' if rest.startswith('}') else ','}{rest}"


class TextWrapped:
    """A parser for lines of another format behind text. `as_json`: the format inside is JSON."""

    documents = ()

    def __init__(self, inner: Parser, id_: str, *, as_json: bool, year_hint: datetime | int | None) -> None:
        self._inner, self._id, self._as_json, self._year_hint = inner, id_, as_json, year_hint

    @property
    def id(self) -> str:
        return self._id

    @property
    def stateful(self) -> bool:
        """As the format inside."""
        return self._inner.stateful

    def parse(self, chunk: ChunkText, state: str | None = None) -> Parsed:
        """Take the text off, parse what is inside, and give the line numbers of the chunk back. A line that has none is a reject."""
        starts = line_starts(chunk.data)
        waiting = np.ones(len(starts) - 1, dtype=bool)
        waiting[[line - chunk.first_line for line in chunk.oversized_lines]] = False
        blank = blank_lines(chunk.data, starts) & waiting
        rows = np.flatnonzero(waiting & ~blank)
        texts = [text.rstrip("\r\n") for text in texts_of(chunk.data, rows).to_pylist()]
        inner = _objects(texts, self._year_hint) if self._as_json else [_behind(text) for text in texts]
        rejects = [(line, "the line is too long") for line in chunk.oversized_lines]
        rejects += [
            (chunk.first_line + int(row), NO_TEXT)
            for row, text in zip(rows, inner, strict=True)
            if text is None
        ]
        kept = np.array([text is not None for text in inner], dtype=bool)
        return parsed_inside(
            self._inner,
            rows[kept] + chunk.first_line,
            pa.array([text for text in inner if text is not None], pa.string()),
            rejects,
            int(blank.sum()),
            state,
        )


def _behind(text: str) -> str | None:
    """What stands behind what runners write, of which a time may follow a name."""
    found = _RUNNER.match(text)
    if found is None:
        return None
    rest = text[found.end() :]
    again = _RUNNER.match(rest)
    return rest[again.end() :] if again is not None and found[0].rstrip().endswith(("|", "]")) else rest


def _objects(texts: Sequence[str], year_hint: datetime | int | None) -> list[str | None]:
    """Each line as the object in it, with what stands around that; None where there is no object. A line that is JSON stays as it is."""
    parted = [(text, "", text, "") if text.startswith("{") else _parted(text) for text in texts]
    headers = [_header(each[1]) if each is not None and each[1] else None for each in parted]
    _date(headers, year_hint)
    made: list[str | None] = []
    for each, header in zip(parted, headers, strict=True):
        if each is None or header is None:
            made.append(each[2] if each is not None else None)
            continue
        text = with_header(each[2], header)
        made.append(f'{text[:-1]},"{AFTER}":{each[3]}}}' if each[3] else text)
    return made


def _parted(text: str) -> tuple[str, str, str, str] | None:
    """A line, the text in it before its first object, that object, and an object behind it, if that holds anything."""
    at = text.find("{", 0, _MOST_BEFORE)
    for _ in range(_MOST_TRIES):
        if at <= 0:
            return None
        try:
            value, end = _decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            at = text.find("{", at + 1, _MOST_BEFORE)
            continue
        after = text[end:].strip()
        if value and (
            after in ("", "[]", "{}") or (after.startswith(("{", "[")) and after.endswith(("}", "]")))
        ):
            return (
                text,
                text[:at],
                text[at:end],
                after if after.startswith("{") and after != "{}" and _is_object(after) else "",
            )
        at = text.find("{", at + 1, _MOST_BEFORE)
    return None


def _is_object(text: str) -> bool:
    try:
        return isinstance(json.loads(text, strict=False), dict)
    except (ValueError, RecursionError):
        return False


def _header(text: str) -> dict[str, str]:
    """What is known of the text before an object: time, level, tag and the other words."""
    told: dict[str, str] = {}
    time = _TIME.search(text)
    if time is not None:
        told["time"] = _plain_time(time)
        text = f"{text[: time.start()]} {text[time.end() :]}"
    text = re.sub(r"[\[(<]\s*[\])>]", " ", text)
    level = _LEVEL.search(text)
    if level is not None:
        told["level"] = level[0].upper()
        before, text = text[: level.start()], text[level.end() :]
        text = text if text.strip(" :-|[]") else before
    tag = _TAG.search(text)
    if tag is not None:
        told["tag"] = tag[1].strip()
        text = f"{text[: tag.start()]} {text[tag.end() :]}"
    message = " ".join(text.split()).strip(" :-|=.,;")
    return told | ({"message": message} if message else {})


def _plain_time(found: re.Match[str]) -> str:
    if found["iso"] is None:
        return found[0]
    day, clock = found[0][:10].replace("/", "-"), found[0][11:].replace(",", ".")
    return f"{day}T{clock.replace(' ', '')}"


def _date(headers: Sequence[dict[str, str] | None], year_hint: datetime | int | None) -> None:
    """Give times without a year the year that they are of."""
    old = [each for each in headers if each is not None and each.get("time", "")[:1].isalpha()]
    if not old:
        return
    walls = read_walls("syslog", pa.array([each["time"] for each in old], pa.string()))
    micros = with_years(walls.micros, year_hint or datetime.now(UTC).year)
    for each, moment in zip(old, micros.tolist(), strict=True):
        each["time"] = (_EPOCH + timedelta(microseconds=moment)).replace(tzinfo=None).isoformat()
