"""What a finding says to people: a title of at most 80 characters, and facts, one in each sentence."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

from whosaw.core import client
from whosaw.core.counts import Count
from whosaw.core.finding import Crossing
from whosaw.core.finding_title import MOST_TITLE, many, people_words
from whosaw.core.instants import format_instant, from_micros
from whosaw.packs.durations import duration_words

from .stories import Story

__all__ = ["facts_of", "title_of", "way_words"]

_PAUSE: Final = re.compile(r", (\d+) s to (\d+) s apart\Z")
_UNITS: Final = ((86_400, "days"), (3_600, "hours"), (60, "minutes"), (1, "seconds"))
_NOUNS: Final = {each.name: (each.one, each.several) for each in client.TRAITS} | {
    "manner": ("way of reading", "ways of reading")
}


def title_of(story: Story, persons: Count, addresses: int) -> str:
    """Who saw how many people, and what stands out about it as far as it fits."""
    head = f"{_who(story, addresses)} saw {people_words((persons.lower, persons.upper))}"
    first = _first(story)
    if story.detector.title_end:
        end = f" {story.detector.title_end}"
    elif first.window is not None:
        end = f", {first.threshold:,} within {duration_words(first.window)}"
    else:
        end = ""
    return head + end if len(head) + len(end) <= MOST_TITLE else head


def _who(story: Story, addresses: int) -> str:
    by = story.actor.by
    if _others(story):
        return f"{addresses:,} addresses" if addresses > 1 else "One actor"
    if by == ("manner",):
        return f"{addresses:,} addresses" if addresses > 1 else "One client"
    return f"One {_NOUNS[by[0]][0]}" if len(by) == 1 else "One client"


def _others(story: Story) -> Counter[str]:
    """How many values of which kind the actor's other flags name."""
    seen = {
        (name, value) for _, actor in story.flags for name, value in zip(actor.by, actor.values, strict=True)
    }
    return Counter(name for name, _ in seen - set(zip(story.actor.by, story.actor.values, strict=True)))


def _first(story: Story) -> Crossing:
    return min(story.crossings, key=lambda each: each.reached_at)


def facts_of(story: Story, row: Mapping[str, int]) -> tuple[str, ...]:
    """What is known beyond the title, one fact in each sentence."""
    return (
        *_identity(story),
        *([f"The views came through {row['addresses']:,} addresses."] if row["addresses"] > 1 else []),
        *_when(row),
        *_reached(story),
        *_uncertain(row),
        *_excused(story, row),
    )


def _identity(story: Story) -> list[str]:
    by, others = story.actor.by, _others(story)
    if by == ("manner",):
        named = f"one way of reading ({way_words(str(story.actor.values[0]))})"
    elif len(by) > 2:
        named = "one client"
    else:
        named = " with ".join(f"one {_NOUNS[each][0]}" for each in by)
    if others:
        joined = [
            f"{count:,} {'other ' if name in by else ''}{_noun(name, count)}"
            for name, count in sorted(others.items())
        ]
        return [f"One actor, joined from what detectors named: {_listed([named, *joined])}."]
    return [] if len(by) > 2 or (len(by) == 1 and by != ("manner",)) else [f"What they share: {named}."]


def way_words(way: str) -> str:
    """A way of reading with its pause in a unit that people use: `a, 262144 s to 1048576 s apart` is `a, 3 to 12 days apart`."""

    def told(found: re.Match[str]) -> str:
        shortest, longest = int(found[1]), int(found[2])
        size, unit = next(each for each in _UNITS if longest >= 2 * each[0])
        about = "" if size == 1 else "about "
        return f", {about}{max(1, round(shortest / size)):,} to {round(longest / size):,} {unit} apart"

    return _PAUSE.sub(told, way)


def _listed(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def _noun(name: str, count: int) -> str:
    one, several = _NOUNS[name]
    return one if count == 1 else several


def _when(row: Mapping[str, int]) -> list[str]:
    first, last = (format_instant(from_micros(row[each])) for each in ("first_view", "last_view"))
    return [f"Seen at {first}."] if first == last else [f"Seen between {first} and {last}."]


def _reached(story: Story) -> list[str]:
    first = _first(story)
    by = format_instant(first.reached_at)
    out = []
    if first.window is not None and story.detector.says:
        out.append(f"By {by} it had seen {many(first.threshold)} {story.detector.says}.")
    elif first.window is not None:
        out.append(f"By {by} it had seen {many(first.threshold)} within {duration_words(first.window)}.")
    planted = sum(each.most for each in story.crossings if each.window is None)
    if planted:
        made_up = "is a canary, a made-up person" if planted == 1 else "are canaries, made-up people"
        out.append(f"Among them {made_up} whom nobody should ever read.")
    return out


def _uncertain(row: Mapping[str, int]) -> list[str]:
    """People who are only possible, and people whom answers can have held without a name. Unnamed people are not 0 people."""
    out = []
    if perhaps := row["possible_accounts"] + row["doubted_accounts"] + row["twin_accounts"]:
        more = "others" if row["accounts"] else "people"
        sure = f"{many(row['accounts'])} for sure, " if row["accounts"] else ""
        told = f"{sure}possibly {perhaps:,} {more}."
        out.append(told[0].upper() + told[1:])
    if row["unnamed_views"]:
        most = "An unknown number of" if row["unbounded_views"] else f"Up to {row['unnamed_at_most']:,}"
        more = "more " if (row["accounts"] or perhaps) and not row["unbounded_views"] else ""
        out.append(f"{most} {more}people whom the log does not name.")
    return out


def _excused(story: Story, row: Mapping[str, int]) -> list[str]:
    if not story.explanations:
        return ["Nothing on record excuses that."]
    out = []
    if unexplained := row["unexplained"]:
        out.append(
            "1 view is unexplained." if unexplained == 1 else f"{unexplained:,} views are unexplained."
        )
    if cannot_tell := row["not_explained"] - row["unexplained"]:
        views, they = ("1 view", "it is") if cannot_tell == 1 else (f"{cannot_tell:,} views", "they are")
        out.append(f"For {views} it cannot be told whether {they} explained.")
    if explained := row["views"] + row["possible_views"] + row["twin_views"] - row["not_explained"]:
        out.append(
            "1 view has an explanation on record and counts all the same."
            if explained == 1
            else f"{explained:,} views have an explanation on record and count all the same."
        )
    return out
