"""Who saw a person and what an actor saw, as text and as rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import tzinfo
from typing import TYPE_CHECKING, Final

from whosaw.cli.complaints import complain
from whosaw.cli.console import print_made, print_table, row, say, table
from whosaw.cli.shown_zone import at_second, zone_name
from whosaw.core import client
from whosaw.core.delimited import Row

from .answers import show_counts, show_past

if TYPE_CHECKING:
    from whosaw.app.asking.answer_person import AnswerMade
    from whosaw.app.asking.answers import ShownClient, WhatSeen, WhoSaw
    from whosaw.app.asking.traits import TraitOf
    from whosaw.app.asking.within import Within
    from whosaw.app.own.export import WrittenExport
    from whosaw.mapping.untold import UntoldSource

__all__ = [
    "WHAT_COLUMNS",
    "WHO_COLUMNS",
    "complain_of_lack",
    "known_by",
    "show_answer",
    "show_export",
    "show_what",
    "show_who",
    "traits_table",
    "what_rows",
    "who_rows",
]

_MOST_ROWS = 120
# who it says it is and where it is, then what it shows; its programs have the longest names and come last
_CLAIMED = client.with_(lambda each: each.says == "claimed")
_PLACES = client.with_(lambda each: each.place)
_ISSUED = client.with_(lambda each: each.says == "issued")
_PROGRAMS = client.with_(lambda each: each.says == "where" and not each.place)
_ORDER: Final = (*_CLAIMED, *_PLACES, *_ISSUED, *_PROGRAMS)
client.covers("cli.texts.asking", _ORDER)
WHO_COLUMNS: Final = (
    *(
        "person",
        "person_shown",
        "category",
        "first",
        "last",
        "views",
        "possible_views",
        "explanation",
        "routes",
    ),
    *("client", *_ORDER),
)
WHAT_COLUMNS: Final = ("by", "name", "persons", "views", "views_of_unknown_persons", "first", "last")


def known_by(actor: ShownClient) -> str:
    """A client's number, and what is known of it, each value with the name of its trait."""
    known = {**actor.traits, "network": actor.network}
    return "  ".join([actor.client, *(f"{name} {known[name]}" for name in _ORDER if known.get(name))])


def show_who(answer: WhoSaw, zone: tzinfo) -> None:
    """Who saw one person."""
    from whosaw.report.tables import who_table
    from whosaw.report.view_model import WhoRow
    from whosaw.report.wording import reason_text

    person = answer.person
    say(f"{person.number} ({person.shown}): {answer.views}; times in {zone_name(zone)}")
    for reason in answer.views.reasons:
        say(f"  {reason_text(reason)}")
    _show_within(answer.within, zone)
    _show_incomplete(answer.incomplete, answer.untold)
    for pair in answer.undecided:
        say(pair.note)
    say()
    rows = [
        WhoRow(
            actor=known_by(each.actor),
            category=each.category,
            first=each.first,
            last=each.last,
            views=each.views,
            explanation=each.explanation,
        )
        for each in answer.exposures[:_MOST_ROWS]
    ]
    print_made(who_table(rows, zone))
    if len(answer.exposures) > _MOST_ROWS:
        say(f"… and {len(answer.exposures) - _MOST_ROWS:,} more; --csv lists all")
    if answer.views_of_unknown_persons:
        say(
            f"cannot tell: {answer.views_of_unknown_persons:,} views are of people whom the log does not name. This person may be one of them."
        )
    everything = f"whosaw picture {person.number} --of person --open all" if answer.more_lines else ""
    _lines(answer.locators, answer.witnesses, everything)
    if answer.looked_up_by:
        from whosaw.cli.lookups import show_lookups

        say()
        say("looked up here:")
        show_lookups(answer.looked_up_by, zone)


def show_what(answer: WhatSeen, zone: tzinfo) -> None:
    """What one actor saw."""
    show_past(answer.asked)
    clients = answer.actor.clients
    if answer.first is None:
        seen = "no view of anybody"
    else:
        first, last = at_second(answer.first, zone), at_second(answer.last, zone)
        seen = f"first {first}, last {last} ({zone_name(zone)})"
    say(f"{clients:,} client{'s' if clients != 1 else ''} of this actor, {seen}")
    _show_within(answer.within, zone)
    _show_incomplete(answer.incomplete, answer.untold)
    for pair in answer.undecided:
        say(pair.note)
    traits_table(answer.actor.traits)
    say()
    show_counts(answer.counts)
    for title, seen_of in (("categories", answer.categories), ("routes", answer.routes)):
        if not seen_of:
            continue
        rows_shown = table(title, "persons", "views", "first", "last", numbers=("persons", "views"))
        for each in seen_of:
            ends = (at_second(at, zone) for at in (each.first, each.last))
            row(rows_shown, each.name, each.persons, each.views, *ends)
        say()
        print_table(rows_shown)
    if answer.persons:
        say()
        say("first persons: " + ", ".join(f"{each.number} ({each.shown})" for each in answer.persons))
    _lines(answer.locators, answer.witnesses, "whosaw picture ACTOR --open all" if answer.more_lines else "")


