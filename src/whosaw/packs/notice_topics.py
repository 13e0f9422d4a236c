"""What a notice has to warn of, by the categories that were seen: `data/notice/topics.toml`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from .toml_file import load_toml

__all__ = ["OTHER", "Topic", "load_topics", "topics_of"]

OTHER: Final = "other"
_FILE: Final = Path(__file__).resolve().parent.parent / "data" / "notice" / "topics.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """One thing to warn of. It is spoken of when all categories of one row of `when` were seen."""

    id: str
    when: tuple[tuple[str, ...], ...]
    urgent: bool = False

    def touches(self, category: str) -> bool:
        """Whether a category plays a part in this topic."""
        return any(_within(category, each) for row in self.when for each in row)

    def stands(self, categories: Iterable[str]) -> bool:
        seen = tuple(categories)
        return any(all(any(_within(one, each) for one in seen) for each in row) for row in self.when)


def _within(category: str, key: str) -> bool:
    return category == key or category.startswith(f"{key}.")


@cache
def load_topics() -> tuple[Topic, ...]:
    """All topics, the most urgent first."""
    return tuple(
        Topic(
            id=row["id"],
            when=tuple(tuple(each) for each in row["when"]),
            urgent=bool(row.get("urgent", False)),
        )
        for row in load_toml(_FILE).data["topic"]
    )


def topics_of(categories: Iterable[str]) -> tuple[Topic, ...]:
    """The topics to speak of, in their order; of a category that belongs to none, the topic "other"."""
    seen = tuple(categories)
    topics = load_topics()
    strange = any(not any(topic.touches(one) for topic in topics) for one in seen)
    return tuple(each for each in topics if each.stands(seen) or (each.id == OTHER and strange))
