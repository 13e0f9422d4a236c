"""Replays and their scores as text for people."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from whosaw.cli.console import print_made, row, say, table
from whosaw.cli.surroundings import DEFAULT_WORKSPACE
from whosaw.core.instants import format_instant

if TYPE_CHECKING:
    from whosaw.app.replay import KnownReplays, MadeReplay
    from whosaw.replay.score.result import Bounds, Score, Share

__all__ = ["duration_text", "show_list", "show_made", "show_score"]

_MOST_FINDINGS = 20


def duration_text(seconds: float) -> str:
    """A span of time in its two largest units."""
    whole = int(seconds)
    days, hours, minutes = whole // 86_400, whole // 3_600 % 24, whole // 60 % 60
    if days:
        return f"{days} d {hours} h"
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {whole % 60} s" if minutes else f"{whole} s"


def _share(told: Share) -> str:
    """A share in per cent, never rounded up to all or down to none."""
    if told.share is None:
        return "cannot tell"
    if told.right in (0, told.of):
        return f"{100 * told.share:.0f} %"
    return f"{min(99.99, max(0.01, 100 * told.share)):.2f} %"


def _rate(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _of(told: Share) -> str:
    return f"{told.right:,} of {told.of:,}"


def show_list(known: KnownReplays) -> None:
    """What there is to choose from, a line each."""
    for title, items in (("breaches", known.breaches), ("damage", known.damages), ("like", known.likes)):
        listed = table(title, "", whole=(title,))
        for each in items:
            row(listed, each.id, each.title)
        print_made(listed)
        say()
    say("whosaw replay make FOLDER --breach NAME --damage NAME --like NAME")


def show_made(made: MadeReplay) -> None:
    """What was written, and how to go on."""
    say(f"{made.folder}: {made.lines:,} lines of {len(made.logs)} services, {made.customers:,} customers")
    say(f"breach: {made.breach or 'none; whatever is found is false'}")
    if made.damages:
        say(f"damage: {', '.join(made.damages)}; damage.json says what it did")
    say("truth: truth.json and truth.parquet, which a scan must never see")
    say()
    logs = " ".join(str(each) for each in made.logs)
    say(f"  whosaw scan {logs} --map {made.map} --context {made.context}")
    say(f"  whosaw replay score {DEFAULT_WORKSPACE} {made.folder}")


def show_score(score: Score) -> None:
    """The whole score: noticed, how much of it, with how many false findings, and whether the bounds hold."""
    _first(score)
    say()
    _qualities(score)
    say()
    _bounds(score.bounds)
    findings = score.findings
    say(
        f"findings: {findings.true:,} true, {findings.false:,} false, {findings.nosy:,} on staff without a reason, "
        f"{findings.cannot_tell:,} cannot tell"
    )
    rate, scaled = findings.false_per_day, findings.false_per_day_and_million_customers
    if rate is not None:
        more = "" if scaled is None else f"; {_rate(scaled)} for each million customers of a day"
        say(f"false findings a day: {_rate(rate)}{more}")
    for each in score.parties:
        if each.kind == "nosy":
            say(f"staff without a reason: {each.id}: {_of(each.persons)} persons found")
    for note in score.notes:
        say(f"note: {note}")


def _first(score: Score) -> None:
    first = score.first
    if score.answer == "nothing to find":
        say("nothing to find: no breach in this replay saw anybody")
    elif first is None:
        say("not found: no finding is true of the breach. How many persons it saw unnoticed: all of them")
    else:
        at = format_instant(first.raised_at)[:19].replace("T", " ")
        say(
            f"found: first at {at} (UTC), {duration_text(first.after_seconds)} after the first view, "
            f"when {first.persons_before:,} of {score.persons.recall.of:,} persons had been seen"
        )


def _qualities(score: Score) -> None:
    shown = table("", "found", "of the truth", "right", "of what was found", numbers=("found", "right"))
    for told, title in (
        (score.persons, "persons"), (score.views, "views"), (score.categories, "person and category")
    ):  # fmt: skip
        row(
            shown,
            title,
            _share(told.recall),
            _of(told.recall),
            _share(told.precision),
            _of(told.precision),
        )
    print_made(shown)


def _bounds(bounds: Sequence[Bounds]) -> None:
    if not bounds:
        return
    shown = table(
        "count", "lower", "upper", "truth", "holds", "width", numbers=("lower", "upper", "truth", "width")
    )
    for each in bounds:
        row(
            shown,
            each.unit,
            each.lower,
            "none" if each.upper is None else each.upper,
            "cannot tell" if each.truth is None else each.truth,
            {True: "yes", False: "NO", None: "cannot tell"}[each.hold],
            "cannot tell" if each.width is None else f"{each.width:.3f}",
        )
    print_made(shown)
    say()