def traits_table(traits: Sequence[TraitOf]) -> None:
    """By what an actor is known: one row for each trait, with the values behind most views."""
    from whosaw.report.wording import visible

    told = {each.trait: each for each in traits}
    shown = table("who", "values", "behind most views", numbers=("values",))
    for each in (told[name] for name in _ORDER if name in told):
        most = ", ".join(f"{visible(value.shown)} ({value.views:,})" for value in each.most)
        row(shown, each.trait, each.values, most + (", …" if each.values > len(each.most) else ""))
    if traits:
        print_table(shown)


def _show_within(within: Within, zone: tzinfo) -> None:
    if not within:
        return
    words = [
        f"{word} {told}"
        for word, told in (
            ("from", None if within.since is None else at_second(within.since, zone)),
            ("until", None if within.until is None else at_second(within.until, zone)),
            ("in the source", within.source),
            ("through the route", within.route),
        )
        if told is not None
    ]
    say(f"only views {', '.join(words)}")


def show_answer(made: AnswerMade) -> None:
    """Which letters were written, and what their preparer has to add."""
    say(f"{made.person}: {made.views} told of")
    for each in made.letters:
        say(f"  {each.file}")
    _show_incomplete("", made.untold)
    for needs in made.missing:
        say(f"still missing: {needs}")
    say("Read each letter before it is sent: its first sheet is for you, and is not sent.")


def show_export(made: WrittenExport) -> None:
    """Which file was written, and that it may not hold all."""
    say(f"{made.person}: {made.views:,} views told of")
    say(f"  {made.file}")
    if made.withheld:
        say("views of an actor are withheld, and not in it; `whosaw me show` says until when")


def complain_of_lack(why: str, untold: Sequence[UntoldSource]) -> None:
    """What rows do not tell, on standard error."""
    for each in _lacking(why, untold):
        complain(each)


def _show_incomplete(why: str, untold: Sequence[UntoldSource]) -> None:
    for each in _lacking(why, untold):
        say(each)


def _lacking(why: str, untold: Sequence[UntoldSource]) -> list[str]:
    from whosaw.mapping.untold import sentence_of

    return [each for each in (f"cannot tell: {why}" if why else "", sentence_of(untold)) if each]


def _lines(locators: Sequence[str], witnesses: Sequence[str], everything: str) -> None:
    """The lines that are named; `everything` is the command that lists all, where there are more."""
    first = f"first {len(locators):,} lines" if everything else "lines"
    for title, some in (
        (f"{first} (whosaw line LOCATOR)", locators),
        ("lines of the same requests in other sources", witnesses),
    ):
        if some:
            say(f"{title}:")
            for locator in some:
                say(f"  {locator}")
    if everything:
        say(f"  … and more: {everything}")


def who_rows(answer: WhoSaw, zone: tzinfo) -> Iterator[Row]:
    """One row for each client and category."""
    for each in answer.exposures:
        yield {
            "person": answer.person.number,
            "person_shown": answer.person.shown,
            "category": each.category,
            "first": each.first.astimezone(zone).isoformat(),
            "last": each.last.astimezone(zone).isoformat(),
            "views": each.views,
            "possible_views": each.possible_views,
            "explanation": each.explanation,
            "routes": list(each.routes),
            "client": each.actor.client,
            **each.actor.traits,
            "network": each.actor.network or None,
        }


def what_rows(answer: WhatSeen, zone: tzinfo) -> Iterator[Row]:
    """One row for each category and each route."""
    for by, seen in (("category", answer.categories), ("route", answer.routes)):
        for each in seen:
            yield {
                "by": by,
                "name": each.name,
                "persons": each.persons,
                "views": each.views,
                "views_of_unknown_persons": each.views_of_unknown_persons,
                "first": each.first.astimezone(zone).isoformat(),
                "last": each.last.astimezone(zone).isoformat(),
            }
