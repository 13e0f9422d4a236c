"""From when until when the answer holds, and what cannot be known before and after."""

from __future__ import annotations

from whosaw.core.instants import format_instant, from_micros
from whosaw.core.scope_version import Held

from .beyond import Beyond

__all__ = ["answer_span"]


def answer_span(beyond: Beyond) -> Held:
    """The span that every source covers in which the actor was seen; of all sources, when he was seen in none."""
    seen = [each for each in beyond.facts.sources if each.name in beyond.routes_of]
    sources = seen or list(beyond.facts.sources)
    if not sources:
        said = "No log was read, so nothing can be known."
        return Held(since=None, until=None, before=said, after=said)
    first, last = max(each.first for each in sources), min(each.last for each in sources)
    latest = sorted(each.name for each in sources if each.first == first)
    earliest = sorted(each.name for each in sources if each.last == last)
    if first > last:
        said = f"The logs of {', '.join(sorted(each.name for each in sources))} do not overlap in time, so each answers for its own span alone."
        return Held(since=None, until=None, before=said, after=said)
    start, end = (format_instant(from_micros(each)) for each in (first, last))
    return Held(
        since=first,
        until=last,
        before=f"The log of {', '.join(latest)} begins at {start}. What the actor saw there before cannot be known from it.",
        after=f"The log of {', '.join(earliest)} ends at {end}. What the actor saw there after cannot be known from it.",
    )
