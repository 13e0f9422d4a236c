"""What drawings are made of: boxes, texts that fit, and axes of numbers and of time. All lengths are in pixels at full size."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Final

from whosaw.core.instants import MONTHS
from whosaw.report.markup import Child, Markup, join, tag
from whosaw.report.saying import Worded, worded

__all__ = [
    "GAP",
    "LINE",
    "Links",
    "Plot",
    "TimeAxis",
    "box",
    "key",
    "label",
    "level",
    "levels_of",
    "marked",
    "nice_ticks",
    "place",
    "short_number",
    "shortened",
    "width_of",
    "wrapped",
]

LINE: Final = 17.0  # from one line of text to the next
GAP: Final = 8.0
SIZE: Final = 12.0
Links = Callable[[str], str] | None  # from the name of a row to where it stands on the page
_STEPS: Final = tuple(
    timedelta(seconds=each)
    for each in (1, 5, 15, 30, 60, 300, 900, 1800, 3600, 10800, 21600, 43200, 86400, 172800, 604800, 1209600)
)
_LEVELS: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    """A finished drawing, without its title: marks and how high they are."""

    height: float
    marks: Markup


def place(value: float) -> str:
    """A length as it is written: at most one digit behind the point, so that the same data give the same bytes on every machine."""
    text = f"{value:.1f}"
    text = text.removesuffix(".0")
    return "0" if text == "-0" else text


def width_of(text: str, size: float = SIZE) -> float:
    """About how wide a text is set: wide letters take a whole em, others a good half."""
    ems = 0.0
    for mark in worded(text):
        if unicodedata.east_asian_width(mark) in "WF":
            ems += 1.0
        elif mark in " .,:;'|il!()[]-/":
            ems += 0.33
        elif mark.isupper() or mark in "mw@%":
            ems += 0.76
        else:
            ems += 0.6
    return ems * size


def shortened(text: str, most: float, size: float = SIZE) -> str:
    """The text, cut in its middle where it is wider than that: the ends of a masked name tell most."""
    text = worded(text)
    if width_of(text, size) <= most:
        return text
    for kept in range(len(text) - 1, 1, -1):
        cut = Worded(
            f"{text[: (kept + 1) // 2].rstrip()}…{text[len(text) - kept // 2 :].lstrip()}", text.lang
        )
        if width_of(cut, size) <= most:
            return cut
    return "…"


def wrapped(text: str, most: float, size: float = SIZE) -> list[str]:
    """Lines of at most that width; a word that is wider is broken."""
    lines: list[str] = []
    line, text = "", worded(text)
    for word in text.split():
        more = f"{line} {word}" if line else word
        if width_of(Worded(more), size) <= most:
            line = more
            continue
        if line:
            lines.append(line)
        line = word
        while width_of(Worded(line), size) > most and len(line) > 1:
            end = next(
                at for at in range(len(line), 0, -1) if at == 1 or width_of(Worded(line[:at]), size) <= most
            )
            lines.append(line[:end])
            line = line[end:]
    return [Worded(each, text.lang) for each in ([*lines, line] if line else lines)]


def label(text: str, x: float, y: float, *, class_: str | None = None, anchor: str | None = None) -> Markup:
    """A text whose baseline stands at y; `anchor` is where in it x lies: start, middle or end."""
    told = worded(text)
    return tag(
        "text",
        told,
        lang=told.lang,
        x=place(x),
        y=place(y),
        class_=class_,
        text_anchor=anchor if anchor != "start" else None,
    )


def box(
    x: float, y: float, width: float, height: float, class_: str, *inside: Child, round_: float = 0
) -> Markup:
    """A rectangle; one that would be too thin to see is as wide as a hair."""
    return tag(
        "rect",
        *inside,
        x=place(x),
        y=place(y),
        width=place(max(width, 0.5)),
        height=place(max(height, 0.5)),
        rx=place(round_) if round_ else None,
        class_=class_,
    )


def marked(mark: Markup, name: str, words: str, links: Links) -> Markup:
    """A mark with its number in words, and the way to the rows behind it where there is one."""
    told = worded(words)
    inside = tag("g", tag("title", told, lang=told.lang), mark)
    return tag("a", inside, href=links(name), tabindex="-1") if links else inside


def short_number(value: int) -> str:
    """1,234 as 1.2k, where there is room for few digits. Never used where the number itself is told."""
    for size, sign in ((1_000_000_000, "G"), (1_000_000, "M"), (1_000, "k")):
        if value >= size:
            digits = value / size
            return f"{math.floor(digits * 10) / 10:g}{sign}" if digits < 10 else f"{math.floor(digits)}{sign}"
    return str(value)


def nice_ticks(most: int, about: int) -> list[int]:
    """Round numbers from 0 on, the last one at or above `most`."""
    if most <= 0:
        return [0, 1]
    rough = max(1, most / max(1, about))
    size = 10 ** math.floor(math.log10(rough))
    step = next(int(size * times) for times in (1, 2, 5, 10) if size * times >= rough)
    return list(range(0, most + step, step)) if most % step else list(range(0, most + 1, step))


def level(value: int, most: int) -> int:
    """0 for none, else 1 to 5: by the root of its share, so that few stand apart from none."""
    if value <= 0:
        return 0
    return min(_LEVELS, max(1, math.ceil(math.sqrt(value / most) * _LEVELS - 1e-9)))


def levels_of(most: int) -> list[tuple[int, int, int]]:
    """Each level that a value up to `most` can have, with its first and last value."""
    found = []
    start = 1
    for at in range(1, _LEVELS + 1):
        end = most if at == _LEVELS else int(most * at * at / _LEVELS**2 + 1e-9)
        if end >= start:
            found.append((at, start, end))
            start = end + 1
    return found


def key(
    entries: Sequence[tuple[str, str]], y: float, width: float, *, round_: float = 0
) -> tuple[Markup, float]:
    """What the colours mean, entry after entry, in as many lines as needed; and how high that is."""
    marks, x, top = [], 0.0, y
    for class_, words in entries:
        wide = 18 + width_of(words) + 18
        if x and x + wide - 18 > width:
            x, top = 0.0, top + LINE + 3
        marks += [box(x, top + 2, 11, 11, class_, round_=round_), label(words, x + 17, top + 12)]
        x += wide
    return join(marks), top + LINE + 3 - y if entries else 0.0


class TimeAxis:
    """From instants to places between `left` and `right`; its ticks lie on round hours, days or months of the zone."""

    def __init__(self, start: datetime, end: datetime, left: float, right: float, zone: tzinfo) -> None:
        self.start, self.end = start, max(end, start + timedelta(seconds=1))
        self.left, self.right, self.zone = left, right, zone

    def x(self, at: datetime) -> float:
        share = (at - self.start) / (self.end - self.start)
        return self.left + min(1.0, max(0.0, share)) * (self.right - self.left)

    def drawn(self, y: float, *, grid_from: float | None = None) -> Markup:
        """The line at y with ticks and their labels below; `grid_from` is where lines through the panel begin."""
        marks = [_line(self.left, y, self.right, y, "axis")]
        last = -1e9
        for at, words in self._ticks():
            x, half = self.x(at), width_of(words) / 2
            if grid_from is not None:
                marks.append(_line(x, grid_from, x, y, "grid"))
            marks.append(_line(x, y, x, y + 4, "axis"))
            # a label that would stand out of the picture is moved inwards
            middle = min(max(x, half), self.right - half)
            if middle - half < last + 10:
                continue
            last = middle + half
            marks.append(label(words, middle, y + 17, class_="faint", anchor="middle"))
        return join(marks)

    def _ticks(self) -> Iterable[tuple[datetime, str]]:
        most = max(3, int((self.right - self.left) / 84))
        span = self.end - self.start
        step = next((each for each in _STEPS if span / each <= most), None)
        local = self.start.astimezone(self.zone)
        if step is None:
            return self._months(local, most)
        if step >= timedelta(days=1):
            return self._days(local, step.days)
        return self._clock(local, step)

    def _clock(self, local: datetime, step: timedelta) -> Iterable[tuple[datetime, str]]:
        seconds = int(step.total_seconds())
        since = local.hour * 3600 + local.minute * 60 + local.second
        at = local.replace(microsecond=0) - timedelta(seconds=since % seconds)
        day = None
        while at <= self.end:
            if at >= self.start:
                text = f"{at:%H:%M:%S}" if seconds < 60 else f"{at:%H:%M}"
                words = (
                    f"{at.day} {MONTHS[at.month - 1]}, {text}" if day is None and span_days(self) else text
                )
                if span_days(self) and at.hour == 0 and at.minute == 0:
                    words = f"{at.day} {MONTHS[at.month - 1]}"
                day = at.date()
                yield at, words
            at += step

    def _days(self, local: datetime, days: int) -> Iterable[tuple[datetime, str]]:
        at = local.replace(hour=0, minute=0, second=0, microsecond=0)
        if days >= 7:
            at -= timedelta(days=at.weekday())
        while at <= self.end:
            if at >= self.start:
                yield at, f"{at.day} {MONTHS[at.month - 1]}"
            at += timedelta(days=days)

    def _months(self, local: datetime, most: int) -> Iterable[tuple[datetime, str]]:
        span = (self.end - self.start).days / 30.4
        step = next(
            each for each in (1, 2, 3, 6, 12, 24, 60, 120, 1200) if span / each <= most or each == 1200
        )
        month = local.year * 12 + (local.month - 1) // step * step if step <= 12 else local.year * 12
        while True:
            at = local.replace(
                year=month // 12, month=month % 12 + 1, day=1, hour=0, minute=0, second=0, microsecond=0
            )
            if at > self.end:
                return
            if at >= self.start:
                yield at, f"{MONTHS[at.month - 1]} {at.year}" if step < 12 else str(at.year)
            month += step


def span_days(axis: TimeAxis) -> bool:
    """Whether the axis holds more than one day of its zone."""
    return axis.start.astimezone(axis.zone).date() != axis.end.astimezone(axis.zone).date()


def _line(x1: float, y1: float, x2: float, y2: float, class_: str) -> Markup:
    return tag("line", x1=place(x1), y1=place(y1), x2=place(x2), y2=place(y2), class_=class_)
