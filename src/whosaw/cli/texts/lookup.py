"""The table of a look-up page and its warnings, for the terminal."""

from __future__ import annotations

from pathlib import Path

from whosaw.app.lookup.build import Built
from whosaw.app.lookup.reports import WARNING_WORDS, TakenIn
from whosaw.cli.console import print_table, row, say, table

__all__ = ["show_built", "show_warnings"]

_STATES = {
    "seen": "are told what was seen",
    "perhaps": "are told that it cannot be told",
    "rest": "have no view of the actor",
    "office": "are answered by the office alone",
}


def show_built(built: Built, key: Path, codes: Path | None) -> None:
    """What is in it, and what is to be done with it."""
    say(
        f"{built.case} {built.version}: {built.table} with {built.contacts:,} contacts on the key {built.key}, journal entry {built.entry}"
    )
    shown = table("people", "", numbers=("people",))
    for state, people in built.people.items():
        plain, _, how = state.partition(" ")
        row(shown, f"{people:,}", f"{_STATES[plain]}{', ' if how else ''}{how}")
    print_table(shown)
    if built.without_contact:
        say(f"{built.without_contact:,} people of the case stand in it under no contact")
    if codes is not None:
        say(f"{codes}: {built.codes:,} codes for letters. Keep it where few can read.")
    if built.canaries:
        say(f"{built.canaries:,} contacts are canaries")
    for book in built.books:
        say(f"{book.file}: {book.rows:,} rows, {book.reached:,} with a contact")
    say(
        f"Days are those {built.days}. Bring {built.table} and {key} to the machine of the page, each by a way of its own."
    )


def show_warnings(taken: TakenIn) -> None:
    """One line for each."""
    if taken.followed:
        say(f"{taken.folder} is followed: scan, watch and serve look there, too")
    if taken.behind is not None:
        say(f"{taken.folder}: {taken.behind}")
    if not taken.warnings:
        say(f"{taken.folder}: no warning")
        return
    shown = table("no", "time", "what", "many", "waiting", numbers=("no", "many", "waiting"))
    for each in taken.warnings:
        row(
            shown, str(each.number), f"{each.at:%Y-%m-%d %H:%M:%S} UTC", WARNING_WORDS[each.kind], f"{each.many:,}", f"{each.waiting:,}"
        )  # fmt: skip
    print_table(shown)
    say(f"{taken.fresh:,} of {len(taken.warnings):,} are new in the custody journal")
