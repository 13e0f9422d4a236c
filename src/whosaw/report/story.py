"""What `whosaw demo` tells on the terminal: some 25 lines, at 80 columns, with or without colour."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .view_model import CategoryView, DemoStory, DemoTold, FindingView
from .wording import clock, count_text, how_long, many, number, reason_text, visible

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.console import RenderableType
    from rich.text import Text

__all__ = ["demo_story"]

_SECONDARY = "secondary"  # the group of people who have no account
_CHECK = "Then look for yourself:"


def demo_story(story: DemoStory) -> RenderableType:
    """The story as one renderable: read, noticed, seen, the trap, and where to look further."""
    from rich.console import Group
    from rich.text import Text

    parts: list[Text] = [*_read(story), Text()]
    if story.finding is None:
        parts += _chapter(
            "Nothing noticed", ["No detector reported anything. That is not proof that nothing happened."]
        )
    else:
        parts += [*_noticed(story, story.finding), Text(), *_seen(story, story.finding), Text()]
        if trap := _trap(story):
            parts += [*_chapter("The trap", trap), Text()]
        if story.told is not None:
            parts += [*_told(story.told), Text()]
    parts += _where(story)
    return Group(*parts)


def _chapter(title: str, sentences: Iterable[str], style: str = "bold cyan") -> list[Text]:
    """A heading, and its sentences set in by two."""
    from rich.text import Text

    lines = [Text(title, style=style)]
    for sentence in sentences:
        lines.extend(_wrapped(sentence))
    return lines


def _wrapped(sentence: str, mark: str = "") -> list[Text]:
    """Lines set in by two columns, or below a mark before the first; numbers stand out where there is colour."""
    import re
    import textwrap

    from rich.text import Text

    lines: list[Text] = []
    width = 76 - len(mark)
    for line in textwrap.wrap(visible(sentence), width, break_long_words=False, break_on_hyphens=False):
        text = Text(f"  {' ' * len(mark) if lines else mark}{line}")
        for found in re.finditer(r"(?<![\w.:-])\d[\d,]*(?![\w:-])", text.plain):
            text.stylize("bold", *found.span())
        lines.append(text)
    return lines


def _read(story: DemoStory) -> list[Text]:
    scan = story.scan
    speed = round(scan.lines / story.seconds) if story.seconds > 0 else 0
    took = f"in {story.seconds:.1f} s" + (f" ({number(speed)} a second)" if speed else "")
    parts = [
        many(scan.events, "events"),
        many(scan.rejects, "rejects"),
        f"{number(scan.comments)} blank or comment",
    ]
    if scan.continued:
        parts.append(f"{number(scan.continued)} continued")
    gaps = sum(source.hours("partial") + source.hours("missing") for source in scan.sources)
    covered = "no hour missing" if not gaps else f"{many(gaps, 'hours')} not whole"
    return _chapter(
        "Read",
        [
            f"{many(scan.lines, 'lines')} from {many(len(scan.files), 'files')} {took}.",
            f"= {' + '.join(parts)}; {many(scan.duplicates, 'duplicates')}; {covered}.",
        ],
    )


def _noticed(story: DemoStory, finding: FindingView) -> list[Text]:
    when = clock(finding.noticed, story.scan.zone)
    after = "" if finding.persons_then is None else f", after {many(finding.persons_then, 'persons')}"
    sentences = [f"Earliest alert: {when} ({story.scan.zone_name}){after}."]
    if story.first_view is not None:
        begun = story.first_view
        sentences.append(
            "The actor's very first view raised it."
            if begun >= finding.noticed
            else f"The actor's first view was on {clock(begun, story.scan.zone)}, {how_long(finding.noticed - begun)} before."
        )
    lines = [*_chapter("Noticed", sentences, "bold yellow"), *_wrapped(f"{finding.title}.")]
    for fact in finding.facts:
        lines.extend(_wrapped(fact, "- "))
    if (others := len(story.scan.findings) - 1) > 0:
        lines.extend(_wrapped(f"{many(others, 'findings')} more: whosaw findings lists them."))
    return lines


def _seen(story: DemoStory, finding: FindingView) -> list[Text]:
    from rich.text import Text

    counts = {count.unit: count for count in finding.counts}
    persons, views = counts.get("persons"), counts.get("views")
    head = "; ".join(count_text(count) for count in (persons, views) if count is not None)
    lasted = f"until {clock(finding.last, story.scan.zone)}"
    lines = _chapter("Seen in the end", [f"{head}; {lasted}."], "bold red")
    for reason in persons.reasons if persons is not None else ():
        if reason.code == "secondary-subjects-not-named":
            extra = "An unknown number" if reason.adds_upper is None else f"Up to {number(reason.adds_upper)}"
            lines += _wrapped(
                f"{extra} more may stand in lists and address books that the log does not name."
            )
        else:
            lines += _wrapped(f"Because of: {reason_text(reason)}.")
    lines += [Text(f"  {line}") for line in _category_lines(finding.categories)]
    return lines


def _category_lines(categories: tuple[CategoryView, ...]) -> list[str]:
    """Persons and views for each category, in columns."""
    rows = [
        (
            visible(category.title),
            number(category.persons.lower) if category.persons is not None else "cannot tell",
            number(category.views) if category.views is not None else "cannot tell",
        )
        for category in categories
    ]
    if not rows:
        return []
    rows.insert(0, ("", "persons", "views"))
    widths = [max(len(row[at]) for row in rows) for at in range(3)]
    return [
        f"{name:<{widths[0]}}  {persons:>{widths[1]}}  {views:>{widths[2]}}".rstrip()
        for name, persons, views in rows
    ]


def _trap(story: DemoStory) -> list[str]:
    sentences = []
    if story.claimed_by_victim is not None:
        sentences.append(
            f"In {many(story.claimed_by_victim, 'views')} the request claims to come from the very person it reads. "
            "In the log they look like customers who open their own pages."
        )
    if story.never_issued is not None:
        sentences.append(f"But no login on record issued the tokens of {many(story.never_issued, 'views')}.")
    return sentences


def _told(told: DemoTold) -> list[Text]:
    five = ("sent", "failed", "excluded", "unknown", "waiting")
    parts = " + ".join(f"{number(getattr(told, each))} {each}" for each in five)
    own = {each: people for each, people in told.groups.items() if people and each != _SECONDARY}
    sentences = [f"{many(told.recipients, 'recipients')} = {parts}."]
    sentences.append(
        f"{number(sum(own.values()))} have an account, in {many(len(own), 'groups')} by what was seen."
    )
    if others := told.groups.get(_SECONDARY, 0):
        sentences.append(
            f"{number(others)} have none: they stand in the address book of somebody who was seen. Whoever else stands in one, and has no address "
            "on record, never can be told."
        )
    sentences += [f"{number(people)} could not be told: {why}." for why, people in told.never.items()]
    sentences.append(
        "Nothing left this machine: a mail box of the demo's own answered, and its clock did not wait. Where a reply was lost the notice is "
        "unknown, and never goes again by itself."
    )
    return _chapter("Told", sentences)


def _where(story: DemoStory) -> list[Text]:
    from rich.text import Text

    lines = []
    for name, path in (
        ("Picture", story.picture),
        ("Report", story.report),
        ("Told", story.told.picture if story.told else ""),
    ):
        if path:
            lines.append(Text.assemble((f"{name:<9}", "bold"), (visible(path), "underline"), overflow="fold"))
    if story.next:
        lines.append(Text(_CHECK, style="bold"))
        width = max(len(command.text) for command in story.next)
        for command in story.next:
            apart = command.text.ljust(width) if width <= 44 else command.text
            lines.append(Text.assemble("  ", (apart, "green"), f"  {command.shows}"))
    return lines
