"""Clocks as a picture: one row for each, all on one axis on which long empty stretches are cut short."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from whosaw.core.duties import DutyAnswer, Run
from whosaw.core.moments import Moment

from .law_wording import due_text, moment_text
from .markup import Markup, join, tag

__all__ = ["timeline"]

_LEFT, _RIGHT, _ROW, _TOP = 300.0, 980.0, 46.0, 34.0
_LONGEST: Final = timedelta(days=4)
_WORDS: Final = {
    "late": "late",
    "overdue": "overdue",
    "in time": "in time",
    "open": "open",
    "cannot tell": "cannot tell",
}


def timeline(duties: Sequence[DutyAnswer], now: datetime, zone: str) -> Markup | None:
    """The clocks with a deadline of these duties; None when there is none."""
    shown = [(duty, run) for duty in duties for run in duty.runs if run.due is not None]
    if not shown:
        return None
    axis = _Axis([at for _, run in shown for at in _instants(run, now)])
    height = _TOP + _ROW * len(shown) + 12
    marks: list[Markup] = [axis.breaks(height), axis.days(height, zone)]
    for number, (duty, run) in enumerate(shown):
        marks.append(_row(duty, run, axis, _TOP + number * _ROW, now, zone))
    drawing = tag(
        "svg",
        *marks,
        viewBox=f"0 0 1000 {height:g}",
        role="img",
        aria_label=_words(shown, zone),
        class_="clocks",
    )
    caption = tag(
        "figcaption",
        f"Blue: the time the law gives. Red: beyond it. A dot: what was done. Empty stretches are cut short (dotted). Times in {zone}.",
        class_="faint",
    )
    return tag("figure", tag("div", drawing, class_="scroll timeline"), caption)


class _Axis:
    """From instants to places. Between two neighbours lies their distance, but at most `_LONGEST`."""

    def __init__(self, instants: Sequence[datetime]) -> None:
        self._at = sorted(set(instants))
        self._place = [0.0]
        self._cut: list[tuple[float, float]] = []
        for before, after in zip(self._at, self._at[1:], strict=False):
            length = min(after - before, _LONGEST).total_seconds()
            if after - before > _LONGEST:
                self._cut.append((self._place[-1], self._place[-1] + length))
            self._place.append(self._place[-1] + max(length, 1.0))
        self._scale = (_RIGHT - _LEFT) / max(self._place[-1], 1.0)

    def x(self, at: datetime) -> float:
        """Where an instant lies, in the units of the drawing."""
        number = bisect_right(self._at, at) - 1
        if number < 0:
            return _LEFT
        if number >= len(self._at) - 1:
            return _RIGHT if len(self._at) > 1 else _LEFT
        share = (at - self._at[number]) / (self._at[number + 1] - self._at[number])
        place = self._place[number] + share * (self._place[number + 1] - self._place[number])
        return _LEFT + place * self._scale

    def breaks(self, height: float) -> Markup:
        """A dotted line in the middle of each stretch that is drawn shorter than it is."""
        lines = []
        for start, end in self._cut:
            x = f"{_LEFT + (start + end) / 2 * self._scale:.1f}"
            lines.append(tag("line", x1=x, x2=x, y1="18", y2=f"{height - 6:g}", class_="break"))
        return join(lines)

    def days(self, height: float, zone: str) -> Markup:
        """The day under every instant that has room for its label."""
        found, last = [], -1000.0
        for at in self._at:
            x = self.x(at)
            if x - last < 84 or x > _RIGHT - 40:
                continue
            last = x
            day = moment_text(Moment.at(at), zone)[:10]
            found.append(
                tag("line", x1=f"{x:.1f}", x2=f"{x:.1f}", y1="20", y2=f"{height - 6:g}", class_="guide")
            )
            found.append(tag("text", day, x=f"{x:.1f}", y="14", class_="faint"))
        return join(found)


def _instants(run: Run, now: datetime) -> list[datetime]:
    ends = [*_ends(run.start.when), *(each.instant for each in run.due or ())]
    return [*ends, *(_ends(run.made.when) if run.made else [now])]


def _ends(when: Moment) -> list[datetime]:
    return [when.earliest, when.latest]


def _row(answer: DutyAnswer, run: Run, axis: _Axis, y: float, now: datetime, zone: str) -> Markup:
    assert run.due is not None
    start, due = run.start.when.earliest, run.due[-1].instant
    done = run.made.when.latest if run.made else None
    until = done or now
    words = f"{due_text(run, zone)}{run.sentence}"
    parts = [
        tag("text", _short(answer.duty.origin.title), x="0", y=f"{y + 14:g}"),
        tag("text", _start(run, zone), x="0", y=f"{y + 31:g}", class_="faint"),
        _bar(axis.x(start), axis.x(due), y + 8, "limit", words),
    ]
    if until > due:
        parts.append(
            _bar(
                axis.x(due),
                axis.x(until),
                y + 8,
                "over" if run.status != "cannot tell" else "open-end",
                words,
            )
        )
    if done:
        parts.append(
            tag(
                "circle",
                tag("title", words),
                cx=f"{axis.x(done):.1f}",
                cy=f"{y + 14:g}",
                r="6",
                class_="done",
            )
        )
    left = min(axis.x(start), _RIGHT - 330)
    parts.append(tag("text", _short(run.sentence, 62), x=f"{left:.1f}", y=f"{y + 35:g}", class_="faint"))
    return join(parts)


def _bar(left: float, right: float, y: float, kind: str, words: str) -> Markup:
    return tag(
        "rect",
        tag("title", words),
        x=f"{left:.1f}",
        y=f"{y:g}",
        width=f"{max(right - left, 1.5):.1f}",
        height="12",
        rx="2",
        class_=kind,
    )


def _start(run: Run, zone: str) -> str:
    start = run.start
    words = f"scope version {start.scope}" if start.scope else start.kind.replace("-", " ")
    return _short(f"{words}, {start.claimed_by}: {moment_text(start.when, zone)}", 46)


def _short(text: str, most: int = 44) -> str:
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


def _words(shown: Sequence[tuple[DutyAnswer, Run]], zone: str) -> str:
    """The picture in words, for those who cannot see it."""
    each = (
        f"{duty.duty.origin.title}, {_start(run, zone)}: {due_text(run, zone)}{run.sentence}"
        for duty, run in shown
    )
    return ". ".join(each)
