"""Notices that are sent, for the terminal: what was frozen, what a run did, how far it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from whosaw.app.sending.freeze import Frozen
from whosaw.app.sending.letters import Printed
from whosaw.app.sending.manifest import EXCLUDED, WAVES
from whosaw.app.sending.send import SentRun
from whosaw.app.sending.status import Status, WaveStatus
from whosaw.cli.console import print_table, row, say, table
from whosaw.sending.sender_records import RecordCheck

__all__ = ["show_frozen", "show_printed", "show_sender", "show_sent", "show_status"]

_PLACES: Final = 20


def show_frozen(frozen: Frozen) -> None:
    """Who is told by what."""
    manifest = frozen.manifest
    since = f", people since version {manifest.since}" if manifest.since is not None else ""
    say(
        f"{manifest.case} {manifest.version}{since}: {manifest.recipients:,} recipients, journal entry {frozen.entry}"
    )
    shown = table("channel", *WAVES, numbers=WAVES)
    for channel in dict.fromkeys(each.channel for each in manifest.parts if each.part != EXCLUDED):
        of = {each.wave: each.rows for each in manifest.parts if each.channel == channel}
        row(shown, channel, *(f"{of.get(wave, 0):,}" for wave in range(len(WAVES))))
    print_table(shown)
    for why, people in manifest.excluded.items():
        say(f"{people:,} get nothing: {why}")
    for book in manifest.books:
        say(f"{book.file}: {book.rows:,} rows, {book.recipients:,} recipients, {book.again:,} named again")
    say(
        f"{len(manifest.texts):,} texts hold all that is asked of them. Nothing was sent: whosaw notice release lets a wave go."
    )


def show_sent(done: SentRun) -> None:
    """What a run did."""
    told = ", ".join(f"{people:,} {state}" for state, people in done.states.items()) or "nothing was due"
    say(f"{done.case} {done.version}: {done.handed:,} handed over; {told}")
    if done.unknown_found:
        say(
            f"{done.unknown_found:,} of a run before this one are unknown: the run ended before a reply. They are not sent again by themselves."
        )
    if done.stopped:
        say(f"Stopped: {done.stopped}. whosaw notice release with the same wave lets it go on.")
    if done.away:
        say(f"The server {done.away}; what is left waits.")
    if done.until is not None:
        say(f"Some wait until {done.until.isoformat()}")


def show_status(found: Sequence[Status]) -> None:
    """Every list with its five numbers."""
    for each in found:
        since = f", people since version {each.since}" if each.since is not None else ""
        say(f"{each.case} {each.version}{since}: {each.frozen_recipients:,} recipients")
        told = each.told
        shown = table(
            "waiting",
            "sent",
            "failed",
            "excluded",
            "unknown",
            numbers=("waiting", "sent", "failed", "excluded", "unknown"),
        )
        row(
            shown,
            *(
                f"{people:,}"
                for people in (told.waiting, told.sent, told.failed, told.excluded, told.unknown)
            ),
        )
        print_table(shown)
        for channel in each.channels:
            say(
                f"{channel.channel}: "
                + ", ".join(f"{people:,} {state}" for state, people in channel.states.items())
            )
        for wave in each.waves:
            if wave.people:
                say(
                    f"wave {wave.wave} {_bar(wave)} {wave.begun:,} of {wave.people:,} begun, {'released' if wave.released else 'not released'}"
                )
        for why, people in each.why_excluded.items():
            say(f"{people:,} get nothing: {why}")
        if each.stopped:
            say(f"Stopped: {each.stopped}")
        if not each.adds_up:
            say("The numbers do not add up: restore the workspace from a backup.")


def _bar(wave: WaveStatus) -> str:
    """Twenty places: what was begun, what was released and not begun, and what was not released. A few of many still show."""
    done = min(max(wave.begun * _PLACES // wave.people, wave.begun > 0), _PLACES)
    done -= done == _PLACES and wave.begun < wave.people
    return f"[{'#' * done}{('=' if wave.released else '.') * (_PLACES - done)}]"


def show_sender(checks: Sequence[RecordCheck]) -> None:
    """What receivers will find, and what to do where it fails."""
    for each in checks:
        say(f"{each.answer}: {each.what}: {each.why}")
        if each.do:
            say(f"  {each.do}")


def show_printed(done: Printed) -> None:
    """Which files hold how many letters."""
    for each in done.files:
        say(each)
    say(f"{done.case} {done.version}: {done.letters:,} letters")
    if done.unknown_found:
        say(
            f"{done.unknown_found:,} of a run before this one are unknown: look whether their files are there, then whosaw notice settle."
        )
