"""What a finding says to people: a title of at most 80 characters, and facts, one in each sentence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final

from whosaw.core.counts import Count
from whosaw.core.instants import format_instant, from_micros

from .durations import duration_words
from .finding import Crossing
from .stories import Story

__all__ = ["MOST_TITLE", "facts_of", "retold", "shortened", "title_of"]

MOST_TITLE: Final = 80
_NOUNS: Final = {
    "address": "address", "agent": "user agent", "principal": "principal", "session": "session",
    "token": "token", "key": "key", "tls": "TLS fingerprint", "network": "network", "manner": "way of reading",
}  # fmt: skip


def title_of(story: Story, persons: Count, addresses: int) -> str:
    """Who saw how many people, and what stands out about it as far as it fits."""
    head = f"{_who(story, addresses)} saw {_people((persons.lower, persons.upper))}"
    first = _first(story)
    if story.detector.title_end:
        end = f" {story.detector.title_end}"
    elif first.window is not None:
        end = f", {first.threshold:,} within {duration_words(first.window)}"
    else:
        end = ""
    return head + end if len(head) + len(end) <= MOST_TITLE else head


def shortened(text: str) -> str:
    """A title of somebody else's words, cut where it is too long."""
    return text if len(text) <= MOST_TITLE else text[: MOST_TITLE - 1].rstrip() + "…"


def _who(story: Story, addresses: int) -> str:
    by = story.actor.by
    if _others(story):
        return f"{addresses:,} addresses" if addresses > 1 else "One actor"
    if by == ("manner",):
        return f"{addresses:,} addresses" if addresses > 1 else "One client"
    return f"One {_NOUNS[by[0]]}" if len(by) == 1 else "One client"


def _people(bounds: tuple[int, int | None]) -> str:
    lower, upper = bounds
    if lower == 0:
        return "unnamed people" if upper is None else f"up to {_many(upper)}"
    return _many(lower) if upper == lower else f"at least {_many(lower)}"


def _many(people: int) -> str:
    return "1 person" if people == 1 else f"{people:,} people"


def _others(story: Story) -> Counter[str]:
    """How many values of which kind the actor's other flags name."""
    seen = {
        (name, value) for _, actor in story.flags for name, value in zip(actor.by, actor.values, strict=True)
    }
    return Counter(name for name, _ in seen - set(zip(story.actor.by, story.actor.values, strict=True)))


def _first(story: Story) -> Crossing:
    return min(story.crossings(), key=lambda each: each.reached_at)


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
        named = f"one way of reading ({story.actor.values[0]})"
    elif len(by) > 2:
        named = "one client"
    else:
        named = " with ".join(f"one {_NOUNS[each]}" for each in by)
    if others:
        joined = [f"{count:,} other {_noun(name, count)}" for name, count in sorted(others.items())]
        return [f"Held to be one actor: {named}, {_listed(joined)}."]
    return [] if len(by) > 2 or (len(by) == 1 and by != ("manner",)) else [f"What they share: {named}."]


def _listed(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def _noun(name: str, count: int) -> str:
    if count == 1:
        return _NOUNS[name]
    if name == "manner":
        return "ways of reading"
    return f"{_NOUNS[name]}es" if _NOUNS[name].endswith("s") else f"{_NOUNS[name]}s"


def _when(row: Mapping[str, int]) -> list[str]:
    first, last = (format_instant(from_micros(row[each])) for each in ("first_view", "last_view"))
    return [f"Seen at {first}."] if first == last else [f"Seen between {first} and {last}."]


def _reached(story: Story) -> list[str]:
    first = _first(story)
    by = format_instant(first.reached_at)
    out = []
    if first.window is not None and story.detector.says:
        several = f"the first {first.threshold:,}" if first.threshold > 1 else "the first"
        out.append(f"By {by}: {several} {story.detector.says}.")
    elif first.window is not None:
        out.append(f"By {by}: {_many(first.threshold)} within {duration_words(first.window)}.")
    planted = sum(each.most for each in story.crossings() if each.window is None)
    if planted:
        made_up = "a planted person" if planted == 1 else "planted people"
        out.append(f"Among them: {made_up} whom nobody should ever read.")
    return out


def _uncertain(row: Mapping[str, int]) -> list[str]:
    """People who are only possible, and people whom answers can have held without a name. Unnamed people are not 0 people."""
    out = []
    if perhaps := row["possible_accounts"] + row["doubted_accounts"] + row["twin_accounts"]:
        more = "others" if row["accounts"] else "people"
        sure = f"{_many(row['accounts'])} for sure, " if row["accounts"] else ""
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


def retitled(before: Mapping[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """`after`, with the title of `before` in which the number of people is that of its counts."""
    if before["counts"] == after["counts"] or str(after["detector"]).startswith("sigma:"):
        return after
    head, end = (f" saw {_people(_persons(each))}" for each in (before, after))
    start, found, rest = str(before["title"]).partition(head)
    title = f"{start}{end}{rest}" if found else start
    return {**after, "title": title if len(title) <= MOST_TITLE else f"{start}{end}"}


def _persons(finding: Mapping[str, Any]) -> tuple[int, int | None]:
    told = next(each for each in finding["counts"] if each["unit"] == "persons")
    return told["lower"], told["upper"]


def retold(finding: Mapping[str, Any]) -> dict[str, Any]:
    """A stored finding with title and facts. An earlier release stored one long sentence in their place: its parts are the
    facts, and the title says who saw how many, or names the rule."""
    told = dict(finding)
    sentence = told.pop("sentence", None)
    if "title" in told:
        return told
    text = str(sentence or "")
    if str(told["detector"]).startswith("sigma:"):
        title, _, text = text.partition(": ") if ": " in text else (text, "", "")
        told["title"] = shortened(title)
    else:
        by = told["actor"]["by"]
        who = f"One {_NOUNS[by[0]]}" if len(by) == 1 and by != ["manner"] else "One client"
        if "held to be one party" in text:
            who = "One actor"
        told["title"] = f"{who} saw {_people(_persons(told))}"
    parts = [part.strip().rstrip(".") for part in text.split("; ")]
    told["facts"] = [f"{part[0].upper()}{part[1:]}." for part in parts if part]
    return told
