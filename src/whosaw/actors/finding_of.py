"""A finding, from what is known of its story: its numbers, its texts and how sure it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from whosaw.core.counts import Seen
from whosaw.core.finding import CategoryCount, Confidence, Finding, Place, Tried, finding_id
from whosaw.core.instants import from_micros

from .detectors import LEVELS
from .finding_text import facts_of, title_of
from .stories import Story

__all__ = ["by_weight", "finding_of"]


def by_weight(finding: Finding) -> tuple[int, int, int, str, str]:
    """The order in which findings are told: those about most people first."""
    return (
        -finding.persons.lower,
        -(finding.accounts.upper or 0),
        -LEVELS.index(finding.confidence.level),
        finding.detector,
        finding.id,
    )


def finding_of(
    story: Story, row: Mapping[str, int], secondary: tuple[int, int],
    categories: tuple[CategoryCount, ...], places: tuple[Place, ...], tried: tuple[Tried, ...],
) -> Finding:  # fmt: skip
    """`row` has the numbers that are counted once, by name; `secondary` how many further people pages may have shown, and of how many
    views that is not known."""
    actor, detector = story.actor, story.detector
    counts = _seen(row, secondary).counts()
    return Finding(
        id=finding_id(detector.id, story.flags[0][0].clause.id, actor.digest),
        detector=detector.id,
        technique=detector.technique,
        actor=actor,
        first_view=from_micros(row["first_view"]),
        last_view=from_micros(row["last_view"]),
        raised_at=from_micros(story.raised_at),
        persons_before=row["persons_before"],
        counts=counts,
        categories=categories,
        confidence=_confidence(story, tried, row["possible_views"] + row["twin_views"]),
        tried=tried,
        crossings=story.crossings,
        places=places,
        title=title_of(story, counts[2], row["addresses"]),
        facts=facts_of(story, row),
    )


def _seen(row: Mapping[str, int], secondary: tuple[int, int]) -> Seen:
    return Seen(
        views=row["views"], accounts=row["accounts"], secondary=secondary[0], open_secondary=secondary[1],
        unnamed=row["unnamed_views"], unnamed_persons=row["unnamed_at_most"], open_unnamed=row["unbounded_views"],
        possible_views=row["possible_views"], possible_accounts=row["possible_accounts"],
        doubted_accounts=row["doubted_accounts"], twin_views=row["twin_views"], twin_accounts=row["twin_accounts"],
    )  # fmt: skip


def _confidence(story: Story, tried: Sequence[Tried], possible: int) -> Confidence:
    level = max((flag.clause.confidence for flag, _ in story.flags), key=LEVELS.index)
    reasons = list(dict.fromkeys(flag.clause.why for flag, _ in story.flags))
    reasons += [
        f"cannot tell for {each.cannot_tell:,} views whether {each.explanation} explains them: {each.why_not}"
        for each in tried
        if each.cannot_tell
    ]
    if possible:
        reasons.append(
            f"cannot tell for {possible:,} views whether the server took their spelling for the page: they count in upper bounds only"
        )
    return Confidence(level=level, reasons=tuple(reasons))
