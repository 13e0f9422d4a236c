"""Commands about the law on record itself: what there is, what is coming, what is due for a look, and what changed."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from .app import JsonFlag, fail_clearly, now, print_json
from .shown_zone import instant_from, project_zone

__all__ = ["law_app"]

_YEAR = 365
_HALF = 180
_DAYS = 36_500

law_app = typer.Typer(
    help="Show the law on record: by place, one item in words, what is coming, what changed. Not legal advice.",
    no_args_is_help=True,
)
Since = Annotated[
    str | None,
    typer.Option(
        "--since", help="Count from this day on, such as 2026-09-01 or today.", show_default="today"
    ),
]


def _day(since: str | None) -> date:
    return (instant_from(since, project_zone(), "--since") or now()).astimezone(project_zone()).date()


@law_app.command("list")
@fail_clearly
def law_list(
    place: Annotated[
        str | None,
        typer.Argument(metavar="[PLACE]", help="A country or state with law on record, such as kr or US-TX."),
    ] = None,
    json: JsonFlag = False,
) -> None:
    """List the places with law on record and how sure it is; with a place, its items."""
    from whosaw.app.law.on_record import law_items, law_places
    from whosaw.core.document import document

    from .texts.law_record import show_items, show_places

    if place is None:
        places = law_places()
        print_json({"places": document(places)}) if json else show_places(places)
    else:
        items = law_items(place)
        print_json({"items": document(items)}) if json else show_items(items)


@law_app.command("show")
@fail_clearly
def law_show(
    item: Annotated[
        str, typer.Argument(metavar="ITEM", help="An item of `whosaw law list PLACE`, such as ke/authority.")
    ],
    json: JsonFlag = False,
) -> None:
    """Show one item of law in words: where it stands, who owes what to whom within what time, unless what, and how sure that is."""
    from whosaw.app.law.on_record import law_item
    from whosaw.core.document import document

    from .texts.law_record import show_item

    found = law_item(item)
    print_json(document(found)) if json else show_item(found)


@law_app.command("coming")
@fail_clearly
def law_coming(
    since: Since = None,
    days: Annotated[int, typer.Option("--days", min=1, max=_DAYS, help="How many days from then on.")] = 2
    * _YEAR,
    ical: Annotated[
        Path | None, typer.Option("--ical", help="Also write them as a calendar (iCalendar) here.")
    ] = None,
    json: JsonFlag = False,
) -> None:
    """List the law on record that begins or ends to hold from today on, with what it takes the place of."""
    from whosaw.app.law.on_record import law_coming as run
    from whosaw.app.law.on_record import write_coming
    from whosaw.core.document import document

    from .texts.law_record import show_coming

    first = _day(since)
    found = run(first, days=days)
    if ical is not None:
        write_coming(found, ical)
    told = {"since": first.isoformat(), "days": days, "coming": document(found)}
    print_json(told) if json else show_coming(found, first, days)


@law_app.command("review")
@fail_clearly
def law_review(
    since: Since = None,
    days: Annotated[
        int,
        typer.Option("--days", min=1, max=_DAYS, help="How old a review may be, and how far to look ahead."),
    ] = _HALF,
    json: JsonFlag = False,
) -> None:
    """List the items of law that somebody should read again, each with the reasons and its sources; the oldest review first."""
    from whosaw.app.law.on_record import law_review as run
    from whosaw.core.document import document

    from .texts.law_record import show_review

    today = _day(since)
    found = run(today, after_days=days)
    told = {"today": today.isoformat(), "days": days, "items": document(found)}
    print_json(told) if json else show_review(found, today)


@law_app.command("export")
@fail_clearly
def law_export(
    file: Annotated[
        Path | None,
        typer.Argument(metavar="[FILE]", help="The JSON file to write.", show_default="the terminal"),
    ] = None,
    json: JsonFlag = False,
) -> None:
    """Write all law on record as one JSON document, conditions and cases among it, for other programs and for `law changes`."""
    from whosaw.app.law.on_record import write_record

    from .texts.law_record import show_written

    record = write_record(file)
    print_json(record) if json or file is None else show_written(record, file)


@law_app.command("changes")
@fail_clearly
def law_changes(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="What `whosaw law export` of another release wrote.")
    ],
    json: JsonFlag = False,
) -> None:
    """Say what changed in the law on record since another release: items, and which of their cases are answered otherwise."""
    from whosaw.app.law.on_record import law_changes as run
    from whosaw.core.document import document

    from .texts.law_record import show_changes

    found = run(file)
    print_json(document(found)) if json else show_changes(found)
